//! The text of a document as data: headings, paragraphs, lists and simple tables; bold is the only mark.
//!
//! What was typed is only ever text: markup in it stays the characters it is.

mod tiptap;

use crate::hash::sm3_hex;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text may have this many characters.
pub const MAX_CHARACTERS: usize = 200_000;
/// And this many blocks, rows and items together.
pub const MAX_PARTS: usize = 20_000;

/// A structured text 正文.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub blocks: Vec<Block>,
}

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Levels 1 to 4: 一、（一）1.（1）; the number is part of the text.
    Heading {
        level: u8,
        runs: Vec<Run>,
    },
    Paragraph {
        runs: Vec<Run>,
    },
    List {
        ordered: bool,
        items: Vec<Vec<Run>>,
    },
    Table {
        rows: Vec<Vec<Cell>>,
    },
}

/// A stretch of text of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub text: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub bold: bool,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    #[serde(default, skip_serializing_if = "is_false")]
    pub header: bool,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub colspan: u16,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rowspan: u16,
    pub paragraphs: Vec<Vec<Run>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

fn one() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_one(span: &u16) -> bool {
    *span == 1
}

/// Why something is not a text of a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    #[error("正文不是合法的 JSON：{0}")]
    NotJson(String),
    #[error("正文的最外层应是 doc")]
    NotADocument,
    #[error("正文第{block}段里有不能使用的内容“{node}”")]
    UnknownNode { block: usize, node: String },
    #[error("正文第{block}段里有不能使用的格式“{mark}”，公文正文只用加粗")]
    UnknownMark { block: usize, mark: String },
    #[error("正文第{block}段的结构不完整：缺少{what}")]
    Missing { block: usize, what: &'static str },
    #[error("正文第{block}段的标题层级是{level}，应为一至四级")]
    HeadingLevel { block: usize, level: i64 },
    #[error("正文第{block}段含有不可见的控制字符")]
    ControlCharacter { block: usize },
    #[error("正文第{block}段在一个字上叠加了过多符号")]
    Piled { block: usize },
    #[error("正文第{block}段的单元格跨度不对")]
    Span { block: usize },
    #[error("正文有{characters}字，超过上限{MAX_CHARACTERS}字")]
    TooLong { characters: usize },
    #[error("正文的段落、表格行和列表项超过上限{MAX_PARTS}个")]
    TooManyParts,
}

impl Body {
    /// A text of plain paragraphs, one per line; lines that are numbered like headings become headings.
    #[must_use]
    pub fn from_plain(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let blocks = lines.map(|line| {
            let runs = vec![Run { text: line.to_owned(), bold: false }];
            match heading_level(line) {
                Some(level) => Block::Heading { level, runs },
                None => Block::Paragraph { runs },
            }
        });
        Self { blocks: blocks.collect() }
    }

    /// Reads the JSON of the editor; every node and mark it does not know is refused.
    pub fn from_tiptap(document: &serde_json::Value) -> Result<Self, BodyError> {
        tiptap::read(document)
    }

    /// The same from text.
    pub fn from_tiptap_str(json: &str) -> Result<Self, BodyError> {
        let value =
            serde_json::from_str(json).map_err(|error| BodyError::NotJson(error.to_string()))?;
        tiptap::read(&value)
    }

    /// The JSON of the editor.
    #[must_use]
    pub fn to_tiptap(&self) -> serde_json::Value {
        tiptap::write(self)
    }

    /// The text alone, one paragraph a line.
    #[must_use]
    pub fn plain_text(&self) -> String {
        self.paragraphs().join("\n")
    }

    /// Every paragraph, item and row as plain text, in order; the cells of a row are parted by tabs.
    #[must_use]
    pub fn paragraphs(&self) -> Vec<String> {
        let mut texts = vec![];
        for block in &self.blocks {
            match block {
                Block::Heading { runs, .. } | Block::Paragraph { runs } => {
                    texts.push(text_of(runs))
                }
                Block::List { items, .. } => texts.extend(items.iter().map(|item| text_of(item))),
                Block::Table { rows } => {
                    for row in rows {
                        let cells: Vec<String> = row.iter().map(Cell::text).collect();
                        texts.push(cells.join("\t"));
                    }
                }
            }
        }
        texts
    }

    /// Characters without white space, as the limits of length count them.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.paragraphs()
            .iter()
            .flat_map(|text| text.chars())
            .filter(|c| !c.is_whitespace())
            .count()
    }

    /// Nothing was written yet.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.characters() == 0
    }

    /// The one JSON of this text: what is stored, and what its hash is taken of.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// SM3 of the canonical JSON: the name of this version of the text.
    #[must_use]
    pub fn hash(&self) -> String {
        sm3_hex(self.canonical().as_bytes())
    }
}

impl Cell {
    /// Its text, paragraphs joined.
    #[must_use]
    pub fn text(&self) -> String {
        self.paragraphs.iter().map(|runs| text_of(runs)).collect::<Vec<_>>().join(" ")
    }
}

/// The text of some runs.
#[must_use]
pub fn text_of(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// The level that the numbering of a line says, if the line is a heading: short, and without a full stop inside.
fn heading_level(line: &str) -> Option<u8> {
    const HAN: &str = "一二三四五六七八九十";
    if line.chars().count() > 40 || line.contains('。') {
        return None;
    }
    let mut chars = line.chars();
    let first = chars.next()?;
    if HAN.contains(first) {
        return chars.find(|c| !HAN.contains(*c)).filter(|c| *c == '、').map(|_| 1);
    }
    if first == '（' {
        let inside: String = chars.take_while(|c| *c != '）').collect();
        if !inside.is_empty() && inside.chars().all(|c| HAN.contains(c)) {
            return Some(2);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_become_headings_and_paragraphs() {
        let body = Body::from_plain("一、总体要求\n\n坚持预防为主。\n（一）突出重点\n十一、附则");
        let levels: Vec<Option<u8>> = body
            .blocks
            .iter()
            .map(|block| match block {
                Block::Heading { level, .. } => Some(*level),
                Block::Paragraph { .. } | Block::List { .. } | Block::Table { .. } => None,
            })
            .collect();
        assert_eq!(levels, [Some(1), None, Some(2), Some(1)]);
        assert_eq!(body.plain_text(), "一、总体要求\n坚持预防为主。\n（一）突出重点\n十一、附则");
        assert_eq!(body.characters(), 6 + 7 + 7 + 5);
    }

    #[test]
    fn the_hash_names_the_text() {
        let one = Body::from_plain("坚持预防为主。");
        let two = Body::from_plain("坚持预防为主!");
        assert_eq!(one.hash(), Body::from_plain("坚持预防为主。").hash());
        assert_ne!(one.hash(), two.hash());
        assert_eq!(one.hash().len(), 64);
    }

    #[test]
    fn canonical_json_reads_back() {
        let body = Body::from_plain("一、总体要求\n<b>加粗</b>");
        assert_eq!(serde_json::from_str::<Body>(&body.canonical()).ok(), Some(body));
    }
}
