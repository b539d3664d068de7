//! Rows of the lists out of cases, documents and deliveries. Pure functions: an act writes the rows that it touched,
//! a rebuild writes all of them, and both come out the same.

use crate::deliveries::ANSWERS;
use crate::log::{CaseLog, DeliveryLog, DocumentLog, TaskLog, who};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use wenshu_core::{
    Case, Workflow,
    directory::Directory,
    directory::Seat,
    event::{Ended, Task, TaskKind, TaskState},
    id::TaskId,
    value::{FieldType, Value},
    workflow::{Carrier, PickWhat, Selector},
};
use wenshu_document::{Body, DeliveryState, Document, Urgency};
use wenshu_storage::{
    self as storage, AccessRow, CaseRow, CopyRow, DeliveryRow, DocumentRow, Json, LinkRow,
    OfferRow, SearchText, TaskRow, Writes,
};

/// All that the rows of one case are made of.
pub(crate) struct Subject<'a> {
    pub workflow: &'a Workflow,
    pub log: &'a CaseLog,
    pub document: Option<&'a DocumentLog>,
}

/// How copies are written: an act shows them anew, a rebuild leaves alone who has seen them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copies {
    Anew,
    Keep,
}

/// Puts the rows that the log says were touched.
pub(crate) fn put(writes: &mut Writes, subject: &Subject<'_>, copies: Copies) {
    let case = &subject.log.case;
    writes.put(&case_row(subject));
    if let Some(document) = subject.document.filter(|_| subject.log.touched.document) {
        writes.put(&document_row(document));
    }
    for id in &subject.log.touched.tasks {
        let Some(task) = case.tasks.get(id) else { continue };
        let row = task_row(subject, task);
        writes.put(&row);
        writes.remove_offers(case.id, *id);
        for offer in offers(subject, task, &row) {
            writes.put(&offer);
        }
    }
    for key in &subject.log.touched.access {
        if let Some(at) = subject.log.access.get(key) {
            writes.put(&AccessRow { who: key.0.clone(), case: case.id, why: key.1, at: *at });
        }
    }
    for who in &subject.log.touched.copies {
        let Some(copied) = subject.log.copies.get(who) else { continue };
        let row = CopyRow {
            who: who.clone(),
            case: case.id,
            at: copied.at,
            sender: json(&copied.by),
            note: copied.note.clone(),
            seen_at: None,
        };
        match copies {
            Copies::Anew => writes.put(&row),
            Copies::Keep => writes.put_if_absent(&row),
        }
    }
    for other in &subject.log.touched.links {
        if let Some((by, at)) = subject.log.links.get(other) {
            writes.put(&LinkRow {
                case: case.id,
                other: *other,
                kind: ANSWERS.into(),
                made_by: json(by),
                at: *at,
            });
        }
    }
}

pub(crate) fn case_row(subject: &Subject<'_>) -> CaseRow {
    let case = &subject.log.case;
    let state = match case.ended {
        Some(Ended::Finished) => storage::CaseState::Finished,
        Some(Ended::Refused) => storage::CaseState::Refused,
        Some(Ended::Terminated) => storage::CaseState::Terminated,
        None if case.stalls.is_empty() => storage::CaseState::Running,
        None => storage::CaseState::Stalled,
    };
    let initiator = case.initiator.as_ref();
    CaseRow {
        id: case.id,
        title: case.title.clone(),
        summary: summary(subject.workflow, case),
        state,
        draft: is_draft(subject),
        whereabouts: case.whereabouts(),
        workflow: case.workflow.clone(),
        workflow_title: subject.workflow.title.clone(),
        workflow_hash: case.workflow_hash.clone(),
        initiator: initiator.map(json).unwrap_or_default(),
        initiator_person: initiator
            .and_then(|seat| seat.person.as_ref())
            .map(|person| person.id.clone()),
        initiator_unit: initiator.map_or_else(|| "".into(), |seat| seat.unit.clone()),
        document: case.document,
        attachments: subject
            .document
            .map_or(0, |log| count(log.document.metadata.attachments.len())),
        started_at: case.started_at.unwrap_or_default(),
        ended_at: case.ended_at,
        updated_at: subject.log.updated_at,
    }
}

