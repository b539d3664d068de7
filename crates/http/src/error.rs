//! The one error of this door: what the office refuses or fails at, as problem+json with a stable code and a Chinese
//! detail. The words of refusals are the core's; here is their status, and the words for what only HTTP knows.

use crate::view::FlowWarning;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeMap};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Content, Ref, RefOr, ResponseBuilder, response},
};
use wenshu_core::{Rejection, directory::DirectoryRejection};
use wenshu_document::DeliveryRejection;
use wenshu_office::Error;
use wenshu_storage::Cause;

/// A refusal or a trouble, as RFC 9457 has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    pub status: u16,
    /// Stable: what programs look at.
    pub code: Cow<'static, str>,
    pub title: Cow<'static, str>,
    /// Which rule refused, who could do it, what to do next, in Chinese.
    pub detail: String,
    /// The facts behind the detail.
    #[schema(value_type = Object)]
    pub facts: Map<String, Value>,
}

/// After how many seconds a database that is away is worth another try.
const AWAY: u64 = 5;

/// What a handler answers when it does not do what it was asked.
#[derive(Clone, Debug)]
pub struct ApiError(Box<Problem>);

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Problem {
            kind: "about:blank".into(),
            status: status.as_u16(),
            code: code.into(),
            title: title.into(),
            detail: detail.into(),
            facts: Map::new(),
        }))
    }

    pub(crate) fn with(mut self, name: &str, fact: impl Serialize) -> Self {
        if let Ok(fact) = serde_json::to_value(fact) {
            self.0.facts.insert(name.to_owned(), fact);
        }
        self
    }

    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The path leads nowhere, or to what this reader may not see: the two are told alike.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "没有找到", "没有找到，或者您无权查看。")
    }

    pub(crate) fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "请先登录",
            "您还没有登录，或登录已超时。请重新登录。",
        )
    }

    pub(crate) fn csrf() -> Self {
        let detail = "请求缺少有效的页面令牌，没有执行。请刷新页面后再试。";
        Self::new(StatusCode::FORBIDDEN, "csrf", "页面已过期", detail)
    }

    /// The request cannot be read.
    pub(crate) fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", "请求有误", detail)
    }

    /// A value cannot be taken.
    pub(crate) fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "填写有误", detail)
            .with("field", field)
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let words = match limit {
            0..1_048_576 => format!("{} KB", limit / 1024),
            _ => format!("{} MB", limit / 1_048_576),
        };
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "内容过大",
            format!("内容超过{words}的上限，请缩小后重试。"),
        )
        .with("limit", limit)
    }

    pub(crate) fn unavailable(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "暂时无法办理", detail)
    }

    /// No room on the disk.
    fn full() -> Self {
        let detail = "存储空间已满，您的操作没有生效，已有的内容没有丢失。请联系系统管理员腾出空间，之后再试。";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", "存储空间已满", detail)
    }

    /// The database cannot be reached.
    fn away() -> Self {
        let detail =
            "数据库暂时连接不上，不能确定刚才的操作是否已经生效。请稍后刷新查看，再决定是否重试。";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_away", "数据库暂时不可用", detail)
            .with("retry_after", AWAY)
    }

    /// Somebody who has not signed in asks too often.
    pub(crate) fn too_often(seconds: u64) -> Self {
        let detail =
            format!("未登录的请求过于频繁，已暂停处理。请在{seconds}秒后再试；登录后不受此限。");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", "请求过于频繁", detail)
            .with("retry_after", seconds)
    }

    /// Somebody who is signed in asks too often, or a program does in their name.
    pub(crate) fn slow_down(seconds: u64) -> Self {
        let detail = format!(
            "您的请求过于频繁，这一次没有执行。请在{seconds}秒后再试；此前已办的事项不受影响。"
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "slow_down", "操作过于频繁", detail)
            .with("retry_after", seconds)
    }

    /// What is sent comes too slowly.
    pub(crate) fn too_slow() -> Self {
        let detail = "请求内容传送中断过久，没有执行。请检查网络后重试。";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "传送超时", detail)
    }

    pub(crate) fn internal() -> Self {
        let detail = "系统出了问题，您的操作没有生效。请稍后重试；问题持续时请联系管理员。";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "系统故障", detail)
    }

    fn of_rejection(rejection: &Rejection) -> Self {
        let mut facts = match serde_json::to_value(rejection) {
            Ok(Value::Object(facts)) => facts,
            Ok(_) | Err(_) => Map::new(),
        };
        facts.remove("code");
        let error =
            Self::new(status(rejection), rejection.code(), "不能这样办理", rejection.detail());
        Self(Box::new(Problem { facts, ..*error.0 }))
    }
}

