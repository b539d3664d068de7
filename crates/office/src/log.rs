//! A case, document or delivery with what the lists want to know of it, folded from envelopes. The same fold serves
//! the act that appends and the rebuild that reads everything again, so that both come to the same rows.

use crate::envelope::Envelope;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use wenshu_core::{
    Case,
    directory::Seat,
    event::{Closed, Event, Said, Task, TaskKind},
    id::{CaseId, DeliveryId, DocumentId, TaskId},
};
use wenshu_document::{Delivery, DeliveryEvent, Document, DocumentEvent};
use wenshu_storage::{AccessWhy, Head, Who};

/// A case and its history as far as lists need it.
#[derive(Clone, Debug)]
pub(crate) struct CaseLog {
    pub case: Case,
    pub head: Head,
    pub updated_at: DateTime<Utc>,
    pub tasks: BTreeMap<TaskId, TaskLog>,
    /// Since when, and why, who may see it.
    pub access: BTreeMap<(Who, AccessWhy), DateTime<Utc>>,
    pub copies: BTreeMap<Who, Copied>,
    /// Cases that this one answers: who said so, and when.
    pub links: BTreeMap<CaseId, (Seat, DateTime<Utc>)>,
    /// What changed since this was last emptied.
    pub touched: Touched,
}

/// What an act has to write anew.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    pub tasks: BTreeSet<TaskId>,
    pub access: BTreeSet<(Who, AccessWhy)>,
    pub copies: BTreeSet<Who>,
    pub links: BTreeSet<CaseId>,
    /// The document has events of its own.
    pub document: bool,
}

/// A task's history.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskLog {
    pub sender: Option<Seat>,
    pub urged_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<String>,
    pub said: Option<String>,
}

/// A copy given out.
#[derive(Clone, Debug)]
pub(crate) struct Copied {
    pub at: DateTime<Utc>,
    pub by: Seat,
    pub note: String,
}

impl CaseLog {
    /// A case before its first event.
    pub(crate) fn new(id: CaseId) -> Self {
        Self {
            case: Case::new(id),
            head: Head::default(),
            updated_at: DateTime::UNIX_EPOCH,
            tasks: BTreeMap::new(),
            access: BTreeMap::new(),
            copies: BTreeMap::new(),
            links: BTreeMap::new(),
            touched: Touched::default(),
        }
    }

    /// Takes note of an event that the case has not seen yet.
    pub(crate) fn replay(&mut self, envelope: &Envelope<Event>) {
        self.case.apply(&envelope.event);
        self.note(envelope);
    }

    /// Takes note of an event that the case, decided elsewhere, has seen already.
    pub(crate) fn note(&mut self, envelope: &Envelope<Event>) {
        self.updated_at = envelope.at;
        let at = envelope.at;
        match &envelope.event {
            Event::CaseStarted { initiator, .. } => {
                self.let_see(initiator, AccessWhy::Initiator, at)
            }
            Event::TaskOpened { task } => self.opened(task, envelope.actor.as_ref(), at),
            Event::TaskClaimed { task, by } => {
                self.let_see(by, AccessWhy::Holder, at);
                self.touched.tasks.insert(*task);
            }
            Event::TaskReleased { task } | Event::TaskSeen { task, .. } => {
                self.touched.tasks.insert(*task);
            }
            Event::OpinionGiven { task, opinion } => {
                self.let_see(&opinion.by, AccessWhy::Holder, at);
                let log = self.task(*task);
                log.closed_at = Some(opinion.at);
                log.said = Some(said(&opinion.said));
                log.closed_by = None;
            }
            Event::TaskClosed { task, because, at } => {
                let by = envelope.actor.as_ref().map(Seat::label);
                let log = self.task(*task);
                log.closed_at = Some(*at);
                log.closed_by = Some(closed(*because, by));
            }
            Event::TaskReopened { task, .. } => {
                let log = self.task(*task);
                (log.closed_at, log.closed_by, log.said) = (None, None, None);
            }
            Event::Urged { tasks, at, .. } => {
                for task in tasks {
                    self.task(*task).urged_at = Some(*at);
                }
            }
            Event::Linked { other, by, at } => {
                self.links.insert(*other, (by.clone(), *at));
                self.touched.links.insert(*other);
            }
            Event::Copied { to, by, note, at } => {
                for seat in to {
                    self.let_see(seat, AccessWhy::Cc, *at);
                    let who = who(seat);
                    self.copies.insert(
                        who.clone(),
                        Copied { at: *at, by: by.clone(), note: note.clone() },
                    );
                    self.touched.copies.insert(who);
                }
            }
            Event::Renamed { .. }
            | Event::Moved { .. }
            | Event::BranchesOpened { .. }
            | Event::StepEntered { .. }
            | Event::StepLeft { .. }
            | Event::StepPassed { .. }
            | Event::Chose { .. }
            | Event::FormChanged { .. }
            | Event::DocumentChanged { .. }
            | Event::Picked { .. }
            | Event::SentBack { .. }
            | Event::OpinionsOutdated { .. }
            | Event::Asked { .. }
            | Event::Answered { .. }
            | Event::AskGivenUp { .. }
            | Event::EffectsBegun { .. }
            | Event::EffectRecorded { .. }
            | Event::Stalled { .. }
            | Event::Retried { .. }
            | Event::Appointed { .. }
            | Event::Reassigned { .. }
            | Event::Withdrawn { .. }
            | Event::CaseEnded { .. } => {}
        }
    }

