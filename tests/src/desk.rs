//! Somebody at their desk: a session with its cookie and token, and what they ask of the server. It knows HTTP and the
//! names of the contract, nothing of the crates behind the door.

use anyhow::{Context, Result, bail, ensure};
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE},
    multipart::Form,
};
use serde_json::{Value, json};
use std::sync::{Mutex, Once, PoisonError};
use uuid::Uuid;

/// A signed-in person, or nobody yet.
#[derive(Debug)]
pub struct Desk {
    http: Client,
    base: String,
    login: String,
    password: String,
    session: Mutex<Session>,
}

#[derive(Clone, Debug, Default)]
struct Session {
    cookie: String,
    csrf: String,
    post: String,
}

/// What a request carries.
#[derive(Debug)]
pub enum Body {
    Nothing,
    Json(Value),
    /// As it is, with its content type.
    Raw(&'static str, Vec<u8>),
    /// A file of this name.
    File(String, Vec<u8>),
    /// The same beside other fields.
    Form(String, Vec<u8>, Vec<(&'static str, String)>),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    asked: String,
}

impl Desk {
    /// A desk in front of the server at `base`; nobody has signed in.
    #[must_use]
    pub fn new(base: &str, login: &str, password: &str) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Another test of this process may have been first.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        Self {
            http: Client::new(),
            base: base.to_owned(),
            login: login.to_owned(),
            password: password.to_owned(),
            session: Mutex::default(),
        }
    }

    /// The same desk behind a line of its own, e.g. from another address.
    #[must_use]
    pub fn through(self, http: Client) -> Self {
        Self { http, ..self }
    }

    /// The same person, before the server at another address.
    #[must_use]
    pub fn at(self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self }
    }

    fn session(&self) -> Session {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, session: Session) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// The post acted in.
    #[must_use]
    pub fn post_now(&self) -> String {
        self.session().post
    }

    /// The session's cookie, as a browser would send it.
    #[must_use]
    pub fn cookie(&self) -> String {
        self.session().cookie
    }

    /// Signs in.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn sign_in(&self) -> Result<Value> {
        let said = json!({ "person": self.login, "password": self.password });
        let request = self.http.post(format!("{}/api/v1/session", self.base)).json(&said);
        let reply = received(request, "POST /session").await?;
        let session = reply.clone().json()?;
        let set = reply.headers.get(SET_COOKIE).context("no cookie came")?.to_str()?;
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        self.keep(Session {
            cookie,
            csrf: text(&session["csrf"]),
            post: text(&session["seat"]["post"]),
        });
        Ok(session)
    }

