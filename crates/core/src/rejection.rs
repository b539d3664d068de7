//! Why a person was refused. A rejection records nothing; its code is stable, its Chinese detail says which rule
//! refused, who could do it, and what to do next. This is the one catalogue: every door says the same.

use crate::{id::TaskId, workflow::ActKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A refusal of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {}", self.code(), self.detail())]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Rejection {
    AlreadyStarted,
    NotStarted,
    CaseEnded,
    NoSuchTask {
        task: TaskId,
    },
    NotYourTask {
        task: TaskId,
        holders: Vec<String>,
    },
    /// The task is over; by whom and when.
    TaskClosed {
        task: TaskId,
        by: Option<String>,
        at: Option<DateTime<Utc>>,
    },
    /// The text changed since the actor looked.
    DocumentChanged {
        seen: u32,
        now: u32,
    },
    /// The step does not allow this act.
    ActNotAllowed {
        act: ActKind,
        step: String,
        allowed: Vec<ActKind>,
    },
    OpinionRequired,
    ReasonRequired,
    TextTooLong {
        field: String,
        limit: usize,
    },
    FieldNotEditable {
        field: String,
        step: String,
    },
    FieldUnknown {
        field: String,
    },
    FieldWrongType {
        field: String,
        wanted: String,
    },
    FieldRequired {
        fields: Vec<String>,
    },
    PickRequired {
        name: String,
        title: String,
    },
    PickNotOffered {
        name: String,
        who: String,
    },
    NoSuchPerson {
        person: String,
    },
    NoSuchUnit {
        unit: String,
    },
    /// Nobody was named.
    NobodyChosen,
    SamePerson {
        person: String,
    },
    NotASendBackTarget {
        step: String,
        legal: Vec<String>,
    },
    ResumeNotAllowed {
        allowed: String,
    },
    NotOffered {
        task: TaskId,
    },
    AlreadyClaimed {
        task: TaskId,
        by: String,
    },
    NotClaimed {
        task: TaskId,
    },
    NotAReader {
        task: TaskId,
    },
    IsAReader {
        task: TaskId,
    },
    NotTheInitiator {
        initiator: String,
    },
    /// Somebody after the initiator has looked at it or acted.
    TooLateToWithdraw {
        by: String,
    },
    NothingToWithdraw,
    NotReopenable {
        task: TaskId,
        because: ReopenBar,
    },
    NothingToUrge,
    NotInvolved,
    NotAnAdministrator,
    /// 三员 take no part in flows.
    AdministratorsDoNotAct {
        person: String,
        administers: String,
    },
    NotStalled,
    /// The step does not wait for somebody to be named.
    NotVacant,
    /// An administrator would come to read what they may not.
    NotForYourself,
    /// Separation of duty keeps them out of the step.
    KeptOut {
        who: String,
    },
    /// A seal is used by its keepers alone.
    KeeperOnly {
        step: String,
    },
    /// The flow takes what came in; nobody writes in it.
    OnlyByRegistration {
        title: String,
    },
    /// What came in is a document, and the flow carries a form.
    NotForRegistration {
        title: String,
    },
    NotASystemAct,
    NoSuchAsk,
    /// The shell's own check refused, e.g. a rule of the document; text and code come from there.
    Rule {
        rule: String,
        text: String,
        next: String,
    },
}

/// Why a finished task cannot be opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenBar {
    NotDone,
    TextUnchanged,
    GoneOn,
}

impl ActKind {
    /// The act's name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            ActKind::Approve => "同意",
            ActKind::Refuse => "不同意",
            ActKind::SendBack => "退回",
            ActKind::Transfer => "转办",
            ActKind::Cc => "抄送",
            ActKind::Circulate => "传阅",
            ActKind::Withdraw => "撤回",
            ActKind::Urge => "催办",
            ActKind::Terminate => "终止",
        }
    }
}

