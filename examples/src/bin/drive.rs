//! A running server driven from outside, by HTTP alone: a clerk of the demo asks for leave, the head approves.
//! `cargo run -p wenshu-examples --bin drive -- http://127.0.0.1:8080`
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Somebody signed in: a cookie, and the token that whoever changes something must know.
struct Person {
    client: Client,
    base: String,
    csrf: String,
}

impl Person {
    async fn sign_in(base: &str, login: &str, password: &str) -> Result<Self> {
        let client = Client::builder().cookie_store(true).build()?;
        let mut person = Self { client, base: base.to_owned(), csrf: String::new() };
        let who = json!({ "person": login, "password": password });
        let session = person.send(Method::POST, "/session", Some(who)).await?;
        person.csrf = text(&session, "/csrf")?;
        println!(
            "{} 已登录，以{}身份",
            text(&session, "/person/name")?,
            text(&session, "/seat/title")?
        );
        Ok(person)
    }

    /// Sends a request. Its key makes it safe to send again after a broken line.
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let key = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos().to_string();
        let request = self.client.request(method, format!("{}/api/v1{path}", self.base));
        let request = request.header("X-CSRF-Token", &self.csrf).header("Idempotency-Key", key);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.context("没有连上服务")?;
        let status = answer.status();
        let value: Value = answer.json().await.context("回答不是 JSON")?;
        if !status.is_success() {
            // A refusal says in Chinese which rule refused and what to do next.
            bail!("{status} {}：{}", text(&value, "/code")?, text(&value, "/detail")?);
        }
        Ok(value)
    }
}

fn text(value: &Value, at: &str) -> Result<String> {
    let found = value.pointer(at).with_context(|| format!("回答里没有 {at}"))?;
    Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
}

/// The task that is the reader's own.
fn mine(case: &Value) -> Result<i64> {
    let tasks = case["tasks"].as_array().context("没有待办")?;
    let task = tasks.iter().find(|task| task["mine"] == true).context("没有自己的待办")?;
    task["id"].as_i64().context("待办没有编号")
}

#[tokio::main]
async fn main() -> Result<()> {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        bail!("另一个加密库已经装入");
    }
    let base = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let base = base.trim_end_matches('/');
    let offered: Value = Client::new()
        .get(format!("{base}/api/v1/demo/accounts"))
        .send()
        .await
        .context("没有连上服务")?
        .error_for_status()
        .context("服务没有演示账号；请用 wenshu serve --demo 启动")?
        .json()
        .await?;
    let offered = offered.as_array().context("没有演示账号")?;
    let clerk = offered.first().context("没有演示账号")?;
    let clerk = Person::sign_in(base, &text(clerk, "/login")?, &text(clerk, "/password")?).await?;

    let begun = clerk
        .send(Method::POST, "/cases", Some(json!({ "workflow": "leave", "title": "年休假" })))
        .await?;
    let acts = format!("/cases/{}/acts", text(&begun, "/id")?);
    let submit = json!({
        "act": "complete", "task": mine(&begun)?, "outcome": "approved", "opinion": "请审批。",
        "changes": { "kind": "年假", "from": "2026-12-07", "days": 2, "reason": "探亲" },
    });
    let submitted = clerk.send(Method::POST, &acts, Some(submit)).await?;
    println!("已提交，现在{}", text(&submitted, "/where")?);

    // Whoever has it now, if the demo offers their account.
    let name = text(&submitted, "/tasks/0/holder/person/name")?;
    let head = offered.iter().find(|account| account["name"] == name.as_str());
    let head = head.with_context(|| format!("演示没有提供{name}的账号"))?;
    let head = Person::sign_in(base, &text(head, "/login")?, &text(head, "/password")?).await?;
    let seen = head.send(Method::GET, acts.trim_end_matches("/acts"), None).await?;
    let approve = json!({ "act": "complete", "task": mine(&seen)?, "outcome": "approved", "opinion": "同意。" });
    let approved = head.send(Method::POST, &acts, Some(approve)).await?;
    println!("已批准，{}，状态 {}", text(&approved, "/where")?, text(&approved, "/state")?);
    Ok(())
}
