//! (a) The core alone: how many commands it decides and applies in a second, on one thread.

use crate::{
    Plan, Section,
    report::{Goal, Report},
    stage::{FLOWS, OFFICE},
};
use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use wenshu_core::{
    Case, Context, Vocabulary, Workflow,
    calendar::Calendar,
    command::{Actor, Command, Completion, Outcome},
    compile, decide,
    directory::Directory,
    event::TaskKind,
    id::{CaseId, DocumentId, PersonId},
    office_file,
    value::{Facts, Value},
};

pub(crate) fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    let [outgoing, leave] = FLOWS;
    let form = [("kind", text("年假")), ("from", text("2026-03-09")), ("days", Value::Number(2.0))];
    let form = form.map(|(name, value)| (name.to_owned(), value)).into();
    let leave = Play::new(leave, form, &["lin-xiao", "zhou-ming", "wu-jing", "zheng-jie"])?;
    let units = |units: &[&str]| Value::List(units.iter().map(|unit| (*unit).to_owned()).collect());
    let document = [
        ("title", text("云州市人民政府关于做好汛期安全工作的通知")),
        ("kind", text("通知")),
        ("direction", text("下行")),
        ("urgency", text("加急")),
        ("organ", text("shi")),
        ("body", text("各部门要落实值守。")),
        ("recipients", units(&["jiaoyu", "zhujian"])),
        ("countersign_units", units(&["caizheng", "sifa"])),
    ];
    let document = document.map(|(name, value)| (name.to_owned(), value)).into();
    let signers = ["lin-xiao", "zhou-ming", "qian-hao", "tang-rui", "wu-jing", "liu-zhiyuan"];
    let outgoing = Play::new(outgoing, document, &signers)?;
    for (play, what, goal) in [
        (leave, "decisions on leave.yaml, one thread", Goal::AtLeast(1_000_000.0)),
        (outgoing, "decisions on outgoing.yaml, one thread", Goal::None),
    ] {
        let (mut decided, start) = (0, Instant::now());
        let lasts = Duration::from_secs_f64(plan.scale.seconds());
        let mut events = 0;
        while start.elapsed() < lasts {
            for _ in 0..16 {
                events += play.once()?;
                decided += play.said.len();
            }
        }
        let rate = decided as f64 / start.elapsed().as_secs_f64();
        let note = format!(
            "{} commands a case, {:.1} events each",
            play.said.len(),
            events as f64 / decided as f64
        );
        report.add((Section::Decisions, ""), what, (rate, "/s"), goal, note);
    }
    Ok(())
}

fn text(said: &str) -> Value {
    Value::Text(said.to_owned())
}

/// A flow with everything that deciding on it looks at, and the commands of one case.
struct Play {
    workflow: Workflow,
    directory: Directory,
    calendar: Calendar,
    vocabulary: Vocabulary,
    facts: Facts,
    document: Option<DocumentId>,
    now: DateTime<Utc>,
    said: Vec<(Actor, Command)>,
}

impl Play {
    /// Finds the commands by playing: each person does the task that is open to them.
    fn new(source: &str, given: Facts, people: &[&str]) -> Result<Self> {
        let vocabulary = wenshu_document::vocabulary();
        let workflow = compile(source, &vocabulary).map_err(|problems| anyhow!("{problems:?}"))?;
        let directory = office_file::read(OFFICE).map_err(|problems| anyhow!("{problems:?}"))?;
        let carries = matches!(workflow.carries, wenshu_core::workflow::Carrier::Document);
        let (facts, form) = if carries { (given, Facts::new()) } else { (Facts::new(), given) };
        let document = carries.then(|| DocumentId(uuid::Uuid::nil()));
        let now = DateTime::from_timestamp(1_772_413_200, 0).unwrap_or_default();
        let calendar = Calendar::announced();
        let mut play =
            Self { workflow, directory, calendar, vocabulary, facts, document, now, said: vec![] };
        let seat = |directory: &Directory, id: &str| {
            let seat = directory.main_seat(&PersonId::from(id));
            seat.map(Actor::Person).ok_or_else(|| anyhow!("nobody is {id}"))
        };
        let first = seat(&play.directory, people[0])?;
        let mut case = play
            .step(
                Case::new(CaseId(uuid::Uuid::nil())),
                &first,
                Command::Start { title: "测速".into() },
            )?
            .0;
        play.said.push((first, Command::Start { title: "测速".into() }));
        for (at, id) in people.iter().enumerate() {
            let actor = seat(&play.directory, id)?;
            let sits = actor.seat().ok_or_else(|| anyhow!("a seat"))?;
            let mine = |task: &&wenshu_core::event::Task| match &task.holder {
                Some(holder) => holder.admits(sits),
                None => task.offered.iter().any(|offered| offered.admits(sits)),
            };
            let task = case.open_tasks().find(mine).ok_or_else(|| anyhow!("{id} has no task"))?;
            let command = match task.kind {
                TaskKind::Read => Command::Read { task: task.id, opinion: String::new() },
                TaskKind::Handle => Command::Complete(Completion {
                    task: task.id,
                    outcome: Outcome::Approved,
                    opinion: "同意。".into(),
                    changes: if at == 0 { form.clone() } else { Facts::new() },
                    picks: BTreeMap::new(),
                    seen: None,
                }),
            };
            case = play.step(case, &actor, command.clone())?.0;
            play.said.push((actor, command));
        }
        Ok(play)
    }

    fn step(&self, case: Case, actor: &Actor, command: Command) -> Result<(Case, usize)> {
        let cx = Context {
            workflow: &self.workflow,
            directory: &self.directory,
            calendar: &self.calendar,
            vocabulary: &self.vocabulary,
            facts: &self.facts,
            actor,
            now: self.now,
            document: self.document,
        };
        let decision = decide(&cx, case, command).map_err(|refused| anyhow!("{refused:?}"))?;
        Ok((decision.case, decision.events.len()))
    }

    /// One case from its start; gives how many events it made.
    fn once(&self) -> Result<usize> {
        let (mut case, mut events) = (Case::new(CaseId(uuid::Uuid::nil())), 0);
        for (actor, command) in &self.said {
            let (next, made) = self.step(case, actor, command.clone())?;
            (case, events) = (next, events + made);
        }
        Ok(events)
    }
}
