//! The document as a file, and the sheet of its handling.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::{Asked, Path},
    files,
};
use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;
use wenshu_core::id::CaseId;

/// Whether a draft is wanted though an issued file is there.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Draft {
    /// 1: a draft of the text as it stands.
    pub draft: Option<String>,
}

/// The sealed or red-headed file; else, or when asked for, a draft that says so.
#[utoipa::path(get, path = "/api/v1/cases/{case}/pdf", tag = "pdf", params(("case" = String, Path), Draft),
    responses((status = 200, content_type = "application/pdf", body = inline(files::File)), Reading))]
pub async fn document(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
    Asked(Draft { draft }): Asked<Draft>,
) -> Result<Response, ApiError> {
    let draft = draft.is_some_and(|draft| draft != "0" && draft != "false");
    let pdf = app.office.pdf(&actor.seat, case, draft).await?;
    files::pdf(&title(&app, case, "公文").await?, pdf)
}

/// 文件处理单.
#[utoipa::path(get, path = "/api/v1/cases/{case}/sheet.pdf", tag = "pdf", params(("case" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = inline(files::File)), Reading))]
pub async fn sheet(
    State(app): State<App>,
    actor: Actor,
    Path(case): Path<CaseId>,
) -> Result<Response, ApiError> {
    let pdf = app.office.handling_sheet(&actor.seat, case).await?;
    files::pdf(&format!("文件处理单-{}", title(&app, case, "办件").await?), pdf)
}

/// A name to save it by; only those who may read the file get here.
async fn title(app: &App, case: CaseId, otherwise: &str) -> Result<String, ApiError> {
    let row = app.office.storage().case(case).await.map_err(wenshu_office::Error::from)?;
    let title = row.map(|row| row.title).filter(|title| !title.is_empty());
    Ok(format!(
        "{}.pdf",
        wenshu_office::filename::tidy(&title.unwrap_or_else(|| otherwise.to_owned()))
    ))
}
