//! What is foreseen: who would come next, in which branch, around detours and choices.

use super::{Played, actor, begin, carrying, play, shipped};
use crate::forecast::forecast;

/// `环节：谁` for each step foreseen; a branch stands before it, `？` where it is not decided, `空缺` where nobody is.
fn ahead(player: &Played) -> Vec<String> {
    let anybody = actor(player, "林晓");
    let steps = forecast(&player.context(&anybody), &player.case);
    let say = |step: crate::forecast::Foreseen| {
        let who: Vec<_> = step
            .who
            .iter()
            .map(|seat| seat.person.as_ref().map_or(seat.unit_name.clone(), |who| who.name.clone()))
            .collect();
        let who = match (who.is_empty(), step.vacant) {
            (false, _) => who.join("、"),
            (true, true) => "空缺".into(),
            (true, false) => "？".into(),
        };
        let branch = step.branch.map_or(String::new(), |branch| format!("{branch}·"));
        format!("{branch}{}：{who}", step.title)
    };
    steps.into_iter().map(say).collect()
}

const GIVEN: &str = "title=通知 organ=市政府 body=甲 countersign_units=财政局,司法局";

#[test]
fn the_whole_way_is_foreseen_from_the_draft() {
    let mut player = begin(shipped("outgoing"), "林晓", GIVEN);
    let rest = [
        "办公室核稿：市政府办公室",
        "分管领导签发：刘志远",
        "复核编号：市政府办公室",
        "用印：孙丽",
    ];
    let mut whole = vec!["处室审核：周明", "财政局·会签：财政局", "司法局·会签：司法局"];
    whole.extend(rest);
    assert_eq!(ahead(&player), whole);
    play(&mut player, "林晓 提交；周明 同意；司法局 同意 -> 财政局@会签");
    assert_eq!(ahead(&player), rest);
}

#[test]
fn a_case_that_returns_directly_is_not_expected_at_the_head_again() {
    let mut player = begin(shipped("outgoing"), "林晓", GIVEN);
    play(&mut player, "林晓 提交；周明 同意；财政局 直退 拟稿 请改 -> 林晓@拟稿, 司法局@会签");
    let steps = ahead(&player);
    assert_eq!(steps[0], "财政局·会签：财政局");
    assert!(!steps.iter().any(|step| step.starts_with("处室审核")), "{steps:?}");
    assert_eq!(steps.iter().filter(|step| step.ends_with("会签：司法局")).count(), 0, "{steps:?}");
}

#[test]
fn a_case_that_returns_step_by_step_comes_to_its_own_branch_only() {
    let mut player = begin(shipped("outgoing"), "林晓", GIVEN);
    play(&mut player, "林晓 提交；周明 同意；财政局 退回 拟稿 请改；司法局 同意 -> 林晓@拟稿");
    assert_eq!(
        ahead(&player),
        [
            "处室审核：周明",
            "财政局·会签：财政局",
            "办公室核稿：市政府办公室",
            "分管领导签发：刘志远",
            "复核编号：市政府办公室",
            "用印：孙丽"
        ]
    );
}

#[test]
fn choices_follow_the_fields_of_today_and_steps_passed_by_are_left_out() {
    let player = begin(shipped("outgoing"), "周明", "title=通知 organ=文秘科 body=甲 urgency=特急");
    assert_eq!(
        ahead(&player),
        // 文秘科 has a head and no seal.
        ["办公室核稿：市政府办公室", "主要领导签发：周明", "复核编号：市政府办公室", "用印：空缺"]
    );
    let player = begin(shipped("incoming"), "吴静", "title=通知 kind=通知");
    assert_eq!(ahead(&player), ["拟办：韩卫东", "分管领导批示：刘志远", "办结归档：吴静"]);
}

#[test]
fn a_stalled_block_is_still_to_come() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: opinion, title: 会签, by: { head_of: unit } }]
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "countersign_units=财政局,司法局");
    super::reorganise(&mut player, |office| {
        office.units.remove("sifa");
    });
    play(&mut player, "林晓 提交 -> 停滞");
    assert_eq!(ahead(&player), ["财政局·会签：赵立新", "定稿：林晓"]);
}
