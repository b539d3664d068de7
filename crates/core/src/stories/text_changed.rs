//! The text changes after somebody signed: who is told, who may sign again, and until when.

use super::{begin, carrying, check, play, refused};
use crate::id::TaskId;

fn flow(on_change: &str) -> String {
    carrying(&format!(
        "  - {{ id: draft, title: 拟稿, by: initiator, edit: [body] }}
  - for_each: {{ unit: doc.countersign_units }}
    steps:
      - {{ id: opinion, title: 会签, by: {{ head_of: unit }}, send_back: {{ to: [draft] }}, on_change: {on_change} }}
  - {{ id: last, title: 定稿, by: initiator }}
"
    ))
}

const CHANGED: &str = "
    林晓 提交 -> 赵立新@会签, 冯琪@会签, 曹敏@会签
    赵立新 同意 -> 冯琪@会签, 曹敏@会签
    冯琪 直退 拟稿 请改 -> 林晓@拟稿, 曹敏@会签
    林晓 改 body=改后；提交 -> 冯琪@会签, 曹敏@会签
";
const UNITS: &str = "body=初稿 countersign_units=财政局,司法局,教育局";

fn outdated(player: &super::Played) -> Vec<u32> {
    player.case.outdated.iter().map(|TaskId(task)| *task).collect()
}

#[test]
fn a_finished_branch_is_reopened_while_its_block_is_open() {
    let mut player = begin(&flow("ask"), "林晓", UNITS);
    play(&mut player, CHANGED);
    assert_eq!(outdated(&player).len(), 1, "only who had signed is told");
    play(
        &mut player,
        "
        赵立新 重签 -> 赵立新@会签, 冯琪@会签, 曹敏@会签
        冯琪 同意；曹敏 同意 -> 赵立新@会签
        赵立新 同意 已看改动 -> 林晓@定稿
        ",
    );
    assert_eq!(player.case.opinions.len(), 7, "both opinions stand in the record");
}

#[test]
fn the_old_mark_does_not_let_anybody_sign_a_third_time() {
    let mut player = begin(&flow("ask"), "林晓", UNITS);
    play(&mut player, CHANGED);
    let first = player.case.outdated.first().copied().expect("told");
    play(&mut player, "赵立新 重签；赵立新 同意 -> 冯琪@会签, 曹敏@会签");
    assert!(outdated(&player).is_empty(), "what was told is settled");
    let told =
        super::barred(&mut player, "赵立新", crate::command::Command::Reopen { task: first });
    assert!(told.detail().contains("没有改动"), "{told}");
}

#[test]
fn once_the_block_has_gone_on_it_is_too_late() {
    let mut player = begin(&flow("ask"), "林晓", UNITS);
    play(&mut player, CHANGED);
    play(&mut player, "冯琪 同意；曹敏 同意 -> 林晓@定稿");
    let told = refused(&mut player, "赵立新 重签");
    assert!(told.contains("已进入后续环节"), "{told}");
}

#[test]
fn where_the_file_keeps_opinions_nobody_is_asked_again() {
    let mut player = begin(&flow("keep"), "林晓", UNITS);
    play(&mut player, CHANGED);
    assert!(outdated(&player).is_empty());
    let told = refused(&mut player, "赵立新 重签");
    assert_eq!(told, "您签署之后文稿没有改动，原意见仍然有效，无需重新签署。");
}

#[test]
fn in_a_vote_still_open_the_signer_signs_again_without_a_new_round() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: sign, title: 会签, by: { role: bureau-leaders }, edit: [body] }
  - { id: last, title: 定稿, by: initiator }
",
    );
    check(
        &flow,
        "林晓",
        "body=初稿",
        "
        林晓 提交；赵立新 同意 -> 冯琪@会签, 曹敏@会签, 沈筠@会签
        冯琪 改 body=改后；同意 -> 曹敏@会签, 沈筠@会签
        赵立新 重签 -> 赵立新@会签, 曹敏@会签, 沈筠@会签
        曹敏 同意；沈筠 同意 -> 赵立新@会签
        赵立新 同意 -> 林晓@定稿
        ",
    );
}
