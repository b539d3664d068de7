//! Document effects: in order, once where that matters, failed and tried again; the seal stays with its keepers.

use super::{Played, actor, begin, carrying, check, play, refused, task};
use crate::{
    command::{Actor, Answer, Command, Completion, Outcome},
    decide::{Ask, Decision},
    event::Event,
    id::AskId,
    rejection::Rejection,
};

fn approve(player: &mut Played, who: &str, title: &str) -> Decision {
    let completion = Completion {
        task: task(player, title),
        outcome: Outcome::Approved,
        opinion: String::new(),
        changes: Default::default(),
        picks: Default::default(),
        seen: None,
    };
    let actor = actor(player, who);
    player.ask(actor, Command::Complete(completion)).expect("it may be approved")
}

fn answer(player: &mut Played, ask: AskId, answer: Answer) -> Decision {
    player.ask(Actor::System, Command::Answer { ask, answer }).expect("it was asked")
}

fn done() -> Answer {
    Answer::Done { result: "好".into() }
}

fn failed() -> Answer {
    Answer::Failed { reason: "排版服务没有响应".into() }
}

fn asked(decision: &Decision) -> Vec<(AskId, String)> {
    let asks = decision.asks.iter().map(|ask| match ask {
        Ask::Now { id, allot } => (*id, allot.effect.clone()),
        Ask::Later { id, work } => (*id, work.effect.clone()),
    });
    asks.collect()
}

fn issue() -> String {
    carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: issue, title: 编号, by: { registry_of: initiator.unit.organ }, claim: true, do: [number, finalise, red_head] }
  - { id: last, title: 确认, by: initiator, send_back: { to: [issue] } }
",
    )
}

#[test]
fn effects_come_one_after_another_and_the_case_waits_for_each() {
    let mut player = begin(&issue(), "林晓", "");
    play(&mut player, "林晓 提交");
    let first = approve(&mut player, "吴静", "编号");
    let [(number, name)] = &asked(&first)[..] else { panic!("one ask") };
    assert_eq!(name, "number");
    assert_eq!(player.case.whereabouts(), "正在编号…");
    assert_eq!(player.open(), ["无"]);
    let second = answer(&mut player, *number, done());
    let [(print, name)] = &asked(&second)[..] else { panic!("one ask") };
    assert_eq!(name, "red_head");
    assert_eq!(player.case.whereabouts(), "正在套红排版…");
    answer(&mut player, *print, done());
    assert_eq!(player.open(), ["林晓@确认"]);
    let again = player.ask(Actor::System, Command::Answer { ask: *print, answer: done() });
    assert_eq!(again.expect_err("answered before"), Rejection::NoSuchAsk);
}

#[test]
fn what_failed_stalls_and_is_asked_anew_after_the_administrator_lets_it() {
    let mut player = begin(&issue(), "林晓", "");
    play(&mut player, "林晓 提交");
    let first = approve(&mut player, "吴静", "编号");
    let second = answer(&mut player, asked(&first)[0].0, done());
    answer(&mut player, asked(&second)[0].0, failed());
    assert_eq!(player.case.whereabouts(), "停滞于编号：套红排版没有成功：排版服务没有响应");
    assert!(refused(&mut player, "林晓 重试").contains("只有流程管理员"));
    let admin = actor(&player, "何平");
    let retried =
        player.ask(admin, Command::Retry { reason: String::new() }).expect("an administrator may");
    let [(print, name)] = &asked(&retried)[..] else { panic!("one ask, not the number again") };
    assert_eq!(name, "red_head");
    answer(&mut player, *print, done());
    assert_eq!(player.open(), ["林晓@确认"]);
}

#[test]
fn a_case_in_the_middle_of_its_effects_is_not_withdrawn() {
    let mut player = begin(&issue(), "林晓", "");
    play(&mut player, "林晓 提交");
    approve(&mut player, "吴静", "编号");
    assert!(refused(&mut player, "林晓 撤回 再看看").contains("不能再撤回"));
}

#[test]
fn a_job_of_a_case_that_was_ended_is_no_longer_waited_for() {
    let mut player = begin(&issue(), "林晓", "");
    play(&mut player, "林晓 提交");
    let first = approve(&mut player, "吴静", "编号");
    play(&mut player, "何平 终止 重复 -> 终止");
    let late =
        player.ask(Actor::System, Command::Answer { ask: asked(&first)[0].0, answer: done() });
    assert_eq!(late.expect_err("ended"), Rejection::NoSuchAsk);
}

fn side_by_side() -> String {
    carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - parallel:
      - steps: [{ do: [archive] }]
      - steps: [{ do: [archive] }]
  - { id: last, title: 确认, by: initiator }
",
    )
}

#[test]
fn an_effect_done_once_is_not_asked_for_by_two_branches() {
    let mut player = begin(&side_by_side(), "林晓", "");
    let first = approve(&mut player, "林晓", "拟稿");
    assert_eq!(asked(&first).len(), 1);
    answer(&mut player, asked(&first)[0].0, done());
    assert_eq!(player.open(), ["林晓@确认"]);
    let again = |event: &&Event| matches!(event, Event::EffectRecorded { again: true, .. });
    assert_eq!(player.events.iter().filter(again).count(), 1);
}

#[test]
fn if_it_fails_for_one_branch_the_other_asks_for_itself() {
    let mut player = begin(&side_by_side(), "林晓", "");
    let first = approve(&mut player, "林晓", "拟稿");
    let second = answer(&mut player, asked(&first)[0].0, failed());
    assert_eq!(asked(&second).len(), 1, "nothing waits for nothing");
    answer(&mut player, asked(&second)[0].0, done());
    play(&mut player, "何平 重试 -> 林晓@确认");
}

#[test]
fn the_seal_is_applied_by_its_keeper_and_handed_to_no_other() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: stamp, title: 用印, by: { keeper_of: doc.organ }, do: [seal] }
",
    );
    let mut player = begin(&flow, "林晓", "organ=财政局");
    play(&mut player, "林晓 提交 -> 钱浩@用印");
    assert!(refused(&mut player, "钱浩 转办 赵立新 请代盖").contains("“用印”环节不允许转办"));
    play(&mut player, "钱浩 同意 -> 办结");
    check(&flow, "林晓", "organ=文秘科", "林晓 提交 -> 停滞");
}
