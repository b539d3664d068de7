//! Who hears what, over the main job and on its side roads.

use super::{Played, begin, carrying, play, shipped};
use crate::notice::notices;

/// Plays a line and says what it tells to whom.
fn heard(player: &mut Played, line: &str) -> Vec<String> {
    let before = player.events.len();
    play(player, line);
    let told = notices(&player.case, &player.events[before..]);
    let who = |seat: &crate::directory::Seat| {
        seat.person.as_ref().map_or_else(|| seat.label(), |who| who.name.clone())
    };
    told.into_iter().map(|notice| format!("{} ← {}", who(&notice.to), notice.text)).collect()
}

fn hears(player: &mut Played, line: &str, wanted: &[&str]) {
    assert_eq!(heard(player, line), wanted, "{line}");
}

#[test]
fn over_the_main_job_each_hears_what_concerns_them() {
    let mut player = begin(
        shipped("outgoing"),
        "林晓",
        "title=防汛通知 organ=市政府 body=甲 countersign_units=财政局,司法局",
    );
    let told = notices(&player.case, &player.events);
    assert!(told.is_empty(), "what the clerk starts for himself is no news to him");
    let job = &mut player;
    hears(job, "林晓 提交", &["周明 ← 请审核：《防汛通知》"]);
    hears(
        job,
        "周明 同意",
        &["财政局 收发岗 ← 请会签：《防汛通知》", "司法局 收发岗 ← 请会签：《防汛通知》"],
    );
    hears(job, "司法局 同意", &[]);
    hears(
        job,
        "财政局 退回 拟稿 经费来源请写明",
        &["林晓 ← 请拟稿：《防汛通知》由钱浩（财政局 收发岗）退回"],
    );
    hears(
        job,
        "林晓 改 body=乙；提交",
        &[
            "唐瑞 ← 您签署意见后《防汛通知》的文稿有修改，可以查看改动并重新签署。",
            "周明 ← 请审核：《防汛通知》",
        ],
    );
    hears(job, "林晓 催办 请尽快", &["周明 ← 林晓（文秘科 科员）催办《防汛通知》：请尽快"]);
    hears(job, "周明 同意", &["财政局 收发岗 ← 请会签：《防汛通知》"]);
    hears(job, "财政局 同意", &["市政府办公室 收发岗 ← 请核稿：《防汛通知》"]);
    hears(job, "吴静 认领", &[]);
    hears(job, "吴静 转办 郑洁 请核", &["郑洁 ← 请核稿：《防汛通知》"]);
    hears(job, "郑洁 同意", &["刘志远 ← 请签发：《防汛通知》"]);
    hears(job, "刘志远 同意", &["市政府办公室 收发岗 ← 请复核并编号：《防汛通知》"]);
    hears(job, "郑洁 同意", &["孙丽 ← 请核对后用印：《防汛通知》"]);
    hears(job, "孙丽 同意", &["林晓 ← 《防汛通知》已办结。"]);
}

#[test]
fn a_second_send_back_to_the_same_desk_is_told_too() {
    let mut player = begin(
        shipped("outgoing"),
        "林晓",
        "title=通知 organ=市政府 body=甲 countersign_units=财政局,司法局",
    );
    play(&mut player, "林晓 提交；周明 同意；财政局 退回 拟稿 经费");
    hears(
        &mut player,
        "司法局 退回 拟稿 依据",
        &["林晓 ← 请拟稿：《通知》又由唐瑞（司法局 收发岗）退回，请一并办理"],
    );
}

#[test]
fn who_withdraws_or_ends_it_is_not_told_what_they_did() {
    let mut player = begin(shipped("outgoing"), "林晓", "title=通知 organ=市政府 body=甲");
    play(&mut player, "林晓 提交");
    hears(
        &mut player,
        "林晓 撤回 漏了附件",
        &["周明 ← 《通知》发起人已撤回，无需您再办理“处室审核”。"],
    );
    hears(&mut player, "林晓 终止 不发了", &[]);
    let mut player = begin(shipped("outgoing"), "林晓", "title=通知 organ=市政府 body=甲");
    play(&mut player, "林晓 提交");
    hears(
        &mut player,
        "何平 终止 重复",
        &["周明 ← 《通知》已终止，无需您再办理“处室审核”。", "林晓 ← 《通知》已终止。"],
    );
}

#[test]
fn the_others_of_a_vote_hear_that_it_went_back_or_was_refused() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: sign, title: 会签, by: [{ user: zhao-lixin }, { user: feng-qi }], can: [approve, refuse, send_back] }
",
    );
    let mut player = begin(&flow, "林晓", "title=通知");
    play(&mut player, "林晓 提交");
    hears(
        &mut player,
        "赵立新 退回 请改",
        &[
            "冯琪 ← 《通知》已退回，无需您再办理“会签”。",
            "林晓 ← 请拟稿：《通知》由赵立新（财政局 局长）退回",
        ],
    );
    play(&mut player, "林晓 提交");
    hears(&mut player, "赵立新 不同意 不宜", &["林晓 ← 《通知》未获同意，已终结。"]);
}

#[test]
fn copies_and_circulation_reach_their_readers() {
    let mut player = begin(shipped("incoming"), "吴静", "title=来文");
    play(&mut player, "吴静 提交");
    hears(&mut player, "韩卫东 抄送 高岚", &["高岚 ← 韩卫东（市政府办公室 秘书长）抄送《来文》"]);
    hears(&mut player, "韩卫东 传阅 方毅", &["方毅 ← 请阅：《来文》"]);
}
