//! A tape of the statements that the office sends: how many there are, what rows they hold, and the very same again
//! without us.

use crate::{
    pace::{self, Pace},
    place::{Kind, Place},
};
use anyhow::Result;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use wenshu_storage::Told;

/// Statements in the order in which they were done, by phase.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    running: AtomicBool,
    phase: AtomicUsize,
    spoken: Mutex<Vec<Spoken>>,
}

#[derive(Clone, Debug)]
struct Spoken {
    phase: usize,
    writing: bool,
    statement: Statement,
}

/// What one phase sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub reads: usize,
    pub writes: usize,
    /// Transactions around them; on PostgreSQL a statement is one.
    pub groups: usize,
    pub bytes: usize,
    /// Rows by table and what is done with them.
    pub rows: BTreeMap<String, usize>,
}

impl Tape {
    pub fn start(&self) {
        self.running.store(true, Ordering::SeqCst);
    }

    pub fn stop(&self) {
        self.running.store(false, Ordering::SeqCst);
    }

    /// Whether it still runs.
    pub fn runs(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    pub fn take(&self, told: &Told<'_>) {
        if !self.runs() || told.failed {
            return;
        }
        let phase = self.phase.load(Ordering::SeqCst);
        let spoken = Spoken { phase, writing: told.writing, statement: told.statement.clone() };
        self.spoken.lock().unwrap_or_else(PoisonError::into_inner).push(spoken);
    }

    /// What comes now is another phase; gives its number.
    pub fn next(&self) -> usize {
        self.phase.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn of(&self, phase: usize) -> Vec<Spoken> {
        let spoken = self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        spoken.iter().filter(|one| one.phase == phase).cloned().collect()
    }

    fn last(&self) -> usize {
        self.phase.load(Ordering::SeqCst)
    }

    /// What these phases sent.
    pub fn sent(&self, phases: &[usize], kind: Kind) -> Sent {
        let mut sent = Sent::default();
        for spoken in phases.iter().flat_map(|phase| groups(self.of(*phase), kind)) {
            sent.groups += usize::from(spoken.iter().any(|one| one.writing));
            for one in &spoken {
                if one.writing {
                    sent.writes += 1;
                    count(&one.statement, &mut sent);
                } else {
                    sent.reads += 1;
                }
            }
        }
        sent
    }

    /// Sends everything again through the bare driver, to a new place; gives the pace of these phases.
    pub async fn replay(&self, place: &Place, timed: &[usize], at_once: usize) -> Result<Pace> {
        let connections = match place.kind {
            Kind::Sqlite => 1,
            Kind::Postgres => u32::try_from(at_once)?,
        };
        let db = place.connect(connections).await?;
        let mut pace = Pace::default();
        for phase in 0..=self.last() {
            let mut writing = self.of(phase);
            writing.retain(|spoken| spoken.writing && !spoken.statement.sql.contains("pg_notify"));
            let groups = groups(writing, place.kind);
            if timed.contains(&phase) {
                let at_once = if place.kind == Kind::Sqlite { 1 } else { at_once };
                let (db, kind) = (db.clone(), place.kind);
                let again = move |group: Arc<[Statement]>| {
                    let db = db.clone();
                    async move { send(&db, kind, &group).await }
                };
                let groups = groups
                    .into_iter()
                    .map(|group| group.into_iter().map(|one| one.statement).collect());
                pace.join(pace::all(at_once, groups.collect(), again).await?);
            } else {
                for group in groups {
                    let group: Vec<Statement> =
                        group.into_iter().map(|one| one.statement).collect();
                    send(&db, place.kind, &group).await?;
                }
            }
        }
        db.close().await?;
        Ok(pace)
    }
}

/// One transaction's statements.
async fn send(db: &DatabaseConnection, kind: Kind, group: &[Statement]) -> Result<()> {
    match kind {
        Kind::Postgres => {
            for statement in group {
                db.query_all_raw(statement.clone()).await?;
            }
        }
        // The pool has one connection.
        Kind::Sqlite => {
            db.execute_unprepared("BEGIN IMMEDIATE").await?;
            for statement in group {
                if statement.sql.contains("RETURNING") || statement.sql.starts_with("SELECT") {
                    db.query_all_raw(statement.clone()).await?;
                } else {
                    db.execute_raw(statement.clone()).await?;
                }
            }
            db.execute_unprepared("COMMIT").await?;
        }
    }
    Ok(())
}

/// Cuts a phase where one transaction ends and the next begins. Within one, the kinds of statements have a fixed order.
fn groups(spoken: Vec<Spoken>, kind: Kind) -> Vec<Vec<Spoken>> {
    if kind == Kind::Postgres {
        return spoken.into_iter().map(|one| vec![one]).collect();
    }
    let (reading, writing): (Vec<_>, Vec<_>) = spoken.into_iter().partition(|one| !one.writing);
    let mut groups: Vec<Vec<Spoken>> = vec![];
    let mut before = usize::MAX;
    for one in writing {
        let rank = rank(&one.statement.sql);
        let begins = rank < before || (rank == before && (1..=3).contains(&rank));
        match groups.last_mut().filter(|_| !begins) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
        before = rank;
    }
    groups.extend(reading.into_iter().map(|one| vec![one]));
    groups
}

fn rank(sql: &str) -> usize {
    let begins = ["SELECT", "UPDATE stream", "INSERT INTO stream("];
    match begins.iter().position(|begin| sql.starts_with(begin)) {
        Some(0) if sql.contains("act_key") => 0,
        Some(0) if sql.contains("JOIN stream") => 1,
        Some(0) => 4,
        Some(1) => 2,
        Some(_) => 3,
        None => 4,
    }
}

/// Counts the rows that a statement brings.
fn count(statement: &Statement, sent: &mut Sent) {
    let values = statement.values.as_ref().map(|values| values.0.as_slice()).unwrap_or_default();
    sent.bytes += values.iter().map(size).sum::<usize>();
    if statement.sql.contains('?') {
        in_order(&statement.sql, values, sent);
    } else {
        by_name(&statement.sql, values, sent);
    }
}

/// Parameters without names, on SQLite: a text of several statements, each with rows bound cell by cell or as JSON.
fn in_order(sql: &str, mut values: &[Value], sent: &mut Sent) {
    for part in sql.split(";\n") {
        let (mine, later) = values.split_at(part.matches('?').count().min(values.len()));
        let bound = part.contains(" VALUES ").then(|| part.matches("(?").count());
        let rows = bound.unwrap_or_else(|| mine.iter().map(rows_in).sum());
        *sent.rows.entry(target(part)).or_default() += rows;
        values = later;
    }
}

/// Numbered parameters that hold JSON: each belongs to the part of the statement that names it first.
fn by_name(sql: &str, values: &[Value], sent: &mut Sent) {
    let parts: Vec<&str> = sql.split(" AS (").collect();
    for (at, value) in values.iter().enumerate() {
        let rows = rows_in(value);
        if rows == 0 {
            continue;
        }
        let named = format!("${}", at + 1);
        let names = |part: &&&str| {
            part.match_indices(&named).any(|(found, _)| {
                !part[found + named.len()..].starts_with(|next: char| next.is_ascii_digit())
            })
        };
        let part = parts.iter().find(names).copied().unwrap_or_default();
        *sent.rows.entry(target(part)).or_default() += rows;
    }
}

/// The rows of a JSON array.
fn rows_in(value: &Value) -> usize {
    let Value::String(Some(text)) = value else { return 0 };
    serde_json::from_str::<Vec<serde_json::Value>>(text).map_or(0, |rows| rows.len())
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_ref().map_or(0, String::len),
        _ => size_of::<i64>(),
    }
}

/// `insert event`, of the statement that begins so.
fn target(sql: &str) -> String {
    let words: Vec<&str> = sql.split([' ', '(']).filter(|word| !word.is_empty()).take(3).collect();
    match words.as_slice() {
        ["INSERT", "INTO", table] => format!("put {table}"),
        ["UPDATE", table, ..] => format!("move {table}"),
        ["DELETE", "FROM", table] => format!("remove {table}"),
        _ => "look".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DbBackend;

    fn spoken(sql: &str) -> Spoken {
        let rows = vec![Value::from(r#"[{"id":1},{"id":2}]"#)];
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, rows);
        Spoken { phase: 0, writing: true, statement }
    }

    #[test]
    fn a_group_ends_where_the_order_begins_again() {
        let sqls = [
            "SELECT 1 FROM act_key",
            "UPDATE stream SET",
            "INSERT INTO event(a)",
            "UPDATE stream SET",
            "INSERT INTO stream(a)",
            "INSERT INTO event(a)",
            "INSERT INTO task(a)",
            "UPDATE stream SET",
        ];
        let lengths: Vec<usize> =
            groups(sqls.map(spoken).to_vec(), Kind::Sqlite).iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 4, 1]);
    }

    #[test]
    fn rows_are_counted_by_table() {
        let mut sent = Sent::default();
        count(&spoken("INSERT INTO event(stream) SELECT $1").statement, &mut sent);
        let sql =
            "INSERT INTO task(a, b) VALUES (?, ?), (?, ?);\nDELETE FROM job WHERE jsonb_each(?)";
        let bound = ["a", "b", "c", "d", "[1,2,3]"].map(Value::from);
        count(&Statement::from_sql_and_values(DbBackend::Sqlite, sql, bound), &mut sent);
        let rows = [r#"[1]"#, r#"[1,2]"#].map(Value::from);
        let sql = "WITH moved AS (UPDATE stream SET $1::json), gone_0 AS (DELETE FROM task_offer WHERE $2::json) SELECT 1";
        count(&Statement::from_sql_and_values(DbBackend::Postgres, sql, rows), &mut sent);
        let said: Vec<String> =
            sent.rows.iter().map(|(what, rows)| format!("{what} {rows}")).collect();
        assert_eq!(
            said,
            ["move stream 1", "put event 2", "put task 2", "remove job 3", "remove task_offer 2"]
        );
    }
}
