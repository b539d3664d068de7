//! Cases that belong together: 请示 and 批复.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Writing},
    extract::{Keyed, Path},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenshu_core::id::CaseId;

/// Another case, and what this one is to it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    #[schema(value_type = String)]
    pub other: CaseId,
    pub kind: NewLinkKind,
}

/// What one case may be to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewLinkKind {
    Answers,
}

/// What was linked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Linked {
    pub case: String,
    pub other: String,
    pub kind: NewLinkKind,
}

/// Say that this case answers another. Whoever links must see both, and handle or have handled this one. Needs an
/// Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/cases/{case}/links", tag = "cases", request_body = NewLink,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Linked), Writing))]
pub async fn link(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Keyed { value: NewLink { other, kind }, key }: Keyed<NewLink>,
) -> Result<Json<Linked>, ApiError> {
    app.office.link(&actor.seat, case, other, Some(key)).await?;
    Ok(Json(Linked { case: case.to_string(), other: other.to_string(), kind }))
}
