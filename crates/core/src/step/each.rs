//! A block over units: one branch for each, the lead 主办 marked. No unit passes through, recorded; a unit that is
//! not in the directory stalls the case before anything is handed out.

use crate::{
    control::{Move, Place},
    decide::Run,
    event::{Branch, Cause, Closed, Event},
    id::UnitId,
    workflow::Each,
};

pub(crate) fn enter(run: &mut Run<'_>, place: &Place, each: &Each) {
    let around = run.around(place);
    let units = around.units(&each.over);
    let lead = each.lead.as_ref().and_then(|lead| around.units(lead).first().cloned());
    match branches(run, &units, lead.as_ref()) {
        Err(unit) => {
            let reason = format!("单位“{unit}”不在组织机构中");
            run.stall(None, place, reason, Cause::NoUnit { unit });
        }
        Ok(branches) => {
            if branches.is_empty() {
                let node = run.cx.workflow.node(place.index());
                let reason = "没有涉及的单位".to_owned();
                run.emit(Event::StepPassed {
                    step: node.id.clone(),
                    title: node.title.clone(),
                    reason,
                });
            } else {
                run.emit(Event::BranchesOpened { place: place.clone(), branches });
            }
            // A workflow case never has more units than u16 holds: the field's own limit is far below.
            run.fire(Move::Open(place.clone(), units.len() as u16), Closed::ByAnother);
        }
    }
}

fn branches(run: &Run<'_>, units: &[UnitId], lead: Option<&UnitId>) -> Result<Vec<Branch>, UnitId> {
    let branch = |unit: &UnitId| match run.cx.directory.units.get(unit) {
        Some(known) => Ok(Branch {
            unit: unit.clone(),
            unit_name: known.short.clone(),
            lead: lead == Some(unit),
        }),
        None => Err(unit.clone()),
    };
    units.iter().map(branch).collect()
}
