//! SQL holds no words of people: values are bound. What is put into its text are names that the code itself declares,
//! and only the few files named here do that.

use crate::{place, pure::rust_files};
use std::path::Path;

/// Where statements are put together, out of tables' and columns' own names: those that the code declares, and in a
/// backup those that the catalogue of the database gives, quoted.
const BUILDERS: [&str; 7] = [
    "crates/storage/src/anchor.rs",
    "crates/storage/src/commit/postgres.rs",
    "crates/storage/src/commit/statement.rs",
    "crates/storage/src/rebuild.rs",
    "crates/storage/src/snapshot.rs",
    "crates/storage/src/watch.rs",
    "crates/storage/src/work.rs",
];

/// What makes a text a statement, or a part of one.
const MARKS: [&str; 8] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    " WHERE ",
    " FROM ",
    " ORDER BY ",
    "CREATE TABLE ",
];

/// Calls whose first argument is SQL: a text as it stands, nothing made for the occasion.
const CALLS: [&str; 4] =
    ["execute_unprepared(", "Expr::cust(", "cust_with_values(", "from_string("];

pub fn check() -> Result<(), String> {
    let mut wrong = Vec::new();
    for folder in std::fs::read_dir(place::root().join("crates")).into_iter().flatten().flatten() {
        // The testkit and the bench make databases, and look into them behind the office's back.
        if ["testkit", "bench"].iter().any(|own| folder.file_name() == *own)
            || !folder.path().join("src").is_dir()
        {
            continue;
        }
        for file in rust_files(&folder.path().join("src"))? {
            let shown = file.strip_prefix(place::root()).unwrap_or(&file);
            if BUILDERS.iter().any(|builder| shown == Path::new(builder)) {
                continue;
            }
            let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
            let found = put_together(&text);
            wrong.extend(found.into_iter().map(|line| format!("{}:{line}", shown.display())));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nSQL is put together here. Bind its values; a builder out of declared names belongs to xtask/src/sql.rs.",
        wrong.join("\n")
    ))
}

/// The lines on which a statement is made by `format!`, or a made text is handed to a call that takes SQL.
fn put_together(source: &str) -> Vec<usize> {
    let line = |at: usize| source[..at].matches('\n').count() + 1;
    let mut found = Vec::new();
    for (at, made) in source.match_indices("format!(") {
        let text = literal(source[at + made.len()..].trim_start());
        if text.is_some_and(|text| MARKS.iter().any(|mark| text.contains(mark))) {
            found.push(line(at));
        }
    }
    for call in CALLS {
        for (at, _) in source.match_indices(call) {
            let argument = source[at + call.len()..].trim_start();
            let defined = source[..at].ends_with("fn ");
            if !defined && !argument.starts_with('"') && !argument.starts_with("r#\"") {
                found.push(line(at));
            }
        }
    }
    found.sort_unstable();
    found
}

/// The text at the beginning of `source`, with its escapes.
fn literal(source: &str) -> Option<&str> {
    let text = source.strip_prefix('"')?;
    let mut before = ' ';
    let end = text.find(|c| {
        let ends = c == '"' && before != '\\';
        before = if before == '\\' && c == '\\' { ' ' } else { c };
        ends
    })?;
    Some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_sql_is_found() {
        let made = "let a = 1;\nlet sql = format!(\n    \"SELECT * FROM task WHERE title = '{title}'\"\n);";
        assert_eq!(put_together(made), [2]);
        assert_eq!(put_together("db.execute_unprepared(&sql)"), [1]);
        assert_eq!(put_together("x\nselect.and_where(Expr::cust(&wanted));"), [2]);
        assert_eq!(put_together("format!(\"\\\"{name}\\\" = 1 WHERE {x}\")"), [1]);
    }

    #[test]
    fn statements_as_they_stand_and_other_texts_are_fine() {
        assert!(put_together("db.execute_unprepared(\"DELETE FROM search\")").is_empty());
        assert!(put_together("Expr::cust_with_values(\n   \"tokens @@ $1\", [asked])").is_empty());
        assert!(put_together("format!(\"第{page}页\"); let q = \"SELECT 1 FROM a\";").is_empty());
        check().expect("nothing is put together outside the builders");
    }
}
