//! Streams and events as tables. Only `read::streams` reads them, only the joined statements write them.

use crate::{
    stream::{StoredEvent, StreamId, StreamKind},
    table::{Row, tables},
};
use chrono::{DateTime, Utc};

tables! {
    /// A stream and its head.
    StreamRow in stream("stream") {
        key { id: StreamId }
        kind: StreamKind,
        version: u64,
        head: String,
    }

    /// An event.
    EventRow in event("event") {
        key { stream: StreamId, seq: u64 }
        at: DateTime<Utc>,
        alg: String,
        payload: String,
        prev: String,
        hash: String,
    }
}

impl Row for EventRow {}

impl From<&StoredEvent> for EventRow {
    fn from(event: &StoredEvent) -> Self {
        let StoredEvent { stream, seq, at, alg, payload, prev, hash } = event.clone();
        Self { stream, seq, at, alg, payload, prev, hash }
    }
}

impl From<EventRow> for StoredEvent {
    fn from(row: EventRow) -> Self {
        let EventRow { stream, seq, at, alg, payload, prev, hash } = row;
        Self { stream, seq, at, alg, payload, prev, hash }
    }
}
