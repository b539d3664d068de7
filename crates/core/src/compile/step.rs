//! The steps of a file, read one by one into a draft that the graph is built from. A broken step still leaves its
//! draft, so that what refers to it is not called unknown.

use super::{
    problem::{Problems, nearest},
    read::{At, Entries, id, items, later, scalar, some_items, text, word},
    tree::{Key, Kind, Node},
    who::{Needs, Use},
};
use crate::{
    condition::{Condition, Names},
    value::{Field, Vocabulary},
    workflow::{
        ActKind, Circulate, Due, Handle, JoinRule, OnChange, OnRefuse, Pick, PickWhat, ResumeRule,
        Selector, SendBackRule, Siblings, Target, Units, Vote, WhenEmpty, Who,
    },
};
use std::{collections::BTreeMap, collections::BTreeSet, ops::Range};

/// One step of the file.
#[derive(Debug)]
pub(crate) struct Item {
    pub id: Option<At<String>>,
    pub title: String,
    /// Its head in the source.
    pub at: Range<usize>,
    pub next: Option<At<String>>,
    pub uses: Vec<Use>,
    pub kind: ItemKind,
}

#[derive(Debug)]
pub(crate) enum ItemKind {
    Handle(Box<Handle>),
    Circulate(Circulate),
    Effects(Vec<String>),
    Choose(Vec<(Option<Condition>, Vec<Item>)>),
    Parallel { join: JoinRule, branches: Vec<(String, Vec<Item>)> },
    Each { name: String, over: Units, lead: Option<Units>, join: JoinRule, steps: Vec<Item> },
}

/// What `defaults:` says for every step.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub can: BTreeSet<ActKind>,
    pub send_back: SendBackRule,
    pub on_change: OnChange,
    pub when_empty: WhenEmpty,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            can: BTreeSet::from([
                ActKind::Approve,
                ActKind::SendBack,
                ActKind::Transfer,
                ActKind::Cc,
                ActKind::Circulate,
                ActKind::Urge,
                ActKind::Withdraw,
            ]),
            send_back: SendBackRule {
                to: vec![Target::Previous, Target::Initiator],
                resume: ResumeRule::Ask,
                siblings: Siblings::Keep,
            },
            on_change: OnChange::Ask,
            when_empty: WhenEmpty::Stall,
        }
    }
}

/// Reads a file; knows what may be spoken of where it is reading.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub problems: Problems<'a>,
    pub words: &'a Vocabulary,
    /// Fields of the document or form.
    pub fields: Vec<Field>,
    /// How they are said: `doc` or `form`.
    pub root: &'static str,
    /// Variables of the `for_each` blocks around.
    pub each: Vec<String>,
    /// Blocks around, of either kind.
    pub depth: usize,
    pub defaults: Defaults,
    /// What the step being read relies on.
    pub uses: Vec<Use>,
    pub ids: BTreeMap<String, Range<usize>>,
}

pub(crate) const HANDLE: &[&str] = &[
    "id",
    "title",
    "ask",
    "by",
    "edit",
    "require",
    "can",
    "claim",
    "vote",
    "on_refuse",
    "on_change",
    "send_back",
    "due",
    "pick",
    "do",
    "next",
    "when_empty",
    "exclude",
];
pub(crate) const CIRCULATE: &[&str] =
    &["circulate", "id", "title", "ask", "wait", "due", "next", "when_empty", "exclude"];
const EFFECTS: &[&str] = &["do", "id", "title", "next"];
const CHOOSE: &[&str] = &["choose", "id", "title"];
const PARALLEL: &[&str] = &["parallel", "id", "title", "join"];
const EACH: &[&str] = &["for_each", "lead", "id", "title", "join", "steps"];

pub(crate) const ACTS: &[(&str, ActKind)] = &[
    ("approve", ActKind::Approve),
    ("refuse", ActKind::Refuse),
    ("send_back", ActKind::SendBack),
    ("transfer", ActKind::Transfer),
    ("cc", ActKind::Cc),
    ("circulate", ActKind::Circulate),
    ("withdraw", ActKind::Withdraw),
    ("urge", ActKind::Urge),
    ("terminate", ActKind::Terminate),
];
const JOINS: &[(&str, JoinRule)] = &[("all", JoinRule::All), ("any", JoinRule::Any)];
const ON_CHANGE: &[(&str, OnChange)] = &[("keep", OnChange::Keep), ("ask", OnChange::Ask)];

