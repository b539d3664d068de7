//! Streams 事件流: what must be remembered. Names of streams, their heads, events to append, events as stored.

use crate::{chain, rows::JournalRow};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use wenshu_core::id::{CaseId, DeliveryId, DocumentId, PersonId};

/// The name of a stream: a UUID of its case, document or delivery, else a word and a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamId(pub String);

impl StreamId {
    /// The stream of a workflow by name.
    #[must_use]
    pub fn workflow(name: &str) -> Self {
        Self(format!("workflow:{name}"))
    }

    /// The one stream of the directory.
    #[must_use]
    pub fn directory() -> Self {
        Self("directory".to_owned())
    }

    /// The one stream of anchors.
    #[must_use]
    pub fn anchor() -> Self {
        Self("anchor".to_owned())
    }

    /// Logins and rights of one person: one stream each, so that logins do not queue.
    #[must_use]
    pub fn security(person: &PersonId) -> Self {
        Self(format!("security:{person}"))
    }

    /// What became of the numbers of a series.
    #[must_use]
    pub fn register(series: &str) -> Self {
        Self(format!("register:{series}"))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! named_by {
    ($($id:ty)*) => {$(
        impl From<$id> for StreamId {
            fn from(id: $id) -> Self {
                Self(id.to_string())
            }
        }
    )*};
}
named_by! { CaseId DocumentId DeliveryId }

crate::table::words! {
    /// What a stream is about.
    StreamKind {
        Case = "case",
        Document = "document",
        Delivery = "delivery",
        Workflow = "workflow",
        Directory = "directory",
        Security = "security",
        /// What was reserved, made void and given in a series of numbers.
        Register = "register",
        /// Heads of all other streams, day by day.
        Anchor = "anchor",
    }
}

/// Where a stream stands: how many events it has, and the hash of the last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub version: u64,
    pub hash: String,
}

impl Head {
    /// Of a stream that is not there yet.
    #[must_use]
    pub fn new_stream() -> Self {
        Self::default()
    }
}

/// An event on its way in. The payload is kept to the byte: it is what is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub at: DateTime<Utc>,
    pub payload: String,
}

/// An event as it lies in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEvent {
    pub stream: StreamId,
    /// From 1.
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub alg: String,
    pub payload: String,
    pub prev: String,
    pub hash: String,
}

/// Events chained onto a head. The head is the guard: whoever finds another one has been overtaken.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    pub stream: StreamId,
    pub kind: StreamKind,
    pub from: Head,
    pub to: Head,
    pub events: Vec<StoredEvent>,
    /// The journal's lines of these events, written in the same commit.
    pub lines: Vec<JournalRow>,
}

impl Append {
    /// Chains `events` onto `from`; their numbers are `from.version + 1` and on.
    #[must_use]
    pub fn new(
        stream: impl Into<StreamId>,
        kind: StreamKind,
        from: Head,
        events: Vec<NewEvent>,
    ) -> Self {
        let stream = stream.into();
        let mut to = from.clone();
        let mut stored = Vec::with_capacity(events.len());
        for NewEvent { at, payload } in events {
            let (seq, prev) = (to.version + 1, to.hash);
            let hash = chain::hash(chain::SM3, &stream, seq, &prev, &payload);
            to = Head { version: seq, hash: hash.clone() };
            stored.push(StoredEvent {
                stream: stream.clone(),
                seq,
                at,
                alg: chain::SM3.to_owned(),
                payload,
                prev,
                hash,
            });
        }
        Self { stream, kind, from, to, events: stored, lines: vec![] }
    }
}
