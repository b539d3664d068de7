//! What can only be said once the whole graph is known: jumps, references to other steps, and that every case ends.

use super::{
    graph::Built,
    problem::{Problems, nearest},
    read::At,
    who::{Needs, Use},
};
use crate::{
    id::StepId,
    workflow::{Edge, Frame, Node, PickWhat, StepKind, WhenEmpty},
};
use petgraph::{
    algo::tarjan_scc,
    graph::{DiGraph, NodeIndex},
    visit::{Dfs, Reversed},
};
use std::collections::BTreeSet;

pub(crate) fn check(built: &mut Built, problems: &mut Problems<'_>) {
    jumps(built, problems);
    let ways = ways(built);
    for (node, one) in &built.uses {
        reference(built, &ways, *node, one, problems);
    }
    same_picks(built, problems);
    ends(built, &ways, problems);
    loops(built, problems);
}

/// Ties each `next:` to its target.
fn jumps(built: &mut Built, problems: &mut Problems<'_>) {
    for (from, target) in std::mem::take(&mut built.jumps) {
        let to = if target.value == "end" {
            Some(built.end)
        } else {
            built.by_id.get(target.value.as_str()).copied()
        };
        let Some(to) = to.filter(|to| !matches!(built.graph[*to].kind, StepKind::Join { .. }))
        else {
            unknown_step(built, &target, problems);
            // It leads somewhere, only not there: that it goes nowhere need not be said as well.
            built.graph.add_edge(from, built.end, Edge::Next);
            continue;
        };
        let (here, there) = (&built.graph[from].path, &built.graph[to].path);
        if blocks(here) != blocks(there) {
            let hint = "next 只能到同一个块（同一并行分支、同一 for_each）中的环节；出块请让它走到块的末尾";
            problems.add(
                "jump_across_block",
                &target.at,
                format!("不能用 next 从块内外跳到“{}”", built.graph[to].title),
                Some(hint.into()),
            );
        } else if !here.starts_with(there) {
            let hint = "请跳到 choose 之前或之后的环节";
            problems.add(
                "jump_into_choice",
                &target.at,
                format!("不能用 next 跳进另一个分支中的“{}”", built.graph[to].title),
                Some(hint.into()),
            );
        }
        built.graph.add_edge(from, to, Edge::Next);
        built.places.insert(from, target.at);
    }
}

fn blocks(path: &[Frame]) -> Vec<Frame> {
    path.iter().copied().filter(|frame| matches!(frame, Frame::Block { .. })).collect()
}

/// The graph with what an empty `for_each` does: it passes through.
fn ways(built: &Built) -> DiGraph<(), ()> {
    let mut ways = built.graph.map(|_, _| (), |_, _| ());
    for index in built.graph.node_indices() {
        if let StepKind::Join { split } = built.graph[index].kind
            && matches!(built.graph[split].kind, StepKind::Each(_))
        {
            ways.add_edge(split, index, ());
        }
    }
    ways
}

fn unknown_step(built: &Built, name: &At<String>, problems: &mut Problems<'_>) {
    let known: Vec<&Node> = built
        .graph
        .node_weights()
        .filter(|node| node.offset != 0 && !matches!(node.kind, StepKind::Join { .. }))
        .collect();
    let hint = known
        .iter()
        .find(|node| node.title == name.value)
        .map(|node| format!("“{}”的标识是“{}”", node.title, node.id))
        .or_else(|| nearest(&name.value, known.iter().map(|node| node.id.as_str())));
    problems.add("unknown_step", &name.at, format!("没有标识为“{}”的环节", name.value), hint);
}

