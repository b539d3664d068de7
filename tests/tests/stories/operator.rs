//! An operator's days, with the real binary: a stop amid acts, a backup amid acts and its way into either kind of
//! database, what is watched, and a log that knows nobody.

use crate::on_both;

on_both! { stopped_amid_acts_all_that_was_acknowledged_is_there backed_up_amid_acts_and_restored_into_both_kinds
what_is_watched_holds_nothing_of_people large_attachments_pass_through_a_backup_in_pieces
a_place_that_never_was_served_is_restored_too
a_place_with_anything_in_it_is_left_alone }

mod played {
    use anyhow::{Context, Result, ensure};
    use chrono::TimeDelta;
    use futures_util::{StreamExt, stream::FuturesUnordered};
    use serde_json::Value;
    use std::{
        collections::{BTreeMap, BTreeSet},
        convert::Infallible,
        io::Read,
        sync::Arc,
        time::{Duration, Instant},
    };
    use uuid::Uuid;
    use wenshu_core::id::CaseId;
    use wenshu_document::Kind;
    use wenshu_storage::{Act, JobRow, Json, OutboxRow, StreamId, Writes, at_once};
    use wenshu_testkit::{Backend, PASSWORD, Place, TestOffice};
    use wenshu_tests::{Desk, Program, approval, events_of};

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
                let who = office.seat(who).person.as_ref().context("a person")?.id.to_string();
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
            for event in events_of(&payload).filter(|event| event["event"] == "opinion_given") {
                let text = event["opinion"]["text"].as_str();
                if let Some(key) = text.and_then(|text| text.strip_prefix("同意，")) {
                    ensure!(given.insert(key.to_owned()), "{key} is there twice");
                }
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

    /// An office that opens for the first time writes rows of its own: they are not taken for the backup's.
    pub async fn a_place_that_never_was_served_is_restored_too(backend: Backend) -> Result<()> {
        let (place, target) = (Place::new(backend).await?, Place::new(backend).await?);
        let file = place.directory.path().join("empty.backup");
        let file = file.to_str().context("a path")?;
        for (place, command) in
            [(&place, &["migrate"][..]), (&place, &["backup", file]), (&target, &["restore", file])]
        {
            let ran = Program::run(place, command)?;
            let said = String::from_utf8_lossy(&ran.stderr);
            ensure!(ran.status.success(), "{command:?}: {said}");
        }
        Ok(())
    }

    /// Tables without files, files without tables, and what is not ours: each is enough.
    pub async fn a_place_with_anything_in_it_is_left_alone(backend: Backend) -> Result<()> {
        let place = Place::new(backend).await?;
        let file = place.directory.path().join("empty.backup");
        let file = file.to_str().context("a path")?;
        let storage = place.open().await?;
        storage.objects().put("旧附件").await?;
        storage.close().await?;
        let made = Program::run(&place, &["backup", file])?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let left_alone = |target: &Place, what: &str| -> Result<()> {
            let ran = Program::run(target, &["restore", file])?;
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            ensure!(
                !ran.status.success() && said.contains("不是空的") && said.contains(what),
                "{what}: {said}"
            );
            Ok(())
        };

        let tables = Place::new(backend).await?;
        tables.open().await?.close().await?;
        std::fs::remove_dir_all(tables.directory.path().join("objects")).ok();
        tables.tamper("INSERT INTO setting(name, body) VALUES ('ours', '1')").await?;
        left_alone(&tables, "数据库")?;
        ensure!(tables.dump("setting").await?.join("").contains("ours"), "it is there as it was");

        let files = Place::new(backend).await?;
        let objects = |place: &Place| place.directory.path().join("objects");
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([objects(&place), objects(&files)])
            .status()?;
        ensure!(copied.success(), "no files to begin with");
        left_alone(&files, "数据目录")?;
        let listed = |place: &Place| {
            let found = std::process::Command::new("find").arg(objects(place)).output()?;
            let text = String::from_utf8(found.stdout)?;
            anyhow::Ok(text.replace(&objects(place).display().to_string(), ""))
        };
        ensure!(listed(&files)? == listed(&place)?, "{}", listed(&files)?);

        let other = Place::new(backend).await?;
        match backend {
            Backend::Sqlite => std::fs::write(&other.url, "别的程序的文件")?,
            Backend::Postgres => {
                other.tamper("CREATE TABLE ledger(line TEXT)").await?;
            }
        }
        left_alone(&other, "数据库")?;
        match backend {
            Backend::Sqlite => {
                ensure!(std::fs::read_to_string(&other.url)? == "别的程序的文件", "as it was");
            }
            Backend::Postgres => {
                ensure!(other.dump("ledger").await?.is_empty(), "as it was");
                ensure!(other.dump("stream").await.is_err(), "no table of ours beside it");
            }
        }
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

    /// What is done to an entry of a backup: kept, changed, or left out.
    type Forgery = fn(&str, Vec<u8>) -> Option<Vec<u8>>;

    /// The same backup with other entries: whole as a file, and its compressor's sum is right.
    fn forged(whole: &[u8], forgery: Forgery) -> Result<Vec<u8>> {
        let mut tar = tar::Builder::new(zstd::Encoder::new(vec![], 1)?);
        let mut archive = tar::Archive::new(zstd::Decoder::new(whole)?);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = entry.path()?.display().to_string();
            let mut bytes = vec![];
            entry.read_to_end(&mut bytes)?;
            let Some(bytes) = forgery(&name, bytes) else { continue };
            let mut header = tar::Header::new_gnu();
            header.set_size(u64::try_from(bytes.len())?);
            header.set_mode(0o600);
            tar.append_data(&mut header, &name, bytes.as_slice())?;
        }
        Ok(tar.into_inner()?.finish()?)
    }

    fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
        String::from_utf8_lossy(bytes).replace(from, to).into_bytes()
    }

