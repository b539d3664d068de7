//! Whom and what a commit concerned, so that live counts and caches follow. It makes things faster; polling alone is correct.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;
use wenshu_core::id::{CaseId, PersonId, PostId, UnitId};

/// What changed, joined over one or several commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changed {
    /// Too much to list: everybody should look again.
    pub everything: bool,
    pub people: BTreeSet<PersonId>,
    pub posts: BTreeSet<PostId>,
    pub units: BTreeSet<UnitId>,
    pub cases: BTreeSet<CaseId>,
    /// New notices in the application.
    pub notices: BTreeSet<(PersonId, Uuid)>,
    /// Jobs or messages are waiting.
    pub work: bool,
    pub directory: bool,
    pub workflows: bool,
}

impl Changed {
    /// Takes in what another commit changed.
    pub fn join(&mut self, mut other: Changed) {
        self.everything |= other.everything;
        self.people.append(&mut other.people);
        self.posts.append(&mut other.posts);
        self.units.append(&mut other.units);
        self.cases.append(&mut other.cases);
        self.notices.append(&mut other.notices);
        self.work |= other.work;
        self.directory |= other.directory;
        self.workflows |= other.workflows;
    }

    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Changed::default()
    }
}
