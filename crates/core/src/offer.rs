//! What a person may do with a case now, by the very checks of `decide`: what is offered is what is accepted.

use crate::{
    act,
    case::Case,
    decide::{Context, Run, separate},
    directory::Seat,
    event::TaskKind,
    id::{StepId, TaskId, VisitId},
    rights::{self, TargetKind},
    workflow::{ActKind, PickWhat, Resume, ResumeRule, Siblings},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One act that would be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub act: Act,
    pub task: Option<TaskId>,
    /// For 指定办理: the stalled step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    pub opinion_required: bool,
    /// For 退回: where to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<BackOffer>,
}

/// The acts by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Approve,
    Refuse,
    SendBack,
    Transfer,
    Claim,
    Release,
    Open,
    Read,
    Cc,
    Circulate,
    Withdraw,
    Reopen,
    Urge,
    Link,
    Terminate,
    Retry,
    Appoint,
    Reassign,
}

/// A step that the case may go back to, and what that would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackOffer {
    pub step: StepId,
    pub title: String,
    pub kind: BackKind,
    pub out_of_block: bool,
    /// The ways of coming back that may be chosen.
    pub resume: Vec<Resume>,
    /// In Chinese, what becomes of the others.
    pub consequence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackKind {
    Previous,
    Initiator,
    Step,
}

/// Everything that the actor of `cx` may do with the case.
#[must_use]
pub fn allowed(cx: &Context<'_>, case: &Case) -> Vec<Offer> {
    let mut offers = vec![];
    let person = cx.actor.seat().and_then(|seat| seat.person.as_ref());
    if person.is_some_and(|person| separate(cx.directory, person).is_err()) {
        return offers;
    }
    let mine: Vec<TaskId> = case
        .open_tasks()
        .map(|task| task.id)
        .filter(|&task| rights::held(cx, case, task).is_ok())
        .collect();
    for &task in &mine {
        of_task(cx, case, task, &mut offers);
    }
    let mut offer = |act, task, opinion_required| {
        offers.push(Offer { act, task, visit: None, opinion_required, targets: vec![] })
    };
    // Whoever has something to handle gives copies out from there.
    let handles =
        |task: &TaskId| case.tasks.get(task).map(|task| task.kind) == Some(TaskKind::Handle);
    if !mine.iter().any(handles) {
        for (kind, act) in [(ActKind::Cc, Act::Cc), (ActKind::Circulate, Act::Circulate)] {
            if rights::may_copy(cx, case, None, kind).is_ok() {
                offer(act, None, false);
            }
        }
    }
    for &task in case.outdated.iter().filter(|&&task| rights::reopenable(cx, case, task).is_ok()) {
        offer(Act::Reopen, Some(task), false);
    }
    if rights::withdrawable(cx, case).is_ok() {
        offer(Act::Withdraw, None, false);
    }
    if rights::urgeable(cx, case).is_ok() {
        offer(Act::Urge, None, false);
    }
    if rights::linkable(cx, case).is_ok() {
        offer(Act::Link, None, false);
    }
    if rights::terminable(cx, case, None).is_ok() {
        offer(Act::Terminate, None, true);
    }
    if rights::retryable(cx, case).is_ok() {
        offer(Act::Retry, None, false);
    }
    for task in case.open_tasks().filter(|task| rights::reassignable(cx, case, task.id).is_ok()) {
        offer(Act::Reassign, Some(task.id), true);
    }
    for visit in case.stalls.iter().filter_map(|stall| stall.visit) {
        if rights::appointable(cx, case, visit).is_ok() {
            let (act, task, targets) = (Act::Appoint, None, vec![]);
            offers.push(Offer { act, task, visit: Some(visit), opinion_required: true, targets });
        }
    }
    offers
}

/// Whom the actor may choose from for later steps, by task in their hands and name of the choice. A choice without an
/// entry is free.
#[must_use]
pub fn candidates(cx: &Context<'_>, case: &Case) -> BTreeMap<(TaskId, String), Vec<Seat>> {
    let run = Run::new(cx, case.clone());
    let mut all = BTreeMap::new();
    for task in case.open_tasks() {
        let Ok(held) = rights::held_step(cx, case, task.id) else { continue };
        for pick in &held.handle.pick {
            match &pick.what {
                PickWhat::People { from: Some(who) } => {
                    let found = run.around(held.place).resolve(who, false);
                    let seats = found.into_iter().map(|found| found.seat).collect();
                    all.insert((task.id, pick.name.clone()), seats);
                }
                PickWhat::People { from: None } | PickWhat::Units { .. } => {}
            }
        }
    }
    all
}

fn of_task(cx: &Context<'_>, case: &Case, id: TaskId, offers: &mut Vec<Offer>) {
    let Ok(held) = rights::held(cx, case, id) else { return };
    let mut offer = |act, opinion_required| {
        offers.push(Offer { act, task: Some(id), visit: None, opinion_required, targets: vec![] })
    };
    match held.task.holder {
        None => offer(Act::Claim, false),
        Some(_) if act::can_release(held.task) => offer(Act::Release, false),
        Some(_) => {}
    }
    if held.task.seen_at.is_none() {
        offer(Act::Open, false);
    }
    if held.task.kind == TaskKind::Read {
        return offer(Act::Read, false);
    }
    let may = |act| rights::may(cx, case, id, act).ok();
    for (kind, act, opinion_required) in [
        (ActKind::Approve, Act::Approve, false),
        (ActKind::Refuse, Act::Refuse, true),
        (ActKind::Transfer, Act::Transfer, false),
        (ActKind::Cc, Act::Cc, false),
        (ActKind::Circulate, Act::Circulate, false),
        (ActKind::Terminate, Act::Terminate, true),
    ] {
        if may(kind).is_some() {
            offer(act, opinion_required);
        }
    }
    if let Some(step) = may(ActKind::SendBack) {
        let rule = &step.handle.send_back;
        let targets: Vec<_> = rights::back_targets(cx, case, step.place, step.handle)
            .into_iter()
            .map(|target| BackOffer {
                consequence: consequence(
                    &target,
                    rule.siblings,
                    held.task.branch.as_ref().map(|branch| branch.unit_name.as_str()),
                ),
                step: target.step,
                title: target.title,
                kind: match target.target {
                    TargetKind::Previous => BackKind::Previous,
                    TargetKind::Initiator => BackKind::Initiator,
                    TargetKind::Step => BackKind::Step,
                },
                out_of_block: target.out_of_block,
                resume: match rule.resume {
                    ResumeRule::Direct => vec![Resume::Direct],
                    ResumeRule::Stepwise => vec![Resume::Stepwise],
                    ResumeRule::Ask => vec![Resume::Stepwise, Resume::Direct],
                },
            })
            .collect();
        if !targets.is_empty() {
            offers.push(Offer {
                act: Act::SendBack,
                task: Some(id),
                visit: None,
                opinion_required: true,
                targets,
            });
        }
    }
}

fn consequence(target: &rights::BackTarget, siblings: Siblings, unit: Option<&str>) -> String {
    match (target.out_of_block, siblings, unit) {
        (false, ..) => format!("退回到“{}”，修改后再送来。", target.title),
        (true, Siblings::Keep, Some(unit)) => {
            format!("只退回{unit}这一支到“{}”；其他单位继续办理。", target.title)
        }
        (true, Siblings::Keep, None) => {
            format!("只退回这一支到“{}”；其他分支继续办理。", target.title)
        }
        (true, Siblings::Cancel, _) => {
            format!("退回到“{}”；其他分支一并取消，之后重新办理。", target.title)
        }
    }
}
