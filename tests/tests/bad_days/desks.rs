//! Two windows with one draft, and one that slept through the night: nothing that somebody wrote is lost.

use crate::on_both;

on_both! { two_browsers_with_the_same_draft_lose_nothing a_browser_asleep_overnight_keeps_its_draft }

mod played {
    use crate::{
        list,
        waiting::{copy, draft, prepare},
    };
    use anyhow::{Context, Result, ensure};
    use chrono::TimeDelta;
    use futures_util::future::join_all;
    use reqwest::Method;
    use serde_json::{Value, json};
    use wenshu_testkit::{Backend, TestOffice};
    use wenshu_tests::{Body, Program, Stage, approval};

    fn over(text: &str, base: &Value, after: &Value) -> Value {
        let mut working = copy(text, base);
        working["after"] = after.clone();
        working
    }

    pub async fn two_browsers_with_the_same_draft_lose_nothing(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        prepare(&office).await?;
        let program = Program::start(&office.place).await?;
        let (one, other) = (program.desk("lin-xiao"), program.desk("lin-xiao"));
        let case = draft(&one, "关于两个窗口的通知").await?;
        other.sign_in().await?;
        let path = format!("/cases/{case}/working");
        let base = other.case(&case).await?["document"]["version"].clone();

        // Both began when nothing was saved.
        let first = one.put(&path, &over("这边先写的。", &base, &Value::Null)).await?.json()?;
        let second = over("那边后写的。", &base, &Value::Null);
        let problem = other.put(&path, &second).await?.refused(409, "saved_elsewhere")?;
        let facts = &problem["facts"];
        ensure!(facts["fields"] == json!(["body"]), "what is another: {problem}");
        ensure!(facts["working"]["body"].to_string().contains("这边先写的。"), "{problem}");
        ensure!(facts["working"]["saved_at"] == first["saved_at"], "{problem}");
        let there = other.case(&case).await?["document"]["working"].clone();
        ensure!(there["body"].to_string().contains("这边先写的。"), "it stands: {there}");

        // Whoever knows what is there may write over it; then the first window is the one that is told.
        let both = over("这边先写的。那边后写的。", &base, &first["saved_at"]);
        let merged = other.put(&path, &both).await?.json()?;
        let late = over("这边又写的。", &base, &first["saved_at"]);
        one.put(&path, &late).await?.refused(409, "saved_elsewhere")?;
        // The same once more, because its answer was lost, is no conflict.
        other.put(&path, &both).await?.done()?;

        // Many at the same moment: one of them is over what all of them saw.
        let rivals: Vec<Value> =
            (0..8).map(|n| over(&format!("第{n}个窗口。"), &base, &merged["saved_at"])).collect();
        let replies = join_all(rivals.iter().map(|rival| other.put(&path, rival))).await;
        let (mut won, mut lost) = (0, 0);
        for reply in replies {
            let reply = reply?;
            match reply.status.is_success() {
                true => won += 1,
                false => {
                    reply.refused(409, "saved_elsewhere")?;
                    lost += 1;
                }
            }
        }
        ensure!((won, lost) == (1, 7), "{won} won, {lost} were told");
        Ok(())
    }

    pub async fn a_browser_asleep_overnight_keeps_its_draft(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        prepare(&office).await?;
        let stage = Stage::serve(office).await?;
        let clerk = stage.fresh("林晓").await?;
        let case = draft(&clerk, "关于过夜的通知").await?;
        let path = format!("/cases/{case}/working");
        let base = clerk.case(&case).await?["document"]["version"].clone();
        let evening = clerk.put(&path, &over("傍晚写的。", &base, &Value::Null)).await?.json()?;

        stage.office.hand.forward(TimeDelta::hours(13));
        // The page wakes, saves what was typed last, and asks for the lists: all it hears is to sign in.
        let typed = over("傍晚写的，临走又写的。", &base, &evening["saved_at"]);
        for (method, path, body) in [
            (Method::PUT, path.as_str(), Body::Json(typed.clone())),
            (Method::GET, "/counts", Body::Nothing),
            (Method::GET, "/worklist?box=drafts", Body::Nothing),
        ] {
            let reply = clerk.ask(method, path, body, None).await?;
            reply.refused(401, "not_signed_in")?;
        }
        clerk.sign_in().await?;
        let there = clerk.case(&case).await?["document"]["working"].clone();
        ensure!(there["body"].to_string().contains("傍晚写的。"), "what was saved: {there}");
        // The very request that was refused is taken now.
        clerk.ask(Method::PUT, &path, Body::Json(typed), None).await?.done()?;
        let drafts = clerk.get("/worklist?box=drafts").await?.json()?;
        ensure!(list(&drafts["items"]).len() == 1, "{drafts}");
        let task = clerk.task(&case).await?;
        clerk.act(&case, &approval(task, "")).await?.done()?;
        let view = clerk.case(&case).await?;
        let text = view["document"]["body"].to_string();
        ensure!(text.contains("临走又写的。"), "{}", view["document"]);
        view["document"]["version"].as_u64().context("a version")?;
        Ok(())
    }
}
