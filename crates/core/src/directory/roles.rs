//! What roles 角色 are called where people read of them. Directories name roles freely; one that is not known here is
//! told by its id, which may well be Chinese.

use super::separation::THREE;
use crate::{id::RoleId, rights::FLOW_ADMIN};

/// Roles with a name of their own beside the three administrators.
const OTHERS: [(&str, &str); 5] = [
    (FLOW_ADMIN, "流程管理员"),
    ("city-leaders", "市领导"),
    ("county-leaders", "县（市、区）领导"),
    ("street-leaders", "街道领导"),
    ("bureau-leaders", "部门领导"),
];

/// What a role is called.
#[must_use]
pub fn role_title(role: &str) -> &str {
    titles().find(|(id, _)| *id == role).map_or(role, |(_, title)| title)
}

fn titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    THREE.into_iter().chain(OTHERS)
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
        for (id, title) in titles() {
            assert!(pages.contains(&format!("\"{id}\": \"{title}\"")), "{id}");
        }
        assert_eq!(role_title("联络员"), "联络员", "its own name");
    }
}
