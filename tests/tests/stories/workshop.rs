//! The workshop of the flow administrator over HTTP: checked while typing, tested and tried, deployed, exported, and
//! what stands still is helped on. Nothing that was written in a case is shown here.

use crate::on_both;

on_both! {
    a_flow_is_checked_tested_tried_and_deployed
    a_file_is_read_checked_and_kept_out_when_it_is_none
    a_trial_is_kept_as_a_test_that_passes
    a_trial_finds_the_leader_of_a_topic
    what_comes_in_is_registered_and_not_begun
    what_stands_still_is_helped_on_without_being_read
    trying_and_testing_are_bounded
}

mod played {
    use crate::list;
    use anyhow::{Context, Result, ensure};
    use reqwest::Method;
    use serde_json::{Value, json};
    use wenshu_testkit::{Backend, shipped_flows};
    use wenshu_tests::{Body, Desk, Script, Stage};

    const SECRET: &str = "桥墩裂缝九毫米";
    const VACANT: &str = "workflow: checked
title: 技术审查
form:
  what: { title: 事项, type: text, required: true }
  units: { title: 会签单位, type: units }
steps:
  - { id: write, title: 填写, by: initiator, edit: [what, units] }
  - { id: tech, title: 技术审查, by: { post: 总工程师, of: { unit: zhujian } } }
  - { id: head, title: 科长审核, by: { head_of: initiator.unit } }
tests:
  - name: 无人担任时停滞
    by: 林晓
    given: { what: 桥梁 }
    play:
      - 林晓 提交 -> 停滞
  - name: 这一条不对
    by: 林晓
    given: { what: 桥梁 }
    play:
      - 林晓 提交 -> 周明@科长审核
";

