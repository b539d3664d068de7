//! Plays transcripts over `decide`: a line such as `周明 同意 -> 财政局@会签` is acted out, and what is open afterwards
//! is held against its right side. Flow files are tested so, and so are the stories of this crate. What a line says is
//! read in `line`; questions to the shell are answered at once, as if everything worked.

pub mod line;

use crate::{
    calendar::Calendar,
    case::{Case, Stall},
    command::{Actor, Answer, Chosen, Command, Completion, Outcome, Picked},
    decide::{Ask, Context, Decision, decide},
    directory::{Directory, Seat},
    event::{Ended, Event, Task, TaskKind, TaskState},
    id::{CaseId, DocumentId, PersonId, StepId, TaskId, UnitId},
    offer::{Act, allowed},
    rejection::Rejection,
    value::{Facts, Field, FieldType, Value, Vocabulary},
    workflow::{Carrier, FlowTest, Handle, Pick, PickWhat, Resume, ResumeRule, Workflow},
};
use chrono::{DateTime, TimeDelta, Utc};
use line::{Line, Said, Verb};
use std::{collections::BTreeMap, fmt};
use uuid::Uuid;

/// Why a transcript could not be played, or came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayProblem {
    /// Line of the transcript, as numbered by the caller.
    pub line: usize,
    pub text: String,
    /// In Chinese: what went wrong.
    pub message: String,
    /// What was open instead, in the language of the right sides.
    pub open: String,
}

impl fmt::Display for PlayProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第{}行“{}”：{}\n当时：{}", self.line, self.text, self.message, self.open)
    }
}

/// Where a transcript is played.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    pub workflow: &'a Workflow,
    pub directory: &'a Directory,
    pub calendar: &'a Calendar,
    pub vocabulary: &'a Vocabulary,
}

/// Plays one test of a flow; the lines as they came out.
///
/// # Errors
/// The first line that was refused or came out otherwise.
pub fn test(stage: Stage<'_>, test: &FlowTest) -> Result<Vec<String>, PlayProblem> {
    play(stage, &test.by, &test.given, &test.play)
}

/// Starts a case `by` somebody with these fields and plays the lines; an empty right side is not checked. Returns
/// each line with what was open after it.
///
/// # Errors
/// The first line that was refused or came out otherwise.
pub fn play(
    stage: Stage<'_>,
    by: &str,
    given: &Facts,
    lines: &[(usize, String)],
) -> Result<Vec<String>, PlayProblem> {
    let mut player = Player::new(stage);
    let first = lines.first().map_or(1, |(number, _)| *number);
    let start = player.start(by, given);
    start.map_err(|message| player.problem(first, &format!("{by} 发起"), message))?;
    let mut played = vec![];
    for (number, text) in lines {
        played.push(player.line(text).map_err(|message| player.problem(*number, text, message))?);
    }
    Ok(played)
}

/// A case being played.
#[derive(Debug)]
pub struct Player<'a> {
    pub(crate) stage: Stage<'a>,
    pub case: Case,
    pub facts: Facts,
    /// Everything that happened.
    pub events: Vec<Event>,
    pub(crate) now: DateTime<Utc>,
    /// Changes and choices that go with the next 提交 or 同意 of whoever makes them.
    changes: Facts,
    picks: BTreeMap<String, Picked>,
}

/// Monday 2026-03-02, 09:00 in Shanghai.
const START: i64 = 1_772_413_200;

impl<'a> Player<'a> {
    #[must_use]
    pub fn new(stage: Stage<'a>) -> Self {
        Self {
            stage,
            case: Case::new(CaseId(Uuid::from_u128(1))),
            facts: Facts::new(),
            events: vec![],
            now: DateTime::from_timestamp(START, 0).unwrap_or_default(),
            changes: Facts::new(),
            picks: BTreeMap::new(),
        }
    }