    fn opened(&mut self, task: &Task, actor: Option<&Seat>, at: DateTime<Utc>) {
        let why = match task.kind {
            TaskKind::Handle => AccessWhy::Offered,
            TaskKind::Read => AccessWhy::Reader,
        };
        for seat in &task.offered {
            self.let_see(seat, why, at);
        }
        if let Some(holder) = &task.holder {
            self.let_see(holder, AccessWhy::Holder, at);
        }
        self.task(task.id).sender = task.from.clone().or_else(|| actor.cloned());
    }

    fn task(&mut self, task: TaskId) -> &mut TaskLog {
        self.touched.tasks.insert(task);
        self.tasks.entry(task).or_default()
    }

    fn let_see(&mut self, seat: &Seat, why: AccessWhy, at: DateTime<Utc>) {
        let key = (who(seat), why);
        if !self.access.contains_key(&key) {
            self.access.insert(key.clone(), at);
            self.touched.access.insert(key);
        }
    }

    /// Everything is to be written anew.
    pub(crate) fn touch_all(&mut self) {
        self.touched = Touched {
            tasks: self.case.tasks.keys().copied().collect(),
            access: self.access.keys().cloned().collect(),
            copies: self.copies.keys().cloned().collect(),
            links: self.links.keys().copied().collect(),
            document: true,
        };
    }
}

/// A reader by what the seat says: the person, or whoever holds the post.
pub(crate) fn who(seat: &Seat) -> Who {
    match &seat.person {
        Some(person) => Who::Person(person.id.clone()),
        None => Who::Post(seat.post.clone()),
    }
}

/// What an opinion says, in a word or two.
pub(crate) fn said(said: &Said) -> String {
    match said {
        Said::Approved => "同意".to_owned(),
        Said::Refused => "不同意".to_owned(),
        Said::Submitted => "提交".to_owned(),
        Said::Noted => "已阅".to_owned(),
        Said::SentBack { to_title, .. } => format!("退回至{to_title}"),
        Said::Transferred { to } => format!("转办给{}", to.label()),
    }
}

fn closed(because: Closed, by: Option<String>) -> String {
    let what = match because {
        Closed::ByAnother => "已办理",
        Closed::SentBack => "已退回",
        Closed::Withdrawn => "已撤回",
        Closed::Cancelled => "已取消",
        Closed::Terminated => "已终止",
        Closed::Reassigned => "已改派",
    };
    by.map_or_else(|| what.to_owned(), |by| format!("{by}{what}"))
}

/// A document and the times that lists show.
#[derive(Clone, Debug)]
pub(crate) struct DocumentLog {
    pub document: Document,
    pub head: Head,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl DocumentLog {
    /// The document that a first event begins.
    pub(crate) fn begun(id: DocumentId, first: &Envelope<DocumentEvent>) -> Option<Self> {
        let document = Document::begun(id, &first.event)?;
        Some(Self { document, head: Head::default(), updated_at: first.at, archived_at: None })
    }

    /// The document that these envelopes make.
    pub(crate) fn replay(
        id: DocumentId,
        envelopes: &[Envelope<DocumentEvent>],
        head: Head,
    ) -> Option<Self> {
        let (first, rest) = envelopes.split_first()?;
        let mut log = Self::begun(id, first)?;
        for envelope in rest {
            log.document.apply(&envelope.event);
            log.note(envelope);
        }
        log.head = head;
        Some(log)
    }

    /// Takes note of an event that the document has seen already.
    pub(crate) fn note(&mut self, envelope: &Envelope<DocumentEvent>) {
        self.updated_at = envelope.at;
        if let DocumentEvent::Archived { at, .. } = &envelope.event {
            self.archived_at = Some(*at);
        }
    }
}

/// A delivery and the times that lists show.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryLog {
    pub delivery: Delivery,
    pub head: Head,
    pub urged_at: Option<DateTime<Utc>>,
}

impl DeliveryLog {
    /// The delivery that these envelopes make.
    pub(crate) fn replay(
        id: DeliveryId,
        envelopes: &[Envelope<DeliveryEvent>],
        head: Head,
    ) -> Option<Self> {
        let (first, rest) = envelopes.split_first()?;
        let delivery = Delivery::replay(id, std::slice::from_ref(&first.event))?;
        let mut log = Self { delivery, head, urged_at: None };
        for envelope in rest {
            log.apply(&envelope.event);
        }
        Some(log)
    }

    /// Takes note of what happened.
    pub(crate) fn apply(&mut self, event: &DeliveryEvent) {
        self.delivery.apply(event);
        if let DeliveryEvent::Urged { at, .. } = event {
            self.urged_at = Some(*at);
        }
    }
}
