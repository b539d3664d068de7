//! Which steps are the signature 签发: whoever approves last before the number is given signs the document.
//! Read from the graph, so that an office may call its steps what it likes.

use petgraph::{Direction, graph::NodeIndex};
use std::collections::BTreeSet;
use wenshu_core::{
    Workflow,
    id::StepId,
    workflow::{Handle, Selector, StepKind},
};

/// The steps whose approval signs the document: the last ones that people handle before the step that numbers it,
/// or that step itself when nobody but the drafter comes before. Without a number: before 定稿, else none.
#[must_use]
pub fn signing_steps(workflow: &Workflow) -> BTreeSet<StepId> {
    let Some(at) = doing(workflow, "number").or_else(|| doing(workflow, "finalise")) else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([at]);
    let mut front: Vec<NodeIndex> = before(workflow, at);
    while let Some(node) = front.pop() {
        if !seen.insert(node) {
            continue;
        }
        match workflow.handle(node) {
            Some(handle) if !by_initiator(handle) => {
                found.insert(workflow.node(node).id.clone());
            }
            Some(_) => {}
            None => front.extend(before(workflow, node)),
        }
    }
    if found.is_empty() && workflow.handle(at).is_some() {
        found.insert(workflow.node(at).id.clone());
    }
    found
}

fn before(workflow: &Workflow, node: NodeIndex) -> Vec<NodeIndex> {
    workflow.graph.neighbors_directed(node, Direction::Incoming).collect()
}

/// The first node that does an effect.
fn doing(workflow: &Workflow, effect: &str) -> Option<NodeIndex> {
    workflow
        .graph
        .node_indices()
        .find(|node| effects(workflow, *node).iter().any(|name| name == effect))
}

/// The effects of a node.
#[must_use]
pub fn effects(workflow: &Workflow, node: NodeIndex) -> &[String] {
    match &workflow.node(node).kind {
        StepKind::Handle(handle) => &handle.effects,
        StepKind::Effects(effects) => effects,
        StepKind::Circulate(_)
        | StepKind::Choice(_)
        | StepKind::Parallel { .. }
        | StepKind::Each(_)
        | StepKind::Join { .. }
        | StepKind::End => &[],
    }
}

fn by_initiator(handle: &Handle) -> bool {
    handle.by.any_of == [Selector::Initiator]
}

/// Whether a step is the drafter's own: what they approve there is handed in, not agreed to.
#[must_use]
pub fn by_initiator_at(workflow: &Workflow, step: &StepId) -> bool {
    let handle = workflow.by_id.get(step).and_then(|node| workflow.handle(*node));
    handle.is_some_and(by_initiator)
}
