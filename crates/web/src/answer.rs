//! One request for a file of the UI, answered: which file, how long it may be kept, and what when there is none.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::EmbeddedFile;

pub(crate) const INDEX: &str = "index.html";

/// The name of a file carries the hash of its content there, so it never changes.
const HASHED: &str = "assets/";

/// Element Plus and the editor set inline styles; PDF previews are shown in a frame.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    frame-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

const NOT_BUILT: &str = r#"<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>文枢：网页界面尚未构建</title>
<style>body{font:16px/1.8 sans-serif;max-width:40em;margin:4em auto;padding:0 1em}code{background:#eee;padding:.1em .4em}</style>
<h1>网页界面尚未构建</h1>
<p>服务已经启动，接口可以使用，但这个程序里没有网页界面。</p>
<p>请在源代码目录运行 <code>cargo xtask up</code>，它会构建网页界面并重新启动服务。</p>
</html>
"#;

const NO_SUCH_API: &str = r#"{"type":"about:blank","title":"没有这个接口","status":404,"code":"not_found","detail":"没有这个接口，请检查地址和版本。"}"#;

pub(crate) fn answer(
    file: fn(&str) -> Option<EmbeddedFile>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Response {
    let path = path.trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        let json = HeaderValue::from_static("application/problem+json");
        return (StatusCode::NOT_FOUND, [(CONTENT_TYPE, json)], NO_SUCH_API).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    if let Some(found) = file(path) {
        return send(path, found, file, headers);
    }
    if path.starts_with(HASHED) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match file(INDEX) {
        Some(found) => send(INDEX, found, file, headers),
        None => not_built(),
    }
}

fn not_built() -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let never = HeaderValue::from_static("no-store");
    (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, kind), (CACHE_CONTROL, never)], NOT_BUILT)
        .into_response()
}

fn send(
    name: &str,
    plain: EmbeddedFile,
    file: fn(&str) -> Option<EmbeddedFile>,
    headers: &HeaderMap,
) -> Response {
    let kind = content_type(&plain);
    let packed = if takes_gzip(headers) { file(&format!("{name}.gz")) } else { None };
    let (found, gzip) = match packed {
        Some(packed) => (packed, true),
        None => (plain, false),
    };
    let tag = tag(&found);
    let keep =
        if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };

    let mut response = if known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(found.data).into_response()
    };
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(CONTENT_TYPE, kind);
    out.insert(ETAG, tag);
    if gzip {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if name == INDEX {
        out.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        out.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    response
}

fn content_type(file: &EmbeddedFile) -> HeaderValue {
    let kind = file.metadata.mimetype();
    let text = kind.starts_with("text/") && !kind.contains("charset");
    let kind = if text { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// The plain and the packed file have different bytes, so each is tagged by its own hash.
fn tag(file: &EmbeddedFile) -> HeaderValue {
    let hash: String =
        file.metadata.sha256_hash().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one.as_bytes() == tag.as_bytes())
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (coding, quality) = one.split_once(';').unwrap_or((one, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
            matches!(coding.trim(), "gzip" | "*") && !refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_embed::RustEmbed;

    #[derive(RustEmbed)]
    #[folder = "tests/sample/"]
    struct Sample;

    fn nothing(_: &str) -> Option<EmbeddedFile> {
        None
    }

    fn get(path: &str, headers: &[(axum::http::HeaderName, &'static str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        answer(Sample::get, &Method::GET, path, &headers)
    }

    fn header<'a>(response: &'a Response, name: &axum::http::HeaderName) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[tokio::test]
    async fn a_hashed_file_is_kept_for_ever_and_a_page_is_asked_for_again() {
        let script = get("/assets/app-1a2b.js", &[]);
        assert_eq!(script.status(), StatusCode::OK);
        assert_eq!(header(&script, &CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(header(&script, &CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert_eq!(header(&script, &CONTENT_ENCODING), "");
        assert!(body(script).await.contains("plain script"));

        let page = get("/", &[]);
        assert_eq!(header(&page, &CACHE_CONTROL), "no-cache");
        assert!(header(&page, &CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
        assert!(body(page).await.contains("<title>样本</title>"));
    }

    #[tokio::test]
    async fn the_packed_file_goes_to_those_who_take_it() {
        let packed = get("/assets/app-1a2b.js", &[(ACCEPT_ENCODING, "br, gzip;q=0.8")]);
        assert_eq!(header(&packed, &CONTENT_ENCODING), "gzip");
        assert_eq!(header(&packed, &CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert_eq!(header(&packed, &VARY), "accept-encoding");
        assert!(body(packed).await.contains("packed script"));
        for refusing in ["br", "gzip;q=0", "gzip; q=0.0", "identity"] {
            let plain = get("/assets/app-1a2b.js", &[(ACCEPT_ENCODING, refusing)]);
            assert_eq!(header(&plain, &CONTENT_ENCODING), "", "{refusing}");
        }
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let first = get("/", &[]);
        let tag = first.headers()[ETAG].clone();
        let ask = |value: String| {
            let value = HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(""));
            answer(Sample::get, &Method::GET, "/", &[(IF_NONE_MATCH, value)].into_iter().collect())
                .status()
        };
        let tag = tag.to_str().unwrap_or_default();
        assert_eq!(ask(tag.into()), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(format!("\"other\", W/{tag}")), StatusCode::NOT_MODIFIED);
        assert_eq!(ask("\"other\"".into()), StatusCode::OK);
    }

    #[tokio::test]
    async fn an_address_of_the_ui_gets_the_page_and_a_lost_file_or_call_does_not() {
        assert!(body(get("/documents/5?tab=1", &[])).await.contains("<title>样本</title>"));
        assert_eq!(get("/assets/gone.js", &[]).status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/assets/../index.html", &[]).status(), StatusCode::NOT_FOUND);
        let call = get("/api/v1/nothing", &[]);
        assert_eq!(call.status(), StatusCode::NOT_FOUND);
        assert_eq!(header(&call, &CONTENT_TYPE), "application/problem+json");
        assert!(body(call).await.contains("没有这个接口"));
        assert_eq!(
            answer(nothing, &Method::GET, "/api/v1/x", &HeaderMap::new()).status(),
            StatusCode::NOT_FOUND
        );
    }

    #[test]
    fn only_reading_is_possible() {
        let post = answer(Sample::get, &Method::POST, "/", &HeaderMap::new());
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        let lost = answer(Sample::get, &Method::POST, "/api/v1/nothing", &HeaderMap::new());
        assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn without_a_built_ui_the_page_says_what_to_run() {
        let response = answer(nothing, &Method::GET, "/", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(body(response).await.contains("cargo xtask up"));
    }
}
