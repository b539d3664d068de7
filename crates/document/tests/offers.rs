//! Offered by `allowed` ⇔ accepted by `decide`: random walks through the shipped flows, where at every moment every
//! person of the sample office tries every act. Beside it, on the same walks: replaying the events gives the live
//! case, a case survives being written down, and a running case always waits for somebody or something.

#![expect(clippy::print_stdout, reason = "a property test says how much it tried")]

use chrono::{TimeDelta, TimeZone, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use wenshu_core::{
    Case, Rejection, Vocabulary, Workflow, allowed,
    calendar::Calendar,
    command::{Actor, Answer, Chosen, Command, Completion, Outcome, Picked},
    compile, decide,
    decide::{Ask, Context},
    directory::{Directory, Seat},
    event::Event,
    id::{CaseId, DocumentId, TaskId, UnitId, VisitId},
    offer::{Act, Offer},
    office_file,
    value::{Facts, Field, FieldType, Value},
    workflow::{Carrier, PickWhat, Resume},
};

/// Nobody is found for two of its steps: cases stall, and administrators help.
const VACANT: &str = "workflow: vacant
title: 缺人
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, can: [approve, withdraw] }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: sign, title: 会签, by: { post: 总工程师, of: unit, exclude: initiator } }]
  - { id: tech, title: 审查, by: { role: nobody }, can: [approve, send_back] }
";

const FLOWS: [&str; 5] = [
    VACANT,
    include_str!("../../../workflows/outgoing.yaml"),
    include_str!("../../../workflows/incoming.yaml"),
    include_str!("../../../workflows/request.yaml"),
    include_str!("../../../workflows/leave.yaml"),
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides.max(1) as u64) as usize
    }
}

struct World {
    workflow: Workflow,
    directory: Directory,
    calendar: Calendar,
    vocabulary: Vocabulary,
    facts: Facts,
}

impl World {
    fn context<'a>(&'a self, actor: &'a Actor, minute: i64) -> Context<'a> {
        let morning = Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).single().expect("a plain time");
        Context {
            workflow: &self.workflow,
            directory: &self.directory,
            calendar: &self.calendar,
            vocabulary: &self.vocabulary,
            facts: &self.facts,
            actor,
            now: morning + TimeDelta::minutes(minute),
            document: Some(DocumentId(Uuid::from_u128(7))),
        }
    }

    fn everybody(&self) -> Vec<Seat> {
        self.directory.people.keys().filter_map(|person| self.directory.main_seat(person)).collect()
    }
}

/// One try: the command, the act and task by which an offer would name it, and the step for a send-back.
struct Try {
    command: Command,
    act: Act,
    task: Option<TaskId>,
    visit: Option<VisitId>,
    to: Option<String>,
}

