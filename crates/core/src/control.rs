//! The token game: which moves a marking allows and what each makes of it. The interpreter fires the moves that
//! acts ask for; tests and provers explore all of them. There is no second semantics to keep equal.
//!
//! A token stands at a place: a node, and for every block around it the branch it is in. A token that was sent back
//! out of a block while its siblings go on is a *detour*: it carries return addresses. An empty detour is an
//! ordinary token.

use crate::workflow::{Frame, JoinRule, StepKind, Workflow};
use petgraph::{graph::NodeIndex, visit::Dfs};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A node in one instance of the blocks around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub node: u32,
    /// The branch taken in each block around the node, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<u16>,
}

/// Where a detour goes back to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Back {
    /// Stepwise: into the branch that it left.
    Branch { block: Place, branch: u16 },
    /// Direct: to the very step.
    Step(Place),
}

/// Return addresses; none for an ordinary token.
pub type Detour = BTreeSet<Back>;

/// An open block.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Block {
    pub width: u16,
    pub done: BTreeSet<u16>,
    /// For whom it is being walked through.
    pub detour: Detour,
}

/// Where all tokens of a case are.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Marking {
    #[serde(with = "as_pairs")]
    pub tokens: BTreeMap<Place, Detour>,
    #[serde(with = "as_pairs")]
    pub blocks: BTreeMap<Place, Block>,
}

/// One change of a marking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Moved {
    /// A token came to a place, or its addresses joined the token there.
    Placed {
        place: Place,
        back: Detour,
    },
    Taken {
        place: Place,
    },
    Opened {
        block: Place,
        width: u16,
        back: Detour,
    },
    /// A detour goes along with a block that is being walked through.
    Joined {
        block: Place,
        back: Detour,
    },
    BranchDone {
        block: Place,
        branch: u16,
    },
    BranchReopened {
        block: Place,
        branch: u16,
    },
    Closed {
        block: Place,
    },
    /// These addresses of a token exist no more.
    Forgot {
        place: Place,
        back: Detour,
    },
    /// These addresses of a block exist no more.
    BlockForgot {
        block: Place,
        back: Detour,
    },
}

/// What can be done to a marking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// The token goes on from a step.
    Complete(Place),
    Choose(Place, u16),
    /// A `for_each` opens with so many branches; none passes through.
    Open(Place, u16),
    SendBack {
        from: Place,
        to: NodeIndex,
        keep: bool,
        direct: bool,
    },
    /// A finished branch of an open block starts again at its step.
    Reopen(Place),
    /// Everything is taken away and the case stands at a step outside every block.
    Restart(NodeIndex),
    /// Everything is taken away.
    Stop,
}

impl Place {
    pub(crate) fn new(node: NodeIndex, at: &[u16]) -> Self {
        // A workflow file is limited to far fewer nodes than u32 holds.
        Self { node: node.index() as u32, at: at.to_vec() }
    }

    /// The node of the graph.
    #[must_use]
    pub fn index(&self) -> NodeIndex {
        NodeIndex::new(self.node as usize)
    }
}

