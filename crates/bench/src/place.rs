//! Databases to measure on: files in the bench's directory, and databases of their own on a PostgreSQL server.

use crate::Plan;
use anyhow::{Context, Result, bail};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::{fs, path::PathBuf};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
        }
    }
}

/// Where one office lies.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub kind: Kind,
    /// As the storage takes it.
    pub database: String,
    pub data: PathBuf,
    /// It had been filled by an earlier run.
    pub filled: bool,
    server: Option<(String, String)>,
}

impl Place {
    /// A new, empty place of this name.
    pub async fn new(plan: &Plan, kind: Kind, name: &str) -> Result<Self> {
        // Two runs on one server do not take each other's databases.
        Self::made(Self::named(plan, kind, &format!("{name}-{}", std::process::id()))?).await
    }

    async fn made(place: Self) -> Result<Self> {
        place.clear().await?;
        fs::create_dir_all(&place.data)?;
        if let Some((server, database)) = &place.server {
            administer(server, &format!("CREATE DATABASE {database}")).await?;
        }
        Ok(place)
    }

    /// The place of this name if an earlier run filled it to the end and left it, else a new one.
    pub async fn kept(plan: &Plan, kind: Kind, name: &str) -> Result<Self> {
        if !plan.keep {
            return Self::new(plan, kind, name).await;
        }
        let place = Self::named(plan, kind, name)?;
        if place.mark().is_file() {
            Ok(Self { filled: true, ..place })
        } else {
            Self::made(place).await
        }
    }

    fn named(plan: &Plan, kind: Kind, name: &str) -> Result<Self> {
        let data = plan.at.join(format!("{name}-{}", kind.name().to_lowercase()));
        let (database, server) = match kind {
            Kind::Sqlite => (data.join("wenshu.db").display().to_string(), None),
            Kind::Postgres => {
                let server = plan.postgres.clone().context("no PostgreSQL server was named")?;
                let name = format!("wenshu_bench_{}", name.replace('-', "_"));
                (beside(&server, &name)?, Some((server, name)))
            }
        };
        Ok(Self { kind, database, data, filled: false, server })
    }

    fn mark(&self) -> PathBuf {
        self.data.join("filled")
    }

    /// Says that it is filled to the end.
    pub fn fill(&self) -> Result<()> {
        Ok(fs::write(self.mark(), "")?)
    }

    /// Removes everything.
    pub async fn clear(&self) -> Result<()> {
        if let Some((server, database)) = &self.server {
            administer(server, &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
        }
        if self.data.exists() {
            fs::remove_dir_all(&self.data)?;
        }
        Ok(())
    }

    /// A connection pool of our own, with the settings that the office's writers have.
    pub async fn connect(&self, connections: u32) -> Result<DatabaseConnection> {
        let url = match self.kind {
            Kind::Sqlite => format!("sqlite://{}?mode=rwc", self.database),
            Kind::Postgres => self.database.clone(),
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(connections).min_connections(connections).sqlx_logging(false);
        // As the office's own pools are (storage, open.rs).
        options.idle_timeout(None).max_lifetime(None);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-16384")
                .statement_cache_capacity(500)
        });
        options.map_sqlx_postgres_opts(|options| {
            let off = [
                ("enable_seqscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
            ];
            options.options(off).statement_cache_capacity(500)
        });
        Ok(Database::connect(options).await?)
    }

    /// A statement for this database.
    pub fn statement(&self, sql: &str) -> Statement {
        let backend = match self.kind {
            Kind::Sqlite => DbBackend::Sqlite,
            Kind::Postgres => DbBackend::Postgres,
        };
        Statement::from_string(backend, sql)
    }
}

async fn administer(server: &str, sql: &str) -> Result<()> {
    let db = Database::connect(ConnectOptions::new(server).sqlx_logging(false).to_owned()).await?;
    db.execute_unprepared(sql).await?;
    Ok(db.close().await?)
}

/// Version and what durability rests on; a server that does not sync is refused: its numbers would mean nothing.
pub(crate) async fn settings(server: &str) -> Result<String> {
    let db = Database::connect(ConnectOptions::new(server).sqlx_logging(false).to_owned()).await?;
    let mut said = vec![];
    for name in
        ["server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers"]
    {
        let shown = Statement::from_string(DbBackend::Postgres, format!("SHOW {name}"));
        let row = db.query_one_raw(shown).await?.context("SHOW gave nothing")?;
        let value: String = row.try_get_by_index(0)?;
        if name == "fsync" && value != "on" {
            bail!("fsync is off on this PostgreSQL server: what it acknowledges is not durable");
        }
        said.push(format!("{name} {value}"));
    }
    db.close().await?;
    Ok(said.join(", "))
}

/// The same server with another database.
fn beside(server: &str, name: &str) -> Result<String> {
    let (base, query) = server.split_once('?').map_or((server, ""), |(base, query)| (base, query));
    let end = base.rfind('/').filter(|end| *end > "postgresql://".len() - 1);
    let end = end.context(
        "the PostgreSQL server's address must name a database, e.g. postgres://localhost/postgres",
    )?;
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    Ok(format!("{}/{name}{query}", &base[..end]))
}
