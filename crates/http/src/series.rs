//! Number series 文号系列 of the reader's organ and of those above it, for which they may draft.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::{Asked, Path},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_document::{
    self as document,
    number::{official_date, year_of},
};
use wenshu_office::organs_above;

/// A series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Series {
    pub id: String,
    pub organ: String,
    /// 机关代字.
    pub code: String,
    pub title: String,
    /// Kinds that it numbers; empty: any.
    pub kinds: Vec<String>,
    /// The next number as it will read, if nobody is faster.
    pub next: Option<String>,
}

/// The next number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NextNumber {
    pub number: String,
}

/// Of which year.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Year {
    /// This year unless said.
    pub year: Option<i32>,
}

async fn known(app: &App, actor: &Actor) -> Result<Vec<document::Series>, ApiError> {
    let directory = app.office.directory().await?;
    let mut all = vec![];
    for organ in organs_above(&directory, &actor.seat.unit) {
        all.extend(app.office.series(&organ).await?);
    }
    Ok(all)
}

fn this_year(app: &App) -> i32 {
    year_of(official_date(app.office.clock().now()))
}

/// The series, each with its next number.
#[utoipa::path(get, path = "/api/v1/series", tag = "series", responses((status = 200, body = [Series]), Reading))]
pub async fn list(State(app): State<App>, actor: Actor) -> Result<Json<Vec<Series>>, ApiError> {
    let year = this_year(&app);
    let mut views = vec![];
    for series in known(&app, &actor).await? {
        let next = app.office.next_number(&series.id, year).await?;
        views.push(Series {
            id: series.id,
            organ: series.organ.to_string(),
            code: series.code,
            title: series.title,
            kinds: series.kinds.iter().map(|kind| kind.title().to_owned()).collect(),
            next: Some(next.to_string()),
        });
    }
    Ok(Json(views))
}

/// The next number of a series in a year, without taking it.
#[utoipa::path(get, path = "/api/v1/series/{id}/preview", tag = "series", params(("id" = String, Path), Year),
    responses((status = 200, body = NextNumber), Reading))]
pub async fn preview(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Asked(Year { year }): Asked<Year>,
) -> Result<Json<NextNumber>, ApiError> {
    if !known(&app, &actor).await?.iter().any(|series| series.id == id) {
        return Err(ApiError::not_found());
    }
    let year = year.unwrap_or_else(|| this_year(&app));
    if !(1950..=2200).contains(&year) {
        return Err(ApiError::invalid("year", format!("“{year}”不是年份。")));
    }
    let number = app.office.next_number(&id, year).await?.to_string();
    Ok(Json(NextNumber { number }))
}
