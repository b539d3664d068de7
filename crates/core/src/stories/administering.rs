//! 指定办理, 改派: what a flow administrator does for a case that goes nowhere, and what they never get by it.

use super::{
    Played, actor, barred, begin, carrying, person, play, refused, reorganise, shipped, task,
};
use crate::{
    command::{Actor, Chosen, Command},
    event::{Cause, Event},
    notice::notices,
    rejection::Rejection,
    vacancy::Lack,
};

/// A step for a post that nobody has.
fn engineer() -> Played {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: tech, title: 技术审查, by: { post: 总工程师, of: { unit: zhujian } } }
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "title=通知");
    play(&mut player, "林晓 提交 -> 停滞");
    player
}

/// Two signers of one step, after the head.
fn signed_by_two() -> Played {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit, exclude: initiator } }
  - { id: sign, title: 会签, by: [{ user: zhao-lixin }, { user: feng-qi }] }
",
    );
    let mut player = begin(&flow, "林晓", "title=通知");
    play(&mut player, "林晓 提交 -> 周明@审核");
    player
}

fn told(player: &Played, from: usize) -> Vec<String> {
    let name = |seat: &crate::directory::Seat| {
        seat.person.as_ref().map_or_else(|| seat.label(), |who| who.name.clone())
    };
    let all = notices(&player.case, &player.events[from..]);
    all.iter().map(|notice| format!("{} ← {}", name(&notice.to), notice.text)).collect()
}

#[test]
fn a_stall_says_what_is_missing_in_facts() {
    let player = engineer();
    let stall = &player.case.stalls[0];
    let Some(Cause::Nobody { missing }) = &stall.cause else { panic!("{:?}", stall.cause) };
    let [missing] = &missing[..] else { panic!("one way of finding somebody: {missing:?}") };
    assert_eq!(missing.what, Lack::Post);
    assert_eq!(missing.unit.as_ref().map(|unit| unit.name.as_str()), Some("住建局"));
    assert_eq!(missing.name, "总工程师");
    assert_eq!(stall.since, Some(player.now));
}

#[test]
fn somebody_is_named_for_a_step_that_nobody_held() {
    let mut player = engineer();
    let before = player.events.len();
    play(&mut player, "何平 指定 唐瑞 总工程师尚未到任 -> 唐瑞@技术审查");
    assert_eq!(
        player.case.open_tasks().next().map(|task| task.why.as_str()),
        Some("何平（综合科 流程管理员）指定办理：总工程师尚未到任")
    );
    assert_eq!(
        told(&player, before),
        [
            "林晓 ← 《通知》的“技术审查”原来无人办理，现指定唐瑞（司法局 收发岗）办理。",
            "唐瑞 ← 请技术审查：《通知》",
        ]
    );
    assert!(refused(&mut player, "何平 重试").contains("没有停滞"));
    play(&mut player, "唐瑞 同意 -> 林晓@定稿\n林晓 同意 -> 办结");
}

#[test]
fn a_step_come_to_again_asks_the_file_again() {
    let mut player = engineer();
    play(
        &mut player,
        "何平 指定 唐瑞 尚未到任 -> 唐瑞@技术审查
        唐瑞 退回 拟稿 请补图纸 -> 林晓@拟稿
        林晓 提交 -> 停滞",
    );
}

#[test]
fn one_branch_is_helped_and_the_others_go_on() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: opinion, title: 会签, by: { head_of: unit } }]
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "countersign_units=财政局,司法局");
    reorganise(&mut player, |office| {
        office.people.get_mut("feng-qi").expect("a person").disabled = true;
    });
    play(
        &mut player,
        "林晓 提交 -> 赵立新@会签, 停滞
        何平@会签 指定 唐瑞 局长停职 -> 赵立新@会签, 唐瑞@会签
        唐瑞 同意 -> 赵立新@会签
        赵立新 同意 -> 林晓@定稿",
    );
}

#[test]
fn a_task_goes_to_somebody_else_and_everybody_concerned_hears_of_it() {
    let mut player = signed_by_two();
    let before = player.events.len();
    let old = task(&player, "审核");
    play(&mut player, "何平 改派 方毅 周明住院 -> 方毅@审核");
    assert_eq!(
        told(&player, before),
        [
            "林晓 ← 《通知》的“审核”改由方毅（综合科 科长）办理。",
            "周明 ← 《通知》已改派给方毅（综合科 科长），无需您再办理“审核”。",
            "方毅 ← 请审核：《通知》",
        ]
    );
    let late = barred(&mut player, "周明", Command::Open { task: old });
    assert_eq!(
        late.detail(),
        "这件待办不在您手中，由“方毅（综合科 科长）”办理。需要您办理的，请其转办给您。"
    );
    play(&mut player, "方毅 同意 -> 赵立新@会签, 冯琪@会签");
}

#[test]
fn in_a_vote_one_signer_is_replaced_and_nobody_signs_twice() {
    let mut player = signed_by_two();
    play(&mut player, "周明 同意 -> 赵立新@会签, 冯琪@会签");
    assert!(refused(&mut player, "何平@会签 改派 冯琪>赵立新 出差").contains("不能再转给同一个人"));
    play(
        &mut player,
        "何平@会签 改派 冯琪>唐瑞 出差 -> 赵立新@会签, 唐瑞@会签
        赵立新 同意 -> 唐瑞@会签",
    );
    assert!(refused(&mut player, "何平@会签 改派 赵立新 出差").contains("不能再转给同一个人"));
    play(&mut player, "唐瑞 同意 -> 办结");
}

