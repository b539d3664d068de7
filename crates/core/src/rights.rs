//! Who may do what, now. `decide` and `allowed` use these very checks, so what is offered is what is accepted.

use crate::{
    case::{Case, Visit},
    control::{self, Place},
    decide::Context,
    directory::Seat,
    event::{Left, Said, Task, TaskKind, TaskState},
    id::{RoleId, StepId, TaskId, VisitId},
    rejection::{Rejection, ReopenBar},
    workflow::{ActKind, Handle, Selector, StepKind, Target},
};
use petgraph::graph::NodeIndex;

/// The role whose holders resolve stalled cases and deploy flows.
pub const FLOW_ADMIN: &str = "flow-admin";

/// A task in the hands of the one who acts.
pub(crate) struct Held<'a> {
    pub task: &'a Task,
    /// The seat acted in: the one the task was given to.
    pub seat: Seat,
}

/// A handled step's task in the hands of the one who acts.
pub(crate) struct HeldStep<'a> {
    pub task: &'a Task,
    pub seat: Seat,
    pub visit: VisitId,
    pub place: &'a Place,
    pub handle: &'a Handle,
}

pub(crate) fn actor<'a>(cx: &'a Context<'_>) -> Result<&'a Seat, Rejection> {
    cx.actor.seat().ok_or(Rejection::NotInvolved)
}

pub(crate) fn running(case: &Case) -> Result<(), Rejection> {
    if case.initiator.is_none() {
        return Err(Rejection::NotStarted);
    }
    match case.ended {
        Some(_) => Err(Rejection::CaseEnded),
        None => Ok(()),
    }
}

/// The seat in which the actor may take up what `offered` names.
pub(crate) fn sits(cx: &Context<'_>, offered: &Seat, actor: &Seat) -> Option<Seat> {
    let who = actor.person.as_ref()?;
    match &offered.person {
        Some(person) => (person.id == who.id).then(|| offered.clone()),
        None => cx.directory.seat(&who.id, &offered.post),
    }
}

/// The open task, if the actor holds it or it is offered to them.
pub(crate) fn held<'a>(
    cx: &Context<'_>,
    case: &'a Case,
    id: TaskId,
) -> Result<Held<'a>, Rejection> {
    let Some(task) = case.tasks.get(&id) else { return Err(Rejection::NoSuchTask { task: id }) };
    let actor = actor(cx)?;
    match task.state {
        TaskState::Open => {}
        TaskState::Done | TaskState::Closed => return Err(closed(cx, case, task, actor)),
    }
    let seat = match &task.holder {
        Some(holder) => sits(cx, holder, actor),
        None => task.offered.iter().find_map(|offered| sits(cx, offered, actor)),
    };
    match (seat, &task.holder) {
        (Some(seat), _) => Ok(Held { task, seat }),
        (None, Some(holder))
            if task.offered.iter().any(|offered| sits(cx, offered, actor).is_some()) =>
        {
            Err(Rejection::AlreadyClaimed { task: id, by: holder.label() })
        }
        (None, Some(holder)) => {
            Err(Rejection::NotYourTask { task: id, holders: vec![holder.label()] })
        }
        (None, None) => Err(Rejection::NotYourTask {
            task: id,
            holders: task.offered.iter().map(Seat::label).collect(),
        }),
    }
}

/// Whether a task waits for whoever of those it is offered to comes forward.
pub(crate) fn is_offered(case: &Case, task: TaskId) -> bool {
    case.tasks.get(&task).is_some_and(|task| task.state == TaskState::Open && task.holder.is_none())
}

