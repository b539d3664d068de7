//! `wenshu backup` and `wenshu restore`.

use crate::{backup, complain, open::Place, say, trouble::Trouble};
use anyhow::Result;
use clap::Args;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[arg(value_name = "FILE", help = "备份文件；不写则放进 backup.dir，以时间命名")]
    file: Option<PathBuf>,
    #[command(flatten)]
    pub place: Place,
}

impl Backup {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let config = self.place.config()?;
        let storage = config.storage().await?;
        let file = match (self.file, &config.backup_dir) {
            (Some(file), _) => file,
            (None, Some(directory)) => {
                let now = storage.database_time().await?;
                directory.join(format!("wenshu-{}.backup", now.format("%Y%m%dT%H%M%SZ")))
            }
            (None, None) => return Err(Trouble::NoBackupName.into()),
        };
        let made = backup::make(&storage, &file).await?;
        storage.close().await?;
        let (manifest, size) =
            (&made.manifest, std::fs::metadata(&file).map_or(0, |meta| meta.len()));
        say(format!(
            "已备份到 {}（{} KB）：{} 个记录流、{} 条记录、{} 个附件和文件。",
            file.display(),
            size.div_ceil(1024),
            manifest.rows("stream"),
            manifest.rows("event"),
            manifest.objects
        ));
        if made.missing.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        for key in &made.missing {
            complain(format!("文件 {key} 不在数据目录中，或者内容已被改动。"));
        }
        complain(format!(
            "备份已完成，但有 {} 个文件缺失，备份中也没有。请检查数据目录，必要时从更早的备份中找回。",
            made.missing.len()
        ));
        Ok(ExitCode::FAILURE)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[arg(value_name = "FILE", help = "wenshu backup 做的备份")]
    file: PathBuf,
    #[command(flatten)]
    pub place: Place,
}

impl Restore {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let config = self.place.config()?;
        let restored = backup::restore(&config, &self.file).await?;
        say(format!(
            "已恢复 {} 的备份：{} 个记录流、{} 条记录、{} 个附件和文件；校验链完整。",
            restored.manifest.made_at, restored.streams, restored.events, restored.manifest.objects
        ));
        for lost in &restored.held.lost {
            complain(super::audit::lost(lost));
        }
        say("登录状态不在备份中，各人需要重新登录。");
        Ok(if restored.held.lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
