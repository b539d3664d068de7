//! Changes of the directory: what administrators ask for, whose right each is, and what is recorded of it. An event
//! holds the record as it was and as it is, and the sentence for the auditor with the names of that day.

use super::{Directory, Person, Post, Seal, SealImage, Unit};
use crate::id::{PersonId, PostId, RoleId, SealId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A request to change the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    AddUnit(UnitCard),
    EditUnit(UnitCard),
    /// Who leads a unit, is in charge of it, and receives for it.
    SetCharge {
        unit: UnitId,
        charge: Charge,
    },
    DisableUnit {
        unit: UnitId,
        disabled: bool,
    },
    RemoveUnit {
        unit: UnitId,
    },
    AddPost {
        post: PostId,
        unit: UnitId,
        title: String,
    },
    EditPost {
        post: PostId,
        title: String,
    },
    DisablePost {
        post: PostId,
        disabled: bool,
    },
    RemovePost {
        post: PostId,
    },
    /// Who holds the post from now on, in order.
    SetHolders {
        post: PostId,
        holders: Vec<PersonId>,
    },
    SetRoles {
        post: PostId,
        roles: BTreeSet<RoleId>,
    },
    AddPerson(PersonCard),
    EditPerson(PersonCard),
    DisablePerson {
        person: PersonId,
        disabled: bool,
    },
    RemovePerson {
        person: PersonId,
    },
    /// Everything that one person holds goes to another.
    PassPosts {
        from: PersonId,
        to: PersonId,
    },
    AddSeal {
        seal: SealId,
        name: String,
        unit: UnitId,
        keeper: PostId,
    },
    RenameSeal {
        seal: SealId,
        name: String,
    },
    SetKeeper {
        seal: SealId,
        keeper: PostId,
    },
    SetSealImage {
        seal: SealId,
        image: SealImage,
    },
    DisableSeal {
        seal: SealId,
        disabled: bool,
    },
}

/// What is written about a unit itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitCard {
    pub id: UnitId,
    pub name: String,
    pub short: String,
    pub parent: Option<UnitId>,
    pub organ: bool,
    pub group: String,
    pub code: Option<String>,
    pub order: u32,
}

/// The posts that matter to a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    pub head: Option<PostId>,
    pub in_charge: Option<PostId>,
    pub registry: Option<PostId>,
    pub topics: BTreeMap<String, PostId>,
}

/// What is written about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCard {
    pub id: PersonId,
    pub name: String,
    /// One of the posts held; absent: the first one given.
    pub main_post: Option<PostId>,
}

/// Whose right a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// 系统管理员: units, posts, people.
    System,
    /// 安全保密管理员: roles, who holds posts with administrators' roles, seals and keepers.
    Security,
}

/// What kind of change was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    UnitAdded,
    UnitChanged,
    UnitRemoved,
    ChargeSet,
    PostAdded,
    PostChanged,
    PostRemoved,
    HoldersSet,
    RolesSet,
    PersonAdded,
    PersonChanged,
    PersonDisabled,
    PersonEnabled,
    PersonRemoved,
    SealAdded,
    SealChanged,
    KeeperSet,
}

/// A record of the directory, as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Record {
    Unit { was: Option<Unit>, now: Option<Unit> },
    Post { was: Option<Post>, now: Option<Post> },
    Person { was: Option<Person>, now: Option<Person> },
    Seal { was: Option<Seal>, now: Option<Seal> },
}

/// What happened to the directory.
#[expect(clippy::large_enum_variant, reason = "made a few at a time, on their way to JSON")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DirectoryEvent {
    /// It is now what lies under this version, with this hash.
    Put { version: u64, hash: String, reason: String },
    Changed {
        what: Changed,
        /// For the auditor, with the names of that day.
        text: String,
        record: Record,
    },
}

impl Directory {
    /// Takes note of an event. Its version counts them.
    pub fn apply(&mut self, event: &DirectoryEvent) {
        self.version += 1;
        let DirectoryEvent::Changed { record, .. } = event else { return };
        match record {
            Record::Unit { was, now } => {
                if let Some(gone) = was.as_ref().filter(|_| now.is_none()) {
                    self.units.remove(&gone.id);
                }
                self.units.extend(now.iter().map(|now| (now.id.clone(), now.clone())));
            }
            Record::Post { was, now } => {
                if let Some(gone) = was.as_ref().filter(|_| now.is_none()) {
                    self.posts.remove(&gone.id);
                }
                self.posts.extend(now.iter().map(|now| (now.id.clone(), now.clone())));
            }
            Record::Person { was, now } => {
                if let Some(gone) = was.as_ref().filter(|_| now.is_none()) {
                    self.people.remove(&gone.id);
                }
                self.people.extend(now.iter().map(|now| (now.id.clone(), now.clone())));
            }
            Record::Seal { was, now } => {
                if let Some(gone) = was.as_ref().filter(|_| now.is_none()) {
                    self.seals.remove(&gone.id);
                }
                self.seals.extend(now.iter().map(|now| (now.id.clone(), now.clone())));
            }
        }
    }

    /// A post as sentences name it: 财政局 局长.
    #[must_use]
    pub fn post_label(&self, post: &PostId) -> String {
        self.open_seat(post).map_or_else(|| post.to_string(), |seat| seat.label())
    }

    /// A person's name, or the id of somebody unknown.
    #[must_use]
    pub fn person_name(&self, person: &PersonId) -> String {
        self.people.get(person).map_or_else(|| person.to_string(), |person| person.name.clone())
    }

    /// A unit's short name, or the id of an unknown one.
    #[must_use]
    pub fn unit_name(&self, unit: &UnitId) -> String {
        self.units.get(unit).map_or_else(|| unit.to_string(), |unit| unit.short.clone())
    }
}
