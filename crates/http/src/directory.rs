//! The directory as pickers want it: units, and people with their posts and how their names are typed.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wenshu_core::{directory, id::PersonId};
use wenshu_office::spelled;

/// Units and people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Directory {
    pub version: u64,
    pub units: Vec<Unit>,
    pub people: Vec<PersonBrief>,
}

/// A unit 单位.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Unit {
    pub id: String,
    pub name: String,
    pub short: String,
    pub parent: Option<String>,
    /// The group in pickers, e.g. 市政府工作部门.
    pub group: Option<String>,
    pub organ: bool,
    pub order: u32,
    /// It has somebody who receives.
    pub registry: bool,
}

/// A person with their posts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonBrief {
    pub id: String,
    pub name: String,
    /// In full, every reading, separated by spaces.
    pub pinyin: String,
    pub initials: String,
    pub posts: Vec<PostBrief>,
}

/// A post that somebody holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostBrief {
    pub post: String,
    pub title: String,
    pub unit: String,
}

/// Everybody and everything that acts can be given to. Unchanged since `If-None-Match`: 304.
#[utoipa::path(get, path = "/api/v1/directory", tag = "directory",
    responses((status = 200, body = Directory), (status = 304), Reading))]
pub async fn show(
    State(app): State<App>,
    _actor: Actor,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let directory = app.office.directory().await?;
    let tag = format!("\"d{}\"", directory.version);
    let tag_header = HeaderValue::from_str(&tag).map_err(|_| ApiError::internal())?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| {
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
    });
    let keep = [
        (header::ETAG, tag_header),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    if unchanged {
        return Ok((StatusCode::NOT_MODIFIED, keep).into_response());
    }
    Ok((keep, Json(view(&directory))).into_response())
}

fn view(directory: &directory::Directory) -> Directory {
    let unit = |unit: &directory::Unit| Unit {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        short: unit.short.clone(),
        parent: unit.parent.as_ref().map(ToString::to_string),
        group: Some(unit.group.clone()).filter(|group| !group.is_empty()),
        organ: unit.organ,
        order: unit.order,
        registry: unit.registry.is_some(),
    };
    let mut posts: BTreeMap<&PersonId, Vec<PostBrief>> = BTreeMap::new();
    for post in directory.posts.values().filter(|post| !post.disabled) {
        for holder in &post.holders {
            let brief = PostBrief {
                post: post.id.to_string(),
                title: post.title.clone(),
                unit: post.unit.to_string(),
            };
            posts.entry(holder).or_default().push(brief);
        }
    }
    let person = |person: &directory::Person| {
        let (pinyin, initials) = spelled(&person.name);
        let mut posts = posts.get(&person.id).cloned().unwrap_or_default();
        let main = person.main_post.as_ref().map(ToString::to_string);
        posts.sort_by_key(|post| Some(&post.post) != main.as_ref());
        PersonBrief {
            id: person.id.to_string(),
            name: person.name.clone(),
            pinyin,
            initials,
            posts,
        }
    };
    // Nothing new is given to what is disabled.
    let units = directory.units.values().filter(|unit| !unit.disabled);
    let mut units: Vec<Unit> = units.map(unit).collect();
    units.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    let people = directory.people.values().filter(|person| !person.disabled).map(person).collect();
    Directory { version: directory.version, units, people }
}