    /// Each of these is another's lie, and what is said of it.
    const FORGERIES: [(&str, Forgery); 5] = [
        ("内容与清单不符", |name, bytes| {
            let event = name.starts_with("rows/event/");
            Some(if event { replaced(&bytes, "同意，", "不同意，") } else { bytes })
        }),
        ("内容与清单不符", |name, bytes| {
            (!name.starts_with("rows/access/")).then_some(bytes)
        }),
        ("缺少清单", |name, bytes| (name != "manifest.json").then_some(bytes)),
        ("其他版本的格式", |name, bytes| {
            Some(if name == "wenshu-backup.txt" { b"wenshu-backup 9\n".to_vec() } else { bytes })
        }),
        // The list itself is changed: only what lies there after restoring tells.
        ("与备份不符", |name, bytes| {
            if name != "manifest.json" {
                return Some(bytes);
            }
            let mut manifest: Value = serde_json::from_slice(&bytes).ok()?;
            manifest["heads"] = "0".repeat(64).into();
            serde_json::to_vec(&manifest).ok()
        }),
    ];

    /// A file that is cut off or changed is refused in plain words, and leaves nothing.
    async fn damaged(whole: &[u8]) -> Result<()> {
        let mut changed = whole.to_vec();
        let middle = changed.len() / 2;
        changed[middle] ^= 0xff;
        let mut files = vec![
            ("", whole[..whole.len() / 2].to_vec()),
            ("", whole[..whole.len() - 3].to_vec()),
            ("", changed),
            ("", b"hello".to_vec()),
            ("", vec![]),
        ];
        for (why, forgery) in FORGERIES {
            files.push((why, forged(whole, forgery)?));
        }
        for into in Backend::all() {
            for (at, (why, bytes)) in files.iter().enumerate() {
                let target = Place::new(into).await?;
                let file = target.directory.path().join("bad.backup");
                std::fs::write(&file, bytes)?;
                let refused =
                    Program::run(&target, &["restore", file.to_str().context("a path")?])?;
                let said = String::from_utf8_lossy(&refused.stderr).into_owned();
                ensure!(!refused.status.success() && said.contains("不能恢复"), "{at}: {said}");
                ensure!(said.contains(why), "{at}: {said}");
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

    /// The value of a line of the numbers.
    fn value(numbers: &str, name: &str) -> Option<f64> {
        let line = numbers.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse().ok())
    }

    /// What waits is counted, says for how long, and is zero again when it is done.
    async fn queues_move(office: &TestOffice, url: &str) -> Result<()> {
        let until = async |what: &str, holds: &dyn Fn(&str) -> bool| -> Result<()> {
            let begun = Instant::now();
            loop {
                let numbers = reqwest::get(format!("{url}/metrics")).await?.text().await?;
                if holds(&numbers) {
                    return Ok(());
                }
                ensure!(begun.elapsed() < Duration::from_secs(30), "{what}:\n{numbers}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let lag = |numbers: &str| value(numbers, "wenshu_message_lag_seconds");
        until("what was told is carried", &|numbers| lag(numbers) == Some(0.0)).await?;
        // A message of a channel that nobody carries here, and a job of an hour to come.
        let (mut writes, now) = (Writes::default(), chrono::Utc::now());
        let (stream, person) = (StreamId("test".into()), "lin-xiao".into());
        writes.put(&OutboxRow::new(stream, 1, person, "fax", Json::default(), at_once(now)));
        let later = now + TimeDelta::hours(1);
        writes.put(&JobRow::new(Uuid::nil(), None, "later", Json::default(), later));
        let done = office.storage().commit::<Infallible>(Act::Ready(writes)).await;
        ensure!(done.is_ok(), "{done:?}");
        let (message, job) = (
            "wenshu_messages{kind=\"fax\",state=\"ready\"}",
            "wenshu_jobs{kind=\"later\",state=\"ready\"}",
        );
        until("both wait", &|numbers| {
            value(numbers, message) == Some(1.0) && value(numbers, job) == Some(1.0)
        })
        .await?;
        // Somebody had it a minute ago and has it still; whoever tries it right now has it no more.
        let now = chrono::Utc::now().timestamp_micros();
        let (ago, ahead) = (now - 60_000_000, now + 50_000_000);
        let held = format!(
            "UPDATE outbox SET state = 'running', attempts = 99, run_after = {ago}, lease_until = {ahead} WHERE channel = 'fax'"
        );
        office.place.tamper(&held).await?;
        until("it is late", &|numbers| {
            lag(numbers).is_some_and(|lag| lag > 50.0 && lag < 600.0)
                && value(numbers, "wenshu_database_seconds").is_some_and(|took| took > 0.0)
        })
        .await?;
        office.place.tamper("DELETE FROM outbox WHERE channel = 'fax'").await?;
        office.place.tamper("DELETE FROM job WHERE effect = 'later'").await?;
        until("nothing waits", &|numbers| {
            value(numbers, message) == Some(0.0) && value(numbers, job) == Some(0.0)
        })
        .await?;
        Ok(())
    }

    /// Runs a command of the binary, and gives the most memory that it ever had, in megabytes.
    async fn watched(place: &Place, args: &[&str]) -> Result<u64> {
        let mut running = Program::spawn(place, args)?;
        let mut most = 0;
        while running.try_wait()?.is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", running.id()));
            let status = status.unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            most = most.max(kilobytes.unwrap_or(0_u64));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ensure!(running.wait()?.success(), "{args:?}");
        Ok(most / 1024)
    }

    pub async fn large_attachments_pass_through_a_backup_in_pieces(backend: Backend) -> Result<()> {
        /// In MB.
        const SIZE: u64 = 60;
        let office = TestOffice::new(backend).await?;
        let case = office.draft("林晓", "outgoing", Kind::Notice, "关于大附件的通知").await?;
        let small = office.place.directory.path().join("small.backup");
        let small = small.to_str().context("a path")?;
        let least = (
            watched(&office.place, &["backup", small]).await?,
            watched(&Place::new(backend).await?, &["restore", small]).await?,
        );
        // What does not shrink, so that nothing is small by chance.
        let noise = std::fs::File::open("/dev/urandom")?.take(SIZE << 20);
        let pieces = futures_util::stream::iter(std::iter::from_fn({
            let mut noise = std::io::BufReader::new(noise);
            move || {
                let mut piece = vec![0; 1 << 20];
                let count = noise.read(&mut piece).unwrap_or(0);
                piece.truncate(count);
                (count > 0).then(|| Ok::<_, std::io::Error>(piece.into()))
            }
        }));
        let seat = office.seat("林晓");
        office.office.attach(&seat, case, "大.bin", None, pieces).await?;
        let file = office.place.directory.path().join("large.backup");
        let name = file.to_str().context("a path")?;
        let made = watched(&office.place, &["backup", name]).await?;
        ensure!(std::fs::metadata(&file)?.len() > SIZE << 20, "it is in it");
        let target = Place::new(backend).await?;
        let restored = watched(&target, &["restore", name]).await?;
        ensure!(least.0 > 10 && least.1 > 10, "not measured: {least:?} MB");
        eprintln!("{made} and {restored} MB, and without an attachment {least:?} MB");
        // Held in memory it would be all of it more. How much the program takes without it is the build's affair.
        let most = |least: u64| least + SIZE * 2 / 3;
        ensure!(
            made < most(least.0) && restored < most(least.1),
            "{made} and {restored} MB, and without an attachment {least:?} MB"
        );
        let objects = |place: &Place| -> Result<u64> {
            let listed = std::process::Command::new("du")
                .args(["-sm"])
                .arg(place.directory.path().join("objects"))
                .output()?;
            Ok(String::from_utf8(listed.stdout)?
                .split_whitespace()
                .next()
                .context("a size")?
                .parse()?)
        };
        ensure!(objects(&target)? >= SIZE, "{} MB", objects(&target)?);
        std::fs::remove_file(&file)?;
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
        // One more case begins; its key comes twice, and it is one act.
        let begun = serde_json::json!({ "workflow": "both", "title": "第9件" });
        for _ in 0..2 {
            desks["lin-xiao"].post_once("/cases", &begun, "once").await?.json()?;
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
            "wenshu_acts_total{kind=\"start\"} 1",
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
        queues_move(&office, &program.url).await?;
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
