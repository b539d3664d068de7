//! A choice 分支选择: the first alternative whose condition holds is taken, and recorded with the reason.

use crate::{
    condition::Scope,
    control::{Move, Place},
    decide::Run,
    event::{Cause, Closed, Event},
    people::branches_around,
    workflow::Alternative,
};

pub(crate) fn enter(run: &mut Run<'_>, place: &Place, alternatives: &[Alternative]) {
    let node = run.cx.workflow.node(place.index());
    let chosen = choose(run, place, alternatives);
    match chosen {
        Ok(Some((index, when))) => {
            run.emit(Event::Chose {
                step: node.id.clone(),
                title: node.title.clone(),
                alternative: index,
                when,
            });
            run.fire(Move::Choose(place.clone(), index), Closed::ByAnother);
        }
        Ok(None) => run.stall(None, place, "没有一个分支的条件成立".into(), Cause::NoWay),
        Err(reason) => {
            run.stall(None, place, format!("分支条件无法计算：{reason}"), Cause::NoWay);
        }
    }
}

/// The alternative to take, with the condition that held.
pub(crate) fn choose(
    run: &Run<'_>,
    place: &Place,
    alternatives: &[Alternative],
) -> Result<Option<(u16, Option<String>)>, String> {
    let scope = scope(run, place);
    for (index, alternative) in alternatives.iter().enumerate() {
        let Some(when) = &alternative.when else { return Ok(Some((index as u16, None))) };
        if when.holds(&scope)? {
            return Ok(Some((index as u16, Some(when.source.clone()))));
        }
    }
    Ok(None)
}

/// What conditions at a place may speak of.
pub(crate) fn scope<'s>(run: &'s Run<'_>, place: &Place) -> Scope<'s> {
    let around = branches_around(run.cx.workflow, &run.case, place);
    let initiator = run.case.initiator.as_ref();
    let unit = initiator.map(|seat| &seat.unit);
    let organ = unit.and_then(|unit| run.cx.directory.organ_of(unit));
    Scope {
        facts: &run.facts,
        initiator_unit: unit.map(ToString::to_string).unwrap_or_default(),
        initiator_organ: organ.map(|organ| organ.id.to_string()).unwrap_or_default(),
        initiator_person: initiator
            .and_then(|seat| seat.person.as_ref())
            .map(|who| who.id.to_string())
            .unwrap_or_default(),
        each: around
            .iter()
            .map(|(name, branch)| ((*name).to_owned(), branch.unit.to_string()))
            .collect(),
        lead: around.last().map(|(_, branch)| branch.lead),
    }
}
