//! The joined statements: the only SQL written by hand on the way in. Rows come as one JSON parameter per table.

use crate::{table::Table, writes::Mode};

pub(super) static KEY: Table = Table {
    name: "act_key",
    key: &["person", "key"],
    columns: &[
        ("person", "text"),
        ("key", "text"),
        ("request", "text"),
        ("answer", "text"),
        ("at", "bigint"),
    ],
};

/// Texts to find, with the words cut from them. On SQLite the words go to an index of their own.
pub(super) static SEARCH_POSTGRES: Table = Table {
    name: "search",
    key: &["case"],
    columns: &[
        ("case", "text"),
        ("title", "text"),
        ("number", "text"),
        ("kind", "text"),
        ("kind_title", "text"),
        ("unit_name", "text"),
        ("body", "text"),
        ("at", "bigint"),
        ("tokens", "tsvector"),
    ],
};

pub(super) static SEARCH_SQLITE: Table = Table {
    name: "search",
    key: &["case"],
    columns: &[
        ("case", "text"),
        ("title", "text"),
        ("number", "text"),
        ("kind", "text"),
        ("kind_title", "text"),
        ("unit_name", "text"),
        ("body", "text"),
        ("at", "bigint"),
    ],
};

/// Now, by the clock of the database, in microseconds.
pub(crate) const NOW_POSTGRES: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
pub(crate) const NOW_SQLITE: &str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

/// Where the rows of a statement come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// The next parameter holds a JSON array.
    Sqlite,
    /// `$n` does, and is read as rows.
    Postgres(usize),
}

impl Source {
    /// Now, by the clock of the database, in microseconds.
    fn now(self) -> &'static str {
        match self {
            Source::Sqlite => NOW_SQLITE,
            Source::Postgres(_) => NOW_POSTGRES,
        }
    }

    fn column(self, column: &str) -> String {
        match self {
            Source::Sqlite => format!("w.value->>'{column}'"),
            Source::Postgres(_) => format!("w.\"{column}\""),
        }
    }

    fn rows(self, columns: &[(&str, &str)]) -> String {
        match self {
            Source::Sqlite => "jsonb_each(?) w".to_owned(),
            Source::Postgres(n) => {
                let columns = list(columns, |(name, kind)| format!("\"{name}\" {kind}"));
                format!("json_to_recordset(${n}::json) AS w({columns})")
            }
        }
    }
}

fn list<T>(parts: &[T], write: impl Fn(&T) -> String) -> String {
    parts.iter().map(write).collect::<Vec<_>>().join(", ")
}

/// Adds rows to a table.
pub(super) fn put(table: &Table, mode: Mode, source: Source) -> String {
    let into = list(table.columns, |(name, _)| format!("\"{name}\""));
    let values = list(table.columns, |(name, _)| source.column(name));
    format!(
        "INSERT INTO {}({into}) SELECT {values} FROM {} WHERE true{}",
        table.name,
        source.rows(table.columns),
        on_conflict(table, mode)
    )
}

/// What becomes of a row that is there already.
fn on_conflict(table: &Table, mode: Mode) -> String {
    let key = list(table.key, |name| format!("\"{name}\""));
    let rest = &table.columns[table.key.len()..];
    match mode {
        Mode::Refuse => String::new(),
        Mode::Replace if !rest.is_empty() => {
            let set = list(rest, |(name, _)| format!("\"{name}\" = excluded.\"{name}\""));
            format!(" ON CONFLICT({key}) DO UPDATE SET {set}")
        }
        Mode::Replace | Mode::Keep => format!(" ON CONFLICT({key}) DO NOTHING"),
    }
}

/// Adds so many rows to a table, each cell a parameter of its own: what SQLite takes twice as fast as JSON.
pub(super) fn put_bound(table: &Table, mode: Mode, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let into = list(table.columns, |(name, _)| format!("\"{name}\""));
    let (name, values) = (table.name, vec![row.as_str(); rows].join(", "));
    format!("INSERT INTO {name}({into}) VALUES {values}{}", on_conflict(table, mode))
}

