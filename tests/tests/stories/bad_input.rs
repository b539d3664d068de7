//! What people, programs and the unkind send that will not do: each is refused with its code and a Chinese detail, and
//! nothing is changed by it.

use crate::on_both;

on_both! {
    twenty_broken_flows_are_told_to_the_column acts_that_are_not_theirs_or_too_late
    units_that_do_not_exist_stop_a_submission the_same_key_is_done_once
    names_of_files_cannot_leave_their_place script_stays_text sessions_end requests_that_cannot_be_read
    deploying_is_for_administrators
}

mod played {
    use crate::list;
    use anyhow::{Context, Result, ensure};
    use chrono::TimeDelta;
    use reqwest::Method;
    use serde_json::{Value, json};
    use wenshu_testkit::Backend;
    use wenshu_tests::{Body, Desk, Stage, approval};

    /// `«` and `»` stand where the problem is. A sound first step goes before those that begin with two blanks.
    const BROKEN: [(&str, &str); 22] = [
        ("yaml_syntax", "  - «{» id: b, title: 审核\n  - id: c"),
        ("yaml_syntax", "  - id: b\n    by: «*»nobody"),
        ("unknown_key", "  - { id: b, title: 审核, by: initiator, «edti»: [title] }"),
        ("duplicate_key", "  - { id: b, title: 审核, «title»: 再审, by: initiator }"),
        ("missing_key", "  - { «id»: b, title: 审核 }"),
        ("bad_id", "  - { id: «审核», title: 审核, by: initiator }"),
        ("duplicate_id", "  - { id: «a», title: 审核, by: initiator }"),
        ("not_built_yet", "  - { id: b, title: 审核, by: initiator, «remind»: 1d }"),
        ("not_built_yet", "  - { id: b, title: 审核, by: initiator, «sub_flow»: other }"),
        ("wrong_type", "  - { id: b, title: 审核, by: initiator, claim: «yes» }"),
        ("empty", "  - { id: b, title: 审核, by: initiator, edit: «[]» }"),
        ("bad_due", "  - { id: b, title: 审核, by: initiator, due: «2天» }"),
        ("unknown_word", "  - { id: b, title: 审核, by: initiator, can: [«aprove»] }"),
        ("unknown_effect", "  - { id: b, title: 审核, by: initiator, do: [«numbr»] }"),
        ("unknown_selector", "  - { id: b, title: 审核, by: «initator» }"),
        ("two_selectors", "  - { id: b, title: 审核, by: { role: x, «user»: y } }"),
        ("keeper_only", "  - { id: b, title: 用印, by: initiator, do: [«seal»] }"),
        ("unknown_step", "  - { id: b, title: 审核, by: initiator, next: «c» }"),
        (
            "unknown_field",
            "  - choose:\n      - when: doc.«urgncy» == \"特急\"\n        steps: []\n      - otherwise: []",
        ),
        (
            "unknown_option",
            "  - choose:\n      - when: doc.urgency == «\"特级\"»\n        steps: []\n      - otherwise: []",
        ),
        ("no_otherwise", "  - «choose»:\n      - when: doc.urgency == \"特急\"\n        steps: []"),
        ("yaml_feature", "  - { id: b, title: &x «审核», by: initiator }"),
    ];

    pub async fn twenty_broken_flows_are_told_to_the_column(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let admin = stage.desk("何平");
        for (code, marked) in BROKEN {
            let head = "workflow: f\ntitle: 流程\ncarries: document\nsteps:\n  - { id: a, title: 拟稿, by: initiator }\n";
            let marked = format!("{head}{marked}\n");
            let before = marked.split('«').next().context("a mark")?;
            let (line, column) = (
                before.matches('\n').count() + 1,
                before.rsplit('\n').next().map(|l| l.chars().count() + 1),
            );
            let source = marked.replace(['«', '»'], "");
            let checked =
                admin.post("/workflows/check", &json!({ "source": source })).await?.json()?;
            let problem = list(&checked["problems"])
                .first()
                .with_context(|| format!("no problem in\n{source}"))?;
            let place = (problem["line"].as_u64(), problem["column"].as_u64());
            ensure!(problem["code"] == code, "wanted {code}: {problem:#}");
            ensure!(
                place == (Some(line as u64), column.map(|at| at as u64)),
                "wanted {line}:{column:?}: {problem:#}"
            );
            let excerpt = problem["excerpt"].as_str().unwrap_or_default();
            ensure!(
                problem["message"].as_str().is_some_and(|text| !text.is_empty())
                    && !excerpt.is_empty(),
                "{problem:#}"
            );
            let refused =
                admin.post("/workflows", &json!({ "source": source, "reason": "试" })).await?;
            let refused = refused.refused(422, "workflow_problems")?;
            ensure!(refused["facts"]["problems"][0]["code"] == code, "{refused:#}");
        }
        let found = admin.get("/workflows").await?.json()?;
        ensure!(list(&found).len() == 3, "nothing of them was deployed: {found}");
        Ok(())
    }