    /// The server answers.
    pub(crate) async fn alive(&self) -> bool {
        let answer = self.http.get(format!("{}/healthz", self.base)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Acts in another post from now on.
    ///
    /// # Errors
    /// When it is not one of theirs.
    pub async fn sit(&self, post: &str) -> Result<()> {
        if self.session().post == post {
            return Ok(());
        }
        let session = self
            .ask(Method::PUT, "/session/post", Body::Json(json!({ "post": post })), None)
            .await?
            .json()?;
        let before = self.session();
        self.keep(Session {
            csrf: text(&session["csrf"]),
            post: text(&session["seat"]["post"]),
            ..before
        });
        Ok(())
    }

    /// Any request below `/api/v1`, in the session as it is; what changes something has a key of its own unless said.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Body,
        key: Option<&str>,
    ) -> Result<Reply> {
        let fresh = Uuid::now_v7().to_string();
        let key = if method == Method::GET { key } else { Some(key.unwrap_or(&fresh)) };
        self.request(method, path, body, key).await
    }

    /// The same without a key.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn ask_without_key(&self, method: Method, path: &str, body: Body) -> Result<Reply> {
        self.request(method, path, body, None).await
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Body,
        key: Option<&str>,
    ) -> Result<Reply> {
        let Session { cookie, csrf, .. } = self.session();
        let what = format!("{} {method} {path}", self.login);
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie).header("X-CSRF-Token", csrf);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        request = match body {
            Body::Nothing => request,
            Body::Json(value) => request.json(&value),
            Body::Raw(kind, bytes) => request.header(CONTENT_TYPE, kind).body(bytes),
            Body::File(name, bytes) => {
                let part = reqwest::multipart::Part::bytes(bytes).file_name(name);
                request.multipart(Form::new().part("file", part))
            }
            Body::Form(name, bytes, fields) => {
                let part = reqwest::multipart::Part::bytes(bytes).file_name(name);
                let form = Form::new().part("file", part);
                let form =
                    fields.into_iter().fold(form, |form, (name, value)| form.text(name, value));
                request.multipart(form)
            }
        };
        received(request, &what).await
    }

    /// The same; whoever is not signed in, or not any more, signs in first.
    async fn asked(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Reply> {
        let content = || body.map_or(Body::Nothing, |body| Body::Json(body.clone()));
        let reply = self.ask(method.clone(), path, content(), key).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            return Ok(reply);
        }
        self.sign_in().await?;
        self.ask(method, path, content(), key).await
    }

    /// # Errors
    /// When no answer comes or nobody can sign in.
    pub async fn get(&self, path: &str) -> Result<Reply> {
        self.asked(Method::GET, path, None, None).await
    }

    /// # Errors
    /// When no answer comes or nobody can sign in.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Reply> {
        self.asked(Method::PUT, path, Some(body), None).await
    }

    /// With a key of its own.
    ///
    /// # Errors
    /// When no answer comes or nobody can sign in.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply> {
        self.post_once(path, body, &Uuid::now_v7().to_string()).await
    }

    /// With this key.
    ///
    /// # Errors
    /// When no answer comes or nobody can sign in.
    pub async fn post_once(&self, path: &str, body: &Value, key: &str) -> Result<Reply> {
        self.asked(Method::POST, path, Some(body), Some(key)).await
    }

    /// # Errors
    /// When no answer comes or nobody can sign in.
    pub async fn act(&self, case: &str, command: &Value) -> Result<Reply> {
        self.post(&format!("/cases/{case}/acts"), command).await
    }

    /// The case as it shows itself here.
    ///
    /// # Errors
    /// When it does not.
    pub async fn case(&self, case: &str) -> Result<Value> {
        self.get(&format!("/cases/{case}")).await?.json()
    }

    /// The one open task that is theirs.
    ///
    /// # Errors
    /// When there is none, or several.
    pub async fn task(&self, case: &str) -> Result<u64> {
        let view = self.case(case).await?;
        let tasks = view["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut mine = tasks.iter().filter(|task| task["mine"] == true && task["kind"] == "handle");
        match (mine.next().and_then(|task| task["id"].as_u64()), mine.next()) {
            (Some(task), None) => Ok(task),
            (one, _) => bail!(
                "{} has {} here: {}",
                self.login,
                if one.is_some() { "several tasks" } else { "no task" },
                view["where"]
            ),
        }
    }

    /// 同意 of the one task they have.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn approve(&self, case: &str, opinion: &str) -> Result<Value> {
        let task = self.task(case).await?;
        self.act(case, &approval(task, opinion)).await?.json()
    }
}

/// The command of an approval.
#[must_use]
pub fn approval(task: u64, opinion: &str) -> Value {
    json!({ "act": "complete", "task": task, "outcome": "approved", "opinion": opinion, "working": true })
}

async fn received(request: RequestBuilder, asked: &str) -> Result<Reply> {
    let response = request.send().await.with_context(|| asked.to_owned())?;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.with_context(|| asked.to_owned())?.to_vec();
    Ok(Reply { status, headers, bytes, asked: asked.to_owned() })
}

impl Reply {
    /// What it says, if it was done.
    ///
    /// # Errors
    /// When it was refused, or is no JSON.
    pub fn json(self) -> Result<Value> {
        ensure!(self.status.is_success(), "{}: {} {}", self.asked, self.status, self.text());
        serde_json::from_slice(&self.bytes).with_context(|| self.asked.clone())
    }

    /// The same, where nothing need be said.
    ///
    /// # Errors
    /// When it was refused.
    pub fn done(&self) -> Result<()> {
        ensure!(self.status.is_success(), "{}: {} {}", self.asked, self.status, self.text());
        Ok(())
    }

    /// The refusal: this status and code, with a Chinese detail.
    ///
    /// # Errors
    /// When it is another answer.
    pub fn refused(&self, status: u16, code: &str) -> Result<Value> {
        ensure!(
            self.status == status,
            "{}: wanted {status} {code}, came {} {}",
            self.asked,
            self.status,
            self.text()
        );
        let problem: Value = serde_json::from_slice(&self.bytes).with_context(|| self.text())?;
        ensure!(problem["code"] == code, "{}: wanted {code}, came {problem}", self.asked);
        ensure!(problem["status"] == status, "{}: {problem}", self.asked);
        let kind = self.headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default());
        ensure!(kind == Some("application/problem+json"), "{}: {kind:?}", self.asked);
        let detail = problem["detail"].as_str().unwrap_or_default();
        ensure!(detail.chars().any(|c| ('一'..='鿿').contains(&c)), "no Chinese detail: {problem}");
        Ok(problem)
    }

    /// What came, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
