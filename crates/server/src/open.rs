//! Where things lie and how they are opened: data directory, database, fonts, seals.

use crate::{
    config::{ChannelName, Common, Config, Given},
    seed::DemoSeals,
    trouble::Trouble,
};
use anyhow::Result;
use clap::Args;
use std::{path::Path, sync::Arc};
use wenshu_layout::Typesetter;
use wenshu_notify::{Channel, Dispatcher, InApp, Log, Patience};
use wenshu_office::{Clock, NoSeals, Office, SealRegister, Settings};
use wenshu_storage::Storage;

/// Where the data lies; every subcommand that touches data takes these.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    given: Common,
}

impl Place {
    pub(crate) fn given(&self) -> &Given {
        &self.given.0
    }

    /// The settings that hold.
    pub(crate) fn config(&self) -> Result<Config, Trouble> {
        Config::load(&self.given.0)
    }

    /// Opens what is there; makes the data directory, readable by its owner alone, and an SQLite file.
    pub(crate) async fn storage(&self) -> Result<Storage> {
        self.config()?.storage().await
    }
}

impl Config {
    /// Opens what is there; makes the data directory, readable by its owner alone, and an SQLite file.
    pub(crate) async fn storage(&self) -> Result<Storage> {
        private_directory(&self.data)
            .map_err(|source| Trouble::Unwritable { path: self.data.clone(), source })?;
        Ok(Storage::open(wenshu_storage::Settings::new(&self.database, &self.data)).await?)
    }

    /// What sets pages.
    pub(crate) fn press(&self) -> Arc<Typesetter> {
        Arc::new(Typesetter::new(vec![self.fonts.clone()]))
    }

    /// The ways by which messages go out here.
    fn channels(&self) -> Vec<Arc<dyn Channel>> {
        let channel = |name: &ChannelName| -> Option<Arc<dyn Channel>> {
            match name {
                ChannelName::InApp => Some(Arc::new(InApp)),
                ChannelName::Log => Some(Arc::new(Log)),
                ChannelName::Mail => None,
            }
        };
        self.channels.iter().filter_map(channel).collect()
    }
}

fn private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens the office. Seals have images in the demo only, where each is marked as such.
pub(crate) async fn office(
    config: &Config,
    storage: &Storage,
    press: &Arc<Typesetter>,
    clock: Clock,
    demo: bool,
) -> Result<Office> {
    let seals: Arc<dyn SealRegister> = if demo { Arc::new(DemoSeals) } else { Arc::new(NoSeals) };
    let channels = config.channels().iter().map(|channel| channel.name().to_owned()).collect();
    let settings = Settings {
        seals,
        channels,
        attachment_limit: config.attachment_limit,
        session_idle: config.session_idle,
        session_lasts: config.session_lasts,
        failures: config.failures,
        lockout: config.lockout,
        ..Settings::default()
    };
    Ok(Office::open(storage.clone(), Arc::clone(press) as _, clock, settings).await?)
}

/// Carries messages by the channels of this installation.
pub(crate) fn dispatcher(config: &Config, office: &Office) -> Dispatcher {
    let clock = office.clock().clone();
    let now = Arc::new(move || clock.now());
    Dispatcher::new(office.storage().clone(), config.channels(), now, Patience::default())
}
