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

fn told(source: &str, directory: &Directory) -> Vec<Warning> {
    let workflow = compile(source, &vocabulary()).expect("a sound flow");
    survey(&workflow, source, directory)
}

const SIGNED: &str = "workflow: w
title: 流程
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: sign, title: 会签, by: { registry_of: unit } }]
  - { id: lead, title: 签发, by: { in_charge_of: initiator.unit } }
  - { id: tech, title: 审查, by: { post: 总工程师, of: { unit: zhujian } }, when_empty: { role: flow-admin } }
  - { id: gone, title: 送审, by: { role: auditors }, when_empty: pass }
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
            "“送审”可能无人办理，将跳过：没有在岗人员具有角色“auditors”",
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
