//! The journal 审计记录: what was done at the door and by administrators; listed, taken out, held against its chain.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Asked, Keyed},
    files,
    view::{Page, Slice, mirror},
};
use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_core::id::PersonId;
use wenshu_office::{JournalQuestion, Line};
use wenshu_storage::StreamKind;

mirror! {
    /// What a record is about.
    JournalKind is Kind { Security, Directory, Workflow, Register }
}

/// The kinds of streams that are audited here.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// At the door, accounts, exports, hand-overs.
    Security,
    /// Units, posts, people, roles, seals.
    Directory,
    /// Deployments of flows.
    Workflow,
    /// Series and numbers.
    Register,
}

/// A record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JournalLine {
    pub at: DateTime<Utc>,
    pub kind: String,
    /// The event's name, e.g. `signed_in`.
    pub what: String,
    /// Id of who did it; none: the system, or nobody known.
    pub person: Option<String>,
    pub name: String,
    /// Whom or what it concerns.
    pub subject: String,
    pub text: String,
    pub stream: String,
    pub seq: u64,
}

impl From<Line> for JournalLine {
    fn from(line: Line) -> Self {
        Self {
            at: line.at,
            kind: line.kind,
            what: line.what,
            person: line.person.map(|person| person.to_string()),
            name: line.name,
            subject: line.subject,
            text: line.text,
            stream: line.stream.to_string(),
            seq: line.seq,
        }
    }
}

/// Which records.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JournalQuery {
    #[param(inline)]
    pub kind: Option<JournalKind>,
    /// Names of events, by commas.
    pub what: Option<String>,
    /// Id of who did it.
    pub person: Option<String>,
    /// In names and text.
    pub q: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// Up to, without.
    pub to: Option<DateTime<Utc>>,
    pub limit: Option<u32>,
    pub after: Option<String>,
}

/// Which records are taken out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalExport {
    #[serde(default)]
    pub kind: Option<JournalKind>,
    #[serde(default)]
    pub what: Vec<String>,
    #[serde(default)]
    pub person: Option<String>,
    #[serde(default)]
    pub q: Option<String>,
    #[serde(default)]
    pub from: Option<DateTime<Utc>>,
    #[serde(default)]
    pub to: Option<DateTime<Utc>>,
}

/// Whether the records hold.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JournalVerified {
    pub ok: bool,
    pub streams: u64,
    pub events: u64,
    /// The first thing that is wrong.
    pub trouble: Option<String>,
    /// Its stream and number.
    pub stream: Option<String>,
    pub seq: Option<u64>,
}

fn stored(kind: JournalKind) -> StreamKind {
    match kind {
        JournalKind::Security => StreamKind::Security,
        JournalKind::Directory => StreamKind::Directory,
        JournalKind::Workflow => StreamKind::Workflow,
        JournalKind::Register => StreamKind::Register,
    }
}

/// Records, the latest first. The auditor reads all, the security administrator what users did at the door.
#[utoipa::path(get, path = "/api/v1/admin/journal", tag = "journal", params(JournalQuery),
    responses((status = 200, body = Page<JournalLine>), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(asked): Asked<JournalQuery>,
) -> Result<Json<Page<JournalLine>>, ApiError> {
    let what = asked.what.unwrap_or_default();
    let question = JournalQuestion {
        kind: asked.kind.map(stored),
        what: what.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        person: asked.person.map(PersonId),
        who: asked.q,
        from: asked.from,
        to: asked.to,
    };
    let slice = Slice { limit: asked.limit, after: asked.after }.into();
    let page = app.office.journal(&actor.seat, &question, &slice).await?;
    let items = page.items.into_iter().map(JournalLine::from).collect();
    Ok(Json(Page { items, next: page.next, total: page.total }))
}

/// Take records out as CSV. That is a record, too.
#[utoipa::path(post, path = "/api/v1/admin/journal/export", tag = "journal", request_body = JournalExport,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, content_type = "text/csv", body = [u8]), Writing))]
pub async fn export(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: asked, key }: Keyed<JournalExport>,
) -> Result<Response, ApiError> {
    let question = JournalQuestion {
        kind: asked.kind.map(stored),
        what: asked.what,
        person: asked.person.map(PersonId),
        who: asked.q,
        from: asked.from,
        to: asked.to,
    };
    let bytes = app.office.under(key).export_journal(&actor.seat, &question).await?;
    files::download("审计记录.csv", "text/csv; charset=utf-8", bytes)
}

/// Hold the records against their hash chains.
#[utoipa::path(post, path = "/api/v1/admin/journal/verify", tag = "journal",
    responses((status = 200, body = JournalVerified), Writing))]
pub async fn verify(
    State(app): State<App>,
    actor: Actor,
) -> Result<Json<JournalVerified>, ApiError> {
    let found = app.office.verify_journal(&actor.seat).await?;
    Ok(Json(JournalVerified {
        ok: found.ok,
        streams: found.streams,
        events: found.events,
        trouble: found.trouble,
        stream: found.stream,
        seq: found.seq,
    }))
}
