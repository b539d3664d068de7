//! Cases, documents, tasks and who may see them.

use crate::{
    changes::Changed,
    table::{Cell, Json, Row, tables, words},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wenshu_core::id::{CaseId, DocumentId, PersonId, PostId, TaskId, UnitId};

/// A reader: a person, whoever holds a post, or everybody who reads for a unit. Stored as one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Person(PersonId),
    Post(PostId),
    Unit(UnitId),
}

impl Who {
    pub(crate) fn tell(&self, changed: &mut Changed) {
        match self {
            Who::Person(person) => {
                changed.people.insert(person.clone());
            }
            Who::Post(post) => {
                changed.posts.insert(post.clone());
            }
            Who::Unit(unit) => {
                changed.units.insert(unit.clone());
            }
        }
    }
}

impl Cell for Who {
    type Raw = String;
    const SQL: &'static str = "text";
    fn raw(&self) -> String {
        match self {
            Who::Person(id) => format!("person:{id}"),
            Who::Post(id) => format!("post:{id}"),
            Who::Unit(id) => format!("unit:{id}"),
        }
    }
    fn typed(raw: String) -> Result<Self, String> {
        match raw.split_once(':') {
            Some(("person", id)) => Ok(Who::Person(id.into())),
            Some(("post", id)) => Ok(Who::Post(id.into())),
            Some(("unit", id)) => Ok(Who::Unit(id.into())),
            Some(_) | None => Err(raw),
        }
    }
}

words! {
    /// Where a case stands.
    CaseState { Running = "running", Stalled = "stalled", Finished = "finished", Refused = "refused", Terminated = "terminated" }
    /// Where a task stands.
    TaskState { Open = "open", Done = "done", Closed = "closed" }
    /// What a task wants.
    TaskKind { Handle = "handle", Read = "read" }
    /// 紧急程度.
    Urgency { None = "none", Urgent = "urgent", ExtraUrgent = "extra_urgent" }
    /// Why somebody may see a case.
    AccessWhy {
        Initiator = "initiator",
        /// A task is or was theirs.
        Holder = "holder",
        /// A task was offered to them.
        Offered = "offered",
        Cc = "cc",
        Reader = "reader",
        /// Their unit was sent the document.
        Recipient = "recipient",
        Oversight = "oversight",
    }
}

impl Urgency {
    /// The most urgent first.
    pub(crate) fn rank(self) -> i64 {
        match self {
            Urgency::ExtraUrgent => 0,
            Urgency::Urgent => 1,
            Urgency::None => 2,
        }
    }
}

