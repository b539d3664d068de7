//! Looks through a flow before it runs: whom its selectors will not find in today's directory, whom its separation of
//! duty leaves nobody beside (`kept_out`), and which organs its effects will fail for (`effects`), with the place in the
//! file and the names of the units. What is chosen in a case alone is not foreseen here.

mod effects;
mod kept_out;

use crate::{
    compile::{Problem, Problems},
    directory::{Directory, Unit},
    id::{PersonId, PostId, StepId, UnitId},
    vacancy::{Lack, Missing, UnitName, lack, unit_of},
    workflow::{PickWhat, Selector, StepKind, UnitBase, UnitExpr, Up, WhenEmpty, Who, Workflow},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// Somebody who is not there: a warning, for the flow itself is sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Where and what; its code is the word of `what`.
    pub problem: Problem,
    pub step: StepId,
    pub title: String,
    pub what: Lack,
    /// The units that lack it, as many as a person would read.
    pub units: Vec<UnitName>,
}

/// More names help nobody.
const MOST_UNITS: usize = 200;
/// So many stand in the sentence.
const NAMED: usize = 8;

/// In which series the organs have their documents numbered: 机关代字. An organ that has none is not there.
pub type Numbering = BTreeMap<UnitId, Numbered>;

/// What an organ's series take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbered {
    Everything,
    /// Only these kinds of documents 文种.
    Only(BTreeSet<String>),
}

/// What `directory` and `numbering` lack of what the flow in `source` asks for, in the order of the file.
#[must_use]
pub fn survey(
    workflow: &Workflow,
    source: &str,
    directory: &Directory,
    numbering: &Numbering,
) -> Vec<Warning> {
    let mut manned: BTreeMap<&UnitId, BTreeSet<&PersonId>> = BTreeMap::new();
    let registers = workflow.begins_by_registration();
    let registries: BTreeSet<_> =
        directory.units.values().filter_map(|unit| unit.registry.as_ref()).collect();
    // Whatever comes in is registered by a registry, so nobody else begins such a flow.
    for post in directory.posts.values().filter(|post| !registers || registries.contains(&post.id))
    {
        for person in people_in(directory, &post.id) {
            manned.entry(&post.unit).or_default().insert(person);
        }
    }
    let open = || directory.units.values().filter(|unit| !unit.disabled);
    let mut survey = Survey {
        workflow,
        source,
        directory,
        numbering,
        starters: open().filter(|unit| manned.contains_key(&unit.id)).collect(),
        organs: open().filter(|unit| unit.organ).collect(),
        manned,
        found: vec![],
    };
    for node in workflow.graph.node_weights() {
        let mut look = |who: &Who, of: Asked<'_>| survey.who(&node.id, &node.title, who, of);
        match &node.kind {
            StepKind::Handle(handle) => {
                look(&handle.by, Asked::Holder);
                for pick in &handle.pick {
                    match &pick.what {
                        PickWhat::People { from: Some(who) } => {
                            look(who, Asked::Choice(&pick.title))
                        }
                        PickWhat::People { from: None } | PickWhat::Units { .. } => {}
                    }
                }
                survey.kept_out(node, &handle.by);
                survey.effects(node, &handle.effects);
            }
            StepKind::Circulate(circulate) => look(&circulate.to, Asked::Reader),
            StepKind::Effects(effects) => survey.effects(node, effects),
            StepKind::Choice(_)
            | StepKind::Parallel { .. }
            | StepKind::Each(_)
            | StepKind::Join { .. }
            | StepKind::End => {}
        }
    }
    survey.found.sort_by_key(|warning| warning.problem.from);
    survey.found
}

/// What the people are wanted for.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Holder,
    Reader,
    /// To be chosen from, under this title.
    Choice(&'a str),
}

struct Survey<'a> {
    workflow: &'a Workflow,
    source: &'a str,
    directory: &'a Directory,
    numbering: &'a Numbering,
    /// Units in which somebody could start a case.
    starters: Vec<&'a Unit>,
    /// Those who could, by unit.
    manned: BTreeMap<&'a UnitId, BTreeSet<&'a PersonId>>,
    /// Units that a field or a choice may name.
    organs: Vec<&'a Unit>,
    found: Vec<Warning>,
}

impl<'a> Survey<'a> {
    fn who(&mut self, step: &StepId, title: &str, who: &Who, asked: Asked<'_>) {
        for selector in &who.any_of {
            let missing = self.missing(selector);
            let then = self.then(who, asked);
            let hint = "请在组织机构中补齐；或在流程中用 when_empty 写明无人时由谁办理";
            self.warn((step, title), &who.at, &then, &missing, hint);
        }
    }

