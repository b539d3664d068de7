//! A workflow 流程 as compiled: one directed graph that interpreter, picture and preview read.
//! The file it came from is read in `compile`; how tokens move through it is `control`.

use crate::{
    condition::Condition,
    id::{PersonId, RoleId, StepId, UnitId},
    value::Field,
};
use petgraph::{
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// A compiled workflow 流程.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Stable name, e.g. `outgoing`.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// SM3 of the source text, lower-case hex: what cases in flight keep.
    pub hash: String,
    pub carries: Carrier,
    pub graph: DiGraph<Node, Edge>,
    pub start: NodeIndex,
    pub end: NodeIndex,
    /// Where each step of the file stands.
    pub by_id: BTreeMap<StepId, NodeIndex>,
    /// What the flow's tests play, read with the file.
    pub tests: Vec<FlowTest>,
}

/// What a case of this workflow carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// A document, whose fields are the vocabulary's.
    Document,
    /// A form of its own.
    Form(Vec<Field>),
}

/// One node 环节 of the graph.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: StepId,
    /// Chinese title.
    pub title: String,
    pub kind: StepKind,
    /// The blocks and alternatives around it, outermost first.
    pub path: Vec<Frame>,
    /// Byte offset of the step in the source, for pictures that follow the cursor.
    pub offset: usize,
}

/// One way into a node's surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frame {
    /// Inside a block; `branch` is the written branch (always 0 in a `for_each`).
    Block { split: NodeIndex, branch: u16 },
    /// Inside one alternative of a choice.
    Alternative { choice: NodeIndex, index: u16 },
}

/// What an edge means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The way on: list order, or `next:`.
    Next,
    /// From a split into one written branch.
    Branch(u16),
    /// From a choice into one alternative.
    Alternative(u16),
}

/// The kinds of step. A new kind is a variant here, a file in `step/`, and the arms the compiler asks for.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// People handle it: one signs, or several vote.
    Handle(Box<Handle>),
    /// Readers take note 传阅.
    Circulate(Circulate),
    /// Document effects, done by the system.
    Effects(Vec<String>),
    /// The first alternative whose condition holds.
    Choice(Vec<Alternative>),
    /// Written branches side by side.
    Parallel {
        join: JoinRule,
        branches: Vec<String>,
    },
    /// One branch for each unit.
    Each(Each),
    /// Where the branches of `split` come together.
    Join {
        split: NodeIndex,
    },
    End,
}

/// A step that people handle.
#[derive(Clone, Debug)]
pub struct Handle {
    pub by: Who,
    /// What is asked of the holder, e.g. 请审核.
    pub ask: String,
    /// Fields the holder may change.
    pub edit: BTreeSet<String>,
    /// Fields that must be filled in before the step is approved.
    pub require: BTreeSet<String>,
    pub can: BTreeSet<ActKind>,
    /// Offered to all holders as one task; the first to claim or act has it.
    pub claim: bool,
    pub vote: Vote,
    pub on_refuse: OnRefuse,
    pub on_change: OnChange,
    pub send_back: SendBackRule,
    pub due: Option<Due>,
    /// Choices this holder makes for later steps.
    pub pick: Vec<Pick>,
    /// Effects when the step is approved, in order.
    pub effects: Vec<String>,
}

/// A circulation 传阅 as a step.
#[derive(Clone, Debug)]
pub struct Circulate {
    pub to: Who,
    pub ask: String,
    /// The case waits until all have read; otherwise it goes on at once.
    pub wait: bool,
    pub due: Option<Due>,
}

/// One alternative of a choice.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Absent: otherwise.
    pub when: Option<Condition>,
}

/// A block over units.
#[derive(Clone, Debug)]
pub struct Each {
    /// What the branch's unit is called inside, e.g. `unit`.
    pub name: String,
    pub over: Units,
    /// Which unit leads 主办; the others assist 协办.
    pub lead: Option<Units>,
    pub join: JoinRule,
}

/// When a block's branches are enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinRule {
    All,
    Any,
}

/// How several signers of one step decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// 会签: everybody must approve.
    All,
    /// 或签: the first to act decides.
    Any,
}

/// What a failed vote does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnRefuse {
    End,
    SendBack,
    GoOn,
}

/// What becomes of an opinion when the text changes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnChange {
    Keep,
    /// The signer is told and may reopen.
    Ask,
}

/// Where a holder may send the case back to, and how it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendBackRule {
    pub to: Vec<Target>,
    pub resume: ResumeRule,
    pub siblings: Siblings,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Previous,
    Initiator,
    Step(StepId),
}

/// How a case comes back after a send-back, as the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumeRule {
    Direct,
    Stepwise,
    /// The person sending back chooses.
    Ask,
}

/// How a case comes back after a send-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Straight to the step that sent it back 直送退回人.
    Direct,
    /// Step by step again 逐级.
    Stepwise,
}

/// What becomes of the other branches when one is sent out of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Siblings {
    Keep,
    Cancel,
}

/// What a step's holder may do; `can:` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// 同意 / 提交.
    Approve,
    /// 不同意.
    Refuse,
    /// 退回.
    SendBack,
    /// 转办.
    Transfer,
    /// 抄送.
    Cc,
    /// 传阅.
    Circulate,
    /// 撤回, by the initiator.
    Withdraw,
    /// 催办.
    Urge,
    /// 终止.
    Terminate,
}

