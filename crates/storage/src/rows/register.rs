//! Registers: the journal of what is audited, the fate of numbers, and hand-overs under way.

use super::case::rows;
use crate::{
    changes::Changed,
    stream::StreamId,
    table::{Json, Row, tables, words},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use wenshu_core::id::{DocumentId, PersonId};

words! {
    /// What became of a number that is not simply a document's.
    Fate {
        Reserved = "reserved",
        /// Kept for this document, which has not come to its number yet.
        Chosen = "chosen",
        Void = "void",
    }
}

tables! {
    /// A line of the journal: an event of a security, directory, workflow or register stream, to be listed and searched.
    JournalRow in journal("journal") {
        key { stream: StreamId, seq: u64 }
        at: DateTime<Utc>,
        /// Kind of stream.
        kind: String,
        /// The event's name.
        what: String,
        /// Who did it; none: the system, or nobody known.
        person: Option<PersonId>,
        name: String,
        /// Whom or what it concerns.
        subject: String,
        text: String,
    }

    /// The fate of a number that was reserved or made void.
    NumberFateRow in number_fate("number_fate") {
        key { series: String, year: i64, number: u32 }
        fate: Fate,
        reason: String,
        /// A Seat.
        given_by: Json,
        at: DateTime<Utc>,
        document: Option<DocumentId>,
    }

    /// What is handed over for somebody who leaves, and how far it came.
    HandOverRow in hand_over("hand_over") {
        key { person: PersonId }
        job: Uuid,
        body: Json,
        at: DateTime<Utc>,
    }
}

rows! {
    JournalRow;
    NumberFateRow;
    HandOverRow |row, changed| {
        changed.people.insert(row.person.clone());
    };
}
