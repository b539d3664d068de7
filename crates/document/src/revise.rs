//! Applying changes that a person made to a draft: every field is checked, and nothing changes unless all may.

use crate::{
    body::{Body, BodyError},
    kind::{Direction, Kind},
    metadata::{Attachment, Metadata, Publicity, Urgency},
    vocabulary::vocabulary,
};
use std::collections::BTreeSet;
use thiserror::Error;
use wenshu_core::{
    id::UnitId,
    value::{Facts, Value},
};

/// A draft with changes applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub metadata: Metadata,
    /// The new text, when it changed.
    pub body: Option<Body>,
    /// Names of the fields whose value is another now.
    pub fields: Vec<String>,
}

/// Why a field does not take a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    #[error("公文没有“{field}”这个字段")]
    Unknown { field: String },
    #[error("“{title}”的值类型不对")]
    WrongType { field: String, title: String },
    #[error("“{title}”由系统产生，不能填写")]
    Given { field: String, title: String },
    #[error("本系统为非涉密系统，密级只能为“无”")]
    Secrecy,
    #[error("“{title}”不能超过{limit}字")]
    TooLong { field: String, title: String, limit: usize },
    #[error("“{title}”里重复填写了同一个单位")]
    Twice { field: String, title: String },
    #[error("“{title}”里有不可见的控制字符")]
    ControlCharacter { field: String, title: String },
    #[error("附件“{hash}”没有上传")]
    NoSuchFile { hash: String },
    #[error(transparent)]
    Body(#[from] BodyError),
}

impl FieldError {
    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            FieldError::Unknown { field }
            | FieldError::WrongType { field, .. }
            | FieldError::Given { field, .. }
            | FieldError::TooLong { field, .. }
            | FieldError::Twice { field, .. }
            | FieldError::ControlCharacter { field, .. } => field,
            FieldError::Secrecy => "secrecy",
            FieldError::NoSuchFile { .. } => "attachments",
            FieldError::Body(_) => "body",
        }
    }
}

