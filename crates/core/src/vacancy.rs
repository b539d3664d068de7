//! Why nobody was found: what the directory lacks of what a selector asks for, in facts and in a Chinese sentence.
//! Finding people is `people`; looking through a whole file beforehand is `survey`.

use crate::{
    directory::{Directory, Unit},
    id::{PostId, UnitId},
    people::Surroundings,
    workflow::{Selector, Topic, UnitExpr, WhenEmpty, Who},
};
use serde::{Deserialize, Serialize};

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub what: Lack,
    /// The unit that lacks it.
    pub unit: Option<UnitName>,
    /// The post that is there, with nobody in it who can act.
    pub post: Option<PostId>,
    /// What was asked for: a role, a title, a person, a choice, a step, a field.
    pub name: String,
    /// 财政局没有设收发岗.
    pub text: String,
}

/// What kind of thing is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    Person,
    Role,
    Post,
    Registry,
    Head,
    InCharge,
    /// The unit's seal, or its keeper.
    Keeper,
    /// The unit itself cannot be told.
    Unit,
    /// An earlier holder chose nobody who is still there.
    Choice,
    /// Whoever did an earlier step is no longer there, or nobody did.
    Earlier,
    Field,
    Initiator,
    /// Somebody was found, and the step keeps them out.
    Excluded,
    /// The organ has no series of numbers, and no 机关代字 with it.
    Series,
}

/// A unit by its short name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnitName {
    pub id: UnitId,
    pub name: String,
}

impl From<&Unit> for UnitName {
    fn from(unit: &Unit) -> Self {
        Self { id: unit.id.clone(), name: unit.short.clone() }
    }
}

/// All that is missing in one sentence.
pub(crate) fn sentence(missing: &[Missing]) -> String {
    let texts: Vec<_> = missing.iter().map(|one| one.text.as_str()).collect();
    if texts.is_empty() {
        "没有人担任该环节要求的岗位".into()
    } else {
        texts.join("；")
    }
}

/// The unit that a selector speaks of.
pub(crate) fn unit_of(selector: &Selector) -> Option<&UnitExpr> {
    match selector {
        Selector::Post { of, .. }
        | Selector::RegistryOf(of)
        | Selector::HeadOf { of, .. }
        | Selector::InChargeOf { of, .. }
        | Selector::KeeperOf(of) => Some(of),
        Selector::Initiator
        | Selector::User(_)
        | Selector::Role(_)
        | Selector::Picked(_)
        | Selector::Did(_)
        | Selector::Field(_) => None,
    }
}

/// What the directory lacks of what a selector asks for, of this unit where it speaks of one. None: somebody is there,
/// or who it will be is not known beforehand.
pub(crate) fn lack(
    directory: &Directory,
    selector: &Selector,
    unit: Option<&Unit>,
) -> Option<Missing> {
    let staffed = |post: &PostId| !directory.seats_of(post).is_empty();
    let missing = |what, post: Option<&PostId>, name: &str, text: String| {
        Some(Missing {
            what,
            unit: unit.map(UnitName::from),
            post: post.cloned(),
            name: name.to_owned(),
            text,
        })
    };
    // A post that a unit names for a purpose: not set, gone, or with nobody in it.
    let purpose = |what, title: &str, post: Option<&PostId>| {
        let short = unit.map(|unit| unit.short.as_str()).unwrap_or_default();
        match post {
            Some(post) if staffed(post) => None,
            Some(post) => {
                let held = directory.posts.get(post).map_or("", |post| post.title.as_str());
                let text = format!("{short}的{title}（{held}）空缺：没有在岗人员");
                missing(what, Some(post), title, text)
            }
            None => missing(what, None, title, format!("{short}没有设{title}")),
        }
    };
    match selector {
        Selector::User(person) => match directory.people.get(person) {
            None => missing(
                Lack::Person,
                None,
                person.as_str(),
                format!("组织机构中没有人员“{person}”"),
            ),
            Some(who) if directory.main_seat(person).is_none() => {
                let why = if who.disabled { "已停用" } else { "没有岗位" };
                missing(Lack::Person, None, &who.name, format!("{}{why}", who.name))
            }
            Some(_) => None,
        },
        Selector::Role(role) => {
            let mut posts = directory.posts.values().filter(|post| post.roles.contains(role));
            if posts.any(|post| staffed(&post.id)) {
                return None;
            }
            let text = format!("没有在岗人员具有角色“{}”", role.title());
            missing(Lack::Role, None, role.as_str(), text)
        }
        Selector::Post { title, .. } => {
            let unit = unit?;
            let mut posts = directory
                .posts
                .values()
                .filter(|post| post.unit == unit.id && post.title == *title)
                .peekable();
            let first = posts.peek().map(|post| post.id.clone());
            if posts.any(|post| staffed(&post.id)) {
                return None;
            }
            let text = match first {
                Some(_) => format!("{}的“{title}”空缺：没有在岗人员", unit.short),
                None => format!("{}没有“{title}”岗位", unit.short),
            };
            missing(Lack::Post, first.as_ref(), title, text)
        }
        Selector::RegistryOf(_) => purpose(Lack::Registry, "收发岗", unit?.registry.as_ref()),
        Selector::HeadOf { level, .. } => {
            let mut above = unit?;
            for _ in 1..*level {
                let parent = above.parent.as_ref().and_then(|id| directory.units.get(id));
                let Some(parent) = parent else {
                    let text = format!("{}往上没有{}级单位", above.short, level - 1);
                    return missing(Lack::Head, None, "主要负责人", text);
                };
                above = parent;
            }
            match &above.head {
                Some(post) if staffed(post) => None,
                Some(post) => {
                    let title = directory.posts.get(post).map_or("", |post| post.title.as_str());
                    let text = format!("{}的主要负责人（{title}）空缺：没有在岗人员", above.short);
                    missing(Lack::Head, Some(post), "主要负责人", text)
                }
                None => {
                    let text = format!("{}没有设主要负责人", above.short);
                    missing(Lack::Head, None, "主要负责人", text)
                }
            }
        }
        Selector::InChargeOf { topic: Some(Topic::Named(topic)), .. } => {
            let unit = unit?;
            match unit.topics.get(topic) {
                Some(post) => purpose(Lack::InCharge, &format!("“{topic}”的分管领导"), Some(post)),
                // The general leader has it then; a topic that no unit knows is more likely a slip of the pen.
                None if directory.units.values().any(|unit| unit.topics.contains_key(topic)) => {
                    purpose(Lack::InCharge, "分管领导", unit.in_charge.as_ref())
                }
                None => {
                    let text = format!("没有任何单位把“{topic}”列为分管专题");
                    missing(Lack::InCharge, None, topic, text)
                }
            }
        }
        Selector::InChargeOf { topic: Some(Topic::Field(_)) | None, .. } => {
            purpose(Lack::InCharge, "分管领导", unit?.in_charge.as_ref())
        }
        Selector::KeeperOf(_) => {
            let unit = unit?;
            let mut seals = directory.seals.values().filter(|seal| seal.unit == unit.id).peekable();
            let first = seals.peek().map(|seal| (seal.name.clone(), seal.keeper.clone()));
            if seals.any(|seal| staffed(&seal.keeper)) {
                return None;
            }
            match first {
                Some((name, keeper)) => {
                    let text = format!("“{name}”的保管岗位空缺：没有在岗人员");
                    missing(Lack::Keeper, Some(&keeper), "印章保管人", text)
                }
                None => {
                    missing(Lack::Keeper, None, "印章保管人", format!("{}没有登记印章", unit.short))
                }
            }
        }
        Selector::Initiator | Selector::Picked(_) | Selector::Did(_) | Selector::Field(_) => None,
    }
}

