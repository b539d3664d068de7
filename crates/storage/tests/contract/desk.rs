//! A fresh store to test on, and the rows that tests need.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;
use wenshu_core::id::{CaseId, DeliveryId, DocumentId, TaskId};
use wenshu_storage::{
    Append, CaseRow, CaseState, DeliveryRow, DeliveryState, DocumentRow, Head, Json, NewEvent,
    Settings, Storage, StreamId, StreamKind, TaskKind, TaskRow, TaskState, Urgency, Viewer, Writes,
};

/// A store, another way into its database, and what keeps its directory.
#[derive(Clone, Debug)]
pub struct Desk {
    pub storage: Storage,
    pub settings: Settings,
    pub raw: DatabaseConnection,
    _kept: Arc<tempfile::TempDir>,
}

pub async fn desk_on_sqlite() -> Desk {
    let kept = tempfile::tempdir().expect("a temporary directory");
    let file = kept.path().join("wenshu.db");
    let settings = Settings::new(file.to_str().expect("a path of text"), kept.path());
    desk(settings, &format!("sqlite://{}", file.display()), kept).await
}

/// None without `WENSHU_TEST_POSTGRES`, unless that must not be.
pub async fn desk_on_postgres() -> Option<Desk> {
    let Ok(url) = std::env::var("WENSHU_TEST_POSTGRES") else {
        let required =
            std::env::var("WENSHU_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(!required, "WENSHU_TEST_POSTGRES is not set, and the tests on PostgreSQL must run");
        eprintln!("not run on PostgreSQL: WENSHU_TEST_POSTGRES is not set");
        return None;
    };
    let schema = format!("t{}", Uuid::now_v7().simple());
    let admin = Database::connect(&url).await.expect("PostgreSQL is there");
    admin.execute_unprepared(&format!("CREATE SCHEMA {schema}")).await.expect("a schema");
    let joint = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{joint}options[search_path]={schema}");
    let kept = tempfile::tempdir().expect("a temporary directory");
    Some(
        desk(Settings { readers: 4, writers: 4, ..Settings::new(&url, kept.path()) }, &url, kept)
            .await,
    )
}

async fn desk(settings: Settings, url: &str, kept: tempfile::TempDir) -> Desk {
    let storage = Storage::open(settings.clone()).await.expect("a store");
    storage.migrate().await.expect("tables");
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let raw = Database::connect(options).await.expect("another way in");
    Desk { storage, settings, raw, _kept: Arc::new(kept) }
}

impl Desk {
    pub async fn sql(&self, sql: &str) {
        self.raw.execute_unprepared(sql).await.expect("the statement runs");
    }
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("a time")
}

pub fn case_id(n: u128) -> CaseId {
    CaseId(Uuid::from_u128(n))
}

pub fn stream(n: u128) -> StreamId {
    case_id(n).into()
}

/// `count` events onto `from`.
pub fn events(n: u128, from: &Head, count: u64) -> Append {
    let payload = |i| {
        json!({"seq": from.version + i + 1, "said": "同意", "quote": "\"\\\u{0}\n"}).to_string()
    };
    let events = (0..count).map(|i| NewEvent { at: at(0), payload: payload(i) }).collect();
    Append::new(stream(n), StreamKind::Case, from.clone(), events)
}

pub fn append(n: u128, from: &Head, count: u64) -> Writes {
    Writes { appends: vec![events(n, from, count)], ..Writes::default() }
}

pub fn viewer(person: &str, posts: &[&str]) -> Viewer {
    Viewer {
        person: person.into(),
        posts: posts.iter().map(|post| (*post).into()).collect(),
        units: vec![],
    }
}

pub fn case(n: u128, title: &str, initiator: &str) -> CaseRow {
    CaseRow {
        id: case_id(n),
        title: title.to_owned(),
        summary: String::new(),
        state: CaseState::Running,
        draft: false,
        whereabouts: "当前：处室审核".to_owned(),
        workflow: "outgoing".to_owned(),
        workflow_title: "发文办理".to_owned(),
        workflow_hash: "hash".to_owned(),
        initiator: Json(json!({"post": "clerk"})),
        initiator_person: Some(initiator.into()),
        initiator_unit: "finance".into(),
        document: Some(DocumentId(Uuid::from_u128(n + 1_000_000))),
        attachments: 0,
        started_at: at(0),
        ended_at: None,
        updated_at: at(n as i64),
    }
}

pub fn document(n: u128, title: &str, urgency: Urgency) -> DocumentRow {
    DocumentRow {
        id: DocumentId(Uuid::from_u128(n + 1_000_000)),
        case: case_id(n),
        version: 1,
        title: title.to_owned(),
        kind: "notice".to_owned(),
        kind_title: "通知".to_owned(),
        urgency,
        urgency_rank: 0,
        organ: "city".into(),
        number: None,
        finalised: false,
        pdf: None,
        archived_at: None,
        updated_at: at(0),
    }
    .ranked()
}

pub fn task(n: u128, task: u32, state: TaskState, holder: Option<&str>) -> TaskRow {
    TaskRow {
        case: case_id(n),
        task: TaskId(task),
        step: "review".to_owned(),
        title: "处室审核".to_owned(),
        ask: "请审核".to_owned(),
        kind: TaskKind::Handle,
        state,
        offered: Json(json!([])),
        holder: None,
        holder_person: holder.map(Into::into),
        holder_post: None,
        why: "负责人".to_owned(),
        sender: None,
        came_at: at(n as i64),
        due_at: None,
        due_provisional: false,
        seen_at: None,
        urged_at: None,
        needs_input: false,
        branch_unit: None,
        lead: None,
        closed_at: (state != TaskState::Open).then(|| at(n as i64 + i64::from(task))),
        closed_by: None,
        said: None,
    }
}

pub fn delivery(n: u128, to_post: &str, state: DeliveryState) -> DeliveryRow {
    DeliveryRow {
        id: DeliveryId(Uuid::from_u128(n)),
        case: case_id(1),
        document: DocumentId(Uuid::from_u128(1)),
        title: "关于防汛的通知".to_owned(),
        number: None,
        kind: "notice".to_owned(),
        kind_title: "通知".to_owned(),
        urgency: Urgency::None,
        from_unit: "city".into(),
        from_unit_name: "市政府办公室".to_owned(),
        to_unit: "finance".into(),
        to_unit_name: "市财政局".to_owned(),
        to_post: Some(to_post.into()),
        copy: false,
        state,
        sent_at: at(n as i64),
        signed_at: None,
        signed_by: None,
        returned_reason: None,
        registered_case: None,
        own_number: None,
        urged_at: None,
    }
}
