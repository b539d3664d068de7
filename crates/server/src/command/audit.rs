//! `wenshu audit`: holds every stream of events against its hash chain and against the anchors, deployed flows against
//! their record, and keeps a copy of the last anchor elsewhere.

use crate::{complain, config::Given, open::Place, say, trouble::Trouble};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};
use wenshu_storage::{
    Storage,
    anchor::{AnchoredHead, Held, Latest, Lost},
    chain::{Broken, Wrong},
};

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(about = "校验全部办理记录的校验链和锚")]
    Verify {
        #[arg(long, value_name = "FILE", help = "再与另存的锚文件核对")]
        anchor: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    #[command(about = "现在做一个锚：记下全部记录流的当前位置")]
    Anchor {
        #[arg(long, value_name = "FILE", help = "另存到这个文件；请放到本机之外")]
        export: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

impl Audit {
    pub(crate) fn given(&self) -> &Given {
        match &self.what {
            What::Verify { place, .. } | What::Anchor { place, .. } => place.given(),
        }
    }

    pub(crate) async fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Verify { anchor, place } => verify(&place, anchor.as_deref()).await,
            What::Anchor { export, place } => make(&place, export.as_deref()).await,
        }
    }
}

async fn verify(place: &Place, file: Option<&Path>) -> Result<ExitCode> {
    let storage = place.config()?.storage().await?;
    storage.require_current().await?;
    // A file that cannot be read is said first: the rest takes its time.
    let kept = file.map(read).transpose()?;
    let verified = storage.verify_all().await?;
    let held = storage.hold_against_anchors().await?;
    let outside = match &kept {
        Some((latest, heads)) => Some(storage.hold_against(latest, heads).await?),
        None => None,
    };
    let flows = wenshu_office::flows_against_record(&storage).await?;
    storage.close().await?;
    say(format!("校验了 {} 个记录流、{} 条记录。", verified.streams, verified.events));
    say(about(&held));
    for broken in &verified.broken {
        complain(damage(broken));
    }
    let mut found = held.lost;
    for lost in outside.into_iter().flat_map(|held| held.lost) {
        if !found.contains(&lost) {
            found.push(lost);
        }
    }
    for lost_one in &found {
        complain(lost(lost_one));
    }
    for flow in &flows {
        complain(format!("{flow}。"));
    }
    let wrong = verified.broken.len() + found.len() + flows.len();
    if wrong == 0 {
        say("校验链完整，没有发现改动。");
        return Ok(ExitCode::SUCCESS);
    }
    complain(format!("有 {wrong} 处不符，请保护现场并联系安全审计员。"));
    Ok(ExitCode::FAILURE)
}

fn about(held: &Held) -> String {
    match &held.last {
        Some(day) => {
            format!("对照了 {} 个锚（最近一个是 {day}），共 {} 个位置。", held.anchors, held.heads)
        }
        None => "还没有锚：被整个删去的记录流无从发现。服务每天做一个锚，也可以运行 wenshu audit anchor。"
            .to_owned(),
    }
}

fn damage(Broken { stream, seq, wrong }: &Broken) -> String {
    let wrong = match wrong {
        Wrong::Gap => "缺少记录，或多出了记录",
        Wrong::Link => "与上一条记录接不上",
        Wrong::Content => "内容被改动",
        Wrong::Algorithm => "校验算法不明",
        Wrong::Version => "记录的条数与登记的不符，末尾被删去或添加",
        Wrong::Head => "最后的校验值与登记的不符",
        Wrong::Orphan => "有记录而没有登记",
    };
    format!("记录流 {stream} 第 {seq} 条：{wrong}。")
}

/// What an anchor found, in Chinese.
pub(super) fn lost(lost: &Lost) -> String {
    match lost {
        Lost::Stream { id, version } => format!("记录流 {id}：被整个删去，锚上有 {version} 条。"),
        Lost::Events { id, version, left } => {
            format!("记录流 {id}：末尾的记录被删去，锚上有 {version} 条，现有 {left} 条。")
        }
        Lost::Rewritten { id, version } => {
            format!("记录流 {id} 第 {version} 条：与锚不符，这条或之前的记录被改写。")
        }
        Lost::List { seq } => format!("第 {seq} 个锚的清单缺失或被改动。"),
        Lost::Anchor { seq } => format!("第 {seq} 个锚与另存的文件不符，锚被删去或改写。"),
    }
}

async fn make(place: &Place, export: Option<&Path>) -> Result<ExitCode> {
    let storage = place.config()?.storage().await?;
    storage.require_current().await?;
    storage.anchor_now().await?;
    let latest = storage.last_anchor().await?.ok_or(Trouble::NothingToAnchor)?;
    say(format!("第 {} 个锚（{}）：{}", latest.seq, latest.day, latest.hash));
    if let Some(path) = export {
        let text = written(&storage, &latest).await?;
        std::fs::write(path, &text)
            .map_err(|source| Trouble::NoBackup { path: path.to_owned(), source })?;
        say(format!(
            "已另存到 {}，{} 个记录流。请把它放到本机之外保管。",
            path.display(),
            text.lines().count() - 1
        ));
    }
    storage.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The last anchor in the first line, then every stream that was ever anchored.
async fn written(storage: &Storage, latest: &Latest) -> Result<String> {
    let mut text = serde_json::to_string(latest)?;
    text.push('\n');
    let mut after = String::new();
    loop {
        let heads = storage.anchored_heads(&after).await?;
        let Some(last) = heads.last() else { return Ok(text) };
        after.clone_from(&last.id.0);
        for head in &heads {
            writeln!(text, "{}", serde_json::to_string(head)?)?;
        }
    }
}

fn read(path: &Path) -> Result<(Latest, Vec<AnchoredHead>), Trouble> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Trouble::Unreadable { path: path.to_owned(), source })?;
    let bad = || Trouble::BadAnchor(path.to_owned());
    let mut lines = text.lines();
    let first = lines.next().ok_or_else(bad)?;
    let latest: Latest = serde_json::from_str(first).map_err(|_| bad())?;
    let heads = lines.map(|line| serde_json::from_str(line).map_err(|_| bad()));
    Ok((latest, heads.collect::<Result<_, _>>()?))
}