/// A task that is over: who ended it is told to those who had to do with it.
fn closed(cx: &Context<'_>, case: &Case, task: &Task, actor: &Seat) -> Rejection {
    let mine = task.offered.iter().chain(&task.holder).any(|seat| sits(cx, seat, actor).is_some());
    if !mine {
        let holders = task.holder.iter().chain(&task.offered).map(Seat::label).take(1).collect();
        return Rejection::NotYourTask { task: task.id, holders };
    }
    // Whoever it was taken from is told who has it.
    if let Some(to) = case.reassigned.get(&task.id) {
        return Rejection::NotYourTask { task: task.id, holders: vec![to.label()] };
    }
    let siblings = task
        .visit
        .and_then(|visit| case.visits.get(&visit))
        .map(|visit| &visit.tasks[..])
        .unwrap_or_default();
    let own = case.opinion_on(task.id);
    // Only where an opinion ended the step did somebody else do it; otherwise it was taken away.
    let left = task.visit.and_then(|visit| case.visits.get(&visit)).and_then(|visit| visit.left);
    let decided = match left {
        Some(Left::Approved | Left::Refused | Left::SentBack | Left::Done) | None => true,
        Some(Left::Withdrawn | Left::Cancelled) => false,
    };
    let last = own.or_else(|| {
        let said = siblings.iter().filter_map(|task| case.opinion_on(*task));
        said.filter(|_| decided).max_by_key(|opinion| opinion.at)
    });
    Rejection::TaskClosed {
        task: task.id,
        by: last.map(|opinion| opinion.by.label()),
        at: last.map(|opinion| opinion.at),
    }
}

/// The handled step of a task in the actor's hands.
pub(crate) fn held_step<'a>(
    cx: &'a Context<'_>,
    case: &'a Case,
    id: TaskId,
) -> Result<HeldStep<'a>, Rejection> {
    let Held { task, seat } = held(cx, case, id)?;
    let visit = match task.kind {
        TaskKind::Handle => {
            task.visit.and_then(|visit| case.visits.get(&visit).map(|it| (visit, it)))
        }
        TaskKind::Read => return Err(Rejection::IsAReader { task: id }),
    };
    running(case)?;
    let Some((visit, Visit { place, .. })) = visit else {
        return Err(Rejection::NoSuchTask { task: id });
    };
    let Some(handle) = cx.workflow.handle(place.index()) else {
        return Err(Rejection::NoSuchTask { task: id });
    };
    Ok(HeldStep { task, seat, visit, place, handle })
}

/// The same, if the step allows the act.
pub(crate) fn may<'a>(
    cx: &'a Context<'_>,
    case: &'a Case,
    id: TaskId,
    act: ActKind,
) -> Result<HeldStep<'a>, Rejection> {
    let held = held_step(cx, case, id)?;
    if held.handle.can.contains(&act) {
        return Ok(held);
    }
    let allowed = held.handle.can.iter().copied().collect();
    Err(Rejection::ActNotAllowed { act, step: held.task.title.clone(), allowed })
}

/// Somewhere a holder may send the case back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BackTarget {
    pub node: NodeIndex,
    pub step: StepId,
    pub title: String,
    pub target: TargetKind,
    /// The siblings' branches go on or end; otherwise only this branch goes back.
    pub out_of_block: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetKind {
    Previous,
    Initiator,
    Step,
}

/// Where this step may go back to: what the file lists, as far as the case has been there.
pub(crate) fn back_targets(
    cx: &Context<'_>,
    case: &Case,
    place: &Place,
    handle: &Handle,
) -> Vec<BackTarget> {
    let flow = cx.workflow;
    let legal = control::targets(flow, place.index());
    // Somebody had it there: a step that was passed by would only pass the case on again.
    let been = |node: NodeIndex| {
        let depth = flow.blocks(node).count();
        let there = Place::new(node, &place.at[..depth.min(place.at.len())]);
        case.visits.values().any(|visit| visit.place == there && !visit.tasks.is_empty())
    };
    let visited: Vec<NodeIndex> = legal.into_iter().filter(|&node| been(node)).collect();
    let previous = case.visits.values().rev().find_map(|visit| {
        let node = visit.place.index();
        let finished = matches!(visit.left, Some(Left::Approved | Left::Refused | Left::Done));
        let handled = !visit.tasks.is_empty();
        (finished && handled && visited.contains(&node) && place.at.starts_with(&visit.place.at))
            .then_some(node)
    });
    let initiator = visited.iter().copied().find(|&node| is_initiators(cx, node));
    let mut targets: Vec<BackTarget> = vec![];
    for wanted in &handle.send_back.to {
        let (node, target) = match wanted {
            Target::Previous => (previous, TargetKind::Previous),
            Target::Initiator => (initiator, TargetKind::Initiator),
            Target::Step(id) => (
                flow.by_id.get(id).copied().filter(|node| visited.contains(node)),
                TargetKind::Step,
            ),
        };
        let Some(node) = node else { continue };
        if targets.iter().any(|known| known.node == node) {
            continue;
        }
        let at = flow.node(node);
        let out_of_block = flow.blocks(node).count() < place.at.len();
        targets.push(BackTarget {
            node,
            step: at.id.clone(),
            title: at.title.clone(),
            target,
            out_of_block,
        });
    }
    targets
}

