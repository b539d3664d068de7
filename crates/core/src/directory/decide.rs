//! What a change makes of the directory: events, or the rule that refuses. Every invariant of the directory is here:
//! no circle of units, posts that exist, one unit for a post, nothing removed that is used, 三员分立.

use super::{
    Change, Changed, Charge, Directory, DirectoryEvent, DirectoryRejection as No, Person,
    PersonCard, Post, Record, Right, Seal, Unit, UnitCard,
    separation::{self, SECURITY_ADMIN, SYSTEM_ADMIN, THREE},
};
use crate::{
    command::Actor,
    id::{PersonId, PostId, RoleId, SealId, UnitId},
};
use std::collections::BTreeMap;

/// What a decision looks at beside the directory.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    pub actor: &'a Actor,
    /// What outside the directory names that which is to be removed, in Chinese: 3件办件.
    pub uses: &'a [String],
}

/// Longest names and titles, in characters.
const LONGEST: usize = 100;
const LONGEST_ID: usize = 64;

type Decided = Result<Vec<DirectoryEvent>, No>;

/// Says what `change` makes of the directory, without changing it. No events: it is so already.
///
/// # Errors
/// The rule that refuses.
pub fn decide(cause: &Cause<'_>, directory: &Directory, change: &Change) -> Decided {
    entitled(cause.actor, directory, change)?;
    let events = match change {
        Change::AddUnit(card) => add_unit(directory, card)?,
        Change::EditUnit(card) => edit_unit(directory, card)?,
        Change::SetCharge { unit, charge } => set_charge(directory, unit, charge)?,
        Change::DisableUnit { unit, disabled } => disable_unit(directory, unit, *disabled)?,
        Change::RemoveUnit { unit } => remove_unit(cause, directory, unit)?,
        Change::AddPost { post, unit, title } => add_post(directory, post, unit, title)?,
        Change::EditPost { post, title } => edit_post(directory, post, title)?,
        Change::DisablePost { post, disabled } => disable_post(directory, post, *disabled)?,
        Change::RemovePost { post } => remove_post(cause, directory, post)?,
        Change::SetHolders { post, holders } => set_holders(directory, post, holders)?,
        Change::SetRoles { post, roles } => {
            let was = known_post(directory, post)?;
            set_roles(directory, was, Post { roles: roles.clone(), ..was.clone() })?
        }
        Change::AddPerson(card) => add_person(directory, card)?,
        Change::EditPerson(card) => edit_person(directory, card)?,
        Change::DisablePerson { person, disabled } => disable_person(directory, person, *disabled)?,
        Change::RemovePerson { person } => remove_person(cause, directory, person)?,
        Change::PassPosts { from, to } => pass_posts(directory, from, to)?,
        Change::AddSeal { seal, name, unit, keeper } => {
            add_seal(directory, seal, name, unit, keeper)?
        }
        Change::RenameSeal { seal, name } => {
            let was = known_seal(directory, seal)?;
            named("印章名称", name)?;
            change_seal(was, Seal { name: name.clone(), ..was.clone() }, "改名为", name)
        }
        Change::SetKeeper { seal, keeper } => set_keeper(directory, seal, keeper)?,
        Change::SetSealImage { seal, image } => {
            let was = known_seal(directory, seal)?;
            let now = Seal { image: Some(image.clone()), ..was.clone() };
            change_seal(was, now, "录入印模，SM3 ", &image.sm3)
        }
        Change::DisableSeal { seal, disabled } => {
            let was = known_seal(directory, seal)?;
            let word = if *disabled { "停用" } else { "恢复使用" };
            change_seal(was, Seal { disabled: *disabled, ..was.clone() }, word, "")
        }
    };
    keep_administrators(directory, &events)?;
    Ok(events)
}

/// Whether a change is the actor's right. The system itself acts for whoever has the machine.
fn entitled(actor: &Actor, directory: &Directory, change: &Change) -> Result<(), No> {
    let Actor::Person(seat) = actor else { return Ok(()) };
    let right = change.right(directory);
    let role = match right {
        Right::System => SYSTEM_ADMIN,
        Right::Security => SECURITY_ADMIN,
    };
    let has = seat
        .person
        .as_ref()
        .and_then(|person| directory.administrator(&person.id))
        .is_some_and(|(held, _)| held == role);
    if has { Ok(()) } else { Err(No::NotYourRight { whose: right.whose().into() }) }
}

