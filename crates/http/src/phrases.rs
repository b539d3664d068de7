//! Common phrases 常用语 for opinions.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::Body,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everybody's, and one's own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Phrases {
    pub common: Vec<String>,
    pub own: Vec<String>,
}

/// One's own, all of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPhrases {
    pub own: Vec<String>,
}

impl From<wenshu_office::Phrases> for Phrases {
    fn from(phrases: wenshu_office::Phrases) -> Self {
        Self { common: phrases.common, own: phrases.own }
    }
}

/// Phrases to choose from.
#[utoipa::path(get, path = "/api/v1/phrases", tag = "phrases", responses((status = 200, body = Phrases), Reading))]
pub async fn show(State(app): State<App>, actor: Actor) -> Result<Json<Phrases>, ApiError> {
    Ok(Json(app.office.phrases(&actor.seat).await?.into()))
}

/// Keep one's own phrases.
#[utoipa::path(put, path = "/api/v1/phrases", tag = "phrases", request_body = OwnPhrases,
    responses((status = 200, body = Phrases), Writing))]
pub async fn keep(
    State(app): State<App>,
    actor: Actor,
    Body(OwnPhrases { own }): Body<OwnPhrases>,
) -> Result<Json<Phrases>, ApiError> {
    app.office.keep_phrases(&actor.seat, own).await?;
    Ok(Json(app.office.phrases(&actor.seat).await?.into()))
}