/// What a refusal means to HTTP: 403 it is not yours to do, 404 it is not there, 409 it is no longer so, 422 what was
/// sent will not do.
fn status(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::NotYourTask { .. }
        | Rejection::ActNotAllowed { .. }
        | Rejection::FieldNotEditable { .. }
        | Rejection::NotOffered { .. }
        | Rejection::NotAReader { .. }
        | Rejection::IsAReader { .. }
        | Rejection::NotTheInitiator { .. }
        | Rejection::NotInvolved
        | Rejection::NotAnAdministrator
        | Rejection::NotForYourself
        | Rejection::AdministratorsDoNotAct { .. }
        | Rejection::NotASystemAct => StatusCode::FORBIDDEN,
        Rejection::NoSuchTask { .. } | Rejection::NoSuchAsk => StatusCode::NOT_FOUND,
        Rejection::AlreadyStarted
        | Rejection::NotStarted
        | Rejection::CaseEnded
        | Rejection::TaskClosed { .. }
        | Rejection::DocumentChanged { .. }
        | Rejection::AlreadyClaimed { .. }
        | Rejection::NotClaimed { .. }
        | Rejection::TooLateToWithdraw { .. }
        | Rejection::NothingToWithdraw
        | Rejection::NotReopenable { .. }
        | Rejection::NothingToUrge
        | Rejection::NotStalled
        | Rejection::NotVacant => StatusCode::CONFLICT,
        Rejection::OpinionRequired
        | Rejection::ReasonRequired
        | Rejection::TextTooLong { .. }
        | Rejection::FieldUnknown { .. }
        | Rejection::FieldWrongType { .. }
        | Rejection::FieldRequired { .. }
        | Rejection::PickRequired { .. }
        | Rejection::PickNotOffered { .. }
        | Rejection::NoSuchPerson { .. }
        | Rejection::NoSuchUnit { .. }
        | Rejection::NobodyChosen
        | Rejection::SamePerson { .. }
        | Rejection::NotASendBackTarget { .. }
        | Rejection::ResumeNotAllowed { .. }
        | Rejection::KeptOut { .. }
        | Rejection::KeeperOnly { .. }
        | Rejection::OnlyByRegistration { .. }
        | Rejection::NotForRegistration { .. }
        | Rejection::Rule { .. } => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn of_delivery(rejection: &DeliveryRejection) -> ApiError {
    let status = match rejection {
        DeliveryRejection::NotYourRegistry { .. } | DeliveryRejection::NotTheSender { .. } => {
            StatusCode::FORBIDDEN
        }
        DeliveryRejection::NotSignedFor { .. }
        | DeliveryRejection::AlreadySignedFor { .. }
        | DeliveryRejection::SignedForBefore
        | DeliveryRejection::Registered
        | DeliveryRejection::Returned
        | DeliveryRejection::Withdrawn => StatusCode::CONFLICT,
        DeliveryRejection::NoReason => StatusCode::UNPROCESSABLE_ENTITY,
    };
    ApiError::new(status, rejection.code(), "不能这样办理", format!("{rejection}。"))
}

fn of_directory(rejection: &DirectoryRejection) -> ApiError {
    let status = match rejection {
        DirectoryRejection::NotYourRight { .. } => StatusCode::FORBIDDEN,
        DirectoryRejection::Unknown { .. }
        | DirectoryRejection::BadId { .. }
        | DirectoryRejection::Empty { .. }
        | DirectoryRejection::TooLong { .. }
        | DirectoryRejection::UnitCircle { .. }
        | DirectoryRejection::MainPostNotHeld { .. }
        | DirectoryRejection::SamePerson { .. }
        | DirectoryRejection::Exclusive { .. }
        | DirectoryRejection::AdministratorActs { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        DirectoryRejection::AlreadyThere { .. }
        | DirectoryRejection::CodeTaken { .. }
        | DirectoryRejection::Disabled { .. }
        | DirectoryRejection::InUse { .. }
        | DirectoryRejection::LastAdministrator { .. }
        | DirectoryRejection::RowsRefused { .. }
        | DirectoryRejection::DirectoryMoved { .. } => StatusCode::CONFLICT,
    };
    let mut facts = match serde_json::to_value(rejection) {
        Ok(Value::Object(facts)) => facts,
        Ok(_) | Err(_) => Map::new(),
    };
    facts.remove("code");
    let error = ApiError::new(status, rejection.code(), "不能这样改动", rejection.detail());
    ApiError(Box::new(Problem { facts, ..*error.0 }))
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        Self::of_rejection(&rejection)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Rejected(rejection) => Self::of_rejection(&rejection),
            Error::Delivery(rejection) => of_delivery(&rejection),
            Error::Directory(rejection) => of_directory(&rejection),
            Error::MustChangePassword { after } => {
                let detail = match after {
                    None => "这是一次性密码，请先修改密码，再办理其他事项。".to_owned(),
                    Some(days) => {
                        format!("密码已使用超过{days}天，请先修改密码，再办理其他事项。")
                    }
                };
                Self::new(StatusCode::FORBIDDEN, "must_change_password", "请先修改密码", detail)
            }
            Error::NotFound => Self::not_found(),
            Error::Stale { base, now } => {
                let detail = format!(
                    "文稿已由他人改为第{now}版，您编辑的是第{base}版，没有保存。请查看最新文本后再改。"
                );
                Self::new(StatusCode::CONFLICT, "stale", "文稿已更新", detail)
                    .with("base", base)
                    .with("now", now)
            }
            Error::FlowMoved { name, hash, at, by } => {
                let who = by.as_ref().map_or_else(|| "系统".to_owned(), |seat| seat.label());
                let detail = match &hash {
                    Some(_) => format!(
                        "流程“{name}”已由{who}部署了新的版本，您的修改没有部署。请比较两个版本后再部署。"
                    ),
                    None => {
                        format!("流程“{name}”还没有部署过任何版本，没有部署。请刷新页面后重试。")
                    }
                };
                Self::new(StatusCode::CONFLICT, "flow_moved", "流程已更新", detail)
                    .with("name", name)
                    .with("hash", hash)
                    .with("at", at)
                    .with("by", by)
            }
            Error::WarningsUnread { warnings, survey } => {
                let count = warnings.len();
                let detail = format!(
                    "有{count}条提醒还没有确认，没有部署。请看过提醒，补齐组织机构，或确认仍要启用后再试。"
                );
                let warnings: Vec<_> = warnings.into_iter().map(FlowWarning::from).collect();
                Self::new(StatusCode::CONFLICT, "warnings_unread", "请先确认提醒", detail)
                    .with("warnings", warnings)
                    .with("survey", survey)
            }
            Error::SavedElsewhere { working, fields } => {
                let detail = "这份草稿刚在另一个窗口保存过，为免互相覆盖，这次没有保存。请选择载入那边的内容，或以本页为准。";
                let theirs = crate::view::WorkingView::from(&*working);
                Self::new(StatusCode::CONFLICT, "saved_elsewhere", "草稿已在别处保存", detail)
                    .with("fields", fields)
                    .with("working", theirs)
            }
            Error::KeyReused => {
                let detail = "同一个请求编号已用于另一项操作，这次没有执行。请刷新页面后重试。";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "key_reused", "请求编号重复", detail)
            }
            Error::NotSignedIn => Self::not_signed_in(),
            Error::BadCredentials => {
                let detail = "账号或密码不对，请重新输入。";
                Self::new(StatusCode::UNAUTHORIZED, "bad_credentials", "登录失败", detail)
            }
            Error::LockedOut { until } => {
                let detail = "密码连续输错次数过多，账号已暂时锁定。请稍后再试，或联系管理员。";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "locked_out", "账号已锁定", detail)
                    .with("until", until)
            }
            Error::Invalid { field, text } => Self::invalid(&field, format!("{text}。")),
            Error::TooLarge { limit } => Self::too_large(limit),
            Error::TooLong { limit, text } => {
                let detail = format!("{text}，没有保存；已保存的草稿没有变。");
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "内容过大", detail)
                    .with("limit", limit)
            }
            Error::Problems(problems) => {
                let detail =
                    format!("流程文件有{}处问题，没有部署。请逐处改正后重试。", problems.len());
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "workflow_problems", "流程有误", detail)
                    .with("problems", problems)
            }
            Error::Storage(wenshu_storage::Error::Cursor(_)) => {
                Self::unreadable("翻页位置不对，请从第一页重新打开。")
            }
            Error::Storage(wenshu_storage::Error::Upload(error)) => of_upload(&error),
            Error::Press(error) => {
                tracing::error!(%error, "a file could not be printed");
                Self::unavailable(&format!("排版没有成功：{error}。请联系管理员。"))
            }
            Error::Busy(_) => {
                tracing::warn!(%error, "an act was overtaken too often");
                Self::unavailable("此刻办理的人太多，您的操作没有生效。请稍后重试。")
            }
            Error::Storage(error) if error.cause() == Cause::Full => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "there is no room left");
                Self::full()
            }
            Error::Storage(error) if error.cause() == Cause::Away => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "the database is away");
                Self::away()
            }
            other => {
                tracing::error!(error = %other, source = ?std::error::Error::source(&other), "a request failed");
                Self::internal()
            }
        }
    }
}