fn tries(world: &World, case: &Case, who: &Seat) -> Vec<Try> {
    let mut all = vec![];
    let other = world.everybody().into_iter().find(|seat| {
        let holds = |task: &wenshu_core::event::Task| {
            task.holder.as_ref().is_some_and(|holder| holder.person == seat.person)
        };
        seat.person != who.person && !case.tasks.values().any(holds)
    });
    let to: Vec<Chosen> = other
        .and_then(|seat| seat.person.clone())
        .map(|person| vec![Chosen { person: person.id, post: None }])
        .unwrap_or_default();
    let say = || "理由在此".to_owned();
    for &task in case.tasks.keys() {
        let mut one = |act, command| {
            all.push(Try { command, act, task: Some(task), visit: None, to: None });
        };
        one(Act::Approve, Command::Complete(completion(world, case, task, Outcome::Approved)));
        one(Act::Refuse, Command::Complete(completion(world, case, task, Outcome::Refused)));
        if let Some(to) = to.first() {
            one(Act::Transfer, Command::Transfer { task, to: to.clone(), opinion: say() });
            one(Act::Reassign, Command::Reassign { task, to: to.clone(), reason: say() });
        }
        one(Act::Claim, Command::Claim { task });
        one(Act::Release, Command::Release { task });
        one(Act::Open, Command::Open { task });
        one(Act::Read, Command::Read { task, opinion: say() });
        one(Act::Cc, Command::Cc { task: Some(task), to: to.clone(), note: say() });
        one(Act::Circulate, Command::Circulate { task: Some(task), to: to.clone(), note: say() });
        one(Act::Reopen, Command::Reopen { task });
        one(Act::Terminate, Command::Terminate { task: Some(task), reason: say() });
        for (_, node, _) in world.workflow.handled() {
            let command =
                Command::SendBack { task, to: node.id.clone(), resume: None, opinion: say() };
            all.push(Try {
                command,
                act: Act::SendBack,
                task: Some(task),
                visit: None,
                to: Some(node.id.to_string()),
            });
        }
    }
    // Steps long over are as little to be filled as those just left.
    let stalled = case.stalls.iter().filter_map(|stall| stall.visit);
    let visits: BTreeSet<VisitId> =
        stalled.chain(case.visits.keys().rev().take(2).copied()).collect();
    for (visit, to) in visits.into_iter().filter_map(|visit| Some((visit, to.first()?))) {
        let command = Command::Appoint { visit, to: to.clone(), reason: say() };
        all.push(Try { command, act: Act::Appoint, task: None, visit: Some(visit), to: None });
    }
    let mut whole =
        |act, command| all.push(Try { command, act, task: None, visit: None, to: None });
    whole(Act::Withdraw, Command::Withdraw { reason: say() });
    whole(Act::Urge, Command::Urge { text: say() });
    // One link is enough: what is linked already is no event.
    whole(Act::Link, Command::Link { other: CaseId(Uuid::from_u128(9)) });
    whole(Act::Terminate, Command::Terminate { task: None, reason: say() });
    whole(Act::Retry, Command::Retry { reason: say() });
    let mine = case
        .open_tasks()
        .any(|task| task.holder.iter().chain(&task.offered).any(|seat| seat.admits(who)));
    if !mine && !to.is_empty() {
        whole(Act::Cc, Command::Cc { task: None, to: to.clone(), note: say() });
        whole(Act::Circulate, Command::Circulate { task: None, to, note: say() });
    }
    all
}

fn completion(world: &World, case: &Case, task: TaskId, outcome: Outcome) -> Completion {
    let mut picks = BTreeMap::new();
    let mut changes = Facts::new();
    let place = case
        .tasks
        .get(&task)
        .and_then(|task| case.visits.get(&task.visit?))
        .map(|visit| &visit.place);
    if let Some(handle) = place.and_then(|place| world.workflow.handle(place.index())) {
        for pick in &handle.pick {
            let picked = match &pick.what {
                // People from a set are left out where they may be; a required choice refuses as missing input.
                PickWhat::People { .. } => Picked::default(),
                PickWhat::Units { .. } => {
                    let units: Vec<UnitId> = ["caizheng", "sifa"].map(UnitId::from).to_vec();
                    let units: Vec<_> = units
                        .into_iter()
                        .filter(|unit| world.directory.units.contains_key(unit))
                        .collect();
                    Picked { people: vec![], lead: units.first().cloned(), units }
                }
            };
            picks.insert(pick.name.clone(), picked);
        }
        if let Carrier::Form(fields) = &world.workflow.carries {
            for field in fields.iter().filter(|field| handle.edit.contains(&field.name)) {
                changes.insert(field.name.clone(), sample(field));
            }
        }
    }
    if outcome == Outcome::Refused {
        picks.clear();
    }
    Completion {
        task,
        outcome,
        opinion: "意见在此".into(),
        changes,
        picks,
        seen: Some(case.document_version),
    }
}

