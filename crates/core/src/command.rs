//! What people ask for. A command names the task and the document version that its sender saw.

use crate::{
    directory::Seat,
    id::{AskId, CaseId, PersonId, PostId, StepId, TaskId, UnitId, VisitId},
    value::Facts,
    workflow::Resume,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A request to change a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Command {
    /// Start the case; the actor is its initiator.
    Start { title: String },
    /// Give an opinion and finish one's task.
    Complete(Completion),
    /// 退回.
    SendBack { task: TaskId, to: StepId, resume: Option<Resume>, opinion: String },
    /// 转办: somebody else does it instead.
    Transfer { task: TaskId, to: Chosen, opinion: String },
    /// Take an offered task.
    Claim { task: TaskId },
    /// Give a claimed task back to all it was offered to.
    Release { task: TaskId },
    /// The holder has looked at it.
    Open { task: TaskId },
    /// A reader has taken note.
    Read { task: TaskId, opinion: String },
    /// The initiator takes the case back 撤回.
    Withdraw { reason: String },
    /// A signer opens their finished task again, after the text changed.
    Reopen { task: TaskId },
    /// 抄送: for information.
    Cc { task: Option<TaskId>, to: Vec<Chosen>, note: String },
    /// 传阅: readers are asked to take note.
    Circulate { task: Option<TaskId>, to: Vec<Chosen>, note: String },
    /// 催办.
    Urge { text: String },
    /// 关联: this case answers that one, e.g. a 批复 its 请示. The shell has seen to it that the actor sees both.
    Link { other: CaseId },
    /// 终止.
    Terminate { task: Option<TaskId>, reason: String },
    /// The shell's answer to a question.
    Answer { ask: AskId, answer: Answer },
    /// An administrator lets what stalled try again, after the cause was mended.
    Retry {
        #[serde(default)]
        reason: String,
    },
    /// 指定办理: an administrator names who handles a step for which nobody was found.
    Appoint { visit: VisitId, to: Chosen, reason: String },
    /// 改派: an administrator gives an open task to somebody else, e.g. because its holder left.
    Reassign { task: TaskId, to: Chosen, reason: String },
}

/// An opinion with all that goes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    pub task: TaskId,
    pub outcome: Outcome,
    #[serde(default)]
    pub opinion: String,
    /// Fields changed by the holder, new values. For a body: the hash of the new text.
    #[serde(default)]
    pub changes: Facts,
    /// Choices for later steps, by name.
    #[serde(default)]
    pub picks: BTreeMap<String, Picked>,
    /// The document version that the actor saw; none for forms.
    #[serde(default)]
    pub seen: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Approved,
    Refused,
}

/// A person chosen, in a post of theirs (absent: the main post).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub person: PersonId,
    #[serde(default)]
    pub post: Option<PostId>,
}

/// What a holder chose for later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    #[serde(default)]
    pub people: Vec<Chosen>,
    #[serde(default)]
    pub units: Vec<UnitId>,
    #[serde(default)]
    pub lead: Option<UnitId>,
}

/// What the shell found out or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// A short result, e.g. the number allotted or the hash of the file made.
    Done { result: String },
    /// It could not be done; the case stalls with this reason.
    Failed { reason: String },
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person in one of their posts.
    Person(Seat),
    /// The system itself, e.g. a job's answer.
    System,
}

impl Actor {
    /// The person's seat, if it is a person.
    #[must_use]
    pub fn seat(&self) -> Option<&Seat> {
        match self {
            Actor::Person(seat) => Some(seat),
            Actor::System => None,
        }
    }
}
