//! Lines of lists: worklists, deliveries, search, notices, oversight.

use super::{CaseState, Due, Seat, StalledView, mirror, stored};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{calendar::Calendar, event::DueAt};
use wenshu_storage::{self as storage, CaseRow, DeliveryRow, Listed, NoticeRow};

mirror! {
    /// 紧急程度.
    Urgency is storage::Urgency { None, Urgent, ExtraUrgent }
    /// Where a delivery stands.
    DeliveryState is storage::DeliveryState { Sent, Signed, Registered, Returned, Withdrawn }
}

/// How much lies where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    pub todo: u64,
    pub drafts: u64,
    pub mine: u64,
    pub done: u64,
    pub read: u64,
    pub cc: u64,
    /// Deliveries that wait in the reader's registries.
    pub incoming: u64,
    /// Notices not read yet.
    pub notices: u64,
}

impl From<storage::Counts> for Counts {
    fn from(counts: storage::Counts) -> Self {
        let storage::Counts { todo, drafts, mine, done, read, cc, incoming, notices } = counts;
        Self { todo, drafts, mine, done, read, cc, incoming, notices }
    }
}

/// A line of a worklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Row {
    pub case: String,
    pub task: Option<u32>,
    pub document: Option<String>,
    pub title: String,
    /// Of a form: what tells it from others of its kind, e.g. 年假 · 起始日期2026年3月9日 · 天数3. Empty for documents.
    pub summary: String,
    pub kind: Option<String>,
    /// 文种; for forms the flow's title.
    pub kind_title: String,
    pub number: Option<String>,
    pub urgency: Urgency,
    pub workflow: String,
    pub workflow_title: String,
    pub step: String,
    pub step_title: String,
    pub ask: String,
    /// Who handed it on, or sent the copy.
    pub from: Option<Seat>,
    pub initiator: Seat,
    pub came_at: DateTime<Utc>,
    pub due: Option<Due>,
    /// The text changed since the reader looked.
    pub changed: bool,
    pub attachments: u32,
    pub urged: bool,
    pub state: CaseState,
    #[serde(rename = "where")]
    pub whereabouts: String,
    /// The document's version that this line shows: what acts from the list say they saw.
    pub seen: Option<u32>,
    /// Cannot be done in a batch.
    pub needs_input: bool,
    /// 主办 (true) or 协办 (false).
    pub lead: Option<bool>,
    pub closed_by: Option<String>,
}

impl Row {
    pub(crate) fn new(listed: Listed, calendar: &Calendar, now: DateTime<Utc>) -> Self {
        let Listed { case, document, task, copy, seen } = listed;
        let came_at = match (&task, &copy) {
            (Some(task), _) => task.closed_at.unwrap_or(task.came_at),
            (None, Some(copy)) => copy.at,
            (None, None) => case.updated_at,
        };
        let sender = task
            .as_ref()
            .and_then(|task| task.sender.as_ref())
            .or(copy.as_ref().map(|copy| &copy.sender));
        let due = task
            .as_ref()
            .and_then(|task| Some(DueAt { at: task.due_at?, provisional: task.due_provisional }));
        // What is done is as late as it was when it was done.
        let until = task.as_ref().and_then(|task| task.closed_at).unwrap_or(now);
        let version = document.as_ref().map(|document| document.version);
        let kind_title = document
            .as_ref()
            .map_or_else(|| case.workflow_title.clone(), |one| one.kind_title.clone());
        Self {
            case: case.id.to_string(),
            task: task.as_ref().map(|task| task.task.0),
            document: case.document.map(|id| id.to_string()),
            kind: document.as_ref().map(|document| document.kind.clone()),
            kind_title,
            number: document.as_ref().and_then(|document| document.number.clone()),
            urgency: document.as_ref().map_or(Urgency::None, |document| document.urgency.into()),
            step: task.as_ref().map(|task| task.step.clone()).unwrap_or_default(),
            step_title: task.as_ref().map(|task| task.title.clone()).unwrap_or_default(),
            ask: task.as_ref().map(|task| task.ask.clone()).unwrap_or_default(),
            from: sender.and_then(stored),
            initiator: initiator(&case),
            came_at,
            due: due.map(|due| Due::new(due, calendar, until)),
            changed: seen.zip(version).is_some_and(|(seen, version)| seen < version),
            attachments: case.attachments,
            urged: task.as_ref().is_some_and(|task| task.urged_at.is_some()),
            state: case.state.into(),
            seen: version,
            needs_input: task.as_ref().is_some_and(|task| task.needs_input),
            lead: task.as_ref().and_then(|task| task.lead),
            closed_by: task.as_ref().and_then(|task| task.closed_by.clone()),
            title: case.title,
            summary: case.summary,
            workflow: case.workflow,
            workflow_title: case.workflow_title,
            whereabouts: case.whereabouts,
        }
    }
}

