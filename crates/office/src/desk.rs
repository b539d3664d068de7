//! The drafter's desk: new cases, the working copy that nobody else sees, attachments, and handing all of it over.

use crate::{
    act::{Acted, Begin, Order, RequestKey},
    cache::Held,
    error::Error,
    filename,
    load::unexpected,
    office::Office,
    project,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;
use wenshu_core::{
    Rejection,
    command::{Actor, Command, Completion},
    directory::Seat,
    event::TaskKind,
    id::{CaseId, DocumentId, PersonId},
    value::Facts,
    value::Value,
    workflow::{Carrier, Handle},
};
use wenshu_document::{
    Attachment, Body, DocumentEvent, Kind, Metadata, Revision, event::BodyRef, revise,
    vocabulary::metadata_facts,
};
use wenshu_storage::{Act, AttachmentRow, Refused, SeenRow, StreamId, WorkingRow, Writes};

/// How often a working copy or its files are tried while others write.
const TRIES: u32 = 20;

/// What a new case is to be.
#[derive(Clone, Debug)]
pub struct NewCase {
    pub workflow: String,
    /// 文种 of its document; 通知 unless said.
    pub kind: Option<Kind>,
    pub title: String,
}

/// What was handed over, worked into elements and text.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    pub revision: Option<Revision>,
    pub body: Option<Arc<Body>>,
    /// The files that the document names now, to be seen by all who see it.
    pub files: Vec<AttachmentRow>,
}

/// A working copy as it was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Working {
    pub fields: Facts,
    /// The editor's JSON.
    pub body: Option<serde_json::Value>,
    /// The version of the document that it was made from.
    pub base: u32,
    pub saved_at: DateTime<Utc>,
}

impl Office {
    /// Starts a case with its first task, and with a document when the flow carries one.
    pub async fn create(
        &self,
        seat: &Seat,
        new: NewCase,
        key: Option<RequestKey>,
    ) -> Result<Acted, Error> {
        let workflow = self.startable(&new.workflow).await?;
        if workflow.begins_by_registration() {
            let title = workflow.title.clone();
            return Err(Rejection::OnlyByRegistration { title }.into());
        }
        let case = CaseId(Uuid::now_v7());
        let actor = Actor::Person(seat.clone());
        let document = match &workflow.carries {
            Carrier::Form(_) => None,
            Carrier::Document => Some(self.blank(seat, case, &new).await?),
        };
        let mut order = Order::new(&actor, case, Command::Start { title: new.title });
        order.key = key;
        self.begin(order, Begin { workflow, document, also: Writes::default() }).await
    }

    async fn blank(
        &self,
        seat: &Seat,
        case: CaseId,
        new: &NewCase,
    ) -> Result<(DocumentId, DocumentEvent, Arc<Body>), Error> {
        let directory = self.directory().await?;
        let organ = directory
            .organ_of(&seat.unit)
            .map_or_else(|| seat.unit.clone(), |unit| unit.id.clone());
        let metadata =
            Metadata::new(new.kind.unwrap_or(Kind::Notice), &new.title, organ, seat.unit.clone());
        let body = self.keep_body(Body::default()).await?;
        let event = DocumentEvent::Drafted {
            case,
            metadata: Box::new(metadata),
            body: BodyRef::from(&*body),
            by: seat.clone(),
            at: self.inner.clock.now(),
            received: None,
        };
        Ok((DocumentId(Uuid::now_v7()), event, body))
    }

    /// Saves the working copy of a holder who may change the document or form. It is theirs alone until handed over.
    pub async fn save_working(
        &self,
        seat: &Seat,
        case: CaseId,
        fields: Facts,
        body: Option<serde_json::Value>,
        base: u32,
    ) -> Result<Working, Error> {
        self.save_working_over(seat, case, fields, body, base, None).await
    }

