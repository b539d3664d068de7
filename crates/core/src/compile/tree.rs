//! A YAML file as a tree that knows where everything stands. It is built from the events of granit-parser, the parser
//! under serde-saphyr: through serde a tree loses raw scalars and duplicate keys, and the first error ends it.

use super::problem::Problems;
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle};
use std::ops::Range;

const BYTES: usize = 256 * 1024;
const NODES: usize = 20_000;
const DEPTH: usize = 48;

/// One node with its place in the source.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub at: Range<usize>,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Nothing written, or `~` or `null`.
    Nothing,
    Scalar {
        text: String,
        quoted: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// The key of an entry.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub name: String,
    pub at: Range<usize>,
}

impl Node {
    /// What it is, in Chinese.
    pub(crate) fn title(&self) -> &'static str {
        match &self.kind {
            Kind::Nothing => "空",
            Kind::Scalar { .. } => "文字",
            Kind::List(_) => "列表",
            Kind::Map(_) => "键值",
        }
    }
}

/// Reads the source into a tree, or notes why that is impossible.
pub(crate) fn parse(problems: &mut Problems<'_>) -> Option<Node> {
    let source = problems.source();
    if source.len() > BYTES {
        problems.add(
            "too_large",
            &(0..0),
            format!("文件太大：{}字节，最多{}KiB", source.len(), BYTES / 1024),
            None,
        );
        return None;
    }
    let mut builder = Builder { problems, open: vec![], root: None, nodes: 0 };
    for next in Parser::new_from_str(source) {
        match next {
            Ok((event, span)) => {
                let bytes = span.byte_range().unwrap_or(0..0);
                builder.event(event, bytes, span.tag_start.is_some())?;
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(source.len()).min(source.len());
                let end = source[at..]
                    .chars()
                    .next()
                    .filter(|c| *c != '\n')
                    .map_or(at, |c| at + c.len_utf8());
                let (message, hint) = explain(error.kind());
                builder.problems.add("yaml_syntax", &(at..end), message, Some(hint.to_owned()));
                return None;
            }
        }
    }
    if builder.root.is_none() {
        problems.add(
            "empty_file",
            &(0..0),
            "文件是空的",
            Some("至少要有 workflow、title、carries 或 form、steps".into()),
        );
        return None;
    }
    builder.root
}

fn explain(kind: &ErrorKind) -> (String, &'static str) {
    match kind {
        ErrorKind::TabInPlainScalar => ("缩进或文字中有制表符".into(), "YAML 只能用空格缩进"),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("这里不能有冒号".into(), "检查上一行的缩进和括号；文字中有“: ”时要加引号")
        }
        ErrorKind::UnknownAnchor => {
            ("引用（*）没有对应的锚点".into(), "流程文件不使用锚点和引用；以 * 开头的文字要加引号")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("文字不能以“{character}”开头"), "请给这段文字加上引号")
        }
        other => (format!("YAML 语法错误（{other}）"), "检查缩进、引号和括号是否成对"),
    }
}

enum Open {
    List(Range<usize>, Vec<Node>),
    Map(Range<usize>, Vec<(Key, Node)>, Option<Key>),
}

struct Builder<'p, 'a> {
    problems: &'p mut Problems<'a>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
}

impl Builder<'_, '_> {
    /// Takes one event; none when reading on is pointless.
    fn event(&mut self, event: Event<'_>, at: Range<usize>, tagged: bool) -> Option<()> {
        self.nodes += 1;
        if self.nodes > NODES || self.open.len() > DEPTH {
            self.problems.add(
                "too_complex",
                &at,
                format!("文件太复杂：最多{DEPTH}层、{NODES}个节点"),
                None,
            );
            return None;
        }
        if tagged {
            self.problems.add(
                "yaml_feature",
                &at,
                "流程文件不使用标签（!…）",
                Some("去掉标签；以 ! 开头的文字要加引号".into()),
            );
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.problems.add(
                    "yaml_feature",
                    &at,
                    "一个文件只能写一个流程，不能有第二段（---）",
                    None,
                );
                return None;
            }
            Event::Scalar(text, style, anchor, _) => {
                self.anchor(anchor, &at);
                let quoted = !matches!(style, ScalarStyle::Plain);
                let nothing = !quoted && matches!(&*text, "" | "~" | "null");
                let kind = if nothing {
                    Kind::Nothing
                } else {
                    Kind::Scalar { text: text.into_owned(), quoted }
                };
                // The mark of a block scalar runs on to the next token.
                let trimmed =
                    self.problems.source().get(at.clone()).map_or(0, |text| text.trim_end().len());
                self.push(Node { at: at.start..at.start + trimmed, kind });
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problems.add(
                    "yaml_feature",
                    &at,
                    "流程文件不使用引用（*…）",
                    Some("请把内容写出来；以 * 开头的文字要加引号".into()),
                );
                self.push(Node { at, kind: Kind::Nothing });
            }
            Event::SequenceStart(_, anchor, _) => {
                self.anchor(anchor, &at);
                self.open.push(Open::List(at, vec![]));
            }
            Event::MappingStart(_, anchor, _) => {
                self.anchor(anchor, &at);
                self.open.push(Open::Map(at, vec![], None));
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(start, items)) => {
                    self.push(Node { at: self.whole(start, at), kind: Kind::List(items) })
                }
                Some(Open::Map(start, entries, _)) => {
                    self.push(Node { at: self.whole(start, at), kind: Kind::Map(entries) })
                }
                None => {}
            },
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..) => {}
            // Comments are no part of the tree; further events would be presentation as well.
            _ => self.nodes -= 1,
        }
        Some(())
    }

    fn anchor(&mut self, anchor: usize, at: &Range<usize>) {
        if anchor != 0 {
            self.problems.add(
                "yaml_feature",
                at,
                "流程文件不使用锚点（&…）",
                Some("请把内容写出来；以 & 开头的文字要加引号".into()),
            );
        }
    }

    /// From the first to the last character of a list or map.
    fn whole(&self, start: Range<usize>, end: Range<usize>) -> Range<usize> {
        let text = self.problems.source().get(start.start..end.end.max(start.end)).unwrap_or("");
        start.start..start.start + text.trim_end().len()
    }

    fn push(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key)) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => {
                    let name = match node.kind {
                        Kind::Scalar { text, .. } => text,
                        Kind::Nothing => String::new(),
                        Kind::List(_) | Kind::Map(_) => {
                            self.problems.add("wrong_type", &node.at, "键应当是文字", None);
                            String::new()
                        }
                    };
                    *key = Some(Key { name, at: node.at });
                }
            },
            None => self.root = Some(node),
        }
    }
}
