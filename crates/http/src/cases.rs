//! Cases: beginning one, looking at one, what changed, the way ahead.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Asked, Keyed, Path},
    view::{self, CaseView, Changes},
    worklist::kind,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_core::id::CaseId;
use wenshu_office::{Access, NewCase};

/// What a new case is to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    pub workflow: String,
    /// 文种, by code or name; 通知 unless said.
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
}

/// A step to come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Foreseen {
    pub step: String,
    pub title: String,
    /// Who would have it; empty where that is not decided yet.
    pub who: Vec<String>,
    /// The unit, where the step runs once for each.
    pub branch: Option<String>,
    /// Deadline, if the step began now.
    pub due: Option<DateTime<Utc>>,
    /// Nobody holds the post: the case would stall here.
    pub vacant: bool,
}

/// Since which version.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
    pub since: u32,
}

/// Begin a draft. Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = Beginning,
    params(("Idempotency-Key" = String, Header)), responses((status = 200, body = CaseView), Writing))]
pub async fn begin(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: Beginning { workflow, kind: said, title }, key }: Keyed<Beginning>,
) -> Result<Json<CaseView>, ApiError> {
    let kind = match said.as_deref() {
        None => None,
        Some(said) => Some(
            kind(said)
                .ok_or_else(|| ApiError::invalid("kind", format!("没有“{said}”这个文种。")))?,
        ),
    };
    let new = NewCase { workflow, kind, title: title.unwrap_or_default() };
    let acted = app.office.create(&actor.seat, new, Some(key)).await?;
    Ok(Json(view::of(&app, &actor.seat, acted.case).await?))
}

/// A case as the reader may see it.
#[utoipa::path(get, path = "/api/v1/cases/{case}", tag = "cases", params(("case" = String, Path)),
    responses((status = 200, body = CaseView), Reading))]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
) -> Result<Json<CaseView>, ApiError> {
    let file = app.office.file(&actor.seat, case).await?;
    match file.access {
        Access::Oversight => {}
        Access::Holder | Access::Involved | Access::Cc => {
            // From the first look on it is known what changed since; later looks are marked by reading the changes.
            if file.document.is_some() && file.seen.is_none() {
                app.office.mark_seen(&actor.seat, case).await?;
            }
            app.office.see_copy(&actor.seat, case).await?;
        }
    }
    Ok(Json(view::show(&app, &actor.seat, &file).await?))
}

/// What changed since a version of the document; from then on the reader has seen it.
#[utoipa::path(get, path = "/api/v1/cases/{case}/changes", tag = "cases", params(("case" = String, Path), Since),
    responses((status = 200, body = Changes), Reading))]
pub async fn changes(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Asked(Since { since }): Asked<Since>,
) -> Result<Json<Changes>, ApiError> {
    let changes = app.office.changes(&actor.seat, case, since).await?;
    app.office.mark_seen(&actor.seat, case).await?;
    Ok(Json(changes.into()))
}

/// The way ahead as it looks now.
#[utoipa::path(get, path = "/api/v1/cases/{case}/forecast", tag = "cases", params(("case" = String, Path)),
    responses((status = 200, body = [Foreseen]), Reading))]
pub async fn forecast(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
) -> Result<Json<Vec<Foreseen>>, ApiError> {
    let ahead = app.office.forecast(&actor.seat, case).await?;
    let view = |step: wenshu_core::forecast::Foreseen| Foreseen {
        step: step.step.to_string(),
        title: step.title,
        who: step.who.iter().map(wenshu_core::directory::Seat::label).collect(),
        branch: step.branch,
        due: step.due.map(|due| due.at),
        vacant: step.vacant,
    };
    Ok(Json(ahead.into_iter().map(view).collect()))
}
