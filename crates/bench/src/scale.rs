//! Which parts there are, and how much of each is measured.

use serde::Serialize;
use std::{fmt, str::FromStr};

/// A part of the measurements, by its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Section {
    /// (a) the core alone.
    Decisions,
    /// (b) durable acts through the office.
    Acts,
    /// (c) the same over HTTP.
    Door,
    /// (d) worklists and their counts.
    Lists,
    /// (e) pages in a browser.
    Browser,
    /// (f) PDF.
    Pages,
    /// (g) many people at one document.
    Crowd,
    /// (h) memory and starting.
    Weight,
}

impl Section {
    pub const ALL: [Section; 8] = [
        Section::Decisions,
        Section::Acts,
        Section::Door,
        Section::Lists,
        Section::Browser,
        Section::Pages,
        Section::Crowd,
        Section::Weight,
    ];

    fn letter(self) -> char {
        match self {
            Section::Decisions => 'a',
            Section::Acts => 'b',
            Section::Door => 'c',
            Section::Lists => 'd',
            Section::Browser => 'e',
            Section::Pages => 'f',
            Section::Crowd => 'g',
            Section::Weight => 'h',
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

impl FromStr for Section {
    type Err = String;

    fn from_str(said: &str) -> Result<Self, String> {
        let known = Section::ALL.into_iter().find(|section| section.to_string() == said.trim());
        known.ok_or_else(|| format!("没有“{said}”这一项，只有 a 到 h"))
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Only to show that everything runs.
    Tiny,
    /// A minute or two.
    Small,
    /// What docs/BENCHMARKS.md tells.
    Full,
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(said: &str) -> Result<Self, String> {
        match said {
            "tiny" => Ok(Scale::Tiny),
            "small" => Ok(Scale::Small),
            "full" => Ok(Scale::Full),
            other => Err(format!("没有“{other}”这一档，只有 tiny、small、full")),
        }
    }
}

impl Scale {
    fn of<T>(self, tiny: T, small: T, full: T) -> T {
        match self {
            Scale::Tiny => tiny,
            Scale::Small => small,
            Scale::Full => full,
        }
    }

    /// How long a floor, or the core, is measured at a time.
    pub(crate) fn seconds(self) -> f64 {
        self.of(0.02, 0.5, 1.0)
    }

    /// Floors and acts take turns so often, so that a busy moment of the machine hits both.
    pub(crate) fn rounds(self) -> usize {
        self.of(1, 2, 4)
    }

    /// Cases in one round; each is approved three times.
    pub(crate) fn cases(self) -> usize {
        self.of(8, 300, 900)
    }

    pub(crate) fn requests(self) -> usize {
        self.of(6, 200, 900)
    }

    /// Open tasks of the office whose lists are measured.
    pub(crate) fn open_tasks(self) -> Vec<usize> {
        self.of(vec![400], vec![20_000], vec![100_000, 1_000_000])
    }

    /// Tasks of a person, and of a registry.
    pub(crate) fn mine(self) -> (usize, usize) {
        self.of((5, 50), (40, 5_000), (40, 5_000))
    }

    pub(crate) fn looks(self) -> usize {
        self.of(3, 50, 200)
    }

    pub(crate) fn signers(self) -> usize {
        self.of(6, 50, 50)
    }

    pub(crate) fn crowds(self) -> usize {
        self.of(1, 2, 5)
    }

    /// Cases that a server remembers while it is weighed.
    pub(crate) fn remembered(self) -> usize {
        self.of(10, 500, 1_000)
    }

    pub(crate) fn prints(self) -> usize {
        self.of(2, 5, 20)
    }
}
