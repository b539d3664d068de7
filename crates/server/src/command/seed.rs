//! `wenshu seed`: the demo city, into an empty database.

use crate::{
    first,
    open::{FontPlace, Place},
    trouble::Trouble,
};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Seed {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    fonts: FontPlace,
}

impl Seed {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let storage = self.place.storage().await?;
        storage.migrate().await?;
        if !first::empty(&storage, &self.place.data).await? {
            return Err(Trouble::NotEmpty.into());
        }
        first::demo_city(&storage, &self.fonts.press()).await?;
        storage.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}
