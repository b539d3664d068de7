//! What happened, as people read it.

use super::{Seat, mirror};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{Vocabulary, Workflow, value::Field, workflow::Carrier};
use wenshu_office as office;

mirror! {
    /// What kind of thing happened.
    EntryKind is office::EntryKind {
        Started, Opinion, SentBack, Transferred, Closed, Cc, Circulated, Urged, Linked, Withdrawn, Number, Finalised, Rendered,
        Sealed, Dispatched, Archived, Ended, Passed, Stalled, Appointed, Reassigned, Retried, Outdated, Reopened, Changed, Done
    }
}

/// One line of the timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub kind: EntryKind,
    /// With name, post and unit as they were.
    pub by: Option<Seat>,
    pub step_title: String,
    /// What the person wrote: plain text.
    pub text: String,
    /// In a word: 同意, 退回至拟稿.
    pub said: String,
    /// Version of the document that it was about.
    pub version: Option<u32>,
    pub round: Option<u32>,
    /// The text changed after this opinion, and its signer was told.
    pub outdated: bool,
}

impl Entry {
    /// With the fields of a case called by their titles.
    pub(crate) fn new(entry: &office::Entry, fields: &[Field]) -> Self {
        let title = |name: &str| {
            let field = fields.iter().find(|field| field.name == name);
            field.map_or_else(|| name.to_owned(), |field| field.title.clone())
        };
        let text = match entry.kind {
            office::EntryKind::Changed => {
                entry.text.split('、').map(title).collect::<Vec<_>>().join("、")
            }
            office::EntryKind::Started
            | office::EntryKind::Opinion
            | office::EntryKind::SentBack
            | office::EntryKind::Transferred
            | office::EntryKind::Closed
            | office::EntryKind::Cc
            | office::EntryKind::Circulated
            | office::EntryKind::Urged
            | office::EntryKind::Linked
            | office::EntryKind::Withdrawn
            | office::EntryKind::Number
            | office::EntryKind::Finalised
            | office::EntryKind::Rendered
            | office::EntryKind::Sealed
            | office::EntryKind::Dispatched
            | office::EntryKind::Archived
            | office::EntryKind::Ended
            | office::EntryKind::Passed
            | office::EntryKind::Stalled
            | office::EntryKind::Appointed
            | office::EntryKind::Reassigned
            | office::EntryKind::Retried
            | office::EntryKind::Outdated
            | office::EntryKind::Reopened
            | office::EntryKind::Done => entry.text.clone(),
        };
        Self {
            at: entry.at,
            kind: entry.kind.into(),
            by: entry.by.as_ref().map(Seat::from),
            step_title: entry.step_title.clone(),
            text,
            said: entry.said.clone(),
            version: entry.version,
            round: entry.round,
            outdated: entry.outdated,
        }
    }
}

/// The fields that entries of a case may name.
pub(crate) fn fields<'a>(workflow: &'a Workflow, words: &'a Vocabulary) -> &'a [Field] {
    match &workflow.carries {
        Carrier::Document => &words.fields,
        Carrier::Form(fields) => fields,
    }
}
