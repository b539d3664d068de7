//! The working copy: what a holder writes and nobody else sees until it is handed over.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Writing},
    extract::{Body, Path},
    view::{FactsView, PmDoc},
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenshu_core::id::CaseId;

/// All that the holder has changed, each time in full.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkingCopy {
    pub fields: FactsView,
    #[serde(default)]
    pub body: Option<PmDoc>,
    /// The version that it was made from.
    pub base: u32,
}

/// When it was saved.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Saved {
    pub saved_at: DateTime<Utc>,
    pub base: u32,
}

/// Save the working copy. `stale` when the document has another version meanwhile.
#[utoipa::path(put, path = "/api/v1/cases/{case}/working", tag = "cases", request_body = WorkingCopy,
    params(("case" = String, Path)), responses((status = 200, body = Saved), Writing))]
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Body(WorkingCopy { fields, body, base }): Body<WorkingCopy>,
) -> Result<Json<Saved>, ApiError> {
    let body = body.map(|body| body.0).filter(|body| !body.is_null());
    let saved = app.office.save_working(&actor.seat, case, fields.0, body, base).await?;
    Ok(Json(Saved { saved_at: saved.saved_at, base: saved.base }))
}
