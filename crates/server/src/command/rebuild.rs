//! `wenshu rebuild`: lists and search again from the events.

use crate::{
    open::{Place, office},
    say,
};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;
use wenshu_office::Clock;

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    #[command(flatten)]
    pub place: Place,
}

impl Rebuild {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let config = self.place.config()?;
        let storage = config.storage().await?;
        let office = office(&config, &storage, &config.press(), Clock::system(), false).await?;
        let rebuilt = office.rebuild().await?;
        say(format!("已重新生成：{} 个办件，{} 个分发件。", rebuilt.cases, rebuilt.deliveries));
        storage.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
