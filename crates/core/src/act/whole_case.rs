//! Acts on the case as a whole: 撤回, 重签, 催办, 关联, 终止, and trying again after a stall.

use super::{fits, reason};
use crate::{
    control::Move,
    decide::Run,
    event::{Closed, Ended, Event},
    id::{CaseId, TaskId},
    rejection::Rejection,
    rights::{self, Reopening},
    step,
    workflow::StepKind,
};

/// 撤回: back to the initiator's first step, as if it had not been handed on.
pub(crate) fn withdraw(run: &mut Run<'_>, why: String) -> Result<(), Rejection> {
    let home = rights::withdrawable(run.cx, &run.case)?;
    fits(&why, "理由")?;
    let Some(by) = run.case.initiator.clone() else { return Err(Rejection::NotStarted) };
    run.emit(Event::Withdrawn { by, reason: why, at: run.cx.now });
    run.fire(Move::Restart(home), Closed::Withdrawn);
    run.settle();
    Ok(())
}

/// 重签: a signer signs again because the text changed.
pub(crate) fn reopen(run: &mut Run<'_>, task: TaskId) -> Result<(), Rejection> {
    match rights::reopenable(run.cx, &run.case, task)? {
        Reopening::Task(by) => run.emit(Event::TaskReopened { task, by, at: run.cx.now }),
        Reopening::Branch(place) => {
            run.fire(Move::Reopen(place), Closed::Cancelled);
            run.settle();
        }
    }
    Ok(())
}

/// 催办.
pub(crate) fn urge(run: &mut Run<'_>, text: String) -> Result<(), Rejection> {
    let (by, tasks) = rights::urgeable(run.cx, &run.case)?;
    fits(&text, "催办内容")?;
    run.emit(Event::Urged { tasks, by, text, at: run.cx.now });
    Ok(())
}

/// 关联. What is linked already stays as it is.
pub(crate) fn link(run: &mut Run<'_>, other: CaseId) -> Result<(), Rejection> {
    let by = rights::linkable(run.cx, &run.case)?;
    if !run.case.links.contains(&other) {
        run.emit(Event::Linked { other, by, at: run.cx.now });
    }
    Ok(())
}

/// 终止.
pub(crate) fn terminate(
    run: &mut Run<'_>,
    task: Option<TaskId>,
    why: String,
) -> Result<(), Rejection> {
    let by = rights::terminable(run.cx, &run.case, task)?;
    reason(&why, Rejection::ReasonRequired)?;
    run.end(Ended::Terminated, Some(by), why);
    Ok(())
}

/// A stalled step tries again, after an administrator mended the cause.
pub(crate) fn retry(run: &mut Run<'_>, why: String) -> Result<(), Rejection> {
    rights::retryable(run.cx, &run.case)?;
    fits(&why, "理由")?;
    let stalls = run.case.stalls.clone();
    run.emit(Event::Retried { by: run.cx.actor.seat().cloned(), reason: why });
    let flow = run.cx.workflow;
    for visit in stalls.iter().filter_map(|stall| stall.visit) {
        let Some(node) = run.case.visits.get(&visit).map(|visit| visit.place.index()) else {
            continue;
        };
        match &flow.node(node).kind {
            StepKind::Handle(handle)
                if run.case.visits.get(&visit).is_some_and(|visit| visit.effects.is_empty()) =>
            {
                step::handle::offer(run, visit, handle);
            }
            StepKind::Handle(_) | StepKind::Effects(_) => step::effect::go_on(run, visit),
            StepKind::Circulate(circulate) => step::circulate::offer(run, visit, circulate),
            StepKind::Choice(_)
            | StepKind::Parallel { .. }
            | StepKind::Each(_)
            | StepKind::Join { .. }
            | StepKind::End => {}
        }
    }
    run.begin_again();
    Ok(())
}
