//! Broken files, each with the place of its fault right to the column; and the shipped flows as graphs.

mod broken;
mod schema;
pub(crate) mod shipped;

use crate::value::{EffectKind, EffectSpec, Field, FieldType, Vocabulary};

/// Words like those of documents.
pub(crate) fn words() -> Vocabulary {
    let field = |name: &str, title: &str, kind: FieldType, options: &[&str]| Field {
        name: name.into(),
        title: title.into(),
        kind,
        required: false,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    let text = |name: &str, title: &str| field(name, title, FieldType::Text, &[]);
    let effect = |name: &str, title: &str, kind: EffectKind, once: bool, keeper: bool| EffectSpec {
        name: name.into(),
        title: title.into(),
        kind,
        once,
        keeper,
    };
    let kinds =
        ["决定", "命令", "意见", "通知", "通报", "报告", "请示", "批复", "议案", "函", "纪要"];
    Vocabulary {
        carriers: vec!["document".into()],
        fields: vec![
            text("title", "标题"),
            field("kind", "文种", FieldType::Choice, &kinds),
            field("direction", "行文方向", FieldType::Choice, &["上行", "下行", "平行", "公布"]),
            field("urgency", "紧急程度", FieldType::Choice, &["无", "加急", "特急"]),
            field("organ", "发文机关", FieldType::Unit, &[]),
            text("series", "文号系列"),
            field("recipients", "主送机关", FieldType::Units, &[]),
            text("recipient_names", "主送（其他）"),
            field("body", "正文", FieldType::LongText, &[]),
            field("attachments", "附件", FieldType::Texts, &[]),
            field("written_on", "成文日期", FieldType::Date, &[]),
            field("note", "附注", FieldType::LongText, &[]),
            text("contact", "联系人及电话"),
            field("cc", "抄送机关", FieldType::Units, &[]),
            text("cc_names", "抄送（其他）"),
            field("countersign_units", "会签单位", FieldType::Units, &[]),
            field(
                "publicity",
                "公开属性",
                FieldType::Choice,
                &["主动公开", "依申请公开", "不予公开"],
            ),
            text("publicity_reason", "不予公开理由"),
            text("answers", "答复的来文"),
        ],
        effects: vec![
            effect("number", "编号", EffectKind::Now, true, false),
            effect("finalise", "定稿", EffectKind::Record, false, false),
            effect("red_head", "套红排版", EffectKind::Later, false, false),
            effect("seal", "用印", EffectKind::Later, false, true),
            effect("dispatch", "分发", EffectKind::Record, true, false),
            effect("archive", "归档", EffectKind::Later, true, false),
        ],
    }
}