impl Change {
    /// Whose right it is. Who sits in a post that gives power is a matter of rights.
    #[must_use]
    pub fn right(&self, directory: &Directory) -> Right {
        let of_post = |post: &PostId| match directory.posts.get(post) {
            Some(post) if post.empowers() => Right::Security,
            Some(_) | None => Right::System,
        };
        let of_person = |person: &PersonId| {
            let empowered = directory.posts_of(person).any(Post::empowers);
            if empowered { Right::Security } else { Right::System }
        };
        match self {
            Change::AddUnit(_)
            | Change::EditUnit(_)
            | Change::SetCharge { .. }
            | Change::DisableUnit { .. }
            | Change::RemoveUnit { .. }
            | Change::AddPost { .. }
            | Change::AddPerson(_)
            | Change::EditPerson(_) => Right::System,
            Change::EditPost { post, .. }
            | Change::DisablePost { post, .. }
            | Change::RemovePost { post }
            | Change::SetHolders { post, .. } => of_post(post),
            Change::DisablePerson { person, .. } | Change::RemovePerson { person } => {
                of_person(person)
            }
            Change::PassPosts { from, .. } => of_person(from),
            Change::SetRoles { .. }
            | Change::AddSeal { .. }
            | Change::RenameSeal { .. }
            | Change::SetKeeper { .. }
            | Change::SetSealImage { .. }
            | Change::DisableSeal { .. } => Right::Security,
        }
    }
}

fn add_unit(directory: &Directory, card: &UnitCard) -> Decided {
    fresh("单位", card.id.as_str(), directory.units.contains_key(&card.id))?;
    let blank = Unit {
        id: card.id.clone(),
        name: String::new(),
        short: String::new(),
        parent: None,
        organ: false,
        group: String::new(),
        head: None,
        in_charge: None,
        registry: None,
        code: None,
        order: 0,
        topics: BTreeMap::new(),
        disabled: false,
    };
    let now = filled(directory, blank, card)?;
    let text = format!("新设单位“{}”", now.name);
    Ok(vec![unit_event(Changed::UnitAdded, text, None, now)])
}

fn edit_unit(directory: &Directory, card: &UnitCard) -> Decided {
    let was = known_unit(directory, &card.id)?;
    let now = filled(directory, was.clone(), card)?;
    if now == *was {
        return Ok(vec![]);
    }
    let mut differs = vec![];
    if now.name != was.name {
        differs.push(format!("全称由“{}”改为“{}”", was.name, now.name));
    }
    if now.short != was.short {
        differs.push(format!("简称由“{}”改为“{}”", was.short, now.short));
    }
    if now.parent != was.parent {
        let name = |unit: &Option<UnitId>| {
            unit.as_ref().map_or_else(|| "无".into(), |unit| directory.unit_name(unit))
        };
        differs.push(format!("上级由“{}”改为“{}”", name(&was.parent), name(&now.parent)));
    }
    if now.organ != was.organ {
        differs.push(if now.organ { "改为机关" } else { "改为内设机构" }.to_owned());
    }
    if now.code != was.code {
        let code = |code: &Option<String>| code.clone().unwrap_or_else(|| "无".into());
        differs.push(format!("机关代字由“{}”改为“{}”", code(&was.code), code(&now.code)));
    }
    if now.group != was.group || now.order != was.order {
        differs.push("调整分组或排序".into());
    }
    let text = format!("修改单位“{}”：{}", was.name, differs.join("，"));
    Ok(vec![unit_event(Changed::UnitChanged, text, Some(was), now)])
}

/// The unit with what the card says, if that will do.
fn filled(directory: &Directory, unit: Unit, card: &UnitCard) -> Result<Unit, No> {
    named("单位全称", &card.name)?;
    named("单位简称", &card.short)?;
    for (what, text) in
        [("分组", &card.group), ("机关代字", card.code.as_ref().unwrap_or(&String::new()))]
    {
        fits(what, text)?;
    }
    if let Some(parent) = &card.parent {
        let mut at = Some(known_unit(directory, parent)?);
        // A tree has at most as many levels as units.
        for _ in 0..=directory.units.len() {
            let Some(above) = at else { break };
            if above.id == card.id {
                let parent = directory.unit_name(parent);
                return Err(No::UnitCircle { unit: card.name.clone(), parent });
            }
            at = above.parent.as_ref().and_then(|parent| directory.units.get(parent));
        }
        if unit.parent.as_ref() != Some(parent) {
            usable_unit(directory, parent)?;
        }
    }
    if let Some(code) = &card.code {
        let other = directory
            .units
            .values()
            .find(|other| other.id != card.id && other.code.as_ref() == Some(code));
        if let Some(other) = other.filter(|_| unit.code.as_ref() != Some(code)) {
            return Err(No::CodeTaken { taken: code.clone(), by: other.short.clone() });
        }
    }
    let UnitCard { id: _, name, short, parent, organ, group, code, order } = card.clone();
    Ok(Unit { name, short, parent, organ, group, code, order, ..unit })
}

