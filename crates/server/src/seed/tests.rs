//! What every story may rely on in the demo city.

use super::{City, PEOPLE, city};
use std::collections::BTreeSet;
use wenshu_core::{
    directory::{Directory, Unit},
    id::{PersonId, PostId, UnitId},
};

fn built() -> City {
    city().expect("the city's files are well formed")
}

fn held(directory: &Directory, post: Option<&PostId>, what: &str, unit: &Unit) {
    let post = post.unwrap_or_else(|| panic!("{} 没有{what}", unit.name));
    assert!(!directory.seats_of(post).is_empty(), "{} 的{what}岗位 {post} 没有人", unit.name);
}

#[test]
fn it_has_the_size_of_a_city() {
    let City { directory, accounts, .. } = built();
    let organs = directory.units.values().filter(|unit| unit.organ).count();
    assert_eq!(organs, 70);
    assert_eq!(directory.people.len(), PEOPLE);
    assert_eq!(accounts.len(), PEOPLE);
    for group in ["市四套班子", "市委工作部门", "市政府工作部门", "县（区）人民政府", "街道办事处"]
    {
        assert!(directory.units.values().any(|unit| unit.organ && unit.group == group), "{group}");
    }
}

#[test]
fn every_unit_has_head_registry_and_leader_in_charge() {
    let directory = built().directory;
    for unit in directory.units.values() {
        held(&directory, unit.head.as_ref(), "负责人", unit);
        held(&directory, unit.registry.as_ref(), "收发岗", unit);
        held(&directory, unit.in_charge.as_ref(), "分管领导", unit);
        let organ = directory
            .organ_of(&unit.id)
            .unwrap_or_else(|| panic!("{} 不在任何机关之内", unit.name));
        assert!(organ.code.is_some(), "{} 没有机关代字", organ.name);
    }
}

#[test]
fn every_chain_of_units_ends_at_the_top() {
    let directory = built().directory;
    for unit in directory.units.values() {
        let mut at = unit;
        let mut steps = 0;
        while let Some(parent) = &at.parent {
            at = directory
                .units
                .get(parent)
                .unwrap_or_else(|| panic!("{} 的上级 {parent} 不存在", at.name));
            steps += 1;
            assert!(steps < 6, "{} 的上级成环", unit.name);
        }
        assert_eq!(at.group, "市四套班子", "{}", unit.name);
    }
}

#[test]
fn every_organ_has_a_seal_with_a_keeper_and_numbers_of_its_own() {
    let City { directory, series, .. } = built();
    for unit in directory.units.values().filter(|unit| unit.organ) {
        let seal = directory.seals.values().find(|seal| seal.unit == unit.id);
        let seal = seal.unwrap_or_else(|| panic!("{} 没有印章", unit.name));
        assert!(!directory.seats_of(&seal.keeper).is_empty(), "{} 没有保管人", seal.name);
        assert!(series.iter().any(|series| series.organ == unit.id), "{} 没有文号系列", unit.name);
    }
    assert_eq!(directory.seals.len(), 70);
}

#[test]
fn codes_ids_and_short_names_are_told_apart() {
    let City { directory, series, .. } = built();
    let codes: BTreeSet<_> = series.iter().map(|series| &series.code).collect();
    assert_eq!(codes.len(), series.len(), "两个系列用了同一代字");
    let ids: BTreeSet<_> = series.iter().map(|series| &series.id).collect();
    assert_eq!(ids.len(), series.len());
    let shorts: BTreeSet<_> = directory.units.values().map(|unit| &unit.short).collect();
    assert_eq!(shorts.len(), directory.units.len());
    for id in
        directory.units.keys().map(UnitId::as_str).chain(directory.posts.keys().map(PostId::as_str))
    {
        assert!(
            id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{id}"
        );
    }
}

#[test]
fn every_person_has_a_name_a_login_and_a_post_of_their_own() {
    let City { directory, accounts, .. } = built();
    let names: BTreeSet<_> = directory.people.values().map(|person| &person.name).collect();
    assert_eq!(names.len(), PEOPLE, "有人重名");
    let logins: BTreeSet<_> = accounts.iter().map(|account| &account.login).collect();
    assert_eq!(logins.len(), PEOPLE, "有人账号相同");
    for account in &accounts {
        assert!(
            account.login.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
            "{}",
            account.login
        );
        assert!(
            directory.seat(&account.person, &account.post).is_some(),
            "{} 不在岗位 {}",
            account.login,
            account.post
        );
        assert!(directory.main_seat(&account.person).is_some(), "{}", account.login);
    }
}

#[test]
fn some_hold_several_posts_and_some_registries_have_two_clerks() {
    let directory = built().directory;
    let several = |person: &&PersonId| directory.posts_of(person).count() > 1;
    assert!(directory.people.keys().filter(several).count() >= 10);
    let registries =
        directory.posts.values().filter(|post| post.id.as_str().ends_with("-registry"));
    assert!(registries.filter(|post| post.holders.len() == 2).count() >= 5);
}

#[test]
fn the_login_page_offers_the_people_of_the_main_job() {
    let City { directory, accounts, .. } = built();
    let labels: Vec<_> = accounts.iter().filter_map(|account| account.label.as_deref()).collect();
    for wanted in [
        "经办人",
        "科长",
        "收发员",
        "印章",
        "分管领导",
        "主要领导",
        "会签",
        "系统管理员",
        "安全保密管理员",
        "安全审计员",
    ] {
        assert!(labels.iter().any(|label| label.contains(wanted)), "{wanted}");
    }
    let clerk = accounts
        .iter()
        .find(|account| account.login == "linxiaotang")
        .expect("the clerk of the main job");
    let seat = directory.seat(&clerk.person, &clerk.post).expect("the clerk's seat");
    assert_eq!(seat.label(), "林晓棠（市政府办公室文秘科 科员）");
}

#[test]
fn the_same_files_give_the_same_city() {
    assert_eq!(built(), built());
    // Ids are in stored events and in bookmarks: these must not change when the plan grows.
    let directory = built().directory;
    for id in ["gov", "govb", "govb-wenmi", "czj", "czj-bgs", "czj-yusuan", "jinxi", "heguang"] {
        assert!(directory.units.contains_key(id), "{id}");
    }
    for id in [
        "gov-1",
        "gov-2",
        "govb-wenmi-head",
        "govb-registry",
        "govb-keeper",
        "czj-registry",
        "jinxi-keeper",
    ] {
        assert!(directory.posts.contains_key(id), "{id}");
    }
}

#[test]
fn a_broken_plan_is_refused_with_a_reason() {
    let names = include_str!("../../seed/names.yaml");
    let plan = include_str!("../../seed/city.yaml");
    let refused =
        |plan: &str| super::build::Build::city(plan, names).expect_err("the plan is broken");
    assert!(refused(&plan.replace("leading:", "leaders:")).contains("leaders"));
    assert!(refused(&plan.replace("same: swj-1", "same: nobody")).contains("nobody"));
    assert!(refused(&plan.replace("[czj-registry,", "[czj-nobody,")).contains("czj-nobody"));
}
