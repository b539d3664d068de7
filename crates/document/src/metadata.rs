//! The elements of a document: the eighteen of GB/T 33480 as fields of their own, and what the office adds to them.

use crate::{
    kind::{Direction, Kind},
    number::Number,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenshu_core::id::{DocumentId, UnitId};

/// Everything about a document but its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// 公文标识; its composition is that of GB/T 33477, opaque here.
    #[serde(default)]
    pub doc_ident: String,
    /// 文种.
    pub kind: Kind,
    /// 份号. Only classified documents must bear one (条例 art. 9(1)), so this system never does.
    #[serde(default)]
    pub copy_number: Option<Never>,
    /// 密级和保密期限.
    #[serde(default)]
    pub secrecy: Secrecy,
    /// 紧急程度.
    #[serde(default)]
    pub urgency: Urgency,
    /// 发文机关标志, without 文件.
    #[serde(default)]
    pub issuer_mark: String,
    /// 发文字号.
    #[serde(default)]
    pub number: Option<Number>,
    /// 签发人, as signed.
    #[serde(default)]
    pub signer: Option<String>,
    /// 标题.
    pub title: String,
    /// 主送机关 that this system knows.
    #[serde(default)]
    pub recipients: Vec<UnitId>,
    /// 主送机关 in words: other organs, or a collective name 统称.
    #[serde(default)]
    pub recipient_names: Vec<String>,
    /// 附件: order is that of 附件说明.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// 发文机关署名, when it differs from the organ's full name.
    #[serde(default)]
    pub signature: String,
    /// 成文日期, taken from the act of signing and never typed (条例 art. 9(11)).
    #[serde(default)]
    pub written_on: Option<NaiveDate>,
    /// 附注, without its brackets.
    #[serde(default)]
    pub note: String,
    /// 抄送机关 that this system knows.
    #[serde(default)]
    pub cc: Vec<UnitId>,
    /// 抄送机关 in words.
    #[serde(default)]
    pub cc_names: Vec<String>,
    /// 印发机关: usually the office of the issuing organ.
    #[serde(default)]
    pub printed_by: String,
    /// 印发日期.
    #[serde(default)]
    pub printed_on: Option<NaiveDate>,
    /// 发布层次, e.g. 发至县级.
    #[serde(default)]
    pub level: String,

    /// 行文方向.
    pub direction: Direction,
    /// 发文机关.
    pub organ: UnitId,
    /// The unit that drafts it 拟稿单位.
    pub unit: UnitId,
    /// Number series 文号系列.
    #[serde(default)]
    pub series: Option<String>,
    /// 会签单位.
    #[serde(default)]
    pub countersign_units: Vec<UnitId>,
    /// 公开属性.
    #[serde(default)]
    pub publicity: Option<Publicity>,
    /// Why it is not made public.
    #[serde(default)]
    pub publicity_reason: String,
    /// 联系人及电话.
    #[serde(default)]
    pub contact: String,
    /// The 请示 or 函 that this document answers.
    #[serde(default)]
    pub answers: Option<DocumentId>,
}

/// A value that cannot exist: the field is known, and stays empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Never {}

/// 密级. A non-classified system must not handle state secrets (保守国家秘密法 2024 art. 31(3)), so there is one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    #[default]
    None,
}

/// 紧急程度 of a 公文 (条例 art. 9(3)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    #[default]
    None,
    /// 加急.
    Urgent,
    /// 特急.
    Extra,
}

/// 公开属性 (政府信息公开条例).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publicity {
    /// 主动公开.
    Published,
    /// 依申请公开.
    OnRequest,
    /// 不予公开.
    Withheld,
}

/// A file that goes with the document. Its content lies under its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// SM3 of the content.
    pub hash: String,
    /// File name as uploaded, without any path.
    pub name: String,
    pub size: u64,
    pub media_type: String,
}

impl Attachment {
    /// The title under which 附件说明 lists it: the file name without its ending.
    #[must_use]
    pub fn title(&self) -> &str {
        match self.name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() && ending.len() <= 5 => stem,
            Some(_) | None => &self.name,
        }
    }
}

impl Secrecy {
    /// Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Secrecy::None => "无",
        }
    }
}

impl Urgency {
    /// All degrees.
    pub const ALL: [Urgency; 3] = [Urgency::None, Urgency::Urgent, Urgency::Extra];

    /// Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Urgency::None => "无",
            Urgency::Urgent => "加急",
            Urgency::Extra => "特急",
        }
    }
}

impl Publicity {
    /// All values.
    pub const ALL: [Publicity; 3] =
        [Publicity::Published, Publicity::OnRequest, Publicity::Withheld];

    /// Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Publicity::Published => "主动公开",
            Publicity::OnRequest => "依申请公开",
            Publicity::Withheld => "不予公开",
        }
    }

    /// How the note at the end of the document says it; very widely required by local rules.
    #[must_use]
    pub fn note(self) -> &'static str {
        match self {
            Publicity::Published => "此件公开发布",
            Publicity::OnRequest => "此件依申请公开",
            Publicity::Withheld => "此件不予公开",
        }
    }
}

impl Metadata {
    /// An empty draft of a unit, to be issued by `organ`.
    #[must_use]
    pub fn new(kind: Kind, title: &str, organ: UnitId, unit: UnitId) -> Self {
        Self {
            doc_ident: String::new(),
            kind,
            copy_number: None,
            secrecy: Secrecy::None,
            urgency: Urgency::None,
            issuer_mark: String::new(),
            number: None,
            signer: None,
            title: title.to_owned(),
            recipients: vec![],
            recipient_names: vec![],
            attachments: vec![],
            signature: String::new(),
            written_on: None,
            note: String::new(),
            cc: vec![],
            cc_names: vec![],
            printed_by: String::new(),
            printed_on: None,
            level: String::new(),
            direction: kind.direction(),
            organ,
            unit,
            series: None,
            countersign_units: vec![],
            publicity: None,
            publicity_reason: String::new(),
            contact: String::new(),
            answers: None,
        }
    }

    /// 附件说明: the titles of the attachments in order.
    #[must_use]
    pub fn attachments_note(&self) -> Vec<String> {
        self.attachments.iter().map(|attachment| attachment.title().to_owned()).collect()
    }

    /// 附注 as it is printed: what was written, and how the document is made public.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = vec![];
        let note = self.note.trim().trim_start_matches('（').trim_end_matches('）');
        if !note.is_empty() {
            notes.push(note.to_owned());
        }
        if let Some(publicity) = self.publicity
            && !notes.iter().any(|note| note.contains(publicity.note()))
        {
            notes.push(publicity.note().to_owned());
        }
        if self.kind == Kind::Request && !self.contact.trim().is_empty() {
            notes.push(format!("联系人：{}", self.contact.trim()));
        }
        notes
    }
}