/// A time limit 时限.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    WorkingDays(u32),
    Days(u32),
    Hours(u32),
}

/// Who shall have it: selectors, less those excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub any_of: Vec<Selector>,
    pub exclude: Vec<Exclude>,
    pub when_empty: WhenEmpty,
    /// Where in the source it is written, in bytes.
    pub at: Range<usize>,
}

/// One way of naming people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    Initiator,
    User(PersonId),
    Role(RoleId),
    /// Posts of that title in a unit.
    Post {
        title: String,
        of: UnitExpr,
    },
    RegistryOf(UnitExpr),
    /// Head of the unit; level 2 is the head of the unit above, and so on.
    HeadOf {
        of: UnitExpr,
        level: u32,
    },
    /// The leader in charge of the unit; of one topic, whoever has that topic, else the same leader.
    InChargeOf {
        of: UnitExpr,
        topic: Option<Topic>,
    },
    /// The keeper of the unit's seal.
    KeeperOf(UnitExpr),
    /// Chosen by an earlier holder under this name.
    Picked(String),
    /// Whoever did an earlier step.
    Did(StepId),
    /// People in a field.
    Field(String),
}

/// What a matter is about (分管专题), as units list it beside their leaders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    Named(String),
    /// A field of one line that says it.
    Field(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclude {
    Initiator,
    /// Whoever did that step.
    Did(StepId),
}

/// What happens when nobody is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhenEmpty {
    /// The case stalls; an administrator sees it.
    Stall,
    /// The step is passed, recorded.
    Pass,
    /// Somebody else gets it.
    Give(Box<Who>),
}

/// An expression for one unit, e.g. `initiator.unit.organ`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitExpr {
    pub base: UnitBase,
    pub up: Vec<Up>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitBase {
    InitiatorUnit,
    /// The unit of the enclosing `for_each` of that name.
    Each(String),
    /// A field that holds one unit.
    Field(String),
    Named(UnitId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Up {
    Organ,
    Parent,
}

/// An expression for several units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Units {
    Field(String),
    /// Chosen by an earlier holder under this name.
    Picked(String),
    /// The lead of such a choice.
    PickedLead(String),
}

/// A choice that a holder makes for later steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    pub name: String,
    /// Chinese label, e.g. 承办单位.
    pub title: String,
    pub what: PickWhat,
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PickWhat {
    /// People out of these; absent: anybody.
    People { from: Option<Who> },
    /// Units; with `lead` one of them is marked 主办.
    Units { lead: bool },
}

/// One test of a flow, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowTest {
    pub name: String,
    /// Who starts it, by name or id in the sample directory.
    pub by: String,
    pub given: crate::value::Facts,
    /// Transcript lines with their line numbers in the file.
    pub play: Vec<(usize, String)>,
    /// 1-based line of the test.
    pub line: usize,
}

impl Workflow {
    /// A document in which nobody writes title or text comes from elsewhere: such a flow begins by a registration, and
    /// nobody begins it by hand.
    #[must_use]
    pub fn begins_by_registration(&self) -> bool {
        let writes = |name| self.handled().any(|(_, _, handle)| handle.edit.contains(name));
        match &self.carries {
            Carrier::Document => !writes("title") && !writes("body"),
            Carrier::Form(_) => false,
        }
    }

    /// The node at `index`.
    #[must_use]
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.graph[index]
    }

    /// The way on from a node; the end has none and stays.
    #[must_use]
    pub fn next(&self, node: NodeIndex) -> NodeIndex {
        self.graph
            .edges(node)
            .find(|edge| *edge.weight() == Edge::Next)
            .map_or(self.end, |edge| edge.target())
    }

    /// The first node of a written branch (of a `for_each`: branch 0).
    #[must_use]
    pub fn branch(&self, split: NodeIndex, branch: u16) -> NodeIndex {
        self.target(split, Edge::Branch(branch))
    }

    /// The first node of an alternative.
    #[must_use]
    pub fn alternative(&self, choice: NodeIndex, index: u16) -> NodeIndex {
        self.target(choice, Edge::Alternative(index))
    }

    fn target(&self, from: NodeIndex, wanted: Edge) -> NodeIndex {
        self.graph
            .edges(from)
            .find(|edge| *edge.weight() == wanted)
            .map_or(self.end, |edge| edge.target())
    }

    /// The splits around a node, outermost first.
    pub fn blocks(&self, node: NodeIndex) -> impl DoubleEndedIterator<Item = NodeIndex> {
        self.graph[node].path.iter().filter_map(|frame| match frame {
            Frame::Block { split, .. } => Some(*split),
            Frame::Alternative { .. } => None,
        })
    }

    /// What people handle at a node, if they do.
    #[must_use]
    pub fn handle(&self, node: NodeIndex) -> Option<&Handle> {
        match &self.graph[node].kind {
            StepKind::Handle(handle) => Some(handle),
            StepKind::Circulate(_)
            | StepKind::Effects(_)
            | StepKind::Choice(_)
            | StepKind::Parallel { .. }
            | StepKind::Each(_)
            | StepKind::Join { .. }
            | StepKind::End => None,
        }
    }

    /// The steps that people handle, in the order of the file.
    pub fn handled(&self) -> impl Iterator<Item = (NodeIndex, &Node, &Handle)> {
        self.graph.node_indices().filter_map(|index| {
            let node = &self.graph[index];
            self.handle(index).map(|handle| (index, node, handle))
        })
    }
}