impl Marking {
    /// The only way a marking changes.
    pub fn apply(&mut self, moved: &Moved) {
        match moved {
            Moved::Placed { place, back } => {
                self.tokens.entry(place.clone()).or_default().extend(back.iter().cloned());
            }
            Moved::Taken { place } => {
                self.tokens.remove(place);
            }
            Moved::Opened { block, width, back } => {
                let open = Block { width: *width, done: BTreeSet::new(), detour: back.clone() };
                self.blocks.insert(block.clone(), open);
            }
            Moved::Joined { block, back } => {
                if let Some(open) = self.blocks.get_mut(block) {
                    open.detour.extend(back.iter().cloned());
                }
            }
            Moved::BranchDone { block, branch } => {
                if let Some(open) = self.blocks.get_mut(block) {
                    open.done.insert(*branch);
                }
            }
            Moved::BranchReopened { block, branch } => {
                if let Some(open) = self.blocks.get_mut(block) {
                    open.done.remove(branch);
                }
            }
            Moved::Closed { block } => {
                self.blocks.remove(block);
            }
            Moved::Forgot { place, back } => {
                if let Some(token) = self.tokens.get_mut(place) {
                    token.retain(|address| !back.contains(address));
                }
            }
            Moved::BlockForgot { block, back } => {
                if let Some(open) = self.blocks.get_mut(block) {
                    open.detour.retain(|address| !back.contains(address));
                }
            }
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.tokens.is_empty()
    }
}

/// Steps that lie before `step` in its own or an enclosing sequence: the legal targets of a send-back.
#[must_use]
pub fn targets(flow: &Workflow, step: NodeIndex) -> Vec<NodeIndex> {
    let here = flow.node(step);
    let mut found: Vec<_> = flow
        .handled()
        .filter(|(index, node, _)| {
            *index != step && node.offset < here.offset && here.path.starts_with(&node.path)
        })
        .map(|(index, ..)| index)
        .filter(|&index| leads(flow, index, step))
        .collect();
    found.sort_by_key(|&index| flow.node(index).offset);
    found
}

/// All moves that a marking allows, for tests and provers; widths of a `for_each` up to `widest`.
#[must_use]
pub fn moves(flow: &Workflow, marking: &Marking, widest: u16) -> Vec<Move> {
    let mut all = vec![];
    for place in marking.tokens.keys() {
        match &flow.node(place.index()).kind {
            StepKind::Handle(_) => {
                all.push(Move::Complete(place.clone()));
                for to in targets(flow, place.index()) {
                    let within = flow.blocks(to).count() == place.at.len();
                    let ways: &[(bool, bool)] = if within {
                        &[(true, false), (true, true)]
                    } else {
                        &[(true, false), (true, true), (false, false)]
                    };
                    for &(keep, direct) in ways {
                        all.push(Move::SendBack { from: place.clone(), to, keep, direct });
                    }
                }
            }
            StepKind::Circulate(_) | StepKind::Effects(_) => {
                all.push(Move::Complete(place.clone()))
            }
            StepKind::Choice(alternatives) => {
                all.extend(
                    (0..alternatives.len()).map(|index| Move::Choose(place.clone(), index as u16)),
                );
            }
            StepKind::Each(_) => {
                all.extend((0..=widest).map(|width| Move::Open(place.clone(), width)))
            }
            StepKind::Parallel { .. } | StepKind::Join { .. } | StepKind::End => {}
        }
    }
    for (block, open) in &marking.blocks {
        for branch in &open.done {
            all.extend(reopenings(flow, block, *branch).map(Move::Reopen));
        }
    }
    all
}

/// The steps at which a finished branch may start again.
fn reopenings<'a>(
    flow: &'a Workflow,
    block: &'a Place,
    branch: u16,
) -> impl Iterator<Item = Place> + 'a {
    let written = written_branch(flow, block, branch);
    let steps = flow.handled().filter(move |(index, node, _)| {
        flow.blocks(*index).count() == block.at.len() + 1
            && node.path.contains(&Frame::Block { split: block.index(), branch: written })
    });
    steps.map(move |(index, ..)| {
        let mut at = block.at.clone();
        at.push(branch);
        Place::new(index, &at)
    })
}

/// Carries out a move and says all that changed.
pub fn fire(flow: &Workflow, marking: &mut Marking, mv: Move) -> Vec<Moved> {
    let mut game = Game { flow, marking, moved: vec![] };
    match mv {
        Move::Complete(place) => game.complete(&place),
        Move::Choose(place, index) => game.choose(&place, index),
        Move::Open(place, width) => game.open(&place, width),
        Move::SendBack { from, to, keep, direct } => game.send_back(&from, to, keep, direct),
        Move::Reopen(place) => game.reopen(&place),
        Move::Restart(step) => {
            game.stop();
            game.note(Moved::Placed { place: Place::new(step, &[]), back: Detour::new() });
        }
        Move::Stop => game.stop(),
    }
    game.moved
}

/// Puts the first token at the start.
pub fn start(flow: &Workflow, marking: &mut Marking) -> Vec<Moved> {
    let mut game = Game { flow, marking, moved: vec![] };
    game.place(flow.start, &[], Detour::new());
    game.moved
}

struct Game<'a> {
    flow: &'a Workflow,
    marking: &'a mut Marking,
    moved: Vec<Moved>,
}

