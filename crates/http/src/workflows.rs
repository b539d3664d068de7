//! Flows: which may be started, their files and pictures, checking and deploying.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing, of_multipart},
    extract::{Asked, Body, Keyed, Path},
    view::{
        Deployed, FlowCheck, FlowImport, FlowProblem, FlowWarning, Picture, WorkflowBrief,
        WorkflowView,
    },
    workshop::flows,
};
use axum::{
    Json,
    extract::{Multipart, State, multipart::MultipartRejection},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wenshu_core::draw::picture;
use wenshu_office::{Deploying, Error};

/// The largest file of a flow, as the reader of files has it.
const LARGEST_FILE: usize = 256 * 1024;

/// What a flow is wanted for.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To be started by whoever has something to write.
    #[default]
    Draft,
    /// To register what came in; the flows made for it come first.
    Registration,
    Any,
}

/// Which flows.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `draft` unless said.
    #[serde(default, rename = "for")]
    #[param(inline, required = false)]
    pub purpose: Purpose,
}

/// The flows that new cases may start. Retired ones are not among them.
#[utoipa::path(get, path = "/api/v1/workflows", tag = "workflows", params(Wanted),
    responses((status = 200, body = [WorkflowBrief]), Reading))]
pub async fn list(
    State(app): State<App>,
    _actor: Actor,
    Asked(Wanted { purpose }): Asked<Wanted>,
) -> Result<Json<Vec<WorkflowBrief>>, ApiError> {
    let purpose = match purpose {
        Purpose::Draft => wenshu_office::Purpose::Draft,
        Purpose::Registration => wenshu_office::Purpose::Registration,
        Purpose::Any => wenshu_office::Purpose::Any,
    };
    let workflows = app.office.workflows(purpose).await?;
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
    /// The hash of the version that its writer started from; null for a flow that is new.
    #[serde(default)]
    pub base: Option<String>,
    /// The `survey` of the check whose warnings were read and are accepted; null where there were none.
    #[serde(default)]
    pub accepted: Option<String>,
}

/// A flow's file to be looked at.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it only describes the form's field to the specification")]
pub struct FlowFile {
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// Check a file without deploying it: its problems, whom it will not find, its picture (role flow-admin).
#[utoipa::path(post, path = "/api/v1/workflows/check", tag = "workflows", request_body = FlowSource,
    responses((status = 200, body = FlowCheck), Writing))]
pub async fn check(
    State(app): State<App>,
    actor: Actor,
    Body(FlowSource { source }): Body<FlowSource>,
) -> Result<Json<FlowCheck>, ApiError> {
    Ok(Json(checked(&app, &actor, source).await?))
}

/// Read a flow's file and check it: the field `file` of a form, at most 256 KiB of UTF-8 (role flow-admin). Nothing is
/// stored: what comes back is edited and deployed as any other text.
#[utoipa::path(post, path = "/api/v1/workflows/import", tag = "workflows",
    request_body(content = FlowFile, content_type = "multipart/form-data"),
    responses((status = 200, body = FlowImport), Writing))]
pub async fn import(
    State(app): State<App>,
    actor: Actor,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<FlowImport>, ApiError> {
    app.office.require_flow_admin(&actor.seat).await?;
    let mut form =
        form.map_err(|_| ApiError::unreadable("上传文件须用 multipart/form-data 表单。"))?;
    while let Some(field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        let bytes = field.bytes().await.map_err(|error| of_multipart(&error))?;
        if bytes.len() > LARGEST_FILE {
            return Err(ApiError::too_large(LARGEST_FILE as u64));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            let detail = "文件不是 UTF-8 编码的文本。请用文本编辑器另存为 UTF-8 后再导入。";
            ApiError::invalid("file", detail)
        })?;
        let source = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let check = checked(&app, &actor, source.clone()).await?;
        return Ok(Json(FlowImport { source, check }));
    }
    Err(ApiError::unreadable("表单里没有名为 file 的文件。"))
}

async fn checked(app: &App, actor: &Actor, source: String) -> Result<FlowCheck, ApiError> {
    let checked = app.office.check_flow(&actor.seat, source.clone()).await?;
    let (workflow, warnings) = match checked {
        Ok(sound) => sound,
        Err(problems) => {
            return Ok(FlowCheck {
                problems: problems.into_iter().map(FlowProblem::from).collect(),
                warnings: vec![],
                name: None,
                title: None,
                hash: None,
                picture: None,
                tests: 0,
                current: None,
                in_flight: vec![],
                survey: None,
            });
        }
    };
    let current = match app.office.workflow_source(&workflow.name).await {
        Ok(row) => Some(row.hash),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let in_flight = flows::in_flight(app, &workflow.name).await?;
    Ok(FlowCheck {
        problems: vec![],
        survey: wenshu_office::survey_hash(&warnings),
        warnings: warnings.into_iter().map(FlowWarning::from).collect(),
        picture: Some(Picture::beside(picture(&workflow, app.office.vocabulary()), &source)),
        tests: workflow.tests.len(),
        current,
        in_flight: in_flight.into_iter().filter(|one| one.hash != workflow.hash).collect(),
        name: Some(workflow.name),
        title: Some(workflow.title),
        hash: Some(workflow.hash),
    })
}

/// Deploy a flow (role flow-admin). Cases in flight keep theirs. The newest version again changes nothing; whoever
/// started from an older one is told who was quicker (409 `flow_moved`), whoever did not accept the warnings as they are
/// now is shown them (409 `warnings_unread`). Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/workflows", tag = "workflows", request_body = Deployment,
    params(("Idempotency-Key" = String, Header)), responses((status = 200, body = Deployed), Writing))]
pub async fn deploy(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: Deployment { source, reason, base, accepted }, key }: Keyed<Deployment>,
) -> Result<Json<Deployed>, ApiError> {
    let deploying = Deploying { source, reason, base, accepted };
    let done = app.office.deploy_version(&actor.seat, &deploying, &key).await?;
    Ok(Json(flows::deployed(&app, done).await?))
}
