//! Offices that an earlier program left, opened by the one of today: their record holds, and their work goes on.
//! What they hold is told in `tests/fixtures/README.md`.

use crate::on_both;

on_both! { an_office_of_the_first_schema_goes_on }

mod played {
    use crate::list;
    use anyhow::{Context, Result, ensure};
    use serde_json::{Value, json};
    use std::{
        path::{Path, PathBuf},
        process::Command,
    };
    use wenshu_testkit::{Backend, Place, TestOffice};
    use wenshu_tests::{Desk, Program, approval, nothing_is_half_done, restore};

    /// The office as it was left, in a place of its own.
    async fn left(backend: Backend) -> Result<Place> {
        let (name, place) = match backend {
            Backend::Sqlite => ("main-job-sqlite.tar.gz", Place::new(backend).await?),
            Backend::Postgres => ("main-job-postgres.tar.gz", Place::new(backend).await?),
        };
        let fixture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        let at: &Path = place.directory.path();
        let unpacked = Command::new("tar").arg("-xzf").arg(&fixture).arg("-C").arg(at).status()?;
        ensure!(unpacked.success(), "{} cannot be unpacked", fixture.display());
        if backend == Backend::Postgres {
            restore(&place.url, &at.join("dump.sql"))?;
        }
        Ok(place)
    }

    fn run(place: &Place, args: &[&str]) -> Result<()> {
        let done = Program::run(place, args)?;
        let (out, trouble) =
            (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        ensure!(done.status.success(), "{args:?}: {out}{trouble}");
        Ok(())
    }

    pub async fn an_office_of_the_first_schema_goes_on(backend: Backend) -> Result<()> {
        let place = left(backend).await?;
        run(&place, &["migrate"])?;
        run(&place, &["audit", "verify"])?;
        let program = Program::start(&place).await?;
        let (clerk, head) = (program.desk("lin-xiao"), program.desk("zhou-ming"));

        // What was done: its page, its text, its file, its attachment, and it is found.
        let hits = clerk.get("/search?q=经费由各部门预算列支").await?.json()?;
        let done = list(&hits["items"]).first().with_context(|| format!("{hits}"))?;
        let done = done["case"].as_str().context("a case")?;
        let view = clerk.case(done).await?;
        ensure!(view["state"] == "finished", "{}", view["where"]);
        let document = &view["document"];
        ensure!(document["metadata"]["number"] == "云政发〔2026〕1号", "{document:#}");
        ensure!(list(&view["timeline"]).len() > 15, "{}", view["timeline"]);
        let pdf = clerk.get(&format!("/cases/{done}/pdf")).await?;
        ensure!(pdf.bytes.starts_with(b"%PDF"), "{}", pdf.text());
        let file = list(&view["attachments"]).first().with_context(|| format!("{document:#}"))?;
        ensure!(file["name"] == "值守安排.txt", "{file}");
        let file = file["id"].as_str().context("an id")?;
        let content = clerk.get(&format!("/cases/{done}/attachments/{file}")).await?;
        ensure!(content.text() == "各科室轮流值守。", "it comes back as it was");
        let verdict = clerk.post(&format!("/cases/{done}/audit/verify"), &json!({})).await?;
        ensure!(verdict.json()?["ok"] == true, "its record holds");

        // What was under way: sent back to the clerk, who goes on with it.
        let todo = listed(&clerk, "todo").await?;
        let back = todo.iter().find(|item| item.to_string().contains("拟稿"));
        let back =
            back.and_then(|item| item["case"].as_str()).with_context(|| format!("{todo:#?}"))?;
        go_on(&clerk, back).await?;
        go_on(&head, back).await?;
        // A draft with what was written in it.
        let drafts = listed(&clerk, "drafts").await?;
        let draft = drafts.iter().filter_map(|item| item["case"].as_str()).next();
        let draft = draft.with_context(|| format!("{drafts:#?}"))?;
        let working = clerk.case(draft).await?["document"]["working"].clone();
        ensure!(working["body"].to_string().contains("积水点"), "{working}");
        go_on(&clerk, draft).await?;
        // A leave that was handed in through the program of then.
        let waiting = listed(&head, "todo").await?;
        let leave = waiting.iter().find(|item| item.to_string().contains("林晓请假"));
        let leave = leave.and_then(|item| item["case"].as_str());
        go_on(&head, leave.with_context(|| format!("{waiting:#?}"))?).await?;
        // What another unit had sent, and nobody had signed for.
        let registry = program.desk("ju-2-registry-p");
        let queue = registry.get("/deliveries").await?.json()?;
        let delivery = list(&queue["items"]).first().and_then(|one| one["id"].as_str());
        let path = format!("/deliveries/{}", delivery.with_context(|| format!("{queue}"))?);
        registry.post(&format!("{path}/sign"), &json!({})).await?.done()?;
        let registration = json!({ "workflow": "incoming", "series_number": "收文〔2026〕2号" });
        registry.post(&format!("{path}/register"), &registration).await?.done()?;

        program.stop().await?;
        // The journal was not there then: it is made of the events of then.
        run(&place, &["audit", "verify"])?;
        let journal = place.dump("journal").await?.join("\n");
        for line in ["部署流程", "装入组织机构", "建立账号lin-xiao"] {
            ensure!(journal.contains(line), "{line} is not in the journal");
        }
        nothing_is_half_done(&TestOffice::over_played(place).await?).await
    }

    async fn listed(desk: &Desk, name: &str) -> Result<Vec<Value>> {
        let found = desk.get(&format!("/worklist?box={name}")).await?.json()?;
        Ok(list(&found["items"]).to_vec())
    }

    /// 同意 or 提交 of the one task they have there.
    async fn go_on(desk: &Desk, case: &str) -> Result<()> {
        let task = desk.task(case).await?;
        let act = approval(task, "同意");
        desk.act(case, &act).await?.done()
    }
}
