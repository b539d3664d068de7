//! What surrounds every request: headers, patience, panics; and the stream that tells open pages what changes.

use super::guest::{Guest, House};
use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, BodyDataStream, to_bytes},
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
    routing::get,
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tower::ServiceExt;
use wenshu_http::{App, Settings, router};

async fn ask(router: &Router, path: &str) -> Result<(StatusCode, Value, axum::http::HeaderMap)> {
    let response = router.clone().oneshot(Request::get(path).body(Body::empty())?).await?;
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await?;
    Ok((parts.status, serde_json::from_slice(&bytes).unwrap_or_default(), parts.headers))
}

async fn slow() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}

async fn broken() {
    panic!("a mistake of ours");
}

#[tokio::test]
async fn trouble_of_ours_is_answered_as_a_problem() -> Result<()> {
    let house = House::empty().await?;
    let settings = Settings { patience: Duration::from_millis(300), ..Settings::default() };
    let (app, _stop) = App::new(house.office.office.clone(), settings);
    let pages = Router::new().route("/slow", get(slow)).route("/broken", get(broken));
    let router = router(app, pages);
    let (status, problem, _) = ask(&router, "/slow").await?;
    assert_eq!(
        (status, problem["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("unavailable"))
    );
    let (status, problem, _) = ask(&router, "/broken").await?;
    assert_eq!(
        (status, problem["code"].as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, Some("internal"))
    );
    ensure!(!problem.to_string().contains("a mistake of ours"), "what went wrong is for the log");
    assert_eq!(ask(&router, "/healthz").await?.0, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn every_answer_keeps_browsers_careful() -> Result<()> {
    let house = House::empty().await?;
    for path in ["/api/v1/session", "/api/v1/openapi.json", "/healthz"] {
        let (_, _, headers) = ask(&house.router, path).await?;
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin", "{path}");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str()?;
        for word in ["default-src 'none'", "object-src 'none'", "base-uri 'none'"] {
            ensure!(policy.contains(word), "{path}: {policy}");
        }
        ensure!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        // No other site may read an answer, and nothing says who answers.
        ensure!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
        ensure!(!headers.contains_key(header::SERVER), "{path}");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "{path}: not by TLS");
    }
    let (_, specification, headers) = ask(&house.router, "/api/v1/openapi.json").await?;
    assert_eq!(specification["openapi"], "3.1.0");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    Ok(())
}

/// An open stream of events.
struct Stream(BodyDataStream, String);

impl Stream {
    async fn open(guest: &Guest) -> Result<Self> {
        let cookie = guest.cookie.clone().context("signed in")?;
        let request = Request::get("/api/v1/events").header(header::COOKIE, cookie);
        let mut request = request.body(Body::empty())?;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((guest.peer, 40_000))));
        let response = guest.router.clone().oneshot(request).await?;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Ok(Self(response.into_body().into_data_stream(), String::new()))
    }

    /// The next event: its name and data. None when the stream is over.
    async fn next(&mut self) -> Result<Option<(String, Value)>> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let line = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let (name, data) = (line("event: "), line("data: "));
                self.1 = rest.to_owned();
                let (Some(name), Some(data)) = (name, data) else { continue };
                return Ok(Some((name, serde_json::from_str(&data)?)));
            }
            let more = tokio::time::timeout(Duration::from_secs(30), self.0.next());
            match more.await.context("nothing was told")? {
                Some(bytes) => self.1.push_str(std::str::from_utf8(&bytes?)?),
                None => return Ok(None),
            }
        }
    }

    /// Reads on until an event of that name.
    async fn until(&mut self, name: &str) -> Result<Value> {
        loop {
            let (told, data) = self.next().await?.with_context(|| format!("over before {name}"))?;
            if told == name {
                return Ok(data);
            }
        }
    }
}

#[tokio::test]
async fn an_open_page_is_told_what_changes_for_its_reader_and_nothing_else() -> Result<()> {
    let house = House::open().await?;
    let (zhou, peng) = (house.guest("周明").await?, house.guest("彭菲").await?);
    let (mut head, mut stranger) = (Stream::open(&zhou).await?, Stream::open(&peng).await?);
    assert_eq!(head.until("counts").await?["todo"], 0, "what there is at first");
    assert_eq!(stranger.until("counts").await?["todo"], 0);
    let case = house.guest("林晓").await?.leave("探亲").await;
    assert_eq!(head.until("counts").await?["todo"], 1);
    assert_eq!(head.until("case").await?["case"].as_str(), Some(case.as_str()));
    house.office.settle().await?;
    let notice = head.until("notice").await?;
    assert_eq!(
        (notice["kind"].as_str(), notice["read"].as_bool()),
        (Some("task"), Some(false)),
        "{notice}"
    );
    // The stranger hears of a case of their own next, so of the other nothing was told.
    let own = house.guest("彭菲").await?.draft("leave", "彭菲请假").await;
    assert_eq!(stranger.until("case").await?["case"].as_str(), Some(own.as_str()));
    Ok(())
}

#[tokio::test]
async fn the_stream_ends_with_the_session_and_with_the_server() -> Result<()> {
    let house = House::open().await?;
    let mut zhou = house.guest("周明").await?;
    let mut stream = Stream::open(&zhou).await?;
    stream.until("counts").await?;
    zhou.delete("/session").await;
    let mut lin = house.guest("林晓").await?;
    lin.leave("探亲").await;
    ensure!(stream.next().await?.is_none(), "who signed out hears nothing more");
    let mut stream = Stream::open(&lin).await?;
    stream.until("counts").await?;
    house.stop.send(true)?;
    ensure!(stream.next().await?.is_none(), "the server may stop though a page is open");
    Ok(())
}

#[tokio::test]
async fn a_file_may_be_larger_than_a_request() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("outgoing", "关于大附件的通知").await;
    let content = vec![b'x'; 3 * 1024 * 1024];
    let head =
        b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.txt\"\r\n\r\n";
    let body = [&head[..], &content, b"\r\n--edge--\r\n"].concat();
    let kind = "multipart/form-data; boundary=edge";
    let path = format!("/cases/{case}/attachments");
    let answer = lin.send(axum::http::Method::POST, &path, kind, Body::from(body), &[]).await;
    assert_eq!(
        (answer.status, &answer.json["size"]),
        (StatusCode::OK, &json!(content.len())),
        "{:?}",
        answer.json
    );
    let file = lin.get(&format!("{path}/{}", answer.json["id"].as_str().unwrap_or_default())).await;
    ensure!(file.bytes == content, "what comes back is what went in");
    Ok(())
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused_and_nothing_stays() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("outgoing", "关于过大附件的通知").await;
    let path = format!("/cases/{case}/attachments");
    let head: &[u8] =
        b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.txt\"\r\n\r\n";
    let piece = vec![b'x'; 1024 * 1024];
    let pieces =
        std::iter::once(head.to_vec()).chain(std::iter::repeat_n(piece, 101)).map(anyhow::Ok);
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let kind = "multipart/form-data; boundary=edge";
    let answer = lin.send(axum::http::Method::POST, &path, kind, body, &[]).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    let view = lin.get(&format!("/cases/{case}")).await.json;
    assert_eq!(view["attachments"], json!([]));
    Ok(())
}
