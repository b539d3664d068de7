//! The file as a whole: its name, what it carries, its form, defaults and tests.

use super::{
    read::{At, Entries, bare, id, scalar, some_items, text, word},
    step::{Item, Reader, line_of},
    tree::{Kind, Node},
};
use crate::{
    value::{Facts, Field, FieldType, Value},
    workflow::{Carrier, FlowTest, OnChange},
};

/// A file, read; its steps are not joined yet.
#[derive(Debug)]
pub(crate) struct Draft {
    pub name: String,
    pub title: String,
    pub carries: Carrier,
    pub steps: Vec<Item>,
    pub tests: Vec<FlowTest>,
}

const KEYS: &[&str] = &["workflow", "title", "carries", "form", "defaults", "steps", "tests"];
pub(crate) const TYPES: &[(&str, FieldType)] = &[
    ("text", FieldType::Text),
    ("long_text", FieldType::LongText),
    ("number", FieldType::Number),
    ("bool", FieldType::Bool),
    ("date", FieldType::Date),
    ("choice", FieldType::Choice),
    ("unit", FieldType::Unit),
    ("units", FieldType::Units),
    ("person", FieldType::Person),
    ("people", FieldType::People),
];

impl Reader<'_> {
    pub(crate) fn file(&mut self, root: &Node) -> Option<Draft> {
        let entries = Entries::of(root, "流程文件", KEYS, &mut self.problems)?;
        let name = entries.required("workflow", "流程文件", &mut self.problems);
        let name =
            name.and_then(|node| id(node, "“workflow”", &mut self.problems)).map(|id| id.value);
        entries.required("title", "流程文件", &mut self.problems);
        let title = entries.text("title", &mut self.problems).map(|title| title.value);
        let carries = self.carries(&entries);
        if let Some(defaults) = entries.get("defaults") {
            self.read_defaults(defaults);
        }
        let steps = match entries.required("steps", "流程文件", &mut self.problems) {
            Some(node) => {
                some_items(node, "“steps”", false, &mut self.problems);
                self.steps(node, "“steps”")
            }
            None => vec![],
        };
        let tests = entries.get("tests").map(|node| self.tests(node)).unwrap_or_default();
        Some(Draft {
            name: name.unwrap_or_default(),
            title: title.unwrap_or_default(),
            carries,
            steps,
            tests,
        })
    }

    fn carries(&mut self, entries: &Entries<'_>) -> Carrier {
        let carried = entries.text("carries", &mut self.problems);
        if let Some(carried) = &carried {
            let known: Vec<(&str, ())> =
                self.words.carriers.iter().map(|name| (name.as_str(), ())).collect();
            if let Some(node) = entries.get("carries") {
                word(node, "“carries”", &known, &mut self.problems);
            }
            if let Some(form) = entries.key("form") {
                let message = format!("已经写了 carries: {}，不能再写 form", carried.value);
                self.problems.add(
                    "carries_and_form",
                    &form.at,
                    message,
                    Some("两者只写一个".into()),
                );
            }
        }
        match entries.get("form") {
            Some(form) if carried.is_none() => {
                self.root = "form";
                self.fields = self.form(form);
                Carrier::Form(self.fields.clone())
            }
            Some(_) | None => {
                if entries.get("carries").is_none() {
                    let hint = Some("办理公文写 carries: document；只填表写 form: { … }".into());
                    self.problems.add(
                        "no_carrier",
                        &entries.at,
                        "没有写流程承载什么（carries 或 form）",
                        hint,
                    );
                }
                self.root = "doc";
                self.fields = self.words.fields.clone();
                Carrier::Document
            }
        }
    }

    fn form(&mut self, node: &Node) -> Vec<Field> {
        let mut fields = vec![];
        let found = Entries::free(node, "“form”", &mut self.problems);
        if found.is_empty() && matches!(node.kind, Kind::Map(_) | Kind::Nothing) {
            self.problems.add("empty", &node.at, "“form”至少要有一个字段", None);
        }
        for (key, value) in found {
            let named = key.name.chars().next().is_some_and(|c| c.is_ascii_lowercase())
                && key
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !named {
                let hint = Some("中文名称写在 title".into());
                self.problems.add(
                    "bad_id",
                    &key.at,
                    format!("字段名“{}”只能用小写字母、数字和“_”，以字母开头", key.name),
                    hint,
                );
            }
            let what = format!("字段“{}”", key.name);
            let Some(entries) = Entries::of(
                value,
                &what,
                &["title", "type", "required", "options"],
                &mut self.problems,
            ) else {
                continue;
            };
            let title = entries
                .text("title", &mut self.problems)
                .map_or_else(|| key.name.clone(), |title| title.value);
            entries.required("type", &what, &mut self.problems);
            // A field of unknown type still exists: what speaks of it is not to blame.
            let kind = entries.word("type", TYPES, &mut self.problems).unwrap_or(FieldType::Text);
            let mut options: Vec<String> = vec![];
            if let Some(list) = entries.get("options") {
                if kind != FieldType::Choice
                    && let Some(stray) = entries.key("options")
                {
                    self.problems.add("stray_key", &stray.at, "“options”只用于 type: choice", None);
                }
                for item in some_items(list, "“options”", false, &mut self.problems) {
                    let Some(option) = text(item, "选项", &mut self.problems) else { continue };
                    if options.contains(&option.value) {
                        self.problems.add(
                            "duplicate_option",
                            &option.at,
                            format!("选项“{}”重复", option.value),
                            None,
                        );
                    } else {
                        options.push(option.value);
                    }
                }
            } else if kind == FieldType::Choice {
                self.problems.add(
                    "missing_key",
                    &key.at,
                    format!("{what}缺少“options”"),
                    Some("例如 options: [年假, 病假]".into()),
                );
            }
            let required = entries.bool("required", &mut self.problems).unwrap_or(false);
            fields.push(Field { name: key.name.clone(), title, kind, required, options });
        }
        fields
    }

    fn read_defaults(&mut self, node: &Node) {
        let keys = ["can", "send_back", "on_change", "when_empty"];
        let Some(entries) = Entries::of(node, "“defaults”", &keys, &mut self.problems) else {
            return;
        };
        if let Some(can) = entries.get("can") {
            self.defaults.can = self.acts(can);
        }
        if let Some(rule) = entries.get("send_back") {
            self.defaults.send_back = self.send_back(rule, false);
        }
        let on_change = [("keep", OnChange::Keep), ("ask", OnChange::Ask)];
        if let Some(on_change) = entries.word("on_change", &on_change, &mut self.problems) {
            self.defaults.on_change = on_change;
        }
        if let Some(empty) = entries.get("when_empty")
            && let Some(empty) = self.when_empty(empty)
        {
            self.defaults.when_empty = empty;
        }
        for stray in std::mem::take(&mut self.uses) {
            let hint = Some("defaults 用于所有环节，请用角色、岗位或具体人员".into());
            self.problems.add(
                "unknown_selector",
                &stray.name.at,
                "defaults 中不能引用环节或选择",
                hint,
            );
        }
    }

    fn tests(&mut self, node: &Node) -> Vec<FlowTest> {
        let mut tests: Vec<FlowTest> = vec![];
        for item in some_items(node, "“tests”", false, &mut self.problems) {
            let Some(entries) =
                Entries::of(item, "测试", &["name", "by", "given", "play"], &mut self.problems)
            else {
                continue;
            };
            for key in ["name", "by", "play"] {
                entries.required(key, "测试", &mut self.problems);
            }
            let name = entries.text("name", &mut self.problems);
            if let Some(name) = &name
                && tests.iter().any(|test| test.name == name.value)
            {
                self.problems.add(
                    "duplicate_id",
                    &name.at,
                    format!("测试“{}”重名", name.value),
                    None,
                );
            }
            let given = entries.get("given").map(|node| self.given(node)).unwrap_or_default();
            let mut play = vec![];
            if let Some(lines) = entries.get("play") {
                for line in some_items(lines, "“play”", false, &mut self.problems) {
                    let Some(line) = text(line, "测试的一行", &mut self.problems) else {
                        continue;
                    };
                    if !line.value.contains("->") {
                        let hint =
                            Some("写作：张三 同意 -> 李四@签发；没有人在办写 -> 办结".into());
                        self.problems.add("bad_test", &line.at, "测试的一行缺少“->”", hint);
                    }
                    play.push((line_of(self.problems.source(), line.at.start), line.value));
                }
            }
            let by = entries.text("by", &mut self.problems).map(|by| by.value).unwrap_or_default();
            let line = line_of(self.problems.source(), entries.at.start);
            tests.push(FlowTest {
                name: name.map(|name| name.value).unwrap_or_default(),
                by,
                given,
                play,
                line,
            });
        }
        tests
    }

    fn given(&mut self, node: &Node) -> Facts {
        let names: Vec<String> = self.fields.iter().map(|field| field.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(entries) = Entries::of(node, "“given”", &names, &mut self.problems) else {
            return Facts::new();
        };
        let mut facts = Facts::new();
        for name in names {
            let Some(node) = entries.get(name) else { continue };
            let Some(field) = self.fields.iter().find(|field| field.name == name).cloned() else {
                continue;
            };
            if let Some(value) = self.given_value(node, &field) {
                facts.insert(name.to_owned(), value);
            }
        }
        facts
    }

    /// A value as a test writes it; units and people by name or id.
    fn given_value(&mut self, node: &Node, field: &Field) -> Option<Value> {
        let value = match field.kind {
            FieldType::Texts | FieldType::Units | FieldType::People => {
                let list = super::read::items(
                    node,
                    &format!("“{}”", field.name),
                    true,
                    &mut self.problems,
                );
                let texts = list
                    .into_iter()
                    .filter_map(|item| text(item, "列表的一项", &mut self.problems));
                return Some(Value::List(texts.map(|text: At<String>| text.value).collect()));
            }
            FieldType::Number => bare(node).and_then(|text| text.parse().ok()).map(Value::Number),
            FieldType::Bool => bare(node).and_then(|text| text.parse().ok()).map(Value::Bool),
            FieldType::Text
            | FieldType::LongText
            | FieldType::Date
            | FieldType::Choice
            | FieldType::Unit
            | FieldType::Person => scalar(node).map(|text| Value::Text(text.to_owned())),
        };
        match value.filter(|value| field.takes(value)) {
            Some(value) => Some(value),
            None => {
                let hint = (!field.options.is_empty())
                    .then(|| format!("可以写：{}", field.options.join("、")));
                self.problems.add(
                    "field_type",
                    &node.at,
                    format!("“{}”的值与字段类型不符", field.title),
                    hint,
                );
                None
            }
        }
    }
}
