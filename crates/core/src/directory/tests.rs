//! What may be done to a directory, and by whom. Each rule is tried against the sample office.

use super::*;
use crate::{command::Actor, office_file};

fn sample() -> Directory {
    office_file::read(include_str!("../../../../workflows/sample-office.yaml")).expect("it reads")
}

fn actor(office: &Directory, name: &str) -> Actor {
    let person = office.people.values().find(|person| person.name == name).expect("known");
    Actor::Person(office.main_seat(&person.id).expect("a seat"))
}

/// Does a change, telling what was said of it, or the code that refused.
fn done(office: &mut Directory, by: &str, change: Change) -> Result<Vec<String>, &'static str> {
    let actor = if by == "系统" { Actor::System } else { actor(office, by) };
    let events = decide(&Cause { actor: &actor, uses: &[] }, office, &change)
        .map_err(|refused| refused.code())?;
    let mut said = vec![];
    for event in events {
        office.apply(&event);
        if let DirectoryEvent::Changed { text, .. } = event {
            said.push(text);
        }
    }
    Ok(said)
}

fn card(id: &str, parent: Option<&str>) -> UnitCard {
    UnitCard {
        id: id.into(),
        name: format!("云州市{id}"),
        short: id.into(),
        parent: parent.map(Into::into),
        organ: true,
        group: String::new(),
        code: None,
        order: 9,
    }
}

fn holders(post: &str, holders: &[&str]) -> Change {
    let holders = holders.iter().map(|one| (*one).into()).collect();
    Change::SetHolders { post: post.into(), holders }
}

fn roles(post: &str, roles: &[&str]) -> Change {
    Change::SetRoles { post: post.into(), roles: roles.iter().map(|one| (*one).into()).collect() }
}

#[test]
fn the_record_calls_roles_by_their_names() {
    let it = &mut sample();
    let said = done(it, "秦安", roles("caizheng-juzhang", &["bureau-leaders", "county-leaders"]));
    let text = "岗位“财政局 局长”的角色由部门领导改为部门领导、县（市、区）领导";
    assert_eq!(said, Ok(vec![text.to_owned()]));
}

#[test]
fn a_bureau_is_set_up_step_by_step() {
    let mut office = sample();
    let before = office.version;
    let it = &mut office;
    let added = done(it, "石坚", Change::AddUnit(card("shenji", Some("shi"))));
    assert_eq!(added, Ok(vec!["新设单位“云州市shenji”".to_owned()]));
    let post =
        Change::AddPost { post: "shenji-ju".into(), unit: "shenji".into(), title: "局长".into() };
    done(it, "石坚", post).expect("a post");
    let person = PersonCard { id: "lu-ming".into(), name: "陆明".into(), main_post: None };
    done(it, "石坚", Change::AddPerson(person)).expect("a person");
    let said = done(it, "石坚", holders("shenji-ju", &["lu-ming"])).expect("a holder");
    assert_eq!(
        said,
        ["岗位“shenji 局长”的任职人员由空缺改为陆明", "陆明的主岗位改为“shenji 局长”"]
    );
    let topics = [("财政".to_owned(), PostId::from("fushizhang-jingji"))].into();
    let charge = Charge {
        head: Some("shenji-ju".into()),
        registry: Some("shenji-ju".into()),
        topics,
        in_charge: None,
    };
    let charge = Change::SetCharge { unit: "shenji".into(), charge };
    let said = done(it, "石坚", charge.clone()).expect("a head").join("");
    assert!(
        said.contains("主要负责人由“无”改为“shenji 局长”") && said.contains("“财政”由"),
        "{said}"
    );
    assert_eq!(done(it, "石坚", charge), Ok(vec![]), "done already");
    assert_eq!(it.version, before + 6, "the version counts events");
    assert_eq!(it.main_seat(&"lu-ming".into()).expect("a seat").label(), "陆明（shenji 局长）");
}

#[test]
fn units_make_no_circle_and_posts_exist() {
    let mut office = sample();
    let it = &mut office;
    let mut above = card("shi", Some("wenmi"));
    above.name = "云州市人民政府".into();
    assert_eq!(done(it, "石坚", Change::EditUnit(above)), Err("unit_circle"));
    assert_eq!(done(it, "石坚", Change::AddUnit(card("a", Some("nowhere")))), Err("unknown"));
    assert_eq!(done(it, "石坚", Change::AddUnit(card("A 局", None))), Err("bad_id"));
    assert_eq!(done(it, "石坚", Change::AddUnit(card("shi", None))), Err("already_there"));
    let mut taken = card("b", None);
    taken.code = Some("云财".into());
    assert_eq!(done(it, "石坚", Change::AddUnit(taken)), Err("code_taken"));
    let charge = Charge { head: Some("nobody".into()), ..Charge::default() };
    let charge = Change::SetCharge { unit: "shi".into(), charge };
    assert_eq!(done(it, "石坚", charge), Err("unknown"));
}

