//! People selectors and unit expressions, as `by:`, `circulate:`, `pick:` and `when_empty:` write them.

use super::{
    problem::nearest,
    read::{At, Entries, scalar, some_items, text},
    step::Reader,
    tree::{Kind, Node},
};
use crate::{
    id::{PersonId, RoleId, StepId, UnitId},
    value::FieldType,
    workflow::{Exclude, Selector, Topic, UnitBase, UnitExpr, Units, Up, WhenEmpty, Who},
};
use std::ops::Range;

const SELECTORS: &[&str] = &[
    "user",
    "role",
    "post",
    "registry_of",
    "head_of",
    "in_charge_of",
    "keeper_of",
    "picked",
    "did",
    "field",
];
const ENTRIES: &[&str] = &[
    "user",
    "role",
    "post",
    "of",
    "registry_of",
    "head_of",
    "level",
    "in_charge_of",
    "topic",
    "keeper_of",
    "picked",
    "did",
    "field",
    "exclude",
    "when_empty",
];

/// The longest name of a topic.
const LONGEST_TOPIC: usize = 50;

/// Something elsewhere in the file that a step relies on; checked once all steps are known.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub what: Needs,
    pub name: At<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// An earlier step that people handle.
    Did,
    PickedPeople,
    PickedUnits,
    PickedLead,
    /// A step that may be sent back to.
    SendBack,
}

