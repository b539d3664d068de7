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
use serde::{Deserialize, Deserializer, Serialize};
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
    /// `saved_at` of the working copy that this one is written over; null: there was none. Left out, whatever is there
    /// is written over.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub after: Option<Option<DateTime<Utc>>>,
}

/// Null was said; nothing is said by leaving it out.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// When it was saved.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Saved {
    pub saved_at: DateTime<Utc>,
    pub base: u32,
}

/// Save the working copy. `stale` when the document has another version meanwhile, `saved_elsewhere` when another window
/// saved a copy since `after`: its content comes with the refusal.
#[utoipa::path(put, path = "/api/v1/cases/{case}/working", tag = "cases", request_body = WorkingCopy,
    params(("case" = String, Path)), responses((status = 200, body = Saved), Writing))]
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Body(WorkingCopy { fields, body, base, after }): Body<WorkingCopy>,
) -> Result<Json<Saved>, ApiError> {
    let body = body.map(|body| body.0).filter(|body| !body.is_null());
    let saved =
        app.office.save_working_over(&actor.seat, case, fields.0, body, base, after).await?;
    Ok(Json(Saved { saved_at: saved.saved_at, base: saved.base }))
}
