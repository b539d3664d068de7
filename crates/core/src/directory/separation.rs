//! 三员分立: system, security and audit administrators are three people, and none of them acts in flows
//! (GB/T 22239-2019 8.1.4.2, 8.1.5.1–3).

use super::{Directory, DirectoryRejection, Post};
use crate::{id::PersonId, rights::FLOW_ADMIN};

/// 系统管理员: units, people, accounts, series, parameters, backup.
pub const SYSTEM_ADMIN: &str = "system-admin";
/// 安全保密管理员: roles and rights, seals and keepers, locked accounts; reads what users did.
pub const SECURITY_ADMIN: &str = "security-admin";
/// 安全审计员: reads every record and changes nothing.
pub const AUDIT_ADMIN: &str = "audit-admin";

/// The three that exclude each other, with their names.
pub const THREE: [(&str, &str); 3] =
    [(SYSTEM_ADMIN, "系统管理员"), (SECURITY_ADMIN, "安全保密管理员"), (AUDIT_ADMIN, "安全审计员")];

impl Post {
    /// Which of the three administrators sits here.
    pub fn administers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        THREE.into_iter().filter(|(role, _)| self.roles.contains(*role))
    }

    /// Whether holding it gives power over others: then who holds it is a matter of rights, not of staff.
    #[must_use]
    pub fn empowers(&self) -> bool {
        self.administers().next().is_some() || self.roles.contains(FLOW_ADMIN)
    }
}

impl Directory {
    /// Which of the three administrators somebody is.
    #[must_use]
    pub fn administrator(&self, person: &PersonId) -> Option<(&'static str, &'static str)> {
        self.posts_of(person).find_map(|post| post.administers().next())
    }
}

/// Refuses that `person` sits in `post` (as it will be), beside the other posts that they hold.
pub(super) fn check(
    directory: &Directory,
    person: &PersonId,
    post: &Post,
) -> Result<(), DirectoryRejection> {
    let mut three = vec![];
    let mut acting = None;
    let others = directory.posts_of(person).filter(|other| other.id != post.id);
    for held in others.chain([post]) {
        match held.administers().next() {
            Some(administers) => three.push(administers),
            None => acting = Some(held),
        }
    }
    three.sort_unstable();
    three.dedup();
    let name = || directory.person_name(person);
    match (&three[..], acting) {
        ([], _) | ([_], None) => Ok(()),
        ([(_, one)], Some(acting)) => Err(DirectoryRejection::AdministratorActs {
            person: name(),
            administers: (*one).to_owned(),
            post: directory.post_label(&acting.id),
        }),
        ([(_, one), (_, two), ..], _) => Err(DirectoryRejection::Exclusive {
            person: name(),
            one: (*one).to_owned(),
            two: (*two).to_owned(),
        }),
    }
}

/// Refuses roles that one post may not have together.
pub(super) fn check_roles(post: &Post, label: &str) -> Result<(), DirectoryRejection> {
    let three: Vec<_> = post.administers().collect();
    match &three[..] {
        [] => Ok(()),
        [_] if post.roles.len() == 1 => Ok(()),
        [(_, one)] => Err(DirectoryRejection::AdministratorActs {
            person: label.to_owned(),
            administers: (*one).to_owned(),
            post: label.to_owned(),
        }),
        [(_, one), (_, two), ..] => Err(DirectoryRejection::Exclusive {
            person: label.to_owned(),
            one: (*one).to_owned(),
            two: (*two).to_owned(),
        }),
    }
}