    /// Tells what is missing at a place of the file; nothing where nothing is.
    fn warn(
        &mut self,
        (step, title): (&StepId, &str),
        at: &Range<usize>,
        then: &str,
        missing: &[Missing],
        hint: &str,
    ) {
        let Some(first) = missing.first() else { return };
        let what = first.what;
        let message = format!("“{title}”{then}：{}", words(missing));
        let units: BTreeSet<UnitName> = missing.iter().filter_map(|one| one.unit.clone()).collect();
        let mut problems = Problems::new(self.source);
        problems.add(code(what), at, message, Some(hint.into()));
        for problem in problems.finish() {
            self.found.push(Warning {
                problem,
                step: step.clone(),
                title: title.to_owned(),
                what,
                units: units.iter().take(MOST_UNITS).cloned().collect(),
            });
        }
    }

    /// What becomes of a case that comes here.
    fn then(&self, who: &Who, asked: Asked<'_>) -> String {
        match asked {
            Asked::Choice(choice) => return format!("的“{choice}”无人可选"),
            Asked::Reader => return "无人可传阅，将跳过".into(),
            Asked::Holder => {}
        }
        if who.any_of.len() > 1 {
            return "的部分办理人找不到".into();
        }
        match &who.when_empty {
            WhenEmpty::Stall => "可能无人办理，办件会停滞".into(),
            WhenEmpty::Pass => "可能无人办理，将跳过".into(),
            WhenEmpty::Give(other) => {
                let nobody = other.any_of.iter().all(|one| !self.missing(one).is_empty());
                if nobody {
                    "可能无人办理，代办的人也找不到，办件会停滞".into()
                } else {
                    "可能无人办理，将按 when_empty 改由他人办理".into()
                }
            }
        }
    }

    /// Everything that a selector may fail to find, for each unit that it may come to speak of.
    fn missing(&self, selector: &Selector) -> Vec<Missing> {
        let Some(expr) = unit_of(selector) else {
            return lack(self.directory, selector, None).into_iter().collect();
        };
        let mut all: BTreeMap<Option<UnitId>, Missing> = BTreeMap::new();
        for base in self.bases(expr) {
            let missing = match base.and_then(|base| self.up(base, &expr.up)) {
                Ok(unit) => lack(self.directory, selector, Some(unit)),
                Err(missing) => Some(*missing),
            };
            if let Some(missing) = missing {
                all.entry(missing.unit.as_ref().map(|unit| unit.id.clone())).or_insert(missing);
            }
        }
        all.into_values().collect()
    }

    fn bases(&self, expr: &UnitExpr) -> Vec<Result<&'a Unit, Box<Missing>>> {
        match &expr.base {
            UnitBase::InitiatorUnit => self.starters.iter().copied().map(Ok).collect(),
            UnitBase::Each(_) | UnitBase::Field(_) => self.organs.iter().copied().map(Ok).collect(),
            UnitBase::Named(id) => {
                let unit = self.directory.units.get(id);
                vec![unit.ok_or_else(|| no_unit(None, format!("组织机构中没有单位“{id}”")))]
            }
        }
    }

    fn up(&self, base: &'a Unit, ups: &[Up]) -> Result<&'a Unit, Box<Missing>> {
        ups.iter().try_fold(base, |unit, up| {
            let (above, what) = match up {
                Up::Organ => (self.directory.organ_of(&unit.id), "所属机关"),
                Up::Parent => {
                    let parent = unit.parent.as_ref();
                    (parent.and_then(|id| self.directory.units.get(id)), "上级单位")
                }
            };
            above.ok_or_else(|| no_unit(Some(unit), format!("{}没有{what}", unit.short)))
        })
    }
}

/// Who holds a post and can act.
fn people_in<'d>(
    directory: &'d Directory,
    post: &PostId,
) -> impl Iterator<Item = &'d PersonId> + use<'d> {
    let post = directory.posts.get(post);
    let holders = post.map_or(&[][..], |post| &post.holders);
    let post = post.map(|post| &post.id);
    holders
        .iter()
        .filter(move |person| post.is_some_and(|post| directory.seat(person, post).is_some()))
}

fn no_unit(unit: Option<&Unit>, text: String) -> Box<Missing> {
    let unit = unit.map(UnitName::from);
    Box::new(Missing { what: Lack::Unit, unit, post: None, name: String::new(), text })
}

/// One is told in full; several by their names.
fn words(missing: &[Missing]) -> String {
    let named: Vec<&str> = missing.iter().map(|one| one.text.as_str()).collect();
    match &named[..] {
        [one] => (*one).to_owned(),
        many if many.len() <= NAMED => many.join("；"),
        many => format!("{}等，共{}处", many[..NAMED].join("；"), many.len()),
    }
}

fn code(what: Lack) -> &'static str {
    match what {
        Lack::Person => "nobody_person",
        Lack::Role => "nobody_role",
        Lack::Post => "nobody_post",
        Lack::Registry => "nobody_registry",
        Lack::Head => "nobody_head",
        Lack::InCharge => "nobody_in_charge",
        Lack::Keeper => "nobody_keeper",
        Lack::Unit => "nobody_unit",
        Lack::Choice => "nobody_choice",
        Lack::Earlier => "nobody_earlier",
        Lack::Field => "nobody_field",
        Lack::Initiator => "nobody_initiator",
        Lack::Excluded => "nobody_excluded",
        Lack::Series => "no_series",
    }
}

#[cfg(test)]
mod tests;
