//! Finding cases by the words of their title, number and text.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::Asked,
    view::{Hit, Page, Slice},
    worklist::kind_code,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// What is looked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Question {
    pub q: String,
    /// 文种, by code or name.
    pub kind: Option<String>,
    pub limit: Option<u32>,
    pub after: Option<String>,
}

/// The longest question, in characters.
const LONGEST: usize = 200;

/// Cases that the reader may see, the newest first.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(Question),
    responses((status = 200, body = Page<Hit>), Reading))]
pub async fn find(
    State(app): State<App>,
    actor: Actor,
    Asked(question): Asked<Question>,
) -> Result<Json<Page<Hit>>, ApiError> {
    let words: String = question.q.chars().take(LONGEST).collect();
    let kind = question.kind.as_deref().filter(|kind| !kind.is_empty()).map(kind_code);
    let slice = Slice { limit: question.limit, after: question.after }.into();
    let page = app.office.search(&actor.seat, &words, kind.as_deref(), &slice).await?;
    Ok(Json(Page::of(page, Hit::from)))
}
