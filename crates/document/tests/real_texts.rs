//! Titles and numbers of real documents, where they lie beside the checkout. Without them this test has nothing to say.

use std::path::{Path, PathBuf};
use wenshu_document::{Kind, Number};

#[expect(clippy::disallowed_methods, reason = "a test may read files; the crate itself does not")]
fn shared(name: &str) -> Option<String> {
    let beside: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    std::fs::read_to_string(beside).ok()
}

#[test]
fn most_real_numbers_are_understood() {
    let Some(numbers) = shared("numbers.txt") else { return };
    let lines: Vec<&str> = numbers.lines().filter(|line| !line.trim().is_empty()).collect();
    let missed: Vec<&&str> = lines.iter().filter(|line| Number::parse(line).is_err()).collect();
    eprintln!(
        "{} of {} numbers understood; not: {missed:?}",
        lines.len() - missed.len(),
        lines.len()
    );
    assert!(missed.len() * 10 < lines.len());
    for number in lines.iter().filter_map(|line| Number::parse(line).ok()) {
        assert_eq!(Number::parse(&number.to_string()), Ok(number));
    }
}

#[test]
fn most_real_titles_tell_their_kind() {
    let Some(titles) = shared("titles.tsv") else { return };
    let rows: Vec<(&str, &str)> = titles
        .lines()
        .skip(1)
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            Some((*cells.get(1)?, *cells.get(4)?))
        })
        .filter(|(kind, _)| Kind::from_title(kind).is_some())
        .collect();
    let agree = |row: &&(&str, &str)| Kind::from_title(row.0) == Kind::of_title(row.1);
    let understood = rows.iter().filter(agree).count();
    eprintln!("{understood} of {} titles tell the kind they are", rows.len());
    assert!(understood * 10 > rows.len() * 8);
}
