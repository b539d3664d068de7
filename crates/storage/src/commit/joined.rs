//! Several write sets as one: rows by table, the later row of the same key over the earlier.

use super::Prepared;
use crate::{
    table::Table,
    writes::{Finish, Mode, Put, Update},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rows as the text of one JSON array, ready to be a parameter.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    text: Vec<u8>,
    count: usize,
}

impl Rows {
    /// Adds a row that is an object by itself.
    fn push(&mut self, row: &impl Serialize) {
        self.begin();
        self.write(row);
    }

    /// Adds a row of these columns.
    fn row<'a>(&mut self, columns: impl Iterator<Item = &'a str>, cells: &[Value]) {
        self.begin();
        self.text.push(b'{');
        for (n, (column, cell)) in columns.zip(cells).enumerate() {
            if n > 0 {
                self.text.push(b',');
            }
            self.write(column);
            self.text.push(b':');
            self.write(cell);
        }
        self.text.push(b'}');
    }

    fn begin(&mut self) {
        self.text.push(if self.count == 0 { b'[' } else { b',' });
        self.count += 1;
    }

    fn write(&mut self, what: &(impl Serialize + ?Sized)) {
        // Texts, numbers and truths can always be written, and memory takes what is written to it.
        let _written = serde_json::to_writer(&mut self.text, what);
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The whole array.
    pub fn json(&self) -> String {
        let mut text = Vec::with_capacity(self.text.len() + 2);
        text.extend_from_slice(&self.text);
        text.extend_from_slice(if self.count == 0 { b"[]" } else { b"]" });
        // What serde_json wrote is UTF-8.
        String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// Rows to put into a table, in the order of its columns.
#[derive(Debug)]
pub(super) struct Puts<'a> {
    pub table: &'static Table,
    pub mode: Mode,
    pub cells: Vec<&'a [Value]>,
}

impl Puts<'_> {
    pub fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        for cells in &self.cells {
            rows.row(self.table.columns.iter().map(|(column, _)| *column), cells);
        }
        rows
    }
}

/// What the statements of a group hold.
#[derive(Debug, Default)]
pub(super) struct Joined<'a> {
    pub moves: Rows,
    pub births: Rows,
    pub expects: Rows,
    /// Jobs and messages that end here, while their leases last, and jobs that go on.
    pub jobs: Rows,
    pub held_jobs: Rows,
    pub over: Rows,
    pub messages: Rows,
    pub keys: Rows,
    /// The versions of the directory that were looked at, each once.
    pub directories: BTreeSet<u64>,
    pub search: Rows,
    pub removals: Vec<Removals>,
    pub puts: Vec<Puts<'a>>,
    /// After the removals: what is gone stays gone.
    pub updates: Vec<(&'static Table, Rows)>,
    /// The same row is to be new twice: joined, this cannot be right.
    pub clash: bool,
}

/// Updates of a table by their key: of two the later holds.
type LastOfEach<'a> = BTreeMap<String, &'a Update>;

/// Rows to remove from a table, named by the first columns of their key.
#[derive(Debug)]
pub(super) struct Removals {
    pub table: &'static Table,
    pub length: usize,
    pub rows: Rows,
    /// The keys of the rows that are put into the same table: a removal leaves them alone.
    pub kept: Rows,
}