impl Reader<'_> {
    /// A selector or a list of them. `outer` holds what stands beside `by:` on the step.
    pub(crate) fn who(&mut self, node: &Node, what: &str, outer: Option<&Entries<'_>>) -> Who {
        let mut who = Who {
            any_of: vec![],
            exclude: vec![],
            when_empty: self.defaults.when_empty.clone(),
            at: node.at.clone(),
        };
        let lone = !matches!(node.kind, Kind::List(_));
        for item in some_items(node, what, true, &mut self.problems) {
            self.one_of(item, what, lone, &mut who);
        }
        if matches!(node.kind, Kind::Nothing) {
            self.problems.add("empty", &node.at, format!("{what}没有写由谁办理"), None);
        }
        if let Some(outer) = outer {
            if let Some(exclude) = outer.get("exclude") {
                who.exclude.extend(self.exclude(exclude));
            }
            if let Some(empty) = outer.get("when_empty")
                && let Some(empty) = self.when_empty(empty)
            {
                who.when_empty = empty;
            }
        }
        who
    }

    fn one_of(&mut self, node: &Node, what: &str, lone: bool, who: &mut Who) {
        if let Some(word) = scalar(node) {
            if word == "initiator" {
                who.any_of.push(Selector::Initiator);
            } else {
                let hint = nearest(word, ["initiator"]).or_else(|| Some("人员要写成选择器，例如 initiator、{ role: 角色 }、{ head_of: initiator.unit }".into()));
                self.problems.add(
                    "unknown_selector",
                    &node.at,
                    format!("{what}不认识“{word}”"),
                    hint,
                );
            }
            return;
        }
        if matches!(node.kind, Kind::Nothing) {
            return;
        }
        let Some(entries) = Entries::of(node, what, ENTRIES, &mut self.problems) else { return };
        let kinds: Vec<_> =
            entries.keys().filter(|key| SELECTORS.contains(&key.name.as_str())).cloned().collect();
        match &kinds[..] {
            [] => {
                let unknown = matches!(&node.kind, Kind::Map(all) if all.iter().any(|(key, _)| !ENTRIES.contains(&key.name.as_str())));
                if !unknown {
                    let hint = Some(format!("可以写：initiator、{}", SELECTORS.join("、")));
                    self.problems.add(
                        "unknown_selector",
                        &entries.at,
                        format!("{what}没有写选谁"),
                        hint,
                    );
                }
            }
            [kind] => {
                let value = entries.get(&kind.name);
                if let Some(selector) =
                    value.and_then(|value| self.selector(&kind.name, value, &entries))
                {
                    who.any_of.push(selector);
                }
            }
            [_, second, ..] => {
                let hint = Some("几个选择器写成列表：[{ … }, { … }]".into());
                self.problems.add("two_selectors", &second.at, "一个选择器只能写一种选法", hint);
            }
        }
        for (key, belongs) in [("of", "post"), ("level", "head_of"), ("topic", "in_charge_of")] {
            if let Some(stray) = entries.key(key).filter(|_| entries.key(belongs).is_none()) {
                self.problems.add(
                    "stray_key",
                    &stray.at,
                    format!("“{key}”只能与“{belongs}”一起写"),
                    None,
                );
            }
        }
        for key in ["exclude", "when_empty"] {
            if let Some(stray) = entries.key(key).filter(|_| !lone) {
                let hint = Some(format!("请把“{key}”写在环节上，与 by 并列"));
                self.problems.add(
                    "stray_key",
                    &stray.at,
                    format!("列表中的选择器不能各写“{key}”"),
                    hint,
                );
            }
        }
        if let Some(exclude) = entries.get("exclude") {
            who.exclude.extend(self.exclude(exclude));
        }
        if let Some(empty) = entries.get("when_empty")
            && let Some(empty) = self.when_empty(empty)
        {
            who.when_empty = empty;
        }
    }

    fn selector(&mut self, kind: &str, value: &Node, entries: &Entries<'_>) -> Option<Selector> {
        let label = format!("“{kind}”");
        Some(match kind {
            "user" => Selector::User(PersonId(self.plain(value, &label)?.value)),
            "role" => Selector::Role(RoleId(self.plain(value, &label)?.value)),
            "post" => {
                let title = self.plain(value, &label)?.value;
                let of = entries.required("of", "post 选择器", &mut self.problems)?;
                Selector::Post { title, of: self.unit(of)? }
            }
            "registry_of" => Selector::RegistryOf(self.unit(value)?),
            "head_of" => {
                let level = match entries.get("level") {
                    None => 1,
                    Some(node) => match scalar(node)
                        .and_then(|text| text.parse::<u32>().ok())
                        .filter(|level| (1..=9).contains(level))
                    {
                        Some(level) => level,
                        None => {
                            self.problems.add(
                                "wrong_type",
                                &node.at,
                                "“level”应当是 1 到 9 的整数",
                                Some("1 是本单位负责人，2 是上一级".into()),
                            );
                            return None;
                        }
                    },
                };
                Selector::HeadOf { of: self.unit(value)?, level }
            }
            "in_charge_of" => {
                let topic = match entries.get("topic") {
                    None => None,
                    Some(node) => Some(self.topic(node)?),
                };
                Selector::InChargeOf { of: self.unit(value)?, topic }
            }
            "keeper_of" => Selector::KeeperOf(self.unit(value)?),
            "picked" => {
                let name = self.plain(value, &label)?;
                self.uses.push(Use { what: Needs::PickedPeople, name: name.clone() });
                Selector::Picked(name.value)
            }
            "did" => {
                let name = self.plain(value, &label)?;
                self.uses.push(Use { what: Needs::Did, name: name.clone() });
                Selector::Did(StepId(name.value))
            }
            // The only one left of SELECTORS.
            _ => {
                let written = self.plain(value, &label)?;
                Selector::Field(self.field(
                    &written,
                    &[FieldType::Person, FieldType::People],
                    "人员",
                )?)
            }
        })
    }

    /// A topic by its name, or the field that says it.
    fn topic(&mut self, node: &Node) -> Option<Topic> {
        const KINDS: &[FieldType] = &[FieldType::Text, FieldType::Choice];
        let written = self.plain(node, "“topic”")?;
        if written.value.starts_with("doc.") || written.value.starts_with("form.") {
            return self.field(&written, KINDS, "单行文字或单选").map(Topic::Field);
        }
        if written.value.chars().count() > LONGEST_TOPIC {
            let hint = Some("写单位分管专题的名称，例如 财政；或写字段，例如 form.matter".into());
            let text = format!("“topic”超过{LONGEST_TOPIC}个字");
            self.problems.add("too_long", &written.at, text, hint);
            return None;
        }
        Some(Topic::Named(written.value.trim().to_owned()))
    }

    fn plain(&mut self, node: &Node, label: &str) -> Option<At<String>> {
        text(node, label, &mut self.problems)
    }

    fn exclude(&mut self, node: &Node) -> Vec<Exclude> {
        let mut found = vec![];
        for item in some_items(node, "“exclude”", true, &mut self.problems) {
            if let Some(word) = scalar(item) {
                if word == "initiator" {
                    found.push(Exclude::Initiator);
                } else {
                    let hint = Some("可以写：initiator、did: 环节".into());
                    self.problems.add(
                        "unknown_selector",
                        &item.at,
                        format!("“exclude”不认识“{word}”"),
                        hint,
                    );
                }
                continue;
            }
            let Some(entries) = Entries::of(item, "“exclude”", &["did"], &mut self.problems)
            else {
                continue;
            };
            if let Some(name) = entries.text("did", &mut self.problems) {
                self.uses.push(Use { what: Needs::Did, name: name.clone() });
                found.push(Exclude::Did(StepId(name.value)));
            }
        }
        found
    }

    pub(crate) fn when_empty(&mut self, node: &Node) -> Option<WhenEmpty> {
        match scalar(node) {
            Some("stall") => Some(WhenEmpty::Stall),
            Some("pass") => Some(WhenEmpty::Pass),
            Some(word) if word != "initiator" => {
                let hint = nearest(word, ["stall", "pass"])
                    .unwrap_or_else(|| "可以写：stall（停滞）、pass（跳过）或人员选择器".into());
                self.problems.add(
                    "unknown_word",
                    &node.at,
                    format!("“when_empty”不能是“{word}”"),
                    Some(hint),
                );
                None
            }
            Some(_) | None => {
                let who = self.who(node, "“when_empty”", None);
                // Nobody found there either: that is a stall, whatever the default says.
                let when_empty = if node_says_when_empty(node) {
                    who.when_empty.clone()
                } else {
                    WhenEmpty::Stall
                };
                (!who.any_of.is_empty())
                    .then(|| WhenEmpty::Give(Box::new(Who { when_empty, ..who })))
            }
        }
    }

    /// An expression for one unit.
    pub(crate) fn unit(&mut self, node: &Node) -> Option<UnitExpr> {
        if let Kind::Map(_) = node.kind {
            let entries = Entries::of(node, "单位", &["unit"], &mut self.problems)?;
            let id = entries.text("unit", &mut self.problems)?;
            return Some(UnitExpr { base: UnitBase::Named(UnitId(id.value)), up: vec![] });
        }
        let written = text(node, "单位", &mut self.problems)?;
        let mut parts = written.value.split('.');
        let first = parts.next().unwrap_or_default();
        let base = if first == "initiator" {
            match parts.next() {
                Some("unit") => UnitBase::InitiatorUnit,
                _ => {
                    self.unknown_unit(&written);
                    return None;
                }
            }
        } else if first == "doc" || first == "form" {
            let name = parts.next().unwrap_or_default();
            let field = At {
                value: format!("{first}.{name}"),
                at: written.at.start
                    ..(written.at.start + first.len() + 1 + name.len()).min(written.at.end),
            };
            UnitBase::Field(self.field(&field, &[FieldType::Unit], "单个单位")?)
        } else if self.each.iter().any(|each| each == first) {
            UnitBase::Each(first.to_owned())
        } else {
            self.unknown_unit(&written);
            return None;
        };
        let mut up = vec![];
        for part in parts {
            match part {
                "organ" => up.push(Up::Organ),
                "parent" => up.push(Up::Parent),
                _ => {
                    let hint = nearest(part, ["organ", "parent"]).or_else(|| {
                        Some("后面可以写 .organ（所属机关）或 .parent（上级单位）".into())
                    });
                    let from = written.at.start + written.value.rfind(part).unwrap_or(0);
                    self.problems.add(
                        "unknown_unit",
                        &(from..from + part.len()),
                        format!("单位后面不能写“.{part}”"),
                        hint,
                    );
                    return None;
                }
            }
        }
        Some(UnitExpr { base, up })
    }

    fn unknown_unit(&mut self, written: &At<String>) {
        let known: Vec<String> = [
            "initiator.unit".to_owned(),
            "initiator.unit.organ".into(),
            "initiator.unit.parent".into(),
        ]
        .into_iter()
        .chain(self.each.iter().cloned())
        .collect();
        let hint = nearest(&written.value, known.iter().map(String::as_str)).unwrap_or_else(|| {
            format!("可以写：{}、{}.单位字段，或 {{ unit: 单位标识 }}", known.join("、"), self.root)
        });
        self.problems.add(
            "unknown_unit",
            &written.at,
            format!("不认识单位“{}”", written.value),
            Some(hint),
        );
    }

    /// An expression for several units: a field, or an earlier choice.
    pub(crate) fn units(&mut self, written: &At<String>, lead: bool) -> Option<Units> {
        if let Some(name) = written.value.strip_prefix("picked.") {
            let what = if lead { Needs::PickedLead } else { Needs::PickedUnits };
            let at = written.at.start + "picked.".len()..written.at.end;
            self.uses.push(Use { what, name: At { value: name.to_owned(), at } });
            return Some(if lead {
                Units::PickedLead(name.to_owned())
            } else {
                Units::Picked(name.to_owned())
            });
        }
        let types: &[FieldType] = if lead { &[FieldType::Unit] } else { &[FieldType::Units] };
        let title = if lead { "单个单位" } else { "多个单位" };
        self.field(written, types, title).map(Units::Field)
    }

    /// The bare name of a field written as `doc.NAME` or `form.NAME`, of one of these types.
    pub(crate) fn field(
        &mut self,
        written: &At<String>,
        types: &[FieldType],
        wanted: &str,
    ) -> Option<String> {
        let fitting = || self.fields.iter().filter(|field| types.contains(&field.kind));
        let all: Vec<String> =
            fitting().map(|field| format!("{}.{}", self.root, field.name)).collect();
        let list = || {
            if all.is_empty() {
                format!("没有{wanted}字段可用")
            } else {
                format!("可以写：{}", all.join("、"))
            }
        };
        let near = || nearest(&written.value, all.iter().map(String::as_str)).unwrap_or_else(list);
        let Some((root, name)) = written.value.split_once('.') else {
            self.problems.add(
                "unknown_field",
                &written.at,
                format!("“{}”不是字段", written.value),
                Some(near()),
            );
            return None;
        };
        if root != self.root {
            let at: Range<usize> = written.at.start..written.at.start + root.len();
            self.problems.add(
                "unknown_field",
                &at,
                format!("本流程的字段以“{}.”开头", self.root),
                Some(near()),
            );
            return None;
        }
        let at = written.at.start + root.len() + 1..written.at.end;
        match self.fields.iter().find(|field| field.name == name) {
            None => {
                self.problems.add(
                    "unknown_field",
                    &at,
                    format!("没有名为“{name}”的字段"),
                    Some(near()),
                );
                None
            }
            Some(field) if !types.contains(&field.kind) => {
                self.problems.add(
                    "field_type",
                    &at,
                    format!("字段“{}”不是{wanted}", field.title),
                    Some(list()),
                );
                None
            }
            Some(field) => Some(field.name.clone()),
        }
    }
}

fn node_says_when_empty(node: &Node) -> bool {
    matches!(&node.kind, Kind::Map(entries) if entries.iter().any(|(key, _)| key.name == "when_empty"))
}
