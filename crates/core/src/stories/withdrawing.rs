//! 撤回: back to the initiator as long as nobody has looked or acted, and never over what others did.

use super::{begin, carrying, check, play, refused, reorganise};
use crate::event::{Closed, Event, Left};

fn line() -> String {
    carrying(
        "  - { id: draft, title: 拟稿, by: initiator, edit: [countersign_units] }
  - { id: head, title: 审核, by: { head_of: initiator.unit } }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: opinion, title: 会签, by: { head_of: unit }, send_back: { to: [draft] } }
  - { id: last, title: 签发, by: { in_charge_of: initiator.unit }, send_back: { to: [draft] } }
",
    )
}

#[test]
fn before_anybody_looked_it_comes_back() {
    let player = check(
        &line(),
        "林晓",
        "",
        "
        林晓 提交 -> 周明@审核
        林晓 撤回 附件漏了 -> 林晓@拟稿
        林晓 提交 -> 周明@审核
        ",
    );
    let withdrawn =
        |event: &Event| matches!(event, Event::TaskClosed { because: Closed::Withdrawn, .. });
    assert!(player.events.iter().any(withdrawn));
    assert!(player.case.visits.values().any(|visit| visit.left == Some(Left::Withdrawn)));
}

#[test]
fn once_it_was_looked_at_it_is_too_late() {
    let mut player = begin(&line(), "林晓", "");
    play(&mut player, "林晓 提交；周明 查看");
    assert_eq!(
        refused(&mut player, "林晓 撤回 附件漏了"),
        "周明（文秘科 科长）已经打开或办理，不能再撤回。请与其联系，由其退回。"
    );
}

#[test]
fn what_others_signed_is_not_undone() {
    let mut player = begin(&line(), "林晓", "countersign_units=财政局,司法局");
    play(
        &mut player,
        "
        林晓 提交；周明 同意；赵立新 同意
        冯琪 直退 拟稿 依据请列明 -> 林晓@拟稿
        林晓 提交 -> 冯琪@会签
        ",
    );
    // Nobody has looked since; but 财政局 has signed in the block that a withdrawal would take away.
    let told = refused(&mut player, "林晓 撤回 再改一处");
    assert!(told.starts_with("赵立新（财政局 局长）已经打开或办理"), "{told}");
}

#[test]
fn who_acted_between_two_acts_of_the_initiator_is_not_undone() {
    // 刘志远 drafts for the office and is its leader in charge as well.
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: check, title: 核稿, by: { registry_of: initiator.unit }, claim: true }
  - { id: sign, title: 签发, by: { user: liu-zhiyuan } }
  - { id: last, title: 复核, by: { user: han-weidong } }
",
    );
    let mut player = begin(&flow, "刘志远", "");
    play(&mut player, "刘志远 提交\n吴静 同意\n刘志远 同意 -> 韩卫东@复核");
    let told = refused(&mut player, "刘志远 撤回 再改");
    assert!(told.starts_with("吴静（市政府办公室 收发岗）已经打开或办理"), "{told}");
}

#[test]
fn it_does_not_come_back_to_a_step_that_lies_ahead() {
    let flow = carrying(
        "  - { id: head, title: 审核, by: { head_of: initiator.unit } }
  - { id: sign, title: 签发, by: { in_charge_of: initiator.unit } }
  - { id: close, title: 办结, by: initiator, do: [archive] }
",
    );
    let mut player = begin(&flow, "林晓", "");
    play(&mut player, "周明 查看 -> 周明@审核");
    let told = refused(&mut player, "林晓 撤回 想直接办结");
    assert!(told.contains("还没有送出过"), "{told}");
}

#[test]
fn a_stalled_case_can_be_taken_back_and_mended_by_its_initiator() {
    let mut player = begin(&line(), "周明", "countersign_units=财政局,司法局");
    reorganise(&mut player, |office| {
        office.units.remove("sifa");
        office.posts.get_mut("wenmi-kezhang").expect("a post").holders.clear();
        let post = crate::id::PostId::from("wenmi-keyuan");
        office.posts.get_mut(&post).expect("a post").holders.push("zhou-ming".into());
    });
    // Nobody is head any more.
    play(&mut player, "周明 提交 -> 停滞");
    play(&mut player, "周明 撤回 改由他处 -> 周明@拟稿");
}

#[test]
fn a_block_that_could_not_open_leaves_no_mark_when_the_case_is_taken_back() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator, edit: [countersign_units] }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: opinion, title: 会签, by: { head_of: unit } }]
",
    );
    let mut player = begin(&flow, "林晓", "countersign_units=财政局,司法局");
    reorganise(&mut player, |office| {
        office.units.remove("sifa");
    });
    play(
        &mut player,
        "
        林晓 提交 -> 停滞
        林晓 撤回 换单位 -> 林晓@拟稿
        林晓 改 countersign_units=财政局；提交 -> 赵立新@会签
        ",
    );
}
