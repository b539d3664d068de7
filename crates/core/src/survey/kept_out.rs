//! Separation of duty that leaves nobody: whoever would handle a step is the initiator, or did an earlier step that keeps
//! them out. Told only where the case would stall, for `when_empty` says that its writer thought of it.

use super::{Survey, people_in};
use crate::{
    directory::Unit,
    id::{PersonId, PostId},
    vacancy::{Lack, Missing, UnitName, unit_of},
    workflow::{Exclude, Node, Selector, Topic, UnitBase, UnitExpr, Vote, WhenEmpty, Who},
};
use std::collections::{BTreeMap, BTreeSet};

/// So many pairs of units are looked at: a province has more of them than anybody would wait for.
const MOST_SITUATIONS: usize = 50_000;

/// In which unit a case starts, and of which unit a branch or a field speaks.
#[derive(Clone, Copy)]
struct Situation<'a> {
    starter: &'a Unit,
    other: Option<&'a Unit>,
}

type People<'a> = BTreeSet<&'a PersonId>;

/// Some of those found are kept out.
enum Rule<'a> {
    /// All of these.
    All(People<'a>),
    /// One of these, whichever it was.
    One(People<'a>),
}

impl<'a> Survey<'a> {
    pub(super) fn kept_out(&mut self, node: &Node, who: &Who) {
        if who.exclude.is_empty() || !self.stalls(who) {
            return;
        }
        let also: Vec<&Who> = who.exclude.iter().filter_map(|one| self.did(one)).collect();
        let speaks_of_others = also.iter().copied().chain([who]).any(|who| {
            who.any_of.iter().filter_map(unit_of).any(|of| match of.base {
                UnitBase::Each(_) | UnitBase::Field(_) => true,
                UnitBase::InitiatorUnit | UnitBase::Named(_) => false,
            })
        });
        let others: Vec<Option<&Unit>> = match speaks_of_others {
            true => self.organs.iter().copied().map(Some).collect(),
            false => vec![None],
        };
        let situations = self
            .starters
            .iter()
            .flat_map(|starter| others.iter().map(|other| Situation { starter, other: *other }));
        let mut missing: BTreeMap<String, Missing> = BTreeMap::new();
        for at in situations.take(MOST_SITUATIONS) {
            if let Some(one) = self.nobody_left(who, at) {
                missing.entry(one.text.clone()).or_insert(one);
            }
        }
        let missing: Vec<Missing> = missing.into_values().collect();
        let hint = "请给该岗位再配一人；或在流程中用 when_empty 写明此时由谁办理";
        let then = "可能无人办理，办件会停滞";
        self.warn((&node.id, &node.title), &who.at, then, &missing, hint);
    }

    fn stalls(&self, who: &Who) -> bool {
        match &who.when_empty {
            WhenEmpty::Stall => true,
            WhenEmpty::Pass => false,
            WhenEmpty::Give(other) => other.any_of.iter().all(|one| !self.missing(one).is_empty()),
        }
    }

    /// Who an exclusion speaks of, where it is an earlier step.
    fn did(&self, exclude: &Exclude) -> Option<&'a Who> {
        match exclude {
            Exclude::Initiator => None,
            Exclude::Did(step) => {
                let node = *self.workflow.by_id.get(step)?;
                Some(&self.workflow.handle(node)?.by)
            }
        }
    }

    /// Whether those whom `who` finds may all be kept out.
    fn nobody_left(&self, who: &Who, at: Situation<'a>) -> Option<Missing> {
        let found = self.found_by(who, at)?;
        if found.is_empty() {
            return None; // That nobody is there at all is told elsewhere.
        }
        let mut rules: Vec<Rule<'a>> = vec![];
        let mut by_initiator = false;
        let mut steps: Vec<&str> = vec![];
        for exclude in &who.exclude {
            let step = match exclude {
                Exclude::Initiator => {
                    by_initiator = true;
                    continue;
                }
                Exclude::Did(step) => step,
            };
            let Some(&index) = self.workflow.by_id.get(step) else { continue };
            let Some(handle) = self.workflow.handle(index) else { continue };
            if handle.by.any_of.iter().all(|one| *one == Selector::Initiator) {
                by_initiator = true;
                continue;
            }
            let Some(did) = self.found_by(&handle.by, at) else { continue };
            let did: People<'a> = did.intersection(&found).copied().collect();
            steps.push(&self.workflow.node(index).title);
            rules.push(match (handle.claim, handle.vote) {
                (false, Vote::All) => Rule::All(did),
                (true, Vote::All | Vote::Any) | (false, Vote::Any) => Rule::One(did),
            });
        }
        if by_initiator {
            let here = self.manned.get(&at.starter.id);
            let here =
                found.iter().filter(|person| here.is_some_and(|here| here.contains(*person)));
            rules.push(Rule::One(here.copied().collect()));
        }
        rules.sort_by_key(|rule| matches!(rule, Rule::One(_)));
        if !emptied(&found, &rules) {
            return None;
        }
        let names: Vec<&str> = found.iter().map(|person| self.called(person)).collect();
        let names = names.join("、");
        let place = at.other.unwrap_or(at.starter);
        let text = if steps.is_empty() {
            format!("{}的{names}本人发起时须回避，没有别人可办", at.starter.short)
        } else {
            let whose = if by_initiator { "发起或办过" } else { "办过" };
            let steps = steps.join("”“");
            format!("{}只有{names}可办，{whose}“{steps}”的须回避", place.short)
        };
        let unit = Some(UnitName::from(place));
        Some(Missing { what: Lack::Excluded, unit, post: None, name: names, text })
    }

    fn called(&self, person: &'a PersonId) -> &'a str {
        self.directory.people.get(person).map_or(person.as_str(), |person| &person.name)
    }

    /// Everybody whom `who` finds; none where that is not known beforehand.
    fn found_by(&self, who: &Who, at: Situation<'a>) -> Option<People<'a>> {
        let mut all = People::new();
        for selector in &who.any_of {
            match selector {
                Selector::Initiator
                | Selector::Picked(_)
                | Selector::Did(_)
                | Selector::Field(_) => return None,
                Selector::User(person) => {
                    let (known, _) = self.directory.people.get_key_value(person)?;
                    all.extend(self.directory.main_seat(person).map(|_| known));
                }
                Selector::Role(role) => {
                    let posts = self.directory.posts.values();
                    for post in posts.filter(|post| post.roles.contains(role)) {
                        all.extend(self.people_of(&post.id));
                    }
                }
                Selector::Post { title, of } => {
                    let unit = self.spoken_of(of, at)?;
                    let posts = self.directory.posts.values();
                    for post in posts.filter(|post| post.unit == unit.id && post.title == *title) {
                        all.extend(self.people_of(&post.id));
                    }
                }
                Selector::RegistryOf(of) => {
                    all.extend(self.people_for(self.spoken_of(of, at)?.registry.as_ref()));
                }
                Selector::HeadOf { of, level } => {
                    let mut unit = self.spoken_of(of, at)?;
                    for _ in 1..*level {
                        unit = self.directory.units.get(unit.parent.as_ref()?)?;
                    }
                    all.extend(self.people_for(unit.head.as_ref()));
                }
                // Whose topic it is is known in a case alone.
                Selector::InChargeOf { topic: Some(Topic::Field(_)), .. } => return None,
                Selector::InChargeOf { of, topic } => {
                    let unit = self.spoken_of(of, at)?;
                    let special = match topic {
                        Some(Topic::Named(topic)) => unit.topics.get(topic),
                        Some(Topic::Field(_)) | None => None,
                    };
                    all.extend(self.people_for(special.or(unit.in_charge.as_ref())));
                }
                Selector::KeeperOf(of) => {
                    let unit = self.spoken_of(of, at)?;
                    for seal in self.directory.seals.values().filter(|seal| seal.unit == unit.id) {
                        all.extend(self.people_of(&seal.keeper));
                    }
                }
            }
        }
        Some(all)
    }

    fn people_of(&self, post: &PostId) -> impl Iterator<Item = &'a PersonId> + use<'a> {
        people_in(self.directory, post)
    }

    fn people_for(&self, post: Option<&PostId>) -> Vec<&'a PersonId> {
        post.map(|post| self.people_of(post).collect()).unwrap_or_default()
    }

    fn spoken_of(&self, expr: &UnitExpr, at: Situation<'a>) -> Option<&'a Unit> {
        let base = match &expr.base {
            UnitBase::InitiatorUnit => at.starter,
            UnitBase::Each(_) | UnitBase::Field(_) => at.other?,
            UnitBase::Named(id) => self.directory.units.get(id)?,
        };
        self.up(base, &expr.up).ok()
    }
}

/// Whether the rules may take everybody away; those that take all come first.
fn emptied(left: &People<'_>, rules: &[Rule<'_>]) -> bool {
    if left.is_empty() {
        return true;
    }
    let Some((first, rest)) = rules.split_first() else { return false };
    match first {
        Rule::All(these) => emptied(&left.difference(these).copied().collect(), rest),
        // One rule each takes one away at most.
        Rule::One(_) if left.len() > rules.len() => false,
        Rule::One(these) => {
            let mut taken = left.intersection(these).map(|one| {
                let mut left = left.clone();
                left.remove(one);
                left
            });
            taken.any(|left| emptied(&left, rest)) || emptied(left, rest)
        }
    }
}
