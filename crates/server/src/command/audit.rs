//! `wenshu audit verify`: holds every stream of events against its hash chain.

use crate::{complain, config::Given, open::Place, say};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;
use wenshu_storage::chain::{Broken, Wrong};

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(about = "校验全部办理记录的校验链")]
    Verify {
        #[command(flatten)]
        place: Place,
    },
}

impl Audit {
    pub(crate) fn given(&self) -> &Given {
        match &self.what {
            What::Verify { place } => place.given(),
        }
    }

    pub(crate) async fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Verify { place } => verify(&place).await,
        }
    }
}

async fn verify(place: &Place) -> Result<ExitCode> {
    let storage = place.storage().await?;
    storage.require_current().await?;
    let verified = storage.verify_all().await?;
    storage.close().await?;
    say(format!("校验了 {} 个记录流、{} 条记录。", verified.streams, verified.events));
    if verified.broken.is_empty() {
        say("校验链完整，没有发现改动。");
        return Ok(ExitCode::SUCCESS);
    }
    for broken in &verified.broken {
        complain(damage(broken));
    }
    complain(format!("有 {} 处与校验链不符，请保护现场并联系安全审计员。", verified.broken.len()));
    Ok(ExitCode::FAILURE)
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