impl Game<'_> {
    fn note(&mut self, moved: Moved) {
        self.marking.apply(&moved);
        self.moved.push(moved);
    }

    fn take(&mut self, place: &Place) -> Detour {
        let token = self.marking.tokens.get(place).cloned().unwrap_or_default();
        self.note(Moved::Taken { place: place.clone() });
        token
    }

    fn complete(&mut self, place: &Place) {
        let token = self.take(place);
        let ordinary = token.is_empty();
        let (direct, rest): (Detour, Detour) =
            token.into_iter().partition(|back| matches!(back, Back::Step(_)));
        for back in direct {
            if let Back::Step(step) = back {
                self.place(step.index(), &step.at, Detour::new());
            }
        }
        if ordinary || !rest.is_empty() {
            self.arrive(place, self.flow.next(place.index()), rest);
        }
    }

    fn choose(&mut self, place: &Place, index: u16) {
        let token = self.take(place);
        self.arrive(place, self.flow.alternative(place.index(), index), token);
    }

    fn open(&mut self, place: &Place, width: u16) {
        let token = self.take(place);
        if width == 0 {
            let join = self.join_of(place.index());
            self.arrive(place, self.flow.next(join), token);
        } else {
            self.open_block(place, width, token);
        }
    }

    fn open_block(&mut self, block: &Place, width: u16, back: Detour) {
        self.note(Moved::Opened { block: block.clone(), width, back });
        for branch in 0..width {
            self.enter_branch(block, branch, Detour::new());
        }
    }

    fn enter_branch(&mut self, block: &Place, branch: u16, token: Detour) {
        let written = written_branch(self.flow, block, branch);
        let mut at = block.at.clone();
        at.push(branch);
        let inside = Place { node: block.node, at };
        self.arrive(&inside, self.flow.branch(block.index(), written), token);
    }

    /// A token goes on from `from` to the node `to`.
    fn arrive(&mut self, from: &Place, to: NodeIndex, token: Detour) {
        let token = self.leave_behind(from, to, token);
        let StepKind::Join { split } = self.flow.node(to).kind else {
            let depth = self.flow.blocks(to).count();
            return self.place(to, &from.at[..depth.min(from.at.len())], token);
        };
        let depth = self.flow.blocks(split).count();
        let (outer, branch) = (&from.at[..depth], from.at[depth]);
        let block = Place::new(split, outer);
        self.note(Moved::BranchDone { block: block.clone(), branch });
        let Some(open) = self.marking.blocks.get(&block) else { return };
        let enough = match self.join_rule(split) {
            JoinRule::Any => true,
            JoinRule::All => open.done.len() == usize::from(open.width),
        };
        if enough {
            let back = open.detour.clone();
            self.cancel(&block);
            self.arrive(&block, self.flow.next(to), back);
        }
    }

    fn place(&mut self, node: NodeIndex, at: &[u16], token: Detour) {
        let here = Place::new(node, at);
        match &self.flow.node(node).kind {
            StepKind::Handle(_)
            | StepKind::Circulate(_)
            | StepKind::Effects(_)
            | StepKind::Choice(_) => {
                self.note(Moved::Placed { place: here, back: token });
            }
            StepKind::End | StepKind::Join { .. } => {}
            StepKind::Parallel { branches, .. } => {
                let width = branches.len() as u16;
                if let Some(token) = self.go_in(&here, token) {
                    self.open_block(&here, width, token);
                }
            }
            StepKind::Each(_) => {
                if let Some(token) = self.go_in(&here, token) {
                    self.note(Moved::Placed { place: here, back: token });
                }
            }
        }
    }

    /// At a block, addresses inside it re-enter their branches; the others go through it as a whole. Gives the
    /// token back if the block has to be opened for it.
    fn go_in(&mut self, block: &Place, token: Detour) -> Option<Detour> {
        let (inside, through): (Detour, Detour) = token.into_iter().partition(|back| match back {
            Back::Branch { block: left, .. } => left == block || self.inside(left, block),
            Back::Step(_) => false,
        });
        let re_entered = !inside.is_empty();
        for back in inside {
            let Back::Branch { block: left, branch } = &back else { continue };
            if left == block {
                self.enter_branch(block, *branch, Detour::new());
            } else {
                let branch = left.at[block.at.len()];
                self.enter_branch(block, branch, Detour::from([back]));
            }
        }
        if self.marking.blocks.contains_key(block) {
            if !through.is_empty() {
                self.note(Moved::Joined { block: block.clone(), back: through });
            }
            return None;
        }
        if re_entered && through.is_empty() { None } else { Some(through) }
    }

    /// Where a token turns away from a block with one of its addresses in it, that block is left for good: its
    /// siblings end, and whoever it was being walked through for goes on with the token.
    fn leave_behind(&mut self, from: &Place, to: NodeIndex, mut token: Detour) -> Detour {
        let depth = from.at.len();
        loop {
            let lost = token.iter().find_map(|back| {
                let block = match back {
                    Back::Branch { block, .. } => block,
                    Back::Step(_) => return None,
                };
                let outer = self.flow.blocks(block.index()).nth(depth).unwrap_or(block.index());
                (!self.ahead(to, outer, depth)).then(|| Place::new(outer, &from.at))
            });
            let Some(block) = lost else { return token };
            if let Some(open) = self.marking.blocks.get(&block) {
                token.extend(open.detour.iter().cloned());
            }
            token.retain(|back| !self.points_into(back, &block));
            self.cancel(&block);
        }
    }

    /// Whether a walk from `to` can come to `wanted` without leaving the branch that it is in.
    fn ahead(&self, to: NodeIndex, wanted: NodeIndex, depth: usize) -> bool {
        let mut seen = BTreeSet::new();
        let mut todo = vec![to];
        while let Some(node) = todo.pop() {
            if node == wanted {
                return true;
            }
            if self.flow.blocks(node).count() >= depth && seen.insert(node) {
                todo.extend(self.flow.graph.neighbors(node));
            }
        }
        false
    }

    fn send_back(&mut self, from: &Place, to: NodeIndex, keep: bool, direct: bool) {
        let outer = self.flow.blocks(to).count();
        let target = Place::new(to, &from.at[..outer]);
        let token = self.take(from);
        let token = self.further_back(token, &target);
        if outer == from.at.len() {
            let back = if direct && token.is_empty() {
                Detour::from([Back::Step(from.clone())])
            } else {
                token
            };
            return self.note(Moved::Placed { place: target, back });
        }
        if keep {
            let back = if !token.is_empty() {
                token
            } else if direct {
                Detour::from([Back::Step(from.clone())])
            } else {
                let Some((block, branch)) = self.innermost(from) else { return };
                Detour::from([Back::Branch { block, branch }])
            };
            return self.note(Moved::Placed { place: target, back });
        }
        let Some(split) = self.flow.blocks(from.index()).nth(outer) else { return };
        let block = Place::new(split, &from.at[..outer]);
        let back =
            self.marking.blocks.get(&block).map(|open| open.detour.clone()).unwrap_or_default();
        self.cancel(&block);
        self.note(Moved::Placed { place: target, back });
    }

    /// A detour is sent back further. Whoever sends it has to see it again, so it does not leap past them to the step
    /// that sent it to them: what lies ahead in the sequence is walked to, and what lies in a block is re-entered.
    fn further_back(&self, token: Detour, target: &Place) -> Detour {
        let walked = token.into_iter().filter_map(|back| match back {
            Back::Branch { .. } => Some(back),
            Back::Step(step) if step.at.len() > target.at.len() => {
                self.innermost(&step).map(|(block, branch)| Back::Branch { block, branch })
            }
            Back::Step(_) => None,
        });
        walked.collect()
    }

    fn reopen(&mut self, place: &Place) {
        let Some((block, branch)) = self.innermost(place) else { return };
        self.note(Moved::BranchReopened { block, branch });
        self.note(Moved::Placed { place: place.clone(), back: Detour::new() });
    }

    fn stop(&mut self) {
        let tokens: Vec<_> = self.marking.tokens.keys().cloned().collect();
        for place in tokens {
            self.note(Moved::Taken { place });
        }
        let blocks: Vec<_> = self.marking.blocks.keys().cloned().collect();
        for block in blocks {
            self.note(Moved::Closed { block });
        }
    }

    /// Ends a block: its tokens, inner blocks, and every address that points into it.
    fn cancel(&mut self, block: &Place) {
        let tokens: Vec<_> =
            self.marking.tokens.keys().filter(|place| self.inside(place, block)).cloned().collect();
        for place in tokens {
            self.note(Moved::Taken { place });
        }
        let blocks: Vec<_> = self
            .marking
            .blocks
            .keys()
            .filter(|open| *open == block || self.inside(open, block))
            .cloned()
            .collect();
        for block in blocks {
            self.note(Moved::Closed { block });
        }
        let gone = |token: &Detour| {
            token.iter().filter(|back| self.points_into(back, block)).cloned().collect::<Detour>()
        };
        let tokens: Vec<_> = self
            .marking
            .tokens
            .iter()
            .map(|(place, token)| (place.clone(), gone(token), token.len()))
            .collect();
        let blocks: Vec<_> = self
            .marking
            .blocks
            .iter()
            .map(|(open, it)| (open.clone(), gone(&it.detour), it.detour.len()))
            .collect();
        for (place, back, all) in tokens {
            if back.is_empty() {
                continue;
            }
            if back.len() == all {
                self.note(Moved::Taken { place });
            } else {
                self.note(Moved::Forgot { place, back });
            }
        }
        let mut idle = vec![];
        for (open, back, all) in blocks {
            if back.is_empty() {
                continue;
            }
            if back.len() == all {
                idle.push(open.clone());
            }
            self.note(Moved::BlockForgot { block: open, back });
        }
        // A block that was walked through only for such a detour has nothing left to do.
        for block in idle {
            self.cancel(&block);
        }
    }

    /// Whether `place` lies inside this instance of a block.
    fn inside(&self, place: &Place, block: &Place) -> bool {
        inside(self.flow, place, block)
    }

    fn points_into(&self, back: &Back, block: &Place) -> bool {
        match back {
            Back::Branch { block: left, .. } => left == block || self.inside(left, block),
            Back::Step(step) => self.inside(step, block),
        }
    }

    fn innermost(&self, place: &Place) -> Option<(Place, u16)> {
        innermost(self.flow, place)
    }

    fn join_rule(&self, split: NodeIndex) -> JoinRule {
        match &self.flow.node(split).kind {
            StepKind::Parallel { join, .. } => *join,
            StepKind::Each(each) => each.join,
            StepKind::Handle(_)
            | StepKind::Circulate(_)
            | StepKind::Effects(_)
            | StepKind::Choice(_)
            | StepKind::Join { .. }
            | StepKind::End => JoinRule::All,
        }
    }

    fn join_of(&self, split: NodeIndex) -> NodeIndex {
        let is_its_join = |index: &NodeIndex| matches!(self.flow.node(*index).kind, StepKind::Join { split: of } if of == split);
        self.flow.graph.node_indices().find(is_its_join).unwrap_or(self.flow.end)
    }
}

