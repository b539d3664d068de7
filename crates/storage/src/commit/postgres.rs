//! PostgreSQL: an act is one statement. Its guards are counted at its end; when one is missing the statement divides by
//! zero, and so nothing of it stays. Runs in READ COMMITTED.

use super::{
    Answer, Anything, Done, Order, Prepared,
    allot::allot,
    begin, code, duplicate,
    joined::Joined,
    known_key, statement,
    statement::{EVENT, KEY, SEARCH_POSTGRES, Source, end_jobs, end_messages, put, remove, update},
};
use crate::{
    error::{Doing, Error},
    table::Table,
    writes::{Mode, Refused},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};
use serde_json::{Map, Value};

const DIVISION_BY_ZERO: &str = "22012";
const RETRIES: u32 = 8;

pub(super) async fn commit(db: &DatabaseConnection, order: Order) -> Answer {
    match order {
        Order::Ready(prepared) => ready(db, &prepared).await,
        Order::Needs { allot: wanted, then } => {
            let tx = begin(db).await.doing("beginning an act")?;
            // Dropped on every early way out, and with it the numbers.
            let allotted = allot(&tx, &wanted).await?;
            let prepared = then(allotted.clone()).map_err(Refused::Rejected)?;
            if let Err(error) = write(&tx, &prepared).await {
                tx.rollback().await.doing("giving up an act")?;
                return Err(refused(db, &prepared, error).await);
            }
            tx.commit().await.doing("committing an act")?;
            Ok(Done::of(&prepared.writes, allotted))
        }
    }
}

async fn ready(db: &DatabaseConnection, prepared: &Prepared) -> Answer {
    let mut tries = 0;
    loop {
        match write(db, prepared).await {
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

async fn write(db: &impl ConnectionTrait, prepared: &Prepared) -> Result<(), DbErr> {
    let joined = Joined::of([prepared]);
    let (sql, rows, guards) = compose(joined);
    let values = vec![Value::Object(rows).to_string().into(), guards.into()];
    db.query_all_raw(statement(DbBackend::Postgres, sql, values)).await.map(|_| ())
}

/// The statement, its rows, and how many guards must hold.
fn compose(joined: Joined) -> (String, Map<String, Value>, i64) {
    let mut parts = Vec::new();
    let mut rows = Map::new();
    let mut counts = vec![];
    let guards = joined.moves.len()
        + joined.births.len()
        + joined.expects.len()
        + joined.jobs.len()
        + joined.messages.len();
    let mut guard = |name: &str, sql: &str, given: Vec<Value>| {
        if !given.is_empty() {
            parts.push(format!("{name} AS ({sql})"));
            counts.push(format!("(SELECT count(*) FROM {name})"));
            rows.insert(name.to_owned(), given.into());
        }
    };
    guard(
        "moved",
        "UPDATE stream SET version = w.version, head = w.head
            FROM json_to_recordset($1::json->'moved') AS w(id text, old bigint, version bigint, head text)
            WHERE stream.id = w.id AND stream.version = w.old RETURNING stream.id",
        joined.moves.clone(),
    );
    guard(
        "born",
        "INSERT INTO stream(id, kind, version, head) SELECT w.id, w.kind, w.version, w.head
            FROM json_to_recordset($1::json->'born') AS w(id text, kind text, version bigint, head text)
            ON CONFLICT DO NOTHING RETURNING stream.id",
        joined.births.clone(),
    );
    guard(
        "expected",
        "SELECT stream.id FROM json_to_recordset($1::json->'expected') AS w(id text, version bigint)
            JOIN stream ON stream.id = w.id AND stream.version = w.version FOR UPDATE OF stream",
        joined.expects.clone(),
    );
    // The row lock makes a claim that comes in between be seen: what it claimed is not ours to end.
    guard("ended_jobs", &end_jobs(Source::Postgres("ended_jobs")), joined.jobs.clone());
    guard(
        "ended_messages",
        &end_messages(Source::Postgres("ended_messages")),
        joined.messages.clone(),
    );
    let mut insert = |name: String, table: &Table, mode: Mode, given: Vec<Value>| {
        if !given.is_empty() {
            parts.push(format!("{name} AS ({})", put(table, mode, Source::Postgres(&name))));
            rows.insert(name, given.into());
        }
    };
    insert("events".to_owned(), &EVENT, Mode::Refuse, joined.events.clone());
    insert("keys".to_owned(), &KEY, Mode::Refuse, joined.keys.clone());
    insert("texts".to_owned(), &SEARCH_POSTGRES, Mode::Replace, joined.search.clone());
    for (table, mode, given) in &joined.puts {
        insert(format!("put_{}_{mode:?}", table.name).to_lowercase(), table, *mode, given.clone());
    }
    for (n, (table, given)) in joined.updates.iter().enumerate() {
        let name = format!("set_{n}");
        parts.push(format!("{name} AS ({})", update(table, Source::Postgres(&name))));
        rows.insert(name, given.clone().into());
    }
    for (n, (table, length, given)) in joined.removals.iter().enumerate() {
        let (name, kept) = (format!("gone_{n}"), joined.put_keys(table));
        let kept_name = format!("kept_{n}");
        let kept_source = (!kept.is_empty()).then_some(Source::Postgres(&kept_name));
        parts.push(format!(
            "{name} AS ({})",
            remove(table, *length, Source::Postgres(&name), kept_source)
        ));
        rows.insert(name, given.clone().into());
        if !kept.is_empty() {
            rows.insert(kept_name, kept.into());
        }
    }
    let with =
        if parts.is_empty() { String::new() } else { format!("WITH {} ", parts.join(",\n ")) };
    let counted = if counts.is_empty() { "0".to_owned() } else { counts.join(" + ") };
    let sql = format!(
        "{with}SELECT 1 / (CASE WHEN {counted} = $2::bigint AND $1::text IS NOT NULL THEN 1 ELSE 0 END) AS held"
    );
    (sql, rows, i64::try_from(guards).unwrap_or(i64::MAX))
}
