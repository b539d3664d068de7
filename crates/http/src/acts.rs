//! Acts on a case, one at a time or the same approval on many. What an act means is the core's.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Writing},
    extract::{Keyed, Path},
    view::{self, CaseView, FactsView, Resume, mirror},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wenshu_core::{
    command::{self, Command, Completion},
    id::{CaseId, TaskId, VisitId},
};
use wenshu_office::RequestKey;

mirror! {
    /// How a task is completed.
    Outcome is command::Outcome { Approved, Refused }
}

/// What is asked. `task` and `seen` are what the sender saw, never guesses.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = Command)]
pub enum Act {
    /// 同意, 提交 or 不同意.
    Complete {
        task: u32,
        outcome: Outcome,
        #[serde(default)]
        opinion: String,
        /// Fields changed, new values.
        #[serde(default)]
        changes: FactsView,
        /// Choices for later steps, by name.
        #[serde(default)]
        picks: BTreeMap<String, Picked>,
        /// The document's version that the sender saw.
        #[serde(default)]
        seen: Option<u32>,
        /// Hand over the saved working copy, too.
        #[serde(default)]
        working: bool,
    },
    /// 退回.
    SendBack {
        task: u32,
        to: String,
        #[serde(default)]
        resume: Option<Resume>,
        opinion: String,
    },
    /// 转办.
    Transfer {
        task: u32,
        to: Chosen,
        #[serde(default)]
        opinion: String,
    },
    /// Take an offered task.
    Claim { task: u32 },
    /// Give a claimed task back.
    Release { task: u32 },
    /// The holder has looked at it.
    Open { task: u32 },
    /// 已阅.
    Read {
        task: u32,
        #[serde(default)]
        opinion: String,
    },
    /// 撤回.
    Withdraw {
        #[serde(default)]
        reason: String,
    },
    /// Open one's finished task again, after the text changed.
    Reopen { task: u32 },
    /// 抄送.
    Cc {
        #[serde(default)]
        task: Option<u32>,
        to: Vec<Chosen>,
        #[serde(default)]
        note: String,
    },
    /// 传阅.
    Circulate {
        #[serde(default)]
        task: Option<u32>,
        to: Vec<Chosen>,
        #[serde(default)]
        note: String,
    },
    /// 催办.
    Urge {
        #[serde(default)]
        text: String,
    },
    /// 终止.
    Terminate {
        #[serde(default)]
        task: Option<u32>,
        reason: String,
    },
    /// An administrator lets what stalled try again.
    Retry {
        #[serde(default)]
        reason: String,
    },
    /// 指定办理: an administrator names who handles a stalled step.
    Appoint { visit: u32, to: Chosen, reason: String },
    /// 改派: an administrator gives an open task to somebody else.
    Reassign { task: u32, to: Chosen, reason: String },
}

/// A person, in a post of theirs.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    pub person: String,
    /// The main post unless said.
    #[serde(default)]
    pub post: Option<String>,
}

/// What was chosen for later.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    #[serde(default)]
    pub people: Vec<Chosen>,
    #[serde(default)]
    pub units: Vec<String>,
    /// 主办.
    #[serde(default)]
    pub lead: Option<String>,
}

impl From<Chosen> for command::Chosen {
    fn from(chosen: Chosen) -> Self {
        Self { person: chosen.person.into(), post: chosen.post.map(Into::into) }
    }
}

impl From<Picked> for command::Picked {
    fn from(picked: Picked) -> Self {
        Self {
            people: picked.people.into_iter().map(Into::into).collect(),
            units: picked.units.into_iter().map(Into::into).collect(),
            lead: picked.lead.map(Into::into),
        }
    }
}

