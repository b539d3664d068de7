//! An operator's days, with the real binary: a stop amid acts, a backup amid acts and its way into either kind of
//! database, what is watched, and a log that knows nobody.

use crate::on_both;

on_both! { stopped_amid_acts_all_that_was_acknowledged_is_there backed_up_amid_acts_and_restored_into_both_kinds
what_is_watched_holds_nothing_of_people }

mod played {
    use anyhow::{Context, Result, ensure};
    use futures_util::{StreamExt, stream::FuturesUnordered};
    use serde_json::Value;
    use std::{
        collections::{BTreeMap, BTreeSet},
        sync::Arc,
        time::{Duration, Instant},
    };
    use wenshu_core::id::CaseId;
    use wenshu_document::Kind;
    use wenshu_testkit::{Backend, PASSWORD, Place, TestOffice};
    use wenshu_tests::{Desk, Program, approval};

    /// Two people sign side by side, and what follows is opened once.
    const BOTH: &str = "
workflow: both
title: 两人会签
form: { what: { title: 事项, type: text } }
steps:
  - { id: ask, title: 提出, by: initiator, edit: [what] }
  - { id: sign, title: 会签, by: [{ user: zhao-lixin }, { user: feng-qi }] }
  - { id: after, title: 汇总, by: initiator }
";

    #[derive(Clone, Debug)]
    struct Approval {
        who: String,
        case: String,
        task: u64,
        key: String,
    }

    impl Approval {
        async fn send(&self, desk: &Desk) -> Result<wenshu_tests::Reply> {
            let path = format!("/cases/{}/acts", self.case);
            desk.post_once(&path, &approval(self.task, &format!("同意，{}", self.key)), &self.key)
                .await
        }
    }

    /// So many forms, each waiting for two signatures.
    async fn prepared(office: &TestOffice, forms: usize) -> Result<Vec<Approval>> {
        office.add_accounts().await?;
        office.deploy(BOTH).await?;
        let mut approvals = vec![];
        for index in 0..forms {
            let case: CaseId =
                office.draft("林晓", "both", Kind::Notice, &format!("第{index}件")).await?;
            office.approve("林晓", case, "").await?;
            for who in ["赵立新", "冯琪"] {
                let task = u64::from(office.task(who, case, None).await?.id.0);
                let who = office.seat(who).person.context("a person")?.id.to_string();
                let key = format!("{case}-{who}");
                approvals.push(Approval { who, case: case.to_string(), task, key });
            }
        }
        office.settle().await?;
        Ok(approvals)
    }

    async fn desks(program: &Program) -> Result<BTreeMap<String, Arc<Desk>>> {
        let mut desks = BTreeMap::new();
        for login in ["lin-xiao", "zhao-lixin", "feng-qi"] {
            let desk = program.desk(login);
            desk.sign_in().await?;
            desks.insert(login.to_owned(), Arc::new(desk));
        }
        Ok(desks)
    }

    /// Every opinion in the record.
    async fn given(place: &Place) -> Result<BTreeSet<String>> {
        let mut given = BTreeSet::new();
        for row in place.dump("event").await? {
            let row: Value = serde_json::from_str(&row)?;
            let payload: Value =
                serde_json::from_str(row["payload"].as_str().context("a payload")?)?;
            let event = &payload["event"];
            if event["event"] == "opinion_given"
                && let Some(key) =
                    event["opinion"]["text"].as_str().and_then(|text| text.strip_prefix("同意，"))
            {
                ensure!(given.insert(key.to_owned()), "{key} is there twice");
            }
        }
        Ok(given)
    }

