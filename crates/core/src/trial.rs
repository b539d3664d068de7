//! Trying a flow out: a case that nobody keeps, played by the same decisions in the directory as it stands, at whatever
//! time is given. The system's part is done at once and marked as tried; nothing is numbered, made or sent.

pub mod keep;

use crate::{
    case::Case,
    command::{Actor, Answer, Chosen, Command, Completion, Picked},
    decide::{Ask, Context, Decision, decide},
    directory::Seat,
    event::Event,
    id::{CaseId, DocumentId},
    offer::{Offer, allowed},
    play::Stage,
    rejection::Rejection,
    value::{Facts, Field, Value},
    workflow::{Carrier, Frame, StepKind, Workflow},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a number or a file is called that was only tried.
pub const TRIED: &str = "〔试〕";
/// So many acts are played at once.
pub const MOST_ACTS: usize = 200;
/// So many branches side by side.
const MOST_BRANCHES: usize = 10_000;

/// What is played.
#[derive(Clone, Debug)]
pub struct Trial {
    pub by: Chosen,
    pub at: DateTime<Utc>,
    /// Fields of the document; those of a form go in with the initiator's first 提交.
    pub fields: Facts,
    pub acts: Vec<TrialAct>,
}

/// One act of somebody, when they do it.
#[derive(Clone, Debug)]
pub struct TrialAct {
    pub by: Chosen,
    pub at: DateTime<Utc>,
    pub command: Command,
}

/// How far it came.
#[derive(Clone, Debug)]
pub struct Tried {
    pub case: Case,
    /// The document's fields as the acts left them.
    pub facts: Facts,
    pub events: Vec<(DateTime<Utc>, Event)>,
    /// Where the events of the last act begin.
    pub last: usize,
    pub now: DateTime<Utc>,
    pub initiator: Option<Seat>,
    /// The act that was refused, none of them for the start; what comes behind it was not played.
    pub refused: Option<(Option<usize>, Rejection)>,
}

/// Plays as far as it is accepted.
#[must_use]
pub fn play(stage: Stage<'_>, trial: &Trial) -> Tried {
    let mut tried = Tried::new(trial.at);
    if let Err(refused) = tried.start(stage, trial) {
        tried.refused = Some((None, refused));
        return tried;
    }
    let mut form = of_form(stage, trial);
    for (index, act) in trial.acts.iter().enumerate() {
        tried.now = tried.now.max(act.at);
        tried.last = tried.events.len();
        if let Err(refused) = tried.act(stage, act, &mut form) {
            tried.refused = Some((Some(index), refused));
            break;
        }
    }
    tried
}

/// Whether lists as long as `widest` would open more branches than are played.
#[must_use]
pub fn too_wide(workflow: &Workflow, widest: usize) -> bool {
    let each = |frame: &Frame| match frame {
        Frame::Block { split, .. } => matches!(workflow.node(*split).kind, StepKind::Each(_)),
        Frame::Alternative { .. } => false,
    };
    let depth =
        workflow.graph.node_weights().map(|node| node.path.iter().filter(|it| each(it)).count());
    let depth = depth.max().unwrap_or(0).try_into().unwrap_or(u32::MAX);
    widest.max(1).checked_pow(depth).is_none_or(|branches| branches > MOST_BRANCHES)
}

/// The longest list of units or people that is given anywhere.
#[must_use]
pub fn widest(trial: &Trial) -> usize {
    let list = |value: &Value| match value {
        Value::List(items) => items.len(),
        Value::Text(_) | Value::Bool(_) | Value::Number(_) => 1,
    };
    let facts = |facts: &Facts| facts.values().map(list).max().unwrap_or(1);
    let acts = trial.acts.iter().map(|act| match &act.command {
        Command::Complete(Completion { changes, picks, .. }) => {
            let picked = |picked: &Picked| picked.units.len().max(picked.people.len());
            facts(changes).max(picks.values().map(picked).max().unwrap_or(1))
        }
        Command::Cc { to, .. } | Command::Circulate { to, .. } => to.len(),
        Command::Start { .. }
        | Command::SendBack { .. }
        | Command::Transfer { .. }
        | Command::Claim { .. }
        | Command::Release { .. }
        | Command::Open { .. }
        | Command::Read { .. }
        | Command::Withdraw { .. }
        | Command::Reopen { .. }
        | Command::Urge { .. }
        | Command::Link { .. }
        | Command::Terminate { .. }
        | Command::Answer { .. }
        | Command::Retry { .. }
        | Command::Appoint { .. }
        | Command::Reassign { .. } => 1,
    });
    acts.max().unwrap_or(1).max(facts(&trial.fields))
}

/// What was filled in before the start and goes in with the first 提交: of a form.
fn of_form(stage: Stage<'_>, trial: &Trial) -> Facts {
    match &stage.workflow.carries {
        Carrier::Document => Facts::new(),
        Carrier::Form(_) => trial.fields.clone(),
    }
}

impl Tried {
    fn new(now: DateTime<Utc>) -> Self {
        Self {
            case: Case::new(CaseId(Uuid::from_u128(1))),
            facts: Facts::new(),
            events: vec![],
            last: 0,
            now,
            initiator: None,
            refused: None,
        }
    }

    fn start(&mut self, stage: Stage<'_>, trial: &Trial) -> Result<(), Rejection> {
        check(stage, &trial.fields)?;
        let seat = sits(stage, &trial.by)?;
        let title = match trial.fields.get("title") {
            Some(Value::Text(title)) if !title.trim().is_empty() => title.clone(),
            Some(_) | None => stage.workflow.title.clone(),
        };
        if stage.workflow.carries == Carrier::Document {
            self.facts = trial.fields.clone();
        }
        self.initiator = Some(seat.clone());
        self.carry_out(stage, Actor::Person(seat), Command::Start { title })
    }

    fn act(&mut self, stage: Stage<'_>, act: &TrialAct, form: &mut Facts) -> Result<(), Rejection> {
        let seat = sits(stage, &act.by)?;
        let mut command = act.command.clone();
        let mut changed = Facts::new();
        if let Command::Complete(completion) = &mut command {
            // What was filled in before the start is handed over with the first 提交.
            for (name, value) in std::mem::take(form) {
                completion.changes.entry(name).or_insert(value);
            }
            changed.clone_from(&completion.changes);
        }
        self.carry_out(stage, Actor::Person(seat), command)?;
        if stage.workflow.carries == Carrier::Document {
            self.facts.extend(changed);
        }
        Ok(())
    }

    /// One command, and the answers to what it asks of the system.
    fn carry_out(
        &mut self,
        stage: Stage<'_>,
        actor: Actor,
        command: Command,
    ) -> Result<(), Rejection> {
        let mut asks = self.decide(stage, &actor, command)?;
        while let Some(ask) = asks.pop() {
            let (Ask::Now { id, .. } | Ask::Later { id, .. }) = ask;
            let answer = Answer::Done { result: TRIED.into() };
            asks.extend(self.decide(stage, &Actor::System, Command::Answer { ask: id, answer })?);
        }
        Ok(())
    }

    fn decide(
        &mut self,
        stage: Stage<'_>,
        actor: &Actor,
        command: Command,
    ) -> Result<Vec<Ask>, Rejection> {
        let Decision { case, events, asks } =
            decide(&self.context(stage, actor), self.case.clone(), command)?;
        self.case = case;
        self.events.extend(events.into_iter().map(|event| (self.now, event)));
        Ok(asks)
    }

    #[must_use]
    pub fn context<'c>(&'c self, stage: Stage<'c>, actor: &'c Actor) -> Context<'c> {
        Context {
            workflow: stage.workflow,
            directory: stage.directory,
            calendar: stage.calendar,
            vocabulary: stage.vocabulary,
            facts: &self.facts,
            actor,
            now: self.now,
            document: match stage.workflow.carries {
                Carrier::Document => Some(DocumentId(Uuid::from_u128(2))),
                Carrier::Form(_) => None,
            },
        }
    }

    /// What those could do now who have something to do with the case, each in the seat that it came to. Holders of a
    /// post are named as many as are of use.
    #[must_use]
    pub fn offers(&self, stage: Stage<'_>, administrators: &[Seat]) -> Vec<(Seat, Vec<Offer>)> {
        const OF_A_POST: usize = 20;
        let mut seats: Vec<Seat> = vec![];
        for task in self.case.open_tasks() {
            for seat in task.holder.as_ref().map_or(&task.offered[..], std::slice::from_ref) {
                match &seat.person {
                    Some(_) => seats.push(seat.clone()),
                    None => {
                        let held = stage.directory.seats_of(&seat.post);
                        seats.extend(held.into_iter().take(OF_A_POST));
                    }
                }
            }
        }
        seats.extend(self.initiator.iter().cloned());
        seats.extend(self.case.opinions.iter().map(|(_, opinion)| opinion.by.clone()));
        seats.extend(administrators.iter().cloned());
        let mut once = BTreeSet::new();
        seats.retain(|seat| {
            let person = seat.person.as_ref().map(|who| who.id.clone());
            once.insert((person, seat.post.clone()))
        });
        let offers = seats.into_iter().map(|seat| {
            let actor = Actor::Person(seat.clone());
            let offers = allowed(&self.context(stage, &actor), &self.case);
            (seat, offers)
        });
        offers.filter(|(_, offers)| !offers.is_empty()).collect()
    }
}

fn sits(stage: Stage<'_>, who: &Chosen) -> Result<Seat, Rejection> {
    let seat = match &who.post {
        Some(post) => stage.directory.seat(&who.person, post),
        None => stage.directory.main_seat(&who.person),
    };
    seat.ok_or_else(|| Rejection::NoSuchPerson { person: who.person.to_string() })
}

/// What fields are given are fields, of their kind.
fn check(stage: Stage<'_>, given: &Facts) -> Result<(), Rejection> {
    let fields: &[Field] = match &stage.workflow.carries {
        Carrier::Document => &stage.vocabulary.fields,
        Carrier::Form(fields) => fields,
    };
    for (name, value) in given {
        let Some(field) = fields.iter().find(|field| field.name == *name) else {
            return Err(Rejection::FieldUnknown { field: name.clone() });
        };
        if !field.takes(value) {
            let (field, wanted) = (field.title.clone(), "该字段应有的类型".to_owned());
            return Err(Rejection::FieldWrongType { field, wanted });
        }
    }
    Ok(())
}
