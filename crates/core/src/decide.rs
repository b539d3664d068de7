//! `decide` says what a command makes of a case, without storing it. `Run` is one such decision under way:
//! it emits events, each applied at once, and walks the token game until people, a job or nobody is left to wait for.

use crate::{
    act,
    calendar::Calendar,
    case::Case,
    command::{Actor, Command},
    control::{self, Move, Moved, Place},
    directory::{Directory, Named, Seat},
    event::{AskKind, Cause, Closed, Ended, Event, Left, TaskKind, TaskState},
    id::{AskId, DocumentId, VisitId},
    people::Surroundings,
    rejection::Rejection,
    step,
    value::{Facts, Vocabulary},
    workflow::{Carrier, StepKind, Workflow},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// All that a decision may look at.
#[derive(Debug)]
pub struct Context<'a> {
    pub workflow: &'a Workflow,
    pub directory: &'a Directory,
    pub calendar: &'a Calendar,
    pub vocabulary: &'a Vocabulary,
    /// Field values of the document at the version seen; empty for forms, which the case holds itself.
    pub facts: &'a Facts,
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
    /// The document that a new case carries.
    pub document: Option<DocumentId>,
}

/// What a command makes of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub case: Case,
    pub events: Vec<Event>,
    pub asks: Vec<Ask>,
}

/// A question to the shell, answered by `Command::Answer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Ask {
    /// Answered inside the same commit.
    Now { id: AskId, allot: Allot },
    /// Becomes a job; the case visibly waits.
    Later { id: AskId, work: Work },
}

/// Something to be allotted, e.g. a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allot {
    pub effect: String,
}

/// Work to be done, e.g. rendering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub effect: String,
}

/// Longest title of a case, in characters: that of a document, too.
const LONGEST_TITLE: usize = 200;

/// Says what `command` makes of `case` (办件), without storing it.
///
/// # Errors
/// The [`Rejection`] that tells the actor why not; nothing has changed then.
pub fn decide(cx: &Context<'_>, case: Case, command: Command) -> Result<Decision, Rejection> {
    if let Some(person) = cx.actor.seat().and_then(|seat| seat.person.as_ref()) {
        separate(cx.directory, person)?;
    }
    let mut run = Run::new(cx, case);
    match command {
        Command::Start { title } => run.start(title)?,
        Command::Complete(completion) => act::complete(&mut run, completion)?,
        Command::SendBack { task, to, resume, opinion } => {
            act::send_back(&mut run, task, &to, resume, opinion)?
        }
        Command::Transfer { task, to, opinion } => act::transfer(&mut run, task, &to, opinion)?,
        Command::Claim { task } => act::claim(&mut run, task)?,
        Command::Release { task } => act::release(&mut run, task)?,
        Command::Open { task } => act::open(&mut run, task)?,
        Command::Read { task, opinion } => act::read(&mut run, task, opinion)?,
        Command::Withdraw { reason } => act::withdraw(&mut run, reason)?,
        Command::Reopen { task } => act::reopen(&mut run, task)?,
        Command::Cc { task, to, note } => act::cc(&mut run, task, &to, note)?,
        Command::Circulate { task, to, note } => act::circulate(&mut run, task, &to, &note)?,
        Command::Urge { text } => act::urge(&mut run, text)?,
        Command::Link { other } => act::link(&mut run, other)?,
        Command::Terminate { task, reason } => act::terminate(&mut run, task, reason)?,
        Command::Answer { ask, answer } => step::effect::answered(&mut run, ask, answer)?,
        Command::Retry { reason } => act::retry(&mut run, reason)?,
        Command::Appoint { visit, to, reason } => act::appoint(&mut run, visit, &to, &reason)?,
        Command::Reassign { task, to, reason } => act::reassign(&mut run, task, &to, &reason)?,
    }
    Ok(run.finish())
}

/// 三员分立: none of the three administrators takes part in a flow.
pub(crate) fn separate(directory: &Directory, person: &Named) -> Result<(), Rejection> {
    match directory.administrator(&person.id) {
        None => Ok(()),
        Some((_, title)) => Err(Rejection::AdministratorsDoNotAct {
            person: person.name.clone(),
            administers: title.to_owned(),
        }),
    }
}

