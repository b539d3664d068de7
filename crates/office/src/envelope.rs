//! The envelope of a stored event: who, when, under which rules. Its bytes are what the hash chain covers.

use crate::{act::RequestKey, error::Error, journal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wenshu_core::{command::Actor, directory::Seat};
use wenshu_storage::{Append, Head, NewEvent, StoredEvent, StreamId, StreamKind};

/// An event with the circumstances of its recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope<E> {
    pub seq: u64,
    pub at: DateTime<Utc>,
    /// Person, post and unit as they were; none for the system itself.
    pub actor: Option<Seat>,
    /// Idempotency key of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Hash of the workflow that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Version of the directory that was looked at.
    pub directory: u64,
    /// Version of the calendar.
    pub calendar: u64,
    pub event: E,
}

/// The circumstances that the events of one act share.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    pub at: DateTime<Utc>,
    pub actor: Option<Seat>,
    pub key: Option<String>,
    pub workflow: Option<String>,
    pub directory: u64,
    pub calendar: u64,
}

impl Circumstances {
    /// Of an act at `at` under directory version `directory`.
    pub(crate) fn new(at: DateTime<Utc>, actor: &Actor, directory: u64, calendar: u64) -> Self {
        Self { at, actor: actor.seat().cloned(), key: None, workflow: None, directory, calendar }
    }

    /// Of a request with this key.
    pub(crate) fn keyed(self, key: Option<&RequestKey>) -> Self {
        Self { key: key.map(|key| key.key.clone()), ..self }
    }

    /// Puts events into envelopes.
    pub(crate) fn wrap<E: Clone>(&self, from: u64, events: &[E]) -> Vec<Envelope<E>> {
        let numbered = events.iter().zip(from + 1..);
        let wrapped = numbered.map(|(event, seq)| Envelope {
            seq,
            at: self.at,
            actor: self.actor.clone(),
            key: self.key.clone(),
            workflow: self.workflow.clone(),
            directory: self.directory,
            calendar: self.calendar,
            event: event.clone(),
        });
        wrapped.collect()
    }
}

/// Chains envelopes onto a stream.
pub(crate) fn append<E: Serialize>(
    stream: impl Into<StreamId>,
    kind: StreamKind,
    from: Head,
    envelopes: &[Envelope<E>],
) -> Result<Append, Error> {
    let stream = stream.into();
    let mut events = Vec::with_capacity(envelopes.len());
    let mut lines = vec![];
    for envelope in envelopes {
        let payload =
            serde_json::to_string(envelope).map_err(Error::unreadable(stream.to_string()))?;
        lines.extend(journal::line(&stream, kind, envelope)?);
        events.push(NewEvent { at: envelope.at, payload });
    }
    Ok(Append { lines, ..Append::new(stream, kind, from, events) })
}

/// Opens the envelopes of a stream, in order.
pub(crate) fn open<E: DeserializeOwned>(events: &[StoredEvent]) -> Result<Vec<Envelope<E>>, Error> {
    let read = |event: &StoredEvent| {
        serde_json::from_str(&event.payload)
            .map_err(Error::unreadable(format!("{}/{}", event.stream, event.seq)))
    };
    events.iter().map(read).collect()
}

/// Where the last of these events stands.
pub(crate) fn head(events: &[StoredEvent]) -> Head {
    events
        .last()
        .map_or_else(Head::default, |event| Head { version: event.seq, hash: event.hash.clone() })
}