    /// Everything that was recorded but who signed in.
    async fn recorded(stage: &Stage) -> Result<Vec<String>> {
        let cases = "(SELECT * FROM event WHERE stream IN (SELECT id FROM stream WHERE kind <> 'security')) AS of_cases";
        stage.office.place.dump(cases).await
    }

    /// A draft for leave of 林晓, filled in.
    async fn leave(stage: &Stage) -> Result<String> {
        let clerk = stage.desk("林晓");
        let case = clerk
            .post("/cases", &json!({ "workflow": "leave", "title": "林晓请假" }))
            .await?
            .json()?;
        let case = case["id"].as_str().context("a case")?.to_owned();
        let fields = json!({ "kind": "年假", "from": "2026-03-09", "days": 2 });
        clerk
            .put(&format!("/cases/{case}/working"), &json!({ "fields": fields, "base": 0 }))
            .await?
            .done()?;
        Ok(case)
    }

    /// A draft of a 通知 by 林晓.
    async fn notice(stage: &Stage, title: &str, text: &str) -> Result<String> {
        let clerk = stage.desk("林晓");
        let new = json!({ "workflow": "outgoing", "kind": "通知", "title": title });
        let case =
            clerk.post("/cases", &new).await?.json()?["id"].as_str().context("a case")?.to_owned();
        save(
            &clerk,
            &case,
            &json!({ "title": title, "organ": "shi", "recipients": ["jiaoyu"] }),
            text,
        )
        .await?;
        Ok(case)
    }

