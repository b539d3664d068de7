//! What people do: each act checks its right, then says what happened.

mod administer;
mod complete;
mod hand_over;
mod send_back;
mod whole_case;

pub(crate) use administer::{appoint, reassign};
pub(crate) use complete::complete;
pub(crate) use hand_over::{can_release, cc, circulate, claim, open, read, release, transfer};
pub(crate) use send_back::{refused_back, send_back};
pub(crate) use whole_case::{link, reopen, retry, terminate, urge, withdraw};

use crate::{
    command::Chosen,
    decide::Run,
    decide::separate,
    directory::Seat,
    event::{Event, Opinion, Said},
    id::TaskId,
    rejection::Rejection,
};

/// Longest opinion, note or reason, in characters.
pub(crate) const LONGEST: usize = 2000;

pub(crate) fn fits(text: &str, field: &str) -> Result<(), Rejection> {
    if text.chars().count() <= LONGEST {
        Ok(())
    } else {
        Err(Rejection::TextTooLong { field: field.into(), limit: LONGEST })
    }
}

/// A reason that must be given.
pub(crate) fn reason(text: &str, missing: Rejection) -> Result<(), Rejection> {
    if text.trim().is_empty() { Err(missing) } else { fits(text, "理由") }
}

/// The seat of somebody who was chosen.
pub(crate) fn chosen(run: &Run<'_>, chosen: &Chosen) -> Result<Seat, Rejection> {
    let seat = match &chosen.post {
        Some(post) => run.cx.directory.seat(&chosen.person, post),
        None => run.cx.directory.main_seat(&chosen.person),
    };
    let seat = seat.ok_or_else(|| Rejection::NoSuchPerson { person: chosen.person.to_string() })?;
    seat.person.iter().try_for_each(|person| separate(run.cx.directory, person))?;
    Ok(seat)
}

/// All seats chosen, once each; at least one.
pub(crate) fn chosen_all(run: &Run<'_>, all: &[Chosen]) -> Result<Vec<Seat>, Rejection> {
    let mut seats: Vec<Seat> = vec![];
    for one in all {
        let seat = chosen(run, one)?;
        if !seats.contains(&seat) {
            seats.push(seat);
        }
    }
    if seats.is_empty() { Err(Rejection::NobodyChosen) } else { Ok(seats) }
}

/// Takes an offered task by acting on it.
pub(crate) fn take(run: &mut Run<'_>, task: TaskId, seat: &Seat) {
    if run.case.tasks.get(&task).is_some_and(|task| task.holder.is_none()) {
        run.emit(Event::TaskClaimed { task, by: seat.clone() });
    }
}

/// Writes down an opinion; the task is done by it.
pub(crate) fn opine(run: &mut Run<'_>, task: TaskId, by: Seat, said: Said, text: String) {
    take(run, task, &by);
    let document_version = run.case.document.map(|_| run.case.document_version);
    let opinion = Opinion { by, said, text, at: run.cx.now, document_version };
    run.emit(Event::OpinionGiven { task, opinion });
}
