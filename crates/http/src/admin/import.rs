//! Units, posts and people from a file, after a look at what each row would do; and out again in the same form.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing, of_multipart},
    extract::{Asked, Unsaid},
    files,
    view::mirror,
};
use axum::{
    Json,
    extract::{Multipart, State, multipart::MultipartRejection},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_document::hash::sm3_hex;
use wenshu_office::{self as office, Fate};

mirror! {
    /// What a table is about.
    Form is office::Form { Units, Posts, People }
}

/// The file, and what of its dry run is confirmed.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it only describes the form's fields to the specification")]
pub struct ImportForm {
    #[schema(value_type = String, format = Binary)]
    file: String,
    /// SM3 of the dry run. With `version`: do it.
    sm3: Option<String>,
    /// Version of the directory of the dry run.
    version: Option<u64>,
}

/// What a file does, or would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportReport {
    pub sm3: String,
    /// The directory that it was held against; once done, the new one.
    pub version: u64,
    pub done: bool,
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub refused: usize,
    pub rows: Vec<ImportRow>,
}

/// A row and its fate.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportRow {
    pub form: Form,
    /// As the program shows it; the heading is row 1.
    pub row: usize,
    pub id: String,
    pub name: String,
    pub fate: RowFateKind,
    /// What is changed, or why it is not taken.
    pub said: Vec<String>,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowFateKind {
    New,
    Changed,
    Unchanged,
    Refused,
}

/// Which table; none: all as XLSX.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportChoice {
    #[param(inline)]
    pub form: Option<Form>,
}

impl From<office::RowFate> for ImportRow {
    fn from(row: office::RowFate) -> Self {
        let (fate, said) = match row.fate {
            Fate::New => (RowFateKind::New, vec![]),
            Fate::Changed(said) => (RowFateKind::Changed, said),
            Fate::Unchanged => (RowFateKind::Unchanged, vec![]),
            Fate::Refused(why) => (RowFateKind::Refused, why),
        };
        Self { form: row.form.into(), row: row.row, id: row.id, name: row.name, fate, said }
    }
}

/// Say what becomes of each row of a CSV or XLSX file; with `sm3` and `version` of that answer: do just
/// that, if every row can be taken.
#[utoipa::path(post, path = "/api/v1/admin/directory/import", tag = "staff",
    request_body(content = ImportForm, content_type = "multipart/form-data"), params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ImportReport), Writing))]
pub async fn import(
    State(app): State<App>,
    actor: Actor,
    Unsaid(key): Unsaid,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<ImportReport>, ApiError> {
    let mut form =
        form.map_err(|_| ApiError::unreadable("上传文件须用 multipart/form-data 表单。"))?;
    let (mut file, mut sm3, mut version) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(|error| of_multipart(&error))?;
                file = Some((name, bytes));
            }
            Some("sm3") => {
                sm3 = Some(field.text().await.map_err(|error| of_multipart(&error))?);
            }
            Some("version") => {
                let text = field.text().await.map_err(|error| of_multipart(&error))?;
                let wrong = |_| ApiError::invalid("version", "version 须是整数。");
                version = Some(text.trim().parse::<u64>().map_err(wrong)?);
            }
            Some(_) | None => {}
        }
    }
    let (name, bytes) = file.ok_or_else(|| ApiError::unreadable("表单里没有名为 file 的文件。"))?;
    let confirm = match (&sm3, version) {
        (Some(sm3), Some(version)) => Some((sm3.as_str(), version)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(ApiError::invalid("sm3", "确认导入须同时给出 sm3 和 version。"));
        }
    };
    let seen = version.map(|version| version.to_string()).unwrap_or_default();
    let said = [name.as_str(), &sm3_hex(&bytes), sm3.as_deref().unwrap_or_default(), &seen];
    let office = app.office.under(key.saying(&said));
    let done = office.import(&actor.seat, &name, bytes.to_vec(), confirm).await?;
    let count =
        |kind: RowFateKind, rows: &[ImportRow]| rows.iter().filter(|row| row.fate == kind).count();
    let rows: Vec<ImportRow> = done.rows.into_iter().map(ImportRow::from).collect();
    Ok(Json(ImportReport {
        sm3: done.sm3,
        version: done.version,
        done: done.done,
        new: count(RowFateKind::New, &rows),
        changed: count(RowFateKind::Changed, &rows),
        unchanged: count(RowFateKind::Unchanged, &rows),
        refused: count(RowFateKind::Refused, &rows),
        rows,
    }))
}

/// One table as CSV, or all three as XLSX. It is on record who took them out.
#[utoipa::path(get, path = "/api/v1/admin/directory/export", tag = "staff", params(ExportChoice),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]), Reading))]
pub async fn export(
    State(app): State<App>,
    actor: Actor,
    Asked(ExportChoice { form }): Asked<ExportChoice>,
) -> Result<Response, ApiError> {
    let form = form.map(office::Form::from);
    let bytes = app.office.export_directory(&actor.seat, form).await?;
    match form {
        Some(form) => {
            files::download(&format!("{}.csv", form.title()), "text/csv; charset=utf-8", bytes)
        }
        None => files::download(
            "组织机构.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            bytes,
        ),
    }
}
