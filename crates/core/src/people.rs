//! Who shall have it: selectors resolved against the directory as it stands, each with its reason.

use crate::{
    case::Case,
    control::Place,
    decide::Context,
    directory::{Seat, Unit},
    event::{Branch, Left},
    id::{PersonId, PostId, StepId, UnitId},
    value::{self, Facts, Value},
    workflow::{Exclude, Selector, StepKind, Topic, UnitBase, UnitExpr, Units, Up, Who, Workflow},
};
use std::collections::BTreeMap;

/// A seat, and in Chinese why it is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub seat: Seat,
    pub why: String,
}

/// The case as far as selectors look at it.
pub(crate) struct Surroundings<'a> {
    pub cx: &'a Context<'a>,
    pub case: &'a Case,
    pub facts: &'a Facts,
    pub place: &'a Place,
}

/// A field as it is written, without `doc.` or `form.`.
pub(crate) fn field_name(written: &str) -> &str {
    written.strip_prefix("doc.").or_else(|| written.strip_prefix("form.")).unwrap_or(written)
}

/// The branches around a place with the names of their variables, outermost first.
pub(crate) fn branches_around<'a>(
    flow: &'a Workflow,
    case: &'a Case,
    place: &'a Place,
) -> Vec<(&'a str, &'a Branch)> {
    let mut around = vec![];
    for (depth, split) in flow.blocks(place.index()).enumerate() {
        let StepKind::Each(each) = &flow.node(split).kind else { continue };
        let block = Place::new(split, &place.at[..depth.min(place.at.len())]);
        let Some(&index) = place.at.get(depth) else { continue };
        if let Some(branch) = case.branches.get(&block).and_then(|all| all.get(usize::from(index)))
        {
            around.push((each.name.as_str(), branch));
        }
    }
    around
}

