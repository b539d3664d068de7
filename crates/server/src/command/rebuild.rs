//! `wenshu rebuild`: lists and search again from the events.

use crate::{
    open::{FontPlace, Place, office},
    say,
};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;
use wenshu_office::Clock;

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    fonts: FontPlace,
}

impl Rebuild {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let storage = self.place.storage().await?;
        let office = office(&storage, &self.fonts.press(), Clock::system(), false).await?;
        let rebuilt = office.rebuild().await?;
        say(format!("已重新生成：{} 个办件，{} 个分发件。", rebuilt.cases, rebuilt.deliveries));
        storage.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
