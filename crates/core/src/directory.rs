//! The directory 组织机构: units, posts, people, roles and seals as they stand at one version.
//! It is a snapshot that the shell hands in; nothing here is looked up later.

pub mod change;
pub mod decide;
mod refused;
mod roles;
pub mod separation;
#[cfg(test)]
mod tests;

pub use change::{Change, Changed, Charge, DirectoryEvent, PersonCard, Record, Right, UnitCard};
pub use decide::{Cause, decide};
pub use refused::DirectoryRejection;
pub use roles::role_title;
pub use separation::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN};

use crate::id::{PersonId, PostId, RoleId, SealId, UnitId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::Arc,
};

/// Everybody and everything that acts can be given to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Counts the changes; recorded with every act.
    pub version: u64,
    pub units: BTreeMap<UnitId, Unit>,
    pub posts: BTreeMap<PostId, Post>,
    pub people: BTreeMap<PersonId, Person>,
    pub seals: BTreeMap<SealId, Seal>,
}

/// A unit 单位.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    /// Full name 全称.
    pub name: String,
    /// Standard short name 规范化简称.
    pub short: String,
    pub parent: Option<UnitId>,
    /// An organ 机关 issues documents in its own name; a 内设机构 (e.g. 科室) does not (条例 art. 17).
    pub organ: bool,
    /// The group in the recipients picker, e.g. 市政府工作部门, 街道办事处.
    #[serde(default)]
    pub group: String,
    /// Post of the head 主要负责人.
    pub head: Option<PostId>,
    /// Post of the leader in charge 分管领导.
    pub in_charge: Option<PostId>,
    /// Post of the registry 收发岗: receives, registers, numbers.
    pub registry: Option<PostId>,
    /// Abbreviation for document numbers 机关代字, e.g. 云政发.
    #[serde(default)]
    pub code: Option<String>,
    /// Order among siblings in every list.
    #[serde(default)]
    pub order: u32,
    /// Posts of the leaders in charge of one topic 分管专题, e.g. 财政.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, PostId>,
    /// Nothing new is given to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
}

/// A post 岗位.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub id: PostId,
    pub unit: UnitId,
    /// Title 职务, e.g. 局长.
    pub title: String,
    /// The people who hold it now, in order.
    #[serde(default)]
    pub holders: Vec<PersonId>,
    #[serde(default)]
    pub roles: BTreeSet<RoleId>,
    /// Nobody acts in it any more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
}

/// A person 人员.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    /// The post acted in unless another is chosen.
    pub main_post: Option<PostId>,
    #[serde(default)]
    pub disabled: bool,
}

/// A seal 印章 in the register; its keepers are the holders of one post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    pub id: SealId,
    pub name: String,
    /// The organ whose seal it is.
    pub unit: UnitId,
    pub keeper: PostId,
    /// How it looks, once that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<SealImage>,
    /// No longer used 停用.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
}

/// The image 印模 of a seal, kept outside under its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealImage {
    /// Where the object lies.
    pub object: String,
    /// Fingerprint of the file, by which a seal on paper can be held against the register.
    pub sm3: String,
    /// `image/png` or `image/svg+xml`.
    pub media: String,
    pub size: u64,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Somebody in an office 办理人: a post, and the person in it once that is certain. Names are as they were.
/// A decision hands it from task to event to case: shared, it is copied without its texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat(Arc<Sitting>);

/// Who sits where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sitting {
    pub post: PostId,
    pub title: String,
    pub unit: UnitId,
    pub unit_name: String,
    /// Absent while any holder of the post may come forward.
    pub person: Option<Named>,
}

/// A person by id and the name of that day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    pub id: PersonId,
    pub name: String,
}

impl From<Sitting> for Seat {
    fn from(sitting: Sitting) -> Self {
        Self(Arc::new(sitting))
    }
}

impl Serialize for Seat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Seat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Sitting::deserialize(deserializer).map(Self::from)
    }
}

impl Deref for Seat {
    type Target = Sitting;

    fn deref(&self) -> &Sitting {
        &self.0
    }
}

impl Seat {
    /// Whether `actor` sits here: the same person, or (open seat) a holder of the post.
    #[must_use]
    pub fn admits(&self, actor: &Seat) -> bool {
        match &self.person {
            Some(person) => actor.person.as_ref().is_some_and(|who| who.id == person.id),
            None => actor.post == self.post,
        }
    }

    /// How a sentence names it: 张三（财政局 局长） or 财政局 收发岗.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.person {
            Some(person) => format!("{}（{} {}）", person.name, self.unit_name, self.title),
            None => format!("{} {}", self.unit_name, self.title),
        }
    }
}

impl Directory {
    /// The open seat of a post: whoever holds it.
    #[must_use]
    pub fn open_seat(&self, post: &PostId) -> Option<Seat> {
        self.sitting(self.posts.get(post)?, None)
    }

    fn sitting(&self, post: &Post, person: Option<Named>) -> Option<Seat> {
        let unit = self.units.get(&post.unit)?;
        let sitting = Sitting {
            post: post.id.clone(),
            title: post.title.clone(),
            unit: unit.id.clone(),
            unit_name: unit.short.clone(),
            person,
        };
        Some(sitting.into())
    }

    /// A person in one of their posts; none if they do not hold it or are disabled.
    #[must_use]
    pub fn seat(&self, person: &PersonId, post: &PostId) -> Option<Seat> {
        let who = self.people.get(person).filter(|who| !who.disabled)?;
        let held = |post: &&Post| !post.disabled && post.holders.contains(person);
        let post = self.posts.get(post).filter(held)?;
        self.sitting(post, Some(Named { id: who.id.clone(), name: who.name.clone() }))
    }

    /// A person in their main post.
    #[must_use]
    pub fn main_seat(&self, person: &PersonId) -> Option<Seat> {
        let main = self.people.get(person)?.main_post.as_ref()?;
        self.seat(person, main)
    }

    /// The people who hold a post and can act, each in it.
    #[must_use]
    pub fn seats_of(&self, post: &PostId) -> Vec<Seat> {
        let holders = self.posts.get(post).map_or(&[][..], |post| &post.holders);
        holders.iter().filter_map(|person| self.seat(person, post)).collect()
    }

    /// The posts that a person holds, in the order of their ids.
    pub fn posts_of<'a>(&'a self, person: &'a PersonId) -> impl Iterator<Item = &'a Post> {
        self.posts.values().filter(move |post| post.holders.contains(person))
    }

    /// The nearest organ at or above a unit.
    #[must_use]
    pub fn organ_of(&self, unit: &UnitId) -> Option<&Unit> {
        let mut at = self.units.get(unit)?;
        // A tree has at most as many levels as units; more means a cycle.
        for _ in 0..self.units.len() {
            if at.organ {
                return Some(at);
            }
            at = self.units.get(at.parent.as_ref()?)?;
        }
        None
    }
}
