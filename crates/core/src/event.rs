//! What happened. Events are for ever: add an optional field or a variant, never change a meaning.
//! They are self-contained: `apply` looks at nothing else.

use crate::{
    command::{Outcome, Picked},
    control::Moved,
    directory::Seat,
    id::{AskId, CaseId, DocumentId, StepId, TaskId, UnitId, VisitId},
    vacancy::Missing,
    value::Facts,
    workflow::{Resume, Siblings},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One thing that happened to a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    CaseStarted {
        workflow: String,
        workflow_hash: String,
        title: String,
        initiator: Seat,
        document: Option<DocumentId>,
        at: DateTime<Utc>,
    },
    /// The case is called this now, after its document's title changed.
    Renamed {
        title: String,
    },
    /// A token moved; the only way the marking changes.
    Moved {
        moved: Moved,
    },
    /// A block over units opened with these branches.
    BranchesOpened {
        place: crate::control::Place,
        branches: Vec<Branch>,
    },
    /// Somebody's step began.
    StepEntered {
        visit: VisitId,
        place: crate::control::Place,
        step: StepId,
        title: String,
        round: u32,
        at: DateTime<Utc>,
    },
    StepLeft {
        visit: VisitId,
        how: Left,
    },
    /// A step found nobody and was passed by.
    StepPassed {
        step: StepId,
        title: String,
        reason: String,
    },
    /// A choice was made; `when` is the condition that held, none for `otherwise`.
    Chose {
        step: StepId,
        title: String,
        alternative: u16,
        when: Option<String>,
    },
    TaskOpened {
        task: Task,
    },
    TaskClaimed {
        task: TaskId,
        by: Seat,
    },
    TaskReleased {
        task: TaskId,
    },
    /// Its holder has looked at it.
    TaskSeen {
        task: TaskId,
        by: Seat,
        at: DateTime<Utc>,
    },
    /// An opinion was given and the task is done.
    OpinionGiven {
        task: TaskId,
        opinion: Opinion,
    },
    TaskClosed {
        task: TaskId,
        because: Closed,
        at: DateTime<Utc>,
    },
    /// A finished task was opened again by its signer.
    TaskReopened {
        task: TaskId,
        by: Seat,
        at: DateTime<Utc>,
    },
    FormChanged {
        changes: Facts,
        by: Seat,
    },
    /// The text or fields of the document changed; this is its version now.
    DocumentChanged {
        version: u32,
        fields: Vec<String>,
        by: Seat,
    },
    Picked {
        name: String,
        seats: Vec<Seat>,
        picked: Picked,
        by: Seat,
    },
    SentBack {
        task: TaskId,
        to: StepId,
        to_title: String,
        resume: Resume,
        siblings: Siblings,
        out_of_block: bool,
    },
    Copied {
        to: Vec<Seat>,
        by: Seat,
        note: String,
        at: DateTime<Utc>,
    },
    Urged {
        tasks: Vec<TaskId>,
        by: Seat,
        text: String,
        at: DateTime<Utc>,
    },
    /// This case answers that one.
    Linked {
        other: CaseId,
        by: Seat,
        at: DateTime<Utc>,
    },
    /// The signers of these tasks are told that the text changed after their opinions.
    OpinionsOutdated {
        tasks: Vec<TaskId>,
    },
    Asked {
        ask: AskId,
        visit: VisitId,
        effect: String,
        title: String,
        kind: AskKind,
    },
    Answered {
        ask: AskId,
        result: String,
    },
    /// The shell could not do it; the case stalls.
    AskGivenUp {
        ask: AskId,
    },
    /// The step has these effects to bring about before it is left, in order.
    EffectsBegun {
        visit: VisitId,
        effects: Vec<String>,
    },
    /// An effect that needs no answer, or (`again`) that had been done before.
    EffectRecorded {
        visit: VisitId,
        effect: String,
        title: String,
        again: bool,
    },
    Stalled {
        visit: Option<VisitId>,
        /// Where the token waits; told apart from others where no step had begun yet.
        #[serde(default)]
        place: Option<crate::control::Place>,
        step: StepId,
        title: String,
        reason: String,
        /// What is at fault, for whoever mends it.
        #[serde(default)]
        cause: Option<Cause>,
        #[serde(default)]
        at: Option<DateTime<Utc>>,
    },
    /// A stalled step was let try again.
    Retried {
        by: Option<Seat>,
        #[serde(default)]
        reason: String,
    },
    /// Somebody was named for a step for which nobody was found; their task follows.
    Appointed {
        visit: VisitId,
        to: Seat,
        /// None: the system, as a consequence of a change of the directory.
        by: Option<Seat>,
        reason: String,
        at: DateTime<Utc>,
    },
    /// A task was taken from its holders and given to somebody else, whose task follows.
    Reassigned {
        task: TaskId,
        to: Seat,
        by: Option<Seat>,
        reason: String,
        at: DateTime<Utc>,
    },
    Withdrawn {
        by: Seat,
        reason: String,
        at: DateTime<Utc>,
    },
    CaseEnded {
        how: Ended,
        by: Option<Seat>,
        reason: String,
        at: DateTime<Utc>,
    },
}

