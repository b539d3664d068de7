//! How much lies where.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    view::Counts,
};
use axum::{Json, extract::State};

/// How much lies in each of the reader's boxes.
#[utoipa::path(get, path = "/api/v1/counts", tag = "worklist", responses((status = 200, body = Counts), Reading))]
pub async fn show(State(app): State<App>, actor: Actor) -> Result<Json<Counts>, ApiError> {
    Ok(Json(app.office.counts(&actor.seat).await?.into()))
}