impl Reader<'_> {
    pub(crate) fn steps(&mut self, node: &Node, what: &str) -> Vec<Item> {
        let nodes = items(node, what, false, &mut self.problems);
        nodes.into_iter().filter_map(|step| self.step(step)).collect()
    }

    fn step(&mut self, node: &Node) -> Option<Item> {
        let Kind::Map(entries) = &node.kind else {
            let hint = Some("例如 - { id: head, title: 审核, by: initiator }".into());
            self.problems.add(
                "wrong_type",
                &node.at,
                format!("环节应当是键值（键: 值），这里是{}", node.title()),
                hint,
            );
            return None;
        };
        let has = |name: &str| entries.iter().any(|(key, _)| key.name == name);
        let kinds: Vec<&Key> = entries
            .iter()
            .map(|(key, _)| key)
            .filter(|key| {
                ["parallel", "for_each", "choose", "circulate", "by"].contains(&key.name.as_str())
            })
            .collect();
        if let [first, second, ..] = &kinds[..]
            && first.name != second.name
        {
            let message = format!("一个环节不能既写“{}”又写“{}”", first.name, second.name);
            self.problems.add("two_kinds", &second.at, message, Some("请分成两个环节".into()));
            return None;
        }
        if has("parallel") {
            self.parallel(node)
        } else if has("for_each") {
            self.for_each(node)
        } else if has("choose") {
            self.choose(node)
        } else if has("circulate") {
            self.circulate(node)
        } else if has("do") && entries.iter().all(|(key, _)| EFFECTS.contains(&key.name.as_str())) {
            self.effects_step(node)
        } else {
            self.handle(node)
        }
    }

    fn item(&mut self, entries: &Entries<'_>, title: &str, kind: ItemKind) -> Item {
        let id = entries.get("id").and_then(|node| id(node, "环节标识", &mut self.problems));
        if let Some(id) = &id {
            if ["end", "previous", "initiator"].contains(&id.value.as_str()) {
                self.problems.add(
                    "bad_id",
                    &id.at,
                    format!("“{}”是保留词，不能作环节标识", id.value),
                    None,
                );
            } else if let Some(first) = self.ids.get(&id.value) {
                let line = line_of(self.problems.source(), first.start);
                self.problems.add(
                    "duplicate_id",
                    &id.at,
                    format!("环节标识“{}”重复", id.value),
                    Some(format!("第{line}行已经用过，请换一个")),
                );
            } else {
                self.ids.insert(id.value.clone(), id.at.clone());
            }
        }
        let title = entries
            .text("title", &mut self.problems)
            .map_or_else(|| title.to_owned(), |title| title.value);
        let next = entries.text("next", &mut self.problems);
        Item { id, title, at: entries.at.clone(), next, uses: std::mem::take(&mut self.uses), kind }
    }

    fn handle(&mut self, node: &Node) -> Option<Item> {
        let entries = Entries::of(node, "办理环节", HANDLE, &mut self.problems)?;
        let what = "办理环节";
        entries.required("id", what, &mut self.problems);
        entries.required("title", what, &mut self.problems);
        let by = match entries.get("by") {
            Some(by) => self.who(by, "“by”", Some(&entries)),
            None => {
                let hint = Some("例如 by: initiator，或 by: { head_of: initiator.unit }".into());
                self.problems.add("missing_key", &entries.at, "环节没有写由谁办理（by）", hint);
                Who {
                    any_of: vec![],
                    exclude: vec![],
                    when_empty: WhenEmpty::Stall,
                    at: entries.at.clone(),
                }
            }
        };
        let effects =
            entries.get("do").map(|node| self.effects(node, Some(&by))).unwrap_or_default();
        let kept = effects.iter().any(|name| self.words.effect(name).is_some_and(|one| one.keeper));
        let can = match entries.get("can") {
            Some(node) => {
                let can = self.acts(node);
                if kept && can.contains(&ActKind::Transfer) {
                    let hint = Some("去掉 transfer，或把用印单独作一个环节".into());
                    self.problems.add(
                        "keeper_only",
                        &node.at,
                        "用印环节不能转办：印章只能由保管人使用",
                        hint,
                    );
                }
                can
            }
            None => {
                let mut can = self.defaults.can.clone();
                if kept {
                    can.remove(&ActKind::Transfer);
                }
                can
            }
        };
        let on_refuse =
            [("end", OnRefuse::End), ("send_back", OnRefuse::SendBack), ("go_on", OnRefuse::GoOn)];
        let default_refuse = if self.depth == 0 { OnRefuse::End } else { OnRefuse::GoOn };
        let send_back = match entries.get("send_back") {
            Some(node) => self.send_back(node, true),
            None => self.defaults.send_back.clone(),
        };
        let problems = &mut self.problems;
        let title = entries.get("title").and_then(scalar).unwrap_or("办理").to_owned();
        let handle = Handle {
            ask: entries
                .text("ask", problems)
                .map_or_else(|| format!("请{title}"), |ask| ask.value),
            claim: entries.bool("claim", problems).unwrap_or(false),
            vote: entries
                .word("vote", &[("all", Vote::All), ("any", Vote::Any)], problems)
                .unwrap_or(Vote::All),
            on_refuse: entries.word("on_refuse", &on_refuse, problems).unwrap_or(default_refuse),
            on_change: entries
                .word("on_change", ON_CHANGE, problems)
                .unwrap_or(self.defaults.on_change),
            due: entries.get("due").and_then(|node| due(node, problems)),
            edit: entries
                .get("edit")
                .map(|node| self.field_names(node, "“edit”"))
                .unwrap_or_default(),
            require: entries
                .get("require")
                .map(|node| self.field_names(node, "“require”"))
                .unwrap_or_default(),
            pick: entries.get("pick").map(|node| self.picks(node)).unwrap_or_default(),
            by,
            can,
            send_back,
            effects,
        };
        Some(self.item(&entries, "办理", ItemKind::Handle(Box::new(handle))))
    }

    fn circulate(&mut self, node: &Node) -> Option<Item> {
        let entries = Entries::of(node, "传阅环节", CIRCULATE, &mut self.problems)?;
        let to = self.who(entries.get("circulate")?, "“circulate”", Some(&entries));
        let circulate = Circulate {
            to,
            ask: entries
                .text("ask", &mut self.problems)
                .map_or_else(|| "请阅".to_owned(), |ask| ask.value),
            wait: entries.bool("wait", &mut self.problems).unwrap_or(false),
            due: entries.get("due").and_then(|node| due(node, &mut self.problems)),
        };
        Some(self.item(&entries, "传阅", ItemKind::Circulate(circulate)))
    }

    fn effects_step(&mut self, node: &Node) -> Option<Item> {
        let entries = Entries::of(node, "系统环节", EFFECTS, &mut self.problems)?;
        let effects = self.effects(entries.get("do")?, None);
        Some(self.item(&entries, "系统处理", ItemKind::Effects(effects)))
    }

    fn choose(&mut self, node: &Node) -> Option<Item> {
        let entries = Entries::of(node, "分支选择", CHOOSE, &mut self.problems)?;
        let list = entries.get("choose")?;
        let mut alternatives: Vec<(Option<Condition>, Vec<Item>)> = vec![];
        let mut otherwise: Option<Range<usize>> = None;
        for node in some_items(list, "“choose”", false, &mut self.problems) {
            let Some(one) =
                Entries::of(node, "分支", &["when", "steps", "otherwise"], &mut self.problems)
            else {
                continue;
            };
            if let Some(first) = &otherwise {
                let line = line_of(self.problems.source(), first.start);
                let hint = Some(format!("otherwise 已在第{line}行，它后面的分支永远走不到"));
                self.problems.add("after_otherwise", &one.at, "otherwise 应当是最后一个分支", hint);
            }
            if let Some(steps) = one.get("otherwise") {
                if let Some(stray) = one.key("when").or(one.key("steps")) {
                    let hint = Some("otherwise 后面直接写步骤：- otherwise: […]".into());
                    self.problems.add(
                        "stray_key",
                        &stray.at,
                        format!("“otherwise”旁边不能写“{}”", stray.name),
                        hint,
                    );
                }
                otherwise = one.key("otherwise").map(|key| key.at.clone());
                let steps = self.steps(steps, "“otherwise”");
                alternatives.push((None, steps));
                continue;
            }
            let when = one
                .required("when", "分支", &mut self.problems)
                .and_then(|when| self.condition(when));
            let steps = one.required("steps", "分支", &mut self.problems);
            let steps = steps.map(|node| self.steps(node, "“steps”")).unwrap_or_default();
            alternatives.push((when, steps));
        }
        if otherwise.is_none() {
            let at = entries.key("choose").map_or_else(|| entries.at.clone(), |key| key.at.clone());
            let hint =
                Some("最后加一个分支：- otherwise: […]；不需要办理就写 - otherwise: []".into());
            self.problems.add(
                "no_otherwise",
                &at,
                "choose 缺少 otherwise：条件都不成立时无路可走",
                hint,
            );
        }
        self.uses.clear();
        Some(self.item(&entries, "分支选择", ItemKind::Choose(alternatives)))
    }

    fn parallel(&mut self, node: &Node) -> Option<Item> {
        let entries = Entries::of(node, "并行块", PARALLEL, &mut self.problems)?;
        let list = entries.get("parallel")?;
        let mut branches = vec![];
        self.depth += 1;
        let nodes = some_items(list, "“parallel”", false, &mut self.problems);
        if nodes.len() == 1 {
            self.problems.add(
                "one_branch",
                &list.at,
                "并行至少要有两个分支",
                Some("只有一支时直接写成顺序的环节".into()),
            );
        }
        for (index, node) in nodes.into_iter().enumerate() {
            let Some(branch) =
                Entries::of(node, "并行分支", &["title", "steps"], &mut self.problems)
            else {
                continue;
            };
            let title = branch
                .text("title", &mut self.problems)
                .map_or_else(|| format!("第{}支", index + 1), |title| title.value);
            let steps = branch.required("steps", "并行分支", &mut self.problems);
            branches
                .push((title, steps.map(|node| self.steps(node, "“steps”")).unwrap_or_default()));
        }
        self.depth -= 1;
        let join = entries.word("join", JOINS, &mut self.problems).unwrap_or(JoinRule::All);
        Some(self.item(&entries, "并行", ItemKind::Parallel { join, branches }))
    }

    fn for_each(&mut self, node: &Node) -> Option<Item> {
        let entries = Entries::of(node, "for_each 块", EACH, &mut self.problems)?;
        let (name, over) = self.loop_over(entries.get("for_each")?);
        let lead =
            entries.text("lead", &mut self.problems).and_then(|written| self.units(&written, true));
        let uses = std::mem::take(&mut self.uses);
        let join = entries.word("join", JOINS, &mut self.problems).unwrap_or(JoinRule::All);
        self.each.push(name.clone());
        self.depth += 1;
        let steps = match entries.required("steps", "for_each 块", &mut self.problems) {
            Some(steps) => {
                some_items(steps, "“steps”", false, &mut self.problems);
                self.steps(steps, "“steps”")
            }
            None => vec![],
        };
        self.depth -= 1;
        self.each.pop();
        self.uses = uses;
        Some(self.item(&entries, "分别办理", ItemKind::Each { name, over, lead, join, steps }))
    }

    /// `{ unit: doc.countersign_units }`: the variable and what it runs over.
    fn loop_over(&mut self, node: &Node) -> (String, Units) {
        let found = Entries::free(node, "“for_each”", &mut self.problems);
        let nothing = || Units::Field(String::new());
        let Some((key, value)) = found.first() else {
            if matches!(node.kind, Kind::Map(_)) {
                self.problems.add(
                    "empty",
                    &node.at,
                    "“for_each”不能为空",
                    Some("例如 for_each: { unit: doc.countersign_units }".into()),
                );
            }
            return ("unit".into(), nothing());
        };
        if let Some((second, _)) = found.get(1) {
            self.problems.add("unknown_key", &second.at, "“for_each”只能有一个变量", None);
        }
        let reserved = ["doc", "form", "initiator", "lead", "picked"].contains(&key.name.as_str());
        let word = key.name.chars().next().is_some_and(|c| c.is_ascii_lowercase())
            && key.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if reserved || !word {
            self.problems.add(
                "bad_id",
                &key.at,
                format!("“{}”不能作变量名", key.name),
                Some("用小写字母开头的名字，例如 unit".into()),
            );
        } else if self.each.contains(&key.name) {
            self.problems.add(
                "duplicate_id",
                &key.at,
                format!("变量“{}”在外层已经用过", key.name),
                Some("内层请换一个名字".into()),
            );
        }
        let over = text(value, "“for_each”的范围", &mut self.problems)
            .and_then(|written| self.units(&written, false));
        (key.name.clone(), over.unwrap_or_else(nothing))
    }

    fn condition(&mut self, node: &Node) -> Option<Condition> {
        let written = text(node, "“when”", &mut self.problems)?;
        let names = Names { root: self.root, fields: &self.fields, each: &self.each };
        match Condition::compile(&written.value, &names) {
            Ok(condition) => Some(condition),
            Err(faults) => {
                let source = self.problems.source();
                // Where the text stands in the file as it is, places carry over; else the whole of it is underlined.
                let raw = source.get(written.at.clone()).unwrap_or("");
                let start = [0, 1].into_iter().find(|skip| {
                    raw.get(*skip..).is_some_and(|rest| rest.starts_with(&written.value))
                });
                for fault in faults {
                    let at = match start {
                        Some(skip) => {
                            written.at.start + skip + fault.at.start
                                ..written.at.start + skip + fault.at.end
                        }
                        None => written.at.clone(),
                    };
                    self.problems.add(fault.code, &at, fault.message, fault.hint);
                }
                None
            }
        }
    }

    pub(crate) fn acts(&mut self, node: &Node) -> BTreeSet<ActKind> {
        let found = some_items(node, "“can”", false, &mut self.problems);
        found.into_iter().filter_map(|item| word(item, "“can”", ACTS, &mut self.problems)).collect()
    }

    pub(crate) fn send_back(&mut self, node: &Node, in_step: bool) -> SendBackRule {
        let mut rule = self.defaults.send_back.clone();
        let Some(entries) =
            Entries::of(node, "“send_back”", &["to", "resume", "siblings"], &mut self.problems)
        else {
            return rule;
        };
        if let Some(to) = entries.get("to") {
            rule.to = vec![];
            for item in some_items(to, "“to”", true, &mut self.problems) {
                let Some(target) = text(item, "“to”", &mut self.problems) else { continue };
                rule.to.push(match target.value.as_str() {
                    "previous" => Target::Previous,
                    "initiator" => Target::Initiator,
                    step => Target::Step(step.into()),
                });
                if matches!(rule.to.last(), Some(Target::Step(_))) {
                    if in_step {
                        self.uses.push(Use { what: Needs::SendBack, name: target });
                    } else {
                        let hint = Some("具体环节请写在各环节的 send_back 中".into());
                        self.problems.add(
                            "unknown_word",
                            &target.at,
                            "defaults 中只能退回 previous 或 initiator",
                            hint,
                        );
                    }
                }
            }
        }
        let resume = [
            ("direct", ResumeRule::Direct),
            ("stepwise", ResumeRule::Stepwise),
            ("ask", ResumeRule::Ask),
        ];
        if let Some(resume) = entries.word("resume", &resume, &mut self.problems) {
            rule.resume = resume;
        }
        let siblings = [("keep", Siblings::Keep), ("cancel", Siblings::Cancel)];
        if let Some(siblings) = entries.word("siblings", &siblings, &mut self.problems) {
            rule.siblings = siblings;
        }
        rule
    }

    fn effects(&mut self, node: &Node, by: Option<&Who>) -> Vec<String> {
        let mut found: Vec<String> = vec![];
        for item in some_items(node, "“do”", true, &mut self.problems) {
            let Some(name) = text(item, "“do”", &mut self.problems) else { continue };
            let Some(effect) = self.words.effect(&name.value) else {
                match later(&name.value) {
                    Some(title) => {
                        self.problems.add(
                            "not_built_yet",
                            &name.at,
                            format!("动作 {}（{title}）尚未提供", name.value),
                            Some("请先去掉这个动作".into()),
                        );
                    }
                    None => {
                        let known = self.words.effects.iter().map(|effect| effect.name.as_str());
                        let hint = nearest(&name.value, known.clone()).unwrap_or_else(|| {
                            format!("可以写：{}", known.collect::<Vec<_>>().join("、"))
                        });
                        self.problems.add(
                            "unknown_effect",
                            &name.at,
                            format!("没有名为“{}”的动作", name.value),
                            Some(hint),
                        );
                    }
                }
                continue;
            };
            if self.root == "form" {
                self.problems.add(
                    "effect_without_document",
                    &name.at,
                    format!("{}（{}）要有公文，本流程只有表单", name.value, effect.title),
                    None,
                );
            }
            if effect.keeper && !by.is_some_and(only_keepers) {
                let hint =
                    Some("写在 by: { keeper_of: … } 的环节中，且 when_empty 不能交给别人".into());
                self.problems.add(
                    "keeper_only",
                    &name.at,
                    format!("{}（{}）只能由印章保管人的环节执行", name.value, effect.title),
                    hint,
                );
            }
            if found.contains(&name.value) {
                self.problems.add(
                    "duplicate_effect",
                    &name.at,
                    format!("动作“{}”重复", name.value),
                    None,
                );
            } else {
                found.push(name.value);
            }
        }
        found
    }

    fn field_names(&mut self, node: &Node, what: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for item in some_items(node, what, false, &mut self.problems) {
            let Some(name) = text(item, what, &mut self.problems) else { continue };
            if self.fields.iter().any(|field| field.name == name.value) {
                found.insert(name.value);
                continue;
            }
            let known = self.fields.iter().map(|field| field.name.as_str());
            let hint = nearest(&name.value, known.clone())
                .or_else(|| Some(format!("可以写：{}", known.collect::<Vec<_>>().join("、"))));
            self.problems.add(
                "unknown_field",
                &name.at,
                format!("没有名为“{}”的字段", name.value),
                hint,
            );
        }
        found
    }

    fn picks(&mut self, node: &Node) -> Vec<Pick> {
        let mut found = vec![];
        for (key, value) in Entries::free(node, "“pick”", &mut self.problems) {
            let known = ["title", "people", "units", "lead", "required"];
            let Some(entries) =
                Entries::of(value, &format!("选择“{}”", key.name), &known, &mut self.problems)
            else {
                continue;
            };
            let title = entries
                .text("title", &mut self.problems)
                .map_or_else(|| key.name.clone(), |title| title.value);
            let required = entries.bool("required", &mut self.problems).unwrap_or(false);
            let lead = entries.bool("lead", &mut self.problems).unwrap_or(false);
            let what = match (entries.get("people"), entries.get("units")) {
                (Some(people), None) => {
                    if let Some(stray) = entries.key("lead") {
                        self.problems.add(
                            "stray_key",
                            &stray.at,
                            "“lead”（主办）只能与“units”一起写",
                            None,
                        );
                    }
                    let from = if scalar(people) == Some("any") {
                        None
                    } else {
                        Some(self.who(people, "“people”", None))
                    };
                    PickWhat::People { from }
                }
                (None, Some(units)) => {
                    if scalar(units) != Some("true") {
                        self.problems.add("wrong_type", &units.at, "“units”应当是 true", None);
                    }
                    PickWhat::Units { lead }
                }
                (Some(_), Some(_)) | (None, None) => {
                    let hint = Some(
                        "选人写 people: any 或 people: { role: … }；选单位写 units: true".into(),
                    );
                    self.problems.add(
                        "pick_kind",
                        &key.at,
                        format!("选择“{}”要写 people 或 units 之一", key.name),
                        hint,
                    );
                    continue;
                }
            };
            found.push(Pick { name: key.name.clone(), title, what, required });
        }
        found
    }
}

