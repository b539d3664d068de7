//! The manifest 归档清单: everything that an archived document consists of, by hash.
//!
//! Whoever has the parts can recompute it; whoever changes a part changes its hash.

use crate::{hash::sm3_hex, metadata::Metadata};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wenshu_core::id::{CaseId, DocumentId};

/// What was archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Form of this manifest.
    pub format: u32,
    /// Algorithm of every hash in it.
    pub algorithm: String,
    pub document: DocumentId,
    pub case: CaseId,
    pub metadata: Metadata,
    /// The text that was made final 定稿.
    pub final_text: String,
    pub final_version: u32,
    /// The file as sealed 正本.
    pub pdf: Option<String>,
    /// 文件处理单.
    pub handling_sheet: String,
    pub attachments: Vec<ManifestFile>,
    /// Heads of the event logs at the moment of archiving, in the order of their streams.
    pub heads: Vec<StreamHead>,
    pub archived_at: DateTime<Utc>,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    pub name: String,
    pub size: u64,
    pub hash: String,
}

/// The last hash of an event log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamHead {
    pub stream: String,
    pub version: u64,
    pub head: String,
}

/// The parts that the shell has stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    pub final_text: String,
    pub final_version: u32,
    pub pdf: Option<String>,
    pub handling_sheet: String,
    pub heads: Vec<StreamHead>,
}

impl Manifest {
    /// The manifest of a document and its stored parts.
    #[must_use]
    pub fn new(
        document: DocumentId,
        case: CaseId,
        metadata: Metadata,
        parts: Parts,
        at: DateTime<Utc>,
    ) -> Self {
        let attachments = metadata.attachments.iter().map(|file| ManifestFile {
            name: file.name.clone(),
            size: file.size,
            hash: file.hash.clone(),
        });
        let attachments = attachments.collect();
        let mut heads = parts.heads;
        heads.sort();
        Self {
            format: 1,
            algorithm: "SM3".to_owned(),
            document,
            case,
            metadata,
            final_text: parts.final_text,
            final_version: parts.final_version,
            pdf: parts.pdf,
            handling_sheet: parts.handling_sheet,
            attachments,
            heads,
            archived_at: at,
        }
    }

    /// The one JSON of this manifest.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// SM3 of the canonical JSON.
    #[must_use]
    pub fn hash(&self) -> String {
        sm3_hex(self.canonical().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use uuid::Uuid;

    fn manifest(heads: Vec<StreamHead>) -> Manifest {
        let metadata = Metadata::new(Kind::Notice, "关于值班的通知", "gov".into(), "office".into());
        let parts = Parts {
            final_text: "aa".into(),
            final_version: 3,
            pdf: Some("bb".into()),
            handling_sheet: "cc".into(),
            heads,
        };
        Manifest::new(
            DocumentId(Uuid::nil()),
            CaseId(Uuid::nil()),
            metadata,
            parts,
            DateTime::UNIX_EPOCH,
        )
    }

    fn head(stream: &str, head: &str) -> StreamHead {
        StreamHead { stream: stream.into(), version: 1, head: head.into() }
    }

    #[test]
    fn the_order_of_logs_does_not_matter_and_their_heads_do() {
        let one = manifest(vec![head("case", "1"), head("document", "2")]);
        let same = manifest(vec![head("document", "2"), head("case", "1")]);
        let other = manifest(vec![head("case", "1"), head("document", "3")]);
        assert_eq!(one.hash(), same.hash());
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn it_reads_back() {
        let manifest = manifest(vec![head("case", "1")]);
        let read: Result<Manifest, _> = serde_json::from_str(&manifest.canonical());
        assert_eq!(read.ok().map(|read| read.hash()), Some(manifest.hash()));
    }
}