tables! {
    /// A case 办件 as lists show it.
    CaseRow in case_file("case_file") {
        key { id: CaseId }
        title: String,
        /// Of a form: what tells it from others of its kind, for those who may see the case.
        summary: String,
        state: CaseState,
        /// Not handed on yet: it lies in the drafts of its initiator and nowhere else.
        draft: bool,
        /// 当前：…
        whereabouts: String,
        workflow: String,
        workflow_title: String,
        workflow_hash: String,
        /// A Seat.
        initiator: Json,
        initiator_person: Option<PersonId>,
        initiator_unit: UnitId,
        document: Option<DocumentId>,
        attachments: u32,
        started_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    }

    /// A document 公文 as lists show it.
    DocumentRow in document("document") {
        key { id: DocumentId }
        case: CaseId,
        version: u32,
        title: String,
        kind: String,
        kind_title: String,
        urgency: Urgency,
        /// Kept for order; [`DocumentRow::ranked`] sets it.
        urgency_rank: i64,
        organ: UnitId,
        number: Option<String>,
        finalised: bool,
        /// Object key of the PDF made last.
        pdf: Option<String>,
        archived_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    }

    /// A task 待办, open or done.
    TaskRow in task("task") {
        key { case: CaseId, task: TaskId }
        step: String,
        title: String,
        ask: String,
        kind: TaskKind,
        state: TaskState,
        /// Seats.
        offered: Json,
        /// A Seat.
        holder: Option<Json>,
        holder_person: Option<PersonId>,
        holder_post: Option<PostId>,
        why: String,
        /// A Seat: who handed it on.
        sender: Option<Json>,
        came_at: DateTime<Utc>,
        due_at: Option<DateTime<Utc>>,
        due_provisional: bool,
        seen_at: Option<DateTime<Utc>>,
        urged_at: Option<DateTime<Utc>>,
        /// Cannot be done in a batch.
        needs_input: bool,
        branch_unit: Option<UnitId>,
        lead: Option<bool>,
        closed_at: Option<DateTime<Utc>>,
        /// In Chinese, who closed it if not its holder.
        closed_by: Option<String>,
        said: Option<String>,
    }

    /// One of those in whose worklist an open task lies: its holder, or those it was offered to. Rows go when the task does.
    OfferRow in task_offer("task_offer") {
        key { who: Who, case: CaseId, task: TaskId }
        kind: TaskKind,
        /// The case is a draft still.
        draft: bool,
        /// What the worklist is ordered by, of the document and the task; the latest time where there is no deadline.
        urgency_rank: i64,
        due_by: i64,
        came_at: DateTime<Utc>,
    }

    /// Somebody may see a case.
    AccessRow in access("access") {
        key { who: Who, case: CaseId, why: AccessWhy }
        at: DateTime<Utc>,
    }

    /// A case that somebody was sent a copy of 抄送.
    CopyRow in copied("copied") {
        key { who: Who, case: CaseId }
        at: DateTime<Utc>,
        /// A Seat.
        sender: Json,
        note: String,
        seen_at: Option<DateTime<Utc>>,
    }

    /// The version of the document that a person saw last.
    SeenRow in seen("seen") {
        key { person: PersonId, case: CaseId }
        version: u32,
        at: DateTime<Utc>,
    }

    /// A working copy: what a holder is writing and has not handed on.
    WorkingRow in working("working") {
        key { case: CaseId, person: PersonId }
        fields: Json,
        body: Option<Json>,
        /// The version of the document that it was made from.
        base: u32,
        saved_at: DateTime<Utc>,
    }

    /// An attachment 附件; its content lies under `sha`.
    AttachmentRow in attachment("attachment") {
        key { case: CaseId, id: Uuid }
        name: String,
        media: String,
        size: u64,
        sha: String,
        /// A Seat.
        added_by: Json,
        at: DateTime<Utc>,
        /// Not handed over yet: nobody but this person sees it.
        only_for: Option<PersonId>,
    }

    /// Two cases that belong together, e.g. 批复 answers 请示.
    LinkRow in link("link") {
        key { case: CaseId, other: CaseId, kind: String }
        made_by: Json,
        at: DateTime<Utc>,
    }
}

impl OfferRow {
    /// The offer of a task to one of those it lies with.
    #[must_use]
    pub fn new(who: Who, task: &TaskRow, draft: bool, urgency: Urgency) -> Self {
        Self {
            who,
            case: task.case,
            task: task.task,
            kind: task.kind,
            draft,
            urgency_rank: urgency.rank(),
            due_by: task.due_at.map_or(i64::MAX, |due| due.raw()),
            came_at: task.came_at,
        }
    }
}

impl DocumentRow {
    /// With the rank that its urgency has.
    #[must_use]
    pub fn ranked(mut self) -> Self {
        self.urgency_rank = self.urgency.rank();
        self
    }
}

macro_rules! rows {
    ($($row:ident $(|$this:ident, $changed:ident| $concerns:expr)?;)*) => {$(
        impl Row for $row {
            $(fn concerns(&self, $changed: &mut Changed) {
                let $this = self;
                $concerns
            })?
        }
    )*};
}
pub(crate) use rows;

rows! {
    CaseRow |row, changed| {
        changed.cases.insert(row.id);
        changed.people.extend(row.initiator_person.clone());
    };
    DocumentRow |row, changed| {
        changed.cases.insert(row.case);
    };
    TaskRow |row, changed| {
        changed.cases.insert(row.case);
        changed.people.extend(row.holder_person.clone());
    };
    OfferRow |row, changed| row.who.tell(changed);
    AccessRow;
    CopyRow |row, changed| row.who.tell(changed);
    SeenRow;
    WorkingRow;
    AttachmentRow |row, changed| {
        changed.cases.insert(row.case);
    };
    LinkRow |row, changed| {
        changed.cases.extend([row.case, row.other]);
    };
}
