//! Backups: the whole office as one file, made while it works, and back into an empty place of either kind of database.
//! The file is a tar in zstd: rows as lines of JSON by table, objects under their hashes, and at its end a manifest of
//! everything before it, without which the file is not taken.

mod file;
mod make;
mod restore;

use file::{LARGEST, Piece, read};
pub(crate) use make::make;
pub(crate) use restore::restore;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wenshu_storage::snapshot::Shape;

/// Another format is another word here.
const FORMAT: &str = "wenshu-backup 1";
const FIRST: &str = "wenshu-backup.txt";
const MANIFEST: &str = "manifest.json";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub format: String,
    /// By the clock of the database.
    pub made_at: String,
    /// Of the program that made it.
    pub version: String,
    /// The changes that had made the tables.
    pub schema: Vec<String>,
    pub tables: Vec<Copied>,
    pub objects: u64,
    /// One hash over the heads of all streams.
    pub heads: String,
    /// SM3 of every entry of the file.
    pub entries: BTreeMap<String, Entry>,
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copied {
    #[serde(flatten)]
    pub shape: Shape,
    pub rows: u64,
}

/// An entry of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub size: u64,
    pub sm3: String,
}

impl Manifest {
    pub(crate) fn rows(&self, table: &str) -> u64 {
        self.tables.iter().find(|copied| copied.shape.name == table).map_or(0, |copied| copied.rows)
    }
}