fn set_charge(directory: &Directory, unit: &UnitId, charge: &Charge) -> Decided {
    let was = known_unit(directory, unit)?;
    let mut differs = vec![];
    let label = |post: &Option<PostId>| {
        post.as_ref().map_or_else(|| "无".into(), |post| directory.post_label(post))
    };
    for (what, before, after) in [
        ("主要负责人", &was.head, &charge.head),
        ("分管领导", &was.in_charge, &charge.in_charge),
        ("收发岗", &was.registry, &charge.registry),
    ] {
        if before != after {
            after.iter().try_for_each(|post| acting_post(directory, post))?;
            differs.push(format!("{what}由“{}”改为“{}”", label(before), label(after)));
        }
    }
    for (topic, post) in &charge.topics {
        named("分管专题", topic)?;
        if was.topics.get(topic) != Some(post) {
            acting_post(directory, post)?;
            differs.push(format!("“{topic}”由“{}”分管", directory.post_label(post)));
        }
    }
    let gone = was.topics.keys().filter(|topic| !charge.topics.contains_key(*topic));
    differs.extend(gone.map(|topic| format!("不再单列“{topic}”")));
    if differs.is_empty() {
        return Ok(vec![]);
    }
    let Charge { head, in_charge, registry, topics } = charge.clone();
    let now = Unit { head, in_charge, registry, topics, ..was.clone() };
    let text = format!("调整“{}”的负责和分管：{}", was.short, differs.join("，"));
    Ok(vec![unit_event(Changed::ChargeSet, text, Some(was), now)])
}

fn disable_unit(directory: &Directory, unit: &UnitId, disabled: bool) -> Decided {
    let was = known_unit(directory, unit)?;
    if was.disabled == disabled {
        return Ok(vec![]);
    }
    let below: Vec<String> = directory
        .units
        .values()
        .filter(|other| other.parent.as_ref() == Some(unit) && !other.disabled)
        .map(|other| format!("下属单位“{}”", other.short))
        .collect();
    if disabled && !below.is_empty() {
        return Err(in_use("单位", &was.short, below));
    }
    let word = if disabled { "停用" } else { "恢复" };
    let text = format!("{word}单位“{}”", was.name);
    let now = Unit { disabled, ..was.clone() };
    Ok(vec![unit_event(Changed::UnitChanged, text, Some(was), now)])
}

fn remove_unit(cause: &Cause<'_>, directory: &Directory, unit: &UnitId) -> Decided {
    let was = known_unit(directory, unit)?;
    let below = directory.units.values().filter(|other| other.parent.as_ref() == Some(unit));
    let mut uses: Vec<String> = below.map(|other| format!("下属单位“{}”", other.short)).collect();
    let posts = directory.posts.values().filter(|post| post.unit == *unit);
    uses.extend(posts.map(|post| format!("岗位“{}”", post.title)));
    let seals = directory.seals.values().filter(|seal| seal.unit == *unit);
    uses.extend(seals.map(|seal| format!("印章“{}”", seal.name)));
    uses.extend(cause.uses.iter().cloned());
    if !uses.is_empty() {
        return Err(in_use("单位", &was.short, uses));
    }
    let (what, text) = (Changed::UnitRemoved, format!("撤销单位“{}”", was.name));
    let record = Record::Unit { was: Some(was.clone()), now: None };
    Ok(vec![DirectoryEvent::Changed { what, text, record }])
}

fn add_post(directory: &Directory, post: &PostId, unit: &UnitId, title: &str) -> Decided {
    fresh("岗位", post.as_str(), directory.posts.contains_key(post))?;
    named("职务", title)?;
    let unit = usable_unit(directory, unit)?;
    let now = Post {
        id: post.clone(),
        unit: unit.id.clone(),
        title: title.to_owned(),
        holders: vec![],
        roles: std::collections::BTreeSet::new(),
        disabled: false,
    };
    let text = format!("在“{}”新设岗位“{title}”", unit.short);
    Ok(vec![post_event(Changed::PostAdded, text, None, now)])
}

