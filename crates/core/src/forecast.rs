//! The way ahead as it looks now: which steps would come, with whom, if everybody agreed.
//! It walks the graph once from where the case stands; choices follow today's field values.

use crate::{
    case::Case,
    control::{self, Back, Detour, Place},
    decide::{Context, Run},
    directory::Seat,
    event::{Branch, DueAt, Event},
    id::StepId,
    step,
    workflow::{StepKind, Who, Workflow},
};
use petgraph::graph::NodeIndex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A step to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreseen {
    pub step: StepId,
    pub title: String,
    /// Who would have it; empty where that is not decided yet.
    pub who: Vec<Seat>,
    /// Names the unit where the step runs once for each.
    pub branch: Option<String>,
    /// Deadline, if the step began now.
    pub due: Option<DueAt>,
    /// Nobody holds the post: the case would stall here.
    pub vacant: bool,
}

/// The steps after those that are open now.
#[must_use]
pub fn forecast(cx: &Context<'_>, case: &Case) -> Vec<Foreseen> {
    // What is open is not to come; who walks up to it goes on from there.
    let seen = case.open.keys().cloned().collect();
    let mut ahead = Ahead { run: Run::new(cx, case.clone()), seen, found: vec![] };
    for (place, token) in &case.marking.tokens {
        ahead.leave(place, token);
    }
    ahead.found
}

struct Ahead<'a> {
    run: Run<'a>,
    seen: BTreeSet<Place>,
    found: Vec<Foreseen>,
}