/// Applies `changes`, or says everything that is wrong with them. `body` in them is the editor's JSON as text;
/// `attachments` the hashes in order, each already there or among `uploads`.
pub fn revise(
    metadata: &Metadata,
    body: &Body,
    changes: &Facts,
    uploads: &[Attachment],
) -> Result<Revision, Vec<FieldError>> {
    let mut revision = Revision { metadata: metadata.clone(), body: None, fields: vec![] };
    let mut errors = vec![];
    for (name, value) in changes {
        if let Err(error) = set(&mut revision, name, value, uploads) {
            errors.push(error);
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if revision.body.as_ref() == Some(body) {
        revision.body = None;
    }
    let fields = crate::diff::field_changes(metadata, &revision.metadata)
        .into_iter()
        .map(|change| change.field);
    revision.fields = fields.chain(revision.body.is_some().then(|| "body".to_owned())).collect();
    Ok(revision)
}

fn set(
    revision: &mut Revision,
    name: &str,
    value: &Value,
    uploads: &[Attachment],
) -> Result<(), FieldError> {
    let vocabulary = vocabulary();
    let Some(field) = vocabulary.field(name) else {
        return Err(FieldError::Unknown { field: name.to_owned() });
    };
    let (field, title) = (field.name.clone(), field.title.clone());
    let wrong = || FieldError::WrongType { field: field.clone(), title: title.clone() };
    if !vocabulary.field(name).is_some_and(|field| field.takes(value)) {
        return Err(if name == "secrecy" { FieldError::Secrecy } else { wrong() });
    }
    let text = |limit: usize| -> Result<String, FieldError> {
        let Value::Text(text) = value else { return Err(wrong()) };
        let text = text.trim();
        if text.chars().count() > limit {
            return Err(FieldError::TooLong { field: field.clone(), title: title.clone(), limit });
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(FieldError::ControlCharacter {
                field: field.clone(),
                title: title.clone(),
            });
        }
        Ok(text.to_owned())
    };
    let units = || -> Result<Vec<UnitId>, FieldError> {
        let ids = value.ids();
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            return Err(FieldError::Twice { field: field.clone(), title: title.clone() });
        }
        Ok(ids.into_iter().map(UnitId).collect())
    };
    let metadata = &mut revision.metadata;
    match name {
        "title" => metadata.title = text(200)?.replace('\n', ""),
        "kind" => {
            metadata.kind = Kind::from_title(&text(10)?).ok_or_else(wrong)?;
            metadata.direction = metadata.kind.direction();
        }
        "direction" => {
            let said = text(10)?;
            metadata.direction =
                Direction::ALL.into_iter().find(|d| d.title() == said).ok_or_else(wrong)?;
        }
        "urgency" => {
            let said = text(10)?;
            metadata.urgency = match said.as_str() {
                "" => Urgency::None,
                said => Urgency::ALL.into_iter().find(|u| u.title() == said).ok_or_else(wrong)?,
            };
        }
        "secrecy" => {}
        "issuer_mark" => metadata.issuer_mark = text(60)?,
        "series" => metadata.series = Some(text(60)?).filter(|id| !id.is_empty()),
        "recipients" => metadata.recipients = units()?,
        "recipient_names" => metadata.recipient_names = names(&text(1000)?),
        "body" => {
            let Value::Text(json) = value else { return Err(wrong()) };
            revision.body = Some(Body::from_tiptap_str(json)?);
        }
        "attachments" => {
            metadata.attachments = order(&metadata.attachments, &value.ids(), uploads)?
        }
        "signature" => metadata.signature = text(60)?,
        "note" => metadata.note = text(200)?,
        "contact" => metadata.contact = text(100)?,
        "cc" => metadata.cc = units()?,
        "cc_names" => metadata.cc_names = names(&text(1000)?),
        "printed_by" => metadata.printed_by = text(60)?,
        "level" => metadata.level = text(60)?,
        "countersign_units" => metadata.countersign_units = units()?,
        "publicity" => {
            let said = text(10)?;
            metadata.publicity = Publicity::ALL.into_iter().find(|p| p.title() == said);
        }
        "publicity_reason" => metadata.publicity_reason = text(500)?,
        "answers" => {
            let id = text(60)?;
            metadata.answers = match id.as_str() {
                "" => None,
                id => Some(id.parse().map_err(|_| wrong())?),
            };
        }
        // In whose name it is issued is the drafter's to say; whether they may is a rule's.
        "organ" => metadata.organ = UnitId(text(60)?),
        // Number, signer and dates come out of acts.
        "unit" | "number" | "signer" | "written_on" | "printed_on" | "body_length" => {
            return Err(FieldError::Given { field, title });
        }
        other => return Err(FieldError::Unknown { field: other.to_owned() }),
    }
    Ok(())
}

/// Names that people type one after another.
fn names(text: &str) -> Vec<String> {
    let parts = text.split(['、', '，', '；', ';', '\n']);
    parts.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn order(
    present: &[Attachment],
    hashes: &[String],
    uploads: &[Attachment],
) -> Result<Vec<Attachment>, FieldError> {
    let find = |hash: &String| {
        let mut known = present.iter().chain(uploads);
        known
            .find(|file| file.hash == *hash)
            .cloned()
            .ok_or_else(|| FieldError::NoSuchFile { hash: hash.clone() })
    };
    hashes.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft() -> Metadata {
        Metadata::new(Kind::Notice, "关于值班的通知", "gov".into(), "office".into())
    }

    fn changes(value: serde_json::Value) -> Facts {
        serde_json::from_value(value).expect("facts")
    }

    #[test]
    fn changes_are_applied_and_named() {
        let body = json!({ "type": "doc", "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": "请遵照执行。" }] }] });
        let made = changes(json!({
            "title": " 关于防汛值班的通知 ", "recipients": ["finance", "water"], "urgency": "特急",
            "publicity": "主动公开", "recipient_names": "各县人民政府、市属企业", "body": body.to_string(), "note": "" }));
        let revision = revise(&draft(), &Body::default(), &made, &[]).expect("all may change");
        assert_eq!(
            revision.fields,
            ["title", "urgency", "recipients", "recipient_names", "publicity", "body"]
        );
        assert_eq!(revision.metadata.title, "关于防汛值班的通知");
        assert_eq!(revision.metadata.recipient_names, ["各县人民政府", "市属企业"]);
        assert_eq!(revision.body.map(|body| body.plain_text()).as_deref(), Some("请遵照执行。"));
    }

    #[test]
    fn every_mistake_is_named() {
        let made = changes(json!({
            "number": "云政发〔2026〕1号", "signer": "某人", "written_on": "2026-01-01", "secrecy": "机密",
            "urgency": "平急", "recipients": ["a", "a"], "colour": "red", "title": 3, "attachments": ["ff"],
            "body": "{}", "answers": "x" }));
        let errors =
            revise(&draft(), &Body::default(), &made, &[]).expect_err("nothing of it may be");
        let fields: Vec<&str> = errors.iter().map(FieldError::field).collect();
        assert_eq!(
            fields,
            [
                "answers",
                "attachments",
                "body",
                "colour",
                "number",
                "recipients",
                "secrecy",
                "signer",
                "title",
                "urgency",
                "written_on"
            ]
        );
        assert!(errors.contains(&FieldError::Secrecy));
    }

    #[test]
    fn an_upload_becomes_an_attachment_once_named() {
        let file = Attachment {
            hash: "ab".into(),
            name: "检查表.xlsx".into(),
            size: 1,
            media_type: String::new(),
        };
        let made = changes(json!({ "attachments": ["ab"] }));
        let revision = revise(&draft(), &Body::default(), &made, &[file]).expect("it was uploaded");
        assert_eq!(revision.metadata.attachments_note(), ["检查表"]);
    }

    #[test]
    fn what_is_the_same_is_no_change() {
        let made = changes(json!({ "title": "关于值班的通知", "urgency": "" }));
        let revision = revise(&draft(), &Body::default(), &made, &[]).expect("fine");
        assert!(revision.fields.is_empty());
    }
}
