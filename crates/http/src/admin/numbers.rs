//! Series of numbers and what became of each number: kept for later, chosen for a document, made void, missing.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Asked, Keyed, Path},
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_core::id::CaseId;
use wenshu_document::{Kind, Series};
use wenshu_office::{Given, NumberLine, SeriesView};

/// A series as its keepers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptSeries {
    pub id: String,
    pub organ: String,
    pub organ_name: String,
    /// 机关代字.
    pub code: String,
    pub title: String,
    /// Titles of the kinds it numbers; empty: any.
    pub kinds: Vec<String>,
    /// The next number of this year.
    pub next: String,
    /// Years in which it was used, the latest first.
    pub years: Vec<i32>,
    /// 代字 and organ can still be changed.
    pub unused: bool,
}

impl From<SeriesView> for KeptSeries {
    fn from(view: SeriesView) -> Self {
        let SeriesView { series, organ_name, next, years, unused } = view;
        Self {
            id: series.id,
            organ: series.organ.to_string(),
            organ_name,
            code: series.code,
            title: series.title,
            kinds: series.kinds.iter().map(|kind| kind.title().to_owned()).collect(),
            next: next.to_string(),
            years,
            unused,
        }
    }
}

/// A series to set up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeries {
    pub id: String,
    #[serde(flatten)]
    pub card: SeriesCard,
}

/// What is written about a series.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SeriesCard {
    pub organ: String,
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// A number and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NumberFate {
    pub number: u32,
    pub text: String,
    pub fate: FateKind,
    /// The case of the document that bears it, or for which it was chosen.
    pub case: Option<String>,
    pub reason: Option<String>,
    pub by: Option<String>,
}

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FateKind {
    Used,
    /// 预留.
    Reserved,
    /// Kept for a document that has not come to its number yet.
    Chosen,
    /// 作废.
    Void,
    /// 缺号.
    Missing,
}

impl From<NumberLine> for NumberFate {
    fn from(line: NumberLine) -> Self {
        let case = |case: Option<CaseId>| case.map(|case| case.to_string());
        let (fate, case, reason, by) = match line.given {
            Given::Used { case: of } => (FateKind::Used, case(of), None, None),
            Given::Reserved { reason, by } => (FateKind::Reserved, None, Some(reason), Some(by)),
            Given::Chosen { reason, case: of } => (FateKind::Chosen, case(of), Some(reason), None),
            Given::Void { reason, by } => (FateKind::Void, None, Some(reason), Some(by)),
            Given::Missing { case: of, reason, by } => (FateKind::Missing, case(of), reason, by),
        };
        Self { number: line.number, text: line.text, fate, case, reason, by }
    }
}

/// Of which year.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfYear {
    pub year: i32,
}

/// A number to keep for later.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reservation {
    pub year: i32,
    /// The next one unless said.
    #[serde(default)]
    pub number: Option<u32>,
    pub reason: String,
}

/// The number that is kept.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReservedNumber {
    pub year: i32,
    pub number: u32,
}

/// A number to make void.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Voiding {
    pub year: i32,
    pub number: u32,
    pub reason: String,
}

/// The number that a document shall have at 编号; none: lets it go again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberChoice {
    #[serde(default)]
    pub chosen: Option<ChosenNumber>,
}

/// A number that was kept.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenNumber {
    pub series: String,
    pub year: i32,
    pub number: u32,
}

fn series(id: String, card: SeriesCard) -> Result<Series, ApiError> {
    let SeriesCard { organ, code, title, kinds } = card;
    let kinds = kinds
        .iter()
        .map(|kind| {
            let unknown = || ApiError::invalid("kinds", format!("没有“{kind}”这个文种。"));
            Kind::from_title(kind).ok_or_else(unknown)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Series { id, organ: organ.into(), code, title, kinds })
}

/// The series that the reader keeps: all for administrators, those of their registries for registrars.
#[utoipa::path(get, path = "/api/v1/registers/series", tag = "registers",
    responses((status = 200, body = [KeptSeries]), Reading))]
pub async fn list(State(app): State<App>, actor: Actor) -> Result<Json<Vec<KeptSeries>>, ApiError> {
    let kept = app.office.kept_series(&actor.seat).await?;
    Ok(Json(kept.into_iter().map(KeptSeries::from).collect()))
}

/// Set up a series (系统管理员).
#[utoipa::path(post, path = "/api/v1/registers/series", tag = "registers", request_body = NewSeries,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 204), Writing))]
pub async fn add(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: NewSeries { id, card }, key }: Keyed<NewSeries>,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).add_series(&actor.seat, series(id, card)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rename a series (系统管理员). 代字 and organ only as long as no number was given.
#[utoipa::path(put, path = "/api/v1/registers/series/{id}", tag = "registers", request_body = SeriesCard,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 204), Writing))]
pub async fn edit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Keyed { value: card, key }: Keyed<SeriesCard>,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).edit_series(&actor.seat, series(id, card)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of every number of a year: the report of gaps.
#[utoipa::path(get, path = "/api/v1/registers/series/{id}/numbers", tag = "registers",
    params(("id" = String, Path), OfYear), responses((status = 200, body = [NumberFate]), Reading))]
pub async fn numbers(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Asked(OfYear { year }): Asked<OfYear>,
) -> Result<Json<Vec<NumberFate>>, ApiError> {
    let lines = app.office.number_register(&actor.seat, &id, year).await?;
    Ok(Json(lines.into_iter().map(NumberFate::from).collect()))
}

/// Keep a number for a document to come (收发岗 of the organ, 系统管理员).
#[utoipa::path(post, path = "/api/v1/registers/series/{id}/reservations", tag = "registers",
    request_body = Reservation, params(("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = ReservedNumber), Writing))]
pub async fn reserve(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Keyed { value: Reservation { year, number, reason }, key }: Keyed<Reservation>,
) -> Result<Json<ReservedNumber>, ApiError> {
    let office = app.office.under(key);
    let number = office.reserve_number(&actor.seat, &id, year, number, &reason).await?;
    Ok(Json(ReservedNumber { year, number }))
}

/// Make a number void: it never comes again.
#[utoipa::path(post, path = "/api/v1/registers/series/{id}/voids", tag = "registers", request_body = Voiding,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 204), Writing))]
pub async fn void(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Keyed { value: Voiding { year, number, reason }, key }: Keyed<Voiding>,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).void_number(&actor.seat, &id, year, number, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Choose a kept number for the document of a case, which gets it at 编号.
#[utoipa::path(put, path = "/api/v1/cases/{case}/number", tag = "registers", request_body = NumberChoice,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 204), Writing))]
pub async fn choose(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Keyed { value: NumberChoice { chosen }, key }: Keyed<NumberChoice>,
) -> Result<StatusCode, ApiError> {
    let chosen = chosen.map(|chosen| (chosen.series, chosen.year, chosen.number));
    app.office.under(key).choose_number(&actor.seat, case, chosen).await?;
    Ok(StatusCode::NO_CONTENT)
}
