//! The envelope of an event: who, when, under which rules. What one act did to a stream lies under one envelope, as one
//! record; its bytes are what the hash chain covers. Audited streams have a record for each event, as they have a line.

use crate::{act::RequestKey, error::Error, journal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wenshu_core::{command::Actor, directory::Seat};
use wenshu_storage::{Append, Head, NewEvent, StoredEvent, StreamId, StreamKind};

/// An event with the circumstances of its recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope<E> {
    /// Of its record.
    pub seq: u64,
    pub at: DateTime<Utc>,
    /// Person, post and unit as they were; none for the system itself.
    pub actor: Option<Seat>,
    /// Idempotency key of the request.
    pub key: Option<String>,
    /// Hash of the workflow that decided.
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

/// A record as its payload says it.
#[derive(Serialize)]
struct Written<'a, E> {
    seq: u64,
    at: DateTime<Utc>,
    actor: &'a Option<Seat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: &'a Option<String>,
    directory: u64,
    calendar: u64,
    events: Vec<&'a E>,
}

impl<'a, E: Serialize> Written<'a, E> {
    /// What these envelopes have in common, which is everything but their events.
    fn of(seq: u64, envelopes: &'a [Envelope<E>]) -> Option<Self> {
        let Envelope { at, actor, key, workflow, directory, calendar, .. } = envelopes.first()?;
        let events = envelopes.iter().map(|envelope| &envelope.event).collect();
        let (at, directory, calendar) = (*at, *directory, *calendar);
        Some(Self { seq, at, actor, key, workflow, directory, calendar, events })
    }
}

/// A record as it is read; the first ones had one event each.
#[derive(Deserialize)]
struct Read<E> {
    seq: u64,
    at: DateTime<Utc>,
    actor: Option<Seat>,
    key: Option<String>,
    workflow: Option<String>,
    directory: u64,
    calendar: u64,
    #[serde(default = "Vec::new")]
    events: Vec<E>,
    event: Option<E>,
}

/// Chains envelopes onto a stream.
pub(crate) fn append<E: Serialize>(
    stream: impl Into<StreamId>,
    kind: StreamKind,
    from: Head,
    envelopes: &[Envelope<E>],
) -> Result<Append, Error> {
    let stream = stream.into();
    let together = if journal::is_audited(kind) { 1 } else { envelopes.len().max(1) };
    let (mut records, mut lines) = (vec![], vec![]);
    for (record, seq) in envelopes.chunks(together).zip(from.version + 1..) {
        let Some(written) = Written::of(seq, record) else { continue };
        let payload =
            serde_json::to_string(&written).map_err(Error::unreadable(stream.to_string()))?;
        records.push(NewEvent { at: written.at, payload });
        for envelope in record {
            lines.extend(journal::line(&stream, kind, envelope)?);
        }
    }
    Ok(Append { lines, ..Append::new(stream, kind, from, records) })
}

/// Opens the envelopes of a stream, in order.
pub(crate) fn open<E: DeserializeOwned>(
    records: &[StoredEvent],
) -> Result<Vec<Envelope<E>>, Error> {
    let mut all = Vec::with_capacity(records.len());
    for stored in records {
        let record: Read<E> = serde_json::from_str(&stored.payload)
            .map_err(Error::unreadable(format!("{}/{}", stored.stream, stored.seq)))?;
        let Read { seq, at, actor, key, workflow, directory, calendar, events, event } = record;
        all.extend(events.into_iter().chain(event).map(|event| Envelope {
            seq,
            at,
            actor: actor.clone(),
            key: key.clone(),
            workflow: workflow.clone(),
            directory,
            calendar,
            event,
        }));
    }
    Ok(all)
}

/// Opens one record whatever it is about, to be looked at.
///
/// # Errors
/// When it was tampered with so that it cannot be read.
pub fn opened(record: &StoredEvent) -> Result<Vec<Envelope<serde_json::Value>>, Error> {
    open(std::slice::from_ref(record))
}

/// Where the last of these records stands.
pub(crate) fn head(records: &[StoredEvent]) -> Head {
    records.last().map_or_else(Head::default, |record| Head {
        version: record.seq,
        hash: record.hash.clone(),
    })
}