fn edit_post(directory: &Directory, post: &PostId, title: &str) -> Decided {
    let was = known_post(directory, post)?;
    named("职务", title)?;
    if was.title == title {
        return Ok(vec![]);
    }
    let text = format!("岗位“{}”改名为“{title}”", directory.post_label(post));
    let now = Post { title: title.to_owned(), ..was.clone() };
    Ok(vec![post_event(Changed::PostChanged, text, Some(was), now)])
}

fn disable_post(directory: &Directory, post: &PostId, disabled: bool) -> Decided {
    let was = known_post(directory, post)?;
    if was.disabled == disabled {
        return Ok(vec![]);
    }
    if disabled {
        let uses = uses_of_post(directory, post);
        if !uses.is_empty() {
            return Err(in_use("岗位", &directory.post_label(post), uses));
        }
    }
    let word = if disabled { "停用" } else { "恢复" };
    let text = format!("{word}岗位“{}”", directory.post_label(post));
    let now = Post { disabled, ..was.clone() };
    Ok(vec![post_event(Changed::PostChanged, text, Some(was), now)])
}

fn remove_post(cause: &Cause<'_>, directory: &Directory, post: &PostId) -> Decided {
    let was = known_post(directory, post)?;
    let holders = was.holders.iter();
    let mut uses: Vec<String> =
        holders.map(|holder| format!("由{}担任", directory.person_name(holder))).collect();
    uses.extend(uses_of_post(directory, post));
    uses.extend(cause.uses.iter().cloned());
    let label = directory.post_label(post);
    if !uses.is_empty() {
        return Err(in_use("岗位", &label, uses));
    }
    let (what, text) = (Changed::PostRemoved, format!("撤销岗位“{label}”"));
    let record = Record::Post { was: Some(was.clone()), now: None };
    Ok(vec![DirectoryEvent::Changed { what, text, record }])
}

fn set_holders(directory: &Directory, post: &PostId, holders: &[PersonId]) -> Decided {
    let was = known_post(directory, post)?;
    let mut now = Post { holders: vec![], ..was.clone() };
    for holder in holders {
        let person = known_person(directory, holder)?;
        if now.holders.contains(holder) {
            continue;
        }
        if !was.holders.contains(holder) {
            if person.disabled {
                return Err(disabled("人员", &person.name));
            }
            if was.disabled {
                return Err(disabled("岗位", &directory.post_label(post)));
            }
            separation::check(directory, holder, &was.clone())?;
        }
        now.holders.push(holder.clone());
    }
    if now.holders == was.holders {
        return Ok(vec![]);
    }
    let names = |all: &[PersonId]| {
        let names: Vec<String> = all.iter().map(|one| directory.person_name(one)).collect();
        if names.is_empty() { "空缺".to_owned() } else { names.join("、") }
    };
    let text = format!(
        "岗位“{}”的任职人员由{}改为{}",
        directory.post_label(post),
        names(&was.holders),
        names(&now.holders)
    );
    let mut events = vec![];
    // Whoever holds it no longer has another main post; whoever had none has this one.
    let came = now.holders.iter().filter(|holder| !was.holders.contains(*holder));
    let came = came.filter_map(|holder| directory.people.get(holder));
    let came = came.filter(|person| person.main_post.is_none());
    let came: Vec<(&Person, Option<PostId>)> =
        came.map(|person| (person, Some(post.clone()))).collect();
    let went = was.holders.iter().filter(|holder| !now.holders.contains(*holder));
    let went = went.filter_map(|holder| directory.people.get(holder));
    let went: Vec<(&Person, Option<PostId>)> = went
        .filter(|person| person.main_post.as_ref() == Some(post))
        .map(|person| {
            let mut others = directory.posts_of(&person.id).filter(|other| other.id != *post);
            (person, others.next().map(|other| other.id.clone()))
        })
        .collect();
    events.push(post_event(Changed::HoldersSet, text, Some(was), now));
    for (person, main_post) in came.into_iter().chain(went) {
        let text = format!(
            "{}的主岗位改为“{}”",
            person.name,
            main_post.as_ref().map_or_else(|| "无".into(), |post| directory.post_label(post))
        );
        let now = Person { main_post, ..person.clone() };
        events.push(person_event(Changed::PersonChanged, text, Some(person), now));
    }
    Ok(events)
}

