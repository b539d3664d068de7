//! The core alone, in a program of one's own: a flow, an office, three decisions. No database, no clock, no async.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]
use anyhow::{Context as _, Result, anyhow};
use wenshu_core::command::{Actor, Command, Completion, Outcome};
use wenshu_core::value::{Facts, Value};
use wenshu_core::{Case, Context, Vocabulary, calendar::Calendar, compile, decide, office_file};

const FLOW: &str = "
workflow: supplies
title: 办公用品领用
form: { item: { title: 物品, type: text, required: true } }
steps:
  - { id: ask, title: 填写, by: initiator, edit: [item], can: [approve] }
  - { id: head, title: 审批, by: { head_of: initiator.unit }, can: [approve, refuse] }
";
const OFFICE: &str = include_str!("../../../workflows/sample-office.yaml");

fn main() -> Result<()> {
    let (vocabulary, calendar) = (&Vocabulary::default(), &Calendar::announced());
    let workflow = &compile(FLOW, vocabulary).map_err(|problems| anyhow!("{}", problems[0]))?;
    let directory = &office_file::read(OFFICE).map_err(|problems| anyhow!("{}", problems[0]))?;
    let item = Facts::from([("item".to_owned(), Value::Text("打印纸".to_owned()))]);
    let mut case = Case::new(wenshu_core::id::CaseId(uuid::Uuid::from_u128(1)));
    for (name, said) in [("林晓", "发起"), ("林晓", "请审批"), ("周明", "同意")] {
        let who = directory.people.values().find(|who| who.name == name).context(name)?;
        let actor = &Actor::Person(directory.main_seat(&who.id).context("no post")?);
        let command = case.open_tasks().next().map(|task| {
            let changes = if task.step.as_str() == "ask" { item.clone() } else { Facts::new() };
            let (task, outcome, opinion) = (task.id, Outcome::Approved, said.to_owned());
            let (picks, seen) = Default::default();
            Command::Complete(Completion { task, outcome, opinion, changes, picks, seen })
        });
        let command = command.unwrap_or(Command::Start { title: "领用打印纸".to_owned() });
        let (facts, now, document) = (&Facts::new(), Default::default(), None);
        let cx = Context { workflow, directory, calendar, vocabulary, facts, actor, now, document };
        case = decide(&cx, case, command).map_err(|refused| anyhow!(refused.detail()))?.case;
        println!("{name} {said} -> {}", case.whereabouts());
    }
    Ok(())
}
