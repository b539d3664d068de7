//! The whole database as rows of text, at one moment, and back into an empty one of either kind. Tables and columns are
//! what the database itself says, so that a new table cannot be forgotten. Sessions stay behind: who is restored signs
//! in anew. What the search index of a kind holds is made again from the texts.

use crate::{
    Storage,
    commit::{begin, statement},
    error::{Doing, Error},
    search::SearchText,
};
use futures_util::TryStreamExt;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    StreamTrait, TransactionTrait, Value,
};
use sea_orm_migration::MigratorTrait;
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use wenshu_migrations::Migrator;

/// Texts to find cases by; their index is not copied.
pub const SEARCH: &str = "search";
const LEFT_OUT: [&str; 2] = ["seaql_migrations", "session"];
/// What a kind of database adds for its own index.
const OF_THE_INDEX: [&str; 2] = ["docid", "tokens"];

/// A table and its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub name: String,
    pub columns: Vec<String>,
}

/// The database as it was when this was made; acts go on meanwhile.
#[derive(Debug)]
pub struct Snapshot {
    tx: DatabaseTransaction,
    backend: DbBackend,
}

impl Storage {
    /// A look at everything at one moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn moment(&self) -> Result<Snapshot, Error> {
        let (isolation, access) = match self.backend() {
            DbBackend::Postgres => {
                (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
            }
            // One read transaction of SQLite sees one moment.
            _ => (None, None),
        };
        #[expect(clippy::disallowed_methods, reason = "it only reads, and must see one moment")]
        let tx = self.reading().begin_with_config(isolation, access).await;
        let tx = tx.doing("beginning a snapshot")?;
        let snapshot = Snapshot { tx, backend: self.backend() };
        // The first look fixes the moment.
        snapshot.schema().await?;
        Ok(snapshot)
    }

    /// Tables that are there now, whatever they are for.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tables(&self) -> Result<Vec<Shape>, Error> {
        shapes(self.reading(), self.backend()).await
    }

    /// Makes the tables as they were after these changes; gives how many of ours there are beyond them.
    ///
    /// # Errors
    /// [`Error::Newer`] when a change is not known here, or when the database refuses.
    pub async fn migrate_to(&self, changes: &[String]) -> Result<(), Error> {
        let known = Migrator::migrations();
        for (at, change) in changes.iter().enumerate() {
            if known.get(at).is_none_or(|known| known.name() != change) {
                return Err(Error::Newer { change: change.clone() });
            }
        }
        let steps = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        Migrator::up(self.writing(), Some(steps)).await.doing("making the tables")
    }

    /// Begins to fill an empty database.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn import(&self) -> Result<Import, Error> {
        let tx = begin(self.writing()).await.doing("beginning to fill the database")?;
        Ok(Import { tx, backend: self.backend() })
    }

    /// Takes all tables away again; for a database that was empty before it was filled.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn wipe(&self) -> Result<(), Error> {
        let doing = "taking the tables away";
        if self.backend() != DbBackend::Postgres {
            // The file itself goes.
            return Ok(());
        }
        let sql = "SELECT table_name::text AS name FROM information_schema.tables
            WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
        let rows = self.writing().query_all_raw(statement(self.backend(), sql, vec![])).await;
        for row in rows.doing(doing)? {
            let name: String = row.try_get("", "name").doing(doing)?;
            let drop = format!("DROP TABLE {} CASCADE", quoted(&name));
            self.writing().execute_unprepared(&drop).await.doing(doing)?;
        }
        Ok(())
    }
}

