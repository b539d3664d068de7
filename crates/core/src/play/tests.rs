//! The tests beside the shipped flows, played in the sample office.

use super::{Stage, test};
use crate::{
    calendar::Calendar,
    compile::{
        compile,
        tests::{shipped::FLOWS, words},
    },
    office_file,
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
    let directory = office_file::read(OFFICE).expect("the sample office reads");
    let (calendar, vocabulary) = (Calendar::announced(), words());
    let workflow = compile(TWO, &vocabulary).expect("a flow of two steps compiles");
    let stage = Stage {
        workflow: &workflow,
        directory: &directory,
        calendar: &calendar,
        vocabulary: &vocabulary,
    };
    let lines: Vec<_> = (11..).zip(lines.iter().map(|line| (*line).to_owned())).collect();
    super::play(stage, "林晓", &crate::value::Facts::new(), &lines)
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
