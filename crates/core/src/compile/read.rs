//! Taking a tree apart: entries by key with every unknown, doubled or not yet built key named, and scalars by type.

use super::{
    problem::{Problems, nearest},
    tree::{Key, Kind, Node},
};
use std::ops::Range;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub value: T,
    pub at: Range<usize>,
}

/// Keys of the full language that are not built yet, with what they are for.
const LATER: &[(&str, &str)] = &[
    ("ratio", "按比例票签"),
    ("sequence", "依次签"),
    ("weight", "加权票签"),
    ("quorum", "票签法定人数"),
    ("same_person", "同一人重复办理"),
    ("remind", "到期提醒"),
    ("on_due", "超期自动处理"),
    ("pause", "时限暂停"),
    ("sub_flow", "子流程"),
    ("migrate", "在办件迁移"),
    ("publish", "公开发布"),
    ("notify", "通知"),
    ("call", "调用外部系统"),
    ("calendar", "另用日历"),
    ("repeat", "循环块"),
    ("delegate", "委派"),
    ("add_signer", "加签"),
    ("strike_signer", "减签"),
    ("take_back", "拿回"),
    ("hold", "挂起"),
    ("jump", "跳转"),
    ("escalate", "升级"),
];

/// What a word of the full language is for, if it is one that is not built yet.
pub(crate) fn later(word: &str) -> Option<&'static str> {
    LATER.iter().find(|(name, _)| *name == word).map(|(_, title)| *title)
}

/// The entries of a map, taken one by one.
#[derive(Debug)]
pub(crate) struct Entries<'n> {
    pub at: Range<usize>,
    entries: Vec<(&'n Key, &'n Node)>,
}

impl<'n> Entries<'n> {
    /// The entries of `node`, which is `what`; every key must be one of `known`.
    pub(crate) fn of(
        node: &'n Node,
        what: &str,
        known: &[&str],
        problems: &mut Problems<'_>,
    ) -> Option<Self> {
        let Kind::Map(all) = &node.kind else {
            let hint = known.first().map(|key| format!("例如 {key}: …"));
            problems.add(
                "wrong_type",
                &node.at,
                format!("{what}应当是键值（键: 值），这里是{}", node.title()),
                hint,
            );
            return None;
        };
        let mut entries: Vec<(&Key, &Node)> = vec![];
        for (key, value) in all {
            if entries.iter().any(|(other, _)| other.name == key.name) {
                problems.add(
                    "duplicate_key",
                    &key.at,
                    format!("键“{}”重复", key.name),
                    Some("同一层中每个键只写一次".into()),
                );
            } else if known.contains(&key.name.as_str()) {
                entries.push((key, value));
            } else if let Some(title) = later(&key.name) {
                problems.add(
                    "not_built_yet",
                    &key.at,
                    format!("键 {}（{title}）尚未提供", key.name),
                    Some("请先去掉这个键".into()),
                );
            } else {
                let hint = nearest(&key.name, known.iter().copied())
                    .unwrap_or_else(|| format!("可以写：{}", known.join("、")));
                problems.add(
                    "unknown_key",
                    &key.at,
                    format!("{what}中没有“{}”这个键", key.name),
                    Some(hint),
                );
            }
        }
        Some(Self { at: head(node, all), entries })
    }

    /// All entries of a map whose keys are free names.
    pub(crate) fn free(
        node: &'n Node,
        what: &str,
        problems: &mut Problems<'_>,
    ) -> Vec<(&'n Key, &'n Node)> {
        let Kind::Map(all) = &node.kind else {
            problems.add(
                "wrong_type",
                &node.at,
                format!("{what}应当是键值（键: 值），这里是{}", node.title()),
                None,
            );
            return vec![];
        };
        let mut entries: Vec<(&Key, &Node)> = vec![];
        for (key, value) in all {
            if entries.iter().any(|(other, _)| other.name == key.name) {
                problems.add(
                    "duplicate_key",
                    &key.at,
                    format!("键“{}”重复", key.name),
                    Some("同一层中每个键只写一次".into()),
                );
            } else {
                entries.push((key, value));
            }
        }
        entries
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(known, _)| known.name == key).map(|(_, node)| *node)
    }

    pub(crate) fn key(&self, key: &str) -> Option<&'n Key> {
        self.entries.iter().find(|(known, _)| known.name == key).map(|(known, _)| *known)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &'n Key> {
        self.entries.iter().map(|(key, _)| *key)
    }

    pub(crate) fn text(&self, key: &str, problems: &mut Problems<'_>) -> Option<At<String>> {
        text(self.get(key)?, &format!("“{key}”"), problems)
    }

    pub(crate) fn bool(&self, key: &str, problems: &mut Problems<'_>) -> Option<bool> {
        let node = self.get(key)?;
        match bare(node) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) | None => {
                problems.add("wrong_type", &node.at, format!("“{key}”应当是 true 或 false"), None);
                None
            }
        }
    }

    /// One of a few words; `words` pairs each with its meaning.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems<'_>,
    ) -> Option<T> {
        let node = self.get(key)?;
        word(node, &format!("“{key}”"), words, problems)
    }

    pub(crate) fn required(
        &self,
        key: &str,
        what: &str,
        problems: &mut Problems<'_>,
    ) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.add("missing_key", &self.at, format!("{what}缺少“{key}”"), None);
        }
        found
    }
}

