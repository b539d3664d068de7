//! What `city.yaml` says, as read: organs written out, and organs of one pattern written in a line each.
//! What becomes of it is decided in `build`.

use serde::Deserialize;
use std::collections::BTreeMap;
use wenshu_document::Kind;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub leading: Vec<Leading>,
    pub departments: Vec<Departments>,
    pub counties: Counties,
    pub streets: Streets,
    /// Who holds a post, where it matters for the stories.
    pub named: BTreeMap<String, Vec<String>>,
    pub administrators: Vec<Administrator>,
    pub also: Vec<Also>,
    /// Posts whose first holder the login page offers, and what it says of them.
    pub offered: Vec<(String, String)>,
}

/// An organ written out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leading {
    pub id: String,
    pub name: String,
    pub short: String,
    #[serde(default)]
    pub parent: Option<String>,
    pub group: String,
    /// Post of the leader in charge.
    pub in_charge: String,
    /// The organ that keeps its seal, and its registry if it has no section of its own.
    #[serde(default)]
    pub office: Option<String>,
    /// 代字, title, kinds.
    pub series: Vec<(String, String, Vec<Kind>)>,
    /// Title and, where it matters, the holder; `=post` is the holder of that post.
    pub leaders: Vec<Vec<String>>,
    /// Id, name, number of clerks, post of the leader in charge; the first is the office of the house.
    #[serde(default)]
    pub units: Vec<(String, String, u32, String)>,
    /// The section that receives and registers; else the first.
    #[serde(default)]
    pub registry_unit: Option<String>,
    /// Clerks in the registry.
    #[serde(default)]
    pub registry: Option<u32>,
}

/// Departments of one pattern: id, name, 代字, head, leader in charge, deputies, sections.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Departments {
    pub group: String,
    pub parent: String,
    pub prefix: String,
    pub short: String,
    pub list: Vec<Department>,
}

pub(super) type Department = (String, String, String, String, String, u32, Vec<String>);

/// Counties: id, name, one character of the 代字, head, leader in charge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counties {
    pub group: String,
    pub list: Vec<(String, String, String, String, String)>,
}

/// Streets: id, name, 代字, county.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Streets {
    pub group: String,
    pub list: Vec<(String, String, String, String)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Administrator {
    pub id: String,
    pub unit: String,
    pub title: String,
    pub name: String,
    pub roles: Vec<String>,
}

/// A second post of somebody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Also {
    pub id: String,
    pub unit: String,
    pub title: String,
    pub same: String,
}