    async fn save(desk: &Desk, case: &str, fields: &Value, text: &str) -> Result<()> {
        let base = desk.case(case).await?["document"]["version"].clone();
        let body = json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] });
        let working = json!({ "fields": fields, "body": body, "base": base });
        desk.put(&format!("/cases/{case}/working"), &working).await?.done()
    }

    pub async fn acts_that_are_not_theirs_or_too_late(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let case = leave(&stage).await?;
        let (clerk, head, stranger) = (stage.desk("林晓"), stage.desk("周明"), stage.desk("彭菲"));
        let first = clerk.task(&case).await?;
        clerk.act(&case, &approval(first, "")).await?.done()?;
        let task = head.task(&case).await?;
        let events = || recorded(&stage);
        let before = events().await?;

        // Somebody else's task: whoever sees the case is told whose it is, a stranger that there is nothing.
        let refused = clerk.act(&case, &approval(task, "")).await?.refused(403, "not_your_task")?;
        ensure!(refused["detail"].to_string().contains("周明"), "who could: {refused}");
        stranger.act(&case, &approval(task, "")).await?.refused(404, "not_found")?;
        clerk.act(&case, &approval(99, "")).await?.refused(404, "no_such_task")?;
        // Sent back without a word, to a step that is none, by an act that is not allowed there.
        let back = json!({ "act": "send_back", "task": task, "to": "apply", "opinion": " " });
        ensure!(head.act(&case, &back).await?.status == 422, "a reason is wanted");
        let back = json!({ "act": "send_back", "task": task, "to": "nowhere", "opinion": "再议" });
        head.act(&case, &back).await?.refused(422, "not_a_send_back_target")?;
        let cc = json!({ "act": "cc", "task": task, "to": [{ "person": "peng-fei" }] });
        head.act(&case, &cc).await?.refused(403, "act_not_allowed")?;
        let change = json!({ "act": "complete", "task": task, "outcome": "approved", "changes": { "days": 9 } });
        head.act(&case, &change).await?.refused(403, "field_not_editable")?;
        ensure!(events().await? == before, "nothing of that was recorded");

        // A task closed already: by whom and when is told.
        head.act(&case, &approval(task, "同意")).await?.done()?;
        let refused = head.act(&case, &approval(task, "再同意")).await?;
        ensure!(refused.status == 409, "{}", refused.text());
        ensure!(
            ["task_closed", "case_ended"].iter().any(|code| refused.refused(409, code).is_ok()),
            "{}",
            refused.text()
        );
        let refused = clerk.act(&case, &approval(first, "")).await?;
        ensure!(refused.status == 409 && refused.text().contains("林晓"), "{}", refused.text());

        // A document changed meanwhile.
        let case = notice(&stage, "关于防汛值守的通知", "各单位值守。").await?;
        clerk.approve(&case, "").await?;
        let seen = head.case(&case).await?["document"]["version"].as_u64().context("a version")?;
        let stale = json!({ "act": "complete", "task": head.task(&case).await?, "outcome": "approved", "seen": seen - 1 });
        let refused = head.act(&case, &stale).await?.refused(409, "document_changed")?;
        ensure!(
            refused["facts"]["seen"] == seen - 1 && refused["facts"]["now"] == seen,
            "{refused}"
        );
        let working = json!({ "fields": { "title": "关于值守的通知" }, "base": seen - 1 });
        head.put(&format!("/cases/{case}/working"), &working).await?.refused(409, "stale")?;
        let fields = json!({ "number": "云政发〔2026〕99号" });
        let refused = head
            .put(&format!("/cases/{case}/working"), &json!({ "fields": fields, "base": seen }))
            .await?;
        refused.refused(422, "invalid")?;
        Ok(())
    }

    pub async fn units_that_do_not_exist_stop_a_submission(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let clerk = stage.desk("林晓");
        let case = notice(&stage, "关于防汛值守的通知", "各单位值守。").await?;
        let task = clerk.task(&case).await?;
        let before = recorded(&stage).await?;
        for (rule, field, units, named) in [
            ("U-01", "recipients", json!(["jiaoyu", "wuyou"]), "wuyou"),
            ("U-02", "cc", json!(["wuyou"]), "wuyou"),
            ("U-03", "countersign_units", json!(["caizheng", "wuyou"]), "wuyou"),
            ("U-04", "recipients", json!(["yusuan"]), "预算科"),
        ] {
            let mut fields = json!({ "title": "云州市人民政府关于防汛值守的通知", "organ": "shi", "recipients": ["jiaoyu"] });
            fields[field] = units;
            save(&clerk, &case, &fields, "各单位值守。").await?;
            // The draft says it before anybody hands it over, and what hands it over is refused by the same rule.
            let view = clerk.case(&case).await?;
            let found = list(&view["document"]["findings"])
                .iter()
                .find(|finding| finding["rule"] == rule)
                .with_context(|| format!("{rule}: {:#}", view["document"]["findings"]))?;
            ensure!(found["level"] == "block" && found["field"] == field, "{found}");
            let submit =
                json!({ "act": "complete", "task": task, "outcome": "approved", "working": true });
            let refused = clerk.act(&case, &submit).await?;
            ensure!(refused.status == 422, "{}", refused.text());
            let refused: Value = serde_json::from_str(&refused.text())?;
            ensure!(refused["facts"]["rule"] == rule, "{refused:#}");
            ensure!(refused["detail"].to_string().contains(named), "{refused:#}");
        }
        ensure!(recorded(&stage).await? == before, "nothing of that was recorded");
        save(
            &clerk,
            &case,
            &json!({ "recipients": ["jiaoyu"], "cc": [], "countersign_units": ["caizheng"],
            "title": "云州市人民政府关于防汛值守的通知", "organ": "shi" }),
            "各单位值守。",
        )
        .await?;
        let submit =
            json!({ "act": "complete", "task": task, "outcome": "approved", "working": true });
        clerk.act(&case, &submit).await?.done()
    }

    pub async fn the_same_key_is_done_once(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let (case, clerk) = (leave(&stage).await?, stage.desk("林晓"));
        let (path, submit) =
            (format!("/cases/{case}/acts"), approval(clerk.task(&case).await?, ""));
        let replies =
            futures_util::future::join_all((0..8).map(|_| clerk.post_once(&path, &submit, "once")))
                .await;
        for reply in replies {
            reply?.done()?;
        }
        let once = recorded(&stage).await?;
        clerk.post_once(&path, &submit, "once").await?.done()?;
        ensure!(recorded(&stage).await? == once, "it was done once");
        let opened = stage.desk("周明").get("/worklist?box=todo").await?.json()?;
        ensure!(list(&opened["items"]).len() == 1, "{opened}");
        let other = json!({ "act": "urge", "text": "请阅" });
        clerk.post_once(&path, &other, "once").await?.refused(422, "key_reused")?;
        clerk
            .ask_without_key(Method::POST, &path, Body::Json(other.clone()))
            .await?
            .refused(400, "invalid")?;
        clerk
            .ask(Method::POST, &path, Body::Json(other), Some(&"k".repeat(101)))
            .await?
            .refused(400, "invalid")?;
        let new = json!({ "workflow": "leave", "title": "再请假" });
        let twice = [
            clerk.post_once("/cases", &new, "new").await?.json()?,
            clerk.post_once("/cases", &new, "new").await?.json()?,
        ];
        ensure!(twice[0]["id"] == twice[1]["id"], "one draft, not two");
        Ok(())
    }

    pub async fn names_of_files_cannot_leave_their_place(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let case = notice(&stage, "关于附件的通知", "见附件。").await?;
        let (clerk, path) = (stage.desk("林晓"), format!("/cases/{case}/attachments"));
        let names = [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\方案.docx", "方案.docx"),
            ("报告\u{202e}fdp.exe", "报告fdp.exe"),
            ("..", "附件"),
            ("<img src=x onerror=alert(1)>.html", "_img src=x onerror=alert(1)_.html"),
        ];
        for (sent, kept) in names {
            let file = Body::File(sent.to_owned(), b"<script>alert(1)</script>".to_vec());
            let attached = clerk.ask(Method::POST, &path, file, None).await?.json()?;
            ensure!(attached["name"] == kept, "{sent}: {attached}");
            let content = clerk
                .get(&format!("{path}/{}", attached["id"].as_str().unwrap_or_default()))
                .await?;
            let said = |name: &str| {
                content.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
            };
            ensure!(
                said("content-disposition").starts_with("attachment; "),
                "{:?}",
                content.headers
            );
            ensure!(!said("content-disposition").contains(".."), "{:?}", content.headers);
            ensure!(
                !said("content-type").contains("html")
                    && said("x-content-type-options") == "nosniff",
                "{:?}",
                content.headers
            );
            ensure!(said("content-security-policy").contains("sandbox"), "{:?}", content.headers);
        }
        let escape = format!("{path}/..%2F..%2Fwenshu.db");
        clerk.get(&escape).await?.refused(404, "not_found")?;
        let form =
            b"--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x--\r\n".to_vec();
        clerk
            .ask(Method::POST, &path, Body::Raw("multipart/form-data; boundary=x", form), None)
            .await?
            .refused(400, "invalid")?;
        clerk
            .ask(Method::POST, &path, Body::Raw("text/plain", vec![1]), None)
            .await?
            .refused(400, "invalid")?;
        Ok(())
    }

    pub async fn script_stays_text(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let (title, opinion) =
            ("关于<script>alert(1)</script>的通知", "<img src=x onerror=alert(2)>&amp;同意");
        let case = notice(&stage, title, "<b>各单位</b>：'; DROP TABLE event; --").await?;
        let (clerk, head) = (stage.desk("林晓"), stage.desk("周明"));
        clerk.approve(&case, "<svg onload=alert(3)>").await?;
        head.approve(&case, opinion).await?;
        let reply = clerk.get(&format!("/cases/{case}")).await?;
        ensure!(
            reply.headers["content-type"] == "application/json"
                && reply.headers["x-content-type-options"] == "nosniff",
            "as data"
        );
        let view = reply.json()?;
        ensure!(view["title"] == title, "{}", view["title"]);
        let said: Vec<_> =
            list(&view["timeline"]).iter().filter_map(|entry| entry["text"].as_str()).collect();
        ensure!(said.contains(&"<svg onload=alert(3)>"), "{said:?}");
        ensure!(said.contains(&opinion), "{said:?}");
        ensure!(
            view["document"]["body"].to_string().contains("<b>各单位</b>：'; DROP TABLE event; --"),
            "{}",
            view["document"]
        );
        let hits = clerk.get("/search?q=script").await?.json()?;
        ensure!(list(&hits["items"]).len() == 1, "{hits}");
        ensure!(
            clerk.get("/search?q=%22%20OR%201%3D1%20--%20*%20(").await?.status.is_success(),
            "operators are words"
        );
        let pdf = clerk.get(&format!("/cases/{case}/pdf?draft=1")).await?;
        ensure!(pdf.bytes.starts_with(b"%PDF"), "{}", pdf.text());
        Ok(())
    }

    pub async fn sessions_end(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let case = leave(&stage).await?;
        let (clerk, path) = (stage.fresh("林晓").await?, format!("/cases/{case}/acts"));
        let submit = approval(clerk.task(&case).await?, "");
        let before = recorded(&stage).await?.len();
        stage.office.hand.forward(TimeDelta::minutes(31));
        clerk
            .ask(Method::POST, &path, Body::Json(submit.clone()), Some("k"))
            .await?
            .refused(401, "not_signed_in")?;
        clerk
            .ask(Method::GET, "/counts", Body::Nothing, None)
            .await?
            .refused(401, "not_signed_in")?;
        ensure!(recorded(&stage).await?.len() == before, "nothing was done");
        // Signed in again, the very same request is taken.
        clerk.sign_in().await?;
        clerk.ask(Method::POST, &path, Body::Json(submit), Some("k")).await?.done()?;
        clerk.ask(Method::DELETE, "/session", Body::Nothing, None).await?.done()?;
        clerk
            .ask(Method::GET, "/counts", Body::Nothing, None)
            .await?
            .refused(401, "not_signed_in")?;

        // Wrong passwords: five, then even the right one is not looked at for a while.
        let who = |password: &str| Body::Json(json!({ "person": "xu-nuo", "password": password }));
        let door = Desk::new(&stage.url, "", "");
        for _ in 0..5 {
            let refused = door.ask(Method::POST, "/session", who("wrong"), None).await?;
            ensure!(refused.status == 401 || refused.status == 429, "{}", refused.text());
        }
        door.ask(Method::POST, "/session", who(wenshu_testkit::PASSWORD), None)
            .await?
            .refused(429, "locked_out")?;
        stage.office.hand.forward(TimeDelta::minutes(16));
        door.ask(Method::POST, "/session", who(wenshu_testkit::PASSWORD), None).await?.done()?;
        let nobody = Body::Json(json!({ "person": "nobody", "password": "x" }));
        door.ask(Method::POST, "/session", nobody, None).await?.refused(401, "bad_credentials")?;
        Ok(())
    }

    pub async fn requests_that_cannot_be_read(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let (case, clerk) = (leave(&stage).await?, stage.fresh("林晓").await?);
        let before = recorded(&stage).await?;
        let path = format!("/cases/{case}/acts");
        let raw = async |kind: &'static str, bytes: &[u8]| {
            clerk.ask(Method::POST, &path, Body::Raw(kind, bytes.to_vec()), Some("k")).await
        };
        let refused = raw("application/json", b"{\"act\": \"urge\",\n  \"text\": }")
            .await?
            .refused(400, "invalid")?;
        ensure!(refused["facts"]["line"] == 2, "{refused}");
        raw("application/json", b"{\"act\": \"urge\", \"text\": \"\xff\xfe\"}")
            .await?
            .refused(400, "invalid")?;
        raw("application/json", b"").await?.refused(400, "invalid")?;
        raw("text/plain", b"{\"act\": \"urge\", \"text\": \"x\"}")
            .await?
            .refused(400, "invalid")?;
        raw("application/json", b"{\"act\": \"conquer\"}").await?.refused(400, "invalid")?;
        raw("application/json", b"{\"act\": \"start\", \"title\": \"x\"}")
            .await?
            .refused(400, "invalid")?;
        raw("application/json", b"{\"act\": \"answer\", \"ask\": 1, \"answer\": {}}")
            .await?
            .refused(400, "invalid")?;
        raw("application/json", b"{\"act\": \"urge\", \"text\": \"x\", \"actor\": \"chen-yuan\"}")
            .await?
            .refused(400, "invalid")?;
        let deep = format!("{{\"act\": \"urge\", \"text\": {}", "[".repeat(100_000));
        raw("application/json", deep.as_bytes()).await?.refused(400, "invalid")?;
        let huge = format!("{{\"act\": \"urge\", \"text\": \"{}\"}}", "长".repeat(400_000));
        raw("application/json", huge.as_bytes()).await?.refused(413, "too_large")?;
        for path in [
            "/cases/none",
            "/cases/00000000-0000-0000-0000-000000000000",
            "/nowhere",
            "/deliveries/1/pdf",
        ] {
            clerk.ask(Method::GET, path, Body::Nothing, None).await?.refused(404, "not_found")?;
        }
        for path in [
            "/worklist?box=everything",
            "/worklist?box=todo&limit=many",
            "/worklist?box=todo&after=%FF",
            "/search",
        ] {
            clerk.ask(Method::GET, path, Body::Nothing, None).await?.refused(400, "invalid")?;
        }
        // A character that no database keeps.
        for path in [
            "/search?q=%00",
            "/worklist?box=todo&q=a%00b",
            "/workflows/%00",
            "/worklist?box=todo&unit=%00",
        ] {
            let reply = clerk.ask(Method::GET, path, Body::Nothing, None).await?;
            ensure!(
                reply.status.is_client_error() || reply.status.is_success(),
                "{path}: {}",
                reply.text()
            );
        }
        raw("application/json", b"{\"act\": \"urge\", \"text\": \"x\\u0000\"}")
            .await?
            .refused(400, "invalid")?;
        clerk
            .ask(Method::DELETE, "/counts", Body::Nothing, None)
            .await?
            .refused(405, "method_not_allowed")?;
        // What another site can make a browser send: the cookie, but not the token.
        let cookie = clerk.cookie();
        let client = reqwest::Client::new();
        for token in [None, Some("guessed")] {
            let mut request =
                client.post(format!("{}/api/v1{path}", stage.url)).header("Cookie", &cookie);
            request =
                request.header("Idempotency-Key", "k").json(&json!({ "act": "urge", "text": "x" }));
            if let Some(token) = token {
                request = request.header("X-CSRF-Token", token);
            }
            let answer = request.send().await?;
            ensure!(answer.status() == 403, "{token:?}: {}", answer.text().await?);
        }
        ensure!(recorded(&stage).await? == before, "nothing of that was recorded");
        Ok(())
    }

    pub async fn deploying_is_for_administrators(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let source = wenshu_testkit::shipped_flows()[3].replace("title: 请假", "title: 休假");
        let base = wenshu_core::compile::hash(wenshu_testkit::shipped_flows()[3]);
        let look = json!({ "source": source });
        let checked = stage.desk("何平").post("/workflows/check", &look).await?.json()?;
        let deployment = json!({
            "source": source, "reason": "改名", "base": base, "accepted": checked["survey"],
        });
        stage
            .desk("林晓")
            .post("/workflows", &deployment)
            .await?
            .refused(403, "not_an_administrator")?;
        let silent = json!({ "source": source, "reason": " " });
        stage.desk("何平").post("/workflows", &silent).await?.refused(422, "reason_required")?;
        stage.desk("何平").post("/workflows", &deployment).await?.done()?;
        let flows = stage.desk("林晓").get("/workflows").await?.json()?;
        ensure!(list(&flows).iter().any(|flow| flow["title"] == "休假"), "{flows}");
        stage.desk("林晓").get("/oversight").await?.refused(403, "not_an_administrator")?;
        Ok(())
    }
}
