//! What roles 角色 are called where people read of them. Directories name roles freely; one that is not known here is
//! told by its id, which may well be Chinese.

use super::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN};
use crate::{id::RoleId, rights::FLOW_ADMIN};

/// Roles with a name of their own: those that the engine gives a meaning, and those of leaders in groups.
const TITLES: [(&str, &str); 8] = [
    (FLOW_ADMIN, "流程管理员"),
    (SYSTEM_ADMIN, "系统管理员"),
    (SECURITY_ADMIN, "安全保密管理员"),
    (AUDIT_ADMIN, "安全审计员"),
    ("city-leaders", "市领导"),
    ("county-leaders", "县（市、区）领导"),
    ("street-leaders", "街道领导"),
    ("bureau-leaders", "部门领导"),
];

/// What a role is called.
#[must_use]
pub fn role_title(role: &str) -> &str {
    TITLES.into_iter().find(|(id, _)| *id == role).map_or(role, |(_, title)| title)
}

impl RoleId {
    /// What it is called.
    #[must_use]
    pub fn title(&self) -> &str {
        role_title(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_sentences_call_a_role_by_the_same_name() {
        let pages = include_str!("../../../../ui/src/locales/zh-CN.json");
        for (id, title) in TITLES {
            assert!(pages.contains(&format!("\"{id}\": \"{title}\"")), "{id}");
        }
        assert_eq!(role_title("联络员"), "联络员", "its own name");
    }
}