fn set_roles(directory: &Directory, was: &Post, now: Post) -> Decided {
    if now.roles == was.roles {
        return Ok(vec![]);
    }
    let label = directory.post_label(&was.id);
    for role in &now.roles {
        id(role.as_str())?;
    }
    separation::check_roles(&now, &label)?;
    if let Some((_, title)) = now.administers().next() {
        let uses = uses_of_post(directory, &was.id);
        if !uses.is_empty() {
            let (person, administers) = (label.clone(), title.to_owned());
            return Err(No::AdministratorActs { person, administers, post: uses.join("；") });
        }
    }
    for holder in &now.holders {
        separation::check(directory, holder, &now)?;
    }
    let roles = |all: &Post| {
        let roles: Vec<&str> = all.roles.iter().map(RoleId::title).collect();
        if roles.is_empty() { "无".to_owned() } else { roles.join("、") }
    };
    let text = format!("岗位“{label}”的角色由{}改为{}", roles(was), roles(&now));
    Ok(vec![post_event(Changed::RolesSet, text, Some(was), now)])
}

fn add_person(directory: &Directory, card: &PersonCard) -> Decided {
    fresh("人员", card.id.as_str(), directory.people.contains_key(&card.id))?;
    named("姓名", &card.name)?;
    if let Some(post) = &card.main_post {
        let post = directory.post_label(post);
        return Err(No::MainPostNotHeld { person: card.name.clone(), post });
    }
    let PersonCard { id, name, main_post } = card.clone();
    let text = format!("新增人员{name}（{id}）");
    let now = Person { id, name, main_post, disabled: false };
    Ok(vec![person_event(Changed::PersonAdded, text, None, now)])
}

fn edit_person(directory: &Directory, card: &PersonCard) -> Decided {
    let was = known_person(directory, &card.id)?;
    named("姓名", &card.name)?;
    let main_post = match &card.main_post {
        Some(post) => {
            if !known_post(directory, post)?.holders.contains(&card.id) {
                let post = directory.post_label(post);
                return Err(No::MainPostNotHeld { person: card.name.clone(), post });
            }
            Some(post.clone())
        }
        None => was.main_post.clone(),
    };
    let now = Person { name: card.name.clone(), main_post, ..was.clone() };
    if now == *was {
        return Ok(vec![]);
    }
    let mut differs = vec![];
    if now.name != was.name {
        differs.push(format!("姓名由“{}”改为“{}”", was.name, now.name));
    }
    if let Some(post) = now.main_post.as_ref().filter(|_| now.main_post != was.main_post) {
        differs.push(format!("主岗位改为“{}”", directory.post_label(post)));
    }
    let text = format!("修改人员{}：{}", was.name, differs.join("，"));
    Ok(vec![person_event(Changed::PersonChanged, text, Some(was), now)])
}

fn disable_person(directory: &Directory, person: &PersonId, disabled: bool) -> Decided {
    let was = known_person(directory, person)?;
    if was.disabled == disabled {
        return Ok(vec![]);
    }
    let (what, word) = if disabled {
        (Changed::PersonDisabled, "停用")
    } else {
        (Changed::PersonEnabled, "恢复")
    };
    let text = format!("{word}人员{}（{}）", was.name, was.id);
    Ok(vec![person_event(what, text, Some(was), Person { disabled, ..was.clone() })])
}

fn remove_person(cause: &Cause<'_>, directory: &Directory, person: &PersonId) -> Decided {
    let was = known_person(directory, person)?;
    let posts = directory.posts_of(person);
    let mut uses: Vec<String> =
        posts.map(|post| format!("担任“{}”", directory.post_label(&post.id))).collect();
    uses.extend(cause.uses.iter().cloned());
    if !uses.is_empty() {
        return Err(in_use("人员", &was.name, uses));
    }
    let (what, text) = (Changed::PersonRemoved, format!("删除人员{}（{}）", was.name, was.id));
    let record = Record::Person { was: Some(was.clone()), now: None };
    Ok(vec![DirectoryEvent::Changed { what, text, record }])
}

