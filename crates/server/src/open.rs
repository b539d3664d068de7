//! Where things lie and how they are opened: data directory, database, fonts, seals.

use crate::{seed::DemoSeals, trouble::Trouble};
use anyhow::Result;
use clap::Args;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use wenshu_layout::Typesetter;
use wenshu_notify::{Channel, Dispatcher, InApp, Log, Patience};
use wenshu_office::{Clock, NoSeals, Office, SealRegister, Settings};
use wenshu_storage::Storage;

/// Where the data lies; every subcommand that touches data takes these.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    #[arg(
        long,
        value_name = "DIR",
        env = "WENSHU_DATA",
        default_value = "./data",
        help = "数据目录：附件、正文、PDF，以及内置数据库"
    )]
    pub data: PathBuf,
    #[arg(
        long,
        value_name = "URL",
        env = "WENSHU_DATABASE",
        hide_env_values = true,
        help = "数据库：postgres://用户:口令@主机/库名，或 SQLite 文件；默认用数据目录下的 wenshu.db"
    )]
    pub database: Option<String>,
}

/// Where fonts are looked for before those of the system.
#[derive(Clone, Debug, Args)]
pub(crate) struct FontPlace {
    #[arg(
        long,
        value_name = "DIR",
        env = "WENSHU_FONTS",
        default_value = "./fonts",
        help = "字体目录，先于系统字体"
    )]
    pub fonts: PathBuf,
}

impl FontPlace {
    pub(crate) fn press(&self) -> Arc<Typesetter> {
        Arc::new(Typesetter::new(vec![self.fonts.clone()]))
    }
}

impl Place {
    /// Opens what is there; makes the data directory, readable by its owner alone, and an SQLite file.
    pub(crate) async fn storage(&self) -> Result<Storage> {
        let database = self.database()?;
        private_directory(&self.data)
            .map_err(|source| Trouble::Unwritable { path: self.data.clone(), source })?;
        Ok(Storage::open(wenshu_storage::Settings::new(database, &self.data)).await?)
    }

    fn database(&self) -> Result<String, Trouble> {
        let Some(given) = &self.database else {
            return Ok(self.data.join("wenshu.db").display().to_string());
        };
        let known = match given.split_once("://") {
            Some(("postgres" | "postgresql" | "sqlite", rest)) => !rest.is_empty(),
            Some(_) => false,
            None => !given.trim_start_matches("sqlite:").is_empty(),
        };
        if known { Ok(given.clone()) } else { Err(Trouble::bad_database(given)) }
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
    storage: &Storage,
    press: &Arc<Typesetter>,
    clock: Clock,
    demo: bool,
) -> Result<Office> {
    let seals: Arc<dyn SealRegister> = if demo { Arc::new(DemoSeals) } else { Arc::new(NoSeals) };
    let channels = channels().iter().map(|channel| channel.name().to_owned()).collect();
    let settings = Settings { seals, channels, ..Settings::default() };
    Ok(Office::open(storage.clone(), Arc::clone(press) as _, clock, settings).await?)
}

/// The ways by which messages go out here.
fn channels() -> Vec<Arc<dyn Channel>> {
    vec![Arc::new(InApp), Arc::new(Log)]
}

/// Carries messages by the channels of this installation.
pub(crate) fn dispatcher(office: &Office) -> Dispatcher {
    let clock = office.clock().clone();
    let now = Arc::new(move || clock.now());
    Dispatcher::new(office.storage().clone(), channels(), now, Patience::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(database: Option<&str>) -> Place {
        Place { data: "d".into(), database: database.map(str::to_owned) }
    }

    #[test]
    fn a_database_is_a_url_of_postgresql_or_a_file() {
        for good in
            ["postgres://u:p@h/db", "postgresql://h/db", "sqlite://a.db", "sqlite:a.db", "a.db"]
        {
            assert_eq!(place(Some(good)).database().ok().as_deref(), Some(good));
        }
        assert_eq!(place(None).database().ok().as_deref(), Some("d/wenshu.db"));
        for bad in ["mysql://h/db", "postgres://", "sqlite:", "", "http://h"] {
            assert!(place(Some(bad)).database().is_err(), "{bad}");
        }
    }
}
