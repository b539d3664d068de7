//! The same request twice is one change. The list of requests comes from the specification: whatever changes something
//! takes a key or is named here with the reason why not.

use crate::on_both;

on_both! { the_same_request_twice_is_one_event }

/// What changes something, or looks as if it did, without a key.
const EXCEPT: [(&str, &str, &str); 14] = [
    ("POST", "/session", "each sign-in is a session of its own, and an event that must be seen"),
    ("DELETE", "/session", "a session that is over is over"),
    ("PUT", "/session/password", "the old password fits once"),
    ("PUT", "/session/post", "it says where one sits; said twice it is the same, and no event"),
    ("PUT", "/phrases", "all of one's own, each time; no event"),
    ("POST", "/notices/read", "all up to now; no event"),
    ("PUT", "/cases/{case}/working", "the whole copy, guarded by `after`; no event"),
    ("POST", "/workflows/check", "nothing is stored"),
    ("POST", "/workflows/import", "nothing is stored"),
    ("POST", "/workflows/test", "nothing is stored"),
    ("POST", "/workflows/transcript", "nothing is stored"),
    ("POST", "/workflows/try", "nothing is stored"),
    ("POST", "/cases/{case}/audit/verify", "nothing is stored"),
    ("POST", "/admin/journal/verify", "nothing is stored"),
];

mod played {
    use super::EXCEPT;
    use crate::list;
    use anyhow::{Context, Result, ensure};
    use reqwest::Method;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use wenshu_document::Kind;
    use wenshu_testkit::Backend;
    use wenshu_tests::{Body, Desk, Stage};

    const SYSTEM: &str = "石坚";
    const SECURITY: &str = "秦安";
    const AUDITOR: &str = "钟鉴";
    const SVG: &str =
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><circle r='4'/></svg>";

