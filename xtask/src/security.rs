//! docs/SECURITY.md keeps its word: every line has one of four states, and every test that it names exists.

use crate::{place, pure::rust_files};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const STATES: [&str; 4] = ["met", "partly", "not met", "n/a"];

pub fn check() -> Result<(), String> {
    let path = place::root().join("docs/SECURITY.md");
    let text = read(&path)?;
    let wrong = broken(&text, &tests()?);
    if wrong.is_empty() { Ok(()) } else { Err(format!("docs/SECURITY.md\n{}", wrong.join("\n"))) }
}

/// What is wrong with each line of its tables.
fn broken(text: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some(cells) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) else {
            continue;
        };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        let [id, _, state, _, shown] = cells[..] else {
            wrong.push(format!("{}: five cells are wanted", number + 1));
            continue;
        };
        if matches!(id, "id" | "clause" | "---") {
            continue;
        }
        if !STATES.contains(&state) {
            wrong.push(format!("{}: {id}: no such state: {state}", number + 1));
        }
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        if names.is_empty() && !shown.starts_with("none: ") {
            wrong.push(format!(
                "{}: {id}: neither a test nor a word on why there is none",
                number + 1
            ));
        }
        for name in names.into_iter().filter(|name| !tests.contains(*name)) {
            wrong.push(format!("{}: {id}: there is no test {name}", number + 1));
        }
    }
    wrong
}

/// The names of all tests: functions of Rust, and the titles that the UI's tests have.
fn tests() -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    for folder in ["crates", "tests", "xtask", "migrations"] {
        for file in rust_files(&place::root().join(folder))? {
            names.extend(of_rust(&read(&file)?));
        }
    }
    for file in of_the_ui(&place::root().join("ui"))? {
        names.extend(titles(&read(&file)?));
    }
    Ok(names)
}

/// Functions under `#[test]` and its kin, and the names in `on_both! { … }`.
fn of_rust(source: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = Vec::new();
    let mut waiting = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            waiting = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| waiting) {
            found.push(name(rest));
            waiting = false;
        }
    }
    for (at, opened) in source.match_indices("on_both! {") {
        let inside = source[at + opened.len()..].split('}').next().unwrap_or_default();
        found.extend(inside.split_whitespace().map(str::to_owned));
    }
    found
}

/// What stands as the first text of `test(` and `it(`.
fn titles(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for call in ["test(", "it("] {
        for (at, _) in source.match_indices(call) {
            let rest = source[at + call.len()..].trim_start();
            if let Some(mark) = rest.chars().next().filter(|mark| matches!(mark, '\'' | '"' | '`'))
            {
                found.extend(rest[1..].split(mark).next().map(str::to_owned));
            }
        }
    }
    found
}

fn of_the_ui(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "node_modules" && name != "dist" {
            files.extend(of_the_ui(&path)?);
        } else if name.ends_with(".test.ts") || name.ends_with(".test.mjs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_that_is_named_exists() {
        check().expect("docs/SECURITY.md keeps its word");
    }

    #[test]
    fn a_line_without_its_test_is_found() {
        let tests = BTreeSet::from(["there".to_owned()]);
        let line = |state: &str, shown: &str| {
            broken(&format!("| 1.1 | a | {state} | b | {shown} |"), &tests)
        };
        assert!(line("met", "`there`").is_empty());
        assert!(line("not met", "none: not built").is_empty());
        assert_eq!(line("met", "`gone` `there`").len(), 1);
        assert_eq!(line("met", "").len(), 1);
        assert_eq!(line("surely", "`there`").len(), 1);
        assert_eq!(broken("| 1.1 | a | met |", &tests).len(), 1);
    }

    #[test]
    fn tests_are_known_by_their_names() {
        let source = "#[test]\nfn one() {}\nfn no_test() {}\non_both! { two\n three }\n#[tokio::test(flavor = \"x\")]\nasync fn four()";
        assert_eq!(of_rust(source), ["one", "four", "two", "three"]);
        assert_eq!(titles("test('a b', async () => {\n it(\"c\""), ["a b", "c"]);
    }
}
