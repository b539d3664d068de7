//! Loading: events into cases, documents and deliveries; flows and the directory by what is newest.

use crate::{
    cache::Held,
    envelope::{self, Circumstances},
    error::Error,
    log::{CaseLog, DeliveryLog, DocumentLog},
    office::Office,
};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError};
use wenshu_core::{
    Workflow,
    command::Actor,
    compile,
    directory::Directory,
    directory::Seat,
    id::{CaseId, DeliveryId, DocumentId},
};
use wenshu_document::Series;
use wenshu_storage::{
    Act, DirectoryRow, Head, Refused, Row, StreamId, StreamKind, WorkflowRow, Writes,
};

/// A change of the directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum DirectoryEvent {
    /// It is now what lies under this version, with this hash.
    Put { version: u64, hash: String, reason: String },
}

/// What happened to a flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum WorkflowEvent {
    Deployed { hash: String, reason: String },
}

/// A flow that was deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    pub name: String,
    pub title: String,
    pub hash: String,
}

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

    /// The flow that new cases of that name start.
    pub async fn workflow(&self, name: &str) -> Result<Arc<Workflow>, Error> {
        let row = self.inner.storage.newest_workflow(name).await?.ok_or(Error::NotFound)?;
        self.compiled(&row)
    }

    /// The source of the flow that new cases of that name start.
    pub async fn workflow_source(&self, name: &str) -> Result<WorkflowRow, Error> {
        self.inner.storage.newest_workflow(name).await?.ok_or(Error::NotFound)
    }

    /// The flows that new cases may start, by name.
    pub async fn workflows(&self) -> Result<Vec<Arc<Workflow>>, Error> {
        let mut rows = self.inner.storage.workflows().await?;
        // The latest of each name comes first.
        rows.dedup_by(|later, first| later.name == first.name);
        rows.iter().map(|row| self.compiled(row)).collect()
    }

    /// The flow that a case in flight keeps.
    pub async fn workflow_by_hash(&self, name: &str, hash: &str) -> Result<Arc<Workflow>, Error> {
        if let Some(known) =
            self.inner.workflows.read().unwrap_or_else(PoisonError::into_inner).get(hash)
        {
            return Ok(Arc::clone(known));
        }
        let missing = || Error::Workflow { name: name.to_owned(), hash: hash.to_owned() };
        let row = self.inner.storage.workflow(name, hash).await?.ok_or_else(missing)?;
        self.compiled(&row)
    }

    fn compiled(&self, row: &WorkflowRow) -> Result<Arc<Workflow>, Error> {
        if let Some(known) =
            self.inner.workflows.read().unwrap_or_else(PoisonError::into_inner).get(&row.hash)
        {
            return Ok(Arc::clone(known));
        }
        let broken = |_| Error::Workflow { name: row.name.clone(), hash: row.hash.clone() };
        let workflow = Arc::new(compile(&row.source, &self.inner.vocabulary).map_err(broken)?);
        let mut known = self.inner.workflows.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(row.hash.clone(), Arc::clone(&workflow));
        Ok(workflow)
    }

    /// Deploys a flow, or says every problem of it. Cases in flight keep theirs. A flow deployed again is made newest.
    pub async fn deploy(
        &self,
        by: Option<&Seat>,
        source: &str,
        reason: &str,
    ) -> Result<Deployed, Error> {
        let workflow = compile(source, &self.inner.vocabulary).map_err(Error::Problems)?;
        let directory = self.directory().await?;
        if let Some(seat) = by {
            self.require_role(&directory, seat, wenshu_core::FLOW_ADMIN)?;
        }
        let actor = by.map_or(Actor::System, |seat| Actor::Person(seat.clone()));
        let now = self.inner.clock.now();
        let stream = StreamId::workflow(&workflow.name);
        let row = WorkflowRow {
            name: workflow.name.clone(),
            hash: workflow.hash.clone(),
            title: workflow.title.clone(),
            source: source.to_owned(),
            deployed_at: now,
            deployed_by: crate::project::json(&by),
            reason: reason.to_owned(),
        };
        let event =
            WorkflowEvent::Deployed { hash: workflow.hash.clone(), reason: reason.to_owned() };
        self.append_one(stream, StreamKind::Workflow, &actor, &event, |writes| writes.put(&row))
            .await?;
        Ok(Deployed {
            name: workflow.name.clone(),
            title: workflow.title.clone(),
            hash: workflow.hash.clone(),
        })
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
            let envelopes = circumstances.wrap(head.version, std::slice::from_ref(event));
            let mut writes = Writes::default();
            writes.appends.push(envelope::append(stream.clone(), kind, head, &envelopes)?);
            rows(&mut writes);
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return Ok(()),
                Err(Refused::Moved) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(100))
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
