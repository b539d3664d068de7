//! Opening the store: connections to either database, the object directory, and what a newcomer may find wrong there.

use crate::{
    commit::{Writer, begin, statement},
    error::{Doing, Error},
    notify::Changes,
    objects::Objects,
    search::Words,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr,
    sqlx::{
        self, Connection, PgConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::{MigratorTrait, SchemaManager};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use wenshu_migrations::Migrator;

/// How long somebody waits for a connection. A database that is restarted is mostly back by then.
const WAIT: Duration = Duration::from_secs(10);

/// A statement that was done.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub statement: &'a sea_orm::Statement,
    pub lasted: Duration,
    pub failed: bool,
    /// On a connection that writes.
    pub writing: bool,
}

/// Somebody who is told of every statement, to count or to time them.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(&Told<'_>) + Send + Sync>);

impl Watch {
    pub fn new(told: impl Fn(&Told<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    fn over(&self, db: &mut DatabaseConnection, writing: bool) {
        let told = Arc::clone(&self.0);
        db.set_metric_callback(move |info| {
            let (statement, lasted, failed) = (info.statement, info.elapsed, info.failed);
            told(&Told { statement, lasted, failed, writing });
        });
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// Where everything lies.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `postgres://…`, or the path of an SQLite file (also as `sqlite:…`).
    pub database: String,
    /// Directory of the object store.
    pub data: PathBuf,
    /// Connections that read.
    pub readers: u32,
    /// Connections that write (PostgreSQL; SQLite has one).
    pub writers: u32,
    /// How many acts go into one commit at most.
    pub group: usize,
    pub watch: Option<Watch>,
}

impl Settings {
    #[must_use]
    pub fn new(database: impl Into<String>, data: impl Into<PathBuf>) -> Self {
        let (database, data) = (database.into(), data.into());
        Self { database, data, readers: 8, writers: 8, group: 64, watch: None }
    }
}

/// Everything that lasts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage {
    pub(crate) inner: Arc<Inner>,
}

/// Names the lock among all that a database has: "wenshu" in ASCII.
const ALONE: i64 = 0x7765_6e73_6875;

/// As long as it lives, no other node makes or fills tables.
#[derive(Debug)]
#[must_use]
pub struct Alone(Option<DatabaseTransaction>);

impl Alone {
    /// Lets others on, at once.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end(self) -> Result<(), Error> {
        match self.0 {
            Some(tx) => tx.rollback().await.doing("letting other nodes on"),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub engine: Engine,
    pub objects: Objects,
    pub words: Arc<Words>,
    pub changes: Changes,
}

#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite { readers: DatabaseConnection, writing: DatabaseConnection, writer: Writer },
    Postgres { readers: DatabaseConnection, writing: DatabaseConnection, writer: Writer },
}

impl Storage {
    /// Opens both databases and directories; changes nothing but making an SQLite file that is not there.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Unwritable`], [`Error::Newer`].
    pub async fn open(settings: Settings) -> Result<Self, Error> {
        let postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| settings.database.starts_with(scheme));
        let (engine, backend) = if postgres {
            (open_postgres(&settings).await?, DbBackend::Postgres)
        } else {
            (open_sqlite(&settings).await?, DbBackend::Sqlite)
        };
        let objects = Objects::open(settings.data.join("objects"))?;
        let words = Arc::new(Words::new(backend));
        let changes = match &engine {
            Engine::Sqlite { .. } => Changes::here(),
            Engine::Postgres { readers, writing, .. } => {
                Changes::among_nodes(readers.clone(), writing.clone())
            }
        };
        let storage = Self { inner: Arc::new(Inner { engine, objects, words, changes }) };
        storage.refuse_newer().await?;
        Ok(storage)
    }

    /// Waits until no other node makes or fills the tables of this database; that holds until this is dropped.
    /// SQLite has one node.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn alone(&self) -> Result<Alone, Error> {
        if self.backend() != DbBackend::Postgres {
            return Ok(Alone(None));
        }
        let doing = "waiting for other nodes";
        let tx = begin(self.writing()).await.doing(doing)?;
        let lock =
            statement(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", vec![ALONE.into()]);
        tx.execute_raw(lock).await.doing(doing)?;
        Ok(Alone(Some(tx)))
    }

    /// Brings the tables up to date. Doing it again does nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn migrate(&self) -> Result<(), Error> {
        Migrator::up(self.writing(), None).await.doing("bringing the tables up to date")
    }

    /// The changes that `migrate` would make.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn pending(&self) -> Result<Vec<String>, Error> {
        let pending = Migrator::get_pending_migrations_read_only(self.reading())
            .await
            .doing("looking for changes to make")?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    }

    /// # Errors
    /// [`Error::Behind`] when `migrate` has something to do.
    pub async fn require_current(&self) -> Result<(), Error> {
        let changes = self.pending().await?;
        if changes.is_empty() { Ok(()) } else { Err(Error::Behind { changes }) }
    }

    /// The objects: attachments, bodies, PDFs.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    /// Adds words to the search dictionary, e.g. names of organs. Texts indexed before keep their words until `reindex`.
    pub fn learn_words(&self, words: &[String]) {
        self.inner.words.learn(words);
    }

    pub(crate) fn reading(&self) -> &DatabaseConnection {
        match &self.inner.engine {
            Engine::Sqlite { readers, .. } | Engine::Postgres { readers, .. } => readers,
        }
    }

    pub(crate) fn writing(&self) -> &DatabaseConnection {
        match &self.inner.engine {
            Engine::Sqlite { writing, .. } | Engine::Postgres { writing, .. } => writing,
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.reading().get_database_backend()
    }

    async fn refuse_newer(&self) -> Result<(), Error> {
        let known = Migrator::migrations();
        let db = self.reading();
        let doing = "looking for changes made";
        if !SchemaManager::new(db).has_table("seaql_migrations").await.doing(doing)? {
            return Ok(());
        }
        let rows = db
            .query_all_raw(statement(
                self.backend(),
                "SELECT version FROM seaql_migrations ORDER BY version",
                vec![],
            ))
            .await
            .doing(doing)?;
        let applied = rows
            .iter()
            .map(|row| row.try_get::<String>("", "version"))
            .collect::<Result<Vec<_>, _>>()
            .doing(doing)?;
        let unknown = applied
            .into_iter()
            .find(|version| known.iter().all(|migration| migration.name() != version));
        match unknown {
            Some(change) => Err(Error::Newer { change }),
            None => Ok(()),
        }
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections.max(1)).min_connections(1).sqlx_logging(false);
    options.connect_timeout(Duration::from_secs(5)).acquire_timeout(WAIT);
    // sqlx's pools count what is idle a moment after it is there, and the task that looks for old connections then goes
    // round some 2^64 times without giving its thread back (sqlx-core 0.9.0). Without times to look at there is no such task.
    options.idle_timeout(None).max_lifetime(None);
    options
}

async fn open_sqlite(settings: &Settings) -> Result<Engine, Error> {
    let named = settings.database.as_str();
    let path =
        named.strip_prefix("sqlite://").or_else(|| named.strip_prefix("sqlite:")).unwrap_or(named);
    let path = Path::new(path.split('?').next().unwrap_or(path));
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        let unwritable = |source| Error::Unwritable { path: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(unwritable)?;
        std::fs::OpenOptions::new().append(true).create(true).open(path).map_err(unwritable)?;
    }
    let path = path.to_owned();
    let connect = async |connections: u32, read_only: bool| {
        let mut options = options("sqlite::memory:", connections);
        let file = path.clone();
        options.map_sqlx_sqlite_opts(move |options| {
            let options = options
                .in_memory(false)
                .shared_cache(false)
                .filename(&file)
                .read_only(read_only)
                .create_if_missing(!read_only);
            let options = options.foreign_keys(true).busy_timeout(Duration::from_secs(10));
            let options =
                if read_only { options } else { options.journal_mode(SqliteJournalMode::Wal) };
            options
                .synchronous(SqliteSynchronous::Full)
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-16384")
                .statement_cache_capacity(500)
        });
        if !read_only {
            // A full disk takes the transaction away under sqlx, which would count it as open for ever: what came next
            // would be acknowledged, and lie in a transaction that nobody commits.
            options.map_sqlx_sqlite_pool_opts(|pool| {
                pool.after_release(|connection, _| {
                    Box::pin(async move {
                        connection.ping().await?;
                        Ok(!connection.is_in_transaction())
                    })
                })
            });
        }
        Database::connect(options)
            .await
            .map_err(|source| Error::Unreachable { database: path.display().to_string(), source })
    };
    // The writer first: it makes the file and turns the log on.
    let mut writing = connect(1, false).await?;
    let mut readers = connect(settings.readers, true).await?;
    if let Some(watch) = &settings.watch {
        watch.over(&mut writing, true);
        watch.over(&mut readers, false);
    }
    let writer = Writer::start(&writing, 1, settings.group);
    Ok(Engine::Sqlite { readers, writing, writer })
}

/// A pool tries for long where nobody answers; whoever starts the server should hear it at once.
async fn reach(url: &str) -> Result<(), Error> {
    let unreachable = |source: sqlx::Error| {
        let source = DbErr::Conn(RuntimeErr::SqlxError(Arc::new(source)));
        Error::Unreachable { database: without_password(url), source }
    };
    match tokio::time::timeout(Duration::from_secs(5), PgConnection::connect(url)).await {
        Ok(Ok(connection)) => connection.close().await.map_err(unreachable),
        Ok(Err(error)) => Err(unreachable(error)),
        Err(_) => Err(unreachable(sqlx::Error::PoolTimedOut)),
    }
}

async fn open_postgres(settings: &Settings) -> Result<Engine, Error> {
    reach(&settings.database).await?;
    let connect = async |mut options: ConnectOptions| {
        options.map_sqlx_postgres_opts(|options| options.statement_cache_capacity(500));
        Database::connect(options).await.map_err(|source| Error::Unreachable {
            database: without_password(&settings.database),
            source,
        })
    };
    let mut readers = connect(options(&settings.database, settings.readers)).await?;
    let mut writing = options(&settings.database, settings.writers);
    // The planner misjudges joined statements on young tables.
    writing.map_sqlx_postgres_opts(|options| {
        let off =
            [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off")];
        options.options(off).statement_cache_capacity(500)
    });
    let mut writing = Database::connect(writing).await.map_err(|source| Error::Unreachable {
        database: without_password(&settings.database),
        source,
    })?;
    if let Some(watch) = &settings.watch {
        watch.over(&mut writing, true);
        watch.over(&mut readers, false);
    }
    // Half of the connections join acts; the rest are for acts that need numbers, for jobs, and to tell other nodes.
    let writer = Writer::start(&writing, settings.writers / 2, settings.group);
    Ok(Engine::Postgres { readers, writing, writer })
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((_, place)) => format!("{scheme}://…@{place}"),
        None => url.to_owned(),
    }
}
