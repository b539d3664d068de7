//! The main job through the door: a 通知 drafted, countersigned with one 退回, signed, numbered, sealed and sent to twelve
//! units; each signs for it and registers it; it is archived, found by a word of its text, and its record holds.

use crate::on_both;

on_both! { a_notice_goes_from_a_clerk_to_twelve_units }

mod played {
    use crate::{SENT_BACK, given, list};
    use anyhow::{Context, Result, ensure};
    use serde_json::{Value, json};
    use wenshu_testkit::{Backend, shipped_flows};
    use wenshu_tests::{Body, Script, Stage};

    pub async fn a_notice_goes_from_a_clerk_to_twelve_units(backend: Backend) -> Result<()> {
        let mut stage = Stage::new(backend).await?;
        let bureaus = stage.add_bureaus(12).await?;
        let mut script = drafted(&stage, &bureaus).await?;
        let case = script.case.clone();
        let (clerk, path) = (stage.desk("林晓"), format!("/cases/{case}"));
        script.play(SENT_BACK).await?;

        // Back at the clerk's desk: why, and what is open elsewhere.
        let view = clerk.case(&case).await?;
        let back = list(&view["timeline"])
            .iter()
            .find(|entry| entry["kind"] == "sent_back")
            .context("退回")?;
        ensure!(
            back["text"] == "请写明经费来源" && back["by"]["person"]["name"] == "钱浩",
            "{back}"
        );
        ensure!(clerk.get("/counts").await?.json()?["todo"] == 1, "it is among what is to be done");
        let changed = "一、提高认识\n各部门要落实汛期值守责任，排查积水点，经费由各部门预算列支。\n二、加强值守\n实行领导带班制度。";
        script
            .play(&format!(
                "林晓 改 body={}；提交 已补充 -> 周明@处室审核
                周明 同意 -> 财政局@会签",
                changed.replace('\n', "")
            ))
            .await?;

        // The countersigner sees what changed since.
        let countersigner = stage.desk("钱浩");
        let document = countersigner.case(&case).await?["document"].clone();
        let since =
            document["changed_since_seen"].as_u64().context("it changed since they looked")?;
        let changes = countersigner.get(&format!("{path}/changes?since={since}")).await?.json()?;
        let new = list(&changes["body"]).iter().filter(|run| run["kind"] == "ins");
        ensure!(
            new.into_iter().any(|run| run["text"].to_string().contains("经费由各部门")),
            "{changes:#}"
        );

        script
            .play(
                "钱浩 同意 -> 市政府办公室@办公室核稿
                吴静 认领 -> 吴静@办公室核稿
                吴静 同意 -> 刘志远@分管领导签发
                刘志远 查看；同意 同意印发 -> 市政府办公室@复核编号
                郑洁 同意 -> 孙丽@用印
                孙丽 同意 -> 办结",
            )
            .await?;

        // Numbered, sealed, archived; the file as it went out.
        let view = clerk.case(&case).await?;
        let metadata = &view["document"]["metadata"];
        ensure!(
            metadata["number"] == "云政发〔2026〕1号" && metadata["signer"] == "刘志远",
            "{metadata:#}"
        );
        ensure!(
            view["state"] == "finished" && view["document"]["finalised"] == true,
            "{}",
            view["where"]
        );
        for kind in ["number", "finalised", "rendered", "sealed", "dispatched", "archived", "ended"]
        {
            ensure!(
                list(&view["timeline"]).iter().any(|entry| entry["kind"] == kind),
                "no {kind} in the timeline"
            );
        }
        let pdf = clerk.get(&format!("{path}/pdf")).await?;
        ensure!(
            pdf.bytes.starts_with(b"%PDF") && pdf.headers["content-type"] == "application/pdf",
            "{:?}",
            pdf.headers
        );
        let sheet = clerk.get(&format!("{path}/sheet.pdf")).await?;
        ensure!(sheet.bytes.starts_with(b"%PDF"), "the handling sheet");

        received(&stage, &case, &bureaus, &pdf.bytes).await?;

        // Found by a word of its text, by those who may; and the record holds.
        let hits = clerk.get("/search?q=积水点").await?.json()?;
        ensure!(
            list(&hits["items"])
                .iter()
                .any(|hit| hit["case"] == *case && hit["snippet"].to_string().contains('⟦')),
            "{hits}"
        );
        let hits = stage.desk("彭菲").get("/search?q=积水点").await?.json()?;
        ensure!(list(&hits["items"]).is_empty(), "a stranger finds {hits}");
        let verdict = clerk.post(&format!("{path}/audit/verify"), &json!({})).await?.json()?;
        ensure!(verdict["ok"] == true && verdict["events"].as_u64() > Some(60), "{verdict}");
        let record = clerk.get(&format!("{path}/audit")).await?.json()?;
        ensure!(
            list(&record).iter().any(|event| event["hash"] == verdict["head"]),
            "its head is in the record"
        );
        Ok(())
    }

