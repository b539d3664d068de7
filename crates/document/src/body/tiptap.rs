//! Between a text and the JSON of the TipTap / ProseMirror editor, strictly.

use super::{Block, Body, BodyError, Cell, MAX_CHARACTERS, MAX_PARTS, Run};
use serde_json::{Value, json};

/// Reads a whole editor document.
pub(super) fn read(document: &Value) -> Result<Body, BodyError> {
    if kind(document) != "doc" {
        return Err(BodyError::NotADocument);
    }
    let mut blocks = vec![];
    for (index, node) in children(document).iter().enumerate() {
        let reader = Reader { block: index + 1 };
        blocks.push(reader.block(node)?);
    }
    let body = Body { blocks };
    let paragraphs = body.paragraphs();
    if paragraphs.len() > MAX_PARTS {
        return Err(BodyError::TooManyParts);
    }
    let characters = paragraphs.iter().map(|text| text.chars().count()).sum();
    if characters > MAX_CHARACTERS {
        return Err(BodyError::TooLong { characters });
    }
    Ok(body)
}

/// Knows which block it reads, to say so when it refuses.
struct Reader {
    block: usize,
}

impl Reader {
    fn block(&self, node: &Value) -> Result<Block, BodyError> {
        match kind(node) {
            "heading" => {
                let level = node.pointer("/attrs/level").and_then(Value::as_i64).unwrap_or(0);
                let small = u8::try_from(level).ok().filter(|level| (1..=4).contains(level));
                let level = small.ok_or(BodyError::HeadingLevel { block: self.block, level })?;
                Ok(Block::Heading { level, runs: self.runs(node)? })
            }
            "paragraph" => Ok(Block::Paragraph { runs: self.runs(node)? }),
            "bulletList" => Ok(Block::List { ordered: false, items: self.items(node)? }),
            "orderedList" => Ok(Block::List { ordered: true, items: self.items(node)? }),
            "table" => Ok(Block::Table { rows: self.rows(node)? }),
            other => Err(self.unknown(other)),
        }
    }

    fn items(&self, list: &Value) -> Result<Vec<Vec<Run>>, BodyError> {
        let mut items = vec![];
        for item in children(list) {
            if kind(item) != "listItem" {
                return Err(self.unknown(kind(item)));
            }
            for paragraph in children(item) {
                items.push(self.paragraph(paragraph)?);
            }
        }
        if items.is_empty() {
            return Err(BodyError::Missing { block: self.block, what: "列表项" });
        }
        Ok(items)
    }

    fn rows(&self, table: &Value) -> Result<Vec<Vec<Cell>>, BodyError> {
        let mut rows = vec![];
        for row in children(table) {
            if kind(row) != "tableRow" {
                return Err(self.unknown(kind(row)));
            }
            rows.push(
                children(row).iter().map(|cell| self.cell(cell)).collect::<Result<Vec<_>, _>>()?,
            );
        }
        if rows.is_empty() || rows.iter().all(Vec::is_empty) {
            return Err(BodyError::Missing { block: self.block, what: "表格行" });
        }
        Ok(rows)
    }

    fn cell(&self, node: &Value) -> Result<Cell, BodyError> {
        let header = match kind(node) {
            "tableHeader" => true,
            "tableCell" => false,
            other => return Err(self.unknown(other)),
        };
        let span = |name: &str| match node.pointer(&format!("/attrs/{name}")) {
            None | Some(Value::Null) => Ok(1),
            Some(value) => {
                let span = value.as_u64().and_then(|span| u16::try_from(span).ok());
                span.filter(|span| (1..=100).contains(span))
                    .ok_or(BodyError::Span { block: self.block })
            }
        };
        let paragraphs =
            children(node).iter().map(|p| self.paragraph(p)).collect::<Result<Vec<_>, _>>()?;
        Ok(Cell { header, colspan: span("colspan")?, rowspan: span("rowspan")?, paragraphs })
    }

    fn paragraph(&self, node: &Value) -> Result<Vec<Run>, BodyError> {
        match kind(node) {
            "paragraph" => self.runs(node),
            other => Err(self.unknown(other)),
        }
    }

