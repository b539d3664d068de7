//! 抄送, 传阅, 催办, 终止: acts beside the flow, and circulation as a step of it.

use super::{barred, begin, carrying, check, play, refused, task};
use crate::{
    command::{Chosen, Command},
    event::Event,
    rejection::Rejection,
};

fn plain() -> String {
    carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit }, can: [approve, circulate, terminate] }
",
    )
}

#[test]
fn readers_outside_the_flow_hold_nobody_up_and_read_after_the_end() {
    let player = check(
        &plain(),
        "林晓",
        "",
        "
        林晓 提交；周明 传阅 方毅,何平 -> 周明@审核, 方毅@传阅, 何平@传阅
        周明 同意 -> 方毅@传阅, 何平@传阅, 办结
        方毅 阅 已知悉 -> 何平@传阅, 办结
        何平 查看；何平 阅 -> 办结
        ",
    );
    assert_eq!(player.case.opinions.len(), 4);
}

#[test]
fn a_circulation_as_a_step_waits_for_its_readers_only_if_the_file_says_so() {
    let flow = |wait: bool| {
        carrying(&format!(
            "  - {{ id: draft, title: 拟稿, by: initiator, pick: {{ readers: {{ title: 传阅对象, people: {{ role: bureau-leaders }} }} }} }}
  - circulate: {{ picked: readers }}
    id: read
    title: 传阅
    wait: {wait}
  - {{ id: last, title: 归档, by: initiator }}
"
        ))
    };
    check(
        &flow(true),
        "林晓",
        "",
        "
        林晓 选 readers=赵立新,冯琪；提交 -> 赵立新@传阅, 冯琪@传阅
        赵立新 阅 -> 冯琪@传阅
        冯琪 阅 -> 林晓@归档
        ",
    );
    let player = check(
        &flow(false),
        "林晓",
        "",
        "林晓 选 readers=赵立新,冯琪；提交 -> 赵立新@传阅, 冯琪@传阅, 林晓@归档",
    );
    assert_eq!(
        player.case.whereabouts(),
        "归档：林晓（文秘科 科员）",
        "readers are not waited for"
    );
    check(&flow(true), "林晓", "", "林晓 提交 -> 林晓@归档");
}

#[test]
fn a_reader_takes_note_and_nothing_else() {
    let mut player = begin(&plain(), "林晓", "");
    play(&mut player, "林晓 提交；周明 传阅 方毅");
    let reading = task(&player, "传阅");
    let back =
        Command::SendBack {
            task: reading, to: "draft".into(), resume: None, opinion: "改".into()
        };
    assert_eq!(barred(&mut player, "方毅", back), Rejection::IsAReader { task: reading });
    let review = task(&player, "审核");
    let read = Command::Read { task: review, opinion: String::new() };
    assert_eq!(barred(&mut player, "周明", read), Rejection::NotAReader { task: review });
}

#[test]
fn a_copy_is_told_and_makes_no_task() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit } }
",
    );
    let player = check(&flow, "林晓", "", "林晓 抄送 方毅、许诺；提交 -> 周明@审核");
    let copied = player.events.iter().find_map(|event| {
        let Event::Copied { to, .. } = event else { return None };
        Some(to.iter().map(crate::directory::Seat::label).collect::<Vec<_>>())
    });
    assert_eq!(copied.expect("a copy"), ["方毅（综合科 科长）", "许诺（文秘科 科员）"]);
}

#[test]
fn who_holds_a_task_is_bound_by_its_step_also_without_naming_it() {
    let mut player = begin(&plain(), "林晓", "");
    play(&mut player, "林晓 提交");
    let to = vec![Chosen { person: super::person(&player, "方毅"), post: None }];
    let copy = Command::Cc { task: None, to: to.clone(), note: String::new() };
    let told = barred(&mut player, "周明", copy.clone());
    assert_eq!(told.detail(), "“审核”环节不允许抄送。本环节可以：“同意”、“传阅”、“终止”。");
    // The clerk has nothing in hand and is involved.
    let clerk = super::actor(&player, "林晓");
    player.ask(clerk, copy.clone()).expect("the initiator may");
    assert_eq!(barred(&mut player, "许诺", copy), Rejection::NotInvolved);
}

#[test]
fn urging_reaches_whoever_has_it_and_only_from_somebody_involved() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit } }
  - { id: silent, title: 密核, by: { user: sun-li }, can: [approve] }
",
    );
    let mut player = begin(&flow, "林晓", "");
    assert!(refused(&mut player, "林晓 催办 快").starts_with("目前没有可以催办的"));
    play(&mut player, "林晓 提交；林晓 催办 请尽快 -> 周明@审核");
    assert!(refused(&mut player, "许诺 催办 快").starts_with("您不是该件的发起人或办理人"));
    assert!(refused(&mut player, "周明 催办 快").starts_with("目前没有可以催办的"), "his own task");
    play(&mut player, "周明 同意 -> 孙丽@密核");
    assert!(
        refused(&mut player, "林晓 催办 快").starts_with("目前没有可以催办的"),
        "not at this step"
    );
}

#[test]
fn a_holder_ends_the_case_where_the_step_allows_it_and_a_flow_administrator_anywhere() {
    check(&plain(), "林晓", "", "林晓 提交；周明 终止 不再办理 -> 终止");
    check(&plain(), "林晓", "", "林晓 提交；何平 终止 重复办件 -> 终止");
    let mut player = begin(&plain(), "林晓", "");
    assert!(refused(&mut player, "林晓 终止 不办了").contains("不允许终止"));
    play(&mut player, "林晓 提交");
    assert!(refused(&mut player, "林晓 终止 不办了").contains("只有流程管理员"));
    assert!(refused(&mut player, "周明 终止").contains("请填写理由"));
}

#[test]
fn an_ended_case_leaves_no_task_to_handle() {
    let player = check(
        &carrying(
            "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: opinion, title: 会签, by: { head_of: unit } }]
",
        ),
        "林晓",
        "countersign_units=财政局,司法局",
        "林晓 提交；赵立新 传阅 罗成林；何平 终止 重复 -> 罗成林@传阅, 终止",
    );
    assert!(player.case.open.is_empty() && player.case.marking.blocks.is_empty());
    assert_eq!(player.case.whereabouts(), "已终止");
}
