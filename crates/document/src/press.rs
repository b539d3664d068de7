//! The press 排版: what a page needs, as plain data, and the trait of whoever sets it.
//!
//! Names are already looked up here; the layout knows no directory and no clock.

use crate::{
    body::Body,
    metadata::{Metadata, Urgency},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Sets sheets to files.
pub trait Press: Send + Sync {
    /// One file. The same sheet gives the same bytes.
    fn set(&self, sheet: &Sheet) -> Result<Printed, PressError>;
}

/// What is to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sheet", rename_all = "snake_case")]
pub enum Sheet {
    /// A document in the common form 普发 of GB/T 9704—2012.
    Official(Box<Official>),
    /// The handling sheet 文件处理单.
    Handling(Handling),
}

/// A red-headed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Official {
    /// 发文机关标志 as printed, with 文件 where it belongs.
    pub issuer_mark: String,
    pub urgency: Urgency,
    /// 发文字号; empty while there is none.
    pub number: String,
    /// 签发人; only documents that go up bear them.
    pub signers: Vec<String>,
    pub title: String,
    /// 主送机关, in order.
    pub recipients: Vec<String>,
    pub body: Body,
    /// 附件说明.
    pub attachments: Vec<String>,
    /// 发文机关署名.
    pub signature: String,
    /// 成文日期; none before signing.
    pub written_on: Option<NaiveDate>,
    pub signing: Signing,
    /// 附注, each without its brackets.
    pub notes: Vec<String>,
    /// 抄送机关, in order.
    pub cc: Vec<String>,
    /// 印发机关.
    pub printed_by: String,
    /// 印发日期.
    pub printed_on: Option<NaiveDate>,
    /// Says on every page that this is not the final text.
    pub draft: Option<String>,
}

/// What stands over signature and date (GB/T 9704 7.3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// The document bears no seal.
    #[default]
    Unsealed,
    /// Room for a seal to come.
    Reserved {
        diameter_mm: u16,
    },
    Sealed(SealPlacement),
}

/// A seal to be printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealPlacement {
    /// PNG or SVG.
    pub image: Vec<u8>,
    /// What the register calls it.
    pub label: String,
    /// 国务院关于国家行政机关和企业事业单位社会团体印章管理的规定: 45 for a city or county government.
    pub diameter_mm: u16,
}

/// 文件处理单: who did what, when, and what they said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// e.g. 发文处理单.
    pub heading: String,
    /// The unit that keeps it.
    pub unit: String,
    /// Label and value, in order: 标题, 文号, 紧急程度…
    pub facts: Vec<(String, String)>,
    pub rows: Vec<HandlingRow>,
    pub made_at: DateTime<Utc>,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlingRow {
    pub step: String,
    /// Unit, post and name as they were.
    pub who: String,
    /// What was done: 同意, 退回拟稿…
    pub act: String,
    pub opinion: String,
    pub at: DateTime<Utc>,
}

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    pub pdf: Vec<u8>,
    pub pages: usize,
    /// Fonts that stood in for others and characters that none has, in Chinese.
    pub substitutions: Vec<String>,
}

/// Why nothing was printed. The Chinese is for administrators.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PressError {
    #[error(
        "没有找到可用的中文字体，无法排版。请安装 fonts-noto-cjk，或把单位的字体文件放进 fonts 目录（查找过：{searched}）"
    )]
    NoFonts { searched: String },
    #[error("印章“{label}”的图片无法读取：只支持 PNG 和 SVG")]
    SealImage { label: String },
    #[error("排版失败：{reason}")]
    Failed { reason: String },
}

impl Official {
    /// What the metadata says of the page; names of organs are for the caller to look up.
    #[must_use]
    pub fn new(metadata: &Metadata, body: Body, recipients: Vec<String>, cc: Vec<String>) -> Self {
        Self {
            issuer_mark: metadata.issuer_mark.clone(),
            urgency: metadata.urgency,
            number: metadata.number.as_ref().map(ToString::to_string).unwrap_or_default(),
            signers: match metadata.direction {
                crate::kind::Direction::Up => metadata.signer.iter().cloned().collect(),
                crate::kind::Direction::Down
                | crate::kind::Direction::Level
                | crate::kind::Direction::Public => vec![],
            },
            title: metadata.title.clone(),
            recipients,
            body,
            attachments: metadata.attachments_note(),
            signature: metadata.signature.clone(),
            written_on: metadata.written_on,
            signing: Signing::Unsealed,
            notes: metadata.notes(),
            cc,
            printed_by: metadata.printed_by.clone(),
            printed_on: metadata.printed_on,
            draft: None,
        }
    }
}
