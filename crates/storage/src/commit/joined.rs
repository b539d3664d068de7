//! Several write sets as one: rows by table, the later row of the same key over the earlier.

use super::Prepared;
use crate::{
    table::Table,
    writes::{Finish, Mode, Put, Update},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Rows as JSON objects, ready for one statement per table.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub moves: Vec<Value>,
    pub births: Vec<Value>,
    pub expects: Vec<Value>,
    /// Jobs and messages that end here, while their leases last.
    pub jobs: Vec<Value>,
    pub messages: Vec<Value>,
    pub events: Vec<Value>,
    pub keys: Vec<Value>,
    pub search: Vec<Value>,
    pub removals: Vec<(&'static Table, usize, Vec<Value>)>,
    pub puts: Vec<(&'static Table, Mode, Vec<Value>)>,
    /// After the removals: what is gone stays gone.
    pub updates: Vec<(&'static Table, Vec<Value>)>,
    /// The same row is to be new twice: joined, this cannot be right.
    pub clash: bool,
}

/// Rows of a table by their key: of two updates the later holds.
type LastOfEach = (&'static Table, BTreeMap<String, Value>);

impl Joined {
    pub fn of<'a>(acts: impl IntoIterator<Item = &'a Prepared>) -> Self {
        let mut joined = Self::default();
        let mut rows: BTreeMap<(&str, String), &'a Put> = BTreeMap::new();
        let mut removals: BTreeMap<(&str, &str, usize), (&'static Table, Vec<Value>)> =
            BTreeMap::new();
        let mut search: BTreeMap<String, Value> = BTreeMap::new();
        let mut updates: BTreeMap<(&str, &str), LastOfEach> = BTreeMap::new();
        for act in acts {
            joined.guards(act);
            for put in &act.writes.rows.puts {
                let key = Value::from(&put.cells[..put.table.key.len()]).to_string();
                let before = rows.get(&(put.table.name, key.clone())).map(|put| put.mode);
                joined.clash |=
                    before.is_some() && (put.mode == Mode::Refuse || before == Some(Mode::Refuse));
                if put.mode != Mode::Keep || before.is_none() {
                    rows.insert((put.table.name, key), put);
                }
            }
            for removal in &act.writes.rows.removals {
                let length = removal.prefix.len();
                let columns = removal.table.key.iter().zip(&removal.prefix);
                let row = columns
                    .map(|(column, value)| ((*column).to_owned(), value.clone()))
                    .collect::<Map<_, _>>();
                let entry = (removal.table.name, removal.table.key[0], length);
                removals.entry(entry).or_insert_with(|| (removal.table, vec![])).1.push(row.into());
            }
            for Update { table, cells } in &act.writes.rows.updates {
                let key = Value::from(&cells[..table.key.len()]).to_string();
                let set = table.columns.last().map_or("", |(name, _)| name);
                let entry = updates.entry((table.name, set));
                entry.or_insert_with(|| (*table, BTreeMap::new())).1.insert(key, row(table, cells));
            }
            for (text, tokens) in act.writes.search.iter().zip(&act.tokens) {
                search.insert(text.case.to_string(), text.row(tokens));
            }
        }
        let mut tables: BTreeMap<(&str, Mode), (&'static Table, Vec<Value>)> = BTreeMap::new();
        for ((name, _), put) in rows {
            let row = row(put.table, &put.cells);
            tables.entry((name, put.mode)).or_insert_with(|| (put.table, vec![])).1.push(row);
        }
        joined.puts =
            tables.into_iter().map(|((_, mode), (table, rows))| (table, mode, rows)).collect();
        joined.removals = removals
            .into_iter()
            .map(|((_, _, length), (table, rows))| (table, length, rows))
            .collect();
        joined.search = search.into_values().collect();
        joined.updates = updates
            .into_values()
            .map(|(table, rows)| (table, rows.into_values().collect()))
            .collect();
        joined
    }

    fn guards(&mut self, act: &Prepared) {
        for append in &act.writes.appends {
            let (id, to) = (append.stream.as_str(), &append.to);
            if append.from.version == 0 {
                self.births.push(
                    json!({"id": id, "kind": append.kind, "version": to.version, "head": to.hash}),
                );
            } else {
                self.moves.push(json!({"id": id, "old": append.from.version, "version": to.version, "head": to.hash}));
            }
            self.events.extend(append.events.iter().map(|event| {
                json!({"stream": id, "seq": event.seq, "at": event.at.timestamp_micros(), "alg": event.alg,
                    "payload": event.payload, "prev": event.prev, "hash": event.hash})
            }));
        }
        self.expects.extend(
            act.writes.expects.iter().map(|(id, version)| json!({"id": id, "version": version})),
        );
        for finish in &act.writes.finishes {
            match finish {
                Finish::Job { id, attempts } => {
                    self.jobs.push(json!({"id": id.to_string(), "attempts": attempts}));
                }
                Finish::Message { stream, seq, person, channel, attempts } => self.messages.push(
                    json!({"stream": stream, "seq": seq, "person": person, "channel": channel, "attempts": attempts}),
                ),
            }
        }
        self.keys.extend(act.writes.key.iter().map(|key| {
            json!({"person": key.person, "key": key.key, "request": key.request, "answer": key.answer, "at": key.at.timestamp_micros()})
        }));
    }

    /// The key columns of the rows that are put into a table: a removal leaves them alone.
    pub fn put_keys(&self, table: &Table) -> Vec<Value> {
        let same = self.puts.iter().filter(|(put, _, _)| put.name == table.name);
        same.flat_map(|(_, _, rows)| rows.iter().cloned()).collect()
    }
}

/// The row of a table with these cells, as JSON.
fn row(table: &Table, cells: &[Value]) -> Value {
    let columns = table.columns.iter().zip(cells);
    let row = columns.map(|((column, _), value)| ((*column).to_owned(), value.clone()));
    row.collect::<Map<_, _>>().into()
}
