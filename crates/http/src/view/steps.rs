//! How far each box of the picture has come.

use petgraph::graph::NodeIndex;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use wenshu_core::{
    Case,
    directory::Seat,
    event::{Ended, Left, TaskState},
    workflow::{StepKind, Workflow},
};
use wenshu_office::{CaseFile, EntryKind};

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepNow {
    Done,
    Current,
    Waiting,
    /// Nobody fitted, and the flow says to go on.
    Passed,
    /// The case ended without it.
    Skipped,
}

/// One box of the picture.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepState {
    pub id: String,
    pub state: StepNow,
    /// Who has it now, or who did it.
    pub who: Vec<String>,
    /// How often it has been arrived at.
    pub rounds: u32,
}

/// The states of all boxes, in the order of the file.
pub(crate) fn steps(file: &CaseFile) -> Vec<StepState> {
    let (case, flow) = (&file.case, &*file.workflow);
    let passed: BTreeSet<&str> = file
        .timeline
        .iter()
        .filter(|entry| entry.kind == EntryKind::Passed)
        .map(|entry| entry.step_title.as_str())
        .collect();
    let mut steps: BTreeMap<_, StepState> = BTreeMap::new();
    for index in flow.graph.node_indices() {
        let node = flow.node(index);
        let mut state = visited(case, node.id.as_str());
        if state.rounds == 0 && passed.contains(node.title.as_str()) {
            state.state = StepNow::Passed;
        }
        steps.insert(index, state);
    }
    shape(flow, case, &mut steps);
    let start = StepState { id: "start".into(), state: StepNow::Done, who: vec![], rounds: 1 };
    let all = std::iter::once(start).chain(steps.into_values());
    let ended = case.ended.is_some();
    all.map(|step| match step.state {
        StepNow::Waiting if ended => StepState { state: StepNow::Skipped, ..step },
        StepNow::Done
        | StepNow::Current
        | StepNow::Waiting
        | StepNow::Passed
        | StepNow::Skipped => step,
    })
    .collect()
}

/// A step that people or the system handle, by its arrivals.
fn visited(case: &Case, id: &str) -> StepState {
    let mut state =
        StepState { id: id.to_owned(), state: StepNow::Waiting, who: vec![], rounds: 0 };
    let visits: Vec<_> = case.visits.values().filter(|visit| visit.step.as_str() == id).collect();
    state.rounds = visits.iter().map(|visit| visit.round).max().unwrap_or(0);
    let open: Vec<_> = visits.iter().filter(|visit| visit.left.is_none()).collect();
    let latest: Vec<_> = visits.iter().filter(|visit| visit.round == state.rounds).collect();
    let stalled = case.stalls.iter().any(|stall| stall.step.as_str() == id);
    if !open.is_empty() || stalled {
        state.state = StepNow::Current;
        let tasks =
            open.iter().flat_map(|visit| &visit.tasks).filter_map(|task| case.tasks.get(task));
        for task in tasks.filter(|task| task.state == TaskState::Open) {
            match &task.holder {
                Some(seat) => state.who.push(name(seat)),
                None => state.who.extend(task.offered.iter().map(name)),
            }
        }
    } else if latest.iter().any(|visit| finished(visit.left)) {
        state.state = StepNow::Done;
        let tasks: BTreeSet<_> = latest.iter().flat_map(|visit| &visit.tasks).collect();
        let given = case.opinions.iter().filter(|(task, _)| tasks.contains(task));
        state.who.extend(given.map(|(_, opinion)| name(&opinion.by)));
    }
    let mut seen = BTreeSet::new();
    state.who.retain(|name| seen.insert(name.clone()));
    state
}

fn finished(left: Option<Left>) -> bool {
    match left {
        Some(Left::Approved | Left::Refused | Left::Done) => true,
        Some(Left::SentBack | Left::Withdrawn | Left::Cancelled) | None => false,
    }
}

fn name(seat: &Seat) -> String {
    seat.person
        .as_ref()
        .map_or_else(|| format!("{}{}", seat.unit_name, seat.title), |person| person.name.clone())
}

/// Boxes that only give shape are as far as what lies behind and within them.
fn shape(flow: &Workflow, case: &Case, steps: &mut BTreeMap<NodeIndex, StepState>) {
    let mut nodes: Vec<_> = flow.graph.node_indices().collect();
    nodes.reverse();
    for index in nodes {
        let arrived = |steps: &BTreeMap<NodeIndex, StepState>| {
            let mut next = flow.graph.neighbors(index);
            next.any(|next| steps.get(&next).is_some_and(|step| step.state != StepNow::Waiting))
        };
        let state = match &flow.node(index).kind {
            StepKind::Handle(_) | StepKind::Circulate(_) | StepKind::Effects(_) => continue,
            StepKind::Parallel { .. } | StepKind::Each(_) => {
                if case.marking.blocks.keys().any(|block| block.index() == index) {
                    StepNow::Current
                } else if arrived(steps) {
                    StepNow::Done
                } else {
                    StepNow::Waiting
                }
            }
            StepKind::Choice(_) | StepKind::Join { .. } => {
                if arrived(steps) {
                    StepNow::Done
                } else {
                    StepNow::Waiting
                }
            }
            StepKind::End => match case.ended {
                Some(Ended::Finished) => StepNow::Done,
                Some(Ended::Refused | Ended::Terminated) | None => StepNow::Waiting,
            },
        };
        if let Some(step) = steps.get_mut(&index) {
            step.state = state;
            step.rounds = step.rounds.max(u32::from(state != StepNow::Waiting));
        }
    }
}
