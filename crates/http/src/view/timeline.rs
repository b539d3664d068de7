//! What happened, as people read it.

use super::{Seat, mirror};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_office as office;

mirror! {
    /// What kind of thing happened.
    EntryKind is office::EntryKind {
        Started, Opinion, SentBack, Transferred, Closed, Cc, Circulated, Urged, Withdrawn, Number, Finalised, Rendered,
        Sealed, Dispatched, Archived, Ended, Passed, Stalled, Outdated, Reopened, Changed, Done
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

impl From<&office::Entry> for Entry {
    fn from(entry: &office::Entry) -> Self {
        Self {
            at: entry.at,
            kind: entry.kind.into(),
            by: entry.by.as_ref().map(Seat::from),
            step_title: entry.step_title.clone(),
            text: entry.text.clone(),
            said: entry.said.clone(),
            version: entry.version,
            round: entry.round,
            outdated: entry.outdated,
        }
    }
}
