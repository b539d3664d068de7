//! Between units: what came to a registry, what became of what was sent, signing, returning, registering.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Asked, Keyed, Path, Unsaid},
    files,
    view::{self, CaseView, Delivery, DeliveryState, Page, Slice},
};
use axum::{Json, extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_core::{
    directory::Seat,
    id::{CaseId, DeliveryId, PostId},
};
use wenshu_document::DeliveryCommand;
use wenshu_office::{Error, RequestKey, registries};
use wenshu_storage::DeliveryRow;

/// From which side one looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What came to the reader's registries.
    #[default]
    In,
    /// What the reader's organ dispatched.
    Out,
}

/// Which deliveries.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    #[param(inline)]
    pub side: Option<Side>,
    #[param(inline)]
    pub state: Option<DeliveryState>,
    pub limit: Option<u32>,
    pub after: Option<String>,
}

/// Why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub reason: String,
}

/// How a received document is registered.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub workflow: String,
    /// 收文编号, the unit's own.
    #[serde(default)]
    pub series_number: Option<String>,
}

/// Deliveries to sign for together.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Many {
    #[schema(value_type = Vec<String>)]
    pub ids: Vec<DeliveryId>,
}

/// What became of each.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignResults {
    pub results: Vec<SignResult>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignResult {
    pub id: String,
    pub ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
}

/// More in one request would keep its sender waiting.
const MOST: usize = 200;

/// What came in, or what was sent: newest first, and all recipients of one case together.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(Wanted),
    responses((status = 200, body = Page<Delivery>), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<Delivery>>, ApiError> {
    let (state, slice) =
        (wanted.state.map(Into::into), Slice { limit: wanted.limit, after: wanted.after }.into());
    let (page, own) = match wanted.side.unwrap_or_default() {
        Side::In => (app.office.incoming(&actor.seat, state, &slice).await?, true),
        Side::Out => (app.office.outgoing(&actor.seat, state, &slice).await?, false),
    };
    Ok(Json(Page::of(page, |row| Delivery::new(&row, own))))
}

/// What became of a case's deliveries.
#[utoipa::path(get, path = "/api/v1/cases/{case}/deliveries", tag = "deliveries", params(("case" = String, Path)),
    responses((status = 200, body = [Delivery]), Reading))]
pub async fn of_case(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
) -> Result<Json<Vec<Delivery>>, ApiError> {
    let rows = app.office.deliveries(&actor.seat, case).await?;
    Ok(Json(rows.iter().map(|row| Delivery::new(row, false)).collect()))
}

/// The file that was sent, for the registry that received it.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}/pdf", tag = "deliveries", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = inline(files::File)), Reading))]
pub async fn pdf(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DeliveryId>,
) -> Result<Response, ApiError> {
    let pdf = app.office.delivered_pdf(&actor.seat, id).await?;
    let title = row(&app, id).await?.title;
    files::pdf(&format!("{}.pdf", wenshu_office::filename::tidy(&title)), pdf)
}

async fn row(app: &App, id: DeliveryId) -> Result<DeliveryRow, ApiError> {
    app.office.storage().delivery(id).await.map_err(Error::from)?.ok_or_else(ApiError::not_found)
}

/// The seat in which the actor does it: that of the registry concerned, if it is one of theirs; else the one chosen.
async fn seat(app: &App, actor: &Actor, registry: Option<&PostId>) -> Result<Seat, ApiError> {
    let directory = app.office.directory().await?;
    let theirs = registries(&directory, &actor.seat);
    let registry = registry.filter(|post| theirs.contains(post));
    let seat = registry.and_then(|post| directory.seat(&actor.session.person.id, post));
    Ok(seat.unwrap_or_else(|| actor.seat.clone()))
}

/// An act of the receiving side.
async fn receive(
    app: &App,
    actor: &Actor,
    id: DeliveryId,
    command: DeliveryCommand,
    key: RequestKey,
) -> Result<Delivery, ApiError> {
    let seat = seat(app, actor, row(app, id).await?.to_post.as_ref()).await?;
    Ok(Delivery::new(&app.office.deliver_once(&seat, id, command, Some(key)).await?, true))
}

/// An act of the sending side, on a delivery of that case.
async fn send(
    app: &App,
    actor: &Actor,
    (case, id): (CaseId, DeliveryId),
    command: DeliveryCommand,
    key: RequestKey,
) -> Result<Delivery, ApiError> {
    let row = row(app, id).await?;
    if row.case != case {
        return Err(ApiError::not_found());
    }
    let directory = app.office.directory().await?;
    let registry = directory.units.get(&row.from_unit).and_then(|unit| unit.registry.as_ref());
    let seat = seat(app, actor, registry).await?;
    Ok(Delivery::new(&app.office.deliver_once(&seat, id, command, Some(key)).await?, false))
}

