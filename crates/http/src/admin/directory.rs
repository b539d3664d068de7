//! The directory as administrators see it: who leads, who holds what, roles, seals, what is disabled; and its changes.

use super::change::DirectoryChange;
use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::Keyed,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wenshu_core::directory::{self, Change};
use wenshu_office::{Directed, Hanging};

/// The whole directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullDirectory {
    pub version: u64,
    pub units: Vec<FullUnit>,
    pub posts: Vec<FullPost>,
    pub people: Vec<FullPerson>,
    pub seals: Vec<FullSeal>,
}

/// A unit 单位 with those who lead it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullUnit {
    pub id: String,
    pub name: String,
    pub short: String,
    pub parent: Option<String>,
    /// 机关, not 内设机构.
    pub organ: bool,
    pub group: String,
    /// 机关代字.
    pub code: Option<String>,
    pub order: u32,
    /// Post of the head 主要负责人.
    pub head: Option<String>,
    /// Post of the leader in charge 分管领导.
    pub in_charge: Option<String>,
    /// Post of the registry 收发岗.
    pub registry: Option<String>,
    /// Posts of leaders in charge by topic, e.g. 财政.
    pub topics: BTreeMap<String, String>,
    pub disabled: bool,
}

/// A post 岗位 with those who hold it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullPost {
    pub id: String,
    pub unit: String,
    pub title: String,
    pub holders: Vec<String>,
    pub roles: Vec<String>,
    pub disabled: bool,
}

/// A person 人员.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullPerson {
    pub id: String,
    pub name: String,
    pub main_post: Option<String>,
    pub disabled: bool,
    /// 系统管理员, 安全保密管理员 or 安全审计员.
    pub administers: Option<String>,
}

/// A seal 印章.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FullSeal {
    pub id: String,
    pub name: String,
    pub unit: String,
    /// The post whose holders keep it.
    pub keeper: String,
    /// SM3 of its image; none: it was not recorded yet.
    pub sm3: Option<String>,
    pub media: Option<String>,
    pub size: Option<u64>,
    pub disabled: bool,
}

/// A change, and the version of the directory that its asker looked at.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// Another version meanwhile: refused as `directory_moved`. Left out: whatever it is now.
    #[serde(default)]
    pub version: Option<u64>,
    /// All or none.
    pub changes: Vec<DirectoryChange>,
}

/// What was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DirectoryChanged {
    pub version: u64,
    /// Each change in a sentence; none: it was so already.
    pub said: Vec<String>,
    /// Open work that now nobody can take up.
    pub hanging: Vec<HangingTask>,
}

/// An open task that nobody can take up. Where it is, never what it is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HangingTask {
    pub case: String,
    pub task: u32,
    pub step: String,
    /// With whom it lies.
    pub with: String,
}

impl From<Hanging> for HangingTask {
    fn from(hanging: Hanging) -> Self {
        let Hanging { case, task, step, with } = hanging;
        Self { case: case.to_string(), task: task.0, step, with }
    }
}

impl From<Directed> for DirectoryChanged {
    fn from(directed: Directed) -> Self {
        let Directed { version, said, hanging } = directed;
        Self { version, said, hanging: hanging.into_iter().map(HangingTask::from).collect() }
    }
}

const MOST_CHANGES: usize = 200;

/// The directory as administrators see it.
#[utoipa::path(get, path = "/api/v1/admin/directory", tag = "staff",
    responses((status = 200, body = FullDirectory), Reading))]
pub async fn show(State(app): State<App>, actor: Actor) -> Result<Json<FullDirectory>, ApiError> {
    app.office.require_administrator(&actor.seat).await?;
    let directory = app.office.directory().await?;
    Ok(Json(view(&directory)))
}

/// Change units, posts and people (系统管理员), or roles, seals and keepers (安全保密管理员).
#[utoipa::path(post, path = "/api/v1/admin/directory/changes", tag = "staff", request_body = ChangeRequest,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DirectoryChanged), Writing))]
pub async fn change(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: ChangeRequest { version, changes }, key }: Keyed<ChangeRequest>,
) -> Result<Json<DirectoryChanged>, ApiError> {
    app.office.require_administrator(&actor.seat).await?;
    if changes.is_empty() || changes.len() > MOST_CHANGES {
        let detail = format!("一次提交1到{MOST_CHANGES}项改动。");
        return Err(ApiError::invalid("changes", detail));
    }
    let changes: Vec<Change> = changes.into_iter().map(Change::from).collect();
    let directed = app.office.under(key).direct(&actor.acting(), &changes, version).await?;
    Ok(Json(directed.into()))
}

fn view(directory: &directory::Directory) -> FullDirectory {
    let text = |id: &Option<wenshu_core::id::PostId>| id.as_ref().map(ToString::to_string);
    let mut units: Vec<_> = directory.units.values().collect();
    units.sort_by_key(|unit| (unit.order, &unit.id));
    let unit = |unit: &directory::Unit| FullUnit {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        short: unit.short.clone(),
        parent: unit.parent.as_ref().map(ToString::to_string),
        organ: unit.organ,
        group: unit.group.clone(),
        code: unit.code.clone(),
        order: unit.order,
        head: text(&unit.head),
        in_charge: text(&unit.in_charge),
        registry: text(&unit.registry),
        topics: unit.topics.iter().map(|(topic, post)| (topic.clone(), post.to_string())).collect(),
        disabled: unit.disabled,
    };
    let post = |post: &directory::Post| FullPost {
        id: post.id.to_string(),
        unit: post.unit.to_string(),
        title: post.title.clone(),
        holders: post.holders.iter().map(ToString::to_string).collect(),
        roles: post.roles.iter().map(ToString::to_string).collect(),
        disabled: post.disabled,
    };
    let mut administers = BTreeMap::new();
    for post in directory.posts.values() {
        if let Some((_, title)) = post.administers().next() {
            administers.extend(post.holders.iter().map(|holder| (holder, title)));
        }
    }
    let person = |person: &directory::Person| FullPerson {
        id: person.id.to_string(),
        name: person.name.clone(),
        main_post: text(&person.main_post),
        disabled: person.disabled,
        administers: administers.get(&person.id).map(|title| (*title).to_owned()),
    };
    let seal = |seal: &directory::Seal| FullSeal {
        id: seal.id.to_string(),
        name: seal.name.clone(),
        unit: seal.unit.to_string(),
        keeper: seal.keeper.to_string(),
        sm3: seal.image.as_ref().map(|image| image.sm3.clone()),
        media: seal.image.as_ref().map(|image| image.media.clone()),
        size: seal.image.as_ref().map(|image| image.size),
        disabled: seal.disabled,
    };
    FullDirectory {
        version: directory.version,
        units: units.into_iter().map(unit).collect(),
        posts: directory.posts.values().map(post).collect(),
        people: directory.people.values().map(person).collect(),
        seals: directory.seals.values().map(seal).collect(),
    }
}
