//! A step that people handle 办理: one signs, or several vote.

use crate::{
    command::Outcome,
    control::Place,
    decide::Run,
    event::{Cause, Closed, Event, Left, Task, TaskKind, TaskState},
    id::{TaskId, VisitId},
    people::{Found, branches_around},
    step, vacancy,
    workflow::{Handle, OnRefuse, Vote, WhenEmpty, Who},
};

pub(crate) fn enter(run: &mut Run<'_>, place: &Place, handle: &Handle) {
    let visit = run.visit(place);
    offer(run, visit, handle);
}

/// Gives the tasks of a visit to whom the file says; also when a stalled step tries again.
pub(crate) fn offer(run: &mut Run<'_>, visit: VisitId, handle: &Handle) {
    let Some(place) = run.case.visits.get(&visit).map(|visit| visit.place.clone()) else { return };
    match find(run, &place, &handle.by, handle.claim) {
        Holders::Found(found) if handle.claim => {
            let why = found.iter().map(|found| found.why.as_str()).collect::<Vec<_>>().join("、");
            open_task(
                run,
                visit,
                &place,
                handle,
                found.into_iter().map(|found| found.seat).collect(),
                why,
            );
        }
        Holders::Found(found) => {
            for found in found {
                open_task(run, visit, &place, handle, vec![found.seat], found.why);
            }
        }
        Holders::Pass => {
            let node = run.cx.workflow.node(place.index());
            let reason = "没有符合条件的办理人，按流程规定跳过".to_owned();
            run.emit(Event::StepPassed {
                step: node.id.clone(),
                title: node.title.clone(),
                reason,
            });
            run.leave(visit, Left::Done);
        }
        Holders::Nobody => {
            let missing = run.around(&place).missing(&handle.by);
            let reason = vacancy::sentence(&missing);
            run.stall(Some(visit), &place, reason, Cause::Nobody { missing });
        }
    }
}

/// What a search for holders came to.
pub(crate) enum Holders {
    Found(Vec<Found>),
    Pass,
    Nobody,
}

/// Everybody whom `who` names, or whom `when_empty` says instead.
pub(crate) fn find(run: &Run<'_>, place: &Place, who: &Who, open: bool) -> Holders {
    let found = run.around(place).resolve(who, open);
    if !found.is_empty() {
        return Holders::Found(found);
    }
    match &who.when_empty {
        WhenEmpty::Stall => Holders::Nobody,
        WhenEmpty::Pass => Holders::Pass,
        WhenEmpty::Give(other) => match find(run, place, other, open) {
            Holders::Found(mut found) => {
                for found in &mut found {
                    found.why = format!("原办理人空缺，改由{}", found.why);
                }
                Holders::Found(found)
            }
            Holders::Pass => Holders::Pass,
            Holders::Nobody => Holders::Nobody,
        },
    }
}

pub(crate) fn open_task(
    run: &mut Run<'_>,
    visit: VisitId,
    place: &Place,
    handle: &Handle,
    offered: Vec<crate::directory::Seat>,
    why: String,
) {
    let node = run.cx.workflow.node(place.index());
    let branch =
        branches_around(run.cx.workflow, &run.case, place).pop().map(|(_, branch)| branch.clone());
    let holder = match &offered[..] {
        [only] if only.person.is_some() => Some(only.clone()),
        _ => None,
    };
    let task = Task {
        id: TaskId(run.case.next_task),
        visit: Some(visit),
        step: node.id.clone(),
        title: node.title.clone(),
        ask: handle.ask.clone(),
        kind: TaskKind::Handle,
        offered,
        holder,
        why,
        opened_at: run.cx.now,
        due: handle.due.map(|due| run.cx.calendar.due(run.cx.now, due)),
        from: None,
        branch,
        state: TaskState::Open,
        seen_at: None,
    };
    run.emit(Event::TaskOpened { task });
}

/// A vote is over when its quorum is reached, or can no longer be.
pub(crate) fn voted(run: &mut Run<'_>, visit: VisitId, handle: &Handle) {
    let (mut open, mut refused, mut approved) = (0, 0, 0);
    let tasks = run.case.visits.get(&visit).map(|visit| visit.tasks.clone()).unwrap_or_default();
    for id in tasks {
        let Some(task) = run.case.tasks.get(&id) else { continue };
        match task.state {
            TaskState::Open => open += 1,
            TaskState::Done => {
                match run.case.opinion_on(id).and_then(|opinion| opinion.said.outcome()) {
                    Some(Outcome::Approved) => approved += 1,
                    Some(Outcome::Refused) => refused += 1,
                    // Handed on: the new task counts.
                    None => {}
                }
            }
            TaskState::Closed => {}
        }
    }
    match handle.vote {
        Vote::Any if approved > 0 => passed(run, visit, handle),
        Vote::Any if refused > 0 => failed(run, visit, handle),
        Vote::All if refused > 0 => failed(run, visit, handle),
        Vote::All if open == 0 => passed(run, visit, handle),
        Vote::Any | Vote::All => {}
    }
}

fn passed(run: &mut Run<'_>, visit: VisitId, handle: &Handle) {
    run.close_tasks(visit, Closed::ByAnother);
    if handle.effects.is_empty() {
        run.leave(visit, Left::Approved);
    } else {
        step::effect::begin(run, visit, &handle.effects);
    }
}

fn failed(run: &mut Run<'_>, visit: VisitId, handle: &Handle) {
    match handle.on_refuse {
        OnRefuse::GoOn => run.leave(visit, Left::Refused),
        OnRefuse::End => refused(run, visit),
        OnRefuse::SendBack => crate::act::refused_back(run, visit),
    }
}

/// The case ends with the refusal.
pub(crate) fn refused(run: &mut Run<'_>, visit: VisitId) {
    run.close_tasks(visit, Closed::ByAnother);
    run.emit(Event::StepLeft { visit, how: Left::Refused });
    let by = run.cx.actor.seat().cloned();
    run.end(crate::event::Ended::Refused, by, String::new());
}
