//! What surrounds every request: headers that keep browsers careful, an end to patience, panics answered as problems,
//! and a log line without personal data.

use crate::{app::App, error::ApiError, strangers::address};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    any::Any,
    net::SocketAddr,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Uploads over slow lines take their time.
const UPLOAD: Duration = Duration::from_secs(15 * 60);

/// For everything that is not a page: nothing in it is ever run or framed.
const POLICY: &str =
    "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Browsers that came by TLS once do not come without it for two years.
const TLS_ONLY: &str = "max-age=63072000; includeSubDomains";

const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
];

/// Adds what is missing; a handler that says otherwise knows why.
pub(crate) async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    if app.settings.secure_cookies {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    if api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// Gives up on a request that takes too long. An act that was committed meanwhile stays; its key tells.
pub(crate) async fn patience(State(app): State<App>, request: Request, next: Next) -> Response {
    let upload = request.uri().path().ends_with("/attachments");
    let patience = if upload { UPLOAD.max(app.settings.patience) } else { app.settings.patience };
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable(
            "系统繁忙，没有在限定时间内办完。请刷新后查看是否已经生效，再决定是否重试。",
        )
        .into_response(),
    }
}

/// A panic is ours: logged, and answered like any trouble of ours.
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no words");
    tracing::error!(panic = words, "a handler panicked");
    ApiError::internal().into_response()
}

/// The name of a request, by which a line of the log is found from what a browser shows.
#[derive(Clone, Debug)]
struct RequestId(String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request. What the client says of itself is not taken: it would go into the log.
pub(crate) async fn named(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The span of a request: the route as it is written in the code, so that no id and no search word gets into the log.
pub(crate) fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().map_or("-", |id| id.0.as_str());
    tracing::info_span!("request", id, method = %request.method(), route)
}

/// Takes the time of the request, by its route, and notes whose it was for those who look closely.
pub(crate) async fn measured(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let (route, method) = (route.to_owned(), request.method().clone());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let client =
        peer.map(|peer| address(peer.to_canonical(), request.headers(), &app.settings.proxies));
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::histogram!("wenshu_http_seconds", &labels).record(began.elapsed());
    if let Some(client) = client {
        tracing::trace!(%client, status, "a request was answered");
    }
    response
}

pub(crate) async fn no_such_method() -> ApiError {
    ApiError::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "不支持的方法",
        "这个地址不支持该操作，请检查请求方法。",
    )
}
