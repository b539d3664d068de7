//! An act as data: everything that it writes is known before the database is asked. `commit` is the only way to write.

use crate::{
    changes::Changed,
    error::Error,
    search::SearchText,
    stream::{Append, Head, StreamId},
    table::{Cell, Columns, Row, Table},
};
use chrono::{DateTime, Utc};
use std::fmt;
use wenshu_core::id::{CaseId, DocumentId, PersonId, PostId};

/// A write set.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// Events; each stream's head is a guard.
    pub appends: Vec<Append>,
    /// Streams that must stand at this version though nothing is appended to them.
    pub expects: Vec<(StreamId, u64)>,
    /// The version of the directory that was looked at: it must still be the newest.
    pub directory: Option<u64>,
    /// Working copies that must still be those that were saved then: whose, and when.
    pub over: Vec<(CaseId, PersonId, DateTime<Utc>)>,
    /// Idempotency key with the answer to give when it comes again.
    pub key: Option<Key>,
    /// Claimed work that this ends or is a part of. Where its lease is over, by the clock of the database, nothing of
    /// the act is written.
    pub finishes: Vec<Finish>,
    /// Texts to find cases by.
    pub search: Vec<SearchText>,
    /// Whom it concerns, beyond what the rows say themselves.
    pub tell: Changed,
    /// See [`Writes::put`], [`Writes::add`], [`Writes::remove`].
    pub rows: RowChanges,
}

/// Work that was claimed, as it was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    Job {
        id: uuid::Uuid,
        attempts: u32,
    },
    /// It goes on after this; a long job is many acts.
    PartOfJob {
        id: uuid::Uuid,
        attempts: u32,
    },
    Message {
        stream: StreamId,
        seq: u64,
        person: PersonId,
        channel: String,
        attempts: u32,
    },
}

/// Rows to put and to remove.
#[derive(Clone, Debug, Default)]
pub struct RowChanges {
    pub(crate) puts: Vec<Put>,
    pub(crate) removals: Vec<Removal>,
    pub(crate) updates: Vec<Update>,
}

#[derive(Clone, Debug)]
pub(crate) struct Put {
    pub table: &'static Table,
    pub cells: Vec<serde_json::Value>,
    pub mode: Mode,
}

/// What to do when the row is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Replace,
    Keep,
    Refuse,
}

#[derive(Clone, Debug)]
pub(crate) struct Removal {
    pub table: &'static Table,
    /// The first columns of the key, in its order.
    pub prefix: Vec<serde_json::Value>,
}

/// Some columns of a row that is there; of one that is gone, nothing.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub table: &'static Table,
    pub cells: Vec<serde_json::Value>,
}

/// An idempotency key, its request and the answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub person: PersonId,
    pub key: String,
    /// Hash of the request, by which another request with the same key is found out.
    pub request: String,
    /// JSON.
    pub answer: String,
    pub at: DateTime<Utc>,
}

/// What was answered to a key before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    pub request: String,
    pub answer: String,
}

impl Writes {
    /// Adds the row, or makes the row of the same key like it.
    pub fn put<R: Row>(&mut self, row: &R) {
        self.push(row, Mode::Replace);
    }

    /// Adds the row unless one of the same key is there.
    pub fn put_if_absent<R: Row>(&mut self, row: &R) {
        self.push(row, Mode::Keep);
    }

    /// Adds the row; the whole act fails if one of the same key is there.
    pub fn add<R: Row>(&mut self, row: &R) {
        self.push(row, Mode::Refuse);
    }

    /// Removes the rows whose key starts like this, e.g. all working copies of a case. Rows put in the same act stay.
    pub fn remove<R: Row>(&mut self, prefix: &[&str]) {
        let prefix = prefix.iter().map(|part| serde_json::Value::from(*part)).collect();
        self.rows.removals.push(Removal { table: R::TABLE, prefix });
    }

    /// The directory as it stood at an older version is needed no more.
    pub fn remove_directory(&mut self, version: u64) {
        let prefix = vec![version.into()];
        self.rows.removals.push(Removal { table: crate::rows::DirectoryRow::TABLE, prefix });
    }

    /// A session was used. One that was ended meanwhile stays ended.
    pub fn session_seen(&mut self, id: &str, at: DateTime<Utc>) {
        let cells = vec![id.into(), at.timestamp_micros().into()];
        self.rows.updates.push(Update { table: &SESSION_SEEN, cells });
    }