    /// Starts the case; fields of a form go in with the first 提交.
    ///
    /// # Errors
    /// What was refused, in Chinese.
    pub fn start(&mut self, by: &str, given: &Facts) -> Result<(), String> {
        let person = self.person(by)?;
        let seat = self.seat(&person, None)?;
        let given = self.resolve(given)?;
        let title = match given.get("title") {
            Some(Value::Text(title)) => title.clone(),
            Some(Value::Bool(_) | Value::Number(_) | Value::List(_)) | None => {
                self.stage.workflow.title.clone()
            }
        };
        match &self.stage.workflow.carries {
            Carrier::Document => self.facts = given,
            Carrier::Form(_) => self.changes = given,
        }
        self.act(Actor::Person(seat), Command::Start { title })
    }

    /// Plays one line and compares; the line as it came out.
    ///
    /// # Errors
    /// What was refused or came out otherwise, in Chinese.
    pub fn line(&mut self, text: &str) -> Result<String, String> {
        self.now += TimeDelta::minutes(1);
        let Line { left, acts, expected } = line::read(text)?;
        for said in &acts {
            self.say(said)?;
        }
        if let Some(expected) = expected {
            let mut wanted: Vec<String> = expected;
            let mut open = self.open();
            wanted.sort();
            open.sort();
            if wanted != open {
                return Err(format!("应当是 {}，实际是 {}", wanted.join(", "), open.join(", ")));
            }
        }
        Ok(format!("{left} -> {}", self.open().join(", ")))
    }