/// One branch of a `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    pub unit: UnitId,
    pub unit_name: String,
    /// 主办.
    pub lead: bool,
}

/// A task 待办: something asked of a person, or offered to several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    /// None: readers of an act of circulation, outside every step.
    pub visit: Option<VisitId>,
    pub step: StepId,
    /// Step title, e.g. 处室审核.
    pub title: String,
    /// What is asked, e.g. 请审核.
    pub ask: String,
    pub kind: TaskKind,
    /// Whom it was offered to.
    pub offered: Vec<Seat>,
    /// Who has it now.
    pub holder: Option<Seat>,
    /// Why it is with them, in Chinese.
    pub why: String,
    pub opened_at: DateTime<Utc>,
    pub due: Option<DueAt>,
    /// Who handed it on, e.g. by transfer or circulation.
    #[serde(default)]
    pub from: Option<Seat>,
    /// For a branch over units: the unit, and whether it leads.
    #[serde(default)]
    pub branch: Option<Branch>,
    pub state: TaskState,
    /// When the holder first looked.
    #[serde(default)]
    pub seen_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    Handle,
    /// 传阅: to take note.
    Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Open,
    Done,
    Closed,
}

/// A deadline with the facts that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueAt {
    pub at: DateTime<Utc>,
    /// It reaches into a year whose holidays are not announced yet.
    pub provisional: bool,
}

/// An opinion 意见 as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    pub by: Seat,
    pub said: Said,
    pub text: String,
    pub at: DateTime<Utc>,
    /// Version of the document it was given on.
    pub document_version: Option<u32>,
}

/// What an opinion says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Said {
    Approved,
    Refused,
    SentBack {
        to: StepId,
        to_title: String,
    },
    Transferred {
        to: Box<Seat>,
    },
    /// 已阅.
    Noted,
    Submitted,
}

impl Said {
    /// The completion that it counts as, if any.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Said::Approved | Said::Submitted => Some(Outcome::Approved),
            Said::Refused => Some(Outcome::Refused),
            Said::SentBack { .. } | Said::Transferred { .. } | Said::Noted => None,
        }
    }
}

/// Why a case goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// Nobody was found for a step: what is missing, for each way of finding somebody.
    Nobody { missing: Vec<Missing> },
    /// A unit that is not in the directory was to take part.
    NoUnit { unit: UnitId },
    /// No condition of a choice held, or one could not be worked out.
    NoWay,
    /// The system could not do something, e.g. make the file.
    Effect { effect: String },
}

/// Why a task was closed without its holder having acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Somebody else's act decided the step.
    ByAnother,
    SentBack,
    Withdrawn,
    Cancelled,
    Terminated,
    /// An administrator gave it to somebody else.
    Reassigned,
}

/// How a step was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    Approved,
    Refused,
    SentBack,
    Withdrawn,
    Cancelled,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    Now,
    Later,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Finished,
    Refused,
    Terminated,
}
