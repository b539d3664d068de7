//! A document 公文 as its events made it. Its text lies under `body`; who may change it is the flow's to say.

use crate::{
    event::{BodyRef, DocumentEvent, Received, Sent},
    metadata::Metadata,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wenshu_core::{
    directory::Seat,
    id::{CaseId, DocumentId, SealId},
};

/// A document at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub id: DocumentId,
    /// The case it belongs to from its first draft.
    pub case: CaseId,
    pub metadata: Metadata,
    /// SM3 of the text.
    pub body_hash: String,
    pub characters: u32,
    /// Counts the changes of text and fields, from 1.
    pub version: u32,
    pub drafted_by: Seat,
    pub received: Option<Received>,
    /// Every version that was ever saved, in order.
    pub versions: Vec<VersionNote>,
    pub signed: Option<Signed>,
    /// The version that was made final 定稿.
    pub finalised: Option<u32>,
    pub rendered: Option<Rendered>,
    pub sealed: Vec<Sealed>,
    pub dispatched: Option<Dispatched>,
    /// SM3 of the archive's manifest.
    pub archived: Option<String>,
}

/// Who made a version, when, and where its text lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionNote {
    pub version: u32,
    pub body_hash: String,
    pub fields: Vec<String>,
    pub by: Seat,
    pub at: DateTime<Utc>,
}

/// The signature that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub by: Seat,
    /// The version that was signed.
    pub version: u32,
    pub at: DateTime<Utc>,
}

/// The file that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    pub version: u32,
    pub pdf: String,
    pub pages: u32,
    pub substitutions: Vec<String>,
}

/// A seal on the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub seal: SealId,
    pub seal_name: String,
    pub keeper: Seat,
    pub pdf: String,
    pub at: DateTime<Utc>,
}

/// Where it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatched {
    pub to: Vec<Sent>,
    pub at: DateTime<Utc>,
}

impl Document {
    /// The document that these events make; none if they do not begin with its draft.
    #[must_use]
    pub fn replay(id: DocumentId, events: &[DocumentEvent]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let mut document = Self::begun(id, first)?;
        for event in rest {
            document.apply(event);
        }
        Some(document)
    }

    /// The document that a first event begins.
    #[must_use]
    pub fn begun(id: DocumentId, first: &DocumentEvent) -> Option<Self> {
        match first {
            DocumentEvent::Drafted { case, metadata, body, by, at, received } => Some(Self {
                id,
                case: *case,
                metadata: (**metadata).clone(),
                body_hash: body.hash.clone(),
                characters: body.characters,
                version: 1,
                drafted_by: by.clone(),
                received: received.clone(),
                versions: vec![VersionNote {
                    version: 1,
                    body_hash: body.hash.clone(),
                    fields: vec![],
                    by: by.clone(),
                    at: *at,
                }],
                signed: None,
                finalised: None,
                rendered: None,
                sealed: vec![],
                dispatched: None,
                archived: None,
            }),
            DocumentEvent::Changed { .. }
            | DocumentEvent::Signed { .. }
            | DocumentEvent::Finalised { .. }
            | DocumentEvent::Numbered { .. }
            | DocumentEvent::Rendered { .. }
            | DocumentEvent::Sealed { .. }
            | DocumentEvent::Dispatched { .. }
            | DocumentEvent::Archived { .. } => None,
        }
    }

    /// Takes note of what happened; never refuses.
    pub fn apply(&mut self, event: &DocumentEvent) {
        match event {
            // A document is begun once.
            DocumentEvent::Drafted { .. } => {}
            DocumentEvent::Changed { version, metadata, body, fields, by, at } => {
                self.change(*version, metadata, body);
                self.versions.push(VersionNote {
                    version: *version,
                    body_hash: body.hash.clone(),
                    fields: fields.clone(),
                    by: by.clone(),
                    at: *at,
                });
            }
            DocumentEvent::Signed { by, signer, written_on, at } => {
                self.metadata.signer = Some(signer.clone());
                self.metadata.written_on = Some(*written_on);
                self.signed = Some(Signed { by: by.clone(), version: self.version, at: *at });
            }
            DocumentEvent::Finalised { version, .. } => self.finalised = Some(*version),
            DocumentEvent::Numbered { number, series, .. } => {
                self.metadata.number = Some(number.clone());
                self.metadata.series = Some(series.clone());
            }
            DocumentEvent::Rendered { version, pdf, pages, substitutions, .. } => {
                self.rendered = Some(Rendered {
                    version: *version,
                    pdf: pdf.clone(),
                    pages: *pages,
                    substitutions: substitutions.clone(),
                });
                // A file made anew bears no seal yet.
                self.sealed.clear();
            }
            DocumentEvent::Sealed { seal, seal_name, keeper, pdf, at } => {
                self.sealed.push(Sealed {
                    seal: seal.clone(),
                    seal_name: seal_name.clone(),
                    keeper: keeper.clone(),
                    pdf: pdf.clone(),
                    at: *at,
                })
            }
            DocumentEvent::Dispatched { to, printed_by, printed_on, at, .. } => {
                self.metadata.printed_by.clone_from(printed_by);
                self.metadata.printed_on = Some(*printed_on);
                self.dispatched = Some(Dispatched { to: to.clone(), at: *at });
            }
            DocumentEvent::Archived { manifest, .. } => self.archived = Some(manifest.clone()),
        }
    }

    fn change(&mut self, version: u32, metadata: &Metadata, body: &BodyRef) {
        self.metadata = metadata.clone();
        self.body_hash.clone_from(&body.hash);
        self.characters = body.characters;
        self.version = version;
        // What was final is not what stands here now.
        self.finalised = None;
    }

    /// The file as it stands: with its last seal, or as made.
    #[must_use]
    pub fn pdf(&self) -> Option<&str> {
        let sealed = self.sealed.last().map(|sealed| sealed.pdf.as_str());
        sealed.or_else(|| self.rendered.as_ref().map(|rendered| rendered.pdf.as_str()))
    }

    /// Nothing about it changes any more.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.dispatched.is_some() || self.archived.is_some()
    }
}
