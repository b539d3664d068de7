//! A case as its page shows it.

use super::{
    Attachment, DocumentView, Entry, FactsView, Field, FlowName, Offer, Picture, Seat, StepState,
    TaskView, WorkingView, document::document, mirror, steps, task, timeline::fields,
};
use crate::{app::App, error::ApiError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{Case, directory, draw, event::Ended, id::CaseId, workflow::Carrier};
use wenshu_office::{self as office, CaseFile};
use wenshu_storage::{self as storage, LinkRow};

mirror! {
    /// Where a case stands.
    CaseState is storage::CaseState { Running, Stalled, Finished, Refused, Terminated }
    /// Why the reader may look.
    Access is office::Access { Holder, Involved, Cc, Oversight }
}

/// A case 办件.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    pub id: String,
    pub title: String,
    pub workflow: FlowName,
    pub state: CaseState,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub initiator: Seat,
    /// 会签：财政局 收发岗 · 会签：司法局 收发岗.
    #[serde(rename = "where")]
    pub whereabouts: String,
    pub stalled: Option<StalledView>,
    pub document: Option<DocumentView>,
    pub form: Option<FormView>,
    /// All that are open.
    pub tasks: Vec<TaskView>,
    pub timeline: Vec<Entry>,
    /// What would be accepted of the reader now.
    pub offers: Vec<Offer>,
    /// How far each box of the picture has come.
    pub steps: Vec<StepState>,
    pub picture: Picture,
    pub attachments: Vec<Attachment>,
    pub links: Vec<LinkView>,
    pub deliveries: Option<Receipts>,
    pub access: Access,
}

/// Why a case goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StalledView {
    pub title: String,
    pub reason: String,
}

/// A form and what is in it; for its holder with what they saved and have not handed over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FormView {
    pub fields: Vec<Field>,
    pub values: FactsView,
    pub working: Option<WorkingView>,
}

/// Another case that belongs to this one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkView {
    pub case: String,
    pub kind: LinkKind,
    pub title: String,
    pub number: Option<String>,
}

/// How two cases belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// This one answers the other.
    Answers,
    /// The other answers this one.
    AnsweredBy,
}

/// How many deliveries there are, and how many were signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Receipts {
    pub total: usize,
    pub signed: usize,
}

pub(crate) fn state(case: &Case) -> CaseState {
    match case.ended {
        Some(Ended::Finished) => CaseState::Finished,
        Some(Ended::Refused) => CaseState::Refused,
        Some(Ended::Terminated) => CaseState::Terminated,
        None if case.stalls.is_empty() => CaseState::Running,
        None => CaseState::Stalled,
    }
}

/// The case as `reader` sees it.
pub(crate) async fn of(
    app: &App,
    reader: &directory::Seat,
    id: CaseId,
) -> Result<CaseView, ApiError> {
    let file = app.office.file(reader, id).await?;
    show(app, reader, &file).await
}

/// What the office showed, in the shapes of the contract.
pub(crate) async fn show(
    app: &App,
    reader: &directory::Seat,
    file: &CaseFile,
) -> Result<CaseView, ApiError> {
    let (case, now) = (&file.case, app.office.clock().now());
    let fields = fields(&file.workflow, app.office.vocabulary());
    let initiator = case.initiator.as_ref().ok_or_else(ApiError::not_found)?;
    Ok(CaseView {
        id: case.id.to_string(),
        title: case.title.clone(),
        workflow: FlowName::from(&*file.workflow),
        state: state(case),
        started_at: case.started_at.unwrap_or(now),
        ended_at: case.ended_at,
        initiator: Seat::from(initiator),
        whereabouts: case.whereabouts(),
        stalled: case
            .stalls
            .first()
            .map(|stall| StalledView { title: stall.title.clone(), reason: stall.reason.clone() }),
        document: document(file),
        form: form(file),
        tasks: task::tasks(file, reader, app.office.calendar(), now),
        timeline: file.timeline.iter().map(|entry| Entry::new(entry, fields)).collect(),
        offers: file.offers.iter().map(Offer::from).collect(),
        steps: steps::steps(file),
        picture: draw::picture(&file.workflow, app.office.vocabulary()).into(),
        attachments: file.attachments.iter().map(Attachment::from).collect(),
        links: links(app, case.id, &file.links).await?,
        deliveries: file.deliveries.map(|(total, signed)| Receipts { total, signed }),
        access: file.access.into(),
    })
}

fn form(file: &CaseFile) -> Option<FormView> {
    let Carrier::Form(fields) = &file.workflow.carries else { return None };
    let mut values = file.case.form.clone();
    values.extend(file.working.iter().flat_map(|working| working.fields.clone()));
    Some(FormView {
        fields: fields.iter().map(Field::from).collect(),
        values: FactsView(values),
        working: file.working.as_ref().map(WorkingView::from),
    })
}

/// Cases that belong to this one; the office showed only those that the reader may see.
async fn links(app: &App, case: CaseId, rows: &[LinkRow]) -> Result<Vec<LinkView>, ApiError> {
    let mut views = vec![];
    for row in rows {
        let (other, kind) = if row.case == case {
            (row.other, LinkKind::Answers)
        } else {
            (row.case, LinkKind::AnsweredBy)
        };
        let storage = app.office.storage();
        let Some(found) = storage.case(other).await.map_err(office::Error::from)? else { continue };
        let document = match found.document {
            Some(document) => storage.document(document).await.map_err(office::Error::from)?,
            None => None,
        };
        let number = document.and_then(|document| document.number);
        views.push(LinkView { case: other.to_string(), kind, title: found.title, number });
    }
    Ok(views)
}