#[test]
fn what_is_used_is_disabled_not_removed() {
    let mut office = sample();
    let it = &mut office;
    let actor = Actor::System;
    let refused = decide(
        &Cause { actor: &actor, uses: &["3件待办".to_owned()] },
        it,
        &Change::RemovePost { post: "caizheng-shoufa".into() },
    )
    .expect_err("it is used")
    .detail();
    for use_of_it in ["由钱浩担任", "“财政局”的收发岗", "3件待办", "停用"] {
        assert!(refused.contains(use_of_it), "{refused}");
    }
    assert_eq!(done(it, "石坚", Change::RemoveUnit { unit: "caizheng".into() }), Err("in_use"));
    let person = PersonId::from("ding-xue");
    assert_eq!(done(it, "石坚", Change::RemovePerson { person: person.clone() }), Err("in_use"));
    done(it, "石坚", Change::DisablePerson { person: person.clone(), disabled: true })
        .expect("off");
    assert_eq!(it.main_seat(&person), None, "nobody sits there");
    assert_eq!(done(it, "石坚", holders("caizheng-shoufa", &["ding-xue"])), Err("disabled"));
    let post = Change::DisablePost { post: "caizheng-shoufa".into(), disabled: true };
    assert_eq!(done(it, "石坚", post), Err("in_use"), "a registry");
}

#[test]
fn each_administrator_does_their_own_and_nobody_elses() {
    let office = sample();
    let try_it = |by: &str, change: Change| done(&mut office.clone(), by, change);
    let of_system = [
        Change::AddUnit(card("x", None)),
        Change::DisablePerson { person: "ding-xue".into(), disabled: true },
        holders("yusuan-keyuan", &[]),
    ];
    let of_security = [
        roles("yusuan-keyuan", &["bureau-leaders"]),
        Change::SetKeeper { seal: "shi-seal".into(), keeper: "zonghe-kezhang".into() },
        // Who sits in a post that gives power is a matter of rights.
        holders("liucheng-guanli", &["fang-yi"]),
        holders("anquan-shenji", &["zhong-jian"]),
    ];
    let seal = office.seals.keys().next().expect("a seal").clone();
    for change in of_system {
        assert!(try_it("石坚", change.clone()).is_ok(), "{change:?}");
        for other in ["秦安", "钟鉴", "何平", "林晓", "陈远"] {
            assert_eq!(try_it(other, change.clone()), Err("not_your_right"), "{other} {change:?}");
        }
    }
    for change in of_security {
        let change = match change {
            Change::SetKeeper { keeper, .. } => Change::SetKeeper { seal: seal.clone(), keeper },
            other => other,
        };
        assert!(try_it("秦安", change.clone()).is_ok(), "{change:?}");
        for other in ["石坚", "钟鉴", "何平", "林晓"] {
            assert_eq!(try_it(other, change.clone()), Err("not_your_right"), "{other} {change:?}");
        }
    }
}

#[test]
fn the_three_are_three_people_and_take_no_part_in_flows() {
    let mut office = sample();
    let it = &mut office;
    assert_eq!(done(it, "秦安", holders("anquan-shenji", &["shi-jian"])), Err("exclusive"));
    assert_eq!(
        done(it, "秦安", holders("anquan-shenji", &["lin-xiao"])),
        Err("administrator_acts")
    );
    assert_eq!(
        done(it, "石坚", holders("wenmi-keyuan", &["lin-xiao", "zhong-jian"])),
        Err("administrator_acts")
    );
    assert_eq!(
        done(it, "秦安", holders("liucheng-guanli", &["qin-an"])),
        Err("administrator_acts")
    );
    assert_eq!(
        done(it, "秦安", roles("wenmi-kezhang", &["audit-admin"])),
        Err("administrator_acts")
    );
    assert_eq!(
        done(it, "秦安", roles("anquan-shenji", &["audit-admin", "system-admin"])),
        Err("exclusive")
    );
    assert_eq!(
        done(it, "秦安", roles("anquan-shenji", &["audit-admin", "flow-admin"])),
        Err("administrator_acts")
    );
    let charge = Charge { head: Some("xitong-guanli".into()), ..Charge::default() };
    let charge = Change::SetCharge { unit: "zonghe".into(), charge };
    assert_eq!(done(it, "石坚", charge), Err("administrator_acts"));
    // Nobody is left who could give the right again.
    assert_eq!(done(it, "秦安", holders("baomi-guanli", &[])), Err("last_administrator"));
    assert_eq!(done(it, "秦安", roles("anquan-shenji", &[])), Err("last_administrator"));
    let off = Change::DisablePerson { person: "shi-jian".into(), disabled: true };
    assert_eq!(done(it, "秦安", off), Err("last_administrator"));
}

#[test]
fn posts_pass_to_a_successor_and_everything_can_be_replayed() {
    let mut office = sample();
    let start = office.clone();
    let pass = Change::PassPosts { from: "zhou-ming".into(), to: "xu-nuo".into() };
    let actor = actor(&office, "石坚");
    let events = decide(&Cause { actor: &actor, uses: &[] }, &office, &pass).expect("it passes");
    events.iter().for_each(|event| office.apply(event));
    assert_eq!(office.posts["wenmi-kezhang"].holders, ["xu-nuo".into()]);
    assert_eq!(office.posts_of(&"zhou-ming".into()).count(), 0);
    assert_eq!(office.people["zhou-ming"].main_post, None);
    let stored = serde_json::to_string(&events).expect("JSON");
    let read: Vec<DirectoryEvent> = serde_json::from_str(&stored).expect("the same");
    let mut again = start;
    read.iter().for_each(|event| again.apply(event));
    assert_eq!(again, office);
    let to_oneself = Change::PassPosts { from: "xu-nuo".into(), to: "xu-nuo".into() };
    assert_eq!(done(&mut office, "石坚", to_oneself), Err("same_person"));
}
