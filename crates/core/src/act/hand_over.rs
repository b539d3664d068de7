//! Handing a task on, taking and returning it, looking at it, and giving copies out.

use super::{chosen, chosen_all, fits, opine};
use crate::{
    command::Chosen,
    control::Place,
    decide::Run,
    directory::Seat,
    event::{Event, Said, Task, TaskKind, TaskState},
    id::{StepId, TaskId},
    rejection::Rejection,
    rights::{self, Held, HeldStep},
    step::circulate::{Reading, hand_out, was_read},
    workflow::{ActKind, Handle},
};

/// 转办.
pub(crate) fn transfer(
    run: &mut Run<'_>,
    task: TaskId,
    to: &Chosen,
    opinion: String,
) -> Result<(), Rejection> {
    let HeldStep { task: held, seat, place, handle, .. } =
        rights::may(run.cx, &run.case, task, ActKind::Transfer)?;
    fits(&opinion, "意见")?;
    let to = chosen(run, to)?;
    if rights::same_person(&to, &seat) {
        return Err(Rejection::SamePerson { person: to.label() });
    }
    stands_in(run, place, handle, &to)?;
    // Nobody signs twice in one vote.
    let already = |other: &Task| {
        let signed =
            || run.case.opinion_on(other.id).is_some_and(|said| said.said.outcome().is_some());
        let has = match other.state {
            TaskState::Open => true,
            TaskState::Done => signed(),
            TaskState::Closed => false,
        };
        other.visit == held.visit
            && has
            && other.holder.as_ref().is_some_and(|holder| rights::same_person(holder, &to))
    };
    if run.case.tasks.values().any(already) {
        return Err(Rejection::SamePerson { person: to.label() });
    }
    let handed = Task {
        id: TaskId(run.case.next_task),
        offered: vec![to.clone()],
        holder: Some(to.clone()),
        why: format!("{}转办", seat.label()),
        opened_at: run.cx.now,
        from: Some(seat.clone()),
        seen_at: None,
        ..held.clone()
    };
    opine(run, task, seat, Said::Transferred { to: Box::new(to) }, opinion);
    run.emit(Event::TaskOpened { task: handed });
    Ok(())
}

/// Whoever the step keeps out may not get it by transfer either.
fn stands_in(run: &Run<'_>, place: &Place, handle: &Handle, to: &Seat) -> Result<(), Rejection> {
    if run.around(place).excluded(&handle.by.exclude, to) {
        return Err(Rejection::PickNotOffered { name: "transfer".into(), who: to.label() });
    }
    Ok(())
}

/// 认领.
pub(crate) fn claim(run: &mut Run<'_>, task: TaskId) -> Result<(), Rejection> {
    let Held { task: held, seat } =
        rights::held(run.cx, &run.case, task).map_err(|refused| match refused {
            Rejection::NotYourTask { task, .. } if rights::is_offered(&run.case, task) => {
                Rejection::NotOffered { task }
            }
            other => other,
        })?;
    if held.holder.is_some() {
        return Err(Rejection::AlreadyClaimed { task, by: seat.label() });
    }
    run.emit(Event::TaskClaimed { task, by: seat });
    Ok(())
}

/// 归还: only what was offered to others too can be given back.
pub(crate) fn release(run: &mut Run<'_>, task: TaskId) -> Result<(), Rejection> {
    let Held { task: held, .. } = rights::held(run.cx, &run.case, task)?;
    if held.holder.is_none() || !can_release(held) {
        return Err(Rejection::NotClaimed { task });
    }
    run.emit(Event::TaskReleased { task });
    Ok(())
}

/// Whether a task had been offered openly before it was claimed.
pub(crate) fn can_release(task: &Task) -> bool {
    task.offered.len() > 1 || task.offered.iter().any(|seat| seat.person.is_none())
}

/// The holder looks at it; that is told once.
pub(crate) fn open(run: &mut Run<'_>, task: TaskId) -> Result<(), Rejection> {
    let Held { task: held, seat } = rights::held(run.cx, &run.case, task)?;
    if held.seen_at.is_none() {
        run.emit(Event::TaskSeen { task, by: seat, at: run.cx.now });
    }
    Ok(())
}

/// 已阅.
pub(crate) fn read(run: &mut Run<'_>, task: TaskId, opinion: String) -> Result<(), Rejection> {
    let Held { task: held, seat } = rights::held(run.cx, &run.case, task)?;
    let visit = match held.kind {
        TaskKind::Read => held.visit,
        TaskKind::Handle => return Err(Rejection::NotAReader { task }),
    };
    fits(&opinion, "意见")?;
    opine(run, task, seat, Said::Noted, opinion);
    if let Some(visit) = visit {
        was_read(run, visit);
    }
    Ok(())
}

/// 抄送.
pub(crate) fn cc(
    run: &mut Run<'_>,
    task: Option<TaskId>,
    to: &[Chosen],
    note: String,
) -> Result<(), Rejection> {
    let by = rights::may_copy(run.cx, &run.case, task, ActKind::Cc)?;
    fits(&note, "说明")?;
    let to = chosen_all(run, to)?;
    run.emit(Event::Copied { to, by, note, at: run.cx.now });
    Ok(())
}

/// 传阅 as an act: readers are asked to take note, beside the flow.
pub(crate) fn circulate(
    run: &mut Run<'_>,
    task: Option<TaskId>,
    to: &[Chosen],
    note: &str,
) -> Result<(), Rejection> {
    let by = rights::may_copy(run.cx, &run.case, task, ActKind::Circulate)?;
    fits(note, "说明")?;
    let readers = chosen_all(run, to)?;
    for reader in readers {
        let reading = Reading {
            visit: None,
            step: StepId::from("circulate"),
            title: "传阅".into(),
            ask: if note.is_empty() { "请阅".into() } else { format!("请阅：{note}") },
            why: format!("{}传阅", by.label()),
            from: Some(by.clone()),
        };
        hand_out(run, reader, reading, None, None);
    }
    Ok(())
}
