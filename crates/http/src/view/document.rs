//! A document as its page shows it, and what changed between two versions.

use super::{Entry, Seat, mirror, stored};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use wenshu_core::value::Facts;
use wenshu_document::{diff, rules, vocabulary::metadata_facts};
use wenshu_office::{CaseFile, Working};
use wenshu_storage::AttachmentRow;

mirror! {
    /// How much a finding weighs.
    FindingLevel is rules::Level { Block, Warn, Local }
}

/// Field values by name: texts, numbers, truths, lists of texts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::BTreeMap<String, Value>)]
pub struct FactsView(pub Facts);

/// The text as ProseMirror JSON.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::BTreeMap<String, Value>)]
pub struct PmDoc(pub Value);

/// A document 公文.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentView {
    pub id: String,
    pub version: u32,
    /// Values in the words of flows and people: 通知, 特急, 云政发〔2026〕3号.
    pub metadata: FactsView,
    pub body: PmDoc,
    pub characters: u32,
    pub finalised: bool,
    /// What the reader is writing and has not handed over.
    pub working: Option<WorkingView>,
    pub findings: Vec<Finding>,
    /// An issued file is there; else `pdf` gives a draft.
    pub pdf: bool,
    /// The version that the reader saw last, if it is not this one.
    pub changed_since_seen: Option<u32>,
    /// Where it came from, if another unit sent it.
    pub received: Option<ReceivedView>,
}

/// Where a received document came from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceivedView {
    pub from_unit: String,
    pub from_unit_name: String,
    /// 收文编号.
    pub number: Option<String>,
}

/// A working copy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkingView {
    pub fields: FactsView,
    pub body: Option<PmDoc>,
    pub saved_at: DateTime<Utc>,
    /// The version that it was made from.
    pub base: u32,
}

impl From<&Working> for WorkingView {
    fn from(working: &Working) -> Self {
        Self {
            fields: FactsView(working.fields.clone()),
            body: working.body.clone().map(PmDoc),
            saved_at: working.saved_at,
            base: working.base,
        }
    }
}

/// What a rule of form has to say.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Finding {
    pub rule: String,
    pub level: FindingLevel,
    /// The field to mend.
    pub field: Option<String>,
    pub text: String,
    /// The standard or law that it comes from.
    pub source: String,
}

impl From<&rules::Finding> for Finding {
    fn from(finding: &rules::Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            level: finding.level.into(),
            field: Some(finding.field.clone()).filter(|field| !field.is_empty()),
            text: finding.text.clone(),
            source: finding.source.clone(),
        }
    }
}

/// The document of a case, where the reader may see it.
pub(crate) fn document(file: &CaseFile) -> Option<DocumentView> {
    let (document, body) = file.document.as_ref().zip(file.body.as_ref())?;
    let received = document.received.as_ref().and_then(|received| received.pdf.as_ref());
    Some(DocumentView {
        id: document.id.to_string(),
        version: document.version,
        metadata: FactsView(metadata_facts(&document.metadata)),
        body: PmDoc(body.to_tiptap()),
        characters: document.characters,
        finalised: document.finalised.is_some(),
        working: file.working.as_ref().map(WorkingView::from),
        findings: file.findings.iter().map(Finding::from).collect(),
        pdf: document.pdf().is_some() || received.is_some(),
        changed_since_seen: file.seen.filter(|seen| *seen < document.version),
        received: document.received.as_ref().map(|received| ReceivedView {
            from_unit: received.from.to_string(),
            from_unit_name: received.from_name.clone(),
            number: received.number.clone(),
        }),
    })
}

/// An attachment 附件.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attachment {
    pub id: String,
    pub name: String,
    pub size: u64,
    pub media: String,
    /// SM3 of its content.
    pub sha: String,
    pub by: Option<Seat>,
    pub at: DateTime<Utc>,
}

impl From<&AttachmentRow> for Attachment {
    fn from(row: &AttachmentRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            size: row.size,
            media: row.media.clone(),
            sha: row.sha.clone(),
            by: stored(&row.added_by),
            at: row.at,
        }
    }
}

/// What changed between two versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Changes {
    pub from: u32,
    pub to: u32,
    pub fields: Vec<FieldChange>,
    /// All of the text, in runs; a line break ends each paragraph.
    pub body: Vec<Run>,
    /// Opinions given since.
    pub opinions: Vec<Entry>,
    /// The attachments as they are now, where they changed.
    pub attachments: Vec<ChangedFile>,
}

/// A field that has another value now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldChange {
    pub name: String,
    pub title: String,
    pub old: Value,
    pub new: Value,
}

/// A stretch of text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Run {
    pub kind: RunKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    Same,
    Del,
    Ins,
}

/// An attachment of a version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangedFile {
    /// SM3 of its content.
    pub id: String,
    pub name: String,
    pub size: u64,
}

impl From<wenshu_office::Changes> for Changes {
    fn from(changes: wenshu_office::Changes) -> Self {
        let value = |value: Option<wenshu_core::value::Value>| {
            serde_json::to_value(value).unwrap_or_default()
        };
        let field = |change: diff::FieldChange| FieldChange {
            name: change.field,
            title: change.title,
            old: value(change.old),
            new: value(change.new),
        };
        let file = |file: wenshu_document::Attachment| ChangedFile {
            id: file.hash,
            name: file.name,
            size: file.size,
        };
        Self {
            from: changes.from,
            to: changes.to,
            fields: changes.fields.into_iter().map(field).collect(),
            body: runs(&changes.body),
            // Opinions name no fields.
            opinions: changes.opinions.iter().map(|entry| Entry::new(entry, &[])).collect(),
            attachments: changes.attachments.into_iter().map(file).collect(),
        }
    }
}

fn runs(changes: &[diff::Change]) -> Vec<Run> {
    let mut runs: Vec<Run> = vec![];
    for change in changes {
        for (at, piece) in change.pieces.iter().enumerate() {
            let kind = match piece.kind {
                diff::ChangeKind::Same | diff::ChangeKind::Changed => RunKind::Same,
                diff::ChangeKind::Inserted => RunKind::Ins,
                diff::ChangeKind::Deleted => RunKind::Del,
            };
            let end = if at + 1 == change.pieces.len() { "\n" } else { "" };
            let text = format!("{}{end}", piece.text);
            match runs.last_mut() {
                Some(last) if last.kind == kind => last.text.push_str(&text),
                Some(_) | None => runs.push(Run { kind, text }),
            }
        }
    }
    runs
}