/// Where a map begins: its first key, so that a missing one is underlined briefly.
fn head(node: &Node, entries: &[(Key, Node)]) -> Range<usize> {
    entries.first().map_or_else(|| node.at.clone(), |(key, _)| key.at.clone())
}

/// The text of a plain scalar.
pub(crate) fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar { text, .. } => Some(text),
        Kind::Nothing | Kind::List(_) | Kind::Map(_) => None,
    }
}

/// The text of a scalar without quotes: what may be a number or a truth value.
pub(crate) fn bare(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar { text, quoted: false } => Some(text),
        Kind::Scalar { quoted: true, .. } | Kind::Nothing | Kind::List(_) | Kind::Map(_) => None,
    }
}

pub(crate) fn text(node: &Node, what: &str, problems: &mut Problems<'_>) -> Option<At<String>> {
    match scalar(node) {
        Some(text) if !text.trim().is_empty() => {
            Some(At { value: text.to_owned(), at: node.at.clone() })
        }
        Some(_) => {
            problems.add("empty", &node.at, format!("{what}不能为空"), None);
            None
        }
        None => {
            problems.add(
                "wrong_type",
                &node.at,
                format!("{what}应当是文字，这里是{}", node.title()),
                None,
            );
            None
        }
    }
}

pub(crate) fn word<T: Copy>(
    node: &Node,
    what: &str,
    words: &[(&str, T)],
    problems: &mut Problems<'_>,
) -> Option<T> {
    let written = match scalar(node) {
        Some(written) => written,
        None => {
            // `vote: { ratio: 2/3 }` names something of the full language.
            let unbuilt = match &node.kind {
                Kind::Map(entries) => {
                    entries.iter().find_map(|(key, _)| later(&key.name).map(|title| (key, title)))
                }
                Kind::Nothing | Kind::Scalar { .. } | Kind::List(_) => None,
            };
            match unbuilt {
                Some((key, title)) => {
                    problems.add(
                        "not_built_yet",
                        &key.at,
                        format!("键 {}（{title}）尚未提供", key.name),
                        Some("请先去掉这个键".into()),
                    );
                }
                None => problems.add(
                    "wrong_type",
                    &node.at,
                    format!("{what}应当是一个词，这里是{}", node.title()),
                    Some(choices(words)),
                ),
            }
            return None;
        }
    };
    if let Some((_, value)) = words.iter().find(|(name, _)| *name == written) {
        return Some(*value);
    }
    match later(written) {
        Some(title) => problems.add(
            "not_built_yet",
            &node.at,
            format!("{written}（{title}）尚未提供"),
            Some(choices(words)),
        ),
        None => {
            let hint = nearest(written, words.iter().map(|(name, _)| *name))
                .unwrap_or_else(|| choices(words));
            problems.add("unknown_word", &node.at, format!("{what}不能是“{written}”"), Some(hint));
        }
    }
    None
}

fn choices<T>(words: &[(&str, T)]) -> String {
    format!("可以写：{}", words.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("、"))
}

/// The items of a list; one written alone counts as a list of one where `lone` allows it.
pub(crate) fn items<'n>(
    node: &'n Node,
    what: &str,
    lone: bool,
    problems: &mut Problems<'_>,
) -> Vec<&'n Node> {
    match &node.kind {
        Kind::List(items) => items.iter().collect(),
        Kind::Scalar { .. } | Kind::Map(_) if lone => vec![node],
        Kind::Nothing | Kind::Scalar { .. } | Kind::Map(_) => {
            problems.add(
                "wrong_type",
                &node.at,
                format!("{what}应当是列表，这里是{}", node.title()),
                Some("写作 [甲, 乙]，或每行一项以“- ”开头".into()),
            );
            vec![]
        }
    }
}

/// A list that must not be empty.
pub(crate) fn some_items<'n>(
    node: &'n Node,
    what: &str,
    lone: bool,
    problems: &mut Problems<'_>,
) -> Vec<&'n Node> {
    let found = items(node, what, lone, problems);
    if matches!(&node.kind, Kind::List(items) if items.is_empty()) {
        problems.add("empty", &node.at, format!("{what}不能为空"), None);
    }
    found
}

/// An id as the file writes it: small letters, digits, `_` and `-`.
pub(crate) fn id(node: &Node, what: &str, problems: &mut Problems<'_>) -> Option<At<String>> {
    let id = text(node, what, problems)?;
    let fits = id
        .value
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
        && id.value.len() <= 64;
    if fits {
        return Some(id);
    }
    problems.add(
        "bad_id",
        &id.at,
        format!("{what}只能用小写字母、数字、“_”和“-”"),
        Some("中文名称写在 title".into()),
    );
    None
}
