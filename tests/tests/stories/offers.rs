//! What the API offers is what it accepts: through the main job, at every stage, everybody concerned and some strangers
//! try every act. What was not offered is refused and changes nothing; what was is taken, here or on a case played
//! anew to the same stage.

use crate::on_both;

on_both! { offered_over_http_is_accepted_over_http }

mod played {
    use crate::list;
    use anyhow::{Context, Result, ensure};
    use futures_util::future::try_join_all;
    use serde_json::{Value, json};
    use std::{
        collections::{BTreeMap, BTreeSet},
        sync::Arc,
    };
    use wenshu_core::value::{Facts, Value as Fact};
    use wenshu_testkit::{Backend, shipped_flows};
    use wenshu_tests::{Desk, Script, Stage};

    /// The main job with a 退回 out of the 会签, a changed text and a file that is sealed.
    const STAGES: [&str; 13] = [
        "林晓 提交 请审 -> 周明@处室审核",
        "周明 同意 拟同意 -> 财政局@会签, 司法局@会签",
        "司法局 同意 无意见 -> 财政局@会签",
        "钱浩 认领 -> 钱浩@会签",
        "钱浩 退回 拟稿 请写明经费来源 -> 林晓@拟稿",
        "林晓 改 body=各部门要落实值守责任，经费由各部门预算列支。；提交 已补充 -> 周明@处室审核",
        "周明 同意 -> 财政局@会签",
        "钱浩 同意 -> 市政府办公室@办公室核稿",
        "吴静 认领 -> 吴静@办公室核稿",
        "吴静 同意 -> 刘志远@分管领导签发",
        "刘志远 同意 同意印发 -> 市政府办公室@复核编号",
        "郑洁 同意 -> 孙丽@用印",
        "孙丽 同意 -> 办结",
    ];
    /// Everybody concerned; whoever a copy goes to; an administrator; and people who have nothing to do with it.
    const PEOPLE: [&str; 14] = [
        "林晓",
        "周明",
        "钱浩",
        "赵立新",
        "唐瑞",
        "冯琪",
        "吴静",
        "郑洁",
        "刘志远",
        "孙丽",
        "曹敏",
        "罗成林",
        "何平",
        "彭菲",
    ];
    /// Copies go here, so that they too are tried as readers.
    const READER: &str = "luo-cheng";
    /// Nobody concerned has a task here, so that one may be handed over to them.
    const SUBSTITUTE: &str = "cao-min";
    /// A not-offered act may be refused so: hidden, not theirs, too late, or no such target.
    const REFUSED: [u16; 4] = [403, 404, 409, 422];
    /// These leave the way of the case as it is: they are taken on the case itself.
    const HARMLESS: [&str; 6] = ["open", "cc", "circulate", "urge", "read", "link"];

