//! Flows looked through against an office with gaps in it.

use super::*;
use crate::{
    compile::{
        compile,
        tests::{shipped::FLOWS, words as vocabulary},
    },
    id::PostId,
    office_file,
};

fn office() -> Directory {
    office_file::read(include_str!("../../../../workflows/sample-office.yaml")).expect("an office")
}

fn numbered(directory: &Directory) -> Numbering {
    directory.units.keys().map(|unit| (unit.clone(), Numbered::Everything)).collect()
}

fn told(source: &str, directory: &Directory) -> Vec<Warning> {
    let workflow = compile(source, &vocabulary()).expect("a sound flow");
    survey(&workflow, source, directory, &numbered(directory))
}

const SIGNED: &str = "workflow: w
title: 流程
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, edit: [title] }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: sign, title: 会签, by: { registry_of: unit } }]
  - { id: lead, title: 签发, by: { in_charge_of: initiator.unit } }
  - { id: tech, title: 审查, by: { post: 总工程师, of: { unit: zhujian } }, when_empty: { role: flow-admin } }
  - { id: gone, title: 送审, by: { role: city-leaders }, when_empty: pass }
";

#[test]
fn organs_without_a_registry_are_named_at_the_place_that_asks_for_it() {
    let mut directory = office();
    directory.units.get_mut("jiaoyu").expect("a unit").registry = None;
    directory.people.get_mut("tang-rui").expect("a person").disabled = true;
    let warnings = told(SIGNED, &directory);
    let sign = &warnings[0];
    assert_eq!((sign.step.as_str(), sign.what), ("sign", Lack::Registry));
    assert_eq!(
        sign.problem.message,
        "“会签”可能无人办理，办件会停滞：教育局没有设收发岗；司法局的收发岗（收发岗）空缺：没有在岗人员"
    );
    assert_eq!((sign.problem.line, sign.problem.column), (7, 40));
    let names: Vec<_> = sign.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(names, ["教育局", "司法局"]);
}

#[test]
fn posts_roles_and_leaders_that_nobody_holds_are_told_with_what_becomes_of_the_case() {
    let warnings = told(SIGNED, &office());
    let told: Vec<_> = warnings.iter().map(|one| one.problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "“签发”可能无人办理，办件会停滞：市政府没有设分管领导",
            "“审查”可能无人办理，将按 when_empty 改由他人办理：住建局没有“总工程师”岗位",
            "“送审”可能无人办理，将跳过：没有在岗人员具有角色“市领导”",
        ]
    );
}

#[test]
fn in_a_full_office_only_the_mayor_has_no_leader_above() {
    let mut directory = office();
    let post = PostId::from("shizhang");
    directory.units.get_mut("shi").expect("the organ").in_charge = Some(post);
    for (name, source) in FLOWS {
        let warnings = told(source, &directory);
        assert!(warnings.is_empty(), "{name}: {warnings:#?}");
    }
}

#[test]
fn a_head_who_would_have_to_stand_aside_is_named_where_the_case_would_stall() {
    const FLOW: &str = "workflow: w
title: 流程
form: { what: { title: 事项, type: text } }
steps:
  - { id: write, title: 填写, by: initiator }
  - { id: head, title: 科长审核, by: { head_of: initiator.unit, exclude: initiator } }
  - { id: again, title: 复核, by: { head_of: { unit: caizheng }, exclude: { did: head } }, when_empty: pass }
";
    let directory = office();
    let head = directory.units[&UnitId::from("wenmi")].head.clone().expect("a head");
    let warnings = told(FLOW, &directory);
    let [one] = &warnings[..] else { panic!("{warnings:#?}") };
    assert_eq!((one.step.as_str(), one.what), ("head", Lack::Excluded));
    assert!(one.problem.message.contains("周明本人发起时须回避，没有别人可办"), "{}", one.problem);
    assert!(one.units.iter().any(|unit| unit.id.as_str() == "wenmi"), "{:?}", one.units);

    // With somebody beside them there is always one left; with `when_empty` the writer has said what then.
    let mut helped = directory.clone();
    let post = helped.posts.get_mut(&head).expect("the post");
    post.holders.push(PersonId::from("lin-xiao"));
    let names = |warnings: &[Warning]| {
        warnings.iter().flat_map(|one| one.units.clone()).map(|unit| unit.id.0).collect::<Vec<_>>()
    };
    assert!(!names(&told(FLOW, &helped)).contains(&"wenmi".to_owned()));
    let passing = FLOW.replace("exclude: initiator }", "exclude: initiator, when_empty: pass }");
    assert!(told(&passing, &directory).is_empty());
}

#[test]
fn whoever_did_an_earlier_step_is_foreseen_to_be_kept_out_of_a_later_one() {
    const FLOW: &str = "workflow: w
title: 流程
form: { what: { title: 事项, type: text } }
steps:
  - { id: write, title: 填写, by: initiator }
  - { id: check, title: 审核, by: { head_of: { unit: caizheng } } }
  - { id: again, title: 复核, by: [{ head_of: { unit: caizheng } }, { head_of: { unit: sifa } }], exclude: [{ did: check }, initiator] }
";
    let mut directory = office();
    // 赵立新 checked, 冯琪 began it: nobody is left.
    let warnings = told(FLOW, &directory);
    let [one] = &warnings[..] else { panic!("{warnings:#?}") };
    assert_eq!((one.step.as_str(), one.problem.code.as_str()), ("again", "nobody_excluded"));
    assert!(one.problem.message.contains("发起或办过“审核”的须回避"), "{}", one.problem);
    let names: Vec<_> = one.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(names, ["司法局"], "only there is somebody to begin it who would be the last one");
    // A third one can always do it.
    let post = directory.units[&UnitId::from("sifa")].head.clone().expect("a head");
    directory.posts.get_mut(&post).expect("the post").holders.push(PersonId::from("lin-xiao"));
    assert!(told(FLOW, &directory).is_empty());
}

#[test]
fn organs_that_cannot_number_or_sign_for_what_is_sent_are_named() {
    let mut directory = office();
    directory.units.get_mut("jiaoyu").expect("a unit").registry = None;
    let mut numbering = numbered(&directory);
    numbering.remove(&UnitId::from("caizheng"));
    let only = Numbered::Only(["函".to_owned()].into());
    numbering.insert(UnitId::from("sifa"), only);
    const FLOW: &str = "workflow: w
title: 流程
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, edit: [title] }
  - { id: sign, title: 签发, by: { user: lin-xiao }, do: [number, finalise] }
  - { do: [dispatch], id: send, title: 分发 }
";
    let workflow = compile(FLOW, &vocabulary()).expect("a sound flow");
    let warnings = survey(&workflow, FLOW, &directory, &numbering);
    let told: Vec<_> = warnings.iter().map(|one| one.problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "“签发”到编号时会被拒绝：财政局没有文号系列（机关代字）；司法局的文号系列只用于函",
            "“分发”发出的公文可能无人签收：教育局没有设收发岗",
        ]
    );
    assert_eq!((warnings[0].problem.line, warnings[0].problem.code.as_str()), (6, "no_series"));
    let marked: String = FLOW.chars().skip(warnings[1].problem.from).take(8).collect();
    assert_eq!(marked, "dispatch");
}