fn reference(
    built: &Built,
    ways: &DiGraph<(), ()>,
    node: NodeIndex,
    one: &Use,
    problems: &mut Problems<'_>,
) {
    let name = &one.name;
    match one.what {
        Needs::Did | Needs::SendBack => {
            let Some(target) = built.by_id.get(&StepId::from(name.value.as_str())).copied() else {
                return unknown_step(built, name, problems);
            };
            let title = &built.graph[target].title;
            if !matches!(built.graph[target].kind, StepKind::Handle(_)) {
                let hint = Some("请写由人办理的环节".into());
                problems.add(
                    "not_a_handled_step",
                    &name.at,
                    format!("“{title}”不是由人办理的环节"),
                    hint,
                );
            } else if target == node || !leads(ways, target, node) {
                let what = if one.what == Needs::Did {
                    "的办理人还不存在"
                } else {
                    "不能退回"
                };
                problems.add(
                    "not_before",
                    &name.at,
                    format!("“{title}”不在本环节之前，{what}"),
                    Some("请写前面的环节".into()),
                );
            } else if one.what == Needs::SendBack
                && !built.graph[node].path.starts_with(&built.graph[target].path)
            {
                let hint = Some("只能退回到自己所在顺序中、或包含它的外层顺序中的前面环节".into());
                problems.add(
                    "not_before",
                    &name.at,
                    format!("“{title}”在另一个块或分支里，不能退回"),
                    hint,
                );
            }
        }
        Needs::PickedPeople | Needs::PickedUnits | Needs::PickedLead => {
            picked(built, ways, node, one, problems)
        }
    }
}

fn picked(
    built: &Built,
    ways: &DiGraph<(), ()>,
    node: NodeIndex,
    one: &Use,
    problems: &mut Problems<'_>,
) {
    let name = &one.name;
    let all: Vec<_> = picks(built).collect();
    let made: Vec<_> = all.iter().filter(|(_, pick)| pick.name == name.value).collect();
    if made.is_empty() {
        let hint = nearest(&name.value, all.iter().map(|(_, pick)| pick.name.as_str()))
            .or_else(|| Some("请在前面的环节写 pick".into()));
        return problems.add(
            "unknown_pick",
            &name.at,
            format!("没有名为“{}”的选择", name.value),
            hint,
        );
    }
    let fits = |what: &PickWhat| match (one.what, what) {
        (Needs::PickedPeople, PickWhat::People { .. })
        | (Needs::PickedUnits, PickWhat::Units { .. }) => true,
        (Needs::PickedLead, PickWhat::Units { lead }) => *lead,
        (
            Needs::Did
            | Needs::SendBack
            | Needs::PickedPeople
            | Needs::PickedUnits
            | Needs::PickedLead,
            _,
        ) => false,
    };
    if !made.iter().any(|(_, pick)| fits(&pick.what)) {
        let wanted = match one.what {
            Needs::PickedUnits => "选的不是单位",
            Needs::PickedLead => "没有选主办（lead: true）",
            Needs::Did | Needs::SendBack | Needs::PickedPeople => "选的不是人员",
        };
        return problems.add("pick_kind", &name.at, format!("“{}”{wanted}", name.value), None);
    }
    if !made.iter().any(|(from, _)| *from != node && leads(ways, *from, node)) {
        let hint = Some("选择要由前面环节的办理人作出".into());
        problems.add("not_before", &name.at, format!("“{}”在这里还没有选", name.value), hint);
    }
}

fn picks(built: &Built) -> impl Iterator<Item = (NodeIndex, &crate::workflow::Pick)> {
    built.graph.node_indices().flat_map(|index| match &built.graph[index].kind {
        StepKind::Handle(handle) => {
            handle.pick.iter().map(|pick| (index, pick)).collect::<Vec<_>>()
        }
        StepKind::Circulate(_)
        | StepKind::Effects(_)
        | StepKind::Choice(_)
        | StepKind::Parallel { .. }
        | StepKind::Each(_)
        | StepKind::Join { .. }
        | StepKind::End => vec![],
    })
}

/// A later step may choose again, but the same kind of thing.
fn same_picks(built: &Built, problems: &mut Problems<'_>) {
    let all: Vec<_> = picks(built).collect();
    for (index, (node, pick)) in all.iter().enumerate() {
        let first = all[..index].iter().find(|(_, other)| other.name == pick.name);
        let Some((_, first)) = first else { continue };
        let alike = match (&first.what, &pick.what) {
            (PickWhat::People { .. }, PickWhat::People { .. }) => true,
            (PickWhat::Units { lead: a }, PickWhat::Units { lead: b }) => a == b,
            (PickWhat::People { .. }, PickWhat::Units { .. })
            | (PickWhat::Units { .. }, PickWhat::People { .. }) => false,
        };
        if !alike {
            let message = format!("选择“{}”在前面是另一种，不能改选别的", pick.name);
            problems.add("pick_kind", &built.places[node], message, Some("请换一个名字".into()));
        }
    }
}