    /// An act as an offer names it: by whom, on which task, for a 退回 to which step.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Named {
        act: String,
        task: Option<u64>,
        to: Option<String>,
    }

    /// One person in one post, and what is offered to them.
    #[derive(Debug)]
    struct Seen {
        name: &'static str,
        post: String,
        /// Another case that they see: one of their own.
        other: String,
        view: Option<Value>,
        offers: BTreeSet<Named>,
    }

    pub async fn offered_over_http_is_accepted_over_http(backend: Backend) -> Result<()> {
        let stage = Stage::new(backend).await?;
        let mut script = begun(&stage).await?;
        let mut taken: BTreeMap<(String, String, Option<String>), String> = BTreeMap::new();
        let (mut own, new) = (BTreeMap::new(), json!({ "workflow": "leave", "title": "另一件" }));
        for name in PEOPLE {
            let case = stage.desk(name).post("/cases", &new).await?.json()?;
            own.insert(name, case["id"].as_str().context("a case")?.to_owned());
        }
        let mut refused = 0;
        for at in 0..=STAGES.len() {
            refused += compared(&stage, &script, at, &own, &mut taken)
                .await
                .with_context(|| format!("before line {at}"))?;
            if let Some(line) = STAGES.get(at) {
                script.line(acts(line)).await.with_context(|| format!("“{line}”"))?;
            }
        }
        // Every kind of act that this flow knows was met: none is left out because nobody looked where it is offered.
        let kinds: BTreeSet<&str> = taken.keys().map(|(act, ..)| act.as_str()).collect();
        let wanted = [
            "approve",
            "cc",
            "circulate",
            "claim",
            "link",
            "open",
            "read",
            "reassign",
            "release",
            "reopen",
            "send_back",
            "terminate",
            "transfer",
            "urge",
            "withdraw",
        ];
        ensure!(wanted.iter().all(|act| kinds.contains(act)), "met: {kinds:?}");
        ensure!(refused > 2_000, "{refused} refusals");
        eprintln!("{} acts taken as offered, {refused} not offered and refused", taken.len());
        Ok(())
    }

    /// A line without what comes of it: the readers of copies are open there, too.
    fn acts(line: &str) -> &str {
        line.split(" -> ").next().unwrap_or(line)
    }

    async fn begun(stage: &Stage) -> Result<Script<'_>> {
        let text = |text: &str| Fact::Text(text.to_owned());
        let units =
            |units: &[&str]| Fact::List(units.iter().map(|unit| (*unit).to_owned()).collect());
        let given = Facts::from([
            ("title".to_owned(), text("云州市人民政府关于做好值守工作的通知")),
            ("kind".to_owned(), text("通知")),
            ("organ".to_owned(), text("市政府")),
            ("recipients".to_owned(), units(&["教育局"])),
            ("countersign_units".to_owned(), units(&["财政局", "司法局"])),
            ("body".to_owned(), text("各部门要落实值守责任。")),
        ]);
        Script::begin(stage, shipped_flows()[0], "林晓", &given).await
    }

    /// Holds offers against answers at one stage; how many acts were refused.
    async fn compared(
        stage: &Stage,
        script: &Script<'_>,
        at: usize,
        own: &BTreeMap<&str, String>,
        taken: &mut BTreeMap<(String, String, Option<String>), String>,
    ) -> Result<usize> {
        let case = script.case.as_str();
        let everybody =
            try_join_all(PEOPLE.map(|name| looked(stage, case, name, &own[name]))).await?;
        let everybody: Vec<Seen> = everybody.into_iter().flatten().collect();
        let insider = everybody.iter().find_map(|seen| seen.view.clone()).context("an insider")?;

        let before = heads(stage).await?;
        let tries = PEOPLE.map(async |name| {
            let mut refused = 0;
            for seen in everybody.iter().filter(|seen| seen.name == name) {
                refused += not_offered(stage, case, seen, &insider).await?;
            }
            anyhow::Ok(refused)
        });
        let refused: usize = try_join_all(tries).await?.into_iter().sum();
        ensure!(heads(stage).await? == before, "what was refused changed something");

        for seen in &everybody {
            for named in &seen.offers {
                let step = step(&insider, named.task);
                let key = (named.act.clone(), step.clone(), named.to.clone());
                // Only another keeper of the seal could be given that task, and the office has one.
                let alone = named.act == "reassign" && step == "用印";
                if alone || taken.contains_key(&key) {
                    continue;
                }
                // Readers of copies are found on the case itself only.
                let reads = step == "传阅";
                let accepted = if reads || HARMLESS.contains(&named.act.as_str()) {
                    take(stage, case, seen, named).await
                } else {
                    on_a_copy(stage, at, seen, named, &step).await
                };
                let done = accepted.with_context(|| {
                    format!("offered to {} in {}: {named:?} at {step}", seen.name, seen.post)
                })?;
                // Taken up by an act on the case itself just now: it comes at another stage.
                if !done {
                    continue;
                }
                taken.insert(key, seen.name.to_owned());
            }
        }
        Ok(refused)
    }

    /// What somebody is offered, in each of their posts.
    async fn looked(
        stage: &Stage,
        case: &str,
        name: &'static str,
        other: &str,
    ) -> Result<Vec<Seen>> {
        let person = stage.office.seat(name).person.as_ref().context("a person")?.id.clone();
        let posts: Vec<String> =
            stage.office.directory.posts_of(&person).map(|post| post.id.to_string()).collect();
        let desk = stage.desk(name);
        let mut all = vec![];
        for post in posts {
            sit(&desk, &post).await?;
            let reply = desk.get(&format!("/cases/{case}")).await?;
            let view = if reply.status == 404 { None } else { Some(reply.json()?) };
            let offers = view.as_ref().map(offers).unwrap_or_default();
            all.push(Seen { name, post, other: other.to_owned(), view, offers });
        }
        Ok(all)
    }

    async fn sit(desk: &Desk, post: &str) -> Result<()> {
        if desk.post_now().is_empty() {
            desk.sign_in().await?;
        }
        desk.sit(post).await
    }

    fn offers(view: &Value) -> BTreeSet<Named> {
        let mut all = BTreeSet::new();
        for offer in list(&view["offers"]) {
            let act = offer["act"].as_str().unwrap_or_default().to_owned();
            let task = offer["task"].as_u64();
            let targets = list(&offer["targets"]);
            let to = targets.iter().filter_map(|target| target["step"].as_str());
            let before = all.len();
            all.extend(to.map(|to| Named { act: act.clone(), task, to: Some(to.to_owned()) }));
            if all.len() == before {
                all.insert(Named { act, task, to: None });
            }
        }
        all
    }

    /// Every act that there is, on the open tasks, the two before the last of them, and one that there is not.
    fn every_act(insider: &Value, offers: &BTreeSet<Named>, sees: bool) -> Vec<Named> {
        let open: BTreeSet<u64> =
            list(&insider["tasks"]).iter().filter_map(|task| task["id"].as_u64()).collect();
        let first = open.first().copied().unwrap_or(1);
        let mut tasks = open.clone();
        tasks.extend(offers.iter().filter_map(|offer| offer.task));
        if sees {
            tasks.extend([first.saturating_sub(1), first.saturating_sub(2), 4_000]);
            tasks.remove(&0);
        }
        let steps = list(&insider["picture"]["nodes"])
            .iter()
            .filter_map(|node| node["id"].as_str().map(str::to_owned));
        let steps: Vec<String> = steps.collect();
        let mut all = vec![];
        for task in tasks {
            let acts = [
                "approve",
                "refuse",
                "transfer",
                "reassign",
                "claim",
                "release",
                "open",
                "read",
                "cc",
                "circulate",
                "reopen",
                "terminate",
            ];
            all.extend(acts.map(|act| Named { act: act.to_owned(), task: Some(task), to: None }));
            let mine = offers.iter().any(|offer| offer.task == Some(task));
            let tried = if mine { steps.len() } else { 1 };
            all.extend(steps.iter().take(tried).map(|to| Named {
                act: "send_back".to_owned(),
                task: Some(task),
                to: Some(to.clone()),
            }));
        }
        let mut whole = vec!["withdraw", "urge", "link", "terminate", "retry"];
        // Whoever has something to handle gives copies out from there; without a task it means the same.
        if !offers.iter().any(|offer| offer.task.is_some()) {
            whole.extend(["cc", "circulate"]);
        }
        all.extend(whole.into_iter().map(|act| Named {
            act: act.to_owned(),
            task: None,
            to: None,
        }));
        all
    }

    /// Tries everything that somebody was not offered; each is refused.
    async fn not_offered(stage: &Stage, case: &str, seen: &Seen, insider: &Value) -> Result<usize> {
        let desk = stage.desk(seen.name);
        sit(&desk, &seen.post).await?;
        let version = &insider["document"]["version"];
        let mut refused = 0;
        let mut batch = vec![];
        for named in every_act(insider, &seen.offers, seen.view.is_some()) {
            // To look twice is no act: nothing comes of it.
            let mine = seen.offers.iter().any(|offer| offer.task == named.task);
            if seen.offers.contains(&named) || (named.act == "open" && mine) {
                continue;
            }
            let (path, body) = request(case, seen, &named, version, None);
            let reply = desk.post(&path, &body).await?;
            let status = reply.status.as_u16();
            let as_it_should = match seen.view {
                Some(_) => REFUSED.contains(&status),
                None => status == 404,
            };
            let body: Value = serde_json::from_str(&reply.text()).unwrap_or_default();
            let explained = body["code"].is_string() && body["detail"].is_string();
            ensure!(
                as_it_should && explained,
                "not offered to {} in {}: {named:?}, answered {status} {}",
                seen.name,
                seen.post,
                reply.text()
            );
            // 422 says that the input will not do; here that is only so of where a 退回 goes.
            ensure!(
                status != 422 || named.act == "send_back",
                "{} was asked for other input: {named:?} {body}",
                seen.name
            );
            refused += 1;
            if named.act == "approve" {
                batch.push(json!({ "case": case, "task": named.task, "seen": version }));
            }
        }
        let answer =
            desk.post("/acts/batch", &json!({ "items": batch, "opinion": "同意" })).await?;
        let results = answer.json()?;
        ensure!(
            list(&results["results"]).len() == batch.len()
                && list(&results["results"]).iter().all(|result| result["ok"] == false),
            "in a batch by {}: {results}",
            seen.name
        );
        let writes = list(&insider["tasks"])
            .iter()
            .any(|task| task["id"].as_u64().is_some_and(|id| editable(seen, id)));
        if !writes {
            let working = json!({ "fields": { "title": "偷改的标题" }, "base": version });
            let reply = desk.put(&format!("/cases/{case}/working"), &working).await?;
            ensure!(reply.status == 404, "{} may write: {}", seen.name, reply.text());
        }
        Ok(refused)
    }

    /// Whether the view says that a task of theirs lets them change something.
    fn editable(seen: &Seen, task: u64) -> bool {
        let tasks = seen.view.as_ref().map(|view| list(&view["tasks"])).unwrap_or_default();
        tasks
            .iter()
            .any(|row| row["id"] == task && row["mine"] == true && !list(&row["edit"]).is_empty())
    }

    /// The act as a request that wants for nothing.
    fn request(
        case: &str,
        seen: &Seen,
        named: &Named,
        version: &Value,
        resume: Option<&Value>,
    ) -> (String, Value) {
        if named.act == "link" {
            let link = json!({ "other": seen.other, "kind": "answers" });
            return (format!("/cases/{case}/links"), link);
        }
        (format!("/cases/{case}/acts"), command(named, version, resume))
    }

    fn command(named: &Named, version: &Value, resume: Option<&Value>) -> Value {
        let task = named.task;
        let (to, reader) = (json!({ "person": SUBSTITUTE }), json!([{ "person": READER }]));
        match named.act.as_str() {
            "approve" => {
                json!({ "act": "complete", "task": task, "outcome": "approved", "opinion": "同意",
                "seen": version, "working": true })
            }
            "refuse" => {
                json!({ "act": "complete", "task": task, "outcome": "refused", "opinion": "不同意",
                "seen": version })
            }
            "send_back" => {
                json!({ "act": "send_back", "task": task, "to": named.to, "opinion": "请修改",
                "resume": resume })
            }
            "transfer" => json!({ "act": "transfer", "task": task, "to": to, "opinion": "请代办" }),
            "reassign" => {
                json!({ "act": "reassign", "task": task, "to": to, "reason": "经办人调离" })
            }
            "cc" | "circulate" => {
                json!({ "act": named.act, "task": task, "to": reader, "note": "请阅" })
            }
            "terminate" => json!({ "act": "terminate", "task": task, "reason": "不再办理" }),
            "withdraw" => json!({ "act": "withdraw", "reason": "需要修改" }),
            "urge" => json!({ "act": "urge", "text": "请尽快" }),
            "retry" => json!({ "act": "retry", "reason": "已更正" }),
            other => json!({ "act": other, "task": task }),
        }
    }

    /// Does what was offered.
    async fn take(stage: &Stage, case: &str, seen: &Seen, named: &Named) -> Result<bool> {
        let desk: Arc<Desk> = stage.desk(seen.name);
        sit(&desk, &seen.post).await?;
        let view = desk.case(case).await?;
        let offer = list(&view["offers"])
            .iter()
            .find(|offer| offer["act"] == *named.act && offer["task"].as_u64() == named.task);
        let Some(offer) = offer else { return Ok(false) };
        let targets = list(&offer["targets"]);
        let target = targets.iter().find(|target| target["step"].as_str() == named.to.as_deref());
        let ways = target.map(|target| list(&target["resume"])).unwrap_or_default();
        let resume = ways.first().filter(|_| ways.len() > 1);
        let before = heads(stage).await?;
        let (path, body) = request(case, seen, named, &view["document"]["version"], resume);
        desk.post(&path, &body).await?.done()?;
        stage.office.settle().await?;
        ensure!(heads(stage).await? != before, "it was accepted, and nothing happened");
        Ok(true)
    }

    /// The same on a case that is played to the same stage: there it is offered, too.
    async fn on_a_copy(
        stage: &Stage,
        at: usize,
        seen: &Seen,
        named: &Named,
        at_step: &str,
    ) -> Result<bool> {
        let mut copy = begun(stage).await?;
        for line in &STAGES[..at] {
            copy.line(acts(line)).await.with_context(|| format!("again, “{line}”"))?;
        }
        let desk = stage.desk(seen.name);
        sit(&desk, &seen.post).await?;
        let view = desk.case(&copy.case).await?;
        let same = |other: &&Named| {
            other.act == named.act && other.to == named.to && step(&view, other.task) == at_step
        };
        let offers = offers(&view);
        let there = offers.iter().find(same).context("on a copy it is not offered")?;
        ensure!(take(stage, &copy.case, seen, there).await?, "on a copy it is gone");
        Ok(true)
    }

    /// The step of an open task; what is offered on a finished one, or on the whole case, has none.
    fn step(view: &Value, task: Option<u64>) -> String {
        let Some(task) = task else { return String::new() };
        let row = list(&view["tasks"]).iter().find(|row| row["id"] == task);
        row.map_or("已办", |row| row["title"].as_str().unwrap_or_default()).to_owned()
    }

    /// Where every stream stands, but for those of the door.
    async fn heads(stage: &Stage) -> Result<Vec<String>> {
        let streams = "(SELECT id, version, head FROM stream WHERE kind <> 'security') AS of_cases";
        stage.office.place.dump(streams).await
    }
}