    pub async fn a_flow_is_checked_tested_tried_and_deployed(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let admin = stage.desk("何平");
        let checked = admin.post("/workflows/check", &json!({ "source": VACANT })).await?.json()?;
        ensure!(checked["problems"] == json!([]), "{checked:#}");
        ensure!(checked["current"].is_null() && checked["tests"] == 2, "{checked:#}");
        let warning = &checked["warnings"][0];
        ensure!(
            warning["message"] == "“技术审查”可能无人办理，办件会停滞：住建局没有“总工程师”岗位",
            "{warning:#}"
        );
        ensure!(
            (&warning["line"], &warning["step"], &warning["units"][0]["name"])
                == (&json!(8), &json!("tech"), &json!("住建局")),
            "{warning:#}"
        );
        let from = warning["from"].as_u64().context("a place")? as usize;
        let marked: Vec<u16> = VACANT.encode_utf16().skip(from).take(8).collect();
        ensure!(String::from_utf16(&marked)? == "{ post: ", "UTF-16, for editors");

        let tested = admin.post("/workflows/test", &json!({ "source": VACANT })).await?.json()?;
        let [good, bad] = list(&tested["tests"]) else { anyhow::bail!("{tested:#}") };
        ensure!(good["ok"] == true && bad["ok"] == false, "{tested:#}");
        ensure!(
            (&bad["line"], &bad["expected"], &bad["open"])
                == (&json!(20), &json!(["周明@科长审核"]), &json!(["停滞"])),
            "{bad:#}"
        );

        let submit = json!({ "by": { "person": "lin-xiao" }, "at": "2026-09-30T02:00:00Z",
            "act": { "act": "complete", "task": 1, "outcome": "approved" } });
        let appoint = json!({ "by": { "person": "he-ping" }, "act": { "act": "appoint", "visit": 2,
            "to": { "person": "tang-rui" }, "reason": "空缺" } });
        let agree = json!({ "by": { "person": "tang-rui" }, "at": "2026-09-30T03:00:00Z",
            "act": { "act": "complete", "task": 2, "outcome": "approved" } });
        let mut trying = json!({ "source": VACANT, "by": { "person": "lin-xiao" },
            "at": "2026-09-30T01:00:00Z", "fields": { "what": "桥梁" }, "acts": [submit] });
        let played = admin.post("/workflows/try", &trying).await?.json()?["played"].clone();
        ensure!(played["state"] == "stalled" && played["refused"].is_null(), "{played:#}");
        ensure!(played["stalls"][0]["missing"][0]["what"] == "post", "{played:#}");
        for act in [appoint, agree] {
            trying["acts"].as_array_mut().context("acts")?.push(act);
        }
        let played = admin.post("/workflows/try", &trying).await?.json()?["played"].clone();
        let task = &played["tasks"][0];
        ensure!(
            (&task["holder"]["person"]["name"], &task["opened_at"])
                == (&json!("周明"), &json!("2026-09-30T03:00:00Z")),
            "{played:#}"
        );
        let can =
            list(&played["offers"]).iter().find(|one| one["seat"]["person"]["name"] == "周明");
        let can = list(&can.context("what 周明 may do")?["offers"]);
        ensure!(can.iter().any(|offer| offer["act"] == "send_back"), "{can:#?}");
        ensure!(list(&played["notices"]).len() == 1, "{played:#}");
        let none = admin.get("/oversight?q=技术审查").await?.json()?;
        ensure!(list(&none["items"]).is_empty(), "nothing of it was kept");

        // Whoever deploys has read the warnings, whatever door they come through.
        let mut deployment = json!({ "source": VACANT, "reason": "新设流程", "base": null });
        let unread =
            admin.post("/workflows", &deployment).await?.refused(409, "warnings_unread")?;
        ensure!(unread["facts"]["survey"] == checked["survey"], "{unread:#}");
        ensure!(unread["facts"]["warnings"] == checked["warnings"], "{unread:#}");
        ensure!(checked["survey"].is_string(), "{checked:#}");
        deployment["accepted"] = json!("another");
        admin.post("/workflows", &deployment).await?.refused(409, "warnings_unread")?;
        deployment["accepted"] = checked["survey"].clone();
        let done = admin.post("/workflows", &deployment).await?.json()?;
        ensure!(done["changed"] == true && done["in_flight"] == json!([]), "{done:#}");
        let hash = done["hash"].as_str().context("a hash")?;
        // Somebody who had not seen it.
        let other = json!({ "source": format!("{VACANT}# 改\n"), "reason": "改", "base": null });
        let refused = admin.post("/workflows", &other).await?.refused(409, "flow_moved")?;
        ensure!(refused["facts"]["by"]["person"]["name"] == "何平", "{refused:#}");
        let file = admin.get(&format!("/workshop/flows/checked/versions/{hash}/file")).await?;
        ensure!(file.text() == VACANT, "the very file");
        let header = |name: &str| file.headers.get(name).and_then(|value| value.to_str().ok());
        ensure!(header("content-type") == Some("text/yaml; charset=utf-8"), "{:?}", file.headers);
        ensure!(
            header("content-disposition")
                .is_some_and(|how| how.starts_with("attachment; filename=\"checked-")),
            "{:?}",
            file.headers
        );
        let record = admin
            .post("/workshop/flows/checked/retire", &json!({ "reason": "暂停" }))
            .await?
            .json()?;
        ensure!(record["deeds"][0]["what"] == "retired", "{record:#}");
        let begun = stage.desk("林晓").post("/cases", &json!({ "workflow": "checked" })).await?;
        begun.refused(422, "invalid")?;
        Ok(())
    }

    pub async fn a_file_is_read_checked_and_kept_out_when_it_is_none(
        backend: Backend,
    ) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let admin = stage.fresh("何平").await?;
        let send = async |bytes: Vec<u8>| {
            let file = Body::File("流程.yaml".into(), bytes);
            admin.ask(Method::POST, "/workflows/import", file, None).await
        };
        let windows = format!("\u{feff}{}", VACANT.replace('\n', "\r\n"));
        let read = send(windows.into_bytes()).await?.json()?;
        ensure!(read["source"] == VACANT, "as other editors write it: {read:#}");
        ensure!(read["check"]["name"] == "checked" && read["check"]["tests"] == 2, "{read:#}");
        let broken = send("workflow: x\nfoo: 1\n".into()).await?.json()?;
        ensure!(!list(&broken["check"]["problems"]).is_empty(), "{broken:#}");
        send(vec![0xC3, 0x28]).await?.refused(422, "invalid")?;
        send(vec![b'#'; 256 * 1024 + 1]).await?.refused(413, "too_large")?;
        let nothing = admin.ask(Method::POST, "/workflows/import", Body::Nothing, None).await?;
        nothing.refused(400, "invalid")?;
        let flows = admin.get("/workshop/flows").await?.text();
        ensure!(!flows.contains("\"checked\""), "nothing was stored");
        Ok(())
    }

    const BY_TOPIC: &str = "workflow: by-topic
