//! Loading: events into cases, documents and deliveries; the directory by what is newest. Flows are `workshop`.

use crate::{
    cache::Held,
    envelope::{self, Circumstances},
    error::Error,
    log::{CaseLog, DeliveryLog, DocumentLog},
    office::Office,
};
use serde::Serialize;
use std::sync::{Arc, PoisonError};
use wenshu_core::{
    command::Actor,
    directory::{Directory, DirectoryEvent},
    id::{CaseId, DeliveryId, DocumentId},
};
use wenshu_document::Series;
use wenshu_storage::{Act, DirectoryRow, Finish, Head, Refused, Row, StreamId, StreamKind, Writes};

impl Office {
    /// The case as its events make it.
    pub(crate) async fn load(&self, id: CaseId) -> Result<Held, Error> {
        let stored = self.inner.storage.load(&StreamId::from(id)).await?;
        if stored.is_empty() {
            return Err(Error::NotFound);
        }
        let mut log = CaseLog::new(id);
        for envelope in &envelope::open(&stored)? {
            log.replay(envelope);
        }
        log.head = envelope::head(&stored);
        let workflow = self.workflow_by_hash(&log.case.workflow, &log.case.workflow_hash).await?;
        let document = match log.case.document {
            Some(document) => Some(self.load_document(document).await?),
            None => None,
        };
        Ok(Held { log, document, workflow })
    }

    /// The case to look at, newest or read again.
    pub(crate) async fn look(&self, id: CaseId) -> Result<Held, Error> {
        let head = self.head(id).await?;
        match self.inner.cases.at(id, head.version) {
            Some(held) => Ok(held),
            None => self.load(id).await,
        }
    }

    pub(crate) async fn head(&self, id: CaseId) -> Result<Head, Error> {
        self.inner.storage.head(&StreamId::from(id)).await?.ok_or(Error::NotFound)
    }

    pub(crate) async fn load_document(&self, id: DocumentId) -> Result<DocumentLog, Error> {
        let stored = self.inner.storage.load(&StreamId::from(id)).await?;
        let envelopes = envelope::open(&stored)?;
        DocumentLog::replay(id, &envelopes, envelope::head(&stored)).ok_or(Error::NotFound)
    }

    pub(crate) async fn load_delivery(&self, id: DeliveryId) -> Result<DeliveryLog, Error> {
        let stored = self.inner.storage.load(&StreamId::from(id)).await?;
        let envelopes = envelope::open(&stored)?;
        DeliveryLog::replay(id, &envelopes, envelope::head(&stored)).ok_or(Error::NotFound)
    }

    /// The directory as it stands; looked up anew when another node changed it.
    pub async fn directory(&self) -> Result<Arc<Directory>, Error> {
        let newest = self.inner.storage.directory_version().await?;
        let known = self.known_directory();
        if newest.is_none_or(|newest| newest == known.version) {
            return Ok(known);
        }
        let Some(row) = self.inner.storage.directory().await? else { return Ok(known) };
        let directory: Directory = row.body.read().map_err(Error::unreadable("the directory"))?;
        let directory = Arc::new(directory);
        *self.inner.directory.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::clone(&directory);
        self.learn_names(&directory);
        Ok(directory)
    }

    /// Puts a new directory in place; its version is the next one. Series of numbers come with it.
    pub async fn put_directory(
        &self,
        by: &Actor,
        mut directory: Directory,
        series: &[Series],
        reason: &str,
    ) -> Result<u64, Error> {
        directory.version = self.inner.storage.directory_version().await?.unwrap_or(0) + 1;
        let version = directory.version;
        let body = crate::project::json(&directory);
        let hash = wenshu_document::hash::sm3_hex(body.0.to_string().as_bytes());
        let row = DirectoryRow { version, body, at: self.inner.clock.now() };
        let event = DirectoryEvent::Put { version, hash, reason: reason.to_owned() };
        self.append_one(StreamId::directory(), StreamKind::Directory, by, &event, |writes| {
            writes.add(&row);
            for series in series {
                writes.put(&crate::number::series_row(series));
            }
        })
        .await?;
        self.directory().await?;
        Ok(version)
    }

    /// Appends one event to a stream of the office itself, with the rows that go with it.
    pub(crate) async fn append_one<E: Serialize + Clone>(
        &self,
        stream: StreamId,
        kind: StreamKind,
        by: &Actor,
        event: &E,
        rows: impl Fn(&mut Writes),
    ) -> Result<(), Error> {
        for _ in 0..100 {
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            let known = self.known_directory().version;
            let now = self.inner.clock.now();
            let circumstances = Circumstances::new(now, by, known, self.inner.calendar.version);
            let circumstances = circumstances.keyed(self.key());
            let envelopes = circumstances.wrap(head.version, std::slice::from_ref(event));
            let mut writes = Writes::default();
            writes.appends.push(envelope::append(stream.clone(), kind, head, &envelopes)?);
            rows(&mut writes);
            let ends = writes.finishes.clone();
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return Ok(()),
                Err(Refused::Moved) => self.still_held(&ends).await?,
                Err(Refused::KnownKey(known)) => return self.found(&known),
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(100))
    }

    /// Whether the jobs that were to end are still their claimers'.
    async fn still_held(&self, ends: &[Finish]) -> Result<(), Error> {
        for end in ends {
            match end {
                Finish::Job { id, attempts } | Finish::PartOfJob { id, attempts } => {
                    if !self.inner.storage.job_held(*id, *attempts).await? {
                        return Err(Error::LeaseLost);
                    }
                }
                Finish::Message { .. } => {}
            }
        }
        Ok(())
    }

    /// Writes rows that no event stands behind.
    pub(crate) async fn write(&self, writes: Writes) -> Result<(), Error> {
        self.inner.storage.commit::<Error>(Act::Ready(writes)).await.map_err(unexpected)?;
        Ok(())
    }

    pub(crate) async fn put_row<R: Row>(&self, row: &R) -> Result<(), Error> {
        let mut writes = Writes::default();
        writes.put(row);
        self.write(writes).await
    }
}

/// A refusal where only trouble of ours can come.
pub(crate) fn unexpected(refused: Refused<Error>) -> Error {
    match refused {
        Refused::Failed(error) => error.into(),
        Refused::Rejected(error) => error,
        Refused::Moved | Refused::NumberTaken { .. } => Error::Busy(1),
        Refused::KnownKey(_) => Error::KeyReused,
    }
}
