//! Flows: which may be started, their files and pictures, checking and deploying.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Body, Path},
    flow_check,
    view::{FlowCheck, FlowProblem, FlowTest, Picture, WorkflowBrief, WorkflowView},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use wenshu_core::draw::picture;

/// The flows that new cases may start.
#[utoipa::path(get, path = "/api/v1/workflows", tag = "workflows",
    responses((status = 200, body = [WorkflowBrief]), Reading))]
pub async fn list(
    State(app): State<App>,
    _actor: Actor,
) -> Result<Json<Vec<WorkflowBrief>>, ApiError> {
    let workflows = app.office.workflows().await?;
    Ok(Json(workflows.iter().map(|workflow| WorkflowBrief::from(&**workflow)).collect()))
}

/// A flow with its file and its picture.
#[utoipa::path(get, path = "/api/v1/workflows/{name}", tag = "workflows", params(("name" = String, Path)),
    responses((status = 200, body = WorkflowView), Reading))]
pub async fn show(
    State(app): State<App>,
    _actor: Actor,
    Path(name): Path<String>,
) -> Result<Json<WorkflowView>, ApiError> {
    let row = app.office.workflow_source(&name).await?;
    let workflow = app.office.workflow_by_hash(&row.name, &row.hash).await?;
    Ok(Json(WorkflowView {
        name: row.name,
        title: row.title,
        hash: row.hash,
        picture: Picture::beside(picture(&workflow, app.office.vocabulary()), &row.source),
        source: row.source,
    }))
}

/// A flow's file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowSource {
    pub source: String,
}

/// A flow's file, and why it is deployed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    pub source: String,
    pub reason: String,
}

/// What was deployed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Deployed {
    pub name: String,
    pub hash: String,
}

/// Check a file without deploying it: its problems, its picture, its tests played.
#[utoipa::path(post, path = "/api/v1/workflows/check", tag = "workflows", request_body = FlowSource,
    responses((status = 200, body = FlowCheck), Writing))]
pub async fn check(
    State(app): State<App>,
    _actor: Actor,
    Body(FlowSource { source }): Body<FlowSource>,
) -> Result<Json<FlowCheck>, ApiError> {
    let words = app.office.vocabulary().clone();
    // A check cannot be broken off: however many ask, others keep the machine.
    static AT_ONCE: Semaphore = Semaphore::const_new(1);
    let turn = AT_ONCE.acquire().await.map_err(|_| ApiError::internal())?;
    let checked = tokio::task::spawn_blocking(move || {
        // Kept by the work, not by whoever asked: they may be gone.
        let _turn = turn;
        match flow_check::check(&source, &words, flow_check::sample_office()) {
            Err(problems) => FlowCheck {
                problems: problems.into_iter().map(FlowProblem::from).collect(),
                picture: None,
                tests: vec![],
            },
            Ok((workflow, played)) => FlowCheck {
                problems: vec![],
                picture: Some(Picture::beside(picture(&workflow, &words), &source)),
                tests: played
                    .into_iter()
                    .map(|(name, trouble)| FlowTest {
                        name,
                        ok: trouble.is_none(),
                        trouble: trouble.map(|t| t.to_string()),
                    })
                    .collect(),
            },
        }
    });
    Ok(Json(checked.await.map_err(|error| {
        tracing::error!(%error, "a check of a flow broke off");
        ApiError::internal()
    })?))
}

/// Deploy a flow (role flow-admin). Cases in flight keep theirs.
#[utoipa::path(post, path = "/api/v1/workflows", tag = "workflows", request_body = Deployment,
    responses((status = 200, body = Deployed), Writing))]
pub async fn deploy(
    State(app): State<App>,
    actor: Actor,
    Body(Deployment { source, reason }): Body<Deployment>,
) -> Result<Json<Deployed>, ApiError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(wenshu_core::Rejection::ReasonRequired.into());
    }
    let deployed = app.office.deploy(Some(&actor.seat), &source, reason).await?;
    Ok(Json(Deployed { name: deployed.name, hash: deployed.hash }))
}
