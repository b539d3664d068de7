//! Looking at a case: everything that its page shows, for one reader, and no more than they may see.

use crate::{
    cache::Held,
    desk::{Working, person},
    envelope::{self, Envelope},
    error::Error,
    office::Office,
    paper,
    timeline::{Entry, timeline},
};
use bytes::Bytes;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;
use wenshu_core::{
    Case, Context, Workflow, allowed,
    command::Actor,
    directory::Directory,
    directory::Seat,
    event::Event,
    forecast::{Foreseen, forecast},
    id::{CaseId, TaskId},
    offer::{Offer, candidates},
    value::Facts,
};
use wenshu_document::{
    Body, Document, DocumentEvent, Finding, Metadata, Moment, check,
    diff::{Change, FieldChange, body_changes, field_changes},
    facts,
    number::official_date,
    press::Sheet,
    revise,
};
use wenshu_storage::{AccessWhy, AttachmentRow, DeliveryRow, LinkRow, StreamId};

/// Why a reader may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// A task is in their hands.
    Holder,
    /// They started it, or had a task.
    Involved,
    /// They were given a copy.
    Cc,
    /// They see where it stands and nothing else.
    Oversight,
}

/// A case as one reader sees it. For oversight there is no document, no opinion and no value of a form in it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    pub case: Case,
    pub workflow: Arc<Workflow>,
    pub document: Option<Document>,
    pub body: Option<Arc<Body>>,
    pub working: Option<Working>,
    /// What the rules of form have to say of the document, with the reader's working copy in it.
    pub findings: Vec<Finding>,
    pub timeline: Vec<Entry>,
    pub offers: Vec<Offer>,
    pub attachments: Vec<AttachmentRow>,
    /// Links to cases that the reader may see, e.g. to the 请示 that it answers.
    pub links: Vec<LinkRow>,
    /// Whom the reader may choose from, by task and name of the choice; no entry: anybody.
    pub candidates: BTreeMap<(TaskId, String), Vec<Seat>>,
    /// How many deliveries there are, and how many were signed for.
    pub deliveries: Option<(usize, usize)>,
    pub access: Access,
    /// The version of the document that the reader saw last.
    pub seen: Option<u32>,
    pub directory: Arc<Directory>,
}

/// What changed between two versions.
#[derive(Clone, Debug)]
pub struct Changes {
    pub from: u32,
    pub to: u32,
    pub fields: Vec<FieldChange>,
    pub body: Vec<Change>,
    /// Opinions given since.
    pub opinions: Vec<Entry>,
    /// Attachments as they are now, where they changed.
    pub attachments: Vec<wenshu_document::Attachment>,
}

impl Office {
    /// The case as this reader sees it.
    pub async fn file(&self, seat: &Seat, id: CaseId) -> Result<CaseFile, Error> {
        let viewer = self.viewer(seat).await?;
        let why = self.inner.storage.may_see(&viewer, id).await?;
        if why.is_empty() && !self.oversees(seat).await? {
            return Err(Error::NotFound);
        }
        let held = self.look(id).await?;
        let directory = self.directory().await?;
        if why.is_empty() {
            return self.overseen(seat, held, directory).await;
        }
        let body = match &held.document {
            Some(log) => Some(self.body(&log.document.body_hash).await?),
            None => None,
        };
        let person = person(seat)?;
        let holds = held.log.case.open_tasks().any(|task| match &task.holder {
            Some(holder) => holder.admits(seat),
            None => task.offered.iter().any(|offered| offered.admits(seat)),
        });
        let access = match (holds, why.iter().all(|why| *why == AccessWhy::Cc)) {
            (true, _) => Access::Holder,
            (false, true) => Access::Cc,
            (false, false) => Access::Involved,
        };
        let deliveries = match &held.document {
            Some(log) if log.document.dispatched.is_some() => {
                Some(counted(&self.inner.storage.deliveries(id).await?))
            }
            Some(_) | None => None,
        };
        let written = self.as_written(seat, held.clone(), body.clone()).await?;
        let findings = self.findings(&written.0, written.1.as_deref(), &directory);
        Ok(CaseFile {
            findings,
            working: self.working(id, person).await?,
            timeline: self.timeline(id).await?,
            offers: self.offers(seat, &held, body.as_deref(), &directory),
            candidates: self.candidates(seat, &held, body.as_deref(), &directory),
            attachments: self.inner.storage.attachments(id, person).await?,
            links: self.linked(&viewer, id).await?,
            deliveries,
            access,
            seen: self.inner.storage.seen(person, id).await?.map(|seen| seen.version),
            workflow: held.workflow,
            document: held.document.map(|log| log.document),
            case: held.log.case,
            body,
            directory,
        })
    }

