//! `wenshu seed`: the demo city, into an empty database.

use crate::{first, open::Place, trouble::Trouble};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Seed {
    #[command(flatten)]
    pub place: Place,
}

impl Seed {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let config = self.place.config()?;
        let storage = config.storage().await?;
        storage.migrate().await?;
        if !first::empty(&storage, &config.data).await? {
            return Err(Trouble::NotEmpty.into());
        }
        first::demo_city(&config, &storage, &config.press()).await?;
        storage.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
