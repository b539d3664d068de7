//! The directory as pickers want it: units, and people with their posts and how their names are typed; people are looked
//! for here rather than by every page in a list of all.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::Asked,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
};
use utoipa::{IntoParams, ToSchema};
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

/// Units alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Units {
    pub version: u64,
    pub units: Vec<Unit>,
}

/// Which people.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Words of name, spelling, unit or post; all must be there.
    #[serde(default)]
    pub q: Option<String>,
    /// Those of this unit come first.
    #[serde(default)]
    pub unit: Option<String>,
    /// These and nobody else, by id, parted by commas: names for what is written down. At most 200.
    #[serde(default)]
    pub ids: Option<String>,
    /// Whoever holds one of these posts, by id, parted by commas. At most 200.
    #[serde(default)]
    pub posts: Option<String>,
    /// Also those who hold no post and so cannot act.
    #[serde(default)]
    pub postless: bool,
    /// At most 200; 60 unless said.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// People that fit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct People {
    pub items: Vec<PersonBrief>,
    /// How many more there are.
    pub more: usize,
}

/// Everybody and everything that acts can be given to. Unchanged since `If-None-Match`: 304.
#[utoipa::path(get, path = "/api/v1/directory", tag = "directory",
    responses((status = 200, body = Directory), (status = 304), Reading))]
pub async fn show(
    State(app): State<App>,
    _actor: Actor,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let all = known(&app).await?;
    tagged(&format!("\"d{}\"", all.version), &headers, || Json((*all).clone()).into_response())
}

/// The units alone, for names and pickers. Unchanged since `If-None-Match`: 304.
#[utoipa::path(get, path = "/api/v1/directory/units", tag = "directory",
    responses((status = 200, body = Units), (status = 304), Reading))]
pub async fn units(
    State(app): State<App>,
    _actor: Actor,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let all = known(&app).await?;
    tagged(&format!("\"u{}\"", all.version), &headers, || {
        Json(Units { version: all.version, units: all.units.clone() }).into_response()
    })
}

/// People by words or by id.
#[utoipa::path(get, path = "/api/v1/directory/people", tag = "directory", params(Wanted),
    responses((status = 200, body = People), Reading))]
pub async fn people(
    State(app): State<App>,
    _actor: Actor,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<People>, ApiError> {
    let all = known(&app).await?;
    if let Some(ids) = &wanted.ids {
        let directory = app.office.directory().await?;
        let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).take(MOST);
        let items = ids.filter_map(|id| {
            let open = all.people.binary_search_by(|person| person.id.as_str().cmp(id));
            match open {
                Ok(at) => all.people.get(at).cloned(),
                // Who left is still called by name.
                Err(_) => directory.people.get(id).map(|person| brief(person, vec![])),
            }
        });
        return Ok(Json(People { items: items.collect(), more: 0 }));
    }
    if let Some(posts) = &wanted.posts {
        let posts: BTreeSet<&str> = posts.split(',').map(str::trim).take(MOST).collect();
        let holds = |post: &PostBrief| posts.contains(post.post.as_str());
        let holders = all.people.iter().filter(|person| person.posts.iter().any(holds));
        let mut items: Vec<PersonBrief> = holders.take(MOST + 1).cloned().collect();
        let more = items.len().saturating_sub(MOST);
        items.truncate(MOST);
        return Ok(Json(People { items, more }));
    }
    let words = wanted.q.unwrap_or_default().to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let units: BTreeMap<&str, &Unit> =
        all.units.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let mut found: Vec<&PersonBrief> = all
        .people
        .iter()
        .filter(|person| wanted.postless || !person.posts.is_empty())
        .filter(|person| words.is_empty() || fits(person, &units, &words))
        .collect();
    if let Some(first) = &wanted.unit {
        found.sort_by_key(|person| !person.posts.iter().any(|post| post.unit == *first));
    }
    let limit = wanted.limit.unwrap_or(60).clamp(1, MOST);
    let more = found.len().saturating_sub(limit);
    Ok(Json(People { items: found.into_iter().take(limit).cloned().collect(), more }))
}

/// So many people are told at once.
const MOST: usize = 200;

/// Whether all words are somewhere in the name, its spelling, or one post with its unit.
fn fits(person: &PersonBrief, units: &BTreeMap<&str, &Unit>, words: &[&str]) -> bool {
    let spelling = person.pinyin.replace(' ', "");
    let place = |post: &PostBrief| {
        let unit = units.get(post.unit.as_str()).map_or("", |unit| unit.short.as_str());
        let (_, initials) = spelled(unit);
        format!("{unit} {} {initials}", post.title).to_lowercase()
    };
    let own = |word: &str| {
        person.name.to_lowercase().contains(word)
            || person.initials.contains(word)
            || spelling.contains(word)
            || person.pinyin.contains(word)
    };
    let others: Vec<&str> = words.iter().copied().filter(|word| !own(word)).collect();
    others.is_empty()
        || person.posts.iter().any(|post| {
            let place = place(post);
            others.iter().all(|word| place.contains(word))
        })
}

/// The directory of today as pickers want it.
async fn known(app: &App) -> Result<Arc<Directory>, ApiError> {
    let directory = app.office.directory().await?;
    let kept = || app.pickers.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = kept().as_ref().filter(|kept| kept.version == directory.version) {
        return Ok(Arc::clone(kept));
    }
    let made = Arc::new(view(&directory));
    *kept() = Some(Arc::clone(&made));
    Ok(made)
}

fn tagged(
    tag: &str,
    headers: &HeaderMap,
    body: impl FnOnce() -> Response,
) -> Result<Response, ApiError> {
    let tag_header = HeaderValue::from_str(tag).map_err(|_| ApiError::internal())?;
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
    Ok((keep, body()).into_response())
}

fn brief(person: &directory::Person, posts: Vec<PostBrief>) -> PersonBrief {
    let (pinyin, initials) = spelled(&person.name);
    PersonBrief { id: person.id.to_string(), name: person.name.clone(), pinyin, initials, posts }
}

pub(crate) fn view(directory: &directory::Directory) -> Directory {
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
        let mut posts = posts.get(&person.id).cloned().unwrap_or_default();
        let main = person.main_post.as_ref().map(ToString::to_string);
        posts.sort_by_key(|post| Some(&post.post) != main.as_ref());
        brief(person, posts)
    };
    // Nothing new is given to what is disabled.
    let units = directory.units.values().filter(|unit| !unit.disabled);
    let mut units: Vec<Unit> = units.map(unit).collect();
    units.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    let people = directory.people.values().filter(|person| !person.disabled).map(person).collect();
    Directory { version: directory.version, units, people }
}
