//! Every operation of the specification, asked by nobody, by a stranger and by an administrator about what is not
//! theirs. The list comes from the specification itself: an operation that is not in the table here fails the test.

use crate::on_both;

on_both! { every_operation_as_nobody_as_a_stranger_and_as_an_administrator }

/// Words that stand in the case and nowhere else.
const TITLE: &str = "云州市人民政府关于做好云河堤防巡查的通知";
const SECRETS: [&str; 5] =
    ["管涌处置密码", "内部意见勿外传", "内部名单", "甲乙丙丁值守", "不宜公开的联系人"];

/// To whom an operation answers about what is not theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// It is about one case or delivery, which is not there for others.
    Hidden,
    /// The same; an administrator may look where it stands, or is told why it is not theirs to do.
    Standing,
    /// About oneself or the office at large.
    Everybody,
    /// For administrators alone.
    Administrators,
    /// For these people alone, who administer.
    Only(&'static [&'static str]),
    /// Asked by those who have not signed in.
    Door,
    /// Several at once: done or refused one by one.
    Each,
    /// A stream that does not end.
    Stream,
}

mod played {
    use super::{Reach, SECRETS, TITLE};
    use crate::list;
    use anyhow::{Context, Result, bail, ensure};
    use futures_util::StreamExt;
    use reqwest::{Method, StatusCode};
    use serde_json::{Value, json};
    use std::time::Duration;
    use uuid::Uuid;
    use wenshu_core::value::{Facts, Value as Field};
    use wenshu_testkit::{Backend, shipped_flows};
    use wenshu_tests::{Body, Desk, Reply, Script, Stage};

    const SYSTEM: &str = "石坚";
    const SECURITY: &str = "秦安";
    const AUDITOR: &str = "钟鉴";
    const ADMINISTRATORS: [Option<&str>; 4] =
        [Some("何平"), Some(SYSTEM), Some(SECURITY), Some(AUDITOR)];

    /// What a stranger may have heard of: the ids of somebody else's case and all that hangs on it.
    struct Known {
        /// On its way, with a task that others hold.
        open: String,
        task: u64,
        /// Ended, with its file and deliveries.
        ended: String,
        attachment: String,
        delivery: String,
        /// A draft of whoever asks.
        own: String,
    }

    /// An operation, asked in one way.
    struct Asking {
        path: String,
        body: Body,
    }

    // Seen failing without the `access` filter (office, sight.rs: `may_see` answering yes): acts of a stranger were refused
    // in words that named the holder.
    pub async fn every_operation_as_nobody_as_a_stranger_and_as_an_administrator(
        backend: Backend,
    ) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let (open, ended) = (played_to(&stage, false).await?, played_to(&stage, true).await?);
        let clerk = stage.desk("林晓");
        let files = clerk.case(&ended).await?["attachments"].clone();
        let deliveries = clerk.get(&format!("/cases/{ended}/deliveries")).await?.json()?;
        let specification: Value = serde_json::from_str(&wenshu_http::openapi())?;
        let served = Desk::new(&stage.url, "", "")
            .ask(Method::GET, "/openapi.json", Body::Nothing, None)
            .await?
            .json()?;
        ensure!(served == specification, "what is served is what is tested");
        let operations = operations(&specification)?;
        ensure!(operations.len() > 40, "{} operations", operations.len());

