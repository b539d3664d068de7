//! SQLite: one writer. A group is a transaction with one statement per table; answers go out after the commit.

use super::{
    Answer, Anything, Done, Prepared, Then,
    allot::allot,
    begin, code, duplicate,
    joined::{Joined, Puts, Removals, Rows},
    statement,
    statement::{
        KEY, SEARCH_SQLITE, Source, end_jobs, end_messages, hold_jobs, put, put_bound, remove,
        saved_then, update,
    },
    writer::Member,
};
use crate::{
    error::{Doing, Error},
    writes::{Allot, Finish, KnownKey, Mode, Refused},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use wenshu_core::id::{CaseId, PersonId};

/// Commits the sets together and answers each.
pub(super) async fn commit_group(db: &DatabaseConnection, mut group: Vec<Member>) {
    // Ends: every round without an answer for all takes some out.
    while !group.is_empty() {
        let sets: Vec<&Prepared> = group.iter().map(|(prepared, _)| prepared.as_ref()).collect();
        match attempt(db, &sets).await {
            Ok(refusals) if refusals.iter().all(Option::is_none) => {
                for (prepared, tell) in group {
                    let _gone = tell.send(Ok(Done::of(&prepared.writes, vec![])));
                }
                return;
            }
            Ok(refusals) => {
                let mut rest = Vec::with_capacity(group.len());
                for ((prepared, tell), refusal) in group.into_iter().zip(refusals) {
                    match refusal {
                        Some(refused) => {
                            let _gone = tell.send(Err(refused));
                        }
                        None => rest.push((prepared, tell)),
                    }
                }
                group = rest;
            }
            Err(Trouble::Set(error)) if group.len() == 1 => {
                let mut error = Some(error);
                for (_, tell) in group.drain(..) {
                    let _gone = tell.send(Err(Refused::Failed(of_the_set(error.take().flatten()))));
                }
            }
            Err(Trouble::Set(_)) => {
                // One of them breaks the joined statement: each for itself.
                for member in group.drain(..) {
                    Box::pin(commit_group(db, vec![member])).await;
                }
            }
            Err(Trouble::All(error)) => {
                let (told, cause) = (error.to_string(), error.cause());
                for (_, tell) in group.drain(..) {
                    let failed = Error::Group { told: told.clone(), cause };
                    let _gone = tell.send(Err(Refused::Failed(failed)));
                }
            }
        }
    }
}

#[derive(Debug)]
enum Trouble {
    /// A statement failed over what one of the sets holds; none: two sets cannot be joined, or one contradicts itself.
    Set(Option<DbErr>),
    /// Disk full, input or output, memory, a failed commit: nobody is acknowledged.
    All(Error),
}

fn of_the_set(error: Option<DbErr>) -> Error {
    let clash = Error::Duplicate { detail: "one act adds the same row twice".to_owned() };
    error.map_or(clash, duplicate)
}

/// INTERRUPT, NOMEM, IOERR, FULL and their kin: the low byte of SQLite's number is 9, 7, 10 or 13.
fn of_the_machine(error: &DbErr) -> bool {
    let number = code(error).and_then(|code| code.parse::<u32>().ok());
    number.is_none_or(|number| matches!(number & 0xff, 7 | 9 | 10 | 13))
}

/// Tries all sets in one transaction. When some are refused nothing is committed, and they are named.
async fn attempt(
    db: &DatabaseConnection,
    sets: &[&Prepared],
) -> Result<Vec<Option<Refused<Anything>>>, Trouble> {
    let all = |doing| move |source| Trouble::All(Error::Database { doing, source });
    let tx = begin(db).await.map_err(all("beginning a group"))?;
    match write_group(&tx, sets).await {
        Ok(refusals) if refusals.iter().all(Option::is_none) => {
            tx.commit().await.map_err(all("committing a group"))?;
            Ok(refusals)
        }
        Ok(refusals) => {
            tx.rollback().await.map_err(all("giving up a group"))?;
            Ok(refusals)
        }
        Err(Trouble::Set(Some(error))) if of_the_machine(&error) => {
            // The transaction is gone either way; its own rollback may fail for the same reason.
            drop(tx);
            Err(Trouble::All(Error::Database { doing: "writing a group", source: error }))
        }
        Err(trouble) => {
            tx.rollback().await.map_err(all("giving up a group"))?;
            Err(trouble)
        }
    }
}

async fn write_group(
    tx: &DatabaseTransaction,
    sets: &[&Prepared],
) -> Result<Vec<Option<Refused<Anything>>>, Trouble> {
    let set = |error| Trouble::Set(Some(error));
    let joined = Joined::of(sets.iter().copied());
    let Before { mut known, directory: newest } = before(tx, &joined).await.map_err(set)?;
    let mut refusals: Vec<Option<Refused<Anything>>> = sets
        .iter()
        .map(|prepared| {
            let key = prepared.writes.key.as_ref()?;
            known.remove(&(key.person.to_string(), key.key.clone())).map(Refused::KnownKey)
        })
        .collect();
    if joined.clash {
        return Err(Trouble::Set(None));
    }
    let held = guards(tx, &joined).await.map_err(set)?;
    for (prepared, refusal) in sets.iter().zip(&mut refusals) {
        let writes = &prepared.writes;
        let lost = writes.directory.is_some_and(|looked| Some(looked) != newest)
            || writes.appends.iter().any(|append| !held.contains(append.stream.as_str()))
            || writes.expects.iter().any(|(stream, _)| !held.contains(stream.as_str()))
            || writes.finishes.iter().any(|finish| !held.contains(&ended(finish)))
            || writes.over.iter().any(|(case, person, _)| !held.contains(&copy(*case, person)));
        if lost && refusal.is_none() {
            *refusal = Some(Refused::Moved);
        }
    }
    if refusals.iter().all(Option::is_none) {
        rows(tx, joined, sets.len() == 1).await.map_err(set)?;
    }
    Ok(refusals)
}

/// What was there before.
#[derive(Default)]
struct Before {
    /// The answers given, by person and key.
    known: BTreeMap<(String, String), KnownKey>,
    /// The newest version of the directory.
    directory: Option<u64>,
}

/// Asks once for all that can be asked: each question costs a way to the thread of the connection and back.
async fn before(tx: &DatabaseTransaction, joined: &Joined<'_>) -> Result<Before, DbErr> {
    let mut before = Before::default();
    if joined.keys.is_empty() && joined.directories.is_empty() {
        return Ok(before);
    }
    let sql = "SELECT k.person, k.key, k.request, k.answer, NULL AS newest FROM jsonb_each(?) w
        JOIN act_key k ON k.person = w.value->>'person' AND k.key = w.value->>'key'
        UNION ALL SELECT NULL, NULL, NULL, NULL, coalesce(max(version), 0) FROM directory";
    for row in tx.query_all_raw(with_rows(sql, &joined.keys)).await? {
        if let Some(newest) = row.try_get::<Option<i64>>("", "newest")? {
            before.directory = newest.try_into().ok();
            continue;
        }
        let known =
            KnownKey { request: row.try_get("", "request")?, answer: row.try_get("", "answer")? };
        before.known.insert((row.try_get("", "person")?, row.try_get("", "key")?), known);
    }
    Ok(before)
}

/// Moves the streams; gives those that stood where they were expected.
async fn guards(tx: &DatabaseTransaction, joined: &Joined<'_>) -> Result<BTreeSet<String>, DbErr> {
    let mut held = BTreeSet::new();
    let expected = "SELECT stream.id AS id FROM jsonb_each($1) w JOIN stream
        ON stream.id = w.value->>'id' AND stream.version = w.value->>'version'";
    let moved = "UPDATE stream SET version = w.value->>'version', head = w.value->>'head' FROM jsonb_each($1) w
        WHERE stream.id = w.value->>'id' AND stream.version = w.value->>'old' RETURNING id";
    let born = "INSERT INTO stream(id, kind, version, head)
        SELECT w.value->>'id', w.value->>'kind', w.value->>'version', w.value->>'head' FROM jsonb_each($1) w WHERE true
        ON CONFLICT DO NOTHING RETURNING id";
    for (sql, given) in
        [(expected, &joined.expects), (moved, &joined.moves), (born, &joined.births)]
    {
        if !given.is_empty() {
            for row in tx.query_all_raw(with_rows(sql, given)).await? {
                held.insert(row.try_get("", "id")?);
            }
        }
    }
    let source = Source::Sqlite;
    for (sql, given) in [
        (end_jobs(source), &joined.jobs),
        (hold_jobs(source), &joined.held_jobs),
        (end_messages(source), &joined.messages),
        (saved_then(source), &joined.over),
    ] {
        if !given.is_empty() {
            for row in tx.query_all_raw(with_rows(sql, given)).await? {
                held.insert(row.try_get("", "ended")?);
            }
        }
    }
    Ok(held)
}

/// How a working copy is named by the statement that looks at it.
pub(super) fn copy(case: CaseId, person: &PersonId) -> String {
    format!("copy {case} {person}")
}

/// How an ended piece of work is named by the statement that ends it.
pub(super) fn ended(finish: &Finish) -> String {
    match finish {
        Finish::Job { id, .. } => format!("job {id}"),
        Finish::PartOfJob { id, .. } => format!("part of job {id}"),
        Finish::Message { stream, seq, person, channel, .. } => {
            format!("message {stream} {seq} {person} {channel}")
        }
    }
}

/// Statements with their parameters.
#[derive(Default)]
struct Texts(Vec<(String, Vec<Value>)>);

impl Texts {
    fn json(&mut self, sql: impl Into<String>, rows: &Rows) {
        self.0.push((sql.into(), vec![rows.json().into()]));
    }

    /// Puts rows in as few statements as their count has binary digits, so that few texts come up at all.
    fn put(&mut self, Puts { table, mode, cells }: &Puts<'_>) {
        const MOST: usize = 64;
        let mut rest = cells.as_slice();
        while !rest.is_empty() {
            let count = if rest.len() >= MOST { MOST } else { 1 << rest.len().ilog2() };
            let (now, later) = rest.split_at(count);
            let values = now.iter().flat_map(|cells| cells.iter().map(bound)).collect();
            self.0.push((put_bound(table, *mode, count), values));
            rest = later;
        }
    }

    /// All as one text, so that an act that goes alone asks the thread of its connection once.
    fn together(self) -> Self {
        let (sqls, values): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        Self(vec![(sqls.join(";\n"), values.concat())])
    }
}

/// Everything but the guards. Texts of groups are seldom the same, and would have to be prepared anew: they go one by one.
async fn rows(tx: &DatabaseTransaction, joined: Joined<'_>, alone: bool) -> Result<(), DbErr> {
    let source = Source::Sqlite;
    let mut texts = Texts::default();
    if !joined.keys.is_empty() {
        texts.json(put(&KEY, Mode::Refuse, source), &joined.keys);
    }
    for Removals { table, length, rows, .. } in joined.removals {
        texts.json(remove(table, length, source, None), &rows);
    }
    joined.puts.iter().for_each(|puts| texts.put(puts));
    for (table, given) in joined.updates {
        texts.json(update(table, source), &given);
    }
    if !joined.search.is_empty() {
        for sql in [
            put(&SEARCH_SQLITE, Mode::Replace, source),
            r#"DELETE FROM search_index WHERE rowid IN (SELECT search.docid FROM jsonb_each(?) w JOIN search ON search."case" = w.value->>'case')"#.to_owned(),
            r#"INSERT INTO search_index(rowid, tokens) SELECT search.docid, w.value->>'tokens' FROM jsonb_each(?) w JOIN search ON search."case" = w.value->>'case'"#.to_owned(),
        ] {
            texts.json(sql, &joined.search);
        }
    }
    let together = alone && !texts.0.is_empty();
    for (sql, values) in if together { texts.together() } else { texts }.0 {
        tx.execute_raw(statement(DbBackend::Sqlite, sql, values)).await?;
    }
    Ok(())
}

/// A cell as a parameter. Cells are texts, numbers, truths or nothing.
fn bound(cell: &Json) -> Value {
    match cell {
        Json::Null => None::<String>.into(),
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(_) | Json::Object(_) => cell.to_string().into(),
    }
}

fn with_rows(sql: impl Into<String>, rows: &Rows) -> sea_orm::Statement {
    statement(DbBackend::Sqlite, sql, vec![rows.json().into()])
}

/// An act that needs numbers has a transaction of its own.
pub(super) async fn commit_alone(db: &DatabaseConnection, wanted: &[Allot], then: Then) -> Answer {
    let tx = begin(db).await.doing("beginning an act")?;
    let allotted = allot(&tx, wanted).await?;
    let prepared = then(allotted.clone()).map_err(Refused::Rejected)?;
    let written = write_group(&tx, &[&prepared]).await;
    let refused = match written {
        Ok(refusals) => refusals.into_iter().flatten().next(),
        Err(Trouble::Set(error)) => Some(Refused::Failed(of_the_set(error))),
        Err(Trouble::All(error)) => Some(Refused::Failed(error)),
    };
    match refused {
        // The transaction is gone either way; its own rollback may fail for the same reason.
        Some(Refused::Failed(error)) => Err(Refused::Failed(error)),
        Some(refused) => {
            tx.rollback().await.doing("giving up an act")?;
            Err(refused)
        }
        None => {
            tx.commit().await.doing("committing an act")?;
            Ok(Done::of(&prepared.writes, allotted))
        }
    }
}