/// Whether a step is the initiator's own.
pub(crate) fn is_initiators(cx: &Context<'_>, node: NodeIndex) -> bool {
    cx.workflow.handle(node).is_some_and(|handle| handle.by.any_of == [Selector::Initiator])
}

pub(crate) fn same_person(a: &Seat, b: &Seat) -> bool {
    match (&a.person, &b.person) {
        (Some(a), Some(b)) => a.id == b.id,
        (None, _) | (_, None) => false,
    }
}

pub(crate) fn initiator<'a>(cx: &Context<'_>, case: &'a Case) -> Result<&'a Seat, Rejection> {
    let Some(initiator) = &case.initiator else { return Err(Rejection::NotStarted) };
    if same_person(actor(cx)?, initiator) {
        Ok(initiator)
    } else {
        Err(Rejection::NotTheInitiator { initiator: initiator.label() })
    }
}

/// The step that a withdrawal would bring the case back to.
pub(crate) fn withdrawable(cx: &Context<'_>, case: &Case) -> Result<NodeIndex, Rejection> {
    running(case)?;
    let initiator = initiator(cx, case)?;
    let first = cx
        .workflow
        .handled()
        .map(|(index, ..)| index)
        .filter(|&index| is_initiators(cx, index) && cx.workflow.node(index).path.is_empty());
    let Some(home) = first.min_by_key(|&index| cx.workflow.node(index).offset) else {
        return Err(Rejection::NothingToWithdraw);
    };
    if case.open.keys().any(|place| place.index() == home) {
        return Err(Rejection::NothingToWithdraw);
    }
    for visit in case.open.values().filter_map(|visit| case.visits.get(visit)) {
        let Some(handle) = cx.workflow.handle(visit.place.index()) else { continue };
        if !handle.can.contains(&ActKind::Withdraw) {
            let allowed = handle.can.iter().copied().collect();
            return Err(Rejection::ActNotAllowed {
                act: ActKind::Withdraw,
                step: visit.title.clone(),
                allowed,
            });
        }
    }
    // Since the initiator last handed it on from there, nobody may have looked at it or acted.
    let at_home = |task: &TaskId| {
        let visit = case.tasks.get(task).and_then(|task| case.visits.get(&task.visit?));
        visit.is_some_and(|visit| visit.place.index() == home)
    };
    let handed_on = case
        .opinions
        .iter()
        .filter(|(task, opinion)| at_home(task) && same_person(&opinion.by, initiator))
        .map(|(_, opinion)| opinion.at)
        .next_back();
    let Some(handed_on) = handed_on else { return Err(Rejection::NothingToWithdraw) };
    let by = |task: &Task| {
        task.holder.as_ref().or(task.offered.first()).map(Seat::label).unwrap_or_default()
    };
    for task in case.tasks.values().filter(|task| task.opened_at >= handed_on) {
        let own = task.holder.as_ref().is_some_and(|holder| same_person(holder, initiator));
        if !own && (task.seen_at.is_some() || task.state == TaskState::Done) {
            return Err(Rejection::TooLateToWithdraw { by: by(task) });
        }
    }
    // What was under way before goes on beside it: to take it back would undo what others did.
    for visit in case.visits.values().filter(|visit| visit.entered_at < handed_on) {
        let block = |block| control::inside(cx.workflow, &visit.place, block);
        if visit.left.is_none() || case.marking.blocks.keys().any(block) {
            let task = visit.tasks.last().and_then(|task| case.tasks.get(task));
            return Err(Rejection::TooLateToWithdraw {
                by: task.map_or_else(|| visit.title.clone(), by),
            });
        }
    }
    if !case.effects.is_empty() || !case.asks.is_empty() {
        return Err(Rejection::TooLateToWithdraw { by: "系统（已编号或排版）".into() });
    }
    Ok(home)
}

/// What a reopening does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reopening {
    /// The step is still open: the signer signs again.
    Task(Seat),
    /// The branch is finished, its block is not: the branch starts again at the step.
    Branch(Place),
}