/// What tells a form from others of its kind: its choices, dates and numbers, in the order of the form.
fn summary(workflow: &Workflow, case: &Case) -> String {
    const MOST: usize = 60;
    let Carrier::Form(fields) = &workflow.carries else { return String::new() };
    let told = fields.iter().filter_map(|field| {
        let value = case.form.get(&field.name).filter(|value| !value.is_blank())?;
        match (field.kind, value) {
            (FieldType::Choice | FieldType::Text, Value::Text(text)) => Some(text.clone()),
            (FieldType::Date, Value::Text(date)) => {
                let date: NaiveDate = date.parse().ok()?;
                Some(format!("{}{}", field.title, date.format("%Y年%-m月%-d日")))
            }
            (FieldType::Number, Value::Number(number)) => Some(format!("{}{number}", field.title)),
            (
                FieldType::Choice
                | FieldType::Text
                | FieldType::Date
                | FieldType::Number
                | FieldType::LongText
                | FieldType::Texts
                | FieldType::Bool
                | FieldType::Unit
                | FieldType::Units
                | FieldType::Person
                | FieldType::People,
                Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_),
            ) => None,
        }
    });
    let told = told.collect::<Vec<_>>().join(" · ");
    match told.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &told[..end]),
        None => told,
    }
}

/// Nobody has said anything yet: it lies with its initiator alone. What another unit sent is work from its registration on.
pub(crate) fn is_draft(subject: &Subject<'_>) -> bool {
    let case = &subject.log.case;
    let received = subject.document.is_some_and(|log| log.document.received.is_some());
    case.opinions.is_empty() && case.ended.is_none() && !received
}

fn document_row(log: &DocumentLog) -> DocumentRow {
    let Document { id, case, metadata, version, finalised, .. } = &log.document;
    let row = DocumentRow {
        id: *id,
        case: *case,
        version: *version,
        title: metadata.title.clone(),
        kind: word(&metadata.kind),
        kind_title: metadata.kind.title().to_owned(),
        urgency: urgency(metadata.urgency),
        urgency_rank: 0,
        organ: metadata.organ.clone(),
        number: metadata.number.as_ref().map(ToString::to_string),
        finalised: finalised.is_some(),
        pdf: log.document.pdf().map(str::to_owned),
        archived_at: log.archived_at,
        updated_at: log.updated_at,
    };
    row.ranked()
}

fn task_row(subject: &Subject<'_>, task: &Task) -> TaskRow {
    let unknown = TaskLog::default();
    let log = subject.log.tasks.get(&task.id).unwrap_or(&unknown);
    let holder = task.holder.as_ref();
    TaskRow {
        case: subject.log.case.id,
        task: task.id,
        step: task.step.to_string(),
        title: task.title.clone(),
        ask: task.ask.clone(),
        kind: match task.kind {
            TaskKind::Handle => storage::TaskKind::Handle,
            TaskKind::Read => storage::TaskKind::Read,
        },
        state: match task.state {
            TaskState::Open => storage::TaskState::Open,
            TaskState::Done => storage::TaskState::Done,
            TaskState::Closed => storage::TaskState::Closed,
        },
        offered: json(&task.offered),
        holder: holder.map(json),
        holder_person: holder.and_then(|seat| seat.person.as_ref()).map(|person| person.id.clone()),
        holder_post: holder.map(|seat| seat.post.clone()),
        why: task.why.clone(),
        sender: log.sender.as_ref().map(json),
        came_at: task.opened_at,
        due_at: task.due.map(|due| due.at),
        due_provisional: task.due.is_some_and(|due| due.provisional),
        seen_at: task.seen_at,
        urged_at: log.urged_at,
        needs_input: needs_input(subject, task.id),
        branch_unit: task.branch.as_ref().map(|branch| branch.unit.clone()),
        lead: task.branch.as_ref().map(|branch| branch.lead),
        closed_at: log.closed_at,
        closed_by: log.closed_by.clone(),
        said: log.said.clone(),
    }
}

/// A drafter's step, or one that must choose or fill in something: not to be agreed to in a batch.
fn needs_input(subject: &Subject<'_>, task: TaskId) -> bool {
    let case = &subject.log.case;
    let task = case.tasks.get(&task).filter(|task| task.kind == TaskKind::Handle);
    let visit = task.and_then(|task| task.visit).and_then(|visit| case.visits.get(&visit));
    let Some(handle) = visit.and_then(|visit| subject.workflow.handle(visit.place.index())) else {
        return false;
    };
    let picks = handle.pick.iter().any(|pick| match pick.what {
        PickWhat::People { .. } | PickWhat::Units { .. } => pick.required,
    });
    picks || handle.by.any_of == [Selector::Initiator] || !handle.require.is_empty()
}

