//! Numbers with their goals, as a table for people and as JSON.

use crate::{machine::Machine, scale::Section};
use serde::Serialize;
use std::fmt::Write as _;

/// One number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Its letter.
    pub section: String,
    pub database: String,
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    /// In words, e.g. `> 1,000,000`.
    pub goal: Option<String>,
    pub met: Option<bool>,
    /// What it was held against, or why it was left out.
    pub note: String,
}

/// Everything that was measured.
#[derive(Serialize)]
pub struct Report<'a> {
    pub machine: Machine,
    pub lines: Vec<Line>,
    #[serde(skip)]
    tell: &'a (dyn Fn(&Line) + Send + Sync),
}

impl std::fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("lines", &self.lines).finish_non_exhaustive()
    }
}

/// What is wanted of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    None,
    AtLeast(f64),
    Below(f64),
}

impl<'a> Report<'a> {
    pub(crate) fn new(machine: Machine, tell: &'a (dyn Fn(&Line) + Send + Sync)) -> Self {
        Self { machine, lines: vec![], tell }
    }

    pub(crate) fn over(&mut self, load: String) {
        self.machine.load_after = load;
    }

    pub(crate) fn add(
        &mut self,
        (section, database): (Section, &str),
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        goal: Goal,
        note: impl Into<String>,
    ) {
        let (words, met) = match goal {
            Goal::None => (None, None),
            Goal::AtLeast(least) => (Some(format!("≥ {}", number(least))), Some(value >= least)),
            Goal::Below(most) => (Some(format!("< {}", number(most))), Some(value < most)),
        };
        let line = Line {
            section: section.to_string(),
            database: database.to_owned(),
            what: what.into(),
            value,
            unit,
            goal: words,
            met,
            note: note.into(),
        };
        (self.tell)(&line);
        self.lines.push(line);
    }

    /// Something that could not be measured here.
    pub(crate) fn skip(&mut self, section: Section, what: &str, why: impl Into<String>) {
        let why = format!("skipped: {}", why.into());
        self.add((section, ""), what, (f64::NAN, ""), Goal::None, why);
    }

    /// # Errors
    /// Never: everything in it can be written.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The lines whose goal was missed.
    #[must_use]
    pub fn missed(&self) -> Vec<&Line> {
        self.lines.iter().filter(|line| line.met == Some(false)).collect()
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = match self.met {
            Some(true) => "✓",
            Some(false) => "✗",
            None => " ",
        };
        let value = if self.value.is_nan() { "–".to_owned() } else { number(self.value) };
        let goal = self.goal.as_deref().unwrap_or("");
        write!(
            f,
            "{} {:<10} {:<52} {:>12} {:<7} {mark} {:<12} {}",
            self.section, self.database, self.what, value, self.unit, goal, self.note
        )
    }
}

/// 1,234,567; with decimals where it is small.
pub(crate) fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        let digits = if value.abs() < 10.0 { 2 } else { 1 };
        return format!("{value:.digits$}");
    }
    let digits = format!("{value:.0}");
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && digit.is_ascii_digit() {
            said.push(',');
        }
        let _ = write!(said, "{digit}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_so_that_they_can_be_read() {
        assert_eq!(number(1_234_567.4), "1,234,567");
        assert_eq!(number(123.0), "123");
        assert_eq!(number(0.714), "0.71");
        assert_eq!(number(42.25), "42.2");
    }
}
