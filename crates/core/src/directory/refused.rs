//! Why a change of the directory was refused: stable codes, and in Chinese which rule, who could, what next.

use super::change::Right;
use serde::{Deserialize, Serialize};

/// A refusal of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {}", self.code(), self.detail())]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum DirectoryRejection {
    /// It is another administrator's right.
    NotYourRight {
        whose: String,
    },
    Unknown {
        what: String,
        id: String,
    },
    AlreadyThere {
        what: String,
        id: String,
    },
    BadId {
        id: String,
    },
    Empty {
        what: String,
    },
    TooLong {
        what: String,
        limit: usize,
    },
    /// The unit would stand above itself.
    UnitCircle {
        unit: String,
        parent: String,
    },
    CodeTaken {
        taken: String,
        by: String,
    },
    Disabled {
        what: String,
        name: String,
    },
    InUse {
        what: String,
        name: String,
        uses: Vec<String>,
    },
    MainPostNotHeld {
        person: String,
        post: String,
    },
    SamePerson {
        person: String,
    },
    Exclusive {
        person: String,
        one: String,
        two: String,
    },
    AdministratorActs {
        person: String,
        administers: String,
        post: String,
    },
    /// Without anybody in it nobody could ever give the right again.
    LastAdministrator {
        title: String,
    },
    /// The directory changed since the asker looked.
    DirectoryMoved {
        seen: u64,
        now: u64,
    },
    /// A file is taken whole or not at all.
    RowsRefused {
        rows: usize,
    },
}

impl Right {
    /// Who has it.
    #[must_use]
    pub fn whose(self) -> &'static str {
        match self {
            Right::System => "系统管理员",
            Right::Security => "安全保密管理员",
        }
    }
}

impl DirectoryRejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotYourRight { .. } => "not_your_right",
            Self::Unknown { .. } => "unknown",
            Self::AlreadyThere { .. } => "already_there",
            Self::BadId { .. } => "bad_id",
            Self::Empty { .. } => "empty",
            Self::TooLong { .. } => "too_long",
            Self::UnitCircle { .. } => "unit_circle",
            Self::CodeTaken { .. } => "code_taken",
            Self::Disabled { .. } => "disabled",
            Self::InUse { .. } => "in_use",
            Self::MainPostNotHeld { .. } => "main_post_not_held",
            Self::SamePerson { .. } => "same_person",
            Self::Exclusive { .. } => "exclusive",
            Self::AdministratorActs { .. } => "administrator_acts",
            Self::LastAdministrator { .. } => "last_administrator",
            Self::DirectoryMoved { .. } => "directory_moved",
            Self::RowsRefused { .. } => "rows_refused",
        }
    }

    /// Which rule refused, who could do it, what to do next.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::NotYourRight { whose } => {
                format!("这属于{whose}的职责，三员之间不能互相代办。请联系{whose}。")
            }
            Self::Unknown { what, id } => format!("没有标识为“{id}”的{what}。请核对，或先建立它。"),
            Self::AlreadyThere { what, id } => {
                format!("{what}“{id}”已经存在。请换一个标识，或修改原有的。")
            }
            Self::BadId { id } => {
                format!(
                    "标识“{id}”不能使用：只能由小写字母、数字和连字符组成，以字母或数字开头，不超过64个字符。请更正。"
                )
            }
            Self::Empty { what } => format!("{what}不能为空。请填写。"),
            Self::TooLong { what, limit } => format!("{what}超过{limit}个字。请精简。"),
            Self::UnitCircle { unit, parent } => {
                format!(
                    "“{parent}”在“{unit}”之下，不能再作它的上级，否则上下级成环。请另选上级单位。"
                )
            }
            Self::CodeTaken { taken, by } => {
                format!("机关代字“{taken}”已由“{by}”使用，两个机关不能共用一个代字。请另定代字。")
            }
            Self::Disabled { what, name } => {
                format!("{what}“{name}”已停用，不能再使用。请另选，或先恢复它。")
            }
            Self::InUse { what, name, uses } => {
                format!(
                    "{what}“{name}”仍在使用：{}。请先改由别的接替，或改为停用。",
                    uses.join("；")
                )
            }
            Self::MainPostNotHeld { person, post } => {
                format!("{person}不担任“{post}”，不能以它为主岗位。请先安排任职。")
            }
            Self::SamePerson { person } => format!("不能把{person}的工作交给本人。请另选接手人。"),
            Self::Exclusive { person, one, two } => {
                format!(
                    "{one}和{two}不能由同一人担任（三员分立）：{person}。请由不同的人分别担任。"
                )
            }
            Self::AdministratorActs { person, administers, post } => format!(
                "{administers}不得兼任办理公文的岗位：{person}（{post}）。请先免去其中一个岗位。"
            ),
            Self::LastAdministrator { title } => {
                format!("这是唯一能登录的{title}，去掉后无人能再授予这项权力。请先安排接任的人。")
            }
            Self::DirectoryMoved { seen, now } => {
                format!(
                    "组织机构已由他人改动（您看到的是第{seen}版，现在是第{now}版），没有执行。请刷新后再试。"
                )
            }
            Self::RowsRefused { rows } => format!(
                "文件中有{rows}行不能采用，整个文件都没有导入：要么全部生效，要么一行也不生效。请按预览所列原因改正后重新预览。"
            ),
        }
    }
}
