//! What is on its way: deliveries between units, notices, outbox, jobs, numbers.

use super::case::{Urgency, rows};
use crate::{
    changes::Changed,
    stream::StreamId,
    table::{Json, Row, tables, words},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use wenshu_core::id::{AskId, CaseId, DeliveryId, DocumentId, PersonId, PostId, UnitId};

words! {
    /// Where a delivery stands.
    DeliveryState { Sent = "sent", Signed = "signed", Registered = "registered", Returned = "returned", Withdrawn = "withdrawn" }
    /// Where a job or a message stands.
    WorkState {
        Ready = "ready",
        /// Claimed; when its lease is over it is ready again.
        Running = "running",
        Done = "done",
        /// Given up.
        Failed = "failed",
    }
}

tables! {
    /// A document on its way to one recipient 分发件.
    DeliveryRow in delivery("delivery") {
        key { id: DeliveryId }
        case: CaseId,
        document: DocumentId,
        title: String,
        number: Option<String>,
        kind: String,
        kind_title: String,
        urgency: Urgency,
        from_unit: UnitId,
        from_unit_name: String,
        to_unit: UnitId,
        to_unit_name: String,
        /// The registry in whose queue it lies.
        to_post: Option<PostId>,
        /// 抄送, not 主送.
        copy: bool,
        state: DeliveryState,
        sent_at: DateTime<Utc>,
        signed_at: Option<DateTime<Utc>>,
        /// A Seat.
        signed_by: Option<Json>,
        returned_reason: Option<String>,
        registered_case: Option<CaseId>,
        /// 收文编号 of the receiving unit.
        own_number: Option<String>,
        urged_at: Option<DateTime<Utc>>,
    }

    /// A notice in the application.
    NoticeRow in notice("notice") {
        key { person: PersonId, id: Uuid }
        kind: String,
        case: Option<CaseId>,
        text: String,
        body: Json,
        at: DateTime<Utc>,
    }

    /// All notices up to here have been read.
    NoticeReadRow in notice_read("notice_read") {
        key { person: PersonId }
        upto: DateTime<Utc>,
    }

    /// A message to send, once per event, person and channel.
    OutboxRow in outbox("outbox") {
        key { stream: StreamId, seq: u64, person: PersonId, channel: String }
        body: Json,
        state: WorkState,
        attempts: u32,
        run_after: DateTime<Utc>,
        lease_until: Option<DateTime<Utc>>,
        last_error: Option<String>,
    }

    /// Work asked for by a case (`Ask::Later`) or by the office.
    JobRow in job("job") {
        key { id: Uuid }
        case: Option<CaseId>,
        ask: Option<AskId>,
        effect: String,
        payload: Json,
        state: WorkState,
        attempts: u32,
        run_after: DateTime<Utc>,
        lease_until: Option<DateTime<Utc>>,
        last_error: Option<String>,
    }

    /// A series of document numbers of one organ.
    SeriesRow in series("series") {
        key { id: String }
        organ: UnitId,
        title: String,
        /// 机关代字.
        code: String,
        /// What it numbers: issued documents, received ones, …
        purpose: String,
    }

    /// A number that was given. Written by `commit` when it is allotted.
    NumberRow in number("number") {
        key { series: String, year: i64, number: u32 }
        document: DocumentId,
        rule: String,
    }
}

impl OutboxRow {
    /// A message as it goes into the outbox.
    #[must_use]
    pub fn new(
        stream: StreamId,
        seq: u64,
        person: PersonId,
        channel: &str,
        body: Json,
        at: DateTime<Utc>,
    ) -> Self {
        let channel = channel.to_owned();
        Self {
            stream,
            seq,
            person,
            channel,
            body,
            state: WorkState::Ready,
            attempts: 0,
            run_after: at,
            lease_until: None,
            last_error: None,
        }
    }
}

impl JobRow {
    /// A job as it is asked for.
    #[must_use]
    pub fn new(
        id: Uuid,
        case: Option<(CaseId, AskId)>,
        effect: &str,
        payload: Json,
        at: DateTime<Utc>,
    ) -> Self {
        let (case, ask, effect) = (case.map(|c| c.0), case.map(|c| c.1), effect.to_owned());
        Self {
            id,
            case,
            ask,
            effect,
            payload,
            state: WorkState::Ready,
            attempts: 0,
            run_after: at,
            lease_until: None,
            last_error: None,
        }
    }
}

rows! {
    DeliveryRow |row, changed| {
        changed.cases.insert(row.case);
        changed.cases.extend(row.registered_case);
        changed.posts.extend(row.to_post.clone());
    };
    NoticeRow |row, changed| {
        changed.people.insert(row.person.clone());
        changed.notices.insert((row.person.clone(), row.id));
    };
    NoticeReadRow |row, changed| {
        changed.people.insert(row.person.clone());
    };
    OutboxRow |_row, changed| changed.work = true;
    JobRow |_row, changed| changed.work = true;
    SeriesRow;
    NumberRow;
}
