//! The pure crates stay pure: their sources name no clock, randomness, database, runtime or random order.
//!
//! clippy bans the calls; this also sees what is behind a `cfg` or only imported, and what Cargo.toml brings in.

use crate::{place, source};
use std::path::{Path, PathBuf};

const PURE: [&str; 2] = ["core", "document"];

/// Names that must not be a part of any path.
const PARTS: [&str; 11] = [
    "tokio",
    "sea_orm",
    "sqlx",
    "axum",
    "reqwest",
    "rand",
    "getrandom",
    "HashMap",
    "HashSet",
    "SystemTime",
    "Instant",
];

/// Paths that must not end so.
const ENDS: [&str; 4] = ["Utc::now", "Local::now", "Uuid::new_v4", "Uuid::now_v7"];

pub fn check() -> Result<(), String> {
    let mut wrong = Vec::new();
    for name in PURE {
        let folder = place::root().join("crates").join(name);
        let manifest = read(&folder.join("Cargo.toml"))?;
        wrong.extend(
            in_manifest(&manifest)
                .map(|crate_| format!("crates/{name}/Cargo.toml: depends on {crate_}")),
        );
        for file in rust_files(&folder.join("src"))? {
            let shown = file.strip_prefix(place::root()).unwrap_or(&file).display().to_string();
            let found = in_source(&read(&file)?);
            wrong.extend(
                found.into_iter().map(|(line, name)| format!("{shown}:{line}: names {name}")),
            );
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nThe pure crates get time, ids and facts handed in.", wrong.join("\n")))
}

fn in_source(text: &str) -> Vec<(usize, String)> {
    let banned = |name: &str| {
        name.split("::").any(|part| PARTS.contains(&part))
            || ENDS.iter().any(|end| name == *end || name.ends_with(&format!("::{end}")))
    };
    source::names(text).into_iter().filter(|(_, name)| banned(name)).collect()
}

fn in_manifest(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split(['.', ' ', '=']).next()?.trim().to_string()))
        .filter(|name| PARTS.contains(&name.replace('-', "_").as_str()))
}

/// Every file of Rust below a folder.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let entries =
        std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_a_crate_impure_is_found_where_it_stands() {
        let text = "use std::collections::HashMap;\n// HashSet\nlet now = chrono::Utc::now();\nlet r = rand::random();";
        let found = in_source(text);
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4], "{found:?}");
    }

    #[test]
    fn names_that_only_look_alike_are_fine() {
        assert!(in_source("let operand = brand(Uuid::new_v5(a, b)); x.now()").is_empty());
    }

    #[test]
    fn dependencies_count_and_dev_dependencies_do_not() {
        let text = "[dependencies]\nserde.workspace = true\nsea-orm = \"2\"\n\n[dev-dependencies]\nrand.workspace = true\n";
        assert_eq!(in_manifest(text).collect::<Vec<_>>(), ["sea-orm"]);
    }
}