impl Ahead<'_> {
    /// Where a token goes once its step is done: straight back to who sent it, and on from here with the rest.
    fn leave(&mut self, place: &Place, token: &Detour) {
        let (direct, rest): (Detour, Detour) =
            token.iter().cloned().partition(|back| matches!(back, Back::Step(_)));
        for back in &direct {
            if let Back::Step(step) = back {
                self.walk(step, step.index(), Detour::new());
            }
        }
        if direct.is_empty() || !rest.is_empty() {
            // What stalled before it began is itself still to come.
            let begun = self.run.case.open.contains_key(place);
            let node = place.index();
            let first = if begun { self.run.cx.workflow.next(node) } else { node };
            self.walk(place, first, rest);
        }
    }

    /// Walks on from a place until the end of the flow, or a place already seen.
    fn walk(&mut self, from: &Place, first: NodeIndex, token: Detour) {
        let flow: &Workflow = self.run.cx.workflow;
        let mut node = first;
        loop {
            let depth = flow.blocks(node).count().min(from.at.len());
            let place = Place::new(node, &from.at[..depth]);
            // Blocks under way may be come to by several, each to its own branch.
            let open = self.run.case.marking.blocks.contains_key(&place);
            if !self.seen.insert(place.clone()) && !open {
                return;
            }
            node = match &flow.node(node).kind {
                StepKind::Handle(handle) => {
                    let due = handle.due.map(|due| self.run.cx.calendar.due(self.run.cx.now, due));
                    self.foresee(&place, &handle.by, handle.claim, due);
                    flow.next(node)
                }
                StepKind::Circulate(circulate) => {
                    let due =
                        circulate.due.map(|due| self.run.cx.calendar.due(self.run.cx.now, due));
                    self.foresee(&place, &circulate.to, false, due);
                    flow.next(node)
                }
                StepKind::Effects(_) => flow.next(node),
                StepKind::Choice(alternatives) => {
                    match step::choice::choose(&self.run, &place, alternatives) {
                        Ok(Some((index, _))) => flow.alternative(node, index),
                        Ok(None) | Err(_) => return,
                    }
                }
                StepKind::Parallel { .. } | StepKind::Each(_) if open => {
                    return self.re_enter(&place, token);
                }
                StepKind::Parallel { branches, .. } => {
                    for branch in 0..branches.len() as u16 {
                        let inside = self.inside(&place, branch);
                        self.walk(&inside, flow.branch(node, branch), Detour::new());
                    }
                    self.behind(node)
                }
                StepKind::Each(each) => {
                    self.branches(&place, each);
                    self.behind(node)
                }
                // The branch ends here; what follows its block was walked already or will be by its siblings.
                StepKind::Join { split } => {
                    let outer = flow.blocks(*split).count();
                    let block = Place::new(*split, &from.at[..outer]);
                    if let Some(open) = self.run.case.marking.blocks.get(&block) {
                        let back = open.detour.clone();
                        self.walk(&block, flow.next(node), back);
                    }
                    return;
                }
                StepKind::End => return,
            };
        }
    }

    /// A detour comes back to a block that is under way: only its own branches are walked again.
    fn re_enter(&mut self, block: &Place, token: Detour) {
        let flow = self.run.cx.workflow;
        for back in token {
            let Back::Branch { block: left, branch } = &back else { continue };
            let (branch, rest) = if left == block {
                (*branch, Detour::new())
            } else if control::inside(flow, left, block) {
                (left.at[block.at.len()], Detour::from([back.clone()]))
            } else {
                continue;
            };
            let written = control::written_branch(flow, block, branch);
            let inside = self.inside(block, branch);
            self.walk(&inside, flow.branch(block.index(), written), rest);
        }
    }

    fn inside(&self, block: &Place, branch: u16) -> Place {
        let mut at = block.at.clone();
        at.push(branch);
        Place { node: block.node, at }
    }

    fn behind(&self, split: NodeIndex) -> NodeIndex {
        let flow = self.run.cx.workflow;
        let join = flow.graph.node_indices().find(
            |&index| matches!(flow.node(index).kind, StepKind::Join { split: of } if of == split),
        );
        join.map_or(flow.end, |join| flow.next(join))
    }

    fn branches(&mut self, place: &Place, each: &crate::workflow::Each) {
        let flow = self.run.cx.workflow;
        let around = self.run.around(place);
        let units = around.units(&each.over);
        let lead = each.lead.as_ref().and_then(|lead| around.units(lead).first().cloned());
        let known = |unit: &crate::id::UnitId| self.run.cx.directory.units.get(unit);
        let branches: Vec<Branch> = units
            .iter()
            .filter_map(known)
            .map(|unit| Branch {
                unit: unit.id.clone(),
                unit_name: unit.short.clone(),
                lead: lead.as_ref() == Some(&unit.id),
            })
            .collect();
        let width = branches.len() as u16;
        if !self.run.case.branches.contains_key(place) {
            self.run.emit(Event::BranchesOpened { place: place.clone(), branches });
        }
        for branch in 0..width {
            let inside = self.inside(place, branch);
            self.walk(&inside, flow.branch(place.index(), 0), Detour::new());
        }
    }

    fn foresee(&mut self, place: &Place, who: &Who, open: bool, due: Option<DueAt>) {
        let node = self.run.cx.workflow.node(place.index());
        let (who, vacant) = match step::handle::find(&self.run, place, who, open) {
            step::handle::Holders::Found(found) => {
                (found.into_iter().map(|found| found.seat).collect(), false)
            }
            // Nobody is asked there.
            step::handle::Holders::Pass => return,
            step::handle::Holders::Nobody => {
                // A circulation to nobody holds nobody up.
                let held_up = self.run.cx.workflow.handle(place.index()).is_some();
                (vec![], held_up && !who.any_of.iter().any(chosen_later))
            }
        };
        let around = crate::people::branches_around(self.run.cx.workflow, &self.run.case, place);
        let branch = around.last().map(|(_, branch)| branch.unit_name.clone());
        self.found.push(Foreseen {
            step: node.id.clone(),
            title: node.title.clone(),
            who,
            branch,
            due,
            vacant,
        });
    }
}

/// Whether somebody has still to decide who it is.
fn chosen_later(selector: &crate::workflow::Selector) -> bool {
    use crate::workflow::Selector;
    match selector {
        Selector::Picked(_) | Selector::Did(_) | Selector::Field(_) => true,
        Selector::Initiator
        | Selector::User(_)
        | Selector::Role(_)
        | Selector::Post { .. }
        | Selector::RegistryOf(_)
        | Selector::HeadOf { .. }
        | Selector::InChargeOf { .. }
        | Selector::KeeperOf(_) => false,
    }
}