impl Surroundings<'_> {
    /// Why `who` finds nobody here: one entry for each way of finding somebody, and those of whoever stands in.
    pub(crate) fn missing(&self, who: &Who) -> Vec<Missing> {
        let mut all: Vec<Missing> =
            who.any_of.iter().map(|selector| self.missing_of(selector)).collect();
        if let WhenEmpty::Give(other) = &who.when_empty {
            for missing in self.missing(other) {
                if !all.contains(&missing) {
                    all.push(missing);
                }
            }
        }
        all
    }

    fn missing_of(&self, selector: &Selector) -> Missing {
        let dynamic = |what, name: &str, text: String| Missing {
            what,
            unit: None,
            post: None,
            name: name.to_owned(),
            text,
        };
        let only = Who {
            any_of: vec![selector.clone()],
            exclude: vec![],
            when_empty: WhenEmpty::Stall,
            at: 0..0,
        };
        let found = self.resolve(&only, false);
        if let Some(first) = found.first() {
            let names: Vec<_> = found.iter().map(|found| found.seat.label()).collect();
            let text = format!("{}按回避规则不能办理本环节", names.join("、"));
            return dynamic(Lack::Excluded, &first.seat.label(), text);
        }
        let expr = unit_of(selector);
        let unit = expr.and_then(|expr| self.unit(expr));
        if let Some(gone) = expr.and_then(|expr| self.named(expr)).filter(|unit| unit.disabled) {
            let text = format!("“{}”已停用，不再办理公文", gone.short);
            return Missing { unit: Some(gone.into()), ..dynamic(Lack::Unit, &gone.short, text) };
        }
        if expr.is_some() && unit.is_none() {
            return dynamic(Lack::Unit, "", "本环节的办理单位不明或不在组织机构中".into());
        }
        // What a field says is known here.
        let said = match selector {
            Selector::InChargeOf { of, topic: Some(topic) } => {
                let topic = self.topic(topic).map(|topic| Topic::Named(topic.to_owned()));
                Some(Selector::InChargeOf { of: of.clone(), topic })
            }
            Selector::InChargeOf { topic: None, .. }
            | Selector::Initiator
            | Selector::User(_)
            | Selector::Role(_)
            | Selector::Post { .. }
            | Selector::RegistryOf(_)
            | Selector::HeadOf { .. }
            | Selector::KeeperOf(_)
            | Selector::Picked(_)
            | Selector::Did(_)
            | Selector::Field(_) => None,
        };
        if let Some(missing) = lack(self.cx.directory, said.as_ref().unwrap_or(selector), unit) {
            return missing;
        }
        match selector {
            Selector::Picked(name) => {
                dynamic(Lack::Choice, name, "前一环节没有选定仍在岗的人员".into())
            }
            Selector::Did(step) => {
                let title = self.title_of(step);
                dynamic(Lack::Earlier, title, format!("“{title}”的办理人已不在岗，或无人办理过"))
            }
            Selector::Field(name) => dynamic(Lack::Field, name, "文中没有指定仍在岗的人员".into()),
            Selector::Initiator => {
                let who = self.case.initiator.as_ref().map(|seat| seat.label());
                let who = who.unwrap_or_default();
                dynamic(Lack::Initiator, &who, format!("发起人{who}已不在岗"))
            }
            Selector::User(_)
            | Selector::Role(_)
            | Selector::Post { .. }
            | Selector::RegistryOf(_)
            | Selector::HeadOf { .. }
            | Selector::InChargeOf { .. }
            | Selector::KeeperOf(_) => dynamic(Lack::Unit, "", "没有人担任该环节要求的岗位".into()),
        }
    }
}