    /// What is open now: who at which step, in the language of the right sides.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        open(&self.case)
    }

    fn problem(&self, line: usize, text: &str, message: String) -> PlayProblem {
        PlayProblem { line, text: text.to_owned(), message, open: self.open().join(", ") }
    }

    /// Carries out a command, and answers what it asks of the shell until nothing is asked any more.
    pub(crate) fn act(&mut self, actor: Actor, command: Command) -> Result<(), String> {
        let Decision { asks, .. } = self.decide(actor, command)?;
        let mut asks: Vec<Ask> = asks;
        while let Some(ask) = asks.pop() {
            let (id, effect) = match ask {
                Ask::Now { id, allot } => (id, allot.effect),
                Ask::Later { id, work } => (id, work.effect),
            };
            let answer = Answer::Done { result: format!("{effect}-{id}") };
            asks.extend(self.decide(Actor::System, Command::Answer { ask: id, answer })?.asks);
        }
        Ok(())
    }

    fn decide(&mut self, actor: Actor, command: Command) -> Result<Decision, String> {
        self.ask(actor, command).map_err(|refused| refused.detail())
    }

    /// Carries out one command and leaves what it asks of the shell unanswered.
    pub(crate) fn ask(&mut self, actor: Actor, command: Command) -> Result<Decision, Rejection> {
        let decision = decide(&self.context(&actor), self.case.clone(), command)?;
        self.case = decision.case.clone();
        self.events.extend(decision.events.iter().cloned());
        Ok(decision)
    }

    pub(crate) fn context<'c>(&'c self, actor: &'c Actor) -> Context<'c> {
        Context {
            workflow: self.stage.workflow,
            directory: self.stage.directory,
            calendar: self.stage.calendar,
            vocabulary: self.stage.vocabulary,
            facts: &self.facts,
            actor,
            now: self.now,
            document: match self.stage.workflow.carries {
                Carrier::Document => Some(DocumentId(Uuid::from_u128(2))),
                Carrier::Form(_) => None,
            },
        }
    }

    fn say(&mut self, said: &Said) -> Result<(), String> {
        let rest = said.rest.join(" ");
        match said.verb {
            Verb::Approve => self.complete(said, Outcome::Approved),
            Verb::Refuse => self.complete(said, Outcome::Refused),
            Verb::SendBack => self.send_back(said, false),
            Verb::SendBackDirect => self.send_back(said, true),
            Verb::Transfer => {
                let (task, seat) = self.held(said, TaskKind::Handle)?;
                let (to, why) = said.rest.split_first().ok_or("转办要写转给谁")?;
                let to = Chosen { person: self.person(to)?, post: None };
                self.act(
                    Actor::Person(seat),
                    Command::Transfer { task, to, opinion: why.join(" ") },
                )
            }
            Verb::Claim => self.with_task(said, TaskKind::Handle, |task| Command::Claim { task }),
            Verb::Release => {
                self.with_task(said, TaskKind::Handle, |task| Command::Release { task })
            }
            Verb::Open => self.with_task(said, TaskKind::Handle, |task| Command::Open { task }),
            Verb::Read => {
                self.with_task(said, TaskKind::Read, |task| Command::Read { task, opinion: rest })
            }
            Verb::Withdraw => self.alone(said, Command::Withdraw { reason: rest }),
            Verb::Urge => self.alone(said, Command::Urge { text: rest }),
            Verb::Retry => self.alone(said, Command::Retry { reason: rest }),
            Verb::Appoint => self.appoint(said),
            Verb::Reassign => self.reassign(said),
            Verb::Terminate => {
                let task = self.held(said, TaskKind::Handle).ok();
                let seat = match &task {
                    Some((_, seat)) => seat.clone(),
                    None => self.alone_seat(said)?,
                };
                self.act(
                    Actor::Person(seat),
                    Command::Terminate { task: task.map(|(id, _)| id), reason: rest },
                )
            }
            Verb::Cc | Verb::Circulate => {
                let task = self.held(said, TaskKind::Handle).ok();
                let seat = match &task {
                    Some((_, seat)) => seat.clone(),
                    None => self.alone_seat(said)?,
                };
                let names = said.rest.iter().flat_map(|word| line::items(word));
                let to = names
                    .map(|name| Ok(Chosen { person: self.person(&name)?, post: None }))
                    .collect::<Result<_, String>>()?;
                let (task, note) = (task.map(|(id, _)| id), String::new());
                let command = if said.verb == Verb::Cc {
                    Command::Cc { task, to, note }
                } else {
                    Command::Circulate { task, to, note }
                };
                self.act(Actor::Person(seat), command)
            }
            Verb::Reopen => {
                let person = self.person(&said.who);
                let mine = |seat: &Seat| match &person {
                    Ok(id) => seat.person.as_ref().is_some_and(|who| who.id == *id),
                    Err(_) => seat.unit_name == said.who,
                };
                let done = self.case.tasks.values().rev().find(|task| {
                    task.state == TaskState::Done
                        && at_step(task, said)
                        && task.holder.as_ref().is_some_and(mine)
                });
                let done = done.ok_or_else(|| format!("{}没有办过的待办", said.who))?;
                let (task, seat) = (done.id, done.holder.clone().ok_or("这件待办没有办理人")?);
                self.act(Actor::Person(seat), Command::Reopen { task })
            }
            Verb::Change => self.change(said),
            Verb::Pick => self.pick(said),
        }
    }

    fn complete(&mut self, said: &Said, outcome: Outcome) -> Result<(), String> {
        let (task, seat) = self.held(said, TaskKind::Handle)?;
        let changes = std::mem::take(&mut self.changes);
        let picks = std::mem::take(&mut self.picks);
        let completion = Completion {
            task,
            outcome,
            opinion: said.rest.join(" "),
            changes: changes.clone(),
            picks,
            seen: None,
        };
        self.act(Actor::Person(seat), Command::Complete(completion))?;
        if self.stage.workflow.carries == Carrier::Document {
            self.facts.extend(changes);
        }
        Ok(())
    }

    fn send_back(&mut self, said: &Said, direct: bool) -> Result<(), String> {
        let (task, seat) = self.held(said, TaskKind::Handle)?;
        let named = said.rest.first().and_then(|word| self.step(word));
        let reason = if named.is_some() { said.rest[1..].join(" ") } else { said.rest.join(" ") };
        let actor = Actor::Person(seat);
        let offers = allowed(&self.context(&actor), &self.case);
        let offer =
            offers.iter().find(|offer| offer.act == Act::SendBack && offer.task == Some(task));
        let to = match named {
            Some(step) => step,
            None => {
                let first = offer.and_then(|offer| offer.targets.first());
                first.map(|target| target.step.clone()).ok_or("这里不能退回")?
            }
        };
        let rule = self.handle(task).map(|handle| handle.send_back.resume);
        let resume = match (direct, rule) {
            (true, _) => Some(Resume::Direct),
            (false, Some(ResumeRule::Ask)) => Some(Resume::Stepwise),
            (false, Some(ResumeRule::Direct | ResumeRule::Stepwise) | None) => None,
        };
        self.act(actor, Command::SendBack { task, to, resume, opinion: reason })
    }

    fn with_task(
        &mut self,
        said: &Said,
        kind: TaskKind,
        command: impl FnOnce(TaskId) -> Command,
    ) -> Result<(), String> {
        let (task, seat) = self.held(said, kind).or_else(|why| match (said.verb, kind) {
            // Readers open theirs too.
            (Verb::Open, TaskKind::Handle) => self.held(said, TaskKind::Read),
            _ => Err(why),
        })?;
        self.act(Actor::Person(seat), command(task))
    }

    fn alone(&mut self, said: &Said, command: Command) -> Result<(), String> {
        let seat = self.alone_seat(said)?;
        self.act(Actor::Person(seat), command)
    }

    /// Somebody who acts without a task: the initiator in the post of that day, others in their main post.
    fn alone_seat(&self, said: &Said) -> Result<Seat, String> {
        let person = self.person(&said.who)?;
        let initiator = self
            .case
            .initiator
            .as_ref()
            .filter(|seat| seat.person.as_ref().is_some_and(|who| who.id == person));
        match initiator {
            Some(seat) => Ok(seat.clone()),
            None => self.seat(&person, None),
        }
    }

    /// The one open task of whoever is named, and the seat they take it in.
    fn held(&self, said: &Said, kind: TaskKind) -> Result<(TaskId, Seat), String> {
        let person = self.person(&said.who).ok();
        let mut found: Vec<(TaskId, Seat)> = vec![];
        for task in self.case.open_tasks().filter(|task| task.kind == kind && at_step(task, said)) {
            let seats = match &task.holder {
                Some(holder) => vec![holder.clone()],
                None => task.offered.clone(),
            };
            let taken = seats.iter().find_map(|seat| match &person {
                Some(person) => match &seat.person {
                    Some(who) => (who.id == *person).then(|| seat.clone()),
                    None => self.stage.directory.seat(person, &seat.post),
                },
                None if seat.unit_name == said.who => match &seat.person {
                    Some(_) => Some(seat.clone()),
                    None => self.stage.directory.seats_of(&seat.post).into_iter().next(),
                },
                None => None,
            });
            found.extend(taken.map(|seat| (task.id, seat)));
        }
        match &found[..] {
            [] => Err(match &said.step {
                Some(step) => format!("{}在“{step}”没有待办", said.who),
                None => format!("{}没有这样的待办", said.who),
            }),
            [only] => Ok(only.clone()),
            [_, _, ..] => {
                Err(format!("{}有{}件待办，请写成 {}@环节", said.who, found.len(), said.who))
            }
        }
    }

    fn handle(&self, task: TaskId) -> Option<&'a Handle> {
        let visit = self.case.tasks.get(&task)?.visit?;
        self.stage.workflow.handle(self.case.visits.get(&visit)?.place.index())
    }

    /// 指定 人 理由: for the step of this title that stalled, or the only one.
    fn appoint(&mut self, said: &Said) -> Result<(), String> {
        let seat = self.alone_seat(said)?;
        let (to, why) = said.rest.split_first().ok_or("指定要写由谁办理")?;
        let at = |stall: &&Stall| {
            said.step
                .as_ref()
                .is_none_or(|step| stall.title == *step || stall.step.as_str() == step)
        };
        let visit = self.case.stalls.iter().filter(at).find_map(|stall| stall.visit);
        let visit = visit.ok_or("没有这样停滞的环节")?;
        let to = Chosen { person: self.person(to)?, post: None };
        self.act(Actor::Person(seat), Command::Appoint { visit, to, reason: why.join(" ") })
    }

    /// 改派 [原办理人>]人 理由: the open task of this step, of this holder.
    fn reassign(&mut self, said: &Said) -> Result<(), String> {
        let seat = self.alone_seat(said)?;
        let (who, why) = said.rest.split_first().ok_or("改派要写改派给谁")?;
        let (from, to) = match who.split_once('>') {
            Some((from, to)) => (Some(from), to),
            None => (None, who.as_str()),
        };
        let tasks: Vec<TaskId> = self
            .case
            .open_tasks()
            .filter(|task| at_step(task, said) && from.is_none_or(|from| holder(task) == from))
            .map(|task| task.id)
            .collect();
        let &[task] = &tasks[..] else {
            return Err(format!(
                "有{}件这样的待办，请写成 管理员@环节 改派 原办理人>人",
                tasks.len()
            ));
        };
        let to = Chosen { person: self.person(to)?, post: None };
        self.act(Actor::Person(seat), Command::Reassign { task, to, reason: why.join(" ") })
    }

    /// 改 字段=值: kept for the next 提交 or 同意.
    fn change(&mut self, said: &Said) -> Result<(), String> {
        for word in &said.rest {
            let (name, value) =
                word.split_once('=').ok_or_else(|| format!("“{word}”应当写成 字段=值"))?;
            let field = self
                .fields()
                .iter()
                .find(|field| field.name == name || field.title == name)
                .cloned();
            let field = field.ok_or_else(|| format!("没有名为“{name}”的字段"))?;
            let value = match field.kind {
                FieldType::Number => {
                    Value::Number(value.parse().map_err(|_| format!("“{value}”不是数字"))?)
                }
                FieldType::Bool => Value::Bool(matches!(value, "true" | "是")),
                FieldType::Texts | FieldType::Units | FieldType::People => {
                    Value::List(line::items(value))
                }
                FieldType::Text
                | FieldType::LongText
                | FieldType::Date
                | FieldType::Choice
                | FieldType::Unit
                | FieldType::Person => Value::Text(value.to_owned()),
            };
            let resolved = self.resolve(&Facts::from([(field.name.clone(), value)]))?;
            self.changes.extend(resolved);
        }
        Ok(())
    }

    /// 选 名=值,值: kept for the next 提交 or 同意.
    fn pick(&mut self, said: &Said) -> Result<(), String> {
        let (task, _) = self.held(said, TaskKind::Handle)?;
        let picks: &[Pick] = self.handle(task).map(|handle| &handle.pick[..]).unwrap_or_default();
        for word in &said.rest {
            let (name, values) =
                word.split_once('=').ok_or_else(|| format!("“{word}”应当写成 名=值,值"))?;
            let pick = picks.iter().find(|pick| pick.name == name || pick.title == name);
            let pick = pick.ok_or_else(|| format!("本环节没有名为“{name}”的选择"))?;
            let mut picked = Picked::default();
            for value in line::items(values) {
                match pick.what {
                    PickWhat::People { .. } => {
                        picked.people.push(Chosen { person: self.person(&value)?, post: None })
                    }
                    PickWhat::Units { .. } => {
                        let unit = self.unit(value.trim_end_matches('*'))?;
                        if value.ends_with('*') {
                            picked.lead = Some(unit.clone());
                        }
                        picked.units.push(unit);
                    }
                }
            }
            self.picks.insert(pick.name.clone(), picked);
        }
        Ok(())
    }

    fn fields(&self) -> &'a [Field] {
        match &self.stage.workflow.carries {
            Carrier::Document => &self.stage.vocabulary.fields,
            Carrier::Form(fields) => fields,
        }
    }

    /// Units and people by name become ids.
    fn resolve(&self, given: &Facts) -> Result<Facts, String> {
        let mut facts = Facts::new();
        for (name, value) in given {
            let kind =
                self.fields().iter().find(|field| field.name == *name).map(|field| field.kind);
            let value = match (kind, value) {
                (Some(FieldType::Unit), Value::Text(unit)) if !unit.is_empty() => {
                    Value::Text(self.unit(unit)?.0)
                }
                (Some(FieldType::Units), Value::List(units)) => Value::List(
                    units
                        .iter()
                        .map(|unit| self.unit(unit).map(|id| id.0))
                        .collect::<Result<_, _>>()?,
                ),
                (Some(FieldType::Person), Value::Text(who)) if !who.is_empty() => {
                    Value::Text(self.person(who)?.0)
                }
                (Some(FieldType::People), Value::List(people)) => Value::List(
                    people
                        .iter()
                        .map(|who| self.person(who).map(|id| id.0))
                        .collect::<Result<_, _>>()?,
                ),
                (_, value) => value.clone(),
            };
            facts.insert(name.clone(), value);
        }
        Ok(facts)
    }

    fn person(&self, name: &str) -> Result<PersonId, String> {
        let people = &self.stage.directory.people;
        let found = people.get(name).or_else(|| people.values().find(|person| person.name == name));
        found.map(|person| person.id.clone()).ok_or_else(|| format!("组织机构中没有“{name}”这个人"))
    }

    fn unit(&self, name: &str) -> Result<UnitId, String> {
        let units = &self.stage.directory.units;
        let found = units
            .get(name)
            .or_else(|| units.values().find(|unit| unit.short == name || unit.name == name));
        found.map(|unit| unit.id.clone()).ok_or_else(|| format!("组织机构中没有“{name}”这个单位"))
    }

    fn seat(&self, person: &PersonId, post: Option<&crate::id::PostId>) -> Result<Seat, String> {
        let seat = match post {
            Some(post) => self.stage.directory.seat(person, post),
            None => self.stage.directory.main_seat(person),
        };
        seat.ok_or_else(|| format!("“{person}”没有岗位"))
    }

    /// A step by its title or id.
    fn step(&self, word: &str) -> Option<StepId> {
        let mut handled = self.stage.workflow.handled();
        handled
            .find(|(_, node, _)| node.title == word || node.id.as_str() == word)
            .map(|(_, node, _)| node.id.clone())
    }
}

/// What is open in a case, in the language of the right sides.
pub(crate) fn open(case: &Case) -> Vec<String> {
    let mut open: Vec<String> =
        case.open_tasks().map(|task| format!("{}@{}", holder(task), task.title)).collect();
    if !case.stalls.is_empty() {
        open.push("停滞".into());
    }
    match case.ended {
        Some(Ended::Finished) => open.push("办结".into()),
        Some(Ended::Refused) => open.push("不同意".into()),
        Some(Ended::Terminated) => open.push("终止".into()),
        None => {}
    }
    if open.is_empty() {
        open.push("无".into());
    }
    open
}

fn at_step(task: &Task, said: &Said) -> bool {
    said.step.as_ref().is_none_or(|step| task.title == *step || task.step.as_str() == step)
}

/// Who has a task, as right sides say it: a person, or the unit whose people may come forward.
pub(crate) fn holder(task: &Task) -> String {
    let name = |seat: &Seat| {
        seat.person.as_ref().map_or_else(|| seat.unit_name.clone(), |who| who.name.clone())
    };
    match &task.holder {
        Some(seat) => name(seat),
        None => task.offered.iter().map(name).collect::<Vec<_>>().join("/"),
    }
}

#[cfg(test)]
mod tests;
