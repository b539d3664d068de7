//! Where things lie and how they are opened: data directory, database, fonts, seals.

use crate::{
    config::{ChannelName, Common, Config, Given, Mail, Protection},
    seed::DemoSeals,
    trouble::Trouble,
};
use anyhow::Result;
use clap::Args;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use wenshu_layout::Typesetter;
use wenshu_notify::{Channel, Dispatcher, InApp, Line, Log, Patience, Server};
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

    /// The file of an SQLite database.
    pub(crate) fn database_file(&self) -> Option<PathBuf> {
        let named = self.database.strip_prefix("sqlite://");
        let named = named.or_else(|| self.database.strip_prefix("sqlite:"));
        match named {
            Some(path) => Some(PathBuf::from(path.split('?').next().unwrap_or(path))),
            None if self.database.contains("://") => None,
            None => Some(PathBuf::from(&self.database)),
        }
    }

    /// What sets pages.
    pub(crate) fn press(&self) -> Arc<Typesetter> {
        Arc::new(Typesetter::new(vec![self.fonts.clone()]))
    }

    /// The ways by which messages go out here.
    fn channels(&self, storage: &Storage) -> Result<Vec<Arc<dyn Channel>>> {
        let mut channels: Vec<Arc<dyn Channel>> = vec![];
        for name in &self.channels {
            match name {
                ChannelName::InApp => channels.push(Arc::new(InApp)),
                ChannelName::Log => channels.push(Arc::new(Log)),
                ChannelName::Mail => {
                    if let Some(mail) = &self.mail {
                        let server = mail.server(self.public_url.clone());
                        channels
                            .push(Arc::new(wenshu_notify::Mail::new(storage.clone(), &server)?));
                    }
                }
            }
        }
        Ok(channels)
    }
}

impl Mail {
    /// As the channel wants it.
    fn server(&self, public_url: Option<String>) -> Server {
        let line = match self.tls {
            Protection::Nothing => Line::Plain,
            Protection::StartTls => Line::StartTls,
            Protection::Tls => Line::Tls,
        };
        let login = self.user.clone().zip(self.password.clone());
        Server {
            host: self.host.clone(),
            port: self.port,
            line,
            login,
            from: self.from.clone(),
            public_url,
            trusted: self.trusted.clone(),
            titles: self.titles,
        }
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
    let channels =
        config.channels(storage)?.iter().map(|channel| channel.name().to_owned()).collect();
    let settings = Settings {
        seals,
        channels,
        attachment_limit: config.attachment_limit,
        session_idle: config.session_idle,
        session_lasts: config.session_lasts,
        failures: config.failures,
        lockout: config.lockout,
        password_days: config.password_days,
        password_history: config.password_history,
        ..Settings::default()
    };
    Ok(Office::open(storage.clone(), Arc::clone(press) as _, clock, settings).await?)
}

/// Carries messages by the channels of this installation.
pub(crate) fn dispatcher(config: &Config, office: &Office) -> Result<Dispatcher> {
    let clock = office.clock().clone();
    let now = Arc::new(move || clock.now());
    let channels = config.channels(office.storage())?;
    Ok(Dispatcher::new(office.storage().clone(), channels, now, Patience::default()))
}
