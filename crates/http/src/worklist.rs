//! Worklists 待办, 草稿, 我发起的, 已办, 传阅, 抄送.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::Asked,
    view::{Page, Row, Slice, Urgency, mirror},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wenshu_core::workflow::Due as Term;
use wenshu_document::Kind;
use wenshu_storage::{self as storage, Filter, Sort, Worklist};

mirror! {
    /// A worklist.
    Box is Worklist { Todo, Drafts, Mine, Done, Read, Cc }
    /// Order of open tasks.
    Order is Sort { Urgency, Due, Newest }
}

/// By deadline.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueFilter {
    Overdue,
    /// Two working days or less.
    Soon,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    #[serde(rename = "box")]
    #[param(inline)]
    pub which: Box,
    /// In title or number.
    pub q: Option<String>,
    #[param(inline)]
    pub urgency: Option<Urgency>,
    /// 文种, by code or name.
    pub kind: Option<String>,
    #[param(inline)]
    pub due: Option<DueFilter>,
    /// Unit of the initiator.
    pub unit: Option<String>,
    /// Only what was urged.
    pub urged: Option<bool>,
    #[param(inline)]
    pub sort: Option<Order>,
    pub limit: Option<u32>,
    pub after: Option<String>,
}

/// A page of one of the reader's worklists.
#[utoipa::path(get, path = "/api/v1/worklist", tag = "worklist", params(Wanted),
    responses((status = 200, body = Page<Row>), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<Row>>, ApiError> {
    let (now, calendar) = (app.office.clock().now(), app.office.calendar());
    let due = wanted.due.map(|due| match due {
        DueFilter::Overdue => storage::Due::Before(now),
        DueFilter::Soon => storage::Due::Between(now, calendar.due(now, Term::WorkingDays(2)).at),
    });
    let filter = Filter {
        text: wanted.q,
        urgency: wanted.urgency.map(Into::into),
        kind: wanted.kind.as_deref().filter(|kind| !kind.is_empty()).map(kind_code),
        due,
        unit: wanted.unit.filter(|unit| !unit.is_empty()).map(Into::into),
        urged: wanted.urged.unwrap_or(false),
        sort: wanted.sort.map(Into::into).unwrap_or_default(),
    };
    let slice = Slice { limit: wanted.limit, after: wanted.after }.into();
    let page = app.office.worklist(&actor.seat, wanted.which.into(), &filter, &slice).await?;
    Ok(Json(Page::of(page, |row| Row::new(row, calendar, now))))
}

/// A kind as rows keep it, of its code or its Chinese name; what is neither is looked for as it is, and not found.
pub(crate) fn kind_code(said: &str) -> String {
    match kind(said).and_then(|kind| serde_json::to_value(kind).ok()) {
        Some(serde_json::Value::String(code)) => code,
        Some(_) | None => said.to_owned(),
    }
}

/// A kind by its code or its Chinese name.
pub(crate) fn kind(said: &str) -> Option<Kind> {
    Kind::from_title(said).or_else(|| serde_json::from_value(serde_json::Value::from(said)).ok())
}