    pub async fn stopped_amid_acts_all_that_was_acknowledged_is_there(
        backend: Backend,
    ) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let approvals = prepared(&office, 60).await?;
        let mut program = Program::start(&office.place).await?;
        let desks = desks(&program).await?;
        let mut under_way: FuturesUnordered<_> = approvals
            .iter()
            .map(|approval| {
                let (approval, desk) = (approval.clone(), Arc::clone(&desks[&approval.who]));
                tokio::spawn(async move { (approval.clone(), approval.send(&desk).await) })
            })
            .collect();
        let (mut acknowledged, mut stopped) = (vec![], None);
        while let Some(answer) = under_way.next().await {
            let (approval, reply) = answer?;
            // Whoever is still on the way when the door closes has no answer, and sends it again later.
            if let Ok(reply) = reply {
                reply.done()?;
                acknowledged.push(approval.key);
            }
            if acknowledged.len() == 20 && stopped.is_none() {
                program.signal("-TERM")?;
                stopped = Some(Instant::now());
            }
        }
        let stopped = stopped.context("it was stopped amid acts")?;
        let code = program.ended(Duration::from_secs(25)).await?;
        ensure!(code == Some(0), "{code:?}: {}", program.said());
        ensure!(stopped.elapsed() < Duration::from_secs(25), "{:?}", stopped.elapsed());
        ensure!(program.said().contains("已停止。"), "{}", program.said());
        let given = given(&office.place).await?;
        let lost: Vec<_> = acknowledged.iter().filter(|key| !given.contains(*key)).collect();
        ensure!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
        let verified = Program::run(&office.place, &["audit", "verify"])?;
        ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        Ok(())
    }

    pub async fn backed_up_amid_acts_and_restored_into_both_kinds(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let approvals = prepared(&office, 100).await?;
        let program = Program::start(&office.place).await?;
        let desks = desks(&program).await?;
        let attached = desks["lin-xiao"].case(&approvals[0].case).await?;
        let title = attached["title"].as_str().context("a title")?.to_owned();
        let mut under_way: FuturesUnordered<_> = approvals
            .iter()
            .map(|approval| {
                let (approval, desk) = (approval.clone(), Arc::clone(&desks[&approval.who]));
                tokio::spawn(async move { (approval.clone(), approval.send(&desk).await) })
            })
            .collect();
        let file = office.place.directory.path().join("office.backup");
        let file_name = file.to_str().context("a path")?.to_owned();
        let (mut before, mut backup) = (vec![], None);
        while let Some(answer) = under_way.next().await {
            let (approval, reply) = answer?;
            reply?.done()?;
            if backup.is_none() {
                before.push(approval.key);
            }
            if before.len() == 30 && backup.is_none() {
                let (place, name) = (Arc::clone(&office.place), file_name.clone());
                backup = Some(tokio::task::spawn_blocking(move || {
                    Program::run(&place, &["backup", &name])
                }));
            }
        }
        let made = backup.context("a backup")?.await??;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        drop(program);

        for into in Backend::all() {
            let target = Place::new(into).await?;
            let restored = Program::run(&target, &["restore", &file_name])?;
            let said = String::from_utf8_lossy(&restored.stderr).into_owned();
            ensure!(restored.status.success(), "{backend:?} into {into:?}: {said}");
            let there = given(&target).await?;
            let lost: Vec<_> = before.iter().filter(|key| !there.contains(*key)).collect();
            ensure!(lost.is_empty(), "acknowledged before, and not there: {lost:?}");
            // No act is half there: each opinion has its closed task, and lists are what the events say.
            let (mut closed, mut lists) = (0, vec![]);
            for row in target.dump("task").await? {
                let row: Value = serde_json::from_str(&row)?;
                closed += usize::from(row["title"] == "会签" && row["state"] == "done");
            }
            ensure!(closed == there.len(), "{closed} tasks and {} opinions", there.len());
            for table in ["case_file", "task", "task_offer", "access"] {
                lists.push(target.dump(table).await?);
            }
            let rebuilt = Program::run(&target, &["rebuild"])?;
            ensure!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
            for (table, before) in ["case_file", "task", "task_offer", "access"].iter().zip(lists) {
                ensure!(target.dump(table).await? == before, "{table} is not what its events say");
            }
            let verified = Program::run(&target, &["audit", "verify"])?;
            ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));

            // Pages are the same, texts are found, and the office goes on.
            let again = Program::start(&target).await?;
            let desk = again.desk("lin-xiao");
            desk.sign_in().await?;
            let case = desk.case(&approvals[0].case).await?;
            ensure!(case["title"] == title.as_str(), "{case}");
            for approval in &approvals {
                let desk = if approval.who == "feng-qi" {
                    again.desk("feng-qi")
                } else {
                    again.desk("zhao-lixin")
                };
                if !there.contains(&approval.key) {
                    approval.send(&desk).await?.done()?;
                    break;
                }
            }
            // A place with something in it is left alone.
            let refused = Program::run(&target, &["restore", &file_name])?;
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            ensure!(!refused.status.success() && said.contains("不是空的"), "{said}");
        }
        damaged(&std::fs::read(&file)?).await
    }

    /// A file that is cut off or changed is refused in plain words, and leaves nothing.
    async fn damaged(whole: &[u8]) -> Result<()> {
        let mut changed = whole.to_vec();
        let middle = changed.len() / 2;
        changed[middle] ^= 0xff;
        let files = [
            &whole[..whole.len() / 2],
            &whole[..whole.len() - 3],
            &changed,
            b"hello".as_slice(),
            &[],
        ];
        for into in Backend::all() {
            for (at, bytes) in files.iter().enumerate() {
                let target = Place::new(into).await?;
                let file = target.directory.path().join("bad.backup");
                std::fs::write(&file, bytes)?;
                let refused =
                    Program::run(&target, &["restore", file.to_str().context("a path")?])?;
                let said = String::from_utf8_lossy(&refused.stderr).into_owned();
                ensure!(!refused.status.success() && said.contains("不能恢复"), "{at}: {said}");
                let left: Vec<_> =
                    std::fs::read_dir(target.directory.path())?.collect::<Result<_, _>>()?;
                ensure!(left.len() == 1, "{at}: {left:?}");
                if into == Backend::Postgres {
                    ensure!(target.dump("stream").await.is_err(), "{at}: tables are left");
                }
            }
        }
        Ok(())
    }

    pub async fn what_is_watched_holds_nothing_of_people(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let approvals = prepared(&office, 3).await?;
        let program =
            Program::start_under(&office.place, &[("WENSHU_LOG_JSON", "true".to_owned()), ("WENSHU_LOG", "info,wenshu_http=trace,wenshu_office=trace,wenshu_notify=trace,wenshu_storage=trace,tower_http=trace".to_owned())])
                .await?;
        let desks = desks(&program).await?;
        for approval in &approvals {
            approval.send(&desks[&approval.who]).await?.done()?;
        }
        // Wrong passwords, a stranger's name, a case that is not theirs, a search.
        for (login, password) in [("lin-xiao", "geheim-1"), ("nobody-here", "geheim-2")] {
            let refused = Desk::new(&program.url, login, password).sign_in().await;
            ensure!(refused.is_err(), "a wrong password opens nothing");
        }
        desks["feng-qi"].get("/search?q=%E7%AC%AC1%E4%BB%B6").await?;
        desks["feng-qi"].get("/cases/00000000-0000-0000-0000-000000000000").await?;

        let ask = async |path: &str, via: Option<&str>| -> Result<(u16, String, bool)> {
            let mut request = reqwest::Client::new().get(format!("{}{path}", program.url));
            if let Some(via) = via {
                request = request.header("x-forwarded-for", via);
            }
            let answer = request.send().await?;
            let named = answer.headers().contains_key("x-request-id");
            Ok((answer.status().as_u16(), answer.text().await?, named))
        };
        let (status, ready, named) = ask("/readyz", None).await?;
        ensure!(status == 200 && ready.starts_with("ready") && named, "{status} {ready}");
        ensure!(
            ask("/metrics", Some("192.0.2.1")).await?.0 == 404,
            "what a proxy passes on reads no numbers"
        );
        let (status, numbers, _) = ask("/metrics", None).await?;
        ensure!(status == 200, "{status} {numbers}");
        for line in [
            "wenshu_acts_total{kind=\"complete\"} 6",
            "wenshu_refusals_total{code=\"bad_credentials\"} 2",
            "wenshu_refusals_total{code=\"not_found\"} 1",
            "route=\"/api/v1/cases/{case}/acts\"",
            "wenshu_commit_seconds_count",
            "wenshu_message_lag_seconds",
            "wenshu_job_lag_seconds",
            "wenshu_sessions 3",
            "wenshu_up 1",
        ] {
            ensure!(numbers.contains(line), "{line} is missing:\n{numbers}");
        }
        let log = program.said();
        ensure!(log.lines().filter(|line| line.starts_with('{')).count() > 10, "{log}");
        let people: Vec<String> = office
            .directory
            .people
            .values()
            .flat_map(|person| [person.name.clone(), person.id.to_string()])
            .collect();
        let secrets = ["geheim", "nobody-here", PASSWORD, "第1件", "第0件", "同意，", "%E7%AC"];
        for word in people.iter().map(String::as_str).chain(secrets) {
            ensure!(!log.contains(word), "the log knows {word}:\n{log}");
            ensure!(!numbers.contains(word), "the numbers know {word}:\n{numbers}");
        }
        // Whoever takes the data directory away finds it not ready, and says so.
        if backend == Backend::Sqlite {
            std::fs::remove_dir_all(office.place.directory.path().join("objects"))?;
            std::fs::write(office.place.directory.path().join("objects"), b"")?;
            let (status, ready, _) = ask("/readyz", None).await?;
            ensure!(status == 503 && ready.contains("数据目录不能写入"), "{status} {ready}");
        }
        Ok(())
    }
}