/// Whether nobody but keepers of a seal can come to hold it.
fn only_keepers(who: &Who) -> bool {
    let keepers =
        !who.any_of.is_empty() && who.any_of.iter().all(|one| matches!(one, Selector::KeeperOf(_)));
    keepers
        && match &who.when_empty {
            WhenEmpty::Stall | WhenEmpty::Pass => true,
            WhenEmpty::Give(other) => only_keepers(other),
        }
}

fn due(node: &Node, problems: &mut Problems<'_>) -> Option<Due> {
    let written = text(node, "“due”", problems)?;
    let digits = written.value.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = written.value.split_at(digits);
    let number = number.parse::<u32>().ok().filter(|number| (1..=3650).contains(number));
    match (number, unit) {
        (Some(number), "wd") => Some(Due::WorkingDays(number)),
        (Some(number), "d") => Some(Due::Days(number)),
        (Some(number), "h") => Some(Due::Hours(number)),
        (Some(_) | None, _) => {
            let hint = Some("写作 2wd（工作日）、20d（自然日）或 8h（小时）".into());
            problems.add("bad_due", &written.at, format!("时限“{}”看不懂", written.value), hint);
            None
        }
    }
}

/// 1-based line of a byte.
pub(crate) fn line_of(source: &str, at: usize) -> usize {
    source.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}
