//! What the office keeps for itself: accounts, sessions, flows, the directory, settings.

use super::case::rows;
use crate::{
    changes::Changed,
    stream::StreamId,
    table::{Json, Row, tables},
};
use chrono::{DateTime, Utc};
use wenshu_core::id::{PersonId, PostId};

tables! {
    /// How a person signs in.
    AccountRow in account("account") {
        key { login: String }
        person: PersonId,
        /// An argon2 PHC string.
        password: String,
        failed: u32,
        locked_until: Option<DateTime<Utc>>,
        disabled: bool,
        /// Made by the demo, so its password is known.
        demo: bool,
        /// The password was given by somebody else and serves once.
        must_change: bool,
        /// When it was set; sessions from before are over.
        password_at: Option<DateTime<Utc>>,
        /// When a password was first seen of which nobody knows when it was set.
        aged_from: Option<DateTime<Utc>>,
    }

    /// A password that somebody had before, as it was kept.
    PasswordPastRow in password_past("password_past") {
        key { login: String, at: DateTime<Utc> }
        /// An argon2 PHC string.
        password: String,
    }

    /// What came of passwords for one name from one source; for a name that nobody has, of all such names together.
    SignInRow in sign_in("sign_in") {
        key { login: String, source: String }
        /// Wrong ones in a row.
        failed: u32,
        locked_until: Option<DateTime<Utc>>,
        succeeded_at: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    }

    /// Somebody is signed in. `id` is a hash of what the cookie says.
    SessionRow in session("session") {
        key { id: String }
        person: PersonId,
        post: PostId,
        csrf: String,
        created_at: DateTime<Utc>,
        seen_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    }

    /// A person's own common phrases 常用语.
    PhrasesRow in phrases("phrases") {
        key { person: PersonId }
        own: Json,
    }

    /// A deployed workflow source. The one deployed last is the one that new cases start.
    WorkflowRow in workflow("workflow") {
        key { name: String, hash: String }
        title: String,
        source: String,
        deployed_at: DateTime<Utc>,
        /// A Seat, or the name of the system.
        deployed_by: Json,
        reason: String,
        /// Its number in the stream of the flow; 0 for those deployed before it was kept.
        seq: u64,
    }

    /// A flow that no new case may start.
    RetiredRow in retired("workflow_retired") {
        key { name: String }
        at: DateTime<Utc>,
        /// A Seat.
        retired_by: Json,
        reason: String,
    }

    /// The directory as it stood at a version.
    DirectoryRow in directory("directory") {
        key { version: u64 }
        body: Json,
        at: DateTime<Utc>,
    }

    /// Anything else with a name: words for the search dictionary, seal images, the calendar.
    SettingRow in setting("setting") {
        key { name: String }
        body: Json,
    }

    /// Where a stream stood when it was anchored last. Only a help to find what moved since; the anchors themselves
    /// are events.
    AnchoredRow in anchored("anchored") {
        key { stream: StreamId }
        version: u64,
        head: String,
    }

    /// Where a person gets mail.
    MailAddressRow in mail_address("mail_address") {
        key { person: PersonId }
        address: String,
    }

    /// The state that a stream's events up to `upto` make. Another `format` means: replay instead.
    SnapshotRow in snapshot("snapshot") {
        key { stream: StreamId }
        upto: u64,
        format: u32,
        body: String,
    }
}

rows! {
    AccountRow;
    PasswordPastRow;
    SignInRow;
    SessionRow;
    PhrasesRow;
    WorkflowRow |_row, changed| changed.workflows = true;
    RetiredRow |_row, changed| changed.workflows = true;
    DirectoryRow |_row, changed| changed.directory = true;
    SettingRow;
    SnapshotRow;
    AnchoredRow;
    MailAddressRow;
}
