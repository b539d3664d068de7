//! What goes wrong in storage, as facts. What people did wrong is not here: see [`crate::Refused`].

use crate::stream::StreamId;
use sea_orm::{DbErr, RuntimeErr, sqlx};
use std::{io, path::PathBuf};

/// Whose trouble it is, for those who tell people when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no room left, and nothing was written.
    Full,
    /// The database cannot be reached just now. Whether the last act is in it, its key tells.
    Away,
    /// Ours.
    Fault,
}

/// Trouble of ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the database cannot be reached: {database}")]
    Unreachable { database: String, source: DbErr },
    #[error("cannot write in {}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
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
    Upload(#[source] io::Error),
    #[error("this is no cursor of ours: {0}")]
    Cursor(String),
    #[error("the group of acts failed with its commit: {told}")]
    Group { told: String, cause: Cause },
    #[error("storage is closing")]
    Closing,
}

impl Error {
    /// Whose trouble it is.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Error::Database { source, .. } => of_database(source),
            Error::Group { cause, .. } => *cause,
            Error::Objects(error) => of_files(error),
            Error::Unwritable { source, .. } => of_io(source),
            Error::Unreachable { .. } | Error::Closing => Cause::Away,
            Error::Newer { .. }
            | Error::Behind { .. }
            | Error::Row { .. }
            | Error::Damaged { .. }
            | Error::Duplicate { .. }
            | Error::TooLarge { .. }
            | Error::NoObject(_)
            | Error::Upload(_)
            | Error::Cursor(_) => Cause::Fault,
        }
    }
}

fn of_database(error: &DbErr) -> Cause {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return Cause::Away;
    }
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return Cause::Fault;
    };
    match &**error {
        sqlx::Error::Database(error) => of_code(&error.code().unwrap_or_default()),
        sqlx::Error::Io(error) => match of_io(error) {
            Cause::Full => Cause::Full,
            Cause::Away | Cause::Fault => Cause::Away,
        },
        sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Cause::Away,
        _ => Cause::Fault,
    }
}

/// An SQLSTATE has five characters; the numbers of SQLite have fewer.
fn of_code(code: &str) -> Cause {
    if code.len() == 5 {
        return match code {
            // disk_full
            "53100" => Cause::Full,
            // Memory, connections; stopped, crashed, starting; standing by for another.
            "53200" | "53300" | "57P01" | "57P02" | "57P03" | "25006" => Cause::Away,
            _ if code.starts_with("08") => Cause::Away,
            _ => Cause::Fault,
        };
    }
    match code.parse::<u32>() {
        // SQLITE_FULL, and no room for the file that readers share (SQLITE_IOERR_SHMSIZE).
        Ok(13 | 4874) => Cause::Full,
        // Busy, locked, out of memory, interrupted, input or output.
        Ok(number) if matches!(number & 0xff, 5 | 6 | 7 | 9 | 10) => Cause::Away,
        Ok(_) | Err(_) => Cause::Fault,
    }
}

fn of_files(error: &object_store::Error) -> Cause {
    let mut at: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = at {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return of_io(error);
        }
        at = error.source();
    }
    Cause::Fault
}

fn of_io(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::Full,
        _ => Cause::Fault,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_both_databases_tell_a_full_disk_from_a_restart() {
        for full in ["13", "4874", "53100"] {
            assert_eq!(of_code(full), Cause::Full, "{full}");
        }
        for away in ["5", "261", "778", "57P01", "57P02", "57P03", "53300", "08006"] {
            assert_eq!(of_code(away), Cause::Away, "{away}");
        }
        for fault in ["1", "19", "2067", "23505", "42P01", ""] {
            assert_eq!(of_code(fault), Cause::Fault, "{fault}");
        }
    }

    #[test]
    fn a_full_disk_is_found_below_the_object_store() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let below = object_store::Error::Generic { store: "files", source: Box::new(full) };
        assert_eq!(Error::Objects(below).cause(), Cause::Full);
    }
}
