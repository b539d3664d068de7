//! Changes of the directory as they are written in requests.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use wenshu_core::{
    directory::{self, Change},
    id::{PersonId, PostId, RoleId},
};

/// What is to be changed. Ids are small letters, digits and hyphens.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum DirectoryChange {
    AddUnit {
        unit: UnitCard,
    },
    EditUnit {
        unit: UnitCard,
    },
    /// 负责人、分管领导、收发岗: all of them, each time.
    SetCharge {
        unit: String,
        #[serde(default)]
        head: Option<String>,
        #[serde(default)]
        in_charge: Option<String>,
        #[serde(default)]
        registry: Option<String>,
        /// Posts of leaders in charge by topic.
        #[serde(default)]
        topics: BTreeMap<String, String>,
    },
    DisableUnit {
        unit: String,
        disabled: bool,
    },
    RemoveUnit {
        unit: String,
    },
    AddPost {
        post: String,
        unit: String,
        title: String,
    },
    EditPost {
        post: String,
        title: String,
    },
    DisablePost {
        post: String,
        disabled: bool,
    },
    RemovePost {
        post: String,
    },
    /// Who holds the post, all of them, in order.
    SetHolders {
        post: String,
        holders: Vec<String>,
    },
    /// 安全保密管理员.
    SetRoles {
        post: String,
        roles: BTreeSet<String>,
    },
    AddPerson {
        person: String,
        name: String,
    },
    EditPerson {
        person: String,
        name: String,
        #[serde(default)]
        main_post: Option<String>,
    },
    DisablePerson {
        person: String,
        disabled: bool,
    },
    RemovePerson {
        person: String,
    },
    /// 安全保密管理员.
    AddSeal {
        seal: String,
        name: String,
        unit: String,
        keeper: String,
    },
    RenameSeal {
        seal: String,
        name: String,
    },
    SetKeeper {
        seal: String,
        keeper: String,
    },
    DisableSeal {
        seal: String,
        disabled: bool,
    },
}

/// What is written about a unit.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCard {
    pub id: String,
    pub name: String,
    pub short: String,
    #[serde(default)]
    pub parent: Option<String>,
    pub organ: bool,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub order: u32,
}

impl From<UnitCard> for directory::UnitCard {
    fn from(card: UnitCard) -> Self {
        let UnitCard { id, name, short, parent, organ, group, code, order } = card;
        let (id, parent) = (id.into(), parent.map(Into::into));
        let code = code.filter(|code| !code.trim().is_empty());
        Self { id, name, short, parent, organ, group, code, order }
    }
}

impl From<DirectoryChange> for Change {
    fn from(change: DirectoryChange) -> Self {
        use DirectoryChange as Asked;
        let people = |ids: Vec<String>| ids.into_iter().map(PersonId).collect();
        match change {
            Asked::AddUnit { unit } => Change::AddUnit(unit.into()),
            Asked::EditUnit { unit } => Change::EditUnit(unit.into()),
            Asked::SetCharge { unit, head, in_charge, registry, topics } => Change::SetCharge {
                unit: unit.into(),
                charge: directory::Charge {
                    head: head.map(PostId),
                    in_charge: in_charge.map(PostId),
                    registry: registry.map(PostId),
                    topics: topics.into_iter().map(|(topic, post)| (topic, PostId(post))).collect(),
                },
            },
            Asked::DisableUnit { unit, disabled } => {
                Change::DisableUnit { unit: unit.into(), disabled }
            }
            Asked::RemoveUnit { unit } => Change::RemoveUnit { unit: unit.into() },
            Asked::AddPost { post, unit, title } => {
                Change::AddPost { post: post.into(), unit: unit.into(), title }
            }
            Asked::EditPost { post, title } => Change::EditPost { post: post.into(), title },
            Asked::DisablePost { post, disabled } => {
                Change::DisablePost { post: post.into(), disabled }
            }
            Asked::RemovePost { post } => Change::RemovePost { post: post.into() },
            Asked::SetHolders { post, holders } => {
                Change::SetHolders { post: post.into(), holders: people(holders) }
            }
            Asked::SetRoles { post, roles } => Change::SetRoles {
                post: post.into(),
                roles: roles.into_iter().map(RoleId).collect(),
            },
            Asked::AddPerson { person, name } => Change::AddPerson(directory::PersonCard {
                id: person.into(),
                name,
                main_post: None,
            }),
            Asked::EditPerson { person, name, main_post } => {
                Change::EditPerson(directory::PersonCard {
                    id: person.into(),
                    name,
                    main_post: main_post.map(PostId),
                })
            }
            Asked::DisablePerson { person, disabled } => {
                Change::DisablePerson { person: person.into(), disabled }
            }
            Asked::RemovePerson { person } => Change::RemovePerson { person: person.into() },
            Asked::AddSeal { seal, name, unit, keeper } => Change::AddSeal {
                seal: wenshu_core::id::SealId(seal),
                name,
                unit: unit.into(),
                keeper: keeper.into(),
            },
            Asked::RenameSeal { seal, name } => Change::RenameSeal { seal: seal.into(), name },
            Asked::SetKeeper { seal, keeper } => {
                Change::SetKeeper { seal: seal.into(), keeper: keeper.into() }
            }
            Asked::DisableSeal { seal, disabled } => {
                Change::DisableSeal { seal: seal.into(), disabled }
            }
        }
    }
}
