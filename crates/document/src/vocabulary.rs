//! The words by which flows speak of a document: fields, effects, and the values of the fields.

use crate::{
    body::Body,
    document::Document,
    kind::{Direction, Kind},
    metadata::{Metadata, Publicity, Secrecy, Urgency},
};
use wenshu_core::value::{EffectKind, EffectSpec, Facts, Field, FieldType, Value, Vocabulary};

/// What flows that carry a document may say.
#[must_use]
pub fn vocabulary() -> Vocabulary {
    Vocabulary { carriers: vec!["document".into()], fields: fields(), effects: effects() }
}

fn fields() -> Vec<Field> {
    let plain = |name: &str, title: &str, kind: FieldType| Field {
        name: name.into(),
        title: title.into(),
        kind,
        required: false,
        options: vec![],
    };
    let needed = |name: &str, title: &str, kind: FieldType| Field {
        required: true,
        ..plain(name, title, kind)
    };
    let choice = |name: &str, title: &str, options: Vec<&str>| Field {
        options: options.into_iter().map(str::to_owned).collect(),
        ..plain(name, title, FieldType::Choice)
    };
    let kinds = Kind::ALL.iter().map(|kind| kind.title()).collect();
    vec![
        needed("title", "标题", FieldType::Text),
        choice("kind", "文种", kinds),
        choice("direction", "行文方向", Direction::ALL.iter().map(|d| d.title()).collect()),
        choice("urgency", "紧急程度", Urgency::ALL.iter().map(|u| u.title()).collect()),
        choice("secrecy", "密级", vec![Secrecy::None.title()]),
        plain("organ", "发文机关", FieldType::Unit),
        plain("unit", "拟稿单位", FieldType::Unit),
        plain("issuer_mark", "发文机关标志", FieldType::Text),
        plain("series", "文号系列", FieldType::Text),
        plain("number", "发文字号", FieldType::Text),
        plain("signer", "签发人", FieldType::Text),
        plain("recipients", "主送机关", FieldType::Units),
        plain("recipient_names", "主送（其他）", FieldType::Text),
        needed("body", "正文", FieldType::LongText),
        plain("body_length", "正文字数", FieldType::Number),
        plain("attachments", "附件", FieldType::Texts),
        plain("signature", "发文机关署名", FieldType::Text),
        plain("written_on", "成文日期", FieldType::Date),
        plain("note", "附注", FieldType::LongText),
        plain("contact", "联系人及电话", FieldType::Text),
        plain("cc", "抄送机关", FieldType::Units),
        plain("cc_names", "抄送（其他）", FieldType::Text),
        plain("printed_by", "印发机关", FieldType::Text),
        plain("printed_on", "印发日期", FieldType::Date),
        plain("level", "发布层次", FieldType::Text),
        plain("countersign_units", "会签单位", FieldType::Units),
        choice("publicity", "公开属性", Publicity::ALL.iter().map(|p| p.title()).collect()),
        plain("publicity_reason", "不予公开理由", FieldType::Text),
        plain("answers", "答复的来文", FieldType::Text),
    ]
}

fn effects() -> Vec<EffectSpec> {
    let effect = |name: &str, title: &str, kind: EffectKind, once: bool, keeper: bool| EffectSpec {
        name: name.into(),
        title: title.into(),
        kind,
        once,
        keeper,
    };
    vec![
        effect("number", "编号", EffectKind::Now, true, false),
        effect("finalise", "定稿", EffectKind::Record, false, false),
        effect("red_head", "套红排版", EffectKind::Later, false, false),
        effect("seal", "用印", EffectKind::Later, false, true),
        effect("dispatch", "分发", EffectKind::Record, true, false),
        effect("archive", "归档", EffectKind::Later, true, false),
    ]
}

/// The values of a document's fields; without its text where nobody needs it.
#[must_use]
pub fn facts(document: &Document, body: Option<&Body>) -> Facts {
    let mut facts = metadata_facts(&document.metadata);
    facts.insert("body_length".into(), Value::Number(f64::from(document.characters)));
    if let Some(body) = body {
        facts.insert("body".into(), Value::Text(body.plain_text()));
    }
    facts
}

/// The values of the elements alone.
#[must_use]
pub fn metadata_facts(metadata: &Metadata) -> Facts {
    let text = |text: &str| Value::Text(text.to_owned());
    let units = |units: &[wenshu_core::id::UnitId]| {
        Value::List(units.iter().map(|unit| unit.0.clone()).collect())
    };
    let date = |date: Option<chrono::NaiveDate>| {
        Value::Text(date.map(|d| d.to_string()).unwrap_or_default())
    };
    let attachments =
        metadata.attachments.iter().map(|attachment| attachment.hash.clone()).collect();
    [
        ("title", text(&metadata.title)),
        ("kind", text(metadata.kind.title())),
        ("direction", text(metadata.direction.title())),
        ("urgency", text(metadata.urgency.title())),
        ("secrecy", text(metadata.secrecy.title())),
        ("organ", text(metadata.organ.as_str())),
        ("unit", text(metadata.unit.as_str())),
        ("issuer_mark", text(&metadata.issuer_mark)),
        ("series", text(metadata.series.as_deref().unwrap_or_default())),
        (
            "number",
            Value::Text(metadata.number.as_ref().map(ToString::to_string).unwrap_or_default()),
        ),
        ("signer", text(metadata.signer.as_deref().unwrap_or_default())),
        ("recipients", units(&metadata.recipients)),
        ("recipient_names", Value::Text(metadata.recipient_names.join("、"))),
        ("attachments", Value::List(attachments)),
        ("signature", text(&metadata.signature)),
        ("written_on", date(metadata.written_on)),
        ("note", text(&metadata.note)),
        ("contact", text(&metadata.contact)),
        ("cc", units(&metadata.cc)),
        ("cc_names", Value::Text(metadata.cc_names.join("、"))),
        ("printed_by", text(&metadata.printed_by)),
        ("printed_on", date(metadata.printed_on)),
        ("level", text(&metadata.level)),
        ("countersign_units", units(&metadata.countersign_units)),
        ("publicity", text(metadata.publicity.map(Publicity::title).unwrap_or_default())),
        ("publicity_reason", text(&metadata.publicity_reason)),
        ("answers", Value::Text(metadata.answers.map(|id| id.to_string()).unwrap_or_default())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_a_field_and_of_its_type() {
        let vocabulary = vocabulary();
        let metadata = Metadata::new(Kind::Notice, "关于值班的通知", "gov".into(), "office".into());
        let facts = metadata_facts(&metadata);
        for (name, value) in &facts {
            let field = vocabulary.field(name);
            assert!(field.is_some_and(|field| field.takes(value)), "{name}");
        }
        let filled_elsewhere = ["body", "body_length"];
        for field in &vocabulary.fields {
            assert!(
                facts.contains_key(&field.name) || filled_elsewhere.contains(&field.name.as_str()),
                "{}",
                field.name
            );
        }
    }

    #[test]
    fn only_the_seal_needs_a_keeper() {
        let keepers: Vec<String> =
            effects().into_iter().filter(|e| e.keeper).map(|e| e.name).collect();
        assert_eq!(keepers, ["seal"]);
    }
}