impl Snapshot {
    /// The changes that made the tables.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn schema(&self) -> Result<Vec<String>, Error> {
        let doing = "looking for changes made";
        let sql = "SELECT version FROM seaql_migrations ORDER BY version";
        let rows =
            self.tx.query_all_raw(statement(self.backend, sql, vec![])).await.doing(doing)?;
        let applied: Vec<String> = rows
            .iter()
            .map(|row| row.try_get("", "version"))
            .collect::<Result<_, DbErr>>()
            .doing(doing)?;
        // In the order in which they are made.
        let known = Migrator::migrations();
        let at = |name: &String| known.iter().position(|known| known.name() == name);
        let mut ordered = applied;
        ordered.sort_by_key(at);
        Ok(ordered)
    }

    /// What there is to copy; streams first, for their events refer to them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tables(&self) -> Result<Vec<Shape>, Error> {
        shapes(&self.tx, self.backend).await
    }

    /// The rows of a table, each as a JSON object on one line.
    ///
    /// # Errors
    /// When the database refuses, or `each` does.
    pub async fn rows(
        &self,
        table: &Shape,
        each: &mut (dyn FnMut(String) -> Result<(), Error> + Send),
    ) -> Result<u64, Error> {
        let doing = "copying rows";
        let sql = match self.backend {
            DbBackend::Postgres => format!(
                "SELECT row_to_json(t)::text AS line FROM (SELECT {} FROM {}) t",
                list(&table.columns, |name| quoted(name)),
                quoted(&table.name)
            ),
            _ => format!(
                "SELECT json_object({}) AS line FROM {}",
                list(&table.columns, |name| format!("'{name}', {}", quoted(name))),
                quoted(&table.name)
            ),
        };
        let mut rows =
            self.tx.stream_raw(statement(self.backend, sql, vec![])).await.doing(doing)?;
        let mut count = 0;
        while let Some(row) = rows.try_next().await.doing(doing)? {
            each(row.try_get("", "line").doing(doing)?)?;
            count += 1;
        }
        Ok(count)
    }

    /// One hash over the heads of all streams, in the order of their names.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn heads(&self) -> Result<String, Error> {
        let doing = "looking at the heads of streams";
        let order = match self.backend {
            DbBackend::Postgres => "id COLLATE \"C\"",
            _ => "id",
        };
        let sql = format!("SELECT id, version, head FROM stream ORDER BY {order}");
        let mut rows =
            self.tx.stream_raw(statement(self.backend, sql, vec![])).await.doing(doing)?;
        let mut sm3 = Sm3::new();
        while let Some(row) = rows.try_next().await.doing(doing)? {
            let id: String = row.try_get("", "id").doing(doing)?;
            let version: i64 = row.try_get("", "version").doing(doing)?;
            let head: String = row.try_get("", "head").doing(doing)?;
            sm3.update(format!("{id} {version} {head}\n"));
        }
        Ok(crate::chain::hex(&sm3.finalize()))
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count(&self, table: &str) -> Result<u64, Error> {
        let doing = "counting rows";
        let sql = format!("SELECT count(*) AS n FROM {}", quoted(table));
        let row = self.tx.query_one_raw(statement(self.backend, sql, vec![])).await.doing(doing)?;
        let count = row.map(|row| row.try_get::<i64>("", "n")).transpose().doing(doing)?;
        Ok(count.unwrap_or_default().try_into().unwrap_or_default())
    }
}

/// A database that is being filled: all of it, or nothing.
#[derive(Debug)]
pub struct Import {
    tx: DatabaseTransaction,
    backend: DbBackend,
}

impl Import {
    /// Adds rows as [`Snapshot::rows`] gave them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows(&self, table: &Shape, lines: &[String]) -> Result<(), Error> {
        let (name, columns) = (quoted(&table.name), list(&table.columns, |name| quoted(name)));
        let sql = match self.backend {
            DbBackend::Postgres => format!(
                "INSERT INTO {name}({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{name}, $1::json)"
            ),
            _ => format!(
                "INSERT INTO {name}({columns}) SELECT {} FROM json_each($1) w",
                list(&table.columns, |name| format!("w.value->>'{name}'"))
            ),
        };
        let given: Value = format!("[{}]", lines.join(",")).into();
        self.tx
            .execute_raw(statement(self.backend, sql, vec![given]))
            .await
            .doing("filling the database")?;
        Ok(())
    }

    /// Keeps what was filled in.
    ///
    /// # Errors
    /// When the database refuses; it is empty then.
    pub async fn commit(self) -> Result<(), Error> {
        self.tx.commit().await.doing("filling the database")
    }
}

/// A row of the texts to find cases by, as it was copied.
///
/// # Errors
/// When it is none.
pub fn search_text(line: &str) -> Result<SearchText, Error> {
    #[derive(Deserialize)]
    struct Line {
        case: wenshu_core::id::CaseId,
        title: String,
        number: Option<String>,
        kind: String,
        kind_title: String,
        unit_name: String,
        body: String,
        at: i64,
    }
    let bad = |why: String| Error::Row { table: SEARCH, column: "case", why };
    let line: Line = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
    let at = chrono::DateTime::from_timestamp_micros(line.at);
    Ok(SearchText {
        case: line.case,
        title: line.title,
        number: line.number,
        kind: line.kind,
        kind_title: line.kind_title,
        unit_name: line.unit_name,
        body: line.body,
        at: at.ok_or_else(|| bad(line.at.to_string()))?,
    })
}

async fn shapes(db: &impl ConnectionTrait, backend: DbBackend) -> Result<Vec<Shape>, Error> {
    let doing = "looking at the tables";
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT c.table_name::text AS name, c.column_name::text AS col FROM information_schema.columns c
                JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
                WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
                ORDER BY c.table_name, c.ordinal_position"
        }
        _ => {
            "SELECT m.name AS name, c.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) c
                WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'search_index%'
                ORDER BY m.name, c.cid"
        }
    };
    let rows = db.query_all_raw(statement(backend, sql, vec![])).await.doing(doing)?;
    let mut shapes: Vec<Shape> = vec![];
    for row in rows {
        let name: String = row.try_get("", "name").doing(doing)?;
        let column: String = row.try_get("", "col").doing(doing)?;
        if LEFT_OUT.contains(&name.as_str())
            || (name == SEARCH && OF_THE_INDEX.contains(&column.as_str()))
        {
            continue;
        }
        match shapes.last_mut().filter(|last| last.name == name) {
            Some(last) => last.columns.push(column),
            None => shapes.push(Shape { name, columns: vec![column] }),
        }
    }
    shapes.sort_by_key(|shape| (shape.name != "stream", shape.name.clone()));
    Ok(shapes)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(names: &[String], write: impl Fn(&String) -> String) -> String {
    names.iter().map(write).collect::<Vec<_>>().join(", ")
}
