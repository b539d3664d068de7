//! Flows with their versions and their record; retiring, taking up again, restoring; files to save.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Keyed, Path},
    files, flow_check,
    view::{
        Deployed, EffectWord, Field, FlowDeed, FlowRecord, FlowSummary, FlowWords, InFlight,
        Picture, ShippedFlow, WorkflowView,
    },
};
use axum::{Json, extract::State, response::Response};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use wenshu_core::draw::picture;

/// Why something is done to a flow.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowReason {
    pub reason: String,
}

/// Putting a shipped flow in place again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restoring {
    pub reason: String,
    /// The newest version that was looked at; null where there is none.
    #[serde(default)]
    pub base: Option<String>,
    /// The survey whose warnings were read and are accepted.
    #[serde(default)]
    pub accepted: Option<String>,
}

/// All flows with versions and cases in flight (roles flow-admin, audit-admin).
#[utoipa::path(get, path = "/api/v1/workshop/flows", tag = "flows",
    responses((status = 200, body = [FlowSummary]), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
) -> Result<Json<Vec<FlowSummary>>, ApiError> {
    let (flows, shipped) = (app.office.flows(&actor.seat).await?, app.office.shipped().await?);
    Ok(Json(flows.into_iter().map(|flow| FlowSummary::new(flow, &shipped)).collect()))
}

/// One flow, and who did what to it when and why.
#[utoipa::path(get, path = "/api/v1/workshop/flows/{name}", tag = "flows", params(("name" = String, Path)),
    responses((status = 200, body = FlowRecord), Reading))]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<FlowRecord>, ApiError> {
    let (flow, deeds) = app.office.flow(&actor.seat, &name).await?;
    Ok(Json(FlowRecord {
        flow: FlowSummary::new(flow, &app.office.shipped().await?),
        deeds: deeds.into_iter().map(FlowDeed::from).collect(),
    }))
}

/// The source and picture of a version.
#[utoipa::path(get, path = "/api/v1/workshop/flows/{name}/versions/{hash}", tag = "flows",
    params(("name" = String, Path), ("hash" = String, Path)),
    responses((status = 200, body = WorkflowView), Reading))]
pub async fn version(
    State(app): State<App>,
    actor: Actor,
    Path((name, hash)): Path<(String, String)>,
) -> Result<Json<WorkflowView>, ApiError> {
    let row = app.office.flow_version(&actor.seat, &name, &hash).await?;
    let workflow = app.office.workflow_by_hash(&row.name, &row.hash).await?;
    Ok(Json(WorkflowView {
        name: row.name,
        title: row.title,
        hash: row.hash,
        picture: Picture::beside(picture(&workflow, app.office.vocabulary()), &row.source),
        source: row.source,
    }))
}

/// The file of a version, to be saved.
#[utoipa::path(get, path = "/api/v1/workshop/flows/{name}/versions/{hash}/file", tag = "flows",
    params(("name" = String, Path), ("hash" = String, Path)),
    responses((status = 200, content_type = "text/yaml", body = String), Reading))]
pub async fn file(
    State(app): State<App>,
    actor: Actor,
    Path((name, hash)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let row = app.office.flow_version(&actor.seat, &name, &hash).await?;
    let short: String = row.hash.chars().take(8).collect();
    let name = format!("{}-{}-{short}.yaml", row.name, row.title);
    files::download(&name, "text/yaml; charset=utf-8", row.source)
}

/// The flows that come with the system.
#[utoipa::path(get, path = "/api/v1/workshop/shipped", tag = "flows",
    responses((status = 200, body = [ShippedFlow]), Reading))]
pub async fn shipped(
    State(app): State<App>,
    actor: Actor,
) -> Result<Json<Vec<ShippedFlow>>, ApiError> {
    app.office.require_workshop(&actor.seat).await?;
    Ok(Json(app.office.shipped().await?.into_iter().map(ShippedFlow::from).collect()))
}