    /// A session acts in this post from now on, unless it was ended meanwhile.
    pub fn session_post(&mut self, id: &str, post: &PostId) {
        let cells = vec![id.into(), post.0.clone().into()];
        self.rows.updates.push(Update { table: &SESSION_POST, cells });
    }

    /// An account's password ages from that time, whatever else is being written about the account.
    pub fn aged_from(&mut self, login: &str, at: DateTime<Utc>) {
        let cells = vec![login.into(), at.raw().into()];
        self.rows.updates.push(Update { table: &AGED_FROM, cells });
    }

    /// A task has left the worklists.
    pub fn remove_offers(&mut self, case: CaseId, task: wenshu_core::id::TaskId) {
        self.rows.removals.push(Removal {
            table: &OFFERS_OF_TASK,
            prefix: vec![case.to_string().into(), task.0.into()],
        });
    }

    /// Whom the act concerns.
    #[must_use]
    pub fn changed(&self) -> Changed {
        self.tell.clone()
    }

    fn push<R: Row>(&mut self, row: &R, mode: Mode) {
        row.concerns(&mut self.tell);
        self.rows.puts.push(Put { table: R::TABLE, cells: row.cells(), mode });
    }
}

/// Offers by their task: the same table, another order of the key, for removals only.
static OFFERS_OF_TASK: Table = Table {
    name: "task_offer",
    key: &["case", "task", "who"],
    columns: &[("case", "text"), ("task", "bigint"), ("who", "text")],
};

/// The rule of numbers that are kept for a document to come.
pub const RESERVED: &str = "reserved";
/// The rule of numbers that never come again.
pub const VOID: &str = "void";

static SESSION_SEEN: Table =
    Table { name: "session", key: &["id"], columns: &[("id", "text"), ("seen_at", "bigint")] };

static SESSION_POST: Table =
    Table { name: "session", key: &["id"], columns: &[("id", "text"), ("post", "text")] };

static AGED_FROM: Table = Table {
    name: "account",
    key: &["login"],
    columns: &[("login", "text"), ("aged_from", "bigint")],
};

/// A number to allot within the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allot {
    pub series: String,
    /// Of 成文日期 in Asia/Shanghai.
    pub year: i32,
    /// Whose number it is: a document, or anything else that has one number per rule.
    pub document: DocumentId,
    /// Which of the document's numbers; asked again, the same number is given.
    pub rule: String,
    /// Only this one will do (补号, or a register book carried on).
    pub wanted: Option<u32>,
}

/// An allotted number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allotted {
    pub series: String,
    pub year: i32,
    pub number: u32,
    /// The document had it already.
    pub again: bool,
}

/// Continues an act once its numbers are known, within the transaction.
pub type Then<R> = Box<dyn FnOnce(Vec<Allotted>) -> Result<Writes, R> + Send>;

/// Something to commit.
#[expect(clippy::large_enum_variant, reason = "moved once, into a box")]
pub enum Act<R> {
    Ready(Writes),
    /// Numbers are allotted in the same transaction; a rollback gives them back.
    Needs {
        allot: Vec<Allot>,
        then: Then<R>,
    },
}

impl<R> fmt::Debug for Act<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Ready(writes) => f.debug_tuple("Ready").field(writes).finish(),
            Act::Needs { allot, .. } => {
                f.debug_struct("Needs").field("allot", allot).finish_non_exhaustive()
            }
        }
    }
}

impl<R> From<Writes> for Act<R> {
    fn from(writes: Writes) -> Self {
        Act::Ready(writes)
    }
}

/// What was committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Where the streams stand now.
    pub heads: Vec<(StreamId, Head)>,
    pub allotted: Vec<Allotted>,
}

impl Committed {
    /// Where this stream stands now, if the act appended to it.
    #[must_use]
    pub fn head(&self, stream: &StreamId) -> Option<&Head> {
        self.heads.iter().find(|(id, _)| id == stream).map(|(_, head)| head)
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused<R> {
    /// Somebody else moved a guarded stream: load, decide again.
    Moved,
    /// This key has been answered.
    KnownKey(KnownKey),
    /// The number asked for is another document's.
    NumberTaken {
        series: String,
        year: i32,
        number: u32,
    },
    /// The continuation of the act refused.
    Rejected(R),
    Failed(Error),
}

impl<R> From<Error> for Refused<R> {
    fn from(error: Error) -> Self {
        Refused::Failed(error)
    }
}
