//! 退回 out of a block: what the others do meanwhile, how the case returns, and where it may be sent at all.

use super::{begin, carrying, check, play, refused};
use crate::event::{Closed, Event};

fn countersigned(siblings: &str) -> String {
    carrying(&format!(
        "  - {{ id: draft, title: 拟稿, by: initiator, edit: [body, countersign_units] }}
  - {{ id: head, title: 审核, by: {{ head_of: initiator.unit }} }}
  - for_each: {{ unit: doc.countersign_units }}
    id: sign
    title: 会签
    steps:
      - {{ id: opinion, title: 会签, by: {{ registry_of: unit }}, claim: true, send_back: {{ to: [draft, head], siblings: {siblings} }} }}
  - {{ id: last, title: 签发, by: {{ in_charge_of: initiator.unit }}, send_back: {{ to: [previous, draft] }} }}
"
    ))
}

const THREE: &str = "countersign_units=财政局,司法局,教育局";

#[test]
fn two_departments_send_back_at_once_and_the_clerk_has_it_once() {
    check(
        &countersigned("keep"),
        "林晓",
        THREE,
        "
        林晓 提交；周明 同意
        财政局 退回 拟稿 经费 -> 林晓@拟稿, 司法局@会签, 教育局@会签
        司法局 退回 拟稿 依据 -> 林晓@拟稿, 教育局@会签
        林晓 提交 -> 周明@审核, 教育局@会签
        周明 同意 -> 财政局@会签, 司法局@会签, 教育局@会签
        财政局 同意；司法局 同意；教育局 同意 -> 刘志远@签发
        ",
    );
}

#[test]
fn one_returns_directly_and_the_other_step_by_step_from_the_same_desk() {
    check(
        &countersigned("keep"),
        "林晓",
        THREE,
        "
        林晓 提交；周明 同意
        财政局 直退 拟稿 经费 -> 林晓@拟稿, 司法局@会签, 教育局@会签
        司法局 退回 拟稿 依据 -> 林晓@拟稿, 教育局@会签
        林晓 提交 -> 周明@审核, 财政局@会签, 教育局@会签
        周明 同意 -> 财政局@会签, 司法局@会签, 教育局@会签
        ",
    );
}

#[test]
fn a_later_send_back_catches_up_with_the_one_under_way() {
    check(
        &countersigned("keep"),
        "林晓",
        THREE,
        "
        林晓 提交；周明 同意
        财政局 退回 拟稿 经费 -> 林晓@拟稿, 司法局@会签, 教育局@会签
        林晓 提交 -> 周明@审核, 司法局@会签, 教育局@会签
        司法局 退回 审核 请处室再看 -> 周明@审核, 教育局@会签
        周明 同意 -> 财政局@会签, 司法局@会签, 教育局@会签
        ",
    );
}

#[test]
fn a_branch_that_finished_stays_finished_while_another_goes_back() {
    check(
        &countersigned("keep"),
        "林晓",
        "countersign_units=财政局,司法局",
        "
        林晓 提交；周明 同意
        司法局 同意 -> 财政局@会签
        财政局 退回 拟稿 经费 -> 林晓@拟稿
        林晓 提交；周明 同意 -> 财政局@会签
        财政局 同意 -> 刘志远@签发
        ",
    );
}

#[test]
fn siblings_are_cancelled_where_the_file_says_so_and_sign_anew() {
    let player = check(
        &countersigned("cancel"),
        "林晓",
        THREE,
        "
        林晓 提交；周明 同意
        司法局 同意 -> 财政局@会签, 教育局@会签
        财政局 退回 拟稿 经费 -> 林晓@拟稿
        林晓 改 countersign_units=财政局,司法局；提交 -> 周明@审核
        周明 同意 -> 财政局@会签, 司法局@会签
        ",
    );
    let cancelled = player
        .events
        .iter()
        .filter(|event| matches!(event, Event::TaskClosed { because: Closed::Cancelled, .. }));
    assert_eq!(cancelled.count(), 1, "教育局 is told that it is cancelled; 司法局 had signed");
}

#[test]
fn after_the_block_the_leader_may_send_it_to_the_head_but_not_into_the_block() {
    let mut player = begin(&countersigned("keep"), "林晓", "countersign_units=财政局");
    play(&mut player, "林晓 提交；周明 同意；财政局 同意 -> 刘志远@签发");
    let told = refused(&mut player, "刘志远 退回 会签 请再会签");
    assert_eq!(told, "不能退回到“会签”。从本环节可以退回：“审核”、“拟稿”。");
    // Previous is the last before it in its own sequence: 审核, for 会签 lies in the block.
    play(&mut player, "刘志远 退回 请再审 -> 周明@审核");
    play(&mut player, "周明 同意 -> 财政局@会签");
}

#[test]
fn a_step_that_was_passed_by_is_no_place_to_send_back_to() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit, exclude: initiator, when_empty: pass } }
  - { id: check, title: 核稿, by: { user: wu-jing }, send_back: { to: [previous, head] } }
",
    );
    // 周明 is his own head: nobody stood between him and 核稿.
    let mut player = begin(&flow, "周明", "");
    play(&mut player, "周明 提交 -> 吴静@核稿");
    let told = refused(&mut player, "吴静 退回 审核 请再看");
    assert_eq!(told, "不能退回到“审核”。从本环节可以退回：“拟稿”。");
    play(&mut player, "吴静 退回 请再看 -> 周明@拟稿");
}

#[test]
fn a_loop_through_a_person_runs_until_the_person_lets_it_go_on() {
    let flow = "
workflow: rounds
title: 会商
form:
  again: { title: 再议, type: bool }
steps:
  - { id: write, title: 起草, by: initiator, edit: [again] }
  - { id: talk, title: 会商, by: { head_of: initiator.unit }, edit: [again] }
  - choose:
      - when: form.again
        steps: [{ id: once-more, title: 再起草, by: initiator, next: talk }]
      - otherwise: []
  - { id: done, title: 确认, by: initiator }
";
    check(
        flow,
        "林晓",
        "again=是",
        "
        林晓 提交 -> 周明@会商
        周明 同意 -> 林晓@再起草
        林晓 提交 -> 周明@会商
        周明 改 again=否；同意 -> 林晓@确认
        林晓 提交 -> 办结
        ",
    );
}
