//! 移交: what lies open with somebody who leaves, and giving it all to a successor.

use super::directory::{DirectoryChanged, HangingTask};
use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Keyed, Path},
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenshu_core::id::PersonId;
use wenshu_office::HandOverState;

/// Everything open of one person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenWork {
    /// The first 2,000.
    pub tasks: Vec<OpenTask>,
    /// How many there are.
    pub total: u64,
    /// Posts that nobody else holds.
    pub posts_alone: Vec<Thing>,
    /// Posts that others hold, too.
    pub posts_shared: Vec<Thing>,
    /// Seals in the keeping of a post that nobody else holds.
    pub seals: Vec<Thing>,
    /// Deliveries waiting in registries that nobody else holds.
    pub deliveries: u64,
}

/// Something by id and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Thing {
    pub id: String,
    pub name: String,
}

/// An open task or draft: where it is, never what it is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenTask {
    pub case: String,
    pub task: u32,
    /// The flow's title.
    pub workflow: String,
    pub step: String,
    pub came_at: DateTime<Utc>,
    pub draft: bool,
    /// It lies with a post that nobody else holds.
    pub through_post: bool,
}

/// To whom.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverRequest {
    pub to: String,
    /// Disable the account and the person, too.
    #[serde(default)]
    pub disable: bool,
    pub reason: String,
}

/// How far it came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandOverProgress {
    pub to: String,
    pub reason: String,
    pub disable: bool,
    pub done: bool,
    /// How many there were when it began.
    pub total: u64,
    pub moved: u64,
    /// What could not be moved, and why.
    pub left: Vec<LeftTask>,
}

/// A case that could not be moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeftTask {
    pub case: String,
    pub why: String,
}

/// What was done at once, and what a job goes on with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandedOver {
    pub directory: DirectoryChanged,
    pub progress: HandOverProgress,
}

impl From<HandOverState> for HandOverProgress {
    fn from(state: HandOverState) -> Self {
        let left = state.left.into_iter();
        Self {
            to: state.to.to_string(),
            reason: state.reason,
            disable: state.disable,
            done: state.done,
            total: state.total,
            moved: state.moved,
            left: left.map(|(case, why)| LeftTask { case: case.to_string(), why }).collect(),
        }
    }
}

fn things<I: ToString>(all: Vec<(I, String)>) -> Vec<Thing> {
    all.into_iter().map(|(id, name)| Thing { id: id.to_string(), name }).collect()
}

/// What would be left lying if somebody went now.
#[utoipa::path(get, path = "/api/v1/admin/people/{person}/open", tag = "staff", params(("person" = String, Path)),
    responses((status = 200, body = OpenWork), Reading))]
pub async fn open(
    State(app): State<App>,
    actor: Actor,
    Path(person): Path<String>,
) -> Result<Json<OpenWork>, ApiError> {
    let open = app.office.open_work(&actor.acting(), &PersonId(person)).await?;
    let task = |task: wenshu_office::OpenTask| OpenTask {
        case: task.case.to_string(),
        task: task.task.0,
        workflow: task.workflow,
        step: task.step,
        came_at: task.came_at,
        draft: task.draft,
        through_post: task.through_post,
    };
    Ok(Json(OpenWork {
        total: open.total,
        tasks: open.tasks.into_iter().map(task).collect(),
        posts_alone: things(open.posts_alone),
        posts_shared: things(open.posts_shared),
        seals: things(open.seals),
        deliveries: open.deliveries,
    }))
}

/// Give everything to a successor (系统管理员). Posts change hands at once, the tasks follow; see how far it came.
#[utoipa::path(post, path = "/api/v1/admin/people/{person}/hand-over", tag = "staff", request_body = HandOverRequest,
    params(("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = HandedOver), Writing))]
pub async fn give(
    State(app): State<App>,
    actor: Actor,
    Path(person): Path<String>,
    Keyed { value: HandOverRequest { to, disable, reason }, key }: Keyed<HandOverRequest>,
) -> Result<Json<HandedOver>, ApiError> {
    let (from, to) = (PersonId(person), PersonId(to));
    let office = app.office.under(key);
    let done = office.hand_over_all(&actor.acting(), &from, &to, disable, &reason).await?;
    let hanging = done.directed.hanging.into_iter().map(HangingTask::from).collect();
    let (version, said) = (done.directed.version, done.directed.said);
    let directory = DirectoryChanged { version, said, hanging };
    Ok(Json(HandedOver { directory, progress: done.state.into() }))
}

/// How far the last hand-over of somebody came.
#[utoipa::path(get, path = "/api/v1/admin/people/{person}/hand-over", tag = "staff",
    params(("person" = String, Path)), responses((status = 200, body = HandOverProgress), Reading))]
pub async fn progress(
    State(app): State<App>,
    actor: Actor,
    Path(person): Path<String>,
) -> Result<Json<HandOverProgress>, ApiError> {
    let state = app.office.hand_over_state(&actor.acting(), &PersonId(person)).await?;
    state.map(|state| Json(state.into())).ok_or_else(ApiError::not_found)
}
