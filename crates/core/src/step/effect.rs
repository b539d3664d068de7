//! Document effects 公文动作, done by the system one after another: recorded, asked for at once, or left to a job.
//! An effect that is done once for a document is passed by on a revisit.

use crate::{
    command::{Actor, Answer},
    control::Place,
    decide::Run,
    event::{AskKind, Cause, Event, Left},
    id::{AskId, VisitId},
    rejection::Rejection,
    value::EffectKind,
};

pub(crate) fn enter(run: &mut Run<'_>, place: &Place, effects: &[String]) {
    let visit = run.visit(place);
    begin(run, visit, effects);
}

/// Starts on the effects of a visit.
pub(crate) fn begin(run: &mut Run<'_>, visit: VisitId, effects: &[String]) {
    run.emit(Event::EffectsBegun { visit, effects: effects.to_vec() });
    go_on(run, visit);
}

/// Does effects until one has to be waited for, or none is left.
pub(crate) fn go_on(run: &mut Run<'_>, visit: VisitId) {
    loop {
        let next = run.case.visits.get(&visit).and_then(|visit| visit.effects.first().cloned());
        let Some(effect) = next else { return run.leave(visit, how(run, visit)) };
        let spec = run.cx.vocabulary.effect(&effect);
        let title = spec.map_or_else(|| effect.clone(), |spec| spec.title.clone());
        let again = spec.is_some_and(|spec| spec.once) && run.case.effects.contains_key(&effect);
        if once_elsewhere(run, &effect) {
            return;
        }
        let kind = if again {
            EffectKind::Record
        } else {
            spec.map_or(EffectKind::Record, |spec| spec.kind)
        };
        match kind {
            EffectKind::Record => run.emit(Event::EffectRecorded { visit, effect, title, again }),
            EffectKind::Now => return run.ask(visit, &effect, &title, AskKind::Now),
            EffectKind::Later => return run.ask(visit, &effect, &title, AskKind::Later),
        }
    }
}

/// A step that people handle was approved before its effects began.
fn how(run: &Run<'_>, visit: VisitId) -> Left {
    let node = run.case.visits.get(&visit).map(|visit| visit.place.index());
    match node.and_then(|node| run.cx.workflow.handle(node)) {
        Some(_) => Left::Approved,
        None => Left::Done,
    }
}

/// An effect that is done once is under way in another branch already: its answer is waited for.
fn once_elsewhere(run: &Run<'_>, effect: &str) -> bool {
    run.cx.vocabulary.effect(effect).is_some_and(|spec| spec.once)
        && run.case.asks.values().any(|ask| ask.effect == effect)
}

/// A visit whose effects wait for nothing: what it waited for elsewhere was answered, given up or taken away.
pub(crate) fn idle(run: &Run<'_>) -> Option<VisitId> {
    let case = &run.case;
    case.open.values().copied().find(|id| {
        let next = case.visits.get(id).and_then(|visit| visit.effects.first());
        let waits = case.asks.values().any(|ask| ask.visit == *id)
            || case.stalls.iter().any(|stall| stall.visit == Some(*id));
        next.is_some_and(|effect| !waits && !once_elsewhere(run, effect))
    })
}

/// The shell's answer: the case goes on, or stalls with the reason.
pub(crate) fn answered(run: &mut Run<'_>, ask: AskId, answer: Answer) -> Result<(), Rejection> {
    match run.cx.actor {
        Actor::System => {}
        Actor::Person(_) => return Err(Rejection::NotASystemAct),
    }
    let Some(open) = run.case.asks.get(&ask).cloned() else { return Err(Rejection::NoSuchAsk) };
    match answer {
        Answer::Done { result } => {
            run.emit(Event::Answered { ask, result });
            go_on(run, open.visit);
            run.settle();
        }
        Answer::Failed { reason } => {
            run.emit(Event::AskGivenUp { ask });
            let place = run.case.visits.get(&open.visit).map(|visit| visit.place.clone());
            if let Some(place) = place {
                let (what, cause) = (open.title, Cause::Effect { effect: open.effect });
                run.stall(Some(open.visit), &place, format!("{what}没有成功：{reason}"), cause);
            }
            run.settle();
        }
    }
    Ok(())
}