fn sample(field: &Field) -> Value {
    match field.kind {
        FieldType::Number => Value::Number(2.0),
        FieldType::Bool => Value::Bool(true),
        FieldType::Date => Value::Text("2026-03-09".into()),
        FieldType::Choice => Value::Text(field.options.first().cloned().unwrap_or_default()),
        FieldType::Text | FieldType::LongText => Value::Text("文字".into()),
        FieldType::Unit => Value::Text("caizheng".into()),
        FieldType::Person => Value::Text("lin-xiao".into()),
        FieldType::Texts => Value::List(vec![]),
        FieldType::Units => Value::List(vec!["caizheng".into()]),
        FieldType::People => Value::List(vec!["lin-xiao".into()]),
    }
}

/// Refusals that ask for more input, or for another person to be named: not for another actor or moment.
fn wants_input(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::FieldRequired { .. }
            | Rejection::PickRequired { .. }
            | Rejection::KeptOut { .. }
            | Rejection::KeeperOnly { .. }
    )
}

fn offered(offers: &[Offer], one: &Try) -> bool {
    offers.iter().any(|offer| {
        offer.act == one.act
            && offer.task == one.task
            && offer.visit == one.visit
            && one
                .to
                .as_ref()
                .is_none_or(|to| offer.targets.iter().any(|target| target.step.as_str() == to))
    })
}

fn walk(world: &World, seed: u64) -> usize {
    let mut dice = Dice(seed);
    let everybody = world.everybody();
    let id = CaseId(Uuid::from_u128(1));
    let actor = Actor::Person(everybody[dice.roll(everybody.len())].clone());
    let start =
        decide(&world.context(&actor, 0), Case::new(id), Command::Start { title: "一件事".into() });
    let started = start.expect("anybody may start");
    let (mut case, mut events) = (started.case, started.events);
    let mut tried = 0;
    for minute in 1..18 {
        let mut accepted: Vec<(Seat, Command)> = vec![];
        for who in &everybody {
            let actor = Actor::Person(who.clone());
            let cx = world.context(&actor, minute);
            let offers = allowed(&cx, &case);
            for one in tries(world, &case, who) {
                tried += 1;
                let result = decide(&cx, case.clone(), one.command.clone());
                let may = result.as_ref().map_or_else(wants_input, |_| true);
                assert_eq!(
                    may,
                    offered(&offers, &one),
                    "{} {}: {:?}\n{:?}",
                    world.workflow.name,
                    who.label(),
                    one.command,
                    result.map(|_| "accepted")
                );
                if result.is_ok() && !matches!(one.act, Act::Open | Act::Link) {
                    accepted.push((who.clone(), one.command));
                }
            }
        }
        if accepted.is_empty() {
            break;
        }
        // Endings are rarer than in a fair draw, so that walks go far.
        accepted.retain(|(_, command)| {
            !matches!(command, Command::Terminate { .. }) || accepted_rarely(seed, minute)
        });
        let (who, command) = accepted.swap_remove(dice.roll(accepted.len()));
        let actor = Actor::Person(who);
        let done = decide(&world.context(&actor, minute), case, command)
            .expect("it was accepted a moment ago");
        case = done.case;
        events.extend(done.events);
        answer(world, &mut case, &mut events, done.asks, minute);
        check(&case, &events);
    }
    tried
}

fn accepted_rarely(seed: u64, minute: i64) -> bool {
    (seed + minute as u64).is_multiple_of(11)
}

/// The shell's part: everything that is asked works.
fn answer(world: &World, case: &mut Case, events: &mut Vec<Event>, asks: Vec<Ask>, minute: i64) {
    let mut todo = asks;
    while let Some(ask) = todo.pop() {
        let (Ask::Now { id, .. } | Ask::Later { id, .. }) = ask;
        let command = Command::Answer { ask: id, answer: Answer::Done { result: "好".into() } };
        let done = decide(&world.context(&Actor::System, minute), case.clone(), command)
            .expect("the ask is open");
        *case = done.case;
        events.extend(done.events);
        todo.extend(done.asks);
    }
}