    /// The draft with its fields, its text and an attachment, not handed in yet.
    async fn drafted<'a>(stage: &'a Stage, bureaus: &[String]) -> Result<Script<'a>> {
        let script = Script::begin(
            stage,
            shipped_flows()[0],
            "林晓",
            &given(bureaus, &["财政局", "司法局", "教育局"]),
        )
        .await?;
        let (clerk, path) = (stage.desk("林晓"), format!("/cases/{}", script.case));
        let file = Body::File("值守安排.txt".into(), "各科室轮流值守。".into());
        let attached = clerk
            .ask(reqwest::Method::POST, &format!("{path}/attachments"), file, None)
            .await?
            .json()?;
        ensure!(attached["name"] == "值守安排.txt" && attached["size"] == 24, "{attached}");
        let content = clerk
            .get(&format!("{path}/attachments/{}", attached["id"].as_str().unwrap_or_default()))
            .await?;
        ensure!(content.text() == "各科室轮流值守。", "it comes back as it was");
        let view = clerk.case(&script.case).await?;
        ensure!(
            view["document"]["working"]["base"] == view["document"]["version"],
            "{:#}",
            view["document"]
        );
        ensure!(clerk.get("/counts").await?.json()?["drafts"] == 1, "it lies among the drafts");
        let ahead = clerk.get(&format!("{path}/forecast")).await?.json()?;
        ensure!(
            list(&ahead).iter().any(|step| step["title"] == "分管领导签发"),
            "the way ahead: {ahead}"
        );
        Ok(script)
    }

    /// Twelve registries sign for it and register it; the sender sees it.
    async fn received(stage: &Stage, case: &str, bureaus: &[String], sent: &[u8]) -> Result<()> {
        let clerk = stage.desk("林晓");
        let out = clerk.get(&format!("/cases/{case}/deliveries")).await?.json()?;
        ensure!(
            list(&out).len() == 13 && list(&out).iter().all(|one| one["state"] == "sent"),
            "{out}"
        );
        for (index, bureau) in bureaus.iter().enumerate() {
            let registry = stage.desk(&bureau.replace('局', "收发"));
            ensure!(
                registry.get("/counts").await?.json()?["incoming"] == 1,
                "{bureau} has something to sign for"
            );
            let queue = registry.get("/deliveries").await?.json()?;
            let [delivery] = list(&queue["items"]) else { anyhow::bail!("{bureau}: {queue}") };
            let path = format!("/deliveries/{}", delivery["id"].as_str().unwrap_or_default());
            ensure!(
                registry.get(&format!("/cases/{case}")).await?.status == 404,
                "the sender's case stays the sender's"
            );
            ensure!(registry.get(&format!("{path}/pdf")).await?.bytes == sent, "what was sent");
            registry.post(&format!("{path}/sign"), &json!({})).await?.done()?;
            let registration = json!({ "workflow": "incoming", "series_number": format!("收文〔2026〕{}号", index + 1) });
            let own = registry.post(&format!("{path}/register"), &registration).await?.json()?;
            ensure!(own["workflow"]["name"] == "incoming" && own["state"] == "running", "{own:#}");
            let own = own["id"].as_str().context("its own case")?.to_owned();
            handled(stage, bureau, &own).await?;
        }
        let out = clerk.get(&format!("/cases/{case}/deliveries")).await?.json()?;
        let done = list(&out)
            .iter()
            .filter(|one| one["state"] == "registered" && one["signed_by"]["person"].is_object());
        ensure!(done.count() == 12, "{out:#}");
        let late =
            list(&out).iter().find(|one| one["state"] == "registered").context("one of them")?;
        let withdraw = format!(
            "/cases/{case}/deliveries/{}/withdraw",
            late["id"].as_str().unwrap_or_default()
        );
        let refused = clerk.post(&withdraw, &json!({ "reason": "有误" })).await?;
        ensure!(refused.status == 409, "too late to withdraw: {}", refused.text());
        let receipts: Value = clerk.case(case).await?["deliveries"].clone();
        ensure!(receipts == json!({ "total": 13, "signed": 12 }), "{receipts}");
        Ok(())
    }

    /// The receiving bureau's own flow: 登记, 拟办 with the bureau itself as handler, 批示.
    async fn handled(stage: &Stage, bureau: &str, own: &str) -> Result<()> {
        stage.desk(&bureau.replace('局', "收发")).approve(own, "").await?;
        let head = stage.desk(&format!("{bureau}长"));
        let unit = stage.office.unit(bureau);
        let propose = json!({
            "act": "complete", "task": head.task(own).await?, "outcome": "approved", "opinion": "请办理",
            "picks": { "handlers": { "units": [unit], "lead": unit } },
        });
        let view = head.act(own, &propose).await?.json()?;
        ensure!(
            view["where"].to_string().contains("高岚"),
            "with the leader in charge: {}",
            view["where"]
        );
        Ok(())
    }
}