/// Whether `place` lies inside this instance of a block.
#[must_use]
pub fn inside(flow: &Workflow, place: &Place, block: &Place) -> bool {
    let depth = block.at.len();
    place.at.len() > depth
        && place.at[..depth] == block.at[..]
        && flow.blocks(place.index()).nth(depth) == Some(block.index())
}

/// The branch of the file that a branch of this block instance runs: a `for_each` has one for all.
pub(crate) fn written_branch(flow: &Workflow, block: &Place, branch: u16) -> u16 {
    match flow.node(block.index()).kind {
        StepKind::Each(_) => 0,
        StepKind::Parallel { .. }
        | StepKind::Handle(_)
        | StepKind::Circulate(_)
        | StepKind::Effects(_)
        | StepKind::Choice(_)
        | StepKind::Join { .. }
        | StepKind::End => branch,
    }
}

/// The block instance right around a place, and the branch it is in.
#[must_use]
pub fn innermost(flow: &Workflow, place: &Place) -> Option<(Place, u16)> {
    let split = flow.blocks(place.index()).next_back()?;
    let (branch, outer) = place.at.split_last()?;
    Some((Place::new(split, outer), *branch))
}

/// Whether a walk from behind `from` can come to `to`.
fn leads(flow: &Workflow, from: NodeIndex, to: NodeIndex) -> bool {
    let mut walk = Dfs::new(&flow.graph, flow.next(from));
    while let Some(node) = walk.next(&flow.graph) {
        if node == to {
            return true;
        }
    }
    false
}

/// Maps whose keys are no text, as lists of pairs.
pub(crate) mod as_pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}