fn leads(ways: &DiGraph<(), ()>, from: NodeIndex, to: NodeIndex) -> bool {
    ways.neighbors(from).any(|next| {
        let mut dfs = Dfs::new(ways, next);
        std::iter::from_fn(|| dfs.next(ways)).any(|seen| seen == to)
    })
}

/// Every step is reached, and from every step the end can be.
fn ends(built: &Built, ways: &DiGraph<(), ()>, problems: &mut Problems<'_>) {
    let reached = all_from(|dfs| dfs.next(ways), Dfs::new(ways, built.start));
    let back = Reversed(ways);
    let ending = all_from(|dfs| dfs.next(back), Dfs::new(back, built.end));
    let nodes = || built.graph.node_indices().filter(|index| *index != built.end);
    let mut before = false;
    for index in nodes() {
        let lost = !reached.contains(&index);
        // One report for a run of steps is enough.
        if lost && !before {
            let title = &built.graph[index].title;
            let hint = "它前面的环节用 next 跳走了，没有别的路到这里";
            problems.add(
                "unreachable",
                &built.places[&index],
                format!("“{title}”永远走不到"),
                Some(hint.into()),
            );
        }
        before = lost;
    }
    // The last step of those that cannot end is where the circle closes.
    if let Some(index) = nodes().rfind(|index| reached.contains(index) && !ending.contains(index)) {
        let title = &built.graph[index].title;
        let hint = "请给循环留一个出口，例如一个 choose";
        problems.add(
            "never_ends",
            &built.places[&index],
            format!("从“{title}”起走不到办结"),
            Some(hint.into()),
        );
    }
}

fn all_from<D>(
    mut next: impl FnMut(&mut D) -> Option<NodeIndex>,
    mut dfs: D,
) -> BTreeSet<NodeIndex> {
    std::iter::from_fn(|| next(&mut dfs)).collect()
}

/// Whether a step may find nobody and be passed by, also through those named instead.
fn may_pass(when_empty: &WhenEmpty) -> bool {
    match when_empty {
        WhenEmpty::Stall => false,
        WhenEmpty::Pass => true,
        WhenEmpty::Give(other) => may_pass(&other.when_empty),
    }
}

/// A loop in which nobody has to act would never stop.
fn loops(built: &Built, problems: &mut Problems<'_>) {
    let passes = |node: &Node| match &node.kind {
        // Whoever may be passed by does not stop a loop.
        StepKind::Handle(handle) => may_pass(&handle.by.when_empty),
        StepKind::Circulate(_)
        | StepKind::Effects(_)
        | StepKind::Choice(_)
        | StepKind::Parallel { .. }
        | StepKind::Each(_)
        | StepKind::Join { .. }
        | StepKind::End => true,
    };
    let alone = ways(built)
        .filter_map(|index, ()| passes(&built.graph[index]).then_some(index), |_, ()| Some(()));
    for circle in tarjan_scc(&alone) {
        let looping =
            circle.len() > 1 || circle.first().is_some_and(|one| alone.contains_edge(*one, *one));
        if !looping {
            continue;
        }
        let members: BTreeSet<NodeIndex> = circle.iter().map(|index| alone[*index]).collect();
        // Only `next:` leads backwards; it stands at the last step of the circle that has one.
        let Some(at) = members.iter().next_back() else { continue };
        let names: Vec<_> =
            members.iter().map(|index| built.graph[*index].title.as_str()).collect();
        let hint = Some("循环中至少要有一个必须由人办理的环节（when_empty 不能是 pass）".into());
        problems.add(
            "loop_without_person",
            &built.places[at],
            format!("循环中没有人办理：{}", names.join("→")),
            hint,
        );
    }
}
