//! Who gets it: heads and leaders, exclusions, the same who did it before, choices, and people who are gone.

use super::{begin, carrying, check, play, refused, reorganise};

fn then(by: &str) -> String {
    carrying(&format!(
        "  - {{ id: draft, title: 拟稿, by: initiator, edit: [countersign_units] }}
  - {{ id: next, title: 办理, by: {by} }}
"
    ))
}

#[test]
fn selectors_find_whom_the_office_means() {
    for (by, line) in [
        ("{ head_of: initiator.unit }", "丁雪 提交 -> 彭菲@办理"),
        ("{ head_of: initiator.unit, level: 2 }", "丁雪 提交 -> 赵立新@办理"),
        ("{ in_charge_of: initiator.unit }", "丁雪 提交 -> 罗成林@办理"),
        ("{ in_charge_of: initiator.unit.organ }", "丁雪 提交 -> 刘志远@办理"),
        // One topic has a leader of its own; of the others the unit's leader is in charge.
        ("{ in_charge_of: initiator.unit.organ, topic: 专项债券 }", "丁雪 提交 -> 高岚@办理"),
        ("{ in_charge_of: initiator.unit.organ, topic: 政府采购 }", "丁雪 提交 -> 刘志远@办理"),
        ("{ registry_of: initiator.unit.organ }", "丁雪 提交 -> 钱浩@办理"),
        ("{ keeper_of: initiator.unit.organ }", "丁雪 提交 -> 钱浩@办理"),
        ("{ post: 副局长, of: initiator.unit.parent }", "丁雪 提交 -> 罗成林@办理"),
        ("{ user: zhou-ming }", "丁雪 提交 -> 周明@办理"),
        ("[{ user: zhou-ming }, { role: flow-admin }]", "丁雪 提交 -> 周明@办理, 何平@办理"),
        ("{ did: draft }", "丁雪 提交 -> 丁雪@办理"),
    ] {
        check(&then(by), "丁雪", "", line);
    }
}

#[test]
fn what_the_form_says_decides_which_leader_is_in_charge() {
    let flow = "workflow: bonds
title: 事项报批
form:
  matter: { title: 事项类别, type: choice, options: [专项债券, 政府采购] }
steps:
  - { id: fill, title: 填写, by: initiator, edit: [matter] }
  - { id: sign, title: 审批, by: { in_charge_of: initiator.unit.organ, topic: form.matter } }
";
    for (given, line) in [
        ("matter=专项债券", "丁雪 提交 -> 高岚@审批"),
        ("matter=政府采购", "丁雪 提交 -> 刘志远@审批"),
        ("", "丁雪 提交 -> 刘志远@审批"),
    ] {
        check(flow, "丁雪", given, line);
    }
}

#[test]
fn the_initiator_is_kept_out_of_their_own_review() {
    check(
        &then("{ head_of: initiator.unit, exclude: initiator }"),
        "周明",
        "",
        "周明 提交 -> 停滞",
    );
    check(
        &then(
            "{ head_of: initiator.unit, exclude: initiator, when_empty: { head_of: initiator.unit, level: 2 } }",
        ),
        "周明",
        "",
        "周明 提交 -> 韩卫东@办理",
    );
    check(
        &then("{ head_of: initiator.unit, exclude: initiator, when_empty: pass }"),
        "周明",
        "",
        "周明 提交 -> 办结",
    );
    // Kept out also where the post is open to two.
    check(
        &then("{ registry_of: initiator.unit, exclude: initiator }"),
        "吴静",
        "",
        "吴静 提交 -> 郑洁@办理",
    );
}

#[test]
fn who_did_it_in_this_branch_does_it_again_here() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: work, title: 承办, by: { head_of: unit } }
      - { id: report, title: 反馈, by: { did: work } }
  - { id: thanks, title: 汇总, by: { did: work } }
",
    );
    check(
        &flow,
        "林晓",
        "countersign_units=财政局,司法局",
        "
        林晓 提交；赵立新 转办 罗成林 请办
        冯琪 同意 -> 冯琪@反馈, 罗成林@承办
        罗成林 同意 -> 冯琪@反馈, 罗成林@反馈
        冯琪 同意；罗成林 同意 -> 罗成林@汇总, 冯琪@汇总
        ",
    );
}

