//! A circulation 传阅 as a step: readers take note; the case waits for them only if the file says so.

use crate::{
    control::Place,
    decide::Run,
    directory::Seat,
    event::{Event, Left, Task, TaskKind, TaskState},
    id::{TaskId, VisitId},
    people::branches_around,
    step::handle::{Holders, find},
    workflow::Circulate,
};

pub(crate) fn enter(run: &mut Run<'_>, place: &Place, circulate: &Circulate) {
    let visit = run.visit(place);
    offer(run, visit, circulate);
}

/// Gives out the copies; also when a stalled step tries again.
pub(crate) fn offer(run: &mut Run<'_>, visit: VisitId, circulate: &Circulate) {
    let Some(place) = run.case.visits.get(&visit).map(|visit| visit.place.clone()) else { return };
    match find(run, &place, &circulate.to, false) {
        Holders::Found(found) => {
            let node = run.cx.workflow.node(place.index());
            let branch = branches_around(run.cx.workflow, &run.case, &place)
                .pop()
                .map(|(_, branch)| branch.clone());
            for found in found {
                let reading = Reading {
                    visit: Some(visit),
                    step: node.id.clone(),
                    title: node.title.clone(),
                    ask: circulate.ask.clone(),
                    why: found.why,
                    from: None,
                };
                let due = circulate.due.map(|due| run.cx.calendar.due(run.cx.now, due));
                hand_out(run, found.seat, reading, due, branch.clone());
            }
            if !circulate.wait {
                run.leave_readers(visit);
            }
        }
        // A circulation to nobody holds nobody up.
        Holders::Pass | Holders::Nobody => {
            let node = run.cx.workflow.node(place.index());
            let reason = "没有传阅对象".to_owned();
            run.emit(Event::StepPassed {
                step: node.id.clone(),
                title: node.title.clone(),
                reason,
            });
            run.leave(visit, Left::Done);
        }
    }
}

/// What a reader is handed, beside the reader.
pub(crate) struct Reading {
    pub visit: Option<VisitId>,
    pub step: crate::id::StepId,
    pub title: String,
    pub ask: String,
    pub why: String,
    pub from: Option<Seat>,
}

pub(crate) fn hand_out(
    run: &mut Run<'_>,
    reader: Seat,
    reading: Reading,
    due: Option<crate::event::DueAt>,
    branch: Option<crate::event::Branch>,
) {
    let holder = reader.person.is_some().then(|| reader.clone());
    let task = Task {
        id: TaskId(run.case.next_task),
        visit: reading.visit,
        step: reading.step,
        title: reading.title,
        ask: reading.ask,
        kind: TaskKind::Read,
        offered: vec![reader],
        holder,
        why: reading.why,
        opened_at: run.cx.now,
        due,
        from: reading.from,
        branch,
        state: TaskState::Open,
        seen_at: None,
    };
    run.emit(Event::TaskOpened { task });
}

/// One more has read: the step is over when all have.
pub(crate) fn was_read(run: &mut Run<'_>, visit: VisitId) {
    let Some(open) = run.case.visits.get(&visit).filter(|visit| visit.left.is_none()) else {
        return;
    };
    let waiting =
        |task: &TaskId| run.case.tasks.get(task).is_some_and(|task| task.state == TaskState::Open);
    if !open.tasks.iter().any(waiting) {
        run.leave(visit, Left::Done);
    }
}

impl Run<'_> {
    /// Lets the case go on while the readers keep their copies.
    fn leave_readers(&mut self, visit: VisitId) {
        let Some(place) = self.case.visits.get(&visit).map(|visit| visit.place.clone()) else {
            return;
        };
        self.emit(Event::StepLeft { visit, how: Left::Done });
        self.fire(crate::control::Move::Complete(place), crate::event::Closed::ByAnother);
        self.settle();
    }
}