    /// Where a case stands and what may be done about it, without anything that was written in it.
    async fn overseen(
        &self,
        seat: &Seat,
        held: Held,
        directory: Arc<Directory>,
    ) -> Result<CaseFile, Error> {
        let offers = self.offers(seat, &held, None, &directory);
        let mut timeline = self.timeline(held.log.case.id).await?;
        for entry in &mut timeline {
            entry.text.clear();
        }
        let mut case = held.log.case;
        case.opinions.clear();
        case.form.clear();
        // A reader's task repeats the words with which it was handed round.
        for task in case.tasks.values_mut().filter(|task| task.visit.is_none()) {
            task.ask.clear();
        }
        Ok(CaseFile {
            case,
            workflow: held.workflow,
            document: None,
            body: None,
            working: None,
            findings: vec![],
            timeline,
            offers,
            attachments: vec![],
            links: vec![],
            candidates: BTreeMap::new(),
            deliveries: None,
            access: Access::Oversight,
            seen: None,
            directory,
        })
    }

    /// The case with the reader's own working copy in it: what they are writing is what they want checked and
    /// foreseen, not what they handed over before.
    async fn as_written(
        &self,
        seat: &Seat,
        mut held: Held,
        body: Option<Arc<Body>>,
    ) -> Result<(Held, Option<Arc<Body>>), Error> {
        let id = held.log.case.id;
        let Some(working) = self.working(id, person(seat)?).await? else { return Ok((held, body)) };
        let Some((log, text)) = held.document.as_mut().zip(body.clone()) else {
            held.log.case.form.extend(working.fields);
            return Ok((held, body));
        };
        let mut changes = working.fields;
        if let Some(text) = working.body {
            changes.insert("body".into(), wenshu_core::value::Value::Text(text.to_string()));
        }
        // A copy that cannot be applied was refused when it was saved; an older one says nothing of this version.
        let Ok(revision) = revise(&log.document.metadata, &text, &changes, &[]) else {
            return Ok((held, body));
        };
        log.document.metadata = revision.metadata;
        Ok((held, Some(revision.body.map_or(text, Arc::new))))
    }

    fn findings(&self, held: &Held, body: Option<&Body>, directory: &Directory) -> Vec<Finding> {
        let Some((log, body)) = held.document.as_ref().zip(body) else { return vec![] };
        if log.document.received.is_some() {
            return vec![];
        }
        let moment = if log.document.signed.is_some() { Moment::Number } else { Moment::Submit };
        check(&log.document, body, directory, moment)
    }

    fn offers(
        &self,
        seat: &Seat,
        held: &Held,
        body: Option<&Body>,
        directory: &Directory,
    ) -> Vec<Offer> {
        let actor = Actor::Person(seat.clone());
        let facts = facts_of(held, body);
        allowed(&self.context(held, &facts, &actor, directory), &held.log.case)
    }

    fn candidates(
        &self,
        seat: &Seat,
        held: &Held,
        body: Option<&Body>,
        directory: &Directory,
    ) -> BTreeMap<(TaskId, String), Vec<Seat>> {
        let actor = Actor::Person(seat.clone());
        let facts = facts_of(held, body);
        candidates(&self.context(held, &facts, &actor, directory), &held.log.case)
    }