/// Sets the columns behind the key of rows that are there.
pub(super) fn update(table: &Table, source: Source) -> String {
    let (key, rest) = table.columns.split_at(table.key.len());
    let set = list(rest, |(name, _)| format!("\"{name}\" = {}", source.column(name)));
    let same: Vec<String> = key
        .iter()
        .map(|(name, _)| format!("{}.\"{name}\" = {}", table.name, source.column(name)))
        .collect();
    let (rows, same) = (source.rows(table.columns), same.join(" AND "));
    format!("UPDATE {} SET {set} FROM {rows} WHERE {same}", table.name)
}

/// Removes the rows whose first key columns are given, but for those that `kept` holds.
pub(super) fn remove(table: &Table, length: usize, source: Source, kept: Option<Source>) -> String {
    let kind = |column: &str| {
        table.columns.iter().find(|(name, _)| *name == column).map_or("text", |(_, kind)| *kind)
    };
    let tuple = |columns: &[&str]| list(columns, |name| format!("{}.\"{name}\"", table.name));
    let select = |columns: &[&str], source: Source| {
        let types = columns.iter().map(|column| (*column, kind(column))).collect::<Vec<_>>();
        format!(
            "(SELECT {} FROM {})",
            list(columns, |name| source.column(name)),
            source.rows(&types)
        )
    };
    let given = &table.key[..length];
    let kept = kept.map_or(String::new(), |kept| {
        format!(" AND ({}) NOT IN {}", tuple(table.key), select(table.key, kept))
    });
    format!(
        "DELETE FROM {} WHERE ({}) IN {}{kept}",
        table.name,
        tuple(given),
        select(given, source)
    )
}

/// Takes jobs away whose leases last; gives those that it took.
pub(super) fn end_jobs(source: Source) -> String {
    let columns = [("id", "text"), ("attempts", "bigint")];
    format!(
        "DELETE FROM job WHERE (id, attempts) IN (SELECT {}, {} FROM {}) AND {} RETURNING 'job ' || id AS ended",
        source.column("id"),
        source.column("attempts"),
        source.rows(&columns),
        lasting(source)
    )
}

/// Takes hold of jobs whose leases last and leaves them as they are; gives those that it held. A claim that comes in
/// between waits for the row, and is seen.
pub(super) fn hold_jobs(source: Source) -> String {
    let columns = [("id", "text"), ("attempts", "bigint")];
    format!(
        "UPDATE job SET attempts = attempts WHERE (id, attempts) IN (SELECT {}, {} FROM {}) AND {} RETURNING 'part of job ' || id AS ended",
        source.column("id"),
        source.column("attempts"),
        source.rows(&columns),
        lasting(source)
    )
}

/// Gives the working copies that are still those that were saved then, and on PostgreSQL keeps others off them.
pub(super) fn saved_then(source: Source) -> String {
    let columns = [("case", "text"), ("person", "text"), ("saved_at", "bigint")];
    let same = columns.map(|(name, _)| format!("working.\"{name}\" = {}", source.column(name)));
    let lock = match source {
        Source::Sqlite => "",
        Source::Postgres(_) => " FOR UPDATE OF working",
    };
    format!(
        "SELECT 'copy ' || working.\"case\" || ' ' || working.person AS ended FROM {} JOIN working ON {}{lock}",
        source.rows(&columns),
        same.join(" AND "),
    )
}

/// Marks messages as sent whose leases last; gives those that it marked. They stay, so that none is told twice.
pub(super) fn end_messages(source: Source) -> String {
    let columns = [
        ("stream", "text"),
        ("seq", "bigint"),
        ("person", "text"),
        ("channel", "text"),
        ("attempts", "bigint"),
    ];
    format!(
        "UPDATE outbox SET state = 'done', lease_until = NULL, last_error = NULL
            WHERE (stream, seq, person, channel, attempts) IN (SELECT {} FROM {}) AND {}
            RETURNING 'message ' || stream || ' ' || seq || ' ' || person || ' ' || channel AS ended",
        list(&columns, |(name, _)| source.column(name)),
        source.rows(&columns),
        lasting(source)
    )
}

fn lasting(source: Source) -> String {
    format!("state = 'running' AND lease_until > {}", source.now())
}
