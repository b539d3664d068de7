//! Where cases stand, for administrators: titles and places, nothing that was written in them.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::Asked,
    view::{OversightRow, Page, Slice, StalledView},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wenshu_office::Error;
use wenshu_storage::CaseState;

/// Which cases.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Running,
    Stalled,
    /// However it ended.
    Ended,
    Finished,
    Refused,
    Terminated,
}

/// What is looked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Overseen {
    #[param(inline)]
    pub state: Option<Standing>,
    /// In the title.
    pub q: Option<String>,
    pub limit: Option<u32>,
    pub after: Option<String>,
}

/// Where cases stand, what changed last first.
#[utoipa::path(get, path = "/api/v1/oversight", tag = "oversight", params(Overseen),
    responses((status = 200, body = Page<OversightRow>), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(asked): Asked<Overseen>,
) -> Result<Json<Page<OversightRow>>, ApiError> {
    let states: &[CaseState] = match asked.state {
        None => &[],
        Some(Standing::Running) => &[CaseState::Running],
        Some(Standing::Stalled) => &[CaseState::Stalled],
        Some(Standing::Ended) => &[CaseState::Finished, CaseState::Refused, CaseState::Terminated],
        Some(Standing::Finished) => &[CaseState::Finished],
        Some(Standing::Refused) => &[CaseState::Refused],
        Some(Standing::Terminated) => &[CaseState::Terminated],
    };
    let slice = Slice { limit: asked.limit, after: asked.after }.into();
    let page = app.office.oversight(&actor.seat, states, asked.q.as_deref(), &slice).await?;
    let mut items = vec![];
    for row in page.items {
        let document = match row.document {
            Some(id) => app.office.storage().document(id).await.map_err(Error::from)?,
            None => None,
        };
        let stalled = match row.state {
            CaseState::Stalled => app.office.stalls(&actor.seat, row.id).await?.into_iter().next(),
            CaseState::Running
            | CaseState::Finished
            | CaseState::Refused
            | CaseState::Terminated => None,
        };
        let stalled = stalled.map(|stall| StalledView { title: stall.title, reason: stall.reason });
        let number = document.and_then(|document| document.number);
        items.push(OversightRow::new(row, number, stalled));
    }
    Ok(Json(Page { items, next: page.next, total: page.total }))
}