pub(crate) fn reopenable(
    cx: &Context<'_>,
    case: &Case,
    id: TaskId,
) -> Result<Reopening, Rejection> {
    running(case)?;
    let bar = |because| Rejection::NotReopenable { task: id, because };
    let Some(task) = case.tasks.get(&id) else { return Err(Rejection::NoSuchTask { task: id }) };
    let Some(opinion) = case
        .opinion_on(id)
        .filter(|opinion| same_person(&opinion.by, cx.actor.seat().unwrap_or(&opinion.by)))
    else {
        return Err(bar(ReopenBar::NotDone));
    };
    actor(cx)?;
    if task.state != TaskState::Done || opinion.said.outcome().is_none() {
        return Err(bar(ReopenBar::NotDone));
    }
    if !case.outdated.contains(&id) {
        return Err(bar(ReopenBar::TextUnchanged));
    }
    let Some(visit) = task.visit.and_then(|visit| case.visits.get(&visit)) else {
        return Err(bar(ReopenBar::GoneOn));
    };
    // Who was asked anew meanwhile signs there.
    if case.rounds.get(&visit.place) != Some(&visit.round) {
        return Err(bar(ReopenBar::GoneOn));
    }
    if visit.left.is_none() && visit.effects.is_empty() {
        return Ok(Reopening::Task(opinion.by.clone()));
    }
    let branch_done = control::innermost(cx.workflow, &visit.place).and_then(|(block, branch)| {
        case.marking.blocks.get(&block).map(|open| open.done.contains(&branch))
    });
    if branch_done == Some(true) {
        Ok(Reopening::Branch(visit.place.clone()))
    } else {
        Err(bar(ReopenBar::GoneOn))
    }
}

/// Whether the actor has had to do with the case: started it, or was given a task.
pub(crate) fn involved(cx: &Context<'_>, case: &Case) -> Result<Seat, Rejection> {
    let actor = actor(cx)?;
    let started = case.initiator.as_ref().is_some_and(|initiator| same_person(initiator, actor));
    let had = || {
        case.tasks
            .values()
            .flat_map(|task| task.holder.iter().chain(&task.offered))
            .any(|seat| sits(cx, seat, actor).is_some())
    };
    if started || had() { Ok(actor.clone()) } else { Err(Rejection::NotInvolved) }
}

/// The tasks that an urging would reach: others' open ones at steps that may be urged.
pub(crate) fn urgeable(cx: &Context<'_>, case: &Case) -> Result<(Seat, Vec<TaskId>), Rejection> {
    running(case)?;
    let seat = involved(cx, case)?;
    let others = case.open_tasks().filter(|task| {
        !task.offered.iter().chain(&task.holder).any(|offered| sits(cx, offered, &seat).is_some())
    });
    let urgeable = others.filter(|task| {
        let visit = task.visit.and_then(|visit| case.visits.get(&visit));
        match visit.map(|visit| &cx.workflow.node(visit.place.index()).kind) {
            Some(StepKind::Handle(handle)) => handle.can.contains(&ActKind::Urge),
            Some(StepKind::Circulate(_)) => true,
            Some(
                StepKind::Effects(_)
                | StepKind::Choice(_)
                | StepKind::Parallel { .. }
                | StepKind::Each(_)
                | StepKind::Join { .. }
                | StepKind::End,
            )
            | None => false,
        }
    });
    let tasks: Vec<_> = urgeable.map(|task| task.id).collect();
    if tasks.is_empty() { Err(Rejection::NothingToUrge) } else { Ok((seat, tasks)) }
}

/// Who may say that the case answers another: its initiator, and whoever handles or handled it. Readers of copies may
/// not, and nobody once it has ended.
pub(crate) fn linkable(cx: &Context<'_>, case: &Case) -> Result<Seat, Rejection> {
    running(case)?;
    let actor = actor(cx)?;
    let started = case.initiator.as_ref().is_some_and(|initiator| same_person(initiator, actor));
    let mut handled = case.tasks.values().filter(|task| task.kind == TaskKind::Handle);
    let theirs = |task: &Task| {
        task.holder.iter().chain(&task.offered).any(|seat| sits(cx, seat, actor).is_some())
    };
    if started || handled.any(theirs) { Ok(actor.clone()) } else { Err(Rejection::NotInvolved) }
}

