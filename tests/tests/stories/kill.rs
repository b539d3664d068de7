//! The real binary is killed ten times in the middle of two hundred approvals and started again: what it had
//! acknowledged is there once, nothing is half done, and what was under way goes on. Its commits are made slow, so that
//! an acknowledgement that comes before its commit is caught in the act.

use crate::on_both;

on_both! { killed_amid_two_hundred_approvals }

mod played {
    use crate::list;
    use anyhow::{Context, Result, ensure};
    use futures_util::{StreamExt, stream::FuturesUnordered};
    use serde_json::{Value, json};
    use std::{
        collections::{BTreeMap, BTreeSet},
        sync::Arc,
        time::{Duration, Instant},
    };
    use wenshu_core::{
        command::{Command, Outcome},
        id::CaseId,
    };
    use wenshu_document::Kind;
    use wenshu_testkit::{Backend, TestOffice, completion};
    use wenshu_tests::{Desk, Program, approval, nothing_is_half_done, opinions};

    /// One approval gives a number and has a page printed, by the system's own work.
    const NUMBERED: &str = "
workflow: quick-issue
title: 快速编号
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, edit: [title, body, organ, recipients], require: [title, body, organ] }
  - { id: issue, title: 编号, by: { registry_of: doc.organ }, claim: true, do: [number, finalise, red_head] }
  - { do: [archive] }
