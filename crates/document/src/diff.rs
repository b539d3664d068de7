//! What changed between two versions of a document: paragraphs first, then characters, because Chinese has no spaces.

use crate::{
    body::Body,
    metadata::Metadata,
    vocabulary::{metadata_facts, vocabulary},
};
use serde::{Deserialize, Serialize};
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};
use wenshu_core::value::Value;

/// How a paragraph or a piece of it stands to the older version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Same,
    Inserted,
    Deleted,
    /// A paragraph of which pieces changed.
    Changed,
}

/// One paragraph of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    pub pieces: Vec<Piece>,
}

/// A stretch of a paragraph; never `Changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub kind: ChangeKind,
    pub text: String,
}

/// A field that has another value now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    /// Chinese label.
    pub title: String,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// Longer paragraphs than this are compared as a whole: characters would take too long.
const CHARACTERWISE: usize = 6_000;

/// Compares two texts. Every paragraph of both is in the answer.
#[must_use]
pub fn body_changes(old: &Body, new: &Body) -> Vec<Change> {
    let (old, new) = (old.paragraphs(), new.paragraphs());
    let mut changes = vec![];
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let (was, is) = (slice(&old, op.old_range()), slice(&new, op.new_range()));
        match op {
            DiffOp::Equal { .. } => {
                changes.extend(is.iter().map(|text| whole(ChangeKind::Same, text)))
            }
            DiffOp::Delete { .. } => {
                changes.extend(was.iter().map(|text| whole(ChangeKind::Deleted, text)))
            }
            DiffOp::Insert { .. } => {
                changes.extend(is.iter().map(|text| whole(ChangeKind::Inserted, text)))
            }
            DiffOp::Replace { .. } => {
                for (was, is) in was.iter().zip(is) {
                    changes.extend(rewritten(was, is));
                }
                changes
                    .extend(was.iter().skip(is.len()).map(|text| whole(ChangeKind::Deleted, text)));
                changes.extend(
                    is.iter().skip(was.len()).map(|text| whole(ChangeKind::Inserted, text)),
                );
            }
        }
    }
    changes
}

fn slice(texts: &[String], range: std::ops::Range<usize>) -> &[String] {
    texts.get(range).unwrap_or_default()
}

fn whole(kind: ChangeKind, text: &str) -> Change {
    Change { kind, pieces: vec![Piece { kind, text: text.to_owned() }] }
}

/// A paragraph in two versions: piece by piece when they still share something, else old out, new in.
fn rewritten(was: &str, is: &str) -> Vec<Change> {
    let apart = vec![whole(ChangeKind::Deleted, was), whole(ChangeKind::Inserted, is)];
    if was.chars().count().max(is.chars().count()) > CHARACTERWISE {
        return apart;
    }
    let diff = TextDiff::from_chars(was, is);
    if diff.ratio() < 0.3 {
        return apart;
    }
    let mut pieces: Vec<Piece> = vec![];
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => ChangeKind::Same,
            ChangeTag::Delete => ChangeKind::Deleted,
            ChangeTag::Insert => ChangeKind::Inserted,
        };
        match pieces.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            Some(_) | None => pieces.push(Piece { kind, text: change.value().to_owned() }),
        }
    }
    vec![Change { kind: ChangeKind::Changed, pieces }]
}

/// The fields that differ, in the order of the vocabulary.
#[must_use]
pub fn field_changes(old: &Metadata, new: &Metadata) -> Vec<FieldChange> {
    let (was, is) = (metadata_facts(old), metadata_facts(new));
    let fields = vocabulary().fields.into_iter();
    fields
        .filter(|field| was.get(&field.name) != is.get(&field.name))
        .map(|field| FieldChange {
            old: was.get(&field.name).cloned(),
            new: is.get(&field.name).cloned(),
            field: field.name,
            title: field.title,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn show(changes: &[Change]) -> String {
        let mut out = String::new();
        for change in changes {
            for piece in &change.pieces {
                match piece.kind {
                    ChangeKind::Same | ChangeKind::Changed => out.push_str(&piece.text),
                    ChangeKind::Inserted => out.push_str(&format!("[+{}]", piece.text)),
                    ChangeKind::Deleted => out.push_str(&format!("[-{}]", piece.text)),
                }
            }
            out.push('\n');
        }
        out
    }

    #[test]
    fn a_changed_day_shows_as_a_changed_day() {
        let old = Body::from_plain("请于6月30日前报送。\n特此通知。");
        let new = Body::from_plain("请于7月5日前报送。\n联系人见附注。\n特此通知。");
        assert_eq!(
            show(&body_changes(&old, &new)),
            "请于[-6][+7]月[-30][+5]日前报送。\n[+联系人见附注。]\n特此通知。\n"
        );
    }

    #[test]
    fn a_paragraph_written_anew_is_out_and_in() {
        let old = Body::from_plain("各单位要落实值班制度。");
        let new = Body::from_plain("经费由市财政另行安排");
        assert_eq!(
            show(&body_changes(&old, &new)),
            "[-各单位要落实值班制度。]\n[+经费由市财政另行安排]\n"
        );
    }

    #[test]
    fn nothing_is_lost_in_the_comparison() {
        let old = Body::from_plain("甲\n乙\n丙");
        let new = Body::from_plain("乙\n丁\n丙\n戊");
        let changes = body_changes(&old, &new);
        let side = |skip: ChangeKind| -> String {
            changes
                .iter()
                .flat_map(|c| &c.pieces)
                .filter(|p| p.kind != skip)
                .map(|p| p.text.as_str())
                .collect()
        };
        assert_eq!(side(ChangeKind::Inserted), "甲乙丙");
        assert_eq!(side(ChangeKind::Deleted), "乙丁丙戊");
    }

    #[test]
    fn fields_tell_old_and_new() {
        let old = Metadata::new(Kind::Notice, "关于值班的通知", "gov".into(), "office".into());
        let mut new = old.clone();
        new.title = "关于防汛值班的通知".into();
        new.cc = vec!["finance".into()];
        let changes = field_changes(&old, &new);
        let names: Vec<&str> = changes.iter().map(|change| change.title.as_str()).collect();
        assert_eq!(names, ["标题", "抄送机关"]);
        assert_eq!(
            changes.first().and_then(|c| c.old.clone()),
            Some(Value::Text("关于值班的通知".into()))
        );
    }
}
