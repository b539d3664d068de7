//! A database for one test: an SQLite file in a directory of its own, or a database of its own on the PostgreSQL that
//! `WENSHU_TEST_POSTGRES` names. Without that variable PostgreSQL tests fail where they are required
//! (`WENSHU_TEST_REQUIRE_POSTGRES=1`) and say that they were left out elsewhere.

use anyhow::{Context, Result, bail};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, FromQueryResult, JsonValue, Statement};
use std::env;
use tempfile::TempDir;
use uuid::Uuid;
use wenshu_storage::{Settings, Storage};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Where one test's data lies. The directory goes with it.
#[derive(Debug)]
pub struct Place {
    pub url: String,
    pub directory: TempDir,
}

impl Backend {
    /// The databases that tests run on here: both where PostgreSQL is at hand.
    ///
    /// # Panics
    /// Where PostgreSQL is required and not named.
    #[must_use]
    pub fn all() -> Vec<Backend> {
        if env::var_os("WENSHU_TEST_POSTGRES").is_some() {
            return vec![Backend::Sqlite, Backend::Postgres];
        }
        assert!(
            env::var_os("WENSHU_TEST_REQUIRE_POSTGRES").is_none(),
            "WENSHU_TEST_POSTGRES must name a PostgreSQL server: its half of the tests may not be left out here"
        );
        eprintln!("left out on PostgreSQL: WENSHU_TEST_POSTGRES names no server");
        vec![Backend::Sqlite]
    }
}

impl Place {
    /// A new, empty place.
    pub async fn new(backend: Backend) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let url = match backend {
            Backend::Sqlite => directory.path().join("wenshu.db").display().to_string(),
            Backend::Postgres => {
                let server = env::var("WENSHU_TEST_POSTGRES").context("WENSHU_TEST_POSTGRES")?;
                let name = format!("wenshu_test_{}", Uuid::now_v7().simple());
                let admin = Database::connect(&server).await?;
                admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
                admin.close().await?;
                beside(&server, &name)?
            }
        };
        Ok(Self { url, directory })
    }

    /// Opens the storage that lies here; a second time, it is a second node.
    pub async fn open(&self) -> Result<Storage> {
        let storage = Storage::open(Settings::new(&self.url, self.directory.path())).await?;
        storage.migrate().await?;
        Ok(storage)
    }
}

impl Place {
    /// All rows of a table, by its first columns, as text to compare.
    pub async fn dump(&self, table: &str) -> Result<Vec<String>> {
        let db = self.beside_the_office().await?;
        let sql = format!("SELECT * FROM {table}");
        let rows =
            JsonValue::find_by_statement(Statement::from_string(db.get_database_backend(), sql))
                .all(&db)
                .await?;
        let mut rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        rows.sort();
        db.close().await?;
        Ok(rows)
    }

    /// What somebody with the database's password could do behind the office's back.
    pub async fn tamper(&self, sql: &str) -> Result<u64> {
        let db = self.beside_the_office().await?;
        let changed = db.execute_unprepared(sql).await?.rows_affected();
        db.close().await?;
        Ok(changed)
    }

    async fn beside_the_office(&self) -> Result<sea_orm::DatabaseConnection> {
        let url = if self.url.contains("://") {
            self.url.clone()
        } else {
            format!("sqlite://{}", self.url)
        };
        let mut options = ConnectOptions::new(url);
        // As the office's own pools are (storage, open.rs).
        options.idle_timeout(None).max_lifetime(None);
        Ok(Database::connect(options).await?)
    }
}

/// The same server with another database.
fn beside(server: &str, name: &str) -> Result<String> {
    let (base, query) =
        server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let Some(end) = base.rfind('/').filter(|end| *end > "postgresql://".len() - 1) else {
        bail!("WENSHU_TEST_POSTGRES must name a database, e.g. postgres://localhost/postgres");
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("{}/{name}{query}", &base[..end]))
}