    /// The same over the copy that was saved `after` then, or over none: what another window saved since is kept.
    pub async fn save_working_over(
        &self,
        seat: &Seat,
        case: CaseId,
        fields: Facts,
        body: Option<serde_json::Value>,
        base: u32,
        after: Option<Option<DateTime<Utc>>>,
    ) -> Result<Working, Error> {
        for _ in 0..TRIES {
            let (fields, body) = (fields.clone(), body.clone());
            if let Some(saved) = self.try_to_save(seat, case, fields, body, base, after).await? {
                return Ok(saved);
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// One try; none if the copy became another while it was looked at.
    async fn try_to_save(
        &self,
        seat: &Seat,
        case: CaseId,
        fields: Facts,
        body: Option<serde_json::Value>,
        base: u32,
        after: Option<Option<DateTime<Utc>>>,
    ) -> Result<Option<Working>, Error> {
        // Spares this node the trouble; between nodes the commit finds out.
        let _turn = self.inner.turns.take(case).await;
        self.require_sight(seat, case).await?;
        let held = self.look(case).await?;
        let (_, handle) = editing(&held, seat).ok_or(Error::NotFound)?;
        let person = person(seat)?;
        for name in fields.keys().map(String::as_str).chain(body.is_some().then_some("body")) {
            if !handle.edit.contains(name) {
                return Err(Error::Invalid {
                    field: name.to_owned(),
                    text: format!("本环节不能修改“{}”", self.title(&held, name)),
                });
            }
        }
        let now = held.log.case.document_version;
        if held.document.is_some() && base != now {
            return Err(Error::Stale { base, now });
        }
        let there = self.working(case, person).await?;
        let (was, before) = (there.as_ref().map(|there| there.saved_at), there);
        let before = before.filter(|before| before.base == base);
        if let Some(saved) = after
            && let Some(working) = &before
            && saved != Some(working.saved_at)
        {
            let fields = others(working, &fields, body.as_ref());
            // The very same, e.g. because the answer to it was lost, is no conflict.
            if fields.is_empty() {
                return Ok(Some(working.clone()));
            }
            return Err(Error::SavedElsewhere { working: Box::new(working.clone()), fields });
        }
        // Without a text the one saved before stands.
        let body = body.or_else(|| before.and_then(|before| before.body));
        // A copy that could never be handed over is refused while its writer still looks at it.
        let mut changes = fields.clone();
        if let Some(body) = &body {
            changes.insert("body".into(), Value::Text(body.to_string()));
        }
        let files = self.files(case, Some(person)).await?;
        self.revised(&held, &files, &changes).await?;
        let saved_at = self.inner.clock.now();
        let row = WorkingRow {
            case,
            person: person.clone(),
            fields: project::json(&fields),
            body: body.clone().map(wenshu_storage::Json),
            base,
            saved_at,
        };
        let mut writes = Writes::default();
        match was {
            Some(saved) => {
                writes.over.push((case, person.clone(), saved));
                writes.put(&row);
            }
            None => writes.add(&row),
        }
        match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
            Ok(_) => Ok(Some(Working { fields, body, base, saved_at })),
            // Through another node the copy was saved or used up since it was looked at.
            Err(Refused::Moved | Refused::Failed(wenshu_storage::Error::Duplicate { .. })) => {
                Ok(None)
            }
            Err(refused) => Err(unexpected(refused)),
        }
    }

    /// The working copy of a person, if they saved one.
    pub(crate) async fn working(
        &self,
        case: CaseId,
        person: &PersonId,
    ) -> Result<Option<Working>, Error> {
        let Some(row) = self.inner.storage.working(case, person).await? else { return Ok(None) };
        let fields = row.fields.read().map_err(Error::unreadable("a working copy"))?;
        Ok(Some(Working {
            fields,
            body: row.body.map(|body| body.0),
            base: row.base,
            saved_at: row.saved_at,
        }))
    }

    /// Works the changes of a completion, and the working copy when asked for, into what the core and the document
    /// are told. Texts are stored under their hash before any event names them.
    pub(crate) async fn handed(
        &self,
        order: &Order,
        held: &Held,
        command: &mut Command,
    ) -> Result<Handed, Error> {
        let Command::Complete(completion) = command else { return Ok(Handed::default()) };
        let mut changes = Facts::new();
        if let Some(seat) = order.actor.seat().filter(|_| order.working) {
            let person = person(seat)?;
            if let Some(working) = self.working(held.log.case.id, person).await? {
                let now = held.log.case.document_version;
                if held.document.is_some() && working.base != now {
                    return Err(Rejection::DocumentChanged { seen: working.base, now }.into());
                }
                changes.extend(working.fields);
                if let Some(body) = working.body {
                    changes.insert("body".into(), Value::Text(body.to_string()));
                }
            }
            self.add_uploads(held, seat, &mut changes).await?;
        }
        changes.append(&mut completion.changes);
        match &held.document {
            None => {
                changes.retain(|name, value| held.log.case.form.get(name) != Some(value));
                completion.changes = changes;
                Ok(Handed::default())
            }
            Some(_) if changes.is_empty() => Ok(Handed::default()),
            Some(_) => {
                let person = order.actor.seat().map(person).transpose()?;
                self.hand(held, person, completion, changes).await
            }
        }
    }

    async fn hand(
        &self,
        held: &Held,
        by: Option<&PersonId>,
        completion: &mut Completion,
        changes: Facts,
    ) -> Result<Handed, Error> {
        let files = self.files(held.log.case.id, by).await?;
        let Some(revision) = self.revised(held, &files, &changes).await? else {
            return Ok(Handed::default());
        };
        let body = match &revision.body {
            Some(body) => Some(self.keep_body(body.clone()).await?),
            None => None,
        };
        if revision.fields.is_empty() {
            return Ok(Handed::default());
        }
        let now = metadata_facts(&revision.metadata);
        for field in &revision.fields {
            let value = match field.as_str() {
                "body" => Value::Text(body.as_ref().map(|body| body.hash()).unwrap_or_default()),
                name => now.get(name).cloned().unwrap_or(Value::Text(String::new())),
            };
            completion.changes.insert(field.clone(), value);
        }
        // What follows from another field, e.g. the direction from the kind, was not the holder's change.
        completion.changes.retain(|name, _| changes.contains_key(name));
        // Written again with the act: a file that another node takes off the list meanwhile is the document's by then.
        let named = |row: &AttachmentRow| {
            revision.metadata.attachments.iter().any(|file| file.hash == row.sha)
        };
        let given = |row: AttachmentRow| AttachmentRow { only_for: None, ..row };
        let files = files.into_iter().filter(named).map(given).collect();
        Ok(Handed { revision: Some(revision), body, files })
    }

    /// The document with changes applied, every one of them checked; none for forms.
    async fn revised(
        &self,
        held: &Held,
        files: &[AttachmentRow],
        changes: &Facts,
    ) -> Result<Option<Revision>, Error> {
        let Some(log) = &held.document else {
            self.check_form(held, changes)?;
            return Ok(None);
        };
        let body = self.body(&log.document.body_hash).await?;
        let uploads: Vec<Attachment> = files.iter().map(uploaded).collect();
        Ok(Some(revise(&log.document.metadata, &body, changes, &uploads)?))
    }

    fn check_form(&self, held: &Held, changes: &Facts) -> Result<(), Error> {
        let Carrier::Form(fields) = &held.workflow.carries else { return Ok(()) };
        for (name, value) in changes {
            let Some(field) = fields.iter().find(|field| field.name == *name) else {
                return Err(Error::Invalid {
                    field: name.clone(),
                    text: format!("表单没有“{name}”这个字段"),
                });
            };
            if !field.takes(value) {
                return Err(Error::Invalid {
                    field: name.clone(),
                    text: format!("“{}”的值类型不对", field.title),
                });
            }
        }
        Ok(())
    }

    /// Files uploaded since go with the document, unless the working copy lists its attachments itself.
    async fn add_uploads(
        &self,
        held: &Held,
        seat: &Seat,
        changes: &mut Facts,
    ) -> Result<(), Error> {
        let may =
            editing(held, seat).is_some_and(|(_, handle)| handle.edit.contains("attachments"));
        let Some(log) =
            held.document.as_ref().filter(|_| may && !changes.contains_key("attachments"))
        else {
            return Ok(());
        };
        let mut files: Vec<String> = self
            .files(held.log.case.id, seat.person.as_ref().map(|person| &person.id))
            .await?
            .into_iter()
            .map(|row| row.sha)
            .collect();
        let mut seen = BTreeSet::new();
        files.retain(|hash| seen.insert(hash.clone()));
        let now: Vec<_> =
            log.document.metadata.attachments.iter().map(|file| file.hash.clone()).collect();
        if files != now {
            changes.insert("attachments".into(), Value::List(files));
        }
        Ok(())
    }

    /// The files of a case that a person may see.
    async fn files(
        &self,
        case: CaseId,
        reader: Option<&PersonId>,
    ) -> Result<Vec<AttachmentRow>, Error> {
        let Some(reader) = reader else { return Ok(vec![]) };
        Ok(self.inner.storage.attachments(case, reader).await?)
    }

    /// Stores a file as it comes in, and lists it with the case.
    pub async fn attach<S, E>(
        &self,
        seat: &Seat,
        case: CaseId,
        name: &str,
        said: Option<&str>,
        content: S,
    ) -> Result<AttachmentRow, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    {
        self.require_attaching(seat, case).await?;
        let name = filename::tidy(name);
        let mut content = std::pin::pin!(content);
        let first = content.next().await;
        let head = match &first {
            Some(Ok(bytes)) => bytes.clone(),
            Some(Err(_)) | None => Bytes::new(),
        };
        let media = filename::media_type(&head, &name, said);
        let whole = futures_util::stream::iter(first).chain(content);
        let stored = self
            .inner
            .storage
            .objects()
            .put_stream(whole, self.inner.settings.attachment_limit)
            .await?;
        // What a request says is known only now that its file is here.
        let actor = Actor::Person(seat.clone());
        let stored_as = stored.key.to_string();
        let once = match self.key() {
            Some(key) => self.under(key.clone().saying(&[&name, &stored_as])),
            None => self.clone(),
        };
        if let Some(known) = once.told_before(&actor).await? {
            return Ok(known);
        }
        let row = AttachmentRow {
            case,
            id: Uuid::now_v7(),
            name,
            media,
            size: stored.size,
            sha: stored_as,
            added_by: project::json(seat),
            at: self.inner.clock.now(),
            only_for: Some(person(seat)?.clone()),
        };
        let mut writes = Writes::default();
        writes.put(&row);
        writes.key = once.answer(&actor, &row)?;
        match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
            Ok(_) => Ok(row),
            Err(Refused::KnownKey(known)) => once.found(&known),
            Err(refused) => Err(unexpected(refused)),
        }
    }

    /// Takes a file off the list. Versions handed over before keep it.
    pub async fn detach(&self, seat: &Seat, case: CaseId, id: Uuid) -> Result<(), Error> {
        let actor = Actor::Person(seat.clone());
        let _turn = self.inner.turns.take(case).await;
        for _ in 0..TRIES {
            let version = self.require_attaching(seat, case).await?;
            if self.told_before::<()>(&actor).await?.is_some() {
                return Ok(());
            }
            if self.inner.storage.attachment(case, id, person(seat)?).await?.is_none() {
                return Err(Error::NotFound);
            }
            let mut writes = Writes::default();
            writes.remove::<AttachmentRow>(&[&case.to_string(), &id.to_string()]);
            // Handed over meanwhile, the file is the document's.
            writes.expects.push((StreamId::from(case), version));
            writes.key = self.answer(&actor, &())?;
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return Ok(()),
                Err(Refused::Moved | Refused::KnownKey(_)) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// The version of the case in which they may.
    async fn require_attaching(&self, seat: &Seat, case: CaseId) -> Result<u64, Error> {
        self.require_sight(seat, case).await?;
        let held = self.look(case).await?;
        match editing(&held, seat) {
            Some((_, handle)) if handle.edit.contains("attachments") => Ok(held.log.head.version),
            Some(_) | None => Err(Error::Invalid {
                field: "attachments".into(),
                text: "当前不能增减附件：附件由有权修改的办理人调整".into(),
            }),
        }
    }

    /// A person has seen a version of the document.
    pub async fn mark_seen(&self, seat: &Seat, case: CaseId) -> Result<(), Error> {
        self.require_sight(seat, case).await?;
        let held = self.look(case).await?;
        let person = person(seat)?.clone();
        let row = SeenRow {
            person,
            case,
            version: held.log.case.document_version,
            at: self.inner.clock.now(),
        };
        self.put_row(&row).await
    }

    fn title(&self, held: &Held, name: &str) -> String {
        let field = match &held.workflow.carries {
            Carrier::Document => self.inner.vocabulary.field(name),
            Carrier::Form(fields) => fields.iter().find(|field| field.name == name),
        };
        field.map_or_else(|| name.to_owned(), |field| field.title.clone())
    }
}

/// The fields in which a copy differs from what somebody wants to save.
fn others(working: &Working, fields: &Facts, body: Option<&serde_json::Value>) -> Vec<String> {
    let mut names: BTreeSet<&String> = working.fields.keys().chain(fields.keys()).collect();
    names.retain(|name| working.fields.get(*name) != fields.get(*name));
    let text = body.is_some() && body != working.body.as_ref();
    let text = text.then(|| "body".to_owned());
    names.into_iter().cloned().chain(text).collect()
}

/// An upload as the document would list it.
fn uploaded(row: &AttachmentRow) -> Attachment {
    Attachment {
        hash: row.sha.clone(),
        name: row.name.clone(),
        size: row.size,
        media_type: row.media.clone(),
    }
}

/// The open task by which a person may change something, with what its step allows.
pub(crate) fn editing<'a>(
    held: &'a Held,
    seat: &Seat,
) -> Option<(&'a wenshu_core::event::Task, &'a Handle)> {
    let case = &held.log.case;
    let mine = case.open_tasks().filter(|task| task.kind == TaskKind::Handle).filter(|task| {
        match &task.holder {
            Some(holder) => holder.admits(seat),
            None => task.offered.iter().any(|offered| offered.admits(seat)),
        }
    });
    let mut may = mine.filter_map(|task| {
        let visit = case.visits.get(&task.visit?)?;
        let handle = held.workflow.handle(visit.place.index())?;
        (!handle.edit.is_empty()).then_some((task, handle))
    });
    may.next()
}

/// The person in a seat that acts.
pub(crate) fn person(seat: &Seat) -> Result<&PersonId, Error> {
    seat.person.as_ref().map(|person| &person.id).ok_or(Error::NotSignedIn)
}
