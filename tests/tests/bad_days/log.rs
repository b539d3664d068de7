//! What a day leaves in the log, even where it is told to say everything that it can: no secret, and nobody's words.

use crate::waiting::{copy, draft, prepare};
use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;
use wenshu_testkit::{Backend, PASSWORD, TestOffice};
use wenshu_tests::{Body, Desk, Program};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secrets_of_a_day_stay_out_of_the_log() -> Result<()> {
    for backend in Backend::all() {
        let office = TestOffice::new(backend).await?;
        prepare(&office).await?;
        let loud = [("WENSHU_LOG", "trace".to_owned()), ("WENSHU_LOG_JSON", "true".to_owned())];
        let program = Program::start_under(&office.place, &loud).await?;
        let door = Desk::new(&program.url, "", "");
        let wrong = Body::Json(json!({ "person": "lin-xiao", "password": "tried-in-vain-4711" }));
        door.ask(Method::POST, "/session", wrong, None).await?.refused(401, "bad_credentials")?;
        let clerk = program.desk("lin-xiao");
        let session = clerk.sign_in().await?;
        let token = clerk.cookie().trim_start_matches("wenshu=").to_owned();
        let case = draft(&clerk, "关于隐语甲的通知").await?;
        let base = clerk.case(&case).await?["document"]["version"].clone();
        let working = format!("/cases/{case}/working");
        clerk.put(&working, &copy("隐语乙写在正文里。", &base)).await?.done()?;
        let file = Body::File("隐语丙.txt".into(), "隐语丁写在附件里。".into());
        clerk.ask(Method::POST, &format!("/cases/{case}/attachments"), file, None).await?.done()?;
        clerk.approve(&case, "隐语戊是意见").await?;
        clerk.get("/search?q=隐语己").await?.done()?;
        let broken = Body::Raw("application/json", "{\"person\": 隐语庚".into());
        clerk.ask(Method::PUT, &working, broken, None).await?.refused(400, "invalid")?;

        let said = program.said();
        ensure!(said.len() > 2_000, "it was told to say everything: {} bytes", said.len());
        let csrf = session["csrf"].as_str().unwrap_or("no token");
        let secrets = [PASSWORD, "tried-in-vain-4711", &token, csrf, "argon2id$"];
        for secret in secrets.into_iter().chain(["甲", "乙", "丙", "丁", "戊", "己", "庚"]) {
            let shown =
                if secret.len() == 3 { format!("隐语{secret}") } else { secret.to_owned() };
            let line = said.lines().find(|line| line.contains(&shown));
            ensure!(line.is_none(), "{backend:?}: {shown} stands in the log: {line:?}");
        }
    }
    Ok(())
}