/// No new case starts by it from now on. Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/workshop/flows/{name}/retire", tag = "flows", request_body = FlowReason,
    params(("name" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = FlowRecord), Writing))]
pub async fn retire(
    State(app): State<App>,
    actor: Actor,
    Path(name): Path<String>,
    Keyed { value: FlowReason { reason }, key }: Keyed<FlowReason>,
) -> Result<Json<FlowRecord>, ApiError> {
    app.office.retire_flow(&actor.seat, &name, &reason, &key).await?;
    show(State(app), actor, Path(name)).await
}

/// New cases may start by it again. Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/workshop/flows/{name}/resume", tag = "flows", request_body = FlowReason,
    params(("name" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = FlowRecord), Writing))]
pub async fn resume(
    State(app): State<App>,
    actor: Actor,
    Path(name): Path<String>,
    Keyed { value: FlowReason { reason }, key }: Keyed<FlowReason>,
) -> Result<Json<FlowRecord>, ApiError> {
    app.office.resume_flow(&actor.seat, &name, &reason, &key).await?;
    show(State(app), actor, Path(name)).await
}

/// Deploys what came with the system. Warnings must be accepted as for any deployment (409 `warnings_unread`). Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/workshop/flows/{name}/restore", tag = "flows", request_body = Restoring,
    params(("name" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Deployed), Writing))]
pub async fn restore(
    State(app): State<App>,
    actor: Actor,
    Path(name): Path<String>,
    Keyed { value: Restoring { reason, base, accepted }, key }: Keyed<Restoring>,
) -> Result<Json<Deployed>, ApiError> {
    let (office, base, accepted) = (&app.office, base.as_deref(), accepted.as_deref());
    let done = office.restore_flow(&actor.seat, &name, &reason, base, accepted, &key).await?;
    Ok(Json(deployed(&app, done).await?))
}

/// What a deployment came to, with the cases that keep other versions.
pub(crate) async fn deployed(
    app: &App,
    done: wenshu_office::Deployed,
) -> Result<Deployed, ApiError> {
    let in_flight = in_flight(app, &done.name).await?;
    Ok(Deployed {
        in_flight: in_flight.into_iter().filter(|one| one.hash != done.hash).collect(),
        name: done.name,
        title: done.title,
        hash: done.hash,
        changed: done.changed,
    })
}

pub(crate) async fn in_flight(app: &App, name: &str) -> Result<Vec<InFlight>, ApiError> {
    let found = app.office.in_flight_of(name).await?;
    Ok(found.into_iter().map(|(hash, cases)| InFlight { hash, cases }).collect())
}

/// What an editor may offer: roles and titles of today's directory, fields, effects, people of the sample office.
#[utoipa::path(get, path = "/api/v1/workshop/words", tag = "flows",
    responses((status = 200, body = FlowWords), Reading))]
pub async fn words(State(app): State<App>, actor: Actor) -> Result<Json<FlowWords>, ApiError> {
    app.office.require_workshop(&actor.seat).await?;
    let directory = app.office.directory().await?;
    let once = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>();
    let posts = || directory.posts.values();
    let sample = flow_check::sample_office();
    let vocabulary = app.office.vocabulary();
    Ok(Json(FlowWords {
        roles: once(posts().flat_map(|post| &post.roles).map(ToString::to_string).collect()),
        posts: once(posts().map(|post| post.title.clone()).collect()),
        topics: once(
            directory.units.values().flat_map(|unit| unit.topics.keys()).cloned().collect(),
        ),
        fields: vocabulary.fields.iter().map(Field::from).collect(),
        effects: vocabulary
            .effects
            .iter()
            .map(|effect| EffectWord { name: effect.name.clone(), title: effect.title.clone() })
            .collect(),
        sample_people: sample.people.values().map(|person| person.name.clone()).collect(),
        sample_units: sample.units.values().map(|unit| unit.short.clone()).collect(),
    }))
}
