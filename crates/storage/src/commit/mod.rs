//! The only way to write. An act is never split over commits, and is acknowledged only after the commit that holds it.
//! Writers join the acts that wait: on SQLite one, with a statement per table; on PostgreSQL several, with one statement.

mod allot;
mod joined;
mod postgres;
mod sqlite;
mod statement;
mod writer;

use crate::{
    Storage,
    changes::Changed,
    error::{Cause, Error},
    open::Engine,
    rows::record::EventRow,
    search::Words,
    writes::{Act, Allot, Allotted, Committed, KnownKey, Refused, Writes},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqlErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};
use std::{any::Any, fmt, sync::Arc};

pub(crate) use statement::{NOW_POSTGRES, NOW_SQLITE};
pub(crate) use writer::Writer;

/// A rejection whose type the writer need not know.
type Anything = Box<dyn Any + Send>;
type Answer = Result<Done, Refused<Anything>>;
type Then = Box<dyn FnOnce(Vec<Allotted>) -> Result<Prepared, Anything> + Send>;

/// A write set with its search words cut.
#[derive(Debug, Default)]
struct Prepared {
    writes: Writes,
    /// The tokens of `writes.search`, in its order.
    tokens: Vec<String>,
}

/// An act on its way.
enum Order {
    Ready(Box<Prepared>),
    Needs { allot: Vec<Allot>, then: Then },
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Order::Ready(prepared) => f.debug_tuple("Ready").field(prepared).finish(),
            Order::Needs { allot, .. } => {
                f.debug_struct("Needs").field("allot", allot).finish_non_exhaustive()
            }
        }
    }
}

/// What was committed, and whom to tell.
#[derive(Debug)]
struct Done {
    committed: Committed,
    changed: Changed,
}

impl Done {
    fn of(writes: &Writes, allotted: Vec<Allotted>) -> Self {
        let heads = writes
            .appends
            .iter()
            .map(|append| (append.stream.clone(), append.to.clone()))
            .collect();
        Self { committed: Committed { heads, allotted }, changed: writes.tell.clone() }
    }
}

impl Prepared {
    fn new(mut writes: Writes, words: &Words) -> Self {
        for append in std::mem::take(&mut writes.appends) {
            append.events.iter().for_each(|event| writes.add(&EventRow::from(event)));
            append.lines.iter().for_each(|line| writes.put(line));
            writes.appends.push(append);
        }
        let tokens = writes.search.iter().map(|text| words.index(text)).collect();
        // PostgreSQL has no NUL in text; nobody means one.
        for cell in writes.rows.puts.iter_mut().flat_map(|put| &mut put.cells) {
            if let serde_json::Value::String(text) = cell
                && text.contains('\0')
            {
                text.retain(|c| c != '\0');
            }
        }
        Self { writes, tokens }
    }
}

impl Storage {
    /// Writes everything that the act writes, or nothing.
    ///
    /// # Errors
    /// See [`Refused`]: moved, known, taken, rejected by its continuation, or failed.
    pub async fn commit<R: Send + 'static>(
        &self,
        act: impl Into<Act<R>>,
    ) -> Result<Committed, Refused<R>> {
        let began = std::time::Instant::now();
        let order = self.order(act.into());
        let (Engine::Sqlite { writer, .. } | Engine::Postgres { writer, .. }) = &self.inner.engine;
        let answer = writer.send(order).await;
        metrics::histogram!("wenshu_commit_seconds").record(began.elapsed());
        match answer {
            Ok(Done { committed, changed }) => {
                self.inner.changes.tell(changed);
                Ok(committed)
            }
            Err(refused) => Err(typed(refused)),
        }
    }

    fn order<R: Send + 'static>(&self, act: Act<R>) -> Order {
        let words = Arc::clone(&self.inner.words);
        match act {
            Act::Ready(writes) => Order::Ready(Box::new(Prepared::new(writes, &words))),
            Act::Needs { allot, then } => Order::Needs {
                allot,
                then: Box::new(move |allotted| match then(allotted) {
                    Ok(writes) => Ok(Prepared::new(writes, &words)),
                    Err(rejection) => Err(Box::new(rejection)),
                }),
            },
        }
    }
}

fn typed<R: 'static>(refused: Refused<Anything>) -> Refused<R> {
    match refused {
        Refused::Moved => Refused::Moved,
        Refused::KnownKey(known) => Refused::KnownKey(known),
        Refused::NumberTaken { series, year, number } => {
            Refused::NumberTaken { series, year, number }
        }
        Refused::Failed(error) => Refused::Failed(error),
        Refused::Rejected(rejection) => match rejection.downcast::<R>() {
            Ok(rejection) => Refused::Rejected(*rejection),
            // `order` boxed an R; nothing else comes this way.
            Err(_) => Refused::Failed(Error::Group {
                told: "a rejection changed its type".to_owned(),
                cause: Cause::Fault,
            }),
        },
    }
}

/// The one place where a transaction begins. IMMEDIATE, or SQLite refuses readers that turn writers.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    #[expect(clippy::disallowed_methods, reason = "this is the function that the ban points to")]
    db.begin_with_options(options).await
}

pub(crate) fn statement(
    backend: DbBackend,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Statement {
    Statement::from_sql_and_values(backend, sql, values)
}

/// The answer given to this key before, if any.
pub(crate) async fn known_key(
    db: &impl ConnectionTrait,
    person: &str,
    key: &str,
) -> Result<Option<KnownKey>, DbErr> {
    let sql = r#"SELECT request, answer FROM act_key WHERE person = $1 AND "key" = $2"#;
    let row = db
        .query_one_raw(statement(db.get_database_backend(), sql, vec![person.into(), key.into()]))
        .await?;
    row.map(|row| {
        Ok(KnownKey { request: row.try_get("", "request")?, answer: row.try_get("", "answer")? })
    })
    .transpose()
}

/// The newest version of the directory; 0 before there is one.
const NEWEST_DIRECTORY: &str = "SELECT coalesce(max(version), 0) FROM directory";

/// What the database itself calls the trouble: an SQLSTATE, or SQLite's number.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

fn duplicate(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(detail)) => Error::Duplicate { detail },
        Some(_) | None => Error::Database { doing: "writing an act", source: error },
    }
}
