//! The tests beside the shipped flows, played in the sample office.

use super::{Stage, test};
use crate::{
    calendar::Calendar,
    compile::{
        compile,
        tests::{shipped::FLOWS, words},
    },
    office_file,
    value::{Facts, Value},
};

const OFFICE: &str = include_str!("../../../../workflows/sample-office.yaml");

#[test]
fn the_tests_of_the_shipped_flows_pass() {
    let directory = office_file::read(OFFICE).expect("the sample office reads");
    let (calendar, vocabulary) = (Calendar::announced(), words());
    let mut trouble = vec![];
    for (name, source) in FLOWS {
        let workflow = compile(source, &vocabulary).expect("shipped flows compile");
        assert!(workflow.tests.len() >= 2, "{name} has tests");
        let stage = Stage {
            workflow: &workflow,
            directory: &directory,
            calendar: &calendar,
            vocabulary: &vocabulary,
        };
        for one in &workflow.tests {
            if let Err(problem) = test(stage, one) {
                trouble.push(format!("{name} · {}\n{problem}", one.name));
            }
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n\n"));
}

const TWO: &str = "\
workflow: two
title: 两步
form:
  note: { title: 说明, type: text }
steps:
  - { id: write, title: 填写, by: initiator, edit: [note] }
  - { id: head, title: 审核, by: { head_of: initiator.unit } }
";

fn played(lines: &[&str]) -> Result<Vec<String>, super::PlayProblem> {
    played_in(TWO, "林晓", &Facts::new(), lines)
}

fn played_in(
    source: &str,
    by: &str,
    given: &Facts,
    lines: &[&str],
) -> Result<Vec<String>, super::PlayProblem> {
    let directory = office_file::read(OFFICE).expect("the sample office reads");
    let (calendar, vocabulary) = (Calendar::announced(), words());
    let workflow = match compile(source, &vocabulary) {
        Ok(workflow) => workflow,
        Err(problems) => {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    };
    let stage = Stage {
        workflow: &workflow,
        directory: &directory,
        calendar: &calendar,
        vocabulary: &vocabulary,
    };
    let lines: Vec<_> = (11..).zip(lines.iter().map(|line| (*line).to_owned())).collect();
    super::play(stage, by, given, &lines)
}

#[test]
fn a_line_that_comes_out_otherwise_says_what_was_open() {
    let problem =
        played(&["林晓 提交 -> 周明@审核", "周明 同意 -> 林晓@填写"]).expect_err("it ends instead");
    assert_eq!((problem.line, problem.open.as_str()), (12, "办结"));
    assert_eq!(problem.message, "应当是 林晓@填写，实际是 办结");
}

#[test]
fn a_refused_act_says_why() {
    let problem = played(&["林晓 提交", "许诺 同意"]).expect_err("it is not his");
    assert_eq!((problem.line, problem.message.as_str()), (12, "许诺没有这样的待办"));
    let problem = played(&["林晓 提交", "周明 退回"]).expect_err("a reason is missing");
    assert!(problem.message.contains("理由"), "{problem}");
    let problem = played(&["林晓 点头"]).expect_err("no such act");
    assert!(problem.message.contains("没有“点头”这个动作"), "{problem}");
}

#[test]
fn lines_without_a_right_side_are_played_and_told() {
    let lines = played(&["林晓 改 说明=请审；提交", "周明 同意"]).expect("it plays");
    assert_eq!(lines, ["林晓 改 说明=请审；提交 -> 周明@审核", "周明 同意 -> 办结"]);
}

fn countersigned(units: &[&str]) -> Facts {
    let units = units.iter().map(|unit| (*unit).to_owned()).collect();
    Facts::from([("countersign_units".to_owned(), Value::List(units))])
}

#[test]
fn blocks_over_units_stand_within_each_other() {
    const NESTED: &str = "\
workflow: nested
title: 两层会签
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, pick: { assistants: { title: 协办, units: true, required: true } } }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: head, title: 牵头, by: { head_of: unit } }
      - for_each: { helper: picked.assistants }
        steps:
          - { id: help, title: 协办, by: { registry_of: helper }, claim: true }
      - { id: sum, title: 汇总, by: { head_of: unit } }
  - { id: last, title: 定稿, by: initiator }
";
    let lines = [
        "林晓 选 assistants=教育局,住建局；提交 -> 赵立新@牵头, 冯琪@牵头",
        "赵立新 同意 -> 教育局@协办, 住建局@协办, 冯琪@牵头",
        "教育局 同意 -> 住建局@协办, 冯琪@牵头",
        "住建局 同意 -> 赵立新@汇总, 冯琪@牵头",
        "冯琪 同意 -> 赵立新@汇总, 教育局@协办, 住建局@协办",
        "赵立新 同意 -> 教育局@协办, 住建局@协办",
        "教育局 同意 -> 住建局@协办",
        "住建局 同意 -> 冯琪@汇总",
        "冯琪 同意 -> 林晓@定稿",
        "林晓 同意 -> 办结",
    ];
    played_in(NESTED, "林晓", &countersigned(&["财政局", "司法局"]), &lines)
        .unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
fn written_branches_and_a_loop_through_a_person() {
    const LOOP: &str = "\
workflow: loop
title: 反复会商
form:
  round: { title: 轮次, type: number }
steps:
  - { id: write, title: 起草, by: initiator, edit: [round] }
  - parallel:
      - title: 经济
        steps: [{ id: money, title: 经济审查, by: { head_of: { unit: caizheng } } }]
      - title: 法律
        steps: [{ id: law, title: 合法性审查, by: { head_of: { unit: sifa } } }]
    join: any
  - choose:
      - when: form.round < 2
        steps: [{ id: again, title: 再议, by: { head_of: initiator.unit }, next: write }]
      - otherwise: []
  - { id: done, title: 确认, by: initiator }
";
    let lines = [
        "林晓 改 轮次=1；提交 -> 赵立新@经济审查, 冯琪@合法性审查",
        "冯琪 同意 -> 周明@再议",
        "周明 同意 -> 林晓@起草",
        "林晓 改 轮次=2；提交 -> 赵立新@经济审查, 冯琪@合法性审查",
        "赵立新 同意 -> 林晓@确认",
        "林晓 同意 -> 办结",
    ];
    played_in(LOOP, "林晓", &Facts::new(), &lines).unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
fn a_post_without_holders_stalls_unless_somebody_else_is_named() {
    let flow = |when_empty: &str| {
        format!(
            "workflow: gap\ntitle: 空缺\nform: {{ x: {{ title: 甲, type: text }} }}\nsteps:\n  - {{ id: a, title: 填写, by: initiator }}\n  - {{ id: b, title: 审核, by: {{ post: 总工程师, of: initiator.unit }}{when_empty} }}\n"
        )
    };
    for (when_empty, line) in [
        ("", "林晓 提交 -> 停滞"),
        (", when_empty: pass", "林晓 提交 -> 办结"),
        (", when_empty: { role: flow-admin }", "林晓 提交 -> 何平@审核"),
    ] {
        played_in(&flow(when_empty), "林晓", &Facts::new(), &[line])
            .unwrap_or_else(|problem| panic!("{problem}"));
    }
}