        for who in [None, Some("彭菲"), Some("何平"), Some(SYSTEM), Some(SECURITY), Some(AUDITOR)]
        {
            let own = match who {
                // None of the three begins anything.
                Some(SYSTEM | SECURITY | AUDITOR) => open.clone(),
                Some(name) => {
                    let new =
                        json!({ "workflow": "outgoing", "kind": "通知", "title": "自己的事" });
                    id(&stage.desk(name).post("/cases", &new).await?.json()?["id"])?
                }
                None => open.clone(),
            };
            let known = Known {
                open: open.clone(),
                task: stage.desk("周明").task(&open).await?,
                ended: ended.clone(),
                attachment: id(&files[0]["id"])?,
                delivery: id(&deliveries[0]["id"])?,
                own,
            };
            // Signing out comes last.
            let desk = match who {
                Some(name) => stage.fresh(name).await?,
                None => Desk::new(&stage.url, "", ""),
            };
            let (before, mut streams) = (traces(&stage, &known).await?, false);
            for (method, path) in &operations {
                let (reach, askings) = asked(method, path, &known).with_context(|| {
                    format!("{method} {path} is in the specification and not in this test: say who may ask it")
                })?;
                for asking in askings {
                    let place = format!("{method} {} as {}", asking.path, who.unwrap_or("nobody"));
                    if reach == Reach::Stream && who.is_some() {
                        streams = true;
                        continue;
                    }
                    let reply = desk
                        .ask(
                            method.clone(),
                            &asking.path,
                            asking.body,
                            Some(&Uuid::now_v7().to_string()),
                        )
                        .await?;
                    judge(reach, who, &reply, &known, path == "/cases")
                        .with_context(|| format!("{place}: {} {}", reply.status, reply.text()))?;
                    // Looking leaves marks, too, e.g. of what was seen.
                    if method != Method::GET || path.contains("{case}") {
                        ensure!(
                            traces(&stage, &known).await? == before,
                            "{place} left a trace on what is not theirs"
                        );
                    }
                }
            }
            if let Some(name) = who {
                ensure!(streams, "there is a stream of events");
                stream(&stage, &stage.fresh(name).await?, &known).await.context(name)?;
            }
        }
        Ok(())
    }

    /// Whether this answer tells what it must, and nothing that it must not.
    fn judge(
        reach: Reach,
        who: Option<&str>,
        reply: &Reply,
        known: &Known,
        begins: bool,
    ) -> Result<()> {
        let (text, status, admin) = (reply.text(), reply.status, ADMINISTRATORS.contains(&who));
        let three = admin && who != Some("何平");
        for secret in SECRETS {
            ensure!(!text.contains(secret), "it tells {secret}");
        }
        ensure!(!status.is_server_error(), "it broke");
        if !admin {
            ensure!(!text.contains("云河堤防"), "it tells the title");
        }
        if who.is_none() && reach != Reach::Door {
            reply.refused(401, "not_signed_in")?;
            return Ok(());
        }
        match reach {
            Reach::Hidden => {
                reply.refused(404, "not_found")?;
            }
            Reach::Standing if !admin => {
                reply.refused(404, "not_found")?;
            }
            Reach::Standing => {
                if status.is_success() {
                    let view: Value = serde_json::from_slice(&reply.bytes)?;
                    if view.is_array() {
                        // The way ahead.
                        return Ok(());
                    }
                    ensure!(
                        view["document"].is_null() && list(&view["attachments"]).is_empty(),
                        "a document"
                    );
                    ensure!(view["access"] == "oversight" || view["ok"] == true, "as what?");
                } else {
                    ensure!([403, 404, 409, 422].contains(&status.as_u16()), "refused otherwise");
                }
            }
            Reach::Administrators => {
                ensure!(admin || status == StatusCode::FORBIDDEN, "it is for administrators");
            }
            Reach::Each => {
                let reply: Value = serde_json::from_slice(&reply.bytes)?;
                let results = list(&reply["results"]);
                ensure!(
                    !results.is_empty() && results.iter().all(|one| one["ok"] == false),
                    "it was done"
                );
            }
            Reach::Only(these) => {
                if who.is_some_and(|who| these.contains(&who)) {
                    ensure!(status != StatusCode::FORBIDDEN, "it is theirs");
                } else {
                    reply.refused(403, "not_your_right")?;
                }
            }
            Reach::Everybody if three && reply.text().contains("administrators_do_not_act") => {
                reply.refused(403, "administrators_do_not_act")?;
            }
            Reach::Everybody => {
                ensure!(!(three && begins), "one of the three began a case");
                let ids = [&known.open, &known.ended, &known.attachment, &known.delivery];
                ensure!(!ids.into_iter().any(|id| text.contains(id.as_str())), "it tells an id");
            }
            Reach::Door | Reach::Stream => {}
        }
        Ok(())
    }

    /// Who may ask an operation, and the ways to ask it about what is not one's own.
    fn asked(method: &Method, path: &str, known: &Known) -> Option<(Reach, Vec<Asking>)> {
        let Known { open, task, ended, attachment, delivery, own } = known;
        let plain = |paths: Vec<String>| {
            paths.into_iter().map(|path| Asking { path, body: Body::Nothing }).collect::<Vec<_>>()
        };
        let json = |path: String, bodies: Vec<Value>| {
            bodies
                .into_iter()
                .map(|body| Asking { path: path.clone(), body: Body::Json(body) })
                .collect::<Vec<_>>()
        };
        let both = |rest: &str| {
            plain(vec![format!("/cases/{open}{rest}"), format!("/cases/{ended}{rest}")])
        };
        let reason = || json!({ "reason": "试试" });
        Some(match (method.as_str(), path) {
            ("PUT", "/session/password") => {
                let wrong = json!({ "old": "猜的密码", "new": "云河堤防在七月里要巡查三遍吗" });
                (Reach::Everybody, json("/session/password".into(), vec![wrong]))
            }
            ("GET", "/registers/series") => (Reach::Everybody, plain(vec![path.to_owned()])),
            ("PUT", "/cases/{case}/number") => {
                let body = json!({ "chosen": { "series": "shi-fa", "year": 2026, "number": 9 } });
                (Reach::Hidden, json(format!("/cases/{open}/number"), vec![body]))
            }
            (_, path) if path.starts_with("/admin/") || path.starts_with("/registers/") => {
                return administration(method, path);
            }
            ("GET", "/session") => (Reach::Everybody, plain(vec!["/session".into()])),
            ("POST", "/session") => {
                let wrong = json!({ "person": "lin-xiao", "password": "猜的密码" });
                (Reach::Door, json("/session".into(), vec![wrong]))
            }
            ("DELETE", "/session") => (Reach::Everybody, plain(vec!["/session".into()])),
            ("PUT", "/session/post") => (
                Reach::Everybody,
                json("/session/post".into(), vec![json!({ "post": "wenmi-kezhang" })]),
            ),
            ("GET", "/demo/accounts") => (Reach::Door, plain(vec!["/demo/accounts".into()])),
            (
                "GET",
                "/counts" | "/directory" | "/directory/units" | "/phrases" | "/series" | "/notices"
                | "/workflows",
            ) => (Reach::Everybody, plain(vec![path.to_owned()])),
            ("GET", "/directory/people") => {
                (Reach::Everybody, plain(vec!["/directory/people?q=lx&limit=5".into()]))
            }
            ("GET", "/events") => (Reach::Stream, plain(vec!["/events".into()])),
            ("POST", "/notices/read") => {
                (Reach::Everybody, json("/notices/read".into(), vec![json!({})]))
            }
            ("PUT", "/phrases") => {
                (Reach::Everybody, json("/phrases".into(), vec![json!({ "own": ["请阅示"] })]))
            }
            ("GET", "/workflows/{name}") => {
                (Reach::Everybody, plain(vec!["/workflows/outgoing".into()]))
            }
            ("POST", "/workflows/check" | "/workflows/test") => {
                let bodies = vec![
                    json!({ "source": "workflow: x" }),
                    json!({ "source": shipped_flows()[3] }),
                ];
                (Reach::Administrators, json(path.into(), bodies))
            }
            ("POST", "/workflows/try") => {
                let trial = json!({
                    "source": shipped_flows()[0], "by": { "person": "lin-xiao" },
                    "at": "2026-03-02T01:00:00Z", "fields": { "title": "试走" },
                });
                (Reach::Administrators, json(path.into(), vec![trial]))
            }
            ("POST", "/workflows/transcript") => {
                let trial = json!({
                    "source": shipped_flows()[0], "by": { "person": "lin-xiao" }, "office": "sample",
                    "at": "2026-03-02T01:00:00Z", "fields": { "title": "试走" },
                });
                let body = json!({ "name": "试走", "trial": trial });
                (Reach::Administrators, json(path.into(), vec![body]))
            }
            ("POST", "/workflows/import") => {
                let body = Body::File("leave.yaml".into(), shipped_flows()[3].into());
                (Reach::Administrators, vec![Asking { path: path.into(), body }])
            }
            ("POST", "/workflows") => {
                let deployment = json!({ "source": shipped_flows()[3], "reason": "再部署" });
                (Reach::Administrators, json("/workflows".into(), vec![deployment]))
            }
            (
                "GET",
                "/workshop/flows" | "/workshop/shipped" | "/workshop/words" | "/workshop/stalled"
                | "/workshop/sample",
            ) => (Reach::Administrators, plain(vec![path.to_owned()])),
            ("GET", "/workshop/flows/{name}") => {
                (Reach::Administrators, plain(vec!["/workshop/flows/outgoing".into()]))
            }
            (
                "GET",
                "/workshop/flows/{name}/versions/{hash}"
                | "/workshop/flows/{name}/versions/{hash}/file",
            ) => {
                let hash = wenshu_core::compile::hash(shipped_flows()[0]);
                let path = path.replace("{name}", "outgoing").replace("{hash}", &hash);
                (Reach::Administrators, plain(vec![path]))
            }
            (
                "POST",
                "/workshop/flows/{name}/retire"
                | "/workshop/flows/{name}/resume"
                | "/workshop/flows/{name}/restore",
            ) => {
                // Last retired, then taken up: the paths come in their order.
                let path = path.replace("{name}", "request");
                (Reach::Administrators, json(path, vec![reason()]))
            }
            ("GET", "/worklist") => {
                let boxes = ["todo", "drafts", "mine", "done", "read", "cc"];
                let mut paths: Vec<String> =
                    boxes.iter().map(|name| format!("/worklist?box={name}&limit=200")).collect();
                paths.push("/worklist?box=todo&q=云河堤防".into());
                (Reach::Everybody, plain(paths))
            }
            ("GET", "/search") => {
                let words =
                    ["云河堤防", "管涌处置密码", "云政发〔2026〕1号", "内部意见勿外传", "通知"];
                (
                    Reach::Everybody,
                    plain(words.iter().map(|words| format!("/search?q={words}")).collect()),
                )
            }
            ("GET", "/deliveries") => {
                let states = [
                    "",
                    "&state=sent",
                    "&state=signed",
                    "&state=registered",
                    "&state=returned",
                    "&state=withdrawn",
                ];
                let paths = ["in", "out"]
                    .iter()
                    .flat_map(|side| states.map(|state| format!("/deliveries?side={side}{state}")));
                (Reach::Everybody, plain(paths.collect()))
            }
            ("GET", "/series/{id}/preview") => {
                (Reach::Everybody, plain(vec!["/series/sifa-fa/preview?year=2026".into()]))
            }
            ("GET", "/oversight") => {
                let paths = [
                    "/oversight",
                    "/oversight?state=running",
                    "/oversight?state=ended&q=堤防",
                    "/oversight?q=管涌",
                ];
                (Reach::Administrators, plain(paths.map(str::to_owned).to_vec()))
            }
            ("POST", "/cases") => {
                (Reach::Everybody, json("/cases".into(), vec![json!({ "workflow": "leave" })]))
            }
            ("GET", "/cases/{case}") => (Reach::Standing, both("")),
            ("GET", "/cases/{case}/changes") => (Reach::Hidden, both("/changes?since=1")),
            ("GET", "/cases/{case}/forecast") => (Reach::Standing, both("/forecast")),
            ("GET", "/cases/{case}/pdf") => {
                let mut askings = both("/pdf");
                askings.extend(both("/pdf?draft=1"));
                (Reach::Hidden, askings)
            }
            ("GET", "/cases/{case}/sheet.pdf") => (Reach::Hidden, both("/sheet.pdf")),
            ("GET", "/cases/{case}/audit") => (Reach::Hidden, both("/audit")),
            ("GET", "/cases/{case}/deliveries") => (Reach::Hidden, both("/deliveries")),
            ("POST", "/cases/{case}/audit/verify") => (Reach::Standing, both("/audit/verify")),
            ("PUT", "/cases/{case}/working") => {
                let working = json!({ "fields": { "title": "改了" }, "base": 2 });
                (Reach::Hidden, json(format!("/cases/{open}/working"), vec![working]))
            }
            ("POST", "/cases/{case}/attachments") => {
                let body = Body::File("塞.txt".into(), b"1".to_vec());
                (Reach::Hidden, vec![Asking { path: format!("/cases/{open}/attachments"), body }])
            }
            ("GET" | "DELETE", "/cases/{case}/attachments/{id}") => {
                // Also through a case that is one's own.
                let paths = vec![
                    format!("/cases/{ended}/attachments/{attachment}"),
                    format!("/cases/{own}/attachments/{attachment}"),
                ];
                (Reach::Hidden, plain(paths))
            }
            ("POST", "/cases/{case}/deliveries/{id}/urge") => {
                let paths =
                    [ended, own].map(|case| format!("/cases/{case}/deliveries/{delivery}/urge"));
                (Reach::Hidden, plain(paths.to_vec()))
            }
            ("POST", "/cases/{case}/deliveries/{id}/withdraw") => {
                let mut askings =
                    json(format!("/cases/{ended}/deliveries/{delivery}/withdraw"), vec![reason()]);
                askings.extend(json(
                    format!("/cases/{own}/deliveries/{delivery}/withdraw"),
                    vec![reason()],
                ));
                (Reach::Hidden, askings)
            }
            ("GET", "/deliveries/{id}/pdf") => {
                (Reach::Hidden, plain(vec![format!("/deliveries/{delivery}/pdf")]))
            }
            ("GET", "/deliveries/{id}/number") => {
                (Reach::Hidden, plain(vec![format!("/deliveries/{delivery}/number")]))
            }
            ("POST", "/deliveries/{id}/sign") => {
                (Reach::Hidden, plain(vec![format!("/deliveries/{delivery}/sign")]))
            }
            ("POST", "/deliveries/{id}/return") => {
                (Reach::Hidden, json(format!("/deliveries/{delivery}/return"), vec![reason()]))
            }
            ("POST", "/deliveries/{id}/register") => (
                Reach::Hidden,
                json(
                    format!("/deliveries/{delivery}/register"),
                    vec![json!({ "workflow": "incoming" })],
                ),
            ),
            ("POST", "/deliveries/sign") => {
                (Reach::Each, json("/deliveries/sign".into(), vec![json!({ "ids": [delivery] })]))
            }
            ("POST", "/acts/batch") => {
                let items = json!([{ "case": open, "task": task }, { "case": ended, "task": 1 }]);
                (
                    Reach::Each,
                    json("/acts/batch".into(), vec![json!({ "items": items, "opinion": "同意" })]),
                )
            }
            ("POST", "/cases/{case}/links") => {
                let mut askings = json(
                    format!("/cases/{own}/links"),
                    vec![json!({ "other": open, "kind": "answers" })],
                );
                askings.extend(json(
                    format!("/cases/{open}/links"),
                    vec![json!({ "other": own, "kind": "answers" })],
                ));
                (Reach::Hidden, askings)
            }
            ("POST", "/cases/{case}/acts") => {
                let me = json!([{ "person": "peng-fei" }]);
                let acts = [
                    json!({ "act": "complete", "task": task, "outcome": "approved", "opinion": "同意" }),
                    json!({ "act": "complete", "task": task, "outcome": "approved", "working": true }),
                    json!({ "act": "send_back", "task": task, "to": "draft", "opinion": "退" }),
                    json!({ "act": "transfer", "task": task, "to": me[0] }),
                    json!({ "act": "claim", "task": task }),
                    json!({ "act": "release", "task": task }),
                    json!({ "act": "open", "task": task }),
                    json!({ "act": "read", "task": task }),
                    json!({ "act": "reopen", "task": 1 }),
                    json!({ "act": "withdraw", "reason": "收回" }),
                    json!({ "act": "cc", "to": me }),
                    json!({ "act": "circulate", "to": me }),
                    json!({ "act": "urge", "text": "快" }),
                    json!({ "act": "terminate", "task": task, "reason": "停" }),
                    json!({ "act": "retry" }),
                    json!({ "act": "appoint", "visit": 1, "to": me[0], "reason": "我来" }),
                    // Nobody comes to read by giving a task to themselves; the administrator who asks is 何平.
                    json!({ "act": "reassign", "task": task, "to": { "person": "he-ping" }, "reason": "我来" }),
                ];
                (Reach::Standing, json(format!("/cases/{open}/acts"), acts.to_vec()))
            }
            _ => return None,
        })
    }

    /// What is for the three alone, and which of them. Nothing is asked that would change something.
    fn administration(method: &Method, path: &str) -> Option<(Reach, Vec<Asking>)> {
        const THREE: Reach = Reach::Only(&[SYSTEM, SECURITY, AUDITOR]);
        let plain = |path: &str| Asking { path: path.to_owned(), body: Body::Nothing };
        let json = |path: &str, body: Value| Asking { path: path.into(), body: Body::Json(body) };
        let file = |path: &str| Asking {
            path: path.into(),
            body: Body::File("x.csv".into(), "没有表头".into()),
        };
        let reason = json!({ "year": 2026, "number": 99, "reason": "" });
        let (reach, asking) = match (method.as_str(), path) {
            ("GET", "/admin/directory" | "/admin/accounts") => (THREE, plain(path)),
            ("POST", "/admin/directory/changes") => {
                let change =
                    json!({ "change": "disable_unit", "unit": "nowhere", "disabled": true });
                (Reach::Only(&[SYSTEM]), json(path, json!({ "changes": [change] })))
            }
            ("POST", "/admin/directory/import") => (Reach::Only(&[SYSTEM]), file(path)),
            ("GET", "/admin/directory/export") => (Reach::Only(&[SYSTEM, AUDITOR]), plain(path)),
            ("POST", "/admin/accounts") => {
                let accounts = json!({ "accounts": [{ "person": "nobody" }] });
                (Reach::Only(&[SYSTEM]), json(path, accounts))
            }
            (
                "POST",
                "/admin/accounts/{login}/disable"
                | "/admin/accounts/{login}/enable"
                | "/admin/accounts/{login}/reset",
            ) => (Reach::Only(&[SYSTEM]), plain(&path.replace("{login}", "nobody"))),
            ("POST", "/admin/accounts/{login}/unlock") => {
                (Reach::Only(&[SECURITY]), plain("/admin/accounts/nobody/unlock"))
            }
            ("GET", "/admin/people/{person}/open" | "/admin/people/{person}/hand-over") => {
                (THREE, plain(&path.replace("{person}", "zhou-ming")))
            }
            ("POST", "/admin/people/{person}/hand-over") => {
                let body = json!({ "to": "nobody", "reason": "试试" });
                (Reach::Only(&[SYSTEM]), json("/admin/people/zhou-ming/hand-over", body))
            }
            ("GET", "/admin/journal") => (Reach::Only(&[SECURITY, AUDITOR]), plain(path)),
            ("POST", "/admin/journal/export") => {
                (Reach::Only(&[SECURITY, AUDITOR]), json(path, json!({})))
            }
            ("POST", "/admin/journal/verify") => (Reach::Only(&[SECURITY, AUDITOR]), plain(path)),
            ("PUT", "/admin/seals/{seal}/image") => {
                (Reach::Only(&[SECURITY]), file("/admin/seals/caizheng-yin/image"))
            }
            ("GET", "/admin/seals/{seal}/image") => {
                (Reach::Only(&[SECURITY, AUDITOR]), plain("/admin/seals/caizheng-yin/image"))
            }
            ("POST", "/registers/series") => {
                let series = json!({ "id": "x", "organ": "nowhere", "code": "云", "title": "无" });
                (Reach::Only(&[SYSTEM]), json(path, series))
            }
            ("PUT", "/registers/series/{id}") => {
                let series = json!({ "organ": "nowhere", "code": "云", "title": "无" });
                (Reach::Only(&[SYSTEM]), json("/registers/series/shi-fa", series))
            }
            ("GET", "/registers/series/{id}/numbers") => (
                Reach::Only(&[SYSTEM, AUDITOR]),
                plain("/registers/series/shi-fa/numbers?year=2026"),
            ),
            ("POST", "/registers/series/{id}/reservations") => {
                (Reach::Only(&[SYSTEM]), json("/registers/series/shi-fa/reservations", reason))
            }
            ("POST", "/registers/series/{id}/voids") => {
                (Reach::Only(&[SYSTEM]), json("/registers/series/shi-fa/voids", reason))
            }
            _ => return None,
        };
        Some((reach, vec![asking]))
    }

    /// Method and path of every operation, below `/api/v1`.
    fn operations(specification: &Value) -> Result<Vec<(Method, String)>> {
        let mut operations = vec![];
        for (path, item) in specification["paths"].as_object().context("paths")? {
            let path = path.strip_prefix("/api/v1").with_context(|| path.clone())?;
            for method in item.as_object().context("an item")?.keys() {
                let method = match method.as_str() {
                    "get" => Method::GET,
                    "put" => Method::PUT,
                    "post" => Method::POST,
                    "delete" => Method::DELETE,
                    "parameters" | "summary" | "description" => continue,
                    other => bail!("{other} {path}"),
                };
                operations.push((method, path.to_owned()));
            }
        }
        // Whoever is signed out asks nothing more.
        operations.sort_by_key(|(method, path)| *method == Method::DELETE && path == "/session");
        Ok(operations)
    }

    /// Everything that the two cases consist of; what strangers do leaves no trace in it.
    async fn traces(stage: &Stage, known: &Known) -> Result<Vec<String>> {
        let cases = format!("('{}', '{}')", known.open, known.ended);
        let mut parts = vec![];
        for (table, column, text) in [
            ("case_file", "id", "whereabouts"),
            ("document", "\"case\"", "title"),
            ("task", "\"case\"", "state"),
            ("access", "\"case\"", "who"),
            ("attachment", "\"case\"", "name"),
            ("delivery", "\"case\"", "state"),
            ("link", "\"case\"", "other"),
            ("working", "\"case\"", "fields"),
            ("seen", "\"case\"", "person"),
        ] {
            parts.push(format!(
                "SELECT '{table}' AS what, {column} AS whose, {text} AS said FROM {table} WHERE {column} IN {cases}"
            ));
        }
        let rows = format!("({}) AS rows_of_it", parts.join(" UNION ALL "));
        let mut traces = stage.office.place.dump(&rows).await?;
        let heads =
            "(SELECT * FROM stream WHERE kind IN ('case', 'document', 'delivery')) AS heads";
        let own = |row: &String| !row.contains(known.own.as_str());
        // A new draft of their own is no trace.
        let there = |row: &String| traces_of(row, &[&known.open, &known.ended, &known.delivery]);
        traces.extend(stage.office.place.dump(heads).await?.into_iter().filter(own).filter(there));
        Ok(traces)
    }

    fn traces_of(row: &str, ids: &[&String]) -> bool {
        ids.iter().any(|id| row.contains(id.as_str()))
    }

    /// Listens while the case is acted on: nothing of it is heard.
    async fn stream(stage: &Stage, desk: &Desk, known: &Known) -> Result<()> {
        let request = reqwest::Client::new()
            .get(format!("{}/api/v1/events", stage.url))
            .header("Cookie", desk.cookie());
        let mut heard = String::new();
        let mut stream = request.send().await?.error_for_status()?.bytes_stream();
        stage
            .desk("林晓")
            .act(&known.open, &json!({ "act": "urge", "text": "请尽快" }))
            .await?
            .done()?;
        stage.office.settle().await?;
        while let Ok(Some(bytes)) =
            tokio::time::timeout(Duration::from_millis(600), stream.next()).await
        {
            heard.push_str(&String::from_utf8_lossy(&bytes?));
        }
        ensure!(heard.contains("counts"), "the stream speaks: {heard}");
        ensure!(!heard.contains(&known.open) && !heard.contains("堤防"), "{heard}");
        Ok(())
    }

    /// A 通知 with secrets in its text, its opinions and its files: on its way, or to the end.
    async fn played_to(stage: &Stage, end: bool) -> Result<String> {
        let text = |text: &str| Field::Text(text.to_owned());
        let given = Facts::from([
            ("title".to_owned(), text(TITLE)),
            ("kind".to_owned(), text("通知")),
            ("organ".to_owned(), text("市政府")),
            ("contact".to_owned(), text("不宜公开的联系人")),
            ("recipients".to_owned(), Field::List(vec!["教育局".to_owned()])),
            ("body".to_owned(), text("各单位要巡查堤防，管涌处置密码另行下发。")),
        ]);
        let mut script = Script::begin(stage, shipped_flows()[0], "林晓", &given).await?;
        let file = Body::File("内部名单.txt".into(), "甲乙丙丁值守".into());
        let path = format!("/cases/{}/attachments", script.case);
        stage.desk("林晓").ask(Method::POST, &path, file, None).await?.done()?;
        script.play("林晓 提交 内部意见勿外传 -> 周明@处室审核").await?;
        if end {
            script
                .play(
                    "周明 同意 内部意见勿外传 -> 市政府办公室@办公室核稿
                    吴静 同意 -> 刘志远@分管领导签发
                    刘志远 同意 内部意见勿外传 -> 市政府办公室@复核编号
                    郑洁 同意 -> 孙丽@用印
                    孙丽 同意 -> 办结",
                )
                .await?;
        }
        // The words are there for those who may read them, or their absence elsewhere would prove nothing.
        let reply = stage.desk("林晓").get(&format!("/cases/{}", script.case)).await?.text();
        for secret in SECRETS.iter().filter(|secret| **secret != "甲乙丙丁值守") {
            ensure!(reply.contains(secret), "{secret} is not in the case at all");
        }
        Ok(script.case)
    }

    fn id(value: &Value) -> Result<String> {
        Ok(value.as_str().context("an id")?.to_owned())
    }
}
