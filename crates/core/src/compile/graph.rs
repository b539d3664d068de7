//! From the steps of a file to one directed graph: every step a node, every block a split and a join.

use super::{
    file::Draft,
    read::At,
    step::{Item, ItemKind},
    who::Use,
};
use crate::{
    id::StepId,
    workflow::{Alternative, Each, Edge, Frame, Node, StepKind},
};
use petgraph::graph::{DiGraph, NodeIndex};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// The graph with what is still to be checked about it.
#[derive(Debug)]
pub(crate) struct Built {
    pub graph: DiGraph<Node, Edge>,
    pub start: NodeIndex,
    pub end: NodeIndex,
    pub by_id: BTreeMap<StepId, NodeIndex>,
    pub places: BTreeMap<NodeIndex, Range<usize>>,
    pub jumps: Vec<(NodeIndex, At<String>)>,
    pub uses: Vec<(NodeIndex, Use)>,
}

/// Edges that wait for the node that follows.
type Loose = Vec<(NodeIndex, Edge)>;

pub(crate) fn build(draft: &Draft, ids: impl Iterator<Item = String>) -> Built {
    let mut builder = Builder { taken: ids.collect(), ..Builder::default() };
    let loose = builder.sequence(&draft.steps, &[], vec![]);
    let end = builder.add("end", "办结", StepKind::End, &[], 0..0, &loose);
    let start = NodeIndex::new(0);
    let Builder { graph, by_id, places, jumps, uses, .. } = builder;
    Built { graph, start, end, by_id, places, jumps, uses }
}

#[derive(Default)]
struct Builder {
    graph: DiGraph<Node, Edge>,
    by_id: BTreeMap<StepId, NodeIndex>,
    places: BTreeMap<NodeIndex, Range<usize>>,
    jumps: Vec<(NodeIndex, At<String>)>,
    uses: Vec<(NodeIndex, Use)>,
    /// Ids that the file gives.
    taken: BTreeSet<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Builder {
    fn add(
        &mut self,
        id: &str,
        title: &str,
        kind: StepKind,
        path: &[Frame],
        at: Range<usize>,
        from: &[(NodeIndex, Edge)],
    ) -> NodeIndex {
        let id = StepId::from(id);
        let node = Node {
            id: id.clone(),
            title: title.to_owned(),
            kind,
            path: path.to_vec(),
            offset: at.start,
        };
        let index = self.graph.add_node(node);
        self.by_id.entry(id).or_insert(index);
        self.places.insert(index, at);
        for (before, edge) in from {
            self.graph.add_edge(*before, index, *edge);
        }
        index
    }

    fn sequence(&mut self, items: &[Item], path: &[Frame], loose: Loose) -> Loose {
        items.iter().fold(loose, |loose, item| self.item(item, path, &loose))
    }

    fn item(&mut self, item: &Item, path: &[Frame], from: &[(NodeIndex, Edge)]) -> Loose {
        let id = self.id(item);
        let at = item.at.clone();
        let kind = match &item.kind {
            ItemKind::Handle(handle) => StepKind::Handle(handle.clone()),
            ItemKind::Circulate(circulate) => StepKind::Circulate(circulate.clone()),
            ItemKind::Effects(effects) => StepKind::Effects(effects.clone()),
            ItemKind::Choose(all) => StepKind::Choice(
                all.iter().map(|(when, _)| Alternative { when: when.clone() }).collect(),
            ),
            ItemKind::Parallel { join, branches } => StepKind::Parallel {
                join: *join,
                branches: branches.iter().map(|(title, _)| title.clone()).collect(),
            },
            ItemKind::Each { name, over, lead, join, .. } => StepKind::Each(Each {
                name: name.clone(),
                over: over.clone(),
                lead: lead.clone(),
                join: *join,
            }),
        };
        let node = self.add(&id, &item.title, kind, path, at.clone(), from);
        self.uses.extend(item.uses.iter().map(|one| (node, one.clone())));
        let within = |frame: Frame| path.iter().copied().chain([frame]).collect::<Vec<_>>();
        let branches: Loose = match &item.kind {
            ItemKind::Handle(_) | ItemKind::Circulate(_) | ItemKind::Effects(_) => {
                let Some(next) = &item.next else { return vec![(node, Edge::Next)] };
                self.jumps.push((node, next.clone()));
                return vec![];
            }
            ItemKind::Choose(alternatives) => {
                // Without any alternative the file is refused; what follows is still reached.
                let mut out = if alternatives.is_empty() {
                    vec![(node, Edge::Alternative(0))]
                } else {
                    vec![]
                };
                for (index, (_, items)) in numbered(alternatives) {
                    let loose = self.sequence(
                        items,
                        &within(Frame::Alternative { choice: node, index }),
                        vec![(node, Edge::Alternative(index))],
                    );
                    out.extend(loose);
                }
                return out;
            }
            ItemKind::Parallel { branches, .. } => {
                let mut out =
                    if branches.is_empty() { vec![(node, Edge::Branch(0))] } else { vec![] };
                for (branch, (_, items)) in numbered(branches) {
                    out.extend(self.sequence(
                        items,
                        &within(Frame::Block { split: node, branch }),
                        vec![(node, Edge::Branch(branch))],
                    ));
                }
                out
            }
            ItemKind::Each { steps, .. } => self.sequence(
                steps,
                &within(Frame::Block { split: node, branch: 0 }),
                vec![(node, Edge::Branch(0))],
            ),
        };
        let title = format!("{}汇合", item.title);
        let join = self.add(
            &format!("{id}.join"),
            &title,
            StepKind::Join { split: node },
            path,
            at,
            &branches,
        );
        vec![(join, Edge::Next)]
    }

    /// The id that the file gives, or the next of its kind.
    fn id(&mut self, item: &Item) -> String {
        if let Some(id) = &item.id {
            return id.value.clone();
        }
        let kind = match &item.kind {
            ItemKind::Handle(_) => "step",
            ItemKind::Circulate(_) => "circulate",
            ItemKind::Effects(_) => "do",
            ItemKind::Choose(_) => "choose",
            ItemKind::Parallel { .. } => "parallel",
            ItemKind::Each { .. } => "for_each",
        };
        let count = self.counts.entry(kind).or_default();
        loop {
            *count += 1;
            let id = format!("{kind}-{count}");
            if !self.taken.contains(&id) {
                return id;
            }
        }
    }
}

/// With their index; a file is too small for more than 65,535 of them.
fn numbered<T>(all: &[T]) -> impl Iterator<Item = (u16, &T)> {
    (0..=u16::MAX).zip(all)
}
