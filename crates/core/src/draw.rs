//! A workflow as a picture: boxes and arrows for the web UI, and the same as Mermaid text. Where they stand on the
//! page is the drawer's business.

mod words;

use crate::{
    value::Vocabulary,
    workflow::{Edge, JoinRule, StepKind, Workflow},
};
use petgraph::{graph::NodeIndex, visit::EdgeRef};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use words::Words;

/// What is drawn of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// In the order of the file.
    pub nodes: Vec<Node>,
    pub edges: Vec<Arrow>,
}

/// One box of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    pub title: String,
    pub kind: NodeKind,
    /// Who has it, in Chinese.
    pub who: Option<String>,
    /// Byte offset of the step in the source; none for what the file does not write.
    pub offset: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    Start,
    Handle,
    Circulate,
    Effects,
    Choice,
    Fork,
    Each,
    Join,
    End,
}

/// One arrow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    pub kind: ArrowKind,
    pub label: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrowKind {
    Next,
    Branch,
    Alternative,
    /// Returns to an earlier step.
    Back,
}

const START: &str = "start";

/// The picture of a workflow, its fields called by their titles.
#[must_use]
pub fn picture(workflow: &Workflow, vocabulary: &Vocabulary) -> Picture {
    let words = Words::new(workflow, vocabulary);
    let start = Node {
        id: START.into(),
        title: "开始".into(),
        kind: NodeKind::Start,
        who: None,
        offset: None,
    };
    let first = arrow(START, workflow, workflow.start, ArrowKind::Next, None);
    let mut picture = Picture { nodes: vec![start], edges: vec![first] };
    for index in workflow.graph.node_indices() {
        picture.nodes.push(drawn(workflow, index, &words));
        // Edges come newest first.
        let mut arrows: Vec<_> = workflow.graph.edges(index).collect();
        arrows.reverse();
        for edge in arrows {
            let (kind, label) = match edge.weight() {
                // The file runs downwards, so only `next:` can lead up.
                Edge::Next if edge.target() <= index => (ArrowKind::Back, None),
                Edge::Next => (ArrowKind::Next, None),
                Edge::Branch(branch) => (ArrowKind::Branch, words.branch(index, *branch)),
                Edge::Alternative(one) => (ArrowKind::Alternative, words.alternative(index, *one)),
            };
            picture.edges.push(arrow(
                workflow.node(index).id.as_str(),
                workflow,
                edge.target(),
                kind,
                label,
            ));
        }
    }
    picture
}

fn arrow(
    from: &str,
    workflow: &Workflow,
    to: NodeIndex,
    kind: ArrowKind,
    label: Option<String>,
) -> Arrow {
    Arrow { from: from.to_owned(), to: workflow.node(to).id.to_string(), kind, label }
}

fn drawn(workflow: &Workflow, index: NodeIndex, words: &Words<'_>) -> Node {
    let node = workflow.node(index);
    let (kind, who) = match &node.kind {
        StepKind::Handle(handle) => (NodeKind::Handle, Some(words.who(&handle.by))),
        StepKind::Circulate(circulate) => (NodeKind::Circulate, Some(words.who(&circulate.to))),
        StepKind::Effects(effects) => (NodeKind::Effects, Some(words.effects(effects))),
        StepKind::Choice(_) => (NodeKind::Choice, None),
        StepKind::Parallel { join, .. } => (NodeKind::Fork, any(*join)),
        StepKind::Each(each) => (NodeKind::Each, Some(words.units(&each.over))),
        StepKind::Join { .. } => (NodeKind::Join, None),
        StepKind::End => (NodeKind::End, None),
    };
    let written = !matches!(node.kind, StepKind::Join { .. } | StepKind::End);
    Node {
        id: node.id.to_string(),
        title: node.title.clone(),
        kind,
        who,
        offset: written.then_some(node.offset),
    }
}

fn any(join: JoinRule) -> Option<String> {
    match join {
        JoinRule::All => None,
        JoinRule::Any => Some("任一支完成即可".into()),
    }
}

impl Picture {
    /// The picture as a Mermaid flowchart.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart TD\n");
        for node in &self.nodes {
            let (open, close) = match node.kind {
                NodeKind::Start | NodeKind::End => ("([", "])"),
                NodeKind::Choice => ("{", "}"),
                NodeKind::Fork | NodeKind::Each | NodeKind::Join => ("[/", "/]"),
                NodeKind::Effects => ("[[", "]]"),
                NodeKind::Handle | NodeKind::Circulate => ("[", "]"),
            };
            let who =
                node.who.as_ref().map(|who| format!("<br/>{}", quoted(who))).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ =
                writeln!(out, "  {}{open}\"{}{who}\"{close}", name(&node.id), quoted(&node.title));
        }
        for edge in &self.edges {
            let line = match edge.kind {
                ArrowKind::Next | ArrowKind::Branch | ArrowKind::Alternative => "-->",
                ArrowKind::Back => "-.->",
            };
            let label = edge
                .label
                .as_ref()
                .map(|label| format!("|\"{}\"|", quoted(label)))
                .unwrap_or_default();
            let _ = writeln!(out, "  {} {line}{label} {}", name(&edge.from), name(&edge.to));
        }
        out
    }
}

/// Mermaid has words of its own, such as `end`, and no dots in names.
fn name(id: &str) -> String {
    format!("n_{}", id.replace(['.', '-'], "_"))
}

fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