#[test]
fn what_was_offered_to_a_post_and_a_draft_are_given_on_too() {
    let mut player = begin(shipped("outgoing"), "林晓", "title=通知 organ=市政府 body=甲");
    play(
        &mut player,
        "何平 改派 许诺 林晓调离 -> 许诺@拟稿
        许诺 提交 -> 周明@处室审核
        周明 同意 -> 市政府办公室@办公室核稿
        何平 改派 韩卫东 收发岗轮训 -> 韩卫东@办公室核稿
        韩卫东 同意 -> 刘志远@分管领导签发",
    );
}

#[test]
fn readers_copies_are_given_on_even_when_the_case_is_over() {
    let mut player = signed_by_two();
    play(
        &mut player,
        "周明 传阅 方毅 -> 周明@审核, 方毅@传阅
        何平 终止 重复 -> 方毅@传阅, 终止
        何平@传阅 改派 许诺 方毅调离 -> 许诺@传阅, 终止
        许诺 阅 -> 终止",
    );
}

#[test]
fn an_administrator_gets_nothing_to_read_by_it() {
    for (mut player, line) in
        [(engineer(), "何平 指定 何平 我来"), (signed_by_two(), "何平 改派 何平 我来")]
    {
        assert!(refused(&mut player, line).starts_with("不能指定给自己"), "{line}");
    }
}

#[test]
fn only_an_administrator_or_the_system_may_and_a_reason_is_given() {
    let mut player = signed_by_two();
    for line in ["林晓 改派 方毅 急", "周明 改派 方毅 急"] {
        assert!(refused(&mut player, line).contains("只有流程管理员"), "{line}");
    }
    assert!(refused(&mut player, "何平 改派 方毅").contains("请填写理由"));
    let mut stalled = engineer();
    assert!(refused(&mut stalled, "林晓 指定 唐瑞 急").contains("只有流程管理员"));
    assert!(refused(&mut stalled, "何平 指定 唐瑞").contains("请填写理由"));
    let head = task(&player, "审核");
    let to = Chosen { person: person(&player, "方毅"), post: None };
    let reason = "周明离任交接".to_owned();
    let command = Command::Reassign { task: head, to, reason };
    player.ask(Actor::System, command).expect("a consequence of a change of the directory");
    let by_nobody = |event: &Event| matches!(event, Event::Reassigned { by: None, reason, .. } if reason == "周明离任交接");
    assert!(player.events.iter().any(by_nobody));
    assert_eq!(player.open(), ["方毅@审核"]);
}

#[test]
fn separation_of_duty_and_seals_bind_administrators_too() {
    let mut player = signed_by_two();
    let kept_out = refused(&mut player, "何平 改派 林晓 周明住院");
    assert!(kept_out.contains("回避规则"), "{kept_out}");
    let sealed = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: seal, title: 用印, by: { keeper_of: doc.organ }, can: [approve, send_back], do: [seal] }
",
    );
    let mut player = begin(&sealed, "林晓", "title=通知 organ=财政局");
    play(&mut player, "林晓 提交 -> 钱浩@用印");
    assert_eq!(
        refused(&mut player, "何平 改派 唐瑞 钱浩出差"),
        "“用印”要用印，只能由印章保管人办理。请先在印章登记中明确保管人，再重试或改派给保管人。"
    );
    reorganise(&mut player, |office| super::also_holds(office, "luo-cheng", "caizheng-shoufa"));
    let to = Chosen {
        person: person(&player, "罗成林"),
        post: Some(crate::id::PostId::from("caizheng-shoufa")),
    };
    let command =
        Command::Reassign { task: task(&player, "用印"), to, reason: "钱浩出差".into() };
    let admin = actor(&player, "何平");
    player.ask(admin, command).expect("a keeper too");
    assert_eq!(player.open(), ["罗成林@用印"]);
}

#[test]
fn what_waits_for_the_system_is_tried_again_and_not_handed_out() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator, do: [red_head] }
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "title=通知");
    let submit = Command::Complete(super::refusals::completed(task(&player, "拟稿")));
    let clerk = actor(&player, "林晓");
    let asked = player.ask(clerk, submit).expect("submitted").asks;
    let [crate::Ask::Later { id, .. }] = asked[..] else { panic!("one ask: {asked:?}") };
    let answer = crate::command::Answer::Failed { reason: "字体缺失".into() };
    player.ask(Actor::System, Command::Answer { ask: id, answer }).expect("it was asked");
    let stall = player.case.stalls[0].clone();
    assert_eq!(stall.cause, Some(Cause::Effect { effect: "red_head".into() }));
    let to = Chosen { person: person(&player, "唐瑞"), post: None };
    let visit = stall.visit.expect("a step");
    let appoint = Command::Appoint { visit, to, reason: "试试".into() };
    assert_eq!(barred(&mut player, "何平", appoint), Rejection::NotVacant);
    play(&mut player, "何平 重试 已补装字体 -> 林晓@定稿");
    let reason =
        |event: &Event| matches!(event, Event::Retried { reason, .. } if reason == "已补装字体");
    assert!(player.events.iter().any(reason));
}
