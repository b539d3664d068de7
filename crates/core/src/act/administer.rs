//! What a flow administrator does for a case that goes nowhere, without reading it: 指定办理 where nobody was found,
//! 改派 of a task whose holder cannot act. The system may do the same, as a consequence of a change of the directory.

use super::{chosen, reason};
use crate::{
    command::Chosen,
    decide::Run,
    directory::Seat,
    event::{Closed, Event, Task, TaskKind, TaskState},
    id::{TaskId, VisitId},
    rejection::Rejection,
    rights, step,
    workflow::Handle,
};

/// 指定办理.
pub(crate) fn appoint(
    run: &mut Run<'_>,
    visit: VisitId,
    to: &Chosen,
    why: &str,
) -> Result<(), Rejection> {
    let (place, handle) = rights::appointable(run.cx, &run.case, visit)?;
    reason(why, Rejection::ReasonRequired)?;
    let to = suitable(run, to)?;
    fits_step(run, place, handle, &to)?;
    let (place, handle) = (place.clone(), handle.clone());
    let by = run.cx.actor.seat().cloned();
    let told = format!("{}指定办理：{}", who(by.as_ref()), why.trim());
    let reason = why.trim().to_owned();
    run.emit(Event::Appointed { visit, to: to.clone(), by: by.clone(), reason, at: run.cx.now });
    step::handle::open_task(run, visit, &place, &handle, vec![to], told);
    Ok(())
}

/// 改派.
pub(crate) fn reassign(
    run: &mut Run<'_>,
    task: TaskId,
    to: &Chosen,
    why: &str,
) -> Result<(), Rejection> {
    let held = rights::reassignable(run.cx, &run.case, task)?;
    reason(why, Rejection::ReasonRequired)?;
    let to = suitable(run, to)?;
    if holds(held, &to) {
        return Err(Rejection::SamePerson { person: to.label() });
    }
    let visit = held.visit.and_then(|visit| run.case.visits.get(&visit));
    if let Some(place) = visit.map(|visit| &visit.place)
        && let Some(handle) = run.cx.workflow.handle(place.index())
    {
        fits_step(run, place, handle, &to)?;
    }
    let twice = |other: &Task| {
        held.visit.is_some()
            && other.visit == held.visit
            && other.id != task
            && signs(run, other, &to)
    };
    if run.case.tasks.values().any(twice) {
        return Err(Rejection::SamePerson { person: to.label() });
    }
    let by = run.cx.actor.seat().cloned();
    let handed = Task {
        id: TaskId(run.case.next_task),
        offered: vec![to.clone()],
        holder: Some(to.clone()),
        why: format!("{}改派：{}", who(by.as_ref()), why.trim()),
        opened_at: run.cx.now,
        from: by.clone().or_else(|| held.from.clone()),
        seen_at: None,
        state: TaskState::Open,
        ..held.clone()
    };
    let (at, reason) = (run.cx.now, why.trim().to_owned());
    run.emit(Event::Reassigned { task, to, by, reason, at });
    run.emit(Event::TaskClosed { task, because: Closed::Reassigned, at });
    run.emit(Event::TaskOpened { task: handed });
    Ok(())
}

fn who(by: Option<&Seat>) -> String {
    by.map_or_else(|| "系统".to_owned(), Seat::label)
}

/// Whoever is named sits where it is said, and is not the administrator who names them: reading would come with it.
fn suitable(run: &Run<'_>, to: &Chosen) -> Result<Seat, Rejection> {
    let seat = chosen(run, to)?;
    let oneself = run.cx.actor.seat().is_some_and(|actor| rights::same_person(actor, &seat));
    if oneself { Err(Rejection::NotForYourself) } else { Ok(seat) }
}

/// Whom a step keeps out does not get it by this way either, and a seal is used by its keepers alone.
fn fits_step(
    run: &Run<'_>,
    place: &crate::control::Place,
    handle: &Handle,
    to: &Seat,
) -> Result<(), Rejection> {
    let around = run.around(place);
    if around.excluded(&handle.by.exclude, to) {
        return Err(Rejection::KeptOut { who: to.label() });
    }
    let effect = |name: &String| run.cx.vocabulary.effect(name).is_some_and(|one| one.keeper);
    let keeper = || {
        let mut keepers = around.resolve(&handle.by, false).into_iter();
        keepers.any(|found| rights::same_person(&found.seat, to))
    };
    if handle.effects.iter().any(effect) && !keeper() {
        return Err(Rejection::KeeperOnly {
            step: run.cx.workflow.node(place.index()).title.clone(),
        });
    }
    Ok(())
}

fn holds(task: &Task, who: &Seat) -> bool {
    match &task.holder {
        Some(holder) => rights::same_person(holder, who),
        None => {
            task.offered.iter().any(|seat| seat.person.is_some() && rights::same_person(seat, who))
        }
    }
}

/// Has another task of the same step, or has signed there: nobody signs twice in one vote.
fn signs(run: &Run<'_>, other: &Task, who: &Seat) -> bool {
    match other.state {
        TaskState::Open => holds(other, who),
        TaskState::Done => {
            let said = run.case.opinion_on(other.id);
            holds(other, who)
                && (other.kind == TaskKind::Read
                    || said.is_some_and(|it| it.said.outcome().is_some()))
        }
        TaskState::Closed => false,
    }
}