impl Rejection {
    /// The stable code, e.g. `not_your_task`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Rejection::AlreadyStarted => "already_started",
            Rejection::NotStarted => "not_started",
            Rejection::CaseEnded => "case_ended",
            Rejection::NoSuchTask { .. } => "no_such_task",
            Rejection::NotYourTask { .. } => "not_your_task",
            Rejection::TaskClosed { .. } => "task_closed",
            Rejection::DocumentChanged { .. } => "document_changed",
            Rejection::ActNotAllowed { .. } => "act_not_allowed",
            Rejection::OpinionRequired => "opinion_required",
            Rejection::ReasonRequired => "reason_required",
            Rejection::TextTooLong { .. } => "text_too_long",
            Rejection::FieldNotEditable { .. } => "field_not_editable",
            Rejection::FieldUnknown { .. } => "field_unknown",
            Rejection::FieldWrongType { .. } => "field_wrong_type",
            Rejection::FieldRequired { .. } => "field_required",
            Rejection::PickRequired { .. } => "pick_required",
            Rejection::PickNotOffered { .. } => "pick_not_offered",
            Rejection::NoSuchPerson { .. } => "no_such_person",
            Rejection::NoSuchUnit { .. } => "no_such_unit",
            Rejection::NobodyChosen => "nobody_chosen",
            Rejection::SamePerson { .. } => "same_person",
            Rejection::NotASendBackTarget { .. } => "not_a_send_back_target",
            Rejection::ResumeNotAllowed { .. } => "resume_not_allowed",
            Rejection::NotOffered { .. } => "not_offered",
            Rejection::AlreadyClaimed { .. } => "already_claimed",
            Rejection::NotClaimed { .. } => "not_claimed",
            Rejection::NotAReader { .. } => "not_a_reader",
            Rejection::IsAReader { .. } => "is_a_reader",
            Rejection::NotTheInitiator { .. } => "not_the_initiator",
            Rejection::TooLateToWithdraw { .. } => "too_late_to_withdraw",
            Rejection::NothingToWithdraw => "nothing_to_withdraw",
            Rejection::NotReopenable { .. } => "not_reopenable",
            Rejection::NothingToUrge => "nothing_to_urge",
            Rejection::NotInvolved => "not_involved",
            Rejection::NotAnAdministrator => "not_an_administrator",
            Rejection::AdministratorsDoNotAct { .. } => "administrators_do_not_act",
            Rejection::NotStalled => "not_stalled",
            Rejection::NotVacant => "not_vacant",
            Rejection::NotForYourself => "not_for_yourself",
            Rejection::KeptOut { .. } => "kept_out",
            Rejection::KeeperOnly { .. } => "keeper_only",
            Rejection::OnlyByRegistration { .. } => "only_by_registration",
            Rejection::NotForRegistration { .. } => "not_for_registration",
            Rejection::NotASystemAct => "not_a_system_act",
            Rejection::NoSuchAsk => "no_such_ask",
            Rejection::Rule { .. } => "rule",
        }
    }

    /// What refused, who could do it, what to do next, in Chinese.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Rejection::AlreadyStarted => "该办件已经启动，不能重复启动。请直接打开它办理。".into(),
            Rejection::NotStarted => "该办件尚未启动。请先提交。".into(),
            Rejection::CaseEnded => "该办件已经办结，不能再办理。如需继续，请重新发起。".into(),
            Rejection::NoSuchTask { task } => {
                format!("办件中没有第{task}号待办。请刷新页面后再试。")
            }
            Rejection::NotYourTask { holders, .. } => {
                format!(
                    "这件待办不在您手中，由{}办理。需要您办理的，请其转办给您。",
                    names(holders)
                )
            }
            Rejection::TaskClosed { by, at, .. } => {
                let when = at.map_or_else(String::new, |at| format!("于{}", local(at)));
                match by {
                    Some(by) => {
                        format!("该待办已由{by}{when}办理，您的操作没有生效。请查看最新情况。")
                    }
                    None => format!("该待办已{when}关闭，您的操作没有生效。请查看最新情况。"),
                }
            }
            Rejection::DocumentChanged { seen, now } => {
                format!(
                    "文稿已从第{seen}版改为第{now}版，您看到的不是最新文本。请查看改动后再签署意见。"
                )
            }
            Rejection::ActNotAllowed { act, step, allowed } => {
                let allowed: Vec<_> = allowed.iter().map(|act| act.title().to_owned()).collect();
                format!("“{step}”环节不允许{}。本环节可以：{}。", act.title(), names(&allowed))
            }
            Rejection::OpinionRequired => "请填写意见：退回或不同意必须说明理由。".into(),
            Rejection::ReasonRequired => "请填写理由：此操作必须说明原因并记录在案。".into(),
            Rejection::TextTooLong { field, limit } => {
                format!("{field}超过{limit}个字，请精简后再提交。")
            }
            Rejection::FieldNotEditable { field, step } => {
                format!("“{step}”环节不能修改“{field}”。需要修改的，请退回拟稿人或有权修改的环节。")
            }
            Rejection::FieldUnknown { field } => {
                format!("没有名为“{field}”的字段。请刷新页面后再试。")
            }
            Rejection::FieldWrongType { field, wanted } => {
                format!("“{field}”应当是{wanted}。请更正后再提交。")
            }
            Rejection::FieldRequired { fields } => format!("请先填写{}，再提交。", names(fields)),
            Rejection::PickRequired { title, .. } => format!("请选择“{title}”，下一环节据此分办。"),
            Rejection::PickNotOffered { who, .. } => {
                format!("{who}不在流程规定的可选范围内，请从列出的人员中选择。")
            }
            Rejection::NoSuchPerson { person } => {
                format!("“{person}”不在组织机构中、已停用，或不担任所选岗位。请重新选择。")
            }
            Rejection::NoSuchUnit { unit } => format!("单位“{unit}”不在组织机构中。请重新选择。"),
            Rejection::NobodyChosen => "没有选择任何人。请至少选择一人。".into(),
            Rejection::SamePerson { person } => {
                format!("{person}正在办理或已经办理过本环节，不能再转给同一个人。请另选他人。")
            }
            Rejection::NotASendBackTarget { step, legal } if legal.is_empty() => {
                format!("不能退回到“{step}”：从本环节没有可以退回的环节。")
            }
            Rejection::NotASendBackTarget { step, legal } => {
                format!("不能退回到“{step}”。从本环节可以退回：{}。", names(legal))
            }
            Rejection::ResumeNotAllowed { allowed } => {
                format!("流程规定退回后只能{allowed}，不能另选返回方式。")
            }
            Rejection::NotOffered { .. } => "这件待办没有分给您所在的岗位，不能认领。需要您办理的，请由该岗位的人员认领后转办给您。".into(),
            Rejection::AlreadyClaimed { by, .. } => {
                format!("该件已由{by}认领。需要您办理的，请其归还或转办。")
            }
            Rejection::NotClaimed { .. } => "该件没有被认领，不必归还。".into(),
            Rejection::NotAReader { .. } => "这是办理件，请签署意见，不能只标记已阅。".into(),
            Rejection::IsAReader { .. } => "这是传阅件，只需阅知，不能审批或退回。".into(),
            Rejection::NotTheInitiator { initiator } => {
                format!("只有发起人{initiator}可以这样做。需要时请与其联系。")
            }
            Rejection::TooLateToWithdraw { by } => {
                format!("{by}已经打开或办理，不能再撤回。请与其联系，由其退回。")
            }
            Rejection::NothingToWithdraw => "办件正在您手中，或您还没有送出过，无需撤回。请直接办理。".into(),
            Rejection::NotReopenable { because, .. } => match because {
                ReopenBar::NotDone => "您还没有在这件待办上签署意见，无需重新签署。请直接办理您的待办。".into(),
                ReopenBar::TextUnchanged => "您签署之后文稿没有改动，原意见仍然有效，无需重新签署。".into(),
                ReopenBar::GoneOn => {
                    "办件已进入后续环节，不能重新签署。有意见请与当前办理人联系。".into()
                }
            },
            Rejection::NothingToUrge => "目前没有可以催办的他人待办事项，无需催办。请查看办件走到哪里。".into(),
            Rejection::NotInvolved => "您不是该件的发起人或办理人，不能这样做。需要时请联系发起人或当前办理人。".into(),
            Rejection::NotAnAdministrator => "只有流程管理员可以这样做。需要时请联系流程管理员。".into(),
            Rejection::AdministratorsDoNotAct { person, administers } => {
                format!("{person}是{administers}，按三员分立的要求不参与公文流转。请由其他人员办理。")
            }
            Rejection::NotStalled => "该办件没有停滞，无需重试。请查看它正等待谁办理。".into(),
            Rejection::NotVacant => "该环节没有因无人办理而停滞，不能指定办理人。已有办理人的，请用“改派”；其他原因停滞的，请排除原因后重试。".into(),
            Rejection::NotForYourself => "不能指定给自己：流程管理员不得由此看到文件内容。请指定其他人员。".into(),
            Rejection::KeptOut { who } => {
                format!("{who}按流程的回避规则不能办理本环节。请另选他人。")
            }
            Rejection::KeeperOnly { step } => {
                format!("“{step}”要用印，只能由印章保管人办理。请先在印章登记中明确保管人，再重试或改派给保管人。")
            }
            Rejection::OnlyByRegistration { title } => {
                format!("流程“{title}”只办理收到的来文，不能直接发起。请由收文岗在“收文”中登记来文；要起草公文的，请选用其他流程。")
            }
            Rejection::NotForRegistration { title } => {
                format!("流程“{title}”办理的是表单，不能用来登记来文。请改选办理公文的流程。")
            }
            Rejection::NotASystemAct => "此操作只能由系统执行，无需您处理。请刷新页面查看进展。".into(),
            Rejection::NoSuchAsk => "该系统任务已经完成或取消，无需再次答复。请查看最新情况。".into(),
            Rejection::Rule { text, next, .. } => {
                let stop = if text.ends_with(['。', '！', '？', '；']) || next.is_empty() { "" } else { "。" };
                format!("{text}{stop}{next}")
            }
        }
    }
}

/// Names joined as in a sentence.
fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join("、")
}

/// Date and time as an office reads them (UTC+8, no daylight saving since 1991).
fn local(at: DateTime<Utc>) -> String {
    (at + chrono::TimeDelta::hours(8)).format("%-m月%-d日%H:%M").to_string()
}
