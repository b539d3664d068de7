//! What a holder may fill in: rights, required fields, types, names that exist, and the version that was seen.

use super::{actor, barred, begin, carrying, check, play, refused, shipped, task};
use crate::{
    command::{Command, Completion, Outcome},
    rejection::Rejection,
    value::{Facts, Value},
};

fn filled(task: crate::id::TaskId, name: &str, value: Value) -> Command {
    Command::Complete(Completion {
        task,
        outcome: Outcome::Approved,
        opinion: String::new(),
        changes: Facts::from([(name.to_owned(), value)]),
        picks: Default::default(),
        seen: None,
    })
}

#[test]
fn a_form_is_handed_on_when_what_it_requires_is_there() {
    let mut player = begin(shipped("leave"), "林晓", "");
    assert_eq!(refused(&mut player, "林晓 提交"), "请先填写“类别”、“起始日期”、“天数”，再提交。");
    assert_eq!(
        refused(&mut player, "林晓 改 类别=年假 天数=2；提交"),
        "请先填写“起始日期”，再提交。"
    );
    play(&mut player, "林晓 改 kind=年假 days=2 from=2026-03-09；提交 -> 周明@科室审批");
    // The head may read it, not change it.
    assert_eq!(
        refused(&mut player, "周明 改 days=5；同意"),
        "“科室审批”环节不能修改“天数”。需要修改的，请退回拟稿人或有权修改的环节。"
    );
}

#[test]
fn what_is_filled_in_is_of_its_type() {
    let mut player = begin(shipped("leave"), "林晓", "");
    let apply = task(&player, "填写请假单");
    for (name, value, told) in [
        (
            "kind",
            Value::Text("探亲假".into()),
            "“类别”应当是下列之一：年假、病假、事假、婚假、产假、丧假。请更正后再提交。",
        ),
        (
            "from",
            Value::Text("三月".into()),
            "“起始日期”应当是日期，如2026-07-01。请更正后再提交。",
        ),
        ("days", Value::Text("2".into()), "“天数”应当是数字。请更正后再提交。"),
        ("days", Value::Number(f64::NAN), "“天数”应当是数字。请更正后再提交。"),
        ("reason", Value::Bool(true), "“事由”应当是文字。请更正后再提交。"),
        ("salary", Value::Number(1.0), "没有名为“salary”的字段。请刷新页面后再试。"),
    ] {
        assert_eq!(barred(&mut player, "林晓", filled(apply, name, value)).detail(), told);
    }
}

#[test]
fn units_and_people_in_a_field_exist() {
    let mut player = begin(
        "
workflow: w
title: 抽调
form:
  from: { title: 抽调单位, type: units }
  who: { title: 人员, type: person }
steps:
  - { id: a, title: 填写, by: initiator, edit: [from, who] }
  - { id: b, title: 确认, by: { field: form.who } }
",
        "林晓",
        "",
    );
    let write = task(&player, "填写");
    let units = Value::List(vec!["sifa".into(), "shuiwu".into()]);
    assert_eq!(
        barred(&mut player, "林晓", filled(write, "from", units)),
        Rejection::NoSuchUnit { unit: "shuiwu".into() }
    );
    assert_eq!(
        barred(&mut player, "林晓", filled(write, "who", Value::Text("nobody".into()))),
        Rejection::NoSuchPerson { person: "nobody".into() }
    );
    play(&mut player, "林晓 改 who=许诺 from=司法局；提交 -> 许诺@确认");
}

#[test]
fn an_opinion_on_a_text_that_changed_meanwhile_is_refused() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator, edit: [body] }
  - { id: sign, title: 会签, by: { role: bureau-leaders }, edit: [body] }
",
    );
    let mut player = begin(&flow, "林晓", "");
    play(&mut player, "林晓 改 body=一；提交");
    let last = task(&player, "会签");
    play(&mut player, "赵立新 改 body=二；同意");
    let seen = |version| {
        Command::Complete(Completion {
            task: last,
            outcome: Outcome::Approved,
            opinion: String::new(),
            changes: Facts::new(),
            picks: Default::default(),
            seen: Some(version),
        })
    };
    assert_eq!(
        barred(&mut player, "沈筠", seen(2)),
        Rejection::DocumentChanged { seen: 2, now: 3 }
    );
    let signer = actor(&player, "沈筠");
    player.ask(signer, seen(3)).expect("the newest text");
}

#[test]
fn a_refusal_and_a_send_back_give_their_reason() {
    let mut player = begin(shipped("leave"), "林晓", "kind=年假 days=2 from=2026-03-09");
    play(&mut player, "林晓 提交 -> 周明@科室审批");
    for line in ["周明 不同意", "周明 退回"] {
        assert_eq!(refused(&mut player, line), "请填写意见：退回或不同意必须说明理由。");
    }
    let long = "长".repeat(2001);
    assert_eq!(
        refused(&mut player, &format!("周明 同意 {long}")),
        "意见超过2000个字，请精简后再提交。"
    );
    check(
        shipped("leave"),
        "林晓",
        "kind=年假 days=2 from=2026-03-09",
        &format!(
            "林晓 提交；周明 同意 {} -> 吴静@考勤备案, 郑洁@考勤备案, 办结",
            "好".repeat(2000)
        ),
    );
}