fn check(case: &Case, events: &[Event]) {
    let written: Vec<String> =
        events.iter().map(|event| serde_json::to_string(event).expect("plain data")).collect();
    let read: Vec<Event> = written
        .iter()
        .map(|event| serde_json::from_str(event).expect("what was written"))
        .collect();
    assert_eq!(Case::replay(case.id, &read), *case, "replaying gives the live case");
    let text = serde_json::to_string(case).expect("plain data");
    assert_eq!(serde_json::from_str::<Case>(&text).expect("what was written"), *case);
    let waits =
        case.open_tasks().next().is_some() || !case.asks.is_empty() || !case.stalls.is_empty();
    assert!(
        case.ended.is_some() || waits,
        "a running case waits for a person, a job or an administrator"
    );
    if case.ended.is_some() {
        assert!(
            case.marking.is_over() && case.marking.blocks.is_empty() && case.open.is_empty(),
            "nothing is left"
        );
    }
}

#[test]
fn what_is_offered_is_what_is_accepted() {
    let vocabulary = wenshu_document::vocabulary();
    let facts = Facts::from([
        ("title".to_owned(), Value::Text("关于防汛工作的通知".into())),
        ("organ".to_owned(), Value::Text("shi".into())),
        ("body".to_owned(), Value::Text("正文".into())),
        ("recipients".to_owned(), Value::List(vec!["jiaoyu".into()])),
        ("countersign_units".to_owned(), Value::List(vec!["caizheng".into(), "sifa".into()])),
    ]);
    let mut tried = 0;
    for source in FLOWS {
        let workflow = compile(source, &vocabulary).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<String>())
        });
        let directory = office_file::read(include_str!("../../../workflows/sample-office.yaml"))
            .expect("the sample office");
        let world = World {
            workflow,
            directory,
            calendar: Calendar::announced(),
            vocabulary: vocabulary.clone(),
            facts: facts.clone(),
        };
        for seed in 0..4 {
            tried += walk(&world, seed * 7919 + 3);
        }
    }
    println!("{tried} acts tried");
    assert!(tried > 10_000);
}

#[test]
fn a_resume_that_the_file_forbids_is_refused() {
    let source = "workflow: w\ntitle: 流程\nform:\n  n: { title: 数, type: number }\nsteps:\n  - { id: a, title: 甲, by: initiator }\n  - { id: b, title: 乙, by: { head_of: initiator.unit }, send_back: { to: [initiator], resume: stepwise } }\n";
    let workflow = compile(source, &Vocabulary::default()).expect("a good flow");
    let directory = office_file::read(include_str!("../../../workflows/sample-office.yaml"))
        .expect("the sample office");
    let world = World {
        workflow,
        directory,
        calendar: Calendar::announced(),
        vocabulary: Vocabulary::default(),
        facts: Facts::new(),
    };
    let seat = |name: &str| {
        let person = world
            .directory
            .people
            .values()
            .find(|person| person.name == name)
            .expect("somebody of the office");
        Actor::Person(world.directory.main_seat(&person.id).expect("with a post"))
    };
    let (clerk, head) = (seat("林晓"), seat("周明"));
    let act = |actor: &Actor, case: Case, command| decide(&world.context(actor, 1), case, command);
    let case =
        act(&clerk, Case::new(CaseId(Uuid::from_u128(2))), Command::Start { title: "事".into() })
            .expect("start")
            .case;
    let submit = Command::Complete(completion(&world, &case, TaskId(1), Outcome::Approved));
    let case = act(&clerk, case, submit).expect("submit").case;
    let back = |resume| Command::SendBack {
        task: TaskId(2),
        to: "a".into(),
        resume,
        opinion: "改".into(),
    };
    let refused =
        act(&head, case.clone(), back(Some(Resume::Direct))).expect_err("the file says stepwise");
    assert_eq!(refused.code(), "resume_not_allowed");
    assert!(act(&head, case, back(Some(Resume::Stepwise))).is_ok());
}
