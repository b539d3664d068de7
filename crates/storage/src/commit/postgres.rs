//! PostgreSQL: an act, or a group of them, is one statement. Its guards are counted at its end; when one is missing the
//! statement divides by zero, and so nothing of it stays. Runs in READ COMMITTED.

use super::{
    Answer, Anything, Done, NEWEST_DIRECTORY, Prepared, Then,
    allot::allot,
    begin, code, duplicate,
    joined::{Joined, Removals, Rows},
    known_key, statement,
    statement::{
        KEY, SEARCH_POSTGRES, Source, end_jobs, end_messages, hold_jobs, put, remove, saved_then,
        update,
    },
    writer::Member,
};
use crate::{
    error::{Doing, Error},
    table::Table,
    writes::{Allot, Mode, Refused},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

const DIVISION_BY_ZERO: &str = "22012";
const RETRIES: u32 = 8;

/// Commits the sets together and answers each. If one of them spoils the statement, each goes for itself.
pub(super) async fn commit_group(db: &DatabaseConnection, group: Vec<Member>) {
    if group.len() > 1 {
        let joined = Joined::of(group.iter().map(|(prepared, _)| prepared.as_ref()));
        if !joined.clash && write(db, joined).await.is_ok() {
            for (prepared, tell) in group {
                let _gone = tell.send(Ok(Done::of(&prepared.writes, vec![])));
            }
            return;
        }
    }
    for (prepared, tell) in group {
        let _gone = tell.send(ready(db, &prepared).await);
    }
}

/// An act that needs numbers has a transaction of its own.
pub(super) async fn commit_alone(db: &DatabaseConnection, wanted: &[Allot], then: Then) -> Answer {
    let tx = begin(db).await.doing("beginning an act")?;
    // Dropped on every early way out, and with it the numbers.
    let allotted = allot(&tx, wanted).await?;
    let prepared = then(allotted.clone()).map_err(Refused::Rejected)?;
    if let Err(error) = write(&tx, Joined::of([&prepared])).await {
        tx.rollback().await.doing("giving up an act")?;
        return Err(refused(db, &prepared, error).await);
    }
    tx.commit().await.doing("committing an act")?;
    Ok(Done::of(&prepared.writes, allotted))
}

async fn ready(db: &DatabaseConnection, prepared: &Prepared) -> Answer {
    let mut tries = 0;
    loop {
        match write(db, Joined::of([prepared])).await {
            Ok(()) => return Ok(Done::of(&prepared.writes, vec![])),
            Err(error) if tries < RETRIES && is_race(&error) => tries += 1,
            Err(error) => return Err(refused(db, prepared, error).await),
        }
    }
}

fn is_race(error: &DbErr) -> bool {
    matches!(code(error).as_deref(), Some("40001" | "40P01"))
}

/// What a failed statement means to whoever acts.
async fn refused(db: &DatabaseConnection, prepared: &Prepared, error: DbErr) -> Refused<Anything> {
    let moved = is_race(&error) || code(&error).as_deref() == Some(DIVISION_BY_ZERO);
    if let Some(key) = &prepared.writes.key {
        match known_key(db, key.person.as_str(), &key.key).await {
            Ok(Some(known)) => return Refused::KnownKey(known),
            Ok(None) => {}
            Err(source) => {
                return Refused::Failed(Error::Database { doing: "looking a key up", source });
            }
        }
    }
    if moved { Refused::Moved } else { Refused::Failed(duplicate(error)) }
}

async fn write(db: &impl ConnectionTrait, joined: Joined<'_>) -> Result<(), DbErr> {
    let (sql, values) = compose(joined);
    db.query_all_raw(statement(DbBackend::Postgres, sql, values)).await.map(|_| ())
}

/// A statement under way: its parts, and the rows of each as a parameter of its own, which PostgreSQL reads once.
#[derive(Default)]
struct Composed {
    parts: Vec<String>,
    values: Vec<sea_orm::Value>,
}

impl Composed {
    /// The place of these rows.
    fn rows(&mut self, rows: Rows) -> usize {
        self.values.push(rows.json().into());
        self.values.len()
    }

    fn part(&mut self, name: &str, sql: &str) {
        self.parts.push(format!("{name} AS ({sql})"));
    }
}

/// The statement and its values; the last is how many guards must hold.
fn compose(joined: Joined<'_>) -> (String, Vec<sea_orm::Value>) {
    let mut composed = Composed::default();
    let (mut counts, mut guards) = (vec![], 0);
    let looked = joined.looked();
    let mut guard = |name: &str, given: Rows, sql: &dyn Fn(usize) -> String| {
        if !given.is_empty() {
            guards += given.count();
            let n = composed.rows(given);
            composed.part(name, &sql(n));
            counts.push(format!("(SELECT count(*) FROM {name})"));
        }
    };
    guard("moved", joined.moves, &|n| {
        format!(
            "UPDATE stream SET version = w.version, head = w.head
            FROM json_to_recordset(${n}::json) AS w(id text, old bigint, version bigint, head text)
            WHERE stream.id = w.id AND stream.version = w.old RETURNING stream.id"
        )
    });
    guard("born", joined.births, &|n| {
        format!(
            "INSERT INTO stream(id, kind, version, head) SELECT w.id, w.kind, w.version, w.head
            FROM json_to_recordset(${n}::json) AS w(id text, kind text, version bigint, head text)
            ON CONFLICT DO NOTHING RETURNING stream.id"
        )
    });
    guard("expected", joined.expects, &|n| {
        format!(
            "SELECT stream.id FROM json_to_recordset(${n}::json) AS w(id text, version bigint)
            JOIN stream ON stream.id = w.id AND stream.version = w.version FOR UPDATE OF stream"
        )
    });
    // The row lock makes a claim that comes in between be seen: what it claimed is not ours to end.
    guard("ended_jobs", joined.jobs, &|n| end_jobs(Source::Postgres(n)));
    guard("held_jobs", joined.held_jobs, &|n| hold_jobs(Source::Postgres(n)));
    guard("ended_messages", joined.messages, &|n| end_messages(Source::Postgres(n)));
    guard("over", joined.over, &|n| saved_then(Source::Postgres(n)));
    guard("looked", looked, &|n| {
        format!(
            "SELECT w.version FROM json_to_recordset(${n}::json) AS w(version bigint)
            WHERE w.version = ({NEWEST_DIRECTORY})"
        )
    });
    let mut insert = |name: String, table: &Table, mode: Mode, given: Rows| {
        if !given.is_empty() {
            let n = composed.rows(given);
            composed.part(&name, &put(table, mode, Source::Postgres(n)));
        }
    };
    insert("keys".to_owned(), &KEY, Mode::Refuse, joined.keys);
    insert("texts".to_owned(), &SEARCH_POSTGRES, Mode::Replace, joined.search);
    for puts in joined.puts {
        let (table, mode) = (puts.table, puts.mode);
        let name = format!("put_{}_{mode:?}", table.name).to_lowercase();
        insert(name, table, mode, puts.rows());
    }
    for (at, (table, rows)) in joined.updates.into_iter().enumerate() {
        let n = composed.rows(rows);
        composed.part(&format!("set_{at}"), &update(table, Source::Postgres(n)));
    }
    for (at, Removals { table, length, rows, kept }) in joined.removals.into_iter().enumerate() {
        let given = Source::Postgres(composed.rows(rows));
        let kept = (!kept.is_empty()).then(|| Source::Postgres(composed.rows(kept)));
        composed.part(&format!("gone_{at}"), &remove(table, length, given, kept));
    }
    let Composed { parts, mut values } = composed;
    let with =
        if parts.is_empty() { String::new() } else { format!("WITH {} ", parts.join(",\n ")) };
    let counted = if counts.is_empty() { "0".to_owned() } else { counts.join(" + ") };
    values.push(i64::try_from(guards).unwrap_or(i64::MAX).into());
    let last = values.len();
    let sql = format!(
        "{with}SELECT 1 / (CASE WHEN {counted} = ${last}::bigint THEN 1 ELSE 0 END) AS held"
    );
    (sql, values)
}