/// 催办, by the sender. Needs an Idempotency-Key, as all acts on deliveries do.
#[utoipa::path(post, path = "/api/v1/cases/{case}/deliveries/{id}/urge", tag = "deliveries",
    params(("case" = String, Path), ("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Delivery), Writing))]
pub async fn urge(
    State(app): State<App>,
    actor: Actor,
    Path(which): Path<(CaseId, DeliveryId)>,
    Unsaid(key): Unsaid,
) -> Result<Json<Delivery>, ApiError> {
    let text = "请尽快签收登记。".to_owned();
    Ok(Json(send(&app, &actor, which, DeliveryCommand::Urge { text }, key).await?))
}

/// 撤回, by the sender, before anybody signed for it.
#[utoipa::path(post, path = "/api/v1/cases/{case}/deliveries/{id}/withdraw", tag = "deliveries", request_body = Reason,
    params(("case" = String, Path), ("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Delivery), Writing))]
pub async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(which): Path<(CaseId, DeliveryId)>,
    Keyed { value: Reason { reason }, key }: Keyed<Reason>,
) -> Result<Json<Delivery>, ApiError> {
    Ok(Json(send(&app, &actor, which, DeliveryCommand::Withdraw { reason }, key).await?))
}

/// 签收.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/sign", tag = "deliveries",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Delivery), Writing))]
pub async fn sign(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DeliveryId>,
    Unsaid(key): Unsaid,
) -> Result<Json<Delivery>, ApiError> {
    Ok(Json(receive(&app, &actor, id, DeliveryCommand::SignFor, key).await?))
}

/// 退文, with a reason.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/return", tag = "deliveries", request_body = Reason,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Delivery), Writing))]
pub async fn give_back(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DeliveryId>,
    Keyed { value: Reason { reason }, key }: Keyed<Reason>,
) -> Result<Json<Delivery>, ApiError> {
    Ok(Json(receive(&app, &actor, id, DeliveryCommand::Return { reason }, key).await?))
}

/// 登记: the unit's own case begins. Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/register", tag = "deliveries", request_body = Registration,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = CaseView), Writing))]
pub async fn register(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DeliveryId>,
    Keyed { value: Registration { workflow, series_number }, key }: Keyed<Registration>,
) -> Result<Json<CaseView>, ApiError> {
    let seat = seat(&app, &actor, row(&app, id).await?.to_post.as_ref()).await?;
    let acted =
        app.office.register_as(&seat, id, &workflow, series_number.as_deref(), Some(key)).await?;
    Ok(Json(view::of(&app, &actor.seat, acted.case).await?))
}

/// A number of one's own book.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnNumber {
    pub number: String,
}

/// 收文编号 that would come next, by what the registry wrote last; nothing is taken.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}/number", tag = "deliveries", params(("id" = String, Path)),
    responses((status = 200, body = OwnNumber), Reading))]
pub async fn number(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DeliveryId>,
) -> Result<Json<OwnNumber>, ApiError> {
    let seat = seat(&app, &actor, row(&app, id).await?.to_post.as_ref()).await?;
    Ok(Json(OwnNumber { number: app.office.proposed_number(&seat, id).await? }))
}

/// Sign for many; each is done or refused for itself.
#[utoipa::path(post, path = "/api/v1/deliveries/sign", tag = "deliveries", request_body = Many,
    params(("Idempotency-Key" = String, Header)), responses((status = 200, body = SignResults), Writing))]
pub async fn sign_many(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: Many { ids }, key }: Keyed<Many>,
) -> Result<Json<SignResults>, ApiError> {
    if ids.len() > MOST {
        return Err(ApiError::invalid("ids", format!("一次最多签收{MOST}件，请分批签收。")));
    }
    let mut results = vec![];
    for id in ids {
        let key = RequestKey { key: format!("{}/{id}", key.key), request: key.request.clone() };
        let error = receive(&app, &actor, id, DeliveryCommand::SignFor, key).await.err();
        results.push(SignResult {
            id: id.to_string(),
            ok: error.is_none(),
            code: error.as_ref().map(|error| error.code().to_owned()),
            detail: error.as_ref().map(|error| error.detail().to_owned()),
        });
    }
    Ok(Json(SignResults { results }))
}
