//! Notices in the application.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::Asked,
    view::{Notice, Page, Slice},
};
use axum::{Json, extract::State, http::StatusCode};
use wenshu_office::Error;

/// The reader's notices, the latest first.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", params(Slice),
    responses((status = 200, body = Page<Notice>), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(slice): Asked<Slice>,
) -> Result<Json<Page<Notice>>, ApiError> {
    let read =
        app.office.storage().notices_read(&actor.session.person.id).await.map_err(Error::from)?;
    let page = app.office.notices(&actor.seat, &slice.into()).await?;
    Ok(Json(Page::of(page, |row| Notice::new(row, read))))
}

/// All notices up to now have been read.
#[utoipa::path(post, path = "/api/v1/notices/read", tag = "notices", responses((status = 204), Writing))]
pub async fn read(State(app): State<App>, actor: Actor) -> Result<StatusCode, ApiError> {
    app.office.read_notices(&actor.seat).await?;
    Ok(StatusCode::NO_CONTENT)
}