impl<'a> Joined<'a> {
    pub fn of(acts: impl IntoIterator<Item = &'a Prepared>) -> Self {
        let mut joined = Self::default();
        let mut rows: BTreeMap<(&str, String), &'a Put> = BTreeMap::new();
        let mut removals: BTreeMap<(&str, &str, usize), Removals> = BTreeMap::new();
        let mut search: BTreeMap<String, Value> = BTreeMap::new();
        let mut updates: BTreeMap<(&str, &str), LastOfEach<'a>> = BTreeMap::new();
        for act in acts {
            joined.guards(act);
            for put in &act.writes.rows.puts {
                let key = key(&put.cells[..put.table.key.len()]);
                let before = rows.get(&(put.table.name, key.clone())).map(|put| put.mode);
                joined.clash |=
                    before.is_some() && (put.mode == Mode::Refuse || before == Some(Mode::Refuse));
                if put.mode != Mode::Keep || before.is_none() {
                    rows.insert((put.table.name, key), put);
                }
            }
            for removal in &act.writes.rows.removals {
                let (table, length) = (removal.table, removal.prefix.len());
                let entry = removals.entry((table.name, table.key[0], length));
                let none =
                    || Removals { table, length, rows: Rows::default(), kept: Rows::default() };
                entry.or_insert_with(none).rows.row(table.key.iter().copied(), &removal.prefix);
            }
            for update in &act.writes.rows.updates {
                let Update { table, cells } = update;
                let set = table.columns.last().map_or("", |(name, _)| name);
                let rows = updates.entry((table.name, set)).or_default();
                rows.insert(key(&cells[..table.key.len()]), update);
            }
            for (text, tokens) in act.writes.search.iter().zip(&act.tokens) {
                search.insert(text.case.to_string(), text.row(tokens));
            }
        }
        let mut tables: BTreeMap<(&str, Mode), Puts<'a>> = BTreeMap::new();
        for ((name, _), put) in rows {
            let Put { table, mode, .. } = *put;
            let none = || Puts { table, mode, cells: vec![] };
            tables.entry((name, mode)).or_insert_with(none).cells.push(&put.cells);
            let columns = table.columns.iter().map(|(column, _)| *column);
            // The same table may have its key in another order where rows are removed: by name it does not matter.
            for removals in removals.values_mut().filter(|removals| removals.table.name == name) {
                removals.kept.row(columns.clone().take(table.key.len()), &put.cells);
            }
        }
        joined.puts = tables.into_values().collect();
        joined.removals = removals.into_values().collect();
        for updates in updates.into_values() {
            let mut rows = Rows::default();
            let mut table = None;
            for Update { table: of, cells } in updates.into_values() {
                rows.row(of.columns.iter().map(|(column, _)| *column), cells);
                table = Some(*of);
            }
            joined.updates.extend(table.map(|table| (table, rows)));
        }
        for text in search.into_values() {
            joined.search.push(&text);
        }
        joined
    }

    /// The versions of the directory as rows.
    pub fn looked(&self) -> Rows {
        let mut rows = Rows::default();
        for version in &self.directories {
            rows.push(&json!({ "version": version }));
        }
        rows
    }

    fn guards(&mut self, act: &Prepared) {
        for append in &act.writes.appends {
            let (id, to) = (append.stream.as_str(), &append.to);
            if append.from.version == 0 {
                self.births.push(
                    &json!({"id": id, "kind": append.kind, "version": to.version, "head": to.hash}),
                );
            } else {
                self.moves.push(&json!({"id": id, "old": append.from.version, "version": to.version, "head": to.hash}));
            }
        }
        for (id, version) in &act.writes.expects {
            self.expects.push(&json!({"id": id, "version": version}));
        }
        for (case, person, saved_at) in &act.writes.over {
            let saved_at = saved_at.timestamp_micros();
            self.over
                .push(&json!({"case": case.to_string(), "person": person, "saved_at": saved_at}));
        }
        for finish in &act.writes.finishes {
            match finish {
                Finish::Job { id, attempts } => {
                    self.jobs.push(&json!({"id": id.to_string(), "attempts": attempts}));
                }
                Finish::PartOfJob { id, attempts } => {
                    self.held_jobs.push(&json!({"id": id.to_string(), "attempts": attempts}));
                }
                Finish::Message { stream, seq, person, channel, attempts } => self.messages.push(
                    &json!({"stream": stream, "seq": seq, "person": person, "channel": channel, "attempts": attempts}),
                ),
            }
        }
        self.directories.extend(act.writes.directory);
        if let Some(key) = &act.writes.key {
            self.keys.push(&json!({"person": key.person, "key": key.key, "request": key.request, "answer": key.answer, "at": key.at.timestamp_micros()}));
        }
    }
}

/// The key of a row, as text to compare.
fn key(cells: &[Value]) -> String {
    serde_json::to_string(cells).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_json() {
        let mut rows = Rows::default();
        assert!(rows.is_empty());
        rows.row(["a", "b"].into_iter(), &[json!("引\"号\n"), json!(null)]);
        rows.push(&json!({"a": 1}));
        assert_eq!(rows.count(), 2);
        let read: Value = serde_json::from_str(&rows.json()).expect("JSON");
        assert_eq!(read, json!([{"a": "引\"号\n", "b": null}, {"a": 1}]));
        assert_eq!(Rows::default().json(), "[]");
    }
}