fn offers(subject: &Subject<'_>, task: &Task, row: &TaskRow) -> Vec<OfferRow> {
    match task.state {
        TaskState::Open => {}
        TaskState::Done | TaskState::Closed => return vec![],
    }
    let seats: Vec<&Seat> =
        task.holder.as_ref().map_or_else(|| task.offered.iter().collect(), |holder| vec![holder]);
    let draft = is_draft(subject);
    let urgency = subject.document.map_or(Urgency::None, |log| log.document.metadata.urgency);
    let mut all: Vec<OfferRow> = seats
        .into_iter()
        .map(|seat| OfferRow::new(who(seat), row, draft, self::urgency(urgency)))
        .collect();
    all.sort_by(|a, b| a.who.cmp(&b.who));
    all.dedup();
    all
}

/// The row of a delivery; the document is the sender's, frozen since its dispatch.
pub(crate) fn delivery_row(
    log: &DeliveryLog,
    document: &Document,
    directory: &Directory,
) -> DeliveryRow {
    let delivery = &log.delivery;
    let metadata = &document.metadata;
    DeliveryRow {
        id: delivery.id,
        case: delivery.case,
        document: delivery.document,
        title: metadata.title.clone(),
        number: metadata.number.as_ref().map(ToString::to_string),
        kind: word(&metadata.kind),
        kind_title: metadata.kind.title().to_owned(),
        urgency: urgency(metadata.urgency),
        from_unit: delivery.from.clone(),
        from_unit_name: delivery.from_name.clone(),
        to_unit: delivery.to.clone(),
        to_unit_name: delivery.to_name.clone(),
        to_post: directory.units.get(&delivery.to).and_then(|unit| unit.registry.clone()),
        copy: delivery.cc,
        state: match delivery.state {
            DeliveryState::Sent => storage::DeliveryState::Sent,
            DeliveryState::SignedFor => storage::DeliveryState::Signed,
            DeliveryState::Registered => storage::DeliveryState::Registered,
            DeliveryState::Returned => storage::DeliveryState::Returned,
            DeliveryState::Withdrawn => storage::DeliveryState::Withdrawn,
        },
        sent_at: delivery.sent_at,
        signed_at: delivery.signed_for.as_ref().map(|signed| signed.at),
        signed_by: delivery.signed_for.as_ref().map(|signed| json(&signed.by)),
        returned_reason: delivery.reason.clone(),
        registered_case: delivery.registered,
        own_number: delivery.own_number.clone(),
        urged_at: log.urged_at,
    }
}

/// What a case is found by: its document's words, or its own title.
pub(crate) fn search_text(subject: &Subject<'_>, body: Option<&Body>) -> SearchText {
    let case = &subject.log.case;
    let unit_name = case.initiator.as_ref().map(|seat| seat.unit_name.clone()).unwrap_or_default();
    let at: DateTime<Utc> = case.started_at.unwrap_or_default();
    match subject.document {
        Some(log) => {
            let metadata = &log.document.metadata;
            let from = log.document.received.as_ref().map(|received| received.from_name.clone());
            SearchText {
                case: case.id,
                title: metadata.title.clone(),
                number: metadata.number.as_ref().map(ToString::to_string),
                kind: word(&metadata.kind),
                kind_title: metadata.kind.title().to_owned(),
                unit_name: from.unwrap_or(unit_name),
                body: body.map(Body::plain_text).unwrap_or_default(),
                at,
            }
        }
        None => SearchText {
            case: case.id,
            title: case.title.clone(),
            number: None,
            kind: case.workflow.clone(),
            kind_title: subject.workflow.title.clone(),
            unit_name,
            body: String::new(),
            at,
        },
    }
}

fn urgency(urgency: Urgency) -> storage::Urgency {
    match urgency {
        Urgency::None => storage::Urgency::None,
        Urgency::Urgent => storage::Urgency::Urgent,
        Urgency::Extra => storage::Urgency::ExtraUrgent,
    }
}

/// The word by which JSON names a variant.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match json(value).0 {
        serde_json::Value::String(word) => word,
        other => other.to_string(),
    }
}

/// Our own types, which have text keys only, can always be written as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Json {
    Json::of(value).unwrap_or_default()
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
