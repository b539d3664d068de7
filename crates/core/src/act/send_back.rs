//! 退回: the case goes back to an earlier step, and it is settled at once how it returns.

use super::{opine, reason, take};
use crate::{
    control::Move,
    decide::Run,
    event::{Closed, Event, Left, Said},
    id::{StepId, TaskId, VisitId},
    rejection::Rejection,
    rights::{self, BackTarget, HeldStep, TargetKind},
    step,
    workflow::{ActKind, Handle, Resume, ResumeRule, Siblings},
};

pub(crate) fn send_back(
    run: &mut Run<'_>,
    task: TaskId,
    to: &StepId,
    resume: Option<Resume>,
    opinion: String,
) -> Result<(), Rejection> {
    let HeldStep { seat, visit, place, handle, .. } =
        rights::may(run.cx, &run.case, task, ActKind::SendBack)?;
    reason(&opinion, Rejection::OpinionRequired)?;
    let targets = rights::back_targets(run.cx, &run.case, place, handle);
    let Some(target) = targets.iter().find(|target| target.step == *to).cloned() else {
        let wanted = run
            .cx
            .workflow
            .by_id
            .get(to)
            .map_or(to.to_string(), |&node| run.cx.workflow.node(node).title.clone());
        let legal = targets.into_iter().map(|target| target.title).collect();
        return Err(Rejection::NotASendBackTarget { step: wanted, legal });
    };
    let resume = settle_resume(handle, resume)?;
    let siblings = handle.send_back.siblings;
    take(run, task, &seat);
    let said = Said::SentBack { to: target.step.clone(), to_title: target.title.clone() };
    opine(run, task, seat, said, opinion);
    go_back(run, task, visit, &target, resume, siblings);
    Ok(())
}

fn settle_resume(handle: &Handle, wanted: Option<Resume>) -> Result<Resume, Rejection> {
    let fixed = |rule, title: &str| match wanted {
        Some(other) if other != rule => Err(Rejection::ResumeNotAllowed { allowed: title.into() }),
        Some(_) | None => Ok(rule),
    };
    match handle.send_back.resume {
        ResumeRule::Direct => fixed(Resume::Direct, "直送退回人"),
        ResumeRule::Stepwise => fixed(Resume::Stepwise, "逐级重新办理"),
        ResumeRule::Ask => Ok(wanted.unwrap_or(Resume::Stepwise)),
    }
}

fn go_back(
    run: &mut Run<'_>,
    task: TaskId,
    visit: VisitId,
    target: &BackTarget,
    resume: Resume,
    siblings: Siblings,
) {
    let Some(from) = run.case.visits.get(&visit).map(|visit| visit.place.clone()) else { return };
    run.emit(Event::SentBack {
        task,
        to: target.step.clone(),
        to_title: target.title.clone(),
        resume,
        siblings,
        out_of_block: target.out_of_block,
    });
    run.close_tasks(visit, Closed::SentBack);
    run.emit(Event::StepLeft { visit, how: Left::SentBack });
    let (keep, direct) = (siblings == Siblings::Keep, resume == Resume::Direct);
    run.fire(Move::SendBack { from, to: target.node, keep, direct }, Closed::Cancelled);
    run.settle();
}

/// A vote failed and the file says that the case goes back: to the initiator if possible, else to the previous step.
pub(crate) fn refused_back(run: &mut Run<'_>, visit: VisitId) {
    let Some(place) = run.case.visits.get(&visit).map(|visit| visit.place.clone()) else { return };
    let Some(handle) = run.cx.workflow.handle(place.index()) else { return };
    let targets = rights::back_targets(run.cx, &run.case, &place, handle);
    let home = targets
        .iter()
        .find(|target| target.target == TargetKind::Initiator)
        .or(targets.first())
        .cloned();
    let Some(target) = home else {
        // Nowhere to go back to: in a block the refusal is counted, outside nothing may go on with it.
        if place.at.is_empty() {
            return step::handle::refused(run, visit);
        }
        return run.leave(visit, Left::Refused);
    };
    let last = run.case.opinions.last().map(|(task, _)| *task).unwrap_or_default();
    go_back(run, last, visit, &target, Resume::Stepwise, handle.send_back.siblings);
}
