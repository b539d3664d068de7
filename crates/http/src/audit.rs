//! The record: what happened with its hashes, and whether the chain holds.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::Path,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{directory::Seat, id::CaseId};
use wenshu_office::opened;
use wenshu_storage::StoredEvent;

/// One recorded event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    pub stream: String,
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub by: String,
    /// What happened, in a word.
    pub text: String,
    pub hash: String,
}

/// What a verification came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Verified {
    pub ok: bool,
    pub events: u64,
    /// The last hash of the case's own stream.
    pub head: String,
    pub trouble: Option<String>,
}

/// The record of a case: of itself, its document and its deliveries.
#[utoipa::path(get, path = "/api/v1/cases/{case}/audit", tag = "audit", params(("case" = String, Path)),
    responses((status = 200, body = [AuditEvent]), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
) -> Result<Json<Vec<AuditEvent>>, ApiError> {
    let record = app.office.record(&actor.seat, case).await?;
    Ok(Json(record.into_iter().map(view).collect()))
}

/// Hold the record against its hash chain. Whoever oversees may do it, too: nothing is shown.
#[utoipa::path(post, path = "/api/v1/cases/{case}/audit/verify", tag = "audit", params(("case" = String, Path)),
    responses((status = 200, body = Verified), Writing))]
pub async fn verify(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
) -> Result<Json<Verified>, ApiError> {
    let verdict = app.office.verify(&actor.seat, case).await?;
    Ok(Json(Verified {
        ok: verdict.ok,
        events: verdict.events,
        head: verdict.head,
        trouble: verdict.trouble,
    }))
}

/// A record is one line: what one act did.
fn view(record: StoredEvent) -> AuditEvent {
    let (by, text) = match opened(&record) {
        Ok(envelopes) => {
            let actor = envelopes.first().and_then(|envelope| envelope.actor.as_ref());
            let mut said: Vec<_> = envelopes.iter().map(|one| words(&one.event)).collect();
            said.dedup();
            (actor.map_or_else(|| "系统".to_owned(), Seat::label), said.join("、"))
        }
        // It may have been tampered with: that is what the record is looked at for.
        Err(_) => (String::new(), "记录无法读取".to_owned()),
    };
    AuditEvent {
        stream: record.stream.to_string(),
        seq: record.seq,
        at: record.at,
        by,
        text,
        hash: record.hash,
    }
}

/// What an event says, in a word. Events are for ever and grow in number; one that is unknown here is still shown.
fn words(event: &serde_json::Value) -> &'static str {
    match event.get("event").and_then(serde_json::Value::as_str).unwrap_or_default() {
        "case_started" => "发起",
        "renamed" => "改名",
        "moved" => "流转",
        "branches_opened" => "分支开启",
        "step_entered" => "进入环节",
        "step_left" => "离开环节",
        "step_passed" => "跳过环节",
        "chose" => "选择分支",
        "task_opened" => "产生待办",
        "task_claimed" => "认领",
        "task_released" => "退还认领",
        "task_seen" => "已打开",
        "opinion_given" => "签署意见",
        "task_closed" => "关闭待办",
        "task_reopened" => "重新签署",
        "form_changed" => "修改表单",
        "document_changed" => "修改文稿",
        "picked" => "选定",
        "sent_back" => "退回",
        "copied" => "抄送",
        "urged" => "催办",
        "opinions_outdated" => "提醒签署人文稿有改动",
        "asked" => "等待系统处理",
        "answered" => "系统处理完毕",
        "ask_given_up" => "放弃系统处理",
        "effects_begun" => "开始处理",
        "effect_recorded" => "处理完毕",
        "stalled" => "停滞",
        "retried" => "重试",
        "withdrawn" => "撤回",
        "case_ended" => "结束",
        "drafted" => "起草",
        "changed" => "形成新版本",
        "signed" => "签发",
        "finalised" => "定稿",
        "numbered" => "编号",
        "rendered" => "套红排版",
        "sealed" => "用印",
        "dispatched" => "分发",
        "archived" => "归档",
        "sent" => "发出",
        "signed_for" => "签收",
        "returned" => "退文",
        "registered" => "登记",
        _ => "其他记录",
    }
}
