//! Flows that nobody built this system for: deployed and played through the door, by the tests that stand in their
//! files. A branch within a branch, signing before review, a send-back across two parallel rounds, a loop through
//! people, a form with choices; and the shipped ones that begin with a draft.

use crate::on_both;

on_both! { flows_that_are_not_shipped_run_from_their_files shipped_flows_run_from_their_files }

mod played {
    use anyhow::{Context, Result, anyhow, ensure};
    use serde_json::json;
    use wenshu_core::compile;
    use wenshu_testkit::{Backend, shipped_flows};
    use wenshu_tests::{Script, Stage, unshipped_flows};

    pub async fn flows_that_are_not_shipped_run_from_their_files(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let admin = stage.desk("何平");
        for source in unshipped_flows() {
            let checked =
                admin.post("/workflows/check", &json!({ "source": source })).await?.json()?;
            ensure!(checked["problems"] == json!([]), "{checked:#}");
            let tested =
                admin.post("/workflows/test", &json!({ "source": source })).await?.json()?;
            let tests = tested["tests"].as_array().context("tests")?;
            ensure!(!tests.is_empty() && tests.iter().all(|test| test["ok"] == true), "{tests:#?}");
            stage.deploy(source).await?;
            ensure!(
                play_its_tests(&stage, source).await? == tests.len(),
                "each of its tests was played"
            );
        }
        Ok(())
    }

    pub async fn shipped_flows_run_from_their_files(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        // 收文 begins with what another unit sent, in the main job.
        let drafted =
            shipped_flows().into_iter().filter(|source| !source.contains("workflow: incoming"));
        let mut played = 0;
        for source in drafted {
            played += play_its_tests(&stage, source).await?;
        }
        ensure!(played == 10, "{played} tests were played");
        Ok(())
    }

    /// Plays the tests of a deployed flow; how many.
    async fn play_its_tests(stage: &Stage, source: &str) -> Result<usize> {
        let workflow = compile(source, &wenshu_document::vocabulary())
            .map_err(|problems| anyhow!("{problems:?}"))?;
        for test in &workflow.tests {
            let played = Script::test(stage, source, test).await;
            let case = played.with_context(|| format!("{}“{}”", workflow.title, test.name))?;
            let verdict = stage
                .desk(&test.by)
                .post(&format!("/cases/{case}/audit/verify"), &json!({}))
                .await?
                .json()?;
            ensure!(verdict["ok"] == true, "{verdict}");
        }
        Ok(workflow.tests.len())
    }
}
