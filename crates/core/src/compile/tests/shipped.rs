//! The graphs of the shipped flows. Places of running cases name nodes by index: what was deployed compiles for ever
//! to the same graph, so a changed snapshot here means that cases in flight would be read differently.

use super::words;
use crate::{
    compile::compile,
    workflow::{Edge, StepKind, Workflow},
};
use petgraph::visit::EdgeRef;
use std::fmt::Write;

pub(crate) const FLOWS: [(&str, &str); 4] = [
    ("outgoing", include_str!("../../../../../workflows/outgoing.yaml")),
    ("request", include_str!("../../../../../workflows/request.yaml")),
    ("incoming", include_str!("../../../../../workflows/incoming.yaml")),
    ("leave", include_str!("../../../../../workflows/leave.yaml")),
];

fn compiled(source: &str) -> Workflow {
    match compile(source, &words()) {
        Ok(workflow) => workflow,
        Err(problems) => {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
        }
    }
}

/// Nodes with their index, path and edges, one a line.
fn graph(workflow: &Workflow) -> String {
    let mut out = String::new();
    for index in workflow.graph.node_indices() {
        let node = workflow.node(index);
        let mut edges: Vec<_> = workflow
            .graph
            .edges(index)
            .map(|edge| match edge.weight() {
                Edge::Next => format!("-> {}", edge.target().index()),
                Edge::Branch(branch) => format!("={branch}> {}", edge.target().index()),
                Edge::Alternative(one) => format!("?{one}> {}", edge.target().index()),
            })
            .collect();
        edges.sort();
        let kind = match &node.kind {
            StepKind::Handle(_) => "handle",
            StepKind::Circulate(_) => "circulate",
            StepKind::Effects(_) => "effects",
            StepKind::Choice(_) => "choice",
            StepKind::Parallel { .. } => "parallel",
            StepKind::Each(_) => "each",
            StepKind::Join { .. } => "join",
            StepKind::End => "end",
        };
        writeln!(
            out,
            "{} {} {} {kind} {:?} {}",
            index.index(),
            node.id,
            node.title,
            node.path,
            edges.join(" ")
        )
        .expect("a string takes all");
    }
    out
}

#[test]
fn the_shipped_flows_compile_to_these_graphs() {
    for (name, source) in FLOWS {
        insta::assert_snapshot!(name, graph(&compiled(source)));
    }
}
