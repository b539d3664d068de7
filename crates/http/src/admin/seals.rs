//! Images of seals 印模.

use super::directory::DirectoryChanged;
use crate::{
    actor::Actor,
    app::App,
    attachments::Upload,
    error::{ApiError, Reading, Writing, of_multipart},
    extract::{Path, Unsaid},
    files,
};
use axum::{
    Json,
    extract::{Multipart, State, multipart::MultipartRejection},
    response::Response,
};
use wenshu_core::id::SealId;
use wenshu_document::hash::sm3_hex;

/// Record how a seal looks: PNG or SVG up to 1 MB, the field `file` of a form (安全保密管理员).
#[utoipa::path(put, path = "/api/v1/admin/seals/{seal}/image", tag = "seals",
    request_body(content = Upload, content_type = "multipart/form-data"), 
    params(("seal" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DirectoryChanged), Writing))]
pub async fn put(
    State(app): State<App>,
    actor: Actor,
    Path(seal): Path<String>,
    Unsaid(key): Unsaid,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<DirectoryChanged>, ApiError> {
    let mut form =
        form.map_err(|_| ApiError::unreadable("上传文件须用 multipart/form-data 表单。"))?;
    while let Some(field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(|error| of_multipart(&error))?;
            let office = app.office.under(key.saying(&[&sm3_hex(&bytes)]));
            let directed = office.set_seal_image(&actor.seat, &SealId(seal), bytes).await?;
            return Ok(Json(directed.into()));
        }
    }
    Err(ApiError::unreadable("表单里没有名为 file 的文件。"))
}

/// How a seal looks, for its keepers, the security administrator and the auditor.
#[utoipa::path(get, path = "/api/v1/admin/seals/{seal}/image", tag = "seals", params(("seal" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]), Reading))]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(seal): Path<String>,
) -> Result<Response, ApiError> {
    let (media, bytes) = app.office.seal_image(&actor.seat, &SealId(seal)).await?;
    let name = if media == "image/png" { "印模.png" } else { "印模.svg" };
    files::download(name, &media, bytes)
}
