//! A refusal that is given before everything was sent. Closing then would take the answer from whoever is still sending,
//! so the rest is read and thrown away, within bounds.

use axum::{
    body::{Body, BodyDataStream},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use futures_util::{StreamExt, stream};
use std::{
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

/// What connections take in by themselves.
const SMALL: u64 = 64 * 1024;
/// How much is thrown away at most, and how long that may take.
const MOST: u64 = 256 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(60);

/// A body that stays readable after its reader went.
#[derive(Clone)]
struct Shared(Arc<Mutex<BodyDataStream>>);

impl Shared {
    fn body(&self) -> Body {
        let inner = Arc::clone(&self.0);
        Body::from_stream(stream::poll_fn(move |cx| {
            inner.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(cx)
        }))
    }
}

pub(crate) async fn linger(request: Request, next: Next) -> Response {
    let said = request.headers().get(header::CONTENT_LENGTH);
    let small = match said.map(|said| said.to_str().ok().and_then(|said| said.parse().ok())) {
        Some(length) => length.is_some_and(|length: u64| length <= SMALL),
        None => !request.headers().contains_key(header::TRANSFER_ENCODING),
    };
    if small {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let shared = Shared(Arc::new(Mutex::new(body.into_data_stream())));
    let response = next.run(Request::from_parts(parts, shared.body())).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        tokio::spawn(tokio::time::timeout(LONGEST, throw_away(shared)));
    }
    response
}

async fn throw_away(shared: Shared) {
    let mut left = MOST;
    let mut rest = stream::poll_fn(move |cx| {
        match shared.0.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(cx) {
            Poll::Ready(Some(Ok(bytes))) => Poll::Ready(Some(bytes.len() as u64)),
            Poll::Ready(Some(Err(_)) | None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    });
    while let Some(read) = rest.next().await {
        left = left.saturating_sub(read);
        if left == 0 {
            return;
        }
    }
}
