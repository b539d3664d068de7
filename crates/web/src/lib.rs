//! The built web UI, carried inside the binary.
//!
//! Knows the files of `ui/dist` and how a browser should cache them. Leaves building them to `cargo xtask ui`,
//! everything under `/api` to the API, and compressing to the build of the UI, which writes `.gz` beside each file.
//! Without a built UI the crate compiles all the same and answers 503 with what to run.

mod answer;

use answer::answer;
use axum::Router;
use axum::http::{HeaderMap, Method, Uri};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../ui/dist/"]
#[allow_missing = true]
struct Ui;

/// Answers what no other route takes: the UI's files, and its first page for every address that the UI routes itself.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().fallback(async |method: Method, uri: Uri, headers: HeaderMap| {
        answer(Ui::get, &method, uri.path(), &headers)
    })
}

/// Whether this binary carries a UI.
pub fn built() -> bool {
    Ui::get(answer::INDEX).is_some()
}
