//! What happened to a document. Events are for ever: add an optional field or a variant, never change a meaning.

use crate::{metadata::Metadata, number::Number};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenshu_core::{
    directory::Seat,
    id::{CaseId, DeliveryId, DocumentId, SealId, UnitId},
};

/// One thing that happened to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DocumentEvent {
    /// A draft was begun, or an incoming document registered; it is version 1.
    Drafted {
        case: CaseId,
        metadata: Box<Metadata>,
        body: BodyRef,
        by: Seat,
        at: DateTime<Utc>,
        /// For a document that another unit sent.
        #[serde(default)]
        received: Option<Received>,
    },
    /// Somebody changed text or fields. Everything is said again, so that a version needs no history.
    Changed {
        version: u32,
        metadata: Box<Metadata>,
        body: BodyRef,
        fields: Vec<String>,
        by: Seat,
        at: DateTime<Utc>,
    },
    /// 签发: the signature that gives the document its date. The last one counts (条例 art. 9(11)).
    Signed { by: Seat, signer: String, written_on: NaiveDate, at: DateTime<Utc> },
    /// 定稿: this version is what will be issued.
    Finalised { version: u32, by: Option<Seat>, at: DateTime<Utc> },
    /// 编号.
    Numbered { number: Number, series: String, by: Option<Seat>, at: DateTime<Utc> },
    /// 套红排版: the file that was made of a version.
    Rendered {
        version: u32,
        pdf: String,
        pages: u32,
        substitutions: Vec<String>,
        at: DateTime<Utc>,
    },
    /// 用印 by a keeper on an approval; `pdf` is the SM3 of the sealed file. No cryptographic claim is made.
    Sealed { seal: SealId, seal_name: String, keeper: Seat, pdf: String, at: DateTime<Utc> },
    /// 分发.
    Dispatched {
        to: Vec<Sent>,
        printed_by: String,
        printed_on: NaiveDate,
        by: Option<Seat>,
        at: DateTime<Utc>,
    },
    /// 归档: frozen under the hash of its manifest.
    Archived { manifest: String, at: DateTime<Utc> },
}

/// A text by its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRef {
    pub hash: String,
    pub characters: u32,
}

/// Where an incoming document came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub delivery: DeliveryId,
    /// The sender's document.
    pub document: DocumentId,
    pub from: UnitId,
    pub from_name: String,
    /// Its file, as sealed and sent.
    #[serde(default)]
    pub pdf: Option<String>,
    /// 收文编号, as the receiving registry gave it.
    #[serde(default)]
    pub number: Option<String>,
}

/// One recipient of a dispatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub delivery: DeliveryId,
    pub unit: UnitId,
    pub unit_name: String,
    /// 抄送, not 主送.
    pub cc: bool,
}

impl From<&crate::body::Body> for BodyRef {
    fn from(body: &crate::body::Body) -> Self {
        Self { hash: body.hash(), characters: u32::try_from(body.characters()).unwrap_or(u32::MAX) }
    }
}
