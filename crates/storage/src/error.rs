//! What goes wrong in storage, as facts. What people did wrong is not here: see [`crate::Refused`].

use crate::stream::StreamId;
use sea_orm::DbErr;
use std::path::PathBuf;

/// Trouble of ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the database cannot be reached: {database}")]
    Unreachable { database: String, source: DbErr },
    #[error("cannot write in {}", path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("the database was made by a newer Wenshu: it has the change {change}, unknown here")]
    Newer { change: String },
    #[error("the database lacks {} change(s); run `wenshu migrate`", changes.len())]
    Behind { changes: Vec<String> },
    #[error("while {doing}")]
    Database { doing: &'static str, source: DbErr },
    #[error("{table}.{column} holds what cannot be read: {why}")]
    Row { table: &'static str, column: &'static str, why: String },
    #[error("stream {stream} is damaged at {seq}")]
    Damaged { stream: StreamId, seq: u64 },
    #[error("a row that must be new is there already ({detail})")]
    Duplicate { detail: String },
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("no object {0}")]
    NoObject(String),
    #[error("object store")]
    Objects(#[source] object_store::Error),
    #[error("reading what was sent")]
    Upload(#[source] std::io::Error),
    #[error("this is no cursor of ours: {0}")]
    Cursor(String),
    #[error("the group of acts failed with its commit: {0}")]
    Group(String),
    #[error("storage is closing")]
    Closing,
}

/// Says what was being done when the database failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, Error>;
}

impl<T> Doing<T> for Result<T, DbErr> {
    fn doing(self, doing: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Database { doing, source })
    }
}
