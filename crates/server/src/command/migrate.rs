//! `wenshu migrate`: brings the database up to date.

use crate::{open::Place, say};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    pub place: Place,
}

impl Migrate {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let storage = self.place.storage().await?;
        let alone = storage.alone().await?;
        let changes = storage.pending().await?;
        storage.migrate().await?;
        alone.end().await?;
        match changes.len() {
            0 => say("数据库已经是最新的。"),
            count => say(format!("数据库已升级，{count} 项变更：{}。", changes.join("、"))),
        }
        storage.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