    fn context<'a>(
        &'a self,
        held: &'a Held,
        facts: &'a Facts,
        actor: &'a Actor,
        directory: &'a Directory,
    ) -> Context<'a> {
        Context {
            workflow: &held.workflow,
            directory,
            calendar: &self.inner.calendar,
            vocabulary: &self.inner.vocabulary,
            facts,
            actor,
            now: self.inner.clock.now(),
            document: held.log.case.document,
        }
    }

    /// The way ahead as it looks now.
    pub async fn forecast(&self, seat: &Seat, id: CaseId) -> Result<Vec<Foreseen>, Error> {
        self.require_standing(seat, id).await?;
        let held = self.look(id).await?;
        let directory = self.directory().await?;
        let body = match &held.document {
            Some(log) => Some(self.body(&log.document.body_hash).await?),
            None => None,
        };
        let (held, body) = self.as_written(seat, held, body).await?;
        let facts = facts_of(&held, body.as_deref());
        let actor = Actor::Person(seat.clone());
        Ok(forecast(&self.context(&held, &facts, &actor, &directory), &held.log.case))
    }

    /// Everything that happened, in order.
    pub(crate) async fn timeline(&self, id: CaseId) -> Result<Vec<Entry>, Error> {
        let stored = self.inner.storage.load(&StreamId::from(id)).await?;
        let envelopes: Vec<Envelope<Event>> = envelope::open(&stored)?;
        Ok(timeline(envelopes.iter().map(|envelope| (envelope.at, &envelope.event))))
    }

    /// What changed since a version of the document.
    pub async fn changes(&self, seat: &Seat, id: CaseId, since: u32) -> Result<Changes, Error> {
        self.require_sight(seat, id).await?;
        let held = self.look(id).await?;
        let document = held.document.as_ref().ok_or(Error::NotFound)?;
        let (old, old_body) = self.version(&document.document, since).await?;
        let (now, body) =
            (&document.document.metadata, self.body(&document.document.body_hash).await?);
        let old_body = self.body(&old_body).await?;
        let at = document
            .document
            .versions
            .iter()
            .find(|note| note.version == since)
            .map(|note| note.at);
        let mut opinions = self.timeline(id).await?;
        opinions.retain(|entry| entry.version.is_some() && at.is_none_or(|at| entry.at > at));
        let attachments =
            if old.attachments == now.attachments { vec![] } else { now.attachments.clone() };
        Ok(Changes {
            from: since,
            to: document.document.version,
            fields: field_changes(&old, now),
            body: body_changes(&old_body, &body),
            opinions,
            attachments,
        })
    }

    /// The elements of a version, and the hash of its text.
    async fn version(
        &self,
        document: &Document,
        version: u32,
    ) -> Result<(Metadata, String), Error> {
        let stored = self.inner.storage.load(&StreamId::from(document.id)).await?;
        let envelopes: Vec<Envelope<DocumentEvent>> = envelope::open(&stored)?;
        let events: Vec<DocumentEvent> =
            envelopes.into_iter().map(|envelope| envelope.event).collect();
        // The version stands until a later one is saved.
        let later = |event: &DocumentEvent| matches!(event, DocumentEvent::Changed { version: v, .. } if *v > version);
        let upto = events.iter().position(later).unwrap_or(events.len());
        let then =
            Document::replay(document.id, &events[..upto]).filter(|then| then.version == version);
        then.map(|then| (then.metadata, then.body_hash)).ok_or(Error::NotFound)
    }

    /// The file as sealed or made; else, or when asked for, a draft that says so on every page.
    pub async fn pdf(&self, seat: &Seat, id: CaseId, draft: bool) -> Result<Bytes, Error> {
        self.require_sight(seat, id).await?;
        let held = self.look(id).await?;
        let log = held.document.as_ref().ok_or(Error::NotFound)?;
        let received = log.document.received.as_ref().and_then(|received| received.pdf.as_deref());
        if let Some(pdf) = log.document.pdf().or(received).filter(|_| !draft) {
            return Ok(self.inner.storage.objects().bytes(&crate::cache::object_key(pdf)?).await?);
        }
        let directory = self.directory().await?;
        let text = self.body(&log.document.body_hash).await?;
        let (written, body) = self.as_written(seat, held.clone(), Some(text)).await?;
        let (log, body) = written.document.as_ref().zip(body).ok_or(Error::NotFound)?;
        let document = log.document.clone();
        let today = official_date(self.inner.clock.now());
        let mut sheet = paper::official(&document, (*body).clone(), &directory, today);
        sheet.draft = Some("草稿".to_owned());
        Ok(self.print(Sheet::Official(Box::new(sheet))).await?.pdf.into())
    }

    /// 文件处理单.
    pub async fn handling_sheet(&self, seat: &Seat, id: CaseId) -> Result<Bytes, Error> {
        self.require_sight(seat, id).await?;
        let held = self.look(id).await?;
        Ok(self.handling_of(&held).await?.into())
    }

    pub(crate) async fn handling_of(&self, held: &Held) -> Result<Vec<u8>, Error> {
        let case = &held.log.case;
        let directory = self.directory().await?;
        let document = held.document.as_ref().map(|log| &log.document);
        let entries = self.timeline(case.id).await?;
        // Dated by what happened last, so that the same record prints the same sheet.
        let sheet = paper::handling(
            case,
            &held.workflow.title,
            document,
            &directory,
            &entries,
            held.log.updated_at,
        );
        Ok(self.print(Sheet::Handling(sheet)).await?.pdf)
    }

    /// An attachment's row and its content.
    pub async fn attachment(
        &self,
        seat: &Seat,
        id: CaseId,
        attachment: Uuid,
    ) -> Result<(AttachmentRow, Bytes), Error> {
        self.require_sight(seat, id).await?;
        let row = self.inner.storage.attachment(id, attachment, person(seat)?).await?;
        let row = row.ok_or(Error::NotFound)?;
        let bytes =
            self.inner.storage.objects().bytes(&crate::cache::object_key(&row.sha)?).await?;
        Ok((row, bytes))
    }
}

fn facts_of(held: &Held, body: Option<&Body>) -> Facts {
    held.document.as_ref().map(|log| facts(&log.document, body)).unwrap_or_default()
}

/// How many deliveries there are, and how many were signed for.
fn counted(deliveries: &[DeliveryRow]) -> (usize, usize) {
    (deliveries.len(), deliveries.iter().filter(|row| row.signed_at.is_some()).count())
}