/// The core's command, and whether the working copy goes with it.
pub(crate) fn command(act: Act) -> (Command, bool) {
    let many = |to: Vec<Chosen>| to.into_iter().map(Into::into).collect();
    let command = match act {
        Act::Complete { task, outcome, opinion, changes, picks, seen, working } => {
            let picks = picks.into_iter().map(|(name, picked)| (name, picked.into())).collect();
            let (task, outcome) = (TaskId(task), outcome.into());
            let completion = Completion { task, outcome, opinion, changes: changes.0, picks, seen };
            return (Command::Complete(completion), working);
        }
        Act::SendBack { task, to, resume, opinion } => Command::SendBack {
            task: TaskId(task),
            to: to.into(),
            resume: resume.map(Into::into),
            opinion,
        },
        Act::Transfer { task, to, opinion } => {
            Command::Transfer { task: TaskId(task), to: to.into(), opinion }
        }
        Act::Claim { task } => Command::Claim { task: TaskId(task) },
        Act::Release { task } => Command::Release { task: TaskId(task) },
        Act::Open { task } => Command::Open { task: TaskId(task) },
        Act::Read { task, opinion } => Command::Read { task: TaskId(task), opinion },
        Act::Withdraw { reason } => Command::Withdraw { reason },
        Act::Reopen { task } => Command::Reopen { task: TaskId(task) },
        Act::Cc { task, to, note } => Command::Cc { task: task.map(TaskId), to: many(to), note },
        Act::Circulate { task, to, note } => {
            Command::Circulate { task: task.map(TaskId), to: many(to), note }
        }
        Act::Urge { text } => Command::Urge { text },
        Act::Terminate { task, reason } => Command::Terminate { task: task.map(TaskId), reason },
        Act::Retry { reason } => Command::Retry { reason },
        Act::Appoint { visit, to, reason } => {
            Command::Appoint { visit: VisitId(visit), to: to.into(), reason }
        }
        Act::Reassign { task, to, reason } => {
            Command::Reassign { task: TaskId(task), to: to.into(), reason }
        }
    };
    (command, false)
}

/// Act on a case. Needs an Idempotency-Key: the same key with the same request is done once.
#[utoipa::path(post, path = "/api/v1/cases/{case}/acts", tag = "acts", request_body = Act,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = CaseView), Writing))]
pub async fn act(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Keyed { value: act, key }: Keyed<Act>,
) -> Result<Json<CaseView>, ApiError> {
    let looked = matches!(act, Act::Open { .. });
    let (command, working) = command(act);
    once(&app, &actor, case, command, working, key).await?;
    if looked && app.office.may_see(&actor.seat, case).await? {
        app.office.mark_seen(&actor.seat, case).await?;
    }
    Ok(Json(view::of(&app, &actor.seat, case).await?))
}

async fn once(
    app: &App,
    actor: &Actor,
    case: CaseId,
    command: Command,
    working: bool,
    key: RequestKey,
) -> Result<(), ApiError> {
    let acting = actor.acting();
    match working {
        true => app.office.hand_over(&acting, case, command, Some(key)).await?,
        false => app.office.run(&acting, case, command, Some(key)).await?,
    };
    Ok(())
}

/// Tasks to approve together.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub items: Vec<BatchItem>,
    #[serde(default)]
    pub opinion: String,
}

/// One of them, as its list showed it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchItem {
    #[schema(value_type = String)]
    pub case: CaseId,
    pub task: u32,
    #[serde(default)]
    pub seen: Option<u32>,
}

/// What became of each.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchResults {
    pub results: Vec<BatchResult>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchResult {
    pub case: String,
    pub task: u32,
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

/// Approve many tasks; each is done or refused for itself. Needs an Idempotency-Key.
#[utoipa::path(post, path = "/api/v1/acts/batch", tag = "acts", request_body = Batch,
    params(("Idempotency-Key" = String, Header)), responses((status = 200, body = BatchResults), Writing))]
pub async fn batch(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: Batch { items, opinion }, key }: Keyed<Batch>,
) -> Result<Json<BatchResults>, ApiError> {
    if items.len() > MOST {
        return Err(ApiError::invalid("items", format!("一次最多办理{MOST}件，请分批办理。")));
    }
    let mut results = vec![];
    for BatchItem { case, task, seen } in items {
        let completion = Completion {
            task: TaskId(task),
            outcome: command::Outcome::Approved,
            opinion: opinion.clone(),
            changes: BTreeMap::new(),
            picks: BTreeMap::new(),
            seen,
        };
        let key =
            RequestKey { key: format!("{}/{case}/{task}", key.key), request: key.request.clone() };
        let done = once(&app, &actor, case, Command::Complete(completion), false, key).await;
        let error = done.err();
        results.push(BatchResult {
            case: case.to_string(),
            task,
            ok: error.is_none(),
            code: error.as_ref().map(|error| error.code().to_owned()),
            detail: error.as_ref().map(|error| error.detail().to_owned()),
        });
    }
    Ok(Json(BatchResults { results }))
}
