//! Who may see what. Acts are judged by the core, reading by the `access` rows; a reader brings all that they are.
//! Administrators see where a case stands and why, never body, attachments or opinions.

use crate::{desk::person, error::Error, office::Office};
use wenshu_core::{
    FLOW_ADMIN,
    directory::Directory,
    directory::Seat,
    id::{CaseId, PostId, UnitId},
};
use wenshu_storage::Viewer;

pub use wenshu_core::directory::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN};

/// Roles that may look where cases stand.
const OVERSEERS: [&str; 4] = [FLOW_ADMIN, SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN];

impl Office {
    /// The reader with all posts and units that are theirs.
    pub async fn viewer(&self, seat: &Seat) -> Result<Viewer, Error> {
        let directory = self.directory().await?;
        let person = person(seat)?.clone();
        let posts: Vec<PostId> = directory.posts_of(&person).map(|post| post.id.clone()).collect();
        let units: Vec<UnitId> =
            directory.posts_of(&person).map(|post| post.unit.clone()).collect();
        Ok(Viewer { person, posts, units })
    }

    /// Whether somebody may read a case.
    pub async fn may_see(&self, seat: &Seat, case: CaseId) -> Result<bool, Error> {
        let viewer = self.viewer(seat).await?;
        Ok(!self.inner.storage.may_see(&viewer, case).await?.is_empty())
    }

    /// Refuses readers from whom the case is hidden, in the words for a case that is not there.
    pub(crate) async fn require_sight(&self, seat: &Seat, case: CaseId) -> Result<(), Error> {
        if self.may_see(seat, case).await? { Ok(()) } else { Err(Error::NotFound) }
    }

    /// The same for acts: whoever oversees may be told why an act is not theirs.
    pub(crate) async fn require_standing(&self, seat: &Seat, case: CaseId) -> Result<(), Error> {
        if self.oversees(seat).await? && self.inner.storage.case(case).await?.is_some() {
            return Ok(());
        }
        self.require_sight(seat, case).await
    }

    /// Whether somebody may look where cases stand.
    pub async fn oversees(&self, seat: &Seat) -> Result<bool, Error> {
        let directory = self.directory().await?;
        Ok(OVERSEERS.iter().any(|role| has_role(&directory, seat, role)))
    }

    pub(crate) fn require_role(
        &self,
        directory: &Directory,
        seat: &Seat,
        role: &str,
    ) -> Result<(), Error> {
        if has_role(directory, seat, role) {
            Ok(())
        } else {
            Err(wenshu_core::Rejection::NotAnAdministrator.into())
        }
    }
}

/// Whether the person in a seat has a role in any of their posts.
#[must_use]
pub fn has_role(directory: &Directory, seat: &Seat, role: &str) -> bool {
    let Some(person) = &seat.person else { return false };
    directory.posts_of(&person.id).any(|post| post.roles.contains(role))
}

/// The registry posts that a person holds, each of which receives for its units.
#[must_use]
pub fn registries(directory: &Directory, seat: &Seat) -> Vec<PostId> {
    let Some(person) = &seat.person else { return vec![] };
    let registry =
        |post: &PostId| directory.units.values().any(|unit| unit.registry.as_ref() == Some(post));
    directory.posts_of(&person.id).map(|post| post.id.clone()).filter(registry).collect()
}

/// The organs for which somebody of a unit may draft: its own and those above, the nearest first.
#[must_use]
pub fn organs_above(directory: &Directory, unit: &UnitId) -> Vec<UnitId> {
    let mut organs = vec![];
    let mut at = directory.units.get(unit);
    // More levels than units would be a circle.
    for _ in 0..directory.units.len() {
        let Some(unit) = at else { break };
        if unit.organ {
            organs.push(unit.id.clone());
        }
        at = unit.parent.as_ref().and_then(|parent| directory.units.get(parent));
    }
    organs
}
