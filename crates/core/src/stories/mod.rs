//! Stories: transcripts by theme, in the language of flow tests. Left of `->` is played, right is checked. Each file
//! is one theme that an official could read; what the language cannot say is asked of the case afterwards.

mod across_blocks;
mod administering;
mod blocks;
mod choosing_people;
mod copies;
mod effects;
mod filling_in;
mod further_back;
mod hand_over;
mod main_job;
mod notices;
mod refusals;
mod sending_back;
mod stalls;
mod terms;
mod text_changed;
mod the_way_ahead;
mod votes;
mod withdrawing;

use crate::{
    Case,
    calendar::Calendar,
    command::{Actor, Command},
    compile::{
        compile,
        tests::{shipped::FLOWS, words},
    },
    directory::{Directory, Seat},
    event::{TaskKind, TaskState},
    id::{PersonId, PostId, TaskId},
    office_file,
    play::{Player, Stage},
    rejection::Rejection,
    value::{Facts, Field, FieldType, Value},
    workflow::{Carrier, Workflow},
};

type Played = Player<'static>;

/// The source of a shipped flow.
fn shipped(name: &str) -> &'static str {
    FLOWS.iter().find(|(known, _)| *known == name).expect("a shipped flow").1
}

/// A small flow that carries a document.
fn carrying(steps: &str) -> String {
    format!("workflow: story\ntitle: 故事\ncarries: document\nsteps:\n{steps}")
}

fn office() -> Directory {
    office_file::read(include_str!("../../../../workflows/sample-office.yaml"))
        .expect("the sample office reads")
}

/// Plays a whole story: who starts, what the document says, and the lines.
fn check(source: &str, by: &str, given: &str, lines: &str) -> Played {
    let mut player = begin(source, by, given);
    play(&mut player, lines);
    player
}

/// Starts a case; `given` fills fields as `名=值 名=值,值`.
fn begin(source: &str, by: &str, given: &str) -> Played {
    let vocabulary = words();
    let workflow = compile(source, &vocabulary).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let facts = facts(&workflow, given);
    // Whoever plays keeps the stage; a test's process ends soon.
    let stage = Stage {
        workflow: Box::leak(Box::new(workflow)),
        directory: Box::leak(Box::new(office())),
        calendar: Box::leak(Box::new(Calendar::announced())),
        vocabulary: Box::leak(Box::new(vocabulary)),
    };
    let mut player = Player::new(stage);
    player.start(by, &facts).unwrap_or_else(|refused| panic!("{by} 发起：{refused}"));
    player
}

fn facts(workflow: &Workflow, given: &str) -> Facts {
    let vocabulary = words();
    let fields: &[Field] = match &workflow.carries {
        Carrier::Document => &vocabulary.fields,
        Carrier::Form(fields) => fields,
    };
    let value = |word: &str| {
        let (name, value) = word.split_once('=').expect("a field and its value");
        let field = fields.iter().find(|field| field.name == name).expect("a field of the flow");
        let value = match field.kind {
            FieldType::Number => Value::Number(value.parse().expect("a number")),
            FieldType::Bool => Value::Bool(value == "是"),
            FieldType::Texts | FieldType::Units | FieldType::People => {
                Value::List(value.split(',').map(str::to_owned).collect())
            }
            FieldType::Text
            | FieldType::LongText
            | FieldType::Date
            | FieldType::Choice
            | FieldType::Unit
            | FieldType::Person => Value::Text(value.to_owned()),
        };
        (name.to_owned(), value)
    };
    given.split_whitespace().map(value).collect()
}

/// Plays lines; the first that is refused or comes out otherwise fails the story.
fn play(player: &mut Played, lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Err(message) = player.line(line) {
            panic!("“{line}”：{message}\n当时：{}", player.open().join(", "));
        }
        sound(player, line);
    }
}

/// What holds after every line: the events alone make the case, and a running case waits for somebody or something.
fn sound(player: &Played, line: &str) {
    let case = &player.case;
    assert_eq!(
        Case::replay(case.id, &player.events),
        *case,
        "{line}: replaying gives the live case"
    );
    let waits = case.open.values().all(|visit| {
        let effects = case.visits[visit].effects.first();
        let task = |task| case.tasks[task].state == TaskState::Open;
        case.visits[visit].tasks.iter().any(task)
            || case.stalls.iter().any(|stall| stall.visit == Some(*visit))
            || case.asks.values().any(|ask| ask.visit == *visit || effects == Some(&ask.effect))
    });
    assert!(waits, "{line}: an open step waits for nothing");
    let idle = case.open_tasks().filter(|task| task.kind == TaskKind::Handle).any(|task| {
        let visit = task.visit.and_then(|visit| case.visits.get(&visit));
        visit.is_none_or(|visit| visit.left.is_some())
    });
    assert!(!idle, "{line}: a task of a step that is over");
    if case.ended.is_some() {
        let left = (case.open.len(), case.marking.blocks.len(), case.asks.len(), case.stalls.len());
        assert_eq!(left, (0, 0, 0, 0), "{line}: nothing is left of an ended case");
    }
}

/// Plays a line that has to be refused; what the person is told.
fn refused(player: &mut Played, line: &str) -> String {
    match player.line(line) {
        Ok(played) => panic!("“{line}” was to be refused: {played}"),
        Err(told) => told,
    }
}

fn person(player: &Played, name: &str) -> PersonId {
    let mut people = player.stage.directory.people.values();
    people.find(|person| person.name == name).expect("a person of the office").id.clone()
}

/// Somebody in their main post.
fn seat(player: &Played, name: &str) -> Seat {
    player.stage.directory.main_seat(&person(player, name)).expect("a person with a post")
}

fn actor(player: &Played, name: &str) -> Actor {
    Actor::Person(seat(player, name))
}

/// Acts with a command as it comes from outside; the refusal.
fn barred(player: &mut Played, name: &str, command: Command) -> Rejection {
    let actor = actor(player, name);
    match player.ask(actor, command) {
        Ok(_) => panic!("{name} was to be refused"),
        Err(refused) => refused,
    }
}

/// The newest task at a step, open or not.
fn task(player: &Played, title: &str) -> TaskId {
    let mut at = player.case.tasks.values().filter(|task| task.title == title);
    at.next_back().expect("a task at the step").id
}

/// The directory changes while the case is under way.
fn reorganise(player: &mut Played, change: impl FnOnce(&mut Directory)) {
    let mut directory = player.stage.directory.clone();
    change(&mut directory);
    player.stage.directory = Box::leak(Box::new(directory));
}

/// Somebody holds a post besides their own.
fn also_holds(directory: &mut Directory, person: &str, post: &str) {
    let post = directory.posts.get_mut(&PostId::from(post)).expect("a post of the office");
    post.holders.push(PersonId::from(person));
}