/// An upload that broke off: because it was too large for the door, or because its sender went away.
fn of_upload(error: &std::io::Error) -> ApiError {
    let mut at: Option<&(dyn std::error::Error + 'static)> =
        error.get_ref().map(|inner| inner as _);
    while let Some(error) = at {
        if let Some(multipart) = error.downcast_ref::<axum::extract::multipart::MultipartError>() {
            return of_multipart(multipart);
        }
        at = error.source();
    }
    ApiError::unreadable("文件没有传完，请重新上传。")
}

pub(crate) fn of_multipart(error: &axum::extract::multipart::MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(crate::attachments::LIMIT),
        _ if is_slowness(error) => ApiError::too_slow(),
        _ => ApiError::unreadable("文件没有传完，请重新上传。"),
    }
}

/// Whether a body ended because nothing more of it came in time.
pub(crate) fn is_slowness(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        if error.is::<tower_http::timeout::TimeoutError>() {
            return true;
        }
        at = error.source();
    }
    false
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        metrics::counter!("wenshu_refusals_total", "code" => self.0.code.to_string()).increment(1);
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&*self.0)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.0.facts.get("retry_after").and_then(Value::as_u64) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The refusals that every operation behind the login may answer with.
pub(crate) struct Reading;

/// Those of operations that change something.
pub(crate) struct Writing;

