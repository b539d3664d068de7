//! Blocks: the first branch that finishes, no units at all, the lead and the assistants.

use super::{begin, carrying, check, play, reorganise};
use crate::{
    event::{Closed, Event, Left, TaskState},
    id::UnitId,
};

const ANY: &str = "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    join: any
    steps:
      - { id: opinion, title: 会签, by: { head_of: unit } }
  - { id: last, title: 定稿, by: initiator }
";

#[test]
fn the_first_branch_closes_the_others_and_they_never_count_as_approved() {
    let player = check(
        &carrying(ANY),
        "林晓",
        "countersign_units=财政局,司法局",
        "
        林晓 提交 -> 赵立新@会签, 冯琪@会签
        冯琪 同意 -> 林晓@定稿
        ",
    );
    let closed: Vec<_> = player
        .events
        .iter()
        .filter_map(|event| {
            let Event::TaskClosed { because, .. } = event else { return None };
            Some(*because)
        })
        .collect();
    assert_eq!(closed, [Closed::ByAnother]);
    let theirs =
        player.case.tasks.values().find(|task| task.why.contains("财政局")).expect("a task");
    assert_eq!(theirs.state, TaskState::Closed);
    assert!(player.case.opinion_on(theirs.id).is_none());
    let left = player.case.visits.values().filter(|visit| visit.left == Some(Left::Cancelled));
    assert_eq!(left.count(), 1);
}

#[test]
fn an_empty_list_of_units_passes_through_and_is_recorded() {
    let player = check(&carrying(ANY), "林晓", "", "林晓 提交 -> 林晓@定稿");
    let passed = |event: &Event| matches!(event, Event::StepPassed { reason, .. } if reason == "没有涉及的单位");
    assert!(player.events.iter().any(passed));
}

#[test]
fn a_unit_named_twice_signs_once() {
    check(
        &carrying(ANY),
        "林晓",
        "countersign_units=财政局,财政局,司法局",
        "林晓 提交 -> 赵立新@会签, 冯琪@会签",
    );
}

#[test]
fn a_unit_that_vanished_stalls_until_it_is_mended() {
    let mut player = begin(&carrying(ANY), "林晓", "countersign_units=财政局,司法局");
    let sifa = player.stage.directory.units.get("sifa").expect("a unit").clone();
    reorganise(&mut player, |office| {
        office.units.remove("sifa");
    });
    play(&mut player, "林晓 提交 -> 停滞");
    assert_eq!(player.case.whereabouts(), "停滞于分别办理：单位“sifa”不在组织机构中");
    reorganise(&mut player, |office| {
        office.units.insert(UnitId::from("sifa"), sifa);
    });
    play(&mut player, "何平 重试 -> 赵立新@会签, 冯琪@会签");
}

#[test]
fn only_the_lead_takes_the_lead_s_way() {
    let flow = carrying(
        "  - { id: ask, title: 拟办, by: initiator, pick: { handlers: { title: 承办单位, units: true, lead: true, required: true } } }
  - for_each: { unit: picked.handlers }
    lead: picked.handlers
    steps:
      - { id: work, title: 承办, by: { registry_of: unit }, claim: true }
      - choose:
          - when: lead
            steps: [{ id: sum, title: 汇总, by: { head_of: unit } }]
          - otherwise: []
",
    );
    check(
        &flow,
        "林晓",
        "",
        "
        林晓 选 handlers=教育局,住建局*；提交 -> 教育局@承办, 住建局@承办
        教育局 同意 -> 住建局@承办
        住建局 同意 -> 沈筠@汇总
        沈筠 同意 -> 办结
        ",
    );
}

#[test]
fn many_units_that_all_pass_by_do_not_weigh_on_each_other() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: none, title: 会签, by: { post: 总工程师, of: unit }, when_empty: pass }
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "");
    let mut units = vec![];
    reorganise(&mut player, |office| {
        let model = office.units["sifa"].clone();
        for index in 0..2_000 {
            let id = UnitId(format!("unit-{index}"));
            units.push(id.0.clone());
            office.units.insert(id.clone(), crate::directory::Unit { id, ..model.clone() });
        }
    });
    player.facts.insert("countersign_units".into(), crate::value::Value::List(units));
    play(&mut player, "林晓 提交 -> 林晓@定稿");
}

#[test]
fn a_branch_that_stalled_is_forgotten_once_another_has_finished() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - parallel:
      - steps: [{ id: here, title: 审核, by: { head_of: initiator.unit } }]
      - steps:
          - for_each: { unit: doc.countersign_units }
            steps: [{ id: opinion, title: 会签, by: { head_of: unit } }]
    join: any
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "countersign_units=司法局");
    reorganise(&mut player, |office| {
        office.units.remove("sifa");
    });
    play(&mut player, "林晓 提交 -> 周明@审核, 停滞\n周明 同意 -> 林晓@定稿");
    assert_eq!(player.case.whereabouts(), "定稿：林晓（文秘科 科员）");
}
