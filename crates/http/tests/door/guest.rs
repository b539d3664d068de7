//! Somebody at the door: requests as a browser sends them, with cookie and token.

use anyhow::{Result, ensure};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::sync::watch;
use tower::ServiceExt;
use wenshu_http::{App, Settings, router};
use wenshu_testkit::{Backend, PASSWORD, TestOffice};

/// The sample office behind the door.
pub struct House {
    pub office: TestOffice,
    pub router: Router,
    /// Held, so that nothing thinks that the server stops.
    pub stop: watch::Sender<bool>,
}

impl House {
    pub async fn open() -> Result<Self> {
        let house = Self::empty().await?;
        house.office.add_accounts().await?;
        Ok(house)
    }

    /// Nobody has an account.
    pub async fn empty() -> Result<Self> {
        let office = TestOffice::new(Backend::Sqlite).await?;
        let (app, stop) = App::new(office.office.clone(), Settings::default());
        Ok(Self { office, router: router(app, Router::new()), stop })
    }

    /// Signs somebody in by name.
    pub async fn guest(&self, name: &str) -> Result<Guest> {
        let login = self
            .office
            .seat(name)
            .person
            .as_ref()
            .map(|person| person.id.to_string())
            .unwrap_or_default();
        let mut guest = Guest {
            router: self.router.clone(),
            cookie: None,
            csrf: None,
            peer: [127, 0, 0, 1],
            count: 0,
        };
        let answer = guest.post("/session", json!({ "person": login, "password": PASSWORD })).await;
        ensure!(answer.status == StatusCode::OK, "{name}: {answer:?}");
        guest.cookie = answer.cookie();
        guest.csrf = answer.json["csrf"].as_str().map(str::to_owned);
        Ok(guest)
    }

    /// Nobody yet.
    pub fn stranger(&self) -> Guest {
        Guest {
            router: self.router.clone(),
            cookie: None,
            csrf: None,
            peer: [127, 0, 0, 1],
            count: 0,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn cookie(&self) -> Option<String> {
        let cookie = self.header("set-cookie").split(';').next()?.to_owned();
        (!cookie.is_empty()).then_some(cookie)
    }
}

pub struct Guest {
    pub router: Router,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
    pub peer: [u8; 4],
    pub count: u32,
}

impl Guest {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Body::empty(), &[]).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, "application/json", Body::from(body.to_string()), &[]).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, "application/json", Body::from(body.to_string()), &[]).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "", Body::empty(), &[]).await
    }

    /// Any request under `/api/v1`; each has an idempotency key of its own unless `extra` says one.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        kind: &str,
        body: Body,
        extra: &[(&str, &str)],
    ) -> Answer {
        self.count += 1;
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        if !extra.iter().any(|(name, _)| *name == "idempotency-key") {
            request = request.header("idempotency-key", format!("key-{}", self.count));
        }
        for (name, value) in extra.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.peer, 40_000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, bytes, json }
    }

    /// A new draft; its id.
    pub async fn draft(&mut self, workflow: &str, title: &str) -> String {
        let answer = self.post("/cases", json!({ "workflow": workflow, "title": title })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json["id"].as_str().unwrap().to_owned()
    }

    /// Their open task of a case.
    pub async fn task(&mut self, case: &str) -> u64 {
        let view = self.get(&format!("/cases/{case}")).await.json;
        let tasks = view["tasks"].as_array().unwrap();
        tasks.iter().find(|task| task["mine"] == true).unwrap()["id"].as_u64().unwrap()
    }

    pub async fn act(&mut self, case: &str, act: Value) -> Answer {
        self.post(&format!("/cases/{case}/acts"), act).await
    }

    /// A leave form, filled in and submitted.
    pub async fn leave(&mut self, reason: &str) -> String {
        let case = self.draft("leave", "请假").await;
        let task = self.task(&case).await;
        let changes = json!({ "kind": "年假", "from": "2026-03-09", "days": 2, "reason": reason });
        let act =
            json!({ "act": "complete", "task": task, "outcome": "approved", "changes": changes });
        let answer = self.act(&case, act).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        case
    }
}