/// Each post of `from` goes to `to`, who takes their place in it unless they hold it already.
fn pass_posts(directory: &Directory, from: &PersonId, to: &PersonId) -> Decided {
    let (leaves, takes) = (known_person(directory, from)?, known_person(directory, to)?);
    if from == to {
        return Err(No::SamePerson { person: leaves.name.clone() });
    }
    if takes.disabled {
        return Err(disabled("人员", &takes.name));
    }
    let posts: Vec<PostId> = directory.posts_of(from).map(|post| post.id.clone()).collect();
    let mut after = directory.clone();
    let mut events = vec![];
    for post in posts {
        let held = known_post(&after, &post)?;
        let mut holders = held.holders.clone();
        if holders.contains(to) || held.disabled {
            holders.retain(|holder| holder != from);
        } else {
            for holder in &mut holders {
                if holder == from {
                    *holder = to.clone();
                }
            }
        }
        for event in set_holders(&after, &post, &holders)? {
            after.apply(&event);
            events.push(event);
        }
    }
    Ok(events)
}

fn add_seal(
    directory: &Directory,
    seal: &SealId,
    name: &str,
    unit: &UnitId,
    keeper: &PostId,
) -> Decided {
    fresh("印章", seal.as_str(), directory.seals.contains_key(seal))?;
    named("印章名称", name)?;
    usable_unit(directory, unit)?;
    acting_post(directory, keeper)?;
    let now = Seal {
        id: seal.clone(),
        name: name.to_owned(),
        unit: unit.clone(),
        keeper: keeper.clone(),
        image: None,
        disabled: false,
    };
    let text = format!("登记印章“{name}”，由“{}”保管", directory.post_label(keeper));
    let record = Record::Seal { was: None, now: Some(now) };
    Ok(vec![DirectoryEvent::Changed { what: Changed::SealAdded, text, record }])
}

fn set_keeper(directory: &Directory, seal: &SealId, keeper: &PostId) -> Decided {
    let was = known_seal(directory, seal)?;
    if was.keeper == *keeper {
        return Ok(vec![]);
    }
    acting_post(directory, keeper)?;
    let text = format!(
        "印章“{}”的保管岗位由“{}”改为“{}”",
        was.name,
        directory.post_label(&was.keeper),
        directory.post_label(keeper)
    );
    let now = Some(Seal { keeper: keeper.clone(), ..was.clone() });
    let record = Record::Seal { was: Some(was.clone()), now };
    Ok(vec![DirectoryEvent::Changed { what: Changed::KeeperSet, text, record }])
}

fn change_seal(was: &Seal, now: Seal, word: &str, rest: &str) -> Vec<DirectoryEvent> {
    if now == *was {
        return vec![];
    }
    let text = format!("印章“{}”{word}{rest}", was.name);
    let record = Record::Seal { was: Some(was.clone()), now: Some(now) };
    vec![DirectoryEvent::Changed { what: Changed::SealChanged, text, record }]
}

/// Each of the three must still have somebody who can sign in, if it had.
fn keep_administrators(directory: &Directory, events: &[DirectoryEvent]) -> Result<(), No> {
    let empowers = |event: &DirectoryEvent| match event {
        DirectoryEvent::Changed { record, .. } => match record {
            Record::Post { was, .. } => was.as_ref().is_some_and(Post::empowers),
            Record::Person { was, .. } => {
                was.as_ref().is_some_and(|was| directory.administrator(&was.id).is_some())
            }
            Record::Unit { .. } | Record::Seal { .. } => false,
        },
        DirectoryEvent::Put { .. } => false,
    };
    if !events.iter().any(empowers) {
        return Ok(());
    }
    let mut after = directory.clone();
    events.iter().for_each(|event| after.apply(event));
    let seated = |directory: &Directory, role: &str| {
        let mut posts = directory.posts.values().filter(|post| post.roles.contains(role));
        posts.any(|post| !directory.seats_of(&post.id).is_empty())
    };
    for (role, title) in THREE {
        if seated(directory, role) && !seated(&after, role) {
            return Err(No::LastAdministrator { title: title.to_owned() });
        }
    }
    Ok(())
}