    fn runs(&self, node: &Value) -> Result<Vec<Run>, BodyError> {
        let mut runs: Vec<Run> = vec![];
        for inline in children(node) {
            let (text, bold) = match kind(inline) {
                "text" => {
                    let text = inline.get("text").and_then(Value::as_str);
                    (
                        text.ok_or(BodyError::Missing { block: self.block, what: "文字" })?,
                        self.bold(inline)?,
                    )
                }
                "hardBreak" => ("\n", false),
                other => return Err(self.unknown(other)),
            };
            if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
                return Err(BodyError::ControlCharacter { block: self.block });
            }
            match runs.last_mut() {
                Some(last) if last.bold == bold => last.text.push_str(text),
                Some(_) | None => runs.push(Run { text: text.to_owned(), bold }),
            }
        }
        let signs = runs.iter().flat_map(|run| run.text.chars());
        let mut piled = 0;
        for sign in signs {
            piled = if is_combining(sign) { piled + 1 } else { 0 };
            if piled > MOST_PILED {
                return Err(BodyError::Piled { block: self.block });
            }
        }
        Ok(runs)
    }

    fn bold(&self, text: &Value) -> Result<bool, BodyError> {
        let Some(marks) = text.get("marks").and_then(Value::as_array) else { return Ok(false) };
        for mark in marks {
            if kind(mark) != "bold" {
                return Err(BodyError::UnknownMark {
                    block: self.block,
                    mark: kind(mark).to_owned(),
                });
            }
        }
        Ok(!marks.is_empty())
    }

    fn unknown(&self, node: &str) -> BodyError {
        BodyError::UnknownNode { block: self.block, node: node.chars().take(40).collect() }
    }
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or("")
}

fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Writes a text as an editor document.
pub(super) fn write(body: &Body) -> Value {
    let blocks: Vec<Value> = body.blocks.iter().map(block).collect();
    json!({ "type": "doc", "content": blocks })
}

fn block(block: &Block) -> Value {
    match block {
        Block::Heading { level, runs } => {
            json!({ "type": "heading", "attrs": { "level": level }, "content": inline(runs) })
        }
        Block::Paragraph { runs } => paragraph(runs),
        Block::List { ordered, items } => {
            let kind = if *ordered { "orderedList" } else { "bulletList" };
            let items: Vec<Value> = items
                .iter()
                .map(|item| json!({ "type": "listItem", "content": [paragraph(item)] }))
                .collect();
            json!({ "type": kind, "content": items })
        }
        Block::Table { rows } => {
            let rows: Vec<Value> = rows
                .iter()
                .map(|row| json!({ "type": "tableRow", "content": row.iter().map(cell).collect::<Vec<_>>() }))
                .collect();
            json!({ "type": "table", "content": rows })
        }
    }
}

fn cell(cell: &Cell) -> Value {
    let kind = if cell.header { "tableHeader" } else { "tableCell" };
    let paragraphs: Vec<Value> = cell.paragraphs.iter().map(|runs| paragraph(runs)).collect();
    json!({ "type": kind, "attrs": { "colspan": cell.colspan, "rowspan": cell.rowspan }, "content": paragraphs })
}

fn paragraph(runs: &[Run]) -> Value {
    if runs.is_empty() {
        return json!({ "type": "paragraph" });
    }
    json!({ "type": "paragraph", "content": inline(runs) })
}

fn inline(runs: &[Run]) -> Vec<Value> {
    let mut nodes = vec![];
    for run in runs {
        for (index, line) in run.text.split('\n').enumerate() {
            if index > 0 {
                nodes.push(json!({ "type": "hardBreak" }));
            }
            // The editor refuses empty text nodes.
            if line.is_empty() {
                continue;
            }
            nodes.push(match run.bold {
                true => json!({ "type": "text", "text": line, "marks": [{ "type": "bold" }] }),
                false => json!({ "type": "text", "text": line }),
            });
        }
    }
    nodes
}

/// More marks on one sign than any script needs; setting thousands of them takes minutes.
const MOST_PILED: usize = 8;

