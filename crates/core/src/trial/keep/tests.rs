//! Trials written down as tests and played as what they were written as.

use super::*;
use crate::{
    calendar::Calendar,
    compile::{compile, tests::words as vocabulary},
    directory::Directory,
    office_file,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

const FLOW: &str = "workflow: two
title: 两步
form:
  note: { title: 说明, type: text, required: true }
  units: { title: 会签单位, type: units }
steps:
  - { id: write, title: 填写, by: initiator, edit: [note, units] }
  - for_each: { unit: form.units }
    steps: [{ id: sign, title: 会签, by: { head_of: unit } }]
  - { id: head, title: 审核, by: { head_of: initiator.unit }, send_back: { to: [write], resume: ask } }
";

fn office() -> Directory {
    let sample = include_str!("../../../../../workflows/sample-office.yaml");
    office_file::read(sample).expect("the sample office")
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_413_200, 0).expect("a time")
}

fn act(who: &str, command: Command) -> TrialAct {
    let by = Chosen { person: PersonId::from(who), post: None };
    TrialAct { by, at: start(), command }
}

fn complete(who: &str, task: u32, opinion: &str, changes: Facts) -> TrialAct {
    let (task, outcome, picks) = (TaskId(task), Outcome::Approved, BTreeMap::new());
    let opinion = opinion.to_owned();
    act(who, Command::Complete(Completion { task, outcome, opinion, changes, picks, seen: None }))
}

fn trial(acts: Vec<TrialAct>) -> Trial {
    let text = Value::Text("一段: 话\n两行 # 不是注释".into());
    let units = Value::List(vec!["caizheng".into(), "sifa".into()]);
    let fields = Facts::from([("note".to_owned(), text), ("units".to_owned(), units)]);
    let by = Chosen { person: PersonId::from("lin-xiao"), post: None };
    Trial { by, at: start(), fields, acts }
}

/// The file with the trial as a test, and how that test plays.
fn kept(source: &str, name: &str, trial: &Trial) -> Result<(String, Vec<String>), String> {
    let (directory, calendar, vocabulary) = (office(), Calendar::announced(), vocabulary());
    let workflow = compile(source, &vocabulary).expect("a sound flow");
    let stage = Stage {
        workflow: &workflow,
        directory: &directory,
        calendar: &calendar,
        vocabulary: &vocabulary,
    };
    let written = transcript(stage, trial)?.write_into(source, name)?;
    let again = compile(&written, &vocabulary).unwrap_or_else(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{written}\n{}", told.join("\n"))
    });
    assert_eq!(again.tests.len(), workflow.tests.len() + 1);
    let test = again.tests.last().expect("the test");
    assert_eq!(test.name, name);
    let stage = Stage { workflow: &again, ..stage };
    let played = play::test(stage, test).unwrap_or_else(|trouble| panic!("{written}\n{trouble}"));
    Ok((written, played))
}

#[test]
fn what_was_tried_is_written_as_lines_that_pass_when_they_are_played() {
    let caizheng = office().units[&UnitId::from("caizheng")].head.clone().expect("a head");
    let head = office().posts[&caizheng].holders[0].clone();
    let sifa = office().units[&UnitId::from("sifa")].head.clone().expect("a head");
    let other = office().posts[&sifa].holders[0].clone();
    let send_back = Command::SendBack {
        task: TaskId(4),
        to: StepId::from("write"),
        resume: Some(Resume::Direct),
        opinion: "请补充；依据 -> 附件".into(),
    };
    let changed = Facts::from([("note".to_owned(), Value::Text("补 充".into()))]);
    let trial = trial(vec![
        complete("lin-xiao", 1, "", Facts::new()),
        complete(head.as_str(), 2, "同意 会签", Facts::new()),
        complete(other.as_str(), 3, "", Facts::new()),
        act("zhou-ming", send_back),
        complete("lin-xiao", 5, "", changed),
        complete("zhou-ming", 6, "", Facts::new()),
    ]);
    let (written, played) = kept(FLOW, "试走：会签", &trial).expect("it can be said");
    assert_eq!(
        played,
        [
            "林晓 提交 -> 赵立新@会签, 冯琪@会签",
            "赵立新 同意 同意 会签 -> 冯琪@会签",
            "冯琪 同意 -> 周明@审核",
            "周明 直退 填写 请补充，依据 → 附件 -> 林晓@填写",
            "林晓 改 note=补充；提交 -> 周明@审核",
            "周明 同意 -> 办结",
        ]
    );
    assert!(written.starts_with(FLOW), "what was there is as it was");
    // It goes behind the tests that are there, before what follows them.
    let one = self::trial(vec![complete("lin-xiao", 1, "", Facts::new())]);
    let commented = written.replace("tests:\n", "tests: # 试\n");
    let (twice, _) = kept(&commented, "只提交", &one).expect("a second one");
    assert!(twice.ends_with("-> 赵立新@会签, 冯琪@会签\n"), "{twice}");
    // Wherever in the file the tests stand.
    let front = format!("{}{FLOW}", written[FLOW.len()..].trim_start());
    let (moved, _) = kept(&front, "只提交", &one).expect("in front");
    assert!(moved.ends_with(FLOW) && moved.starts_with("tests:\n"), "{moved}");
}

#[test]
fn what_cannot_be_said_or_was_refused_is_told() {
    let said = |acts| kept(FLOW, "甲", &trial(acts)).expect_err("it is refused");
    assert!(said(vec![]).contains("还没有走任何一步"));
    let link = Command::Link { other: crate::id::CaseId(uuid::Uuid::nil()) };
    assert!(said(vec![act("lin-xiao", link)]).contains("关联"));
    let refused = said(vec![complete("zhou-ming", 1, "", Facts::new())]);
    assert!(refused.starts_with("第1步写不成测试"), "{refused}");
    let inline = format!("{FLOW}tests: [{{ name: 甲, by: 林晓, play: [\"林晓 提交 ->\"] }}]\n");
    let one = trial(vec![complete("lin-xiao", 1, "", Facts::new())]);
    assert!(kept(&inline, "乙", &one).expect_err("no room").contains("写成了一行"));
}