title: 专题请示
form:
  matter: { title: 事项, type: choice, options: [专项债券, 教育], required: true }
steps:
  - { id: write, title: 填写, by: initiator, edit: [matter] }
  - { id: lead, title: 分管领导审定, by: { in_charge_of: { unit: caizheng }, topic: form.matter } }
";

    /// Who gets it when such a matter is handed in, in that office, and why.
    async fn decides(desk: &Desk, source: &str, matter: &str, office: &str) -> Result<[String; 2]> {
        let trial = json!({ "source": source, "by": { "person": "lin-xiao" }, "office": office,
            "at": "2026-03-02T01:00:00Z", "fields": { "matter": matter }, "acts": [
                { "by": { "person": "lin-xiao" },
                  "act": { "act": "complete", "task": 1, "outcome": "approved" } }] });
        let played = desk.post("/workflows/try", &trial).await?.json()?["played"].clone();
        ensure!(played["refused"].is_null() && played["stalls"] == json!([]), "{played:#}");
        let [task] = list(&played["tasks"]) else { anyhow::bail!("{played:#}") };
        ensure!(task["title"] == "分管领导审定", "{task:#}");
        let seat = if task["holder"].is_null() { &task["offered"][0] } else { &task["holder"] };
        let told = [&seat["person"]["name"], &task["why"]].map(|one| one.as_str());
        let [Some(name), Some(why)] = told else { anyhow::bail!("{task:#}") };
        Ok([name.to_owned(), why.to_owned()])
    }

    pub async fn a_trial_finds_the_leader_of_a_topic(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let (admin, system) = (stage.desk("何平"), stage.desk("石坚"));
        for office in ["sample", "today"] {
            let [name, why] = decides(&admin, BY_TOPIC, "专项债券", office).await?;
            ensure!(name == "高岚" && why.contains("专项债券"), "{office}: {name}, {why}");
            // The unit lists nobody for it: its leader in charge.
            let [name, _] = decides(&admin, BY_TOPIC, "教育", office).await?;
            ensure!(name == "刘志远", "{office}: {name}");
        }
        let named = BY_TOPIC.replace("form.matter", "专项债券");
        let [name, _] = decides(&admin, &named, "教育", "today").await?;
        ensure!(name == "高岚", "the file itself says the topic: {name}");

        // The office changes; the sample does not.
        let change = json!({ "changes": [{ "change": "set_charge", "unit": "caizheng",
            "head": "caizheng-juzhang", "in_charge": "fushizhang-jingji",
            "registry": "caizheng-shoufa", "topics": { "教育": "fushizhang-shehui" } }] });
        system.post("/admin/directory/changes", &change).await?.done()?;
        for (office, matter, decider) in [
            ("today", "专项债券", "刘志远"),
            ("today", "教育", "高岚"),
            ("sample", "专项债券", "高岚"),
        ] {
            let [name, _] = decides(&admin, BY_TOPIC, matter, office).await?;
            ensure!(name == decider, "{office}, {matter}: {name}");
        }
        // A topic that no unit lists is warned about, by its name.
        let checked = admin.post("/workflows/check", &json!({ "source": named })).await?.json()?;
        let told = checked["warnings"].to_string();
        ensure!(told.contains("专项债券"), "{told}");
        Ok(())
    }

    pub async fn a_trial_is_kept_as_a_test_that_passes(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let admin = stage.desk("何平");
        let people = admin.get("/workshop/sample").await?.json()?;
        ensure!(list(&people["people"]).iter().any(|one| one["name"] == "林晓"), "{people:#}");
        let complete = |who: &str, task: u32| {
            json!({ "by": { "person": who }, "act": { "act": "complete", "task": task,
                "outcome": "approved" } })
        };
        let fields = json!({ "days": 1, "kind": "年假", "reason": "回乡：探亲",
            "from": "2026-03-09", "to": "2026-03-09" });
        let mut trial = json!({ "source": shipped_flows()[3], "by": { "person": "lin-xiao" },
            "at": "2026-03-02T01:00:00Z", "office": "sample", "fields": {},
            "acts": [] });
        let described = admin.post("/workflows/try", &trial).await?.json()?["played"].clone();
        for field in list(&described["fields"]) {
            let name = field["name"].as_str().context("a name")?;
            if let Some(value) = fields.get(name) {
                trial["fields"][name] = value.clone();
            }
        }
        trial["acts"] = json!([complete("lin-xiao", 1), complete("zhou-ming", 2)]);
        let played = admin.post("/workflows/try", &trial).await?.json()?["played"].clone();
        ensure!(played["refused"].is_null(), "{played:#}");
        let keeping = json!({ "name": "请一天年假", "trial": trial });
        let kept = admin.post("/workflows/transcript", &keeping).await?.json()?;
        ensure!(kept["test"]["ok"] == true, "{kept:#}");
        let source = kept["source"].as_str().context("a file")?;
        ensure!(
            source.contains("- name: 请一天年假\n") && source.contains("林晓 提交 -> "),
            "{source}"
        );
        // Any other door plays it, too.
        let tested = admin.post("/workflows/test", &json!({ "source": source })).await?.json()?;
        let last = list(&tested["tests"]).last().context("tests")?;
        ensure!(last["name"] == "请一天年假" && last["ok"] == true, "{last:#}");
        let mut twice = keeping.clone();
        twice["trial"]["source"] = json!(source);
        let twice = admin.post("/workflows/transcript", &twice).await?.refused(422, "invalid")?;
        ensure!(twice["facts"]["field"] == "name", "{twice:#}");
        let mut today = keeping.clone();
        today["trial"]["office"] = json!("today");
        admin.post("/workflows/transcript", &today).await?.refused(422, "invalid")?;
        let mut refused = keeping;
        refused["trial"]["acts"] = json!([complete("zhou-ming", 1)]);
        let refused =
            admin.post("/workflows/transcript", &refused).await?.refused(422, "invalid")?;
        ensure!(
            refused["detail"].as_str().is_some_and(|text| text.contains("第1步写不成测试")),
            "{refused:#}"
        );
        Ok(())
    }

    pub async fn what_comes_in_is_registered_and_not_begun(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        for who in ["林晓", "吴静", "何平"] {
            let body = json!({ "workflow": "incoming", "kind": "通知", "title": "来文" });
            let refused = stage.desk(who).post("/cases", &body).await?;
            let refused = refused.refused(422, "only_by_registration")?;
            ensure!(
                refused["detail"].as_str().is_some_and(|text| text.contains("“收文”中登记")),
                "{refused:#}"
            );
            ensure!(stage.desk(who).get("/counts").await?.json()?["drafts"] == 0, "no draft");
        }
        Ok(())
    }

    pub async fn what_stands_still_is_helped_on_without_being_read(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        stage.deploy(VACANT).await?;
        let given = wenshu_core::value::Facts::from([(
            "what".to_owned(),
            wenshu_core::value::Value::Text(SECRET.to_owned()),
        )]);
        let mut script = Script::begin(&stage, VACANT, "林晓", &given).await?;
        script.play("林晓 提交 -> 停滞").await?;
        let admin = stage.desk("何平");
        let reply = admin.get("/workshop/stalled").await?;
        ensure!(!reply.text().contains(SECRET), "what was written is not shown");
        let page = reply.json()?;
        let [row] = list(&page["items"]) else { anyhow::bail!("{page:#}") };
        ensure!(
            row["case"] == *script.case && row["stall"]["kind"] == "nobody" && page["stalled"] == 1,
            "{row:#}"
        );
        let ways: Vec<&Value> = list(&row["ways"]).iter().map(|way| &way["act"]).collect();
        ensure!(ways == ["terminate", "retry", "appoint"], "{ways:?}");
        let me = json!({ "act": "appoint", "visit": row["stall"]["visit"],
            "to": { "person": "he-ping" }, "reason": "我来" });
        admin.act(&script.case, &me).await?.refused(403, "not_for_yourself")?;
        script.play("何平 指定 唐瑞 尚未到任 -> 唐瑞@技术审查").await?;
        let seen = admin.get(&format!("/cases/{}", script.case)).await?;
        ensure!(!seen.text().contains(SECRET), "nor on the page of the case");
        ensure!(seen.text().contains("指定唐瑞"), "what was done to it is");
        script.play("何平 改派 孙丽 唐瑞出差 -> 孙丽@技术审查").await?;
        let holder = stage.desk("孙丽").get(&format!("/cases/{}", script.case)).await?;
        ensure!(holder.text().contains(SECRET), "whoever handles it reads it");
        script.play("孙丽 同意 -> 周明@科长审核\n周明 同意 -> 办结").await?;
        ensure!(
            list(&admin.get("/workshop/stalled").await?.json()?["items"]).is_empty(),
            "nothing stands still"
        );
        Ok(())
    }

    pub async fn trying_and_testing_are_bounded(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let admin = stage.desk("何平");
        let at = "2026-03-02T01:00:00Z";
        let open = json!({ "by": { "person": "lin-xiao" }, "act": { "act": "open", "task": 1 } });
        let trial = json!({ "source": shipped_flows()[3], "by": { "person": "lin-xiao" }, "at": at,
            "acts": vec![open; 201] });
        admin.post("/workflows/try", &trial).await?.refused(422, "invalid")?;
        // Blocks within blocks, each over every unit.
        let mut source = "workflow: deep\ntitle: 层层\ncarries: document\nsteps:\n".to_owned();
        source.push_str("  - { id: a, title: 拟稿, by: initiator }\n");
        let mut pad = 2;
        for level in 0..8 {
            source.push_str(&format!(
                "{:pad$}- for_each: {{ u{level}: doc.countersign_units }}\n{:pad$}  steps:\n",
                "", ""
            ));
            pad += 4;
        }
        source.push_str(&format!("{:pad$}- {{ id: z, title: 会签, by: initiator }}\n", ""));
        source.push_str("tests:\n  - name: 深\n    by: 林晓\n    play:\n      - 林晓 提交 ->\n");
        let units = ["shi", "shifuban", "caizheng", "sifa", "jiaoyu", "zhujian"];
        let trial = json!({ "source": source, "by": { "person": "lin-xiao" }, "at": at,
            "fields": { "countersign_units": units } });
        for (path, body) in
            [("/workflows/try", &trial), ("/workflows/test", &json!({ "source": source }))]
        {
            let refused = admin.post(path, body).await?.refused(422, "invalid")?;
            ensure!(
                refused["detail"].as_str().is_some_and(|text| text.contains("并行分支过多")),
                "{refused:#}"
            );
        }
        let lines = "      - 林晓 查看 ->\n".repeat(2_001);
        let source =
            format!("{}\n  - name: 长\n    by: 林晓\n    play:\n{lines}", shipped_flows()[3]);
        admin
            .post("/workflows/test", &json!({ "source": source }))
            .await?
            .refused(422, "invalid")?;
        let huge = format!("{}\n# {}", shipped_flows()[3], "长".repeat(100_000));
        let found = admin.post("/workflows/check", &json!({ "source": huge })).await?.json()?;
        ensure!(found["problems"][0]["code"] == "too_large", "{found:#}");
        let nobody =
            json!({ "source": shipped_flows()[3], "by": { "person": "nobody" }, "at": at });
        let played = admin.post("/workflows/try", &nobody).await?.json()?["played"].clone();
        ensure!(played["refused"]["code"] == "no_such_person", "{played:#}");
        let odd = Body::Json(json!({ "source": 1, "by": 2 }));
        let odd = admin.ask(Method::POST, "/workflows/try", odd, None).await?;
        odd.refused(400, "invalid")?;
        Ok(())
    }
}