fn is_combining(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(content: &Value) -> Value {
        json!({ "type": "doc", "content": content })
    }

    #[test]
    fn what_the_editor_wrote_comes_back() {
        let written = doc(&json!([
            { "type": "heading", "attrs": { "level": 1 }, "content": [{ "type": "text", "text": "一、总体要求" }] },
            { "type": "paragraph", "content": [
                { "type": "text", "text": "坚持" },
                { "type": "text", "text": "预防为主", "marks": [{ "type": "bold" }] },
                { "type": "text", "text": "。" }] },
            { "type": "paragraph" },
            { "type": "orderedList", "content": [
                { "type": "listItem", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "排查" }] }] }] },
            { "type": "table", "content": [{ "type": "tableRow", "content": [
                { "type": "tableHeader", "attrs": { "colspan": 2, "rowspan": 1, "colwidth": null },
                  "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "单位" }] }] },
                { "type": "tableCell", "content": [{ "type": "paragraph" }] }] }] }
        ]));
        let body = Body::from_tiptap(&written).expect("it is well formed");
        assert_eq!(body.plain_text(), "一、总体要求\n坚持预防为主。\n\n排查\n单位\t");
        assert_eq!(Body::from_tiptap(&body.to_tiptap()), Ok(body));
    }

    #[test]
    fn a_hard_break_stays_a_break() {
        let written = doc(&json!([{ "type": "paragraph", "content": [
            { "type": "text", "text": "甲" }, { "type": "hardBreak" }, { "type": "text", "text": "乙" }] }]));
        let body = Body::from_tiptap(&written).expect("it is well formed");
        assert_eq!(body.to_tiptap(), written);
    }

    #[test]
    fn script_is_only_text() {
        let text = "<script>alert(1)</script>#import \"/etc/passwd\"";
        let written =
            doc(&json!([{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }]));
        assert_eq!(Body::from_tiptap(&written).map(|body| body.plain_text()).as_deref(), Ok(text));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let image = doc(
            &json!([{ "type": "paragraph" }, { "type": "image", "attrs": { "src": "http://x" } }]),
        );
        assert_eq!(
            Body::from_tiptap(&image),
            Err(BodyError::UnknownNode { block: 2, node: "image".into() })
        );
        let link = doc(&json!([{ "type": "paragraph", "content": [
            { "type": "text", "text": "x", "marks": [{ "type": "link", "attrs": { "href": "javascript:0" } }] }] }]));
        assert_eq!(
            Body::from_tiptap(&link),
            Err(BodyError::UnknownMark { block: 1, mark: "link".into() })
        );
        let level = doc(&json!([{ "type": "heading", "attrs": { "level": 7 } }]));
        assert_eq!(Body::from_tiptap(&level), Err(BodyError::HeadingLevel { block: 1, level: 7 }));
        let nul = doc(
            &json!([{ "type": "paragraph", "content": [{ "type": "text", "text": "a\u{0}b" }] }]),
        );
        assert_eq!(Body::from_tiptap(&nul), Err(BodyError::ControlCharacter { block: 1 }));
        assert_eq!(Body::from_tiptap(&json!("x")), Err(BodyError::NotADocument));
        assert!(matches!(Body::from_tiptap_str("{"), Err(BodyError::NotJson(_))));
    }

    #[test]
    fn too_much_is_refused() {
        let long = "字".repeat(MAX_CHARACTERS + 1);
        let written =
            doc(&json!([{ "type": "paragraph", "content": [{ "type": "text", "text": long }] }]));
        assert_eq!(
            Body::from_tiptap(&written),
            Err(BodyError::TooLong { characters: MAX_CHARACTERS + 1 })
        );
        let many = vec![json!({ "type": "paragraph" }); MAX_PARTS + 1];
        assert_eq!(Body::from_tiptap(&doc(&json!(many))), Err(BodyError::TooManyParts));
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(matches!(Body::from_tiptap_str(&deep), Err(BodyError::NotJson(_))));
    }

    #[test]
    fn marks_are_not_piled_up() {
        let piled = |marks: usize| {
            let half = "\u{301}".repeat(marks / 2);
            json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [
                { "type": "text", "text": format!("a{half}") }, { "type": "text", "text": half }] }] })
        };
        assert!(Body::from_tiptap(&piled(4)).is_ok());
        assert_eq!(Body::from_tiptap(&piled(10)), Err(BodyError::Piled { block: 1 }));
    }
}