/// Whether the actor holds a role in any of their posts.
pub(crate) fn has_role(cx: &Context<'_>, role: &str) -> bool {
    let Some(who) = cx.actor.seat().and_then(|seat| seat.person.as_ref()) else { return false };
    cx.directory.posts_of(&who.id).any(|post| post.roles.contains(&RoleId::from(role)))
}

/// Who may end the case: a holder whose step allows it, or a flow administrator.
pub(crate) fn terminable(
    cx: &Context<'_>,
    case: &Case,
    task: Option<TaskId>,
) -> Result<Seat, Rejection> {
    running(case)?;
    match task {
        Some(task) => may(cx, case, task, ActKind::Terminate).map(|held| held.seat),
        None if has_role(cx, FLOW_ADMIN) => actor(cx).cloned(),
        None => Err(Rejection::NotAnAdministrator),
    }
}

/// Who may hand out copies: a holder whose step allows it, or whoever is involved, on their own account.
pub(crate) fn may_copy(
    cx: &Context<'_>,
    case: &Case,
    task: Option<TaskId>,
    act: ActKind,
) -> Result<Seat, Rejection> {
    if case.initiator.is_none() {
        return Err(Rejection::NotStarted);
    }
    match task {
        Some(task) => may(cx, case, task, act).map(|held| held.seat),
        None => {
            let seat = involved(cx, case)?;
            // Whoever has a task here is bound by its step, whether they name it or not.
            let mut bound = None;
            for task in case.open_tasks().filter(|task| task.kind == TaskKind::Handle) {
                match may(cx, case, task.id, act) {
                    Ok(_) => return Ok(seat),
                    Err(refused @ Rejection::ActNotAllowed { .. }) => bound = Some(refused),
                    Err(_) => {}
                }
            }
            bound.map_or(Ok(seat), Err)
        }
    }
}

/// A flow administrator on a stalled case.
pub(crate) fn retryable(cx: &Context<'_>, case: &Case) -> Result<(), Rejection> {
    running(case)?;
    if case.stalls.is_empty() {
        return Err(Rejection::NotStalled);
    }
    administers(cx)
}

/// A flow administrator, or the system where a change of the directory has this consequence.
fn administers(cx: &Context<'_>) -> Result<(), Rejection> {
    if cx.actor.seat().is_none() || has_role(cx, FLOW_ADMIN) {
        Ok(())
    } else {
        Err(Rejection::NotAnAdministrator)
    }
}

/// A step of people that stalled because nobody was found for it, for whoever may name somebody.
pub(crate) fn appointable<'a>(
    cx: &Context<'a>,
    case: &'a Case,
    id: VisitId,
) -> Result<(&'a Place, &'a Handle), Rejection> {
    running(case)?;
    administers(cx)?;
    let stalled = case.stalls.iter().any(|stall| stall.visit == Some(id));
    let visit = case.visits.get(&id).filter(|visit| stalled && visit.effects.is_empty());
    let found =
        visit.and_then(|visit| Some((&visit.place, cx.workflow.handle(visit.place.index())?)));
    found.ok_or(Rejection::NotVacant)
}

/// An open task, for whoever may give it to somebody else. Copies to read stay open when the case has ended.
pub(crate) fn reassignable<'a>(
    cx: &Context<'_>,
    case: &'a Case,
    id: TaskId,
) -> Result<&'a Task, Rejection> {
    administers(cx)?;
    let Some(task) = case.tasks.get(&id) else { return Err(Rejection::NoSuchTask { task: id }) };
    match (task.state, task.kind) {
        (TaskState::Open, TaskKind::Handle) => running(case).map(|()| task),
        (TaskState::Open, TaskKind::Read) => Ok(task),
        (TaskState::Done | TaskState::Closed, _) => {
            Err(Rejection::TaskClosed { task: id, by: None, at: None })
        }
    }
}

/// Whether an opinion counts as signing, for outdating.
pub(crate) fn signed(said: &Said) -> bool {
    match said {
        Said::Approved | Said::Refused => true,
        Said::Submitted | Said::SentBack { .. } | Said::Transferred { .. } | Said::Noted => false,
    }
}