";
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
    const SINGLE: usize = 100;
    const DOUBLE: usize = 50;
    /// By this name PostgreSQL knows the connections of a server that will be killed.
    const MORTAL: &str = "mortal";
    /// How often the server is killed.
    const LIVES: usize = 10;

    /// One approval that somebody sends.
    #[derive(Clone, Debug)]
    struct Approval {
        who: String,
        case: String,
        task: u64,
        key: String,
        /// By this act a number is given out.
        numbered: bool,
    }

    impl Approval {
        async fn send(&self, desk: &Desk) -> Result<wenshu_tests::Reply> {
            desk.post_once(
                &format!("/cases/{}/acts", self.case),
                &approval(self.task, &self.opinion()),
                &self.key,
            )
            .await
        }

        fn opinion(&self) -> String {
            format!("同意，{}", self.key)
        }
    }

    pub async fn killed_amid_two_hundred_approvals(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let approvals = prepared(&office).await?;
        ensure!(approvals.len() == 200, "{} approvals", approvals.len());
        let slow = SlowCommits::laid(&office, backend).await?;

        // Each life of the server begins with approvals that nobody was told of, the last with all of them, and ends
        // somewhere among them.
        let mut dice = Dice::thrown();
        let mut acknowledged: BTreeSet<String> = BTreeSet::new();
        for life in 0..LIVES {
            // Numbers are given out in a transaction of their own; signatures share theirs. Either is killed by turns,
            // as soon as one was acknowledged, and some time later.
            let numbered = life % 2 == 0;
            let end = End {
                sent: match (life + 1 == LIVES, numbered) {
                    (true, _) => [200, 200],
                    (false, true) => [4, 24],
                    (false, false) => [12, 12],
                },
                numbered,
                after: 1 + dice.roll(3),
                pause: Duration::from_millis(if life % 4 < 2 { 0 } else { dice.roll(150) }),
            };
            let told = lived(&office, &slow, &approvals, &acknowledged, &end)
                .await
                .with_context(|| format!("life {life}, {end:?}"))?;
            acknowledged.extend(told);
            let given = opinions(&office.place, "同意，").await?;
            for approval in approvals.iter().filter(|one| acknowledged.contains(&one.key)) {
                let times = given.get(&approval.opinion()).copied().unwrap_or(0);
                ensure!(
                    times == 1,
                    "acknowledged, and there {times} times after life {life}, {end:?}: {approval:?}"
                );
            }
            ensure!(given.values().all(|times| *times == 1), "nothing is there twice");
            // Minutes later the leases of the dead server are over.
            for table in ["job", "outbox"] {
                office
                    .place
                    .tamper(&format!("UPDATE {table} SET lease_until = 0 WHERE state = 'running'"))
                    .await?;
            }
        }
        ensure!(
            (LIVES..200).contains(&acknowledged.len()),
            "killed in the middle: {}",
            acknowledged.len()
        );
        nothing_is_half_done(&office).await.context("after the kills")?;
        slow.taken_away(&office).await?;

        // Started again: whoever had no answer sends the same again; what had been done is not done twice.
        let program = Program::start(&office.place).await?;
        let desks = signed_in(&program).await?;
        for approval in &approvals {
            let reply = approval.send(&desks[&approval.who]).await?;
            reply.done().with_context(|| format!("sent again: {approval:?}"))?;
        }
        let given = opinions(&office.place, "同意，").await?;
        ensure!(
            given.len() == 200 && given.values().all(|times| *times == 1),
            "{} of 200",
            given.len()
        );
        drained(&office).await.with_context(|| program.said())?;
        tried_again(&program.desk("he-ping")).await?;
        drained(&office).await.with_context(|| program.said())?;
        ended(&desks["lin-xiao"], &approvals).await?;
        drop(program);
        nothing_is_half_done(&office).await.context("in the end")
    }

    /// When a server is killed: so many acknowledgements of one kind, and then a moment.
    #[derive(Debug)]
    struct End {
        /// How many of either kind are sent, signatures first.
        sent: [usize; 2],
        numbered: bool,
        after: u64,
        pause: Duration,
    }

    /// Chance, told in what fails.
    struct Dice(u64);

    impl Dice {
        fn thrown() -> Self {
            Self(uuid::Uuid::now_v7().as_u128() as u64)
        }

        fn roll(&mut self, sides: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % sides
        }
    }

    /// Starts a server, sends everything that was not acknowledged before, and kills it; what it acknowledged.
    async fn lived(
        office: &TestOffice,
        slow: &SlowCommits,
        approvals: &[Approval],
        before: &BTreeSet<String>,
        end: &End,
    ) -> Result<Vec<String>> {
        let mut program = slow.start(office).await?;
        let desks = signed_in(&program).await?;
        let mut sent = [0, 0];
        let mut under_way: FuturesUnordered<_> = approvals
            .iter()
            .filter(|approval| !before.contains(&approval.key))
            .filter(|approval| {
                let sent = &mut sent[usize::from(approval.numbered)];
                *sent += 1;
                *sent <= end.sent[usize::from(approval.numbered)]
            })
            .map(|approval| {
                let (approval, desk) = (approval.clone(), Arc::clone(&desks[&approval.who]));
                tokio::spawn(async move {
                    let reply = approval.send(&desk).await;
                    (approval, reply)
                })
            })
            .collect();
        let (mut told, mut counted, mut killed) = (vec![], 0, false);
        while let Some(answer) = under_way.next().await {
            let (approval, reply) = answer?;
            // What came back whole was acknowledged, also while the server was dying.
            let Ok(reply) = reply else { continue };
            reply.done()?;
            counted += u64::from(approval.numbered == end.numbered);
            told.push(approval.key);
            if counted == end.after && !killed {
                killed = true;
                tokio::time::sleep(end.pause).await;
                program.kill()?;
                slow.bury(office).await?;
            }
        }
        ensure!(killed, "it outlived its approvals: {} were told", told.len());
        Ok(told)
    }

    /// Commits that take their time, so that a kill finds some half way: on SQLite what a commit writes comes late to
    /// its file, on PostgreSQL the commit itself waits.
    enum SlowCommits {
        Disk(String),
        Trigger,
    }

    impl SlowCommits {
        async fn laid(office: &TestOffice, backend: Backend) -> Result<Self> {
            match backend {
                Backend::Sqlite => {
                    let library = office.place.directory.path().join("slow_disk.so");
                    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/slow_disk.c");
                    let built = std::process::Command::new("cc")
                        .args(["-shared", "-fPIC", "-O1", "-o"])
                        .arg(&library)
                        .args([source, "-ldl"])
                        .output()
                        .context("cc, with which SQLite was built, too")?;
                    ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
                    Ok(Self::Disk(library.display().to_string()))
                }
                Backend::Postgres => {
                    for sql in [
                        "CREATE FUNCTION wait_a_moment() RETURNS trigger LANGUAGE plpgsql
                            AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END'",
                        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON act_key DEFERRABLE INITIALLY DEFERRED
                            FOR EACH ROW EXECUTE FUNCTION wait_a_moment()",
                    ] {
                        office.place.tamper(sql).await?;
                    }
                    Ok(Self::Trigger)
                }
            }
        }

        async fn start(&self, office: &TestOffice) -> Result<Program> {
            match self {
                Self::Disk(library) => {
                    Program::start_under(&office.place, &[("LD_PRELOAD", library.clone())]).await
                }
                Self::Trigger => {
                    let url = &office.place.url;
                    let joint = if url.contains('?') { '&' } else { '?' };
                    let url = format!("{url}{joint}application_name={MORTAL}");
                    Program::start_under(&office.place, &[("WENSHU_DATABASE", url)]).await
                }
            }
        }

        /// The machine went down with the server: its connections have no life of their own.
        async fn bury(&self, office: &TestOffice) -> Result<()> {
            let orphans = format!(
                "pg_stat_activity WHERE datname = current_database() AND application_name = '{MORTAL}'"
            );
            match self {
                Self::Disk(_) => Ok(()),
                Self::Trigger => {
                    let kill = format!("SELECT pg_terminate_backend(pid) FROM {orphans}");
                    office.place.tamper(&kill).await?;
                    let counted = format!("(SELECT count(*) AS n FROM {orphans}) AS left_over");
                    while office.place.dump(&counted).await? != [r#"{"n":0}"#] {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    Ok(())
                }
            }
        }

        async fn taken_away(&self, office: &TestOffice) -> Result<()> {
            match self {
                Self::Disk(_) => Ok(()),
                Self::Trigger => {
                    office.place.tamper("DROP TRIGGER late ON act_key").await.map(|_| ())
                }
            }
        }
    }

    /// Documents that wait for their number and forms that wait for two signatures, each with its approvals.
    async fn prepared(office: &TestOffice) -> Result<Vec<Approval>> {
        office.add_accounts().await?;
        office.deploy(NUMBERED).await?;
        office.deploy(BOTH).await?;
        let mut approvals = vec![];
        let mut waiting = async |case: CaseId, who: &str, numbered: bool| {
            let task = u64::from(office.task(who, case, None).await?.id.0);
            let who = office.seat(who).person.as_ref().context("a person")?.id.to_string();
            let key = format!("{case}-{who}");
            approvals.push(Approval { who, case: case.to_string(), task, key, numbered });
            anyhow::Ok(())
        };
        for index in 0..SINGLE {
            let title = format!("关于第{index}号事项的通知");
            let case = office.draft("林晓", "quick-issue", Kind::Notice, &title).await?;
            let task = office.task("林晓", case, None).await?.id;
            let mut submit = completion(task, Outcome::Approved, "");
            submit.changes = office.facts(&[("organ", "市政府"), ("recipients", "教育局")]);
            let body = wenshu_document::Body::from_plain("请遵照执行。").to_tiptap();
            submit.changes.insert("body".into(), wenshu_core::value::Value::Text(body.to_string()));
            office.act("林晓", case, Command::Complete(submit)).await?;
            waiting(case, if index % 2 == 0 { "吴静" } else { "郑洁" }, true).await?;
        }
        for index in 0..DOUBLE {
            let case = office.draft("林晓", "both", Kind::Notice, &format!("第{index}件")).await?;
            office.approve("林晓", case, "").await?;
            waiting(case, "赵立新", false).await?;
            waiting(case, "冯琪", false).await?;
        }
        office.settle().await?;
        // Of either kind by turns: the server is killed while both are under way.
        let (numbered, signed) = approvals.split_at(SINGLE);
        let turns =
            numbered.iter().zip(signed).flat_map(|(one, other)| [one.clone(), other.clone()]);
        Ok(turns.collect())
    }

    async fn signed_in(program: &Program) -> Result<BTreeMap<String, Arc<Desk>>> {
        let mut desks = BTreeMap::new();
        for login in ["lin-xiao", "wu-jing", "zheng-jie", "zhao-lixin", "feng-qi"] {
            let desk = program.desk(login);
            desk.sign_in().await?;
            desks.insert(login.to_owned(), Arc::new(desk));
        }
        Ok(desks)
    }

    /// Jobs and messages are all done, also those that the killed server had in hand.
    async fn drained(office: &TestOffice) -> Result<()> {
        // A slow machine may take its time over a hundred sheets; standing still is what must not happen.
        let (mut moved, mut fewest) = (Instant::now(), usize::MAX);
        loop {
            let (mut waiting, mut given_up) = (0, vec![]);
            for table in ["job", "outbox"] {
                for row in office.place.dump(table).await? {
                    let row: Value = serde_json::from_str(&row)?;
                    match row["state"].as_str().context("a state")? {
                        "ready" | "running" => waiting += 1,
                        "failed" => given_up.push(row),
                        _ => {}
                    }
                }
            }
            ensure!(given_up.is_empty(), "given up: {given_up:#?}");
            if waiting == 0 {
                return Ok(());
            }
            if waiting < fewest {
                (moved, fewest) = (Instant::now(), waiting);
            }
            ensure!(moved.elapsed() < Duration::from_secs(120), "{waiting} wait, and none is done");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// A job under which the server died as often as it may be tried is no longer taken up by itself: whoever administers
    /// the flows sees why the case stands, and has it tried again.
    async fn tried_again(admin: &Desk) -> Result<()> {
        admin.sign_in().await?;
        loop {
            let stalled = admin.get("/workshop/stalled").await?.json()?;
            if list(&stalled["items"]).is_empty() {
                return Ok(());
            }
            for row in list(&stalled["items"]) {
                let why = row["stall"].to_string();
                ensure!(why.contains("多次中断"), "nothing else stops a case: {row:#}");
                let case = row["case"].as_str().context("a case")?;
                let retry = json!({ "act": "retry", "reason": "服务器多次重启" });
                admin.act(case, &retry).await?.done()?;
            }
        }
    }

    /// All numbered documents are archived with a number of their own; all forms came back to their initiator, once.
    async fn ended(clerk: &Desk, approvals: &[Approval]) -> Result<()> {
        let mut numbers = BTreeSet::new();
        for case in approvals.iter().map(|approval| &approval.case).collect::<BTreeSet<_>>() {
            let view = clerk.case(case).await?;
            if view["workflow"]["name"] == "both" {
                let open: Vec<_> =
                    list(&view["tasks"]).iter().map(|task| task["title"].clone()).collect();
                ensure!(open == [json!("汇总")], "{open:?}");
            } else {
                ensure!(view["state"] == "finished", "{}: {}", view["title"], view["where"]);
                numbers.insert(view["document"]["metadata"]["number"].to_string());
            }
        }
        ensure!(numbers.len() == SINGLE, "{} numbers", numbers.len());
        Ok(())
    }
}