/// Those of signing in.
pub(crate) struct SigningIn;

type Responses = BTreeMap<String, RefOr<response::Response>>;

fn problems(which: &[(u16, &str)]) -> Responses {
    let content = || Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let one = |(status, text): &(u16, &str)| {
        let response = ResponseBuilder::new()
            .description(*text)
            .content("application/problem+json", content())
            .build();
        (status.to_string(), RefOr::T(response))
    };
    which.iter().map(one).collect()
}

impl IntoResponses for Reading {
    fn responses() -> Responses {
        problems(&[
            (400, "invalid：请求读不懂"),
            (401, "not_signed_in：没有登录"),
            (403, "不归您办理"),
            (404, "not_found：没有，或无权查看"),
            (429, "too_often：未登录而请求过频；slow_down：本人请求过频"),
            (500, "internal"),
            (503, "unavailable、database_away"),
        ])
    }
}

impl IntoResponses for Writing {
    fn responses() -> Responses {
        let mut all = Reading::responses();
        all.extend(problems(&[
            (408, "too_slow：传送超时"),
            (409, "task_closed、document_changed、stale、saved_elsewhere 等：情况已变"),
            (413, "too_large"),
            (422, "invalid、key_reused、rule 等：内容不合要求"),
            (507, "storage_full：存储空间已满"),
        ]));
        all
    }
}

impl IntoResponses for SigningIn {
    fn responses() -> Responses {
        problems(&[
            (400, "invalid：请求读不懂"),
            (401, "bad_credentials"),
            (403, "csrf：来自别的网站"),
            (413, "too_large"),
            (422, "invalid"),
            (429, "locked_out、too_often"),
            (500, "internal"),
            (503, "unavailable、database_away"),
            (507, "storage_full：存储空间已满"),
        ])
    }
}