/// What in the directory names a post, apart from those who hold it.
fn uses_of_post(directory: &Directory, post: &PostId) -> Vec<String> {
    let mut uses = vec![];
    for unit in directory.units.values() {
        for (what, named) in
            [("主要负责人", &unit.head), ("分管领导", &unit.in_charge), ("收发岗", &unit.registry)]
        {
            if named.as_ref() == Some(post) {
                uses.push(format!("“{}”的{what}", unit.short));
            }
        }
        let topics = unit.topics.iter().filter(|(_, named)| *named == post);
        uses.extend(topics.map(|(topic, _)| format!("“{}”的“{topic}”分管领导", unit.short)));
    }
    let kept = directory.seals.values().filter(|seal| seal.keeper == *post && !seal.disabled);
    uses.extend(kept.map(|seal| format!("保管“{}”", seal.name)));
    uses
}

fn unit_event(what: Changed, text: String, was: Option<&Unit>, now: Unit) -> DirectoryEvent {
    let record = Record::Unit { was: was.cloned(), now: Some(now) };
    DirectoryEvent::Changed { what, text, record }
}

fn post_event(what: Changed, text: String, was: Option<&Post>, now: Post) -> DirectoryEvent {
    let record = Record::Post { was: was.cloned(), now: Some(now) };
    DirectoryEvent::Changed { what, text, record }
}

fn person_event(what: Changed, text: String, was: Option<&Person>, now: Person) -> DirectoryEvent {
    let record = Record::Person { was: was.cloned(), now: Some(now) };
    DirectoryEvent::Changed { what, text, record }
}

fn unknown(what: &str, id: &str) -> No {
    No::Unknown { what: what.to_owned(), id: id.to_owned() }
}

fn disabled(what: &str, name: &str) -> No {
    No::Disabled { what: what.to_owned(), name: name.to_owned() }
}

fn in_use(what: &str, name: &str, mut uses: Vec<String>) -> No {
    const MOST: usize = 8;
    let more = uses.len().saturating_sub(MOST);
    uses.truncate(MOST);
    if more > 0 {
        uses.push(format!("另有{more}处"));
    }
    No::InUse { what: what.to_owned(), name: name.to_owned(), uses }
}

fn known_unit<'a>(directory: &'a Directory, id: &UnitId) -> Result<&'a Unit, No> {
    directory.units.get(id).ok_or_else(|| unknown("单位", id.as_str()))
}

fn usable_unit<'a>(directory: &'a Directory, id: &UnitId) -> Result<&'a Unit, No> {
    let unit = known_unit(directory, id)?;
    if unit.disabled { Err(disabled("单位", &unit.short)) } else { Ok(unit) }
}

fn known_post<'a>(directory: &'a Directory, id: &PostId) -> Result<&'a Post, No> {
    directory.posts.get(id).ok_or_else(|| unknown("岗位", id.as_str()))
}

/// A post to which work comes: not disabled, and none of the three administrators'.
fn acting_post(directory: &Directory, id: &PostId) -> Result<(), No> {
    let post = known_post(directory, id)?;
    if post.disabled {
        return Err(disabled("岗位", &directory.post_label(id)));
    }
    match post.administers().next() {
        Some((_, title)) => {
            let post = directory.post_label(id);
            let (person, administers) = (post.clone(), title.to_owned());
            Err(No::AdministratorActs { person, administers, post })
        }
        None => Ok(()),
    }
}

fn known_person<'a>(directory: &'a Directory, id: &PersonId) -> Result<&'a Person, No> {
    directory.people.get(id).ok_or_else(|| unknown("人员", id.as_str()))
}

fn known_seal<'a>(directory: &'a Directory, id: &SealId) -> Result<&'a Seal, No> {
    directory.seals.get(id).ok_or_else(|| unknown("印章", id.as_str()))
}

fn fresh(what: &str, name: &str, there: bool) -> Result<(), No> {
    id(name)?;
    if there {
        return Err(No::AlreadyThere { what: what.to_owned(), id: name.to_owned() });
    }
    Ok(())
}

/// Ids stand in addresses and streams: small letters, digits, hyphens.
fn id(id: &str) -> Result<(), No> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good =
        !id.is_empty() && id.len() <= LONGEST_ID && !id.starts_with('-') && id.chars().all(plain);
    if good { Ok(()) } else { Err(No::BadId { id: id.chars().take(LONGEST_ID).collect() }) }
}

fn named(what: &str, text: &str) -> Result<(), No> {
    if text.trim().is_empty() {
        return Err(No::Empty { what: what.to_owned() });
    }
    fits(what, text)
}

fn fits(what: &str, text: &str) -> Result<(), No> {
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(No::TooLong { what: what.to_owned(), limit: LONGEST });
    }
    Ok(())
}
