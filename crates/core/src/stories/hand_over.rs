//! 认领, 归还, 转办, 查看: a task offered to a post goes from hand to hand.

use super::{also_holds, barred, begin, carrying, check, play, refused, reorganise, seat, task};
use crate::{
    command::{Actor, Command, Completion, Outcome},
    event::Event,
    id::PostId,
    rejection::Rejection,
};

fn registry() -> String {
    carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: check, title: 核稿, by: { registry_of: initiator.unit.organ }, claim: true }
",
    )
}

#[test]
fn a_task_offered_to_a_post_is_taken_by_one_and_given_back() {
    check(
        &registry(),
        "林晓",
        "",
        "
        林晓 提交 -> 市政府办公室@核稿
        吴静 认领 -> 吴静@核稿
        吴静 归还 -> 市政府办公室@核稿
        郑洁 同意 -> 办结
        ",
    );
}

#[test]
fn who_comes_late_is_told_who_has_it() {
    let mut player = begin(&registry(), "林晓", "");
    play(&mut player, "林晓 提交；吴静 认领");
    let check = task(&player, "核稿");
    let told = barred(&mut player, "郑洁", Command::Claim { task: check });
    assert_eq!(
        told.detail(),
        "该件已由吴静（市政府办公室 收发岗）认领。需要您办理的，请其归还或转办。"
    );
    let told = barred(&mut player, "孙丽", Command::Claim { task: check });
    assert!(matches!(told, Rejection::NotYourTask { .. }), "a stranger to the post: {told}");
}

#[test]
fn what_was_handed_to_one_person_cannot_be_given_back_to_the_post() {
    let mut player = begin(&registry(), "林晓", "");
    play(&mut player, "林晓 提交；吴静 转办 孙丽 请代核 -> 孙丽@核稿");
    let told = refused(&mut player, "孙丽 归还");
    assert_eq!(told, "该件没有被认领，不必归还。");
    play(&mut player, "孙丽 同意 -> 办结");
}

#[test]
fn a_colleague_in_the_same_post_does_not_learn_who_did_what_was_never_offered_to_them() {
    let mut player = begin(&registry(), "林晓", "");
    let draft = task(&player, "拟稿");
    play(&mut player, "林晓 提交；吴静 认领；吴静 同意 -> 办结");
    let told = barred(&mut player, "许诺", Command::Claim { task: draft });
    assert!(matches!(told, Rejection::NotYourTask { .. }), "{told}");
    // The registry's task was offered to both of its holders.
    let check = task(&player, "核稿");
    let told = barred(&mut player, "郑洁", Command::Claim { task: check });
    assert!(told.detail().starts_with("该待办已由吴静"), "{told}");
}

#[test]
fn a_task_that_was_taken_away_is_not_said_to_have_been_done_by_a_colleague() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: sign, title: 会签, by: [{ user: zhao-lixin }, { user: feng-qi }] }
",
    );
    let mut player = begin(&flow, "林晓", "");
    play(&mut player, "林晓 提交；赵立新 同意 -> 冯琪@会签");
    let sign = task(&player, "会签");
    play(&mut player, "何平 终止 重复 -> 终止");
    let told = barred(&mut player, "冯琪", Command::Claim { task: sign });
    assert_eq!(told.detail(), "该待办已关闭，您的操作没有生效。请查看最新情况。");
}

#[test]
fn looking_is_recorded_once() {
    let player = check(
        &registry(),
        "林晓",
        "",
        "
        林晓 提交；吴静 查看 -> 市政府办公室@核稿
        郑洁 查看 -> 市政府办公室@核稿
        ",
    );
    let seen = player.events.iter().filter(|event| matches!(event, Event::TaskSeen { .. }));
    assert_eq!(seen.count(), 1);
}

#[test]
fn a_person_with_two_posts_acts_in_the_one_that_was_asked() {
    let mut player = begin(&registry(), "林晓", "");
    reorganise(&mut player, |office| also_holds(office, "fang-yi", "shi-shoufa"));
    play(&mut player, "林晓 提交");
    let check = task(&player, "核稿");
    // 方毅 sits in his main post of 综合科, and takes up what is offered to the registry.
    let approve = Command::Complete(Completion {
        task: check,
        outcome: Outcome::Approved,
        opinion: String::new(),
        changes: Default::default(),
        picks: Default::default(),
        seen: None,
    });
    let section = Actor::Person(seat(&player, "方毅"));
    let done = player.ask(section, approve).expect("he holds the post");
    let given = done.case.opinion_on(check).expect("an opinion").by.label();
    assert_eq!(given, "方毅（市政府办公室 收发岗）");
}

#[test]
fn who_left_the_post_has_no_more_claim_on_what_it_is_offered() {
    let mut player = begin(&registry(), "林晓", "");
    play(&mut player, "林晓 提交");
    let check = task(&player, "核稿");
    let before = Actor::Person(seat(&player, "郑洁"));
    reorganise(&mut player, |office| {
        let post = office.posts.get_mut(&PostId::from("shi-shoufa")).expect("the registry");
        post.holders.retain(|holder| holder.as_str() != "zheng-jie");
    });
    let told = player.ask(before, Command::Claim { task: check }).expect_err("no longer there");
    assert_eq!(told, Rejection::NotOffered { task: check });
}