/// Every case has one; an unreadable row shows nobody rather than somebody wrong.
fn initiator(row: &CaseRow) -> Seat {
    stored(&row.initiator).unwrap_or_else(|| Seat {
        post: String::new(),
        title: String::new(),
        unit: String::new(),
        unit_name: String::new(),
        person: None,
    })
}

/// A document on its way to one unit 分发件.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    pub id: String,
    /// The sender's case.
    pub case: String,
    pub title: String,
    pub number: Option<String>,
    pub kind_title: String,
    pub urgency: Urgency,
    pub from_unit: String,
    pub from_unit_name: String,
    pub to_unit: String,
    pub to_unit_name: String,
    pub state: DeliveryState,
    pub sent_at: DateTime<Utc>,
    pub signed_at: Option<DateTime<Utc>>,
    pub signed_by: Option<Seat>,
    pub returned_reason: Option<String>,
    /// The receiving unit's own case, for those who may see it.
    pub registered_case: Option<String>,
    pub urged_at: Option<DateTime<Utc>>,
    /// The same, once it is registered by the reader's own unit.
    pub own_case: Option<String>,
    /// 收文编号 that the reader's own unit gave it.
    pub own_number: Option<String>,
}

impl Delivery {
    /// `own`: the reader looks from the receiving side.
    pub(crate) fn new(row: &DeliveryRow, own: bool) -> Self {
        let registered = row.registered_case.filter(|_| own).map(|case| case.to_string());
        Self {
            id: row.id.to_string(),
            case: row.case.to_string(),
            title: row.title.clone(),
            number: row.number.clone(),
            kind_title: row.kind_title.clone(),
            urgency: row.urgency.into(),
            from_unit: row.from_unit.to_string(),
            from_unit_name: row.from_unit_name.clone(),
            to_unit: row.to_unit.to_string(),
            to_unit_name: row.to_unit_name.clone(),
            state: row.state.into(),
            sent_at: row.sent_at,
            signed_at: row.signed_at,
            signed_by: row.signed_by.as_ref().and_then(stored),
            returned_reason: row.returned_reason.clone(),
            registered_case: registered.clone(),
            urged_at: row.urged_at,
            own_case: registered,
            own_number: row.own_number.clone().filter(|_| own),
        }
    }
}

/// A case that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hit {
    pub case: String,
    pub title: String,
    pub number: Option<String>,
    pub kind_title: String,
    /// Plain text with ⟦…⟧ around what was asked for.
    pub snippet: String,
    pub at: DateTime<Utc>,
    pub unit_name: String,
}

impl From<storage::Hit> for Hit {
    fn from(hit: storage::Hit) -> Self {
        let storage::Hit { case, title, number, kind_title, unit_name, snippet, at } = hit;
        Self { case: case.to_string(), title, number, kind_title, snippet, at, unit_name }
    }
}

/// A notice in the application.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notice {
    pub id: String,
    pub kind: String,
    pub text: String,
    pub case: Option<String>,
    pub at: DateTime<Utc>,
    pub read: bool,
}

impl Notice {
    pub(crate) fn new(row: NoticeRow, read_upto: Option<DateTime<Utc>>) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            text: row.text,
            case: row.case.map(|case| case.to_string()),
            at: row.at,
            read: read_upto.is_some_and(|upto| row.at <= upto),
        }
    }
}

/// Where a case stands, for those who oversee.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OversightRow {
    pub case: String,
    pub title: String,
    pub number: Option<String>,
    pub workflow_title: String,
    pub state: CaseState,
    #[serde(rename = "where")]
    pub whereabouts: String,
    pub initiator: Seat,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub stalled: Option<StalledView>,
}

impl OversightRow {
    pub(crate) fn new(row: CaseRow, number: Option<String>, stalled: Option<StalledView>) -> Self {
        let (state, initiator) = (CaseState::from(row.state), initiator(&row));
        Self {
            case: row.id.to_string(),
            title: row.title,
            number,
            workflow_title: row.workflow_title,
            state,
            initiator,
            started_at: row.started_at,
            ended_at: row.ended_at,
            stalled,
            whereabouts: row.whereabouts,
        }
    }
}