impl Surroundings<'_> {
    /// Everybody `who` finds, once each. `open` leaves posts open to whoever holds them.
    pub(crate) fn resolve(&self, who: &Who, open: bool) -> Vec<Found> {
        let mut all: Vec<Found> = vec![];
        for selector in &who.any_of {
            for found in self.select(selector, open && who.exclude.is_empty()) {
                let known = |other: &Found| {
                    match (&other.seat.person, &found.seat.person) {
                        // One person is asked once, whatever posts they hold.
                        (Some(one), Some(two)) => one.id == two.id,
                        (None, None) => other.seat.post == found.seat.post,
                        (Some(_), None) | (None, Some(_)) => false,
                    }
                };
                if !all.iter().any(known) && !self.excluded(&who.exclude, &found.seat) {
                    all.push(found);
                }
            }
        }
        all
    }

    fn select(&self, selector: &Selector, open: bool) -> Vec<Found> {
        let directory = self.cx.directory;
        match selector {
            Selector::Initiator => self
                .case
                .initiator
                .iter()
                .filter_map(|seat| self.still(seat))
                .map(|seat| self.because(seat, "发起人".into()))
                .collect(),
            Selector::User(person) => self.person(person, "指定人员"),
            Selector::Role(role) => {
                let posts = directory.posts.values().filter(|post| post.roles.contains(role));
                let why = format!("角色“{}”", role.title());
                posts.flat_map(|post| self.post(&post.id, open, &why)).collect()
            }
            Selector::Post { title, of } => {
                let Some(unit) = self.unit(of) else { return vec![] };
                let posts = directory
                    .posts
                    .values()
                    .filter(|post| post.unit == unit.id && post.title == *title);
                posts
                    .flat_map(|post| self.post(&post.id, open, &format!("{}的{title}", unit.short)))
                    .collect()
            }
            Selector::RegistryOf(of) => {
                self.post_of(of, open, "收发岗", |unit| unit.registry.as_ref())
            }
            Selector::HeadOf { of, level } => {
                let mut unit = self.unit(of);
                for _ in 1..*level {
                    unit = unit.and_then(|unit| directory.units.get(unit.parent.as_ref()?));
                }
                let Some((unit, head)) = unit.and_then(|unit| Some((unit, unit.head.as_ref()?)))
                else {
                    return vec![];
                };
                self.post(head, open, &format!("{}负责人", unit.short))
            }
            Selector::InChargeOf { of, topic } => {
                let topic = topic.as_ref().and_then(|topic| self.topic(topic));
                let special = topic.and_then(|topic| {
                    let post = self.unit(of)?.topics.get(topic)?;
                    Some((format!("“{topic}”的分管领导"), post))
                });
                match special {
                    Some((what, post)) => self.post_of(of, open, &what, |_| Some(post)),
                    None => self.post_of(of, open, "分管领导", |unit| unit.in_charge.as_ref()),
                }
            }
            Selector::KeeperOf(of) => {
                let Some(unit) = self.unit(of) else { return vec![] };
                let seals = directory.seals.values().filter(|seal| seal.unit == unit.id);
                seals
                    .flat_map(|seal| {
                        self.post(&seal.keeper, open, &format!("“{}”保管人", seal.name))
                    })
                    .collect()
            }
            Selector::Picked(name) => {
                let Some(picked) = self.case.picked.get(name) else { return vec![] };
                picked
                    .seats
                    .iter()
                    .filter_map(|seat| self.still(seat))
                    .map(|seat| self.because(seat, "由前一环节指定".into()))
                    .collect()
            }
            Selector::Did(step) => self
                .did(step)
                .iter()
                .filter_map(|seat| self.still(seat))
                .map(|seat| self.because(seat, format!("曾办理“{}”", self.title_of(step))))
                .collect(),
            Selector::Field(name) => {
                let Some(value) = self.facts.get(field_name(name)) else { return vec![] };
                value::people(value)
                    .iter()
                    .flat_map(|person| self.person(person, "文中指定"))
                    .collect()
            }
        }
    }

    /// What the case is about, as far as it says so.
    pub(crate) fn topic<'t>(&'t self, topic: &'t Topic) -> Option<&'t str> {
        match topic {
            Topic::Named(name) => Some(name),
            Topic::Field(name) => match self.facts.get(field_name(name))? {
                Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
                Value::Bool(_) | Value::Number(_) | Value::List(_) => None,
            },
        }
    }

    fn post_of<'u>(
        &'u self,
        of: &UnitExpr,
        open: bool,
        what: &str,
        post: impl Fn(&'u Unit) -> Option<&'u PostId>,
    ) -> Vec<Found> {
        let Some(unit) = self.unit(of) else { return vec![] };
        let Some(id) = post(unit) else { return vec![] };
        self.post(id, open, &format!("{}{what}", unit.short))
    }

    fn post(&self, post: &PostId, open: bool, why: &str) -> Vec<Found> {
        let held = self.cx.directory.seats_of(post);
        if open && !held.is_empty() {
            let seat = self.cx.directory.open_seat(post);
            return seat.into_iter().map(|seat| self.because(seat, why.to_owned())).collect();
        }
        held.into_iter().map(|seat| self.because(seat, why.to_owned())).collect()
    }

    fn person(&self, person: &PersonId, why: &str) -> Vec<Found> {
        self.cx
            .directory
            .main_seat(person)
            .into_iter()
            .map(|seat| self.because(seat, why.to_owned()))
            .collect()
    }

    /// Somebody named earlier, as they sit now: in the same post if they still hold it, else in their main one, or
    /// in any.
    fn still(&self, seat: &Seat) -> Option<Seat> {
        let Some(who) = &seat.person else { return Some(seat.clone()) };
        let directory = self.cx.directory;
        directory
            .seat(&who.id, &seat.post)
            .or_else(|| directory.main_seat(&who.id))
            .or_else(|| directory.posts_of(&who.id).find_map(|it| directory.seat(&who.id, &it.id)))
    }

    fn because(&self, seat: Seat, why: String) -> Found {
        Found { seat, why }
    }

    pub(crate) fn excluded(&self, exclude: &[Exclude], seat: &Seat) -> bool {
        let same = |other: &Seat| {
            other.person.is_some()
                && other.person.as_ref().map(|who| &who.id)
                    == seat.person.as_ref().map(|who| &who.id)
        };
        exclude.iter().any(|exclude| match exclude {
            Exclude::Initiator => self.case.initiator.as_ref().is_some_and(same),
            Exclude::Did(step) => self.did(step).iter().any(same),
        })
    }

    /// Who finished a step when it was last left: in one's own branch, and seen from outside in every branch.
    fn did(&self, step: &StepId) -> Vec<Seat> {
        let done = |left: Option<Left>| match left {
            Some(Left::Approved | Left::Refused | Left::Done) => true,
            Some(Left::SentBack | Left::Withdrawn | Left::Cancelled) | None => false,
        };
        let flow = self.cx.workflow;
        let Some(&node) = flow.by_id.get(step) else { return vec![] };
        let shared = flow
            .blocks(node)
            .zip(flow.blocks(self.place.index()))
            .take_while(|(there, here)| there == here)
            .count();
        let shared = shared.min(self.place.at.len());
        let mut last = BTreeMap::new();
        let visits = self.case.visits.values().filter(|visit| {
            visit.step == *step
                && done(visit.left)
                && visit.place.at.get(..shared) == Some(&self.place.at[..shared])
        });
        for visit in visits {
            last.insert(&visit.place, visit);
        }
        let tasks = last.into_values().flat_map(|visit| &visit.tasks);
        tasks
            .filter_map(|task| self.case.opinion_on(*task))
            .filter(|opinion| opinion.said.outcome().is_some())
            .map(|opinion| opinion.by.clone())
            .collect()
    }

    pub(crate) fn title_of<'s>(&'s self, step: &'s StepId) -> &'s str {
        match self.cx.workflow.by_id.get(step) {
            Some(&index) => &self.cx.workflow.node(index).title,
            None => step.as_str(),
        }
    }

    /// The unit that an expression names, unless it is no longer in use: nobody there is asked any more.
    pub(crate) fn unit(&self, expr: &UnitExpr) -> Option<&Unit> {
        self.named(expr).filter(|unit| !unit.disabled)
    }

    /// The same, in use or not.
    pub(crate) fn named(&self, expr: &UnitExpr) -> Option<&Unit> {
        let directory = self.cx.directory;
        let base: UnitId = match &expr.base {
            UnitBase::InitiatorUnit => self.case.initiator.as_ref()?.unit.clone(),
            UnitBase::Each(name) => {
                let around = branches_around(self.cx.workflow, self.case, self.place);
                around
                    .iter()
                    .rev()
                    .find(|(variable, _)| variable == name)
                    .map(|(_, branch)| branch.unit.clone())?
            }
            UnitBase::Field(name) => {
                value::units(self.facts.get(field_name(name))?).first()?.clone()
            }
            UnitBase::Named(unit) => unit.clone(),
        };
        expr.up.iter().try_fold(directory.units.get(&base)?, |unit, up| match up {
            Up::Organ => directory.organ_of(&unit.id),
            Up::Parent => directory.units.get(unit.parent.as_ref()?),
        })
    }

    /// The units that an expression names, in its order, once each.
    pub(crate) fn units(&self, expr: &Units) -> Vec<UnitId> {
        let named = match expr {
            Units::Field(name) => {
                self.facts.get(field_name(name)).map(value::units).unwrap_or_default()
            }
            Units::Picked(name) => {
                self.case.picked.get(name).map(|picked| picked.units.clone()).unwrap_or_default()
            }
            Units::PickedLead(name) => self
                .case
                .picked
                .get(name)
                .and_then(|picked| picked.lead.clone())
                .into_iter()
                .collect(),
        };
        let mut once = vec![];
        for unit in named {
            if !once.contains(&unit) {
                once.push(unit);
            }
        }
        once
    }
}