/// One decision under way.
pub(crate) struct Run<'a> {
    pub cx: &'a Context<'a>,
    pub case: Case,
    /// Field values with the changes of this act.
    pub facts: Facts,
    events: Vec<Event>,
    asks: Vec<Ask>,
    /// Places where a token has arrived and nothing has begun yet.
    arrived: VecDeque<Place>,
    /// Under way in `settle`: what arrives meanwhile is begun there, not one within the other.
    settling: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(cx: &'a Context<'a>, case: Case) -> Self {
        let facts = match &cx.workflow.carries {
            Carrier::Document => cx.facts.clone(),
            Carrier::Form(_) => case.form.clone(),
        };
        Self {
            cx,
            case,
            facts,
            events: Vec::with_capacity(8),
            asks: vec![],
            arrived: VecDeque::new(),
            settling: false,
        }
    }

    /// The only way a case changes: take note of the event, then keep it.
    pub(crate) fn emit(&mut self, event: Event) {
        self.case.apply(&event);
        self.events.push(event);
    }

    fn finish(self) -> Decision {
        Decision { case: self.case, events: self.events, asks: self.asks }
    }

    fn start(&mut self, title: String) -> Result<(), Rejection> {
        if self.case.initiator.is_some() {
            return Err(Rejection::AlreadyStarted);
        }
        let Some(initiator) = self.cx.actor.seat().cloned() else {
            return Err(Rejection::NotInvolved);
        };
        if title.chars().count() > LONGEST_TITLE {
            return Err(Rejection::TextTooLong { field: "标题".into(), limit: LONGEST_TITLE });
        }
        self.emit(Event::CaseStarted {
            workflow: self.cx.workflow.name.clone(),
            workflow_hash: self.cx.workflow.hash.clone(),
            title,
            initiator,
            document: self.cx.document,
            at: self.cx.now,
        });
        let moved = control::start(self.cx.workflow, &mut self.case.marking);
        self.note_moves(moved, Closed::Cancelled);
        self.settle();
        Ok(())
    }

    /// Fires a move of the token game. Whoever loses a task by it is told `because`.
    pub(crate) fn fire(&mut self, mv: Move, because: Closed) {
        let moved = control::fire(self.cx.workflow, &mut self.case.marking, mv);
        self.note_moves(moved, because);
    }

    /// The game has changed the marking already; the rest of the case follows, and the events are kept.
    fn note_moves(&mut self, moved: Vec<Moved>, because: Closed) {
        let mut taken = vec![];
        for moved in moved {
            self.case.version += 1;
            self.case.move_token(&moved, false);
            match &moved {
                Moved::Placed { place, .. } => self.arrived.push_back(place.clone()),
                Moved::Taken { place } => taken.push(place.clone()),
                Moved::Opened { .. }
                | Moved::Joined { .. }
                | Moved::BranchDone { .. }
                | Moved::BranchReopened { .. }
                | Moved::Closed { .. }
                | Moved::Forgot { .. }
                | Moved::BlockForgot { .. } => {}
            }
            self.events.push(Event::Moved { moved });
        }
        for place in taken {
            if let Some(&visit) = self.case.open.get(&place) {
                self.close_tasks(visit, because);
                let how = match because {
                    Closed::Withdrawn => Left::Withdrawn,
                    Closed::ByAnother
                    | Closed::SentBack
                    | Closed::Cancelled
                    | Closed::Terminated
                    | Closed::Reassigned => Left::Cancelled,
                };
                self.emit(Event::StepLeft { visit, how });
            }
        }
    }

    /// Begins what has arrived, until everything waits for a person, a job, or nobody; then sees whether it is over.
    pub(crate) fn settle(&mut self) {
        if self.settling {
            return;
        }
        self.settling = true;
        loop {
            if let Some(place) = self.arrived.pop_front() {
                let begun = self.case.open.contains_key(&place);
                if !begun && self.case.marking.tokens.contains_key(&place) {
                    self.begin(&place);
                }
            } else if let Some(visit) = step::effect::idle(self) {
                step::effect::go_on(self, visit);
            } else {
                break;
            }
        }
        self.settling = false;
        if self.case.initiator.is_some() && self.case.ended.is_none() && self.case.marking.is_over()
        {
            self.emit(Event::CaseEnded {
                how: Ended::Finished,
                by: None,
                reason: String::new(),
                at: self.cx.now,
            });
        }
    }

    fn begin(&mut self, place: &Place) {
        let flow = self.cx.workflow;
        let index = place.index();
        match &flow.node(index).kind {
            StepKind::Handle(handle) => step::handle::enter(self, place, handle),
            StepKind::Circulate(circulate) => step::circulate::enter(self, place, circulate),
            StepKind::Effects(effects) => step::effect::enter(self, place, effects),
            StepKind::Choice(alternatives) => step::choice::enter(self, place, alternatives),
            StepKind::Each(each) => step::each::enter(self, place, each),
            // No token rests on these.
            StepKind::Parallel { .. } | StepKind::Join { .. } | StepKind::End => {}
        }
    }

    /// Begins whatever has a token and has not begun: choices and blocks that stalled.
    pub(crate) fn begin_again(&mut self) {
        let waiting =
            self.case.marking.tokens.keys().filter(|place| !self.case.open.contains_key(*place));
        self.arrived.extend(waiting.cloned());
        self.settle();
    }

    /// Records that a step began at `place`.
    pub(crate) fn visit(&mut self, place: &Place) -> VisitId {
        let node = self.cx.workflow.node(place.index());
        let visit = VisitId(self.case.next_visit);
        let round = self.case.rounds.get(place).map_or(1, |rounds| rounds + 1);
        self.emit(Event::StepEntered {
            visit,
            place: place.clone(),
            step: node.id.clone(),
            title: node.title.clone(),
            round,
            at: self.cx.now,
        });
        visit
    }

    /// Leaves a step and lets its token go on.
    pub(crate) fn leave(&mut self, visit: VisitId, how: Left) {
        let Some(place) = self.case.visits.get(&visit).map(|visit| visit.place.clone()) else {
            return;
        };
        self.close_tasks(visit, Closed::ByAnother);
        self.emit(Event::StepLeft { visit, how });
        self.fire(Move::Complete(place), Closed::ByAnother);
        self.settle();
    }

    /// Closes what is still open at a visit.
    pub(crate) fn close_tasks(&mut self, visit: VisitId, because: Closed) {
        let tasks =
            self.case.visits.get(&visit).map(|visit| visit.tasks.clone()).unwrap_or_default();
        for task in tasks {
            if self.case.tasks.get(&task).is_some_and(|task| task.state == TaskState::Open) {
                self.emit(Event::TaskClosed { task, because, at: self.cx.now });
            }
        }
    }

    /// Nobody can go on from here until somebody mends the cause.
    pub(crate) fn stall(
        &mut self,
        visit: Option<VisitId>,
        place: &Place,
        reason: String,
        cause: Cause,
    ) {
        let node = self.cx.workflow.node(place.index());
        self.emit(Event::Stalled {
            visit,
            place: Some(place.clone()),
            step: node.id.clone(),
            title: node.title.clone(),
            reason,
            cause: Some(cause),
            at: Some(self.cx.now),
        });
    }

    /// Asks the shell for an effect.
    pub(crate) fn ask(&mut self, visit: VisitId, effect: &str, title: &str, kind: AskKind) {
        let id = AskId(self.case.next_ask);
        self.emit(Event::Asked {
            ask: id,
            visit,
            effect: effect.to_owned(),
            title: title.to_owned(),
            kind,
        });
        let effect = effect.to_owned();
        self.asks.push(match kind {
            AskKind::Now => Ask::Now { id, allot: Allot { effect } },
            AskKind::Later => Ask::Later { id, work: Work { effect } },
        });
    }

    /// The case ends here, whatever was still open. Readers keep their copies to read.
    pub(crate) fn end(&mut self, how: Ended, by: Option<Seat>, reason: String) {
        self.fire(Move::Stop, Closed::Terminated);
        self.arrived.clear();
        let open: Vec<_> = self
            .case
            .open_tasks()
            .filter(|task| task.kind == TaskKind::Handle)
            .map(|task| task.id)
            .collect();
        for task in open {
            self.emit(Event::TaskClosed { task, because: Closed::Terminated, at: self.cx.now });
        }
        self.emit(Event::CaseEnded { how, by, reason, at: self.cx.now });
    }

    /// The case around a place, for selectors.
    pub(crate) fn around<'s>(&'s self, place: &'s Place) -> Surroundings<'s> {
        Surroundings { cx: self.cx, case: &self.case, facts: &self.facts, place }
    }
}
