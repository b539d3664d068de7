//! Attachments: streamed in and out, never held whole, never run.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing, of_multipart},
    extract::{Path, Unsaid},
    files,
    view::Attachment,
};
use axum::{
    Json,
    body::Body,
    extract::{Multipart, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use utoipa::ToSchema;
use uuid::Uuid;
use wenshu_core::id::CaseId;
use wenshu_office::Error;
use wenshu_storage::ObjectKey;

/// The largest attachment that this door lets in; the office may set less.
pub(crate) const LIMIT: u64 = 100 * 1024 * 1024;

/// Room in an upload for the form around the file.
pub(crate) const FORM: u64 = 64 * 1024;

/// A file to attach.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it only describes the form's field to the specification")]
pub struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// Attach a file: the field `file` of a form.
#[utoipa::path(post, path = "/api/v1/cases/{case}/attachments", tag = "attachments",
    request_body(content = Upload, content_type = "multipart/form-data"), 
    params(("case" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Attachment), Writing))]
pub async fn attach(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Unsaid(key): Unsaid,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Json<Attachment>, ApiError> {
    // Whoever says how much will come need not send it to be refused.
    if said_length(&headers).is_some_and(|length| length > LIMIT + FORM) {
        return Err(ApiError::too_large(LIMIT));
    }
    let mut form =
        form.map_err(|_| ApiError::unreadable("上传文件须用 multipart/form-data 表单。"))?;
    while let Some(field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let said = field.content_type().map(str::to_owned);
        let office = app.office.under(key);
        let row = office.attach(&actor.seat, case, &name, said.as_deref(), field).await?;
        return Ok(Json(Attachment::from(&row)));
    }
    Err(ApiError::unreadable("表单里没有名为 file 的文件。"))
}

fn said_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The content of an attachment, to be saved.
#[utoipa::path(get, path = "/api/v1/cases/{case}/attachments/{id}", tag = "attachments",
    params(("case" = String, Path), ("id" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = inline(files::File)), Reading))]
pub async fn content(
    State(app): State<App>,
    actor: Actor,
    Path((case, id)): Path<(CaseId, Uuid)>,
) -> Result<Response, ApiError> {
    if !app.office.may_see(&actor.seat, case).await? {
        return Err(ApiError::not_found());
    }
    let storage = app.office.storage();
    let row = storage.attachment(case, id, &actor.session.person.id).await.map_err(Error::from)?;
    let row = row.ok_or_else(ApiError::not_found)?;
    let key: ObjectKey = row.sha.parse().map_err(|_| ApiError::internal())?;
    let (_, stream) = storage.objects().get(&key).await.map_err(Error::from)?;
    files::download(&row.name, &row.media, Body::from_stream(stream))
}

/// Take a file off the list. Versions handed over before keep it.
#[utoipa::path(delete, path = "/api/v1/cases/{case}/attachments/{id}", tag = "attachments",
    params(("case" = String, Path), ("id" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 204), Writing))]
pub async fn detach(
    State(app): State<App>,
    actor: Actor,
    Path((case, id)): Path<(CaseId, Uuid)>,
    Unsaid(key): Unsaid,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).detach(&actor.seat, case, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