    /// Every operation that changes something, by method and path below `/api/v1`, and whether it takes a key.
    fn changing() -> Result<BTreeSet<(String, String, bool)>> {
        let specification: Value = serde_json::from_str(&wenshu_http::openapi())?;
        let paths = specification["paths"].as_object().context("paths")?;
        let mut found = BTreeSet::new();
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().context("operations")? {
                let method = method.to_uppercase();
                if ["POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
                    let named = |one: &Value| one["name"] == "Idempotency-Key";
                    let keyed = list(&operation["parameters"]).iter().any(named);
                    let path = path.strip_prefix("/api/v1").context("a path of the API")?;
                    found.insert((method, path.to_owned(), keyed));
                }
            }
        }
        Ok(found)
    }

    /// Somebody's requests, each asked twice under one key.
    struct Twice<'a> {
        stage: &'a Stage,
        auditor: &'a Desk,
        asked: BTreeSet<(String, String)>,
    }

    impl Twice<'_> {
        /// All events of all streams that are audited.
        async fn events(&self) -> Result<u64> {
            let verified = self.auditor.post("/admin/journal/verify", &json!({})).await?.json()?;
            ensure!(verified["ok"] == true, "{verified}");
            verified["events"].as_u64().context("a count")
        }

        /// Asks, asks again, then asks for something else under the same key. `pattern` is the path as specified.
        async fn ask(
            &mut self,
            who: &str,
            method: Method,
            pattern: &str,
            path: &str,
            body: impl Fn() -> Body,
            other: impl Fn() -> Body,
        ) -> Result<Value> {
            let desk = self.stage.desk(who);
            let key = format!("zweimal-{}-{method}-{path}", who.len()).replace(['{', '}'], "");
            let key = key.get(..key.len().min(99)).unwrap_or_default();
            let what = format!("{method} {path}");
            let before = self.events().await?;
            let first = desk.ask(method.clone(), path, body(), Some(key)).await?;
            first.done()?;
            let once = self.events().await?;
            ensure!(once > before || pattern.contains("attachments"), "{what}: it is on record");
            let again = desk.ask(method.clone(), path, body(), Some(key)).await?;
            ensure!(
                (again.status, &again.bytes) == (first.status, &first.bytes),
                "{what}: first {} then {}",
                first.text(),
                again.text()
            );
            let quiet = self.events().await?;
            ensure!(quiet == once, "{what}: {once} events, then {quiet}");
            if !matches!(other(), Body::Nothing) {
                let reply = desk.ask(method.clone(), path, other(), Some(key)).await?;
                reply.refused(422, "key_reused").with_context(|| what.clone())?;
            }
            ensure!(self.events().await? == once, "{what}: another request did something");
            self.asked.insert((method.to_string(), pattern.to_owned()));
            Ok(serde_json::from_slice(&first.bytes).unwrap_or(Value::Null))
        }

        async fn json(
            &mut self,
            who: &str,
            method: Method,
            pattern: &str,
            path: &str,
            body: Value,
            other: Value,
        ) -> Result<Value> {
            let (body, other) = (|| Body::Json(body.clone()), || Body::Json(other.clone()));
            self.ask(who, method, pattern, path, body, other).await
        }

        async fn plain(&mut self, who: &str, pattern: &str, path: &str) -> Result<Value> {
            self.ask(who, Method::POST, pattern, path, || Body::Nothing, || Body::Nothing).await
        }
    }

    pub async fn the_same_request_twice_is_one_event(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        for name in [SYSTEM, SECURITY, AUDITOR, "林晓", "吴静", "何平"] {
            stage.desk(name).sign_in().await?;
        }
        no_key_no_change(&stage).await?;

        let auditor = stage.fresh(AUDITOR).await?;
        let mut twice = Twice { stage: &stage, auditor: &auditor, asked: BTreeSet::new() };
        directory(&mut twice).await?;
        accounts(&mut twice).await?;
        registers(&mut twice).await?;
        attachments(&mut twice).await?;

        // Acts, deliveries, flows and links have stories of their own; what administrators and registers do is here.
        let here = |path: &str| {
            ["/admin/", "/registers/"].iter().any(|part| path.starts_with(part))
                || path.ends_with("/number")
                || path.contains("/attachments")
        };
        for (method, path, keyed) in changing()? {
            let played = twice.asked.contains(&(method.clone(), path.clone()));
            ensure!(!keyed || !here(&path) || played, "{method} {path} was not asked twice");
        }
        Ok(())
    }

    /// Everything that is not excepted takes a key, and without one does nothing but say so.
    async fn no_key_no_change(stage: &Stage) -> Result<()> {
        let excepted: BTreeSet<_> =
            EXCEPT.iter().map(|(method, path, _)| (*method, *path)).collect();
        let id = uuid::Uuid::now_v7().to_string();
        let mut names: BTreeSet<(String, String)> = BTreeSet::new();
        for (method, path, keyed) in changing()? {
            names.insert((method.clone(), path.clone()));
            let excused = excepted.contains(&(method.as_str(), path.as_str()));
            ensure!(keyed != excused, "{method} {path}: give it a key, or a reason to do without");
            if !keyed {
                continue;
            }
            let place = path
                .split('/')
                .map(|part| if part.starts_with('{') { id.as_str() } else { part })
                .collect::<Vec<_>>()
                .join("/");
            let asking = Method::from_bytes(method.as_bytes())?;
            let desk = stage.desk("林晓");
            let reply = desk.ask_without_key(asking, &place, Body::Json(json!({}))).await?;
            let problem =
                reply.refused(400, "invalid").with_context(|| format!("{method} {path}"))?;
            ensure!(problem["detail"].to_string().contains("Idempotency-Key"), "{problem}");
        }
        for (method, path) in excepted.into_iter() {
            ensure!(names.contains(&(method.into(), path.into())), "{method} {path} is no more");
        }
        Ok(())
    }

    async fn directory(twice: &mut Twice<'_>) -> Result<()> {
        let add = |person: &str, name: &str| json!({ "changes": [{ "change": "add_person", "person": person, "name": name }] });
        let path = "/admin/directory/changes";
        let (one, other) = (add("lu-ming", "陆明"), add("lu-liang", "陆亮"));
        twice.json(SYSTEM, Method::POST, path, path, one, other).await?;

        let path = "/admin/directory/import";
        let file = |name: &str| format!("人员编号,姓名\nbai-lu,{name}\n").into_bytes();
        let desk = twice.stage.desk(SYSTEM);
        let file_of = Body::File("人员.csv".into(), file("白鹭"));
        let look = desk.ask(Method::POST, path, file_of, None).await?.json()?;
        let seen = |name: &str| {
            let sm3 = look["sm3"].as_str().unwrap_or_default().to_owned();
            let fields = vec![("sm3", sm3), ("version", look["version"].to_string())];
            Body::Form("人员.csv".into(), file(name), fields)
        };
        let done =
            twice.ask(SYSTEM, Method::POST, path, path, || seen("白鹭"), || seen("白露")).await?;
        ensure!(done["done"] == true && done["new"] == 1, "{done}");
        // A file that is not the one that was shown.
        let changed = desk.ask(Method::POST, path, seen("白露"), None).await?;
        changed.refused(422, "invalid")?;

        let give = |reason: &str| json!({ "to": "sun-li", "disable": true, "reason": reason });
        let pattern = "/admin/people/{person}/hand-over";
        let path = "/admin/people/ding-xue/hand-over";
        twice.json(SYSTEM, Method::POST, pattern, path, give("退休"), give("调离")).await?;

        let (pattern, path) = ("/admin/seals/{seal}/image", "/admin/seals/shi-yin/image");
        let image = |svg: &str| Body::File("印.svg".into(), svg.as_bytes().to_vec());
        let other = SVG.replace('9', "8");
        twice.ask(SECURITY, Method::PUT, pattern, path, || image(SVG), || image(&other)).await?;

        let path = "/admin/journal/export";
        let ask = |kind: &str| json!({ "kind": kind, "q": "陆明" });
        twice.json(AUDITOR, Method::POST, path, path, ask("directory"), ask("security")).await?;
        Ok(())
    }

    async fn accounts(twice: &mut Twice<'_>) -> Result<()> {
        let wanted = |person: &str| json!({ "accounts": [{ "person": person }] });
        let path = "/admin/accounts";
        let made = twice
            .json(SYSTEM, Method::POST, path, path, wanted("lu-ming"), wanted("bai-lu"))
            .await?;
        let password = made[0]["password"].as_str().context("a password")?.to_owned();
        ensure!(password.len() == 16, "{password}");
        let (pattern, path) = ("/admin/accounts/{login}/reset", "/admin/accounts/lu-ming/reset");
        let reset = twice.plain(SYSTEM, pattern, path).await?;
        ensure!(reset["password"] != password.as_str(), "another");
        // A key that could be guessed gives no password.
        let desk = twice.stage.desk(SYSTEM);
        let weak = desk.ask(Method::POST, path, Body::Nothing, Some("1")).await?;
        weak.refused(422, "invalid")?;
        for (who, act) in [(SYSTEM, "disable"), (SYSTEM, "enable"), (SECURITY, "unlock")] {
            let pattern = format!("/admin/accounts/{{login}}/{act}");
            twice.plain(who, &pattern, &format!("/admin/accounts/lu-ming/{act}")).await?;
        }
        Ok(())
    }

    async fn registers(twice: &mut Twice<'_>) -> Result<()> {
        let path = "/registers/series";
        let series = |title: &str| json!({ "organ": "shi", "code": "云政令", "title": title });
        let with_id = |title: &str| {
            let mut card = series(title);
            card["id"] = json!("shi-ling");
            card
        };
        twice.json(SYSTEM, Method::POST, path, path, with_id("政府令"), with_id("令")).await?;
        let (pattern, path) = ("/registers/series/{id}", "/registers/series/shi-ling");
        twice.json(SYSTEM, Method::PUT, pattern, path, series("市政府令"), series("令")).await?;
        let number = |number: u32| json!({ "year": 2026, "number": number, "reason": "留用" });
        let pattern = "/registers/series/{id}/reservations";
        let path = "/registers/series/shi-fa/reservations";
        let kept = twice.json("吴静", Method::POST, pattern, path, number(3), number(4)).await?;
        ensure!(kept["number"] == 3, "{kept}");
        let (pattern, path) = ("/registers/series/{id}/voids", "/registers/series/shi-fa/voids");
        twice.json("吴静", Method::POST, pattern, path, number(5), number(6)).await?;

        let office = &twice.stage.office;
        let case = office.draft("林晓", "outgoing", Kind::Notice, "关于防汛值守的通知").await?;
        let fields = [("organ", "市政府"), ("recipients", "教育局")];
        office.write("林晓", case, &fields, Some("各单位值守。")).await?;
        for (who, opinion) in [("林晓", ""), ("周明", "同意"), ("吴静", "同意")] {
            office.approve(who, case, opinion).await?;
        }
        let chosen = |number: u32| json!({ "chosen": { "series": "shi-fa", "year": 2026, "number": number } });
        let path = format!("/cases/{case}/number");
        let pattern = "/cases/{case}/number";
        twice.json("吴静", Method::PUT, pattern, &path, chosen(3), chosen(4)).await?;
        Ok(())
    }

    async fn attachments(twice: &mut Twice<'_>) -> Result<()> {
        let case = draft(twice.stage, "林晓").await?;
        let path = format!("/cases/{case}/attachments");
        let file = |text: &str| Body::File("表.txt".into(), text.as_bytes().to_vec());
        let pattern = "/cases/{case}/attachments";
        let kept =
            twice.ask("林晓", Method::POST, pattern, &path, || file("甲"), || file("乙")).await?;
        let listed = twice.stage.desk("林晓").case(&case).await?;
        ensure!(list(&listed["attachments"]).len() == 1, "{}", listed["attachments"]);
        let id = kept["id"].as_str().context("an id")?;
        let path = format!("{path}/{id}");
        let pattern = "/cases/{case}/attachments/{id}";
        let nothing = || Body::Nothing;
        twice.ask("林晓", Method::DELETE, pattern, &path, nothing, nothing).await?;
        Ok(())
    }

    async fn draft(stage: &Stage, who: &str) -> Result<String> {
        let new = json!({ "workflow": "outgoing", "kind": "通知", "title": "关于巡查的通知" });
        let case = stage.desk(who).post("/cases", &new).await?.json()?;
        Ok(case["id"].as_str().context("an id")?.to_owned())
    }
}