#[test]
fn a_choice_is_required_and_kept_within_its_set() {
    let flow = carrying(
        "  - id: ask
    title: 拟办
    by: initiator
    pick:
      leader: { title: 审定人, people: { role: bureau-leaders }, required: true }
      helpers: { title: 协助人员, people: any }
  - { id: decide, title: 审定, by: { picked: leader }, pick: { helpers: { title: 协助人员, people: any } }, send_back: { to: [ask] } }
  - { id: help, title: 协助, by: { picked: helpers }, when_empty: pass }
",
    );
    let mut player = begin(&flow, "林晓", "");
    assert_eq!(refused(&mut player, "林晓 提交"), "请选择“审定人”，下一环节据此分办。");
    assert_eq!(
        refused(&mut player, "林晓 选 leader=周明；提交"),
        "周明（文秘科 科长）不在流程规定的可选范围内，请从列出的人员中选择。"
    );
    play(&mut player, "林晓 选 leader=冯琪 helpers=许诺；提交 -> 冯琪@审定");
    // 冯琪 leaves the optional choice alone: what the clerk chose stands.
    play(&mut player, "冯琪 同意 -> 许诺@协助");
}

#[test]
fn a_person_who_left_does_not_get_what_was_meant_for_them() {
    let flow = carrying(
        "  - { id: ask, title: 拟办, by: initiator, pick: { helper: { title: 协助人员, people: any, required: true } } }
  - { id: head, title: 审核, by: { head_of: initiator.unit }, send_back: { to: [ask] } }
  - { id: help, title: 协助, by: { picked: helper } }
",
    );
    let mut player = begin(&flow, "林晓", "");
    play(&mut player, "林晓 选 helper=许诺；提交 -> 周明@审核");
    reorganise(&mut player, |office| {
        office.people.get_mut("xu-nuo").expect("a person").disabled = true;
    });
    assert!(refused(&mut player, "周明 转办 许诺 请办").contains("已停用"));
    play(&mut player, "周明 同意 -> 停滞");
    // Back from leave.
    reorganise(&mut player, |office| {
        office.people.get_mut("xu-nuo").expect("a person").disabled = false;
    });
    play(&mut player, "何平 重试 -> 许诺@协助");
}

#[test]
fn a_unit_that_is_no_longer_in_use_stalls_by_name_until_it_is_again() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator, edit: [countersign_units] }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: sign, title: 会签, by: { head_of: unit } }
",
    );
    let mut player = begin(&flow, "林晓", "countersign_units=财政局,司法局");
    reorganise(&mut player, |office| {
        office.units.get_mut("sifa").expect("a unit").disabled = true;
    });
    play(&mut player, "林晓 提交 -> 赵立新@会签, 停滞");
    let stalled = player.case.stalls.iter().map(|stall| stall.reason.clone()).collect::<String>();
    assert!(stalled.contains("“司法局”已停用"), "{stalled}");
    reorganise(&mut player, |office| {
        office.units.get_mut("sifa").expect("a unit").disabled = false;
    });
    play(&mut player, "何平 重试 -> 赵立新@会签, 冯琪@会签");
}

#[test]
fn a_draft_sent_back_to_somebody_who_left_stalls_instead_of_waiting_for_nobody() {
    let mut player = begin(
        &carrying(
            "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit } }
",
        ),
        "许诺",
        "",
    );
    play(&mut player, "许诺 提交 -> 周明@审核");
    reorganise(&mut player, |office| {
        office.people.get_mut("xu-nuo").expect("a person").disabled = true;
    });
    play(&mut player, "周明 退回 请改 -> 停滞");
}

#[test]
fn a_chosen_person_who_moved_gets_it_in_the_post_they_hold_now() {
    let flow = carrying(
        "  - { id: ask, title: 拟办, by: initiator, pick: { helper: { title: 协助人员, people: any, required: true } } }
  - { id: head, title: 审核, by: { head_of: initiator.unit } }
  - { id: help, title: 协助, by: { picked: helper } }
",
    );
    let mut player = begin(&flow, "林晓", "");
    play(&mut player, "林晓 选 helper=许诺；提交");
    reorganise(&mut player, |office| {
        office
            .posts
            .get_mut("wenmi-keyuan")
            .expect("a post")
            .holders
            .retain(|it| it.as_str() != "xu-nuo");
        super::also_holds(office, "xu-nuo", "liucheng-guanli");
        office.people.get_mut("xu-nuo").expect("a person").main_post =
            Some("liucheng-guanli".into());
    });
    play(&mut player, "周明 同意 -> 许诺@协助");
    assert_eq!(player.case.whereabouts(), "协助：许诺（综合科 流程管理员）");
}
