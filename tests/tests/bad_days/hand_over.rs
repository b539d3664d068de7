//! Somebody leaves with thousands of things open, and the server is killed while they change hands.

use crate::on_both;

on_both! { three_thousand_tasks_change_hands_over_a_kill }

mod played {
    use anyhow::{Context, Result, ensure};
    use reqwest::Method;
    use serde_json::{Value, json};
    use std::time::{Duration, Instant};
    use wenshu_document::Kind;
    use wenshu_testkit::{Backend, TestOffice};
    use wenshu_tests::{Body, Desk, Program};

    const OPEN: u64 = 3_000;
    const FROM: &str = "zhou-ming";
    const TO: &str = "xu-nuo";

    /// As many drafts in somebody's hands.
    async fn drafts(office: &TestOffice) -> Result<()> {
        for some in (0..OPEN).collect::<Vec<_>>().chunks(50) {
            let begun = some.iter().map(|number| {
                let title = format!("第{number}件");
                async move { office.draft("周明", "leave", Kind::Notice, &title).await }
            });
            futures_util::future::try_join_all(begun).await?;
        }
        Ok(())
    }

    async fn progress(desk: &Desk) -> Result<Value> {
        desk.get(&format!("/admin/people/{FROM}/hand-over")).await?.json()
    }

    async fn until(desk: &Desk, enough: impl Fn(&Value) -> bool) -> Result<Value> {
        let start = Instant::now();
        loop {
            let seen = progress(desk).await?;
            if enough(&seen) {
                return Ok(seen);
            }
            ensure!(start.elapsed() < Duration::from_secs(600), "it does not come on: {seen}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn three_thousand_tasks_change_hands_over_a_kill(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        office.add_accounts().await?;
        drafts(&office).await?;
        let mut program = Program::start(&office.place).await?;
        let desk = program.desk("shi-jian");
        let open = desk.get(&format!("/admin/people/{FROM}/open")).await?.json()?;
        ensure!(open["total"] == OPEN, "listed first: {}", open["total"]);

        let path = format!("/admin/people/{FROM}/hand-over");
        let give = json!({ "to": TO, "disable": true, "reason": "退休" });
        let give = desk.ask(Method::POST, &path, Body::Json(give), Some("hand-over"));
        let begun = give.await?.json()?;
        ensure!(
            begun["progress"]["done"] == false && begun["progress"]["total"] == OPEN,
            "{begun}"
        );
        let seen = until(&desk, |seen| seen["moved"].as_u64() >= Some(300)).await?;
        ensure!(seen["done"] == false, "there is time to break it off: {seen}");
        program.kill()?;
        // The two minutes are over for which the job was the dead server's own; waiting for them shows nothing.
        let over = "UPDATE job SET lease_until = 0 WHERE effect = 'hand_over' AND lease_until > 0";
        ensure!(office.place.tamper(over).await? == 1, "it was at work on it");

        let program = Program::start(&office.place).await?;
        let desk = program.desk("shi-jian");
        let seen = until(&desk, |seen| seen["done"] == true).await?;
        ensure!(seen["moved"] == OPEN && seen["left"] == json!([]), "{seen}");
        let open = desk.get(&format!("/admin/people/{FROM}/open")).await?.json()?;
        ensure!(open["total"] == 0, "nothing is left: {}", open["total"]);
        let open = desk.get(&format!("/admin/people/{TO}/open")).await?.json()?;
        ensure!(open["total"] == OPEN, "nothing is lost: {}", open["total"]);
        let events = office.place.dump("event").await?;
        let moving = |row: &&String| row.replace('\\', "").contains("\"event\":\"reassigned\"");
        let moved = events.iter().filter(moving).count() as u64;
        ensure!(moved == OPEN, "each once, and {moved} were on record");
        let auditor = program.desk("zhong-jian");
        let lines = auditor.get("/admin/journal?what=hand_over_done").await?.json()?;
        let told = lines["items"][0]["text"].as_str().context("a line")?;
        ensure!(told.contains(&format!("{OPEN}件")), "{told}");
        program.stop().await
    }
}
