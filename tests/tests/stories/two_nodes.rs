//! Two nodes, as two processes on one PostgreSQL: both tell what changed, work is done once, whoever is stopped or killed
//! loses its work to the other and writes nothing when it wakes, and both may begin on an empty database at once.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use wenshu_core::command::{Command, Outcome};
use wenshu_document::Kind;
use wenshu_testkit::{Backend, Place, TestOffice, completion};
use wenshu_tests::{Program, approval, events_of};

/// One approval has a page printed and the document archived, by the system's own work.
const PRINTED: &str = "
workflow: quick-issue
title: 快速编号
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, edit: [title, body, organ, recipients], require: [title, body, organ] }
  - { id: issue, title: 编号, by: { registry_of: doc.organ }, claim: true, do: [number, finalise, red_head] }
  - { do: [archive] }
";

fn possible() -> bool {
    Backend::all().contains(&Backend::Postgres)
}

/// Cases that wait for the registry's approval, with their tasks.
async fn waiting(office: &TestOffice, count: usize) -> Result<Vec<(String, u64)>> {
    office.add_accounts().await?;
    office.deploy(PRINTED).await?;
    let mut cases = vec![];
    for index in 0..count {
        let title = format!("关于第{index}号事项的通知");
        let case = office.draft("林晓", "quick-issue", Kind::Notice, &title).await?;
        let mut submit =
            completion(office.task("林晓", case, None).await?.id, Outcome::Approved, "");
        submit.changes = office.facts(&[("organ", "市政府"), ("recipients", "教育局")]);
        let body = wenshu_document::Body::from_plain("请遵照执行。").to_tiptap();
        submit.changes.insert("body".into(), wenshu_core::value::Value::Text(body.to_string()));
        office.act("林晓", case, Command::Complete(submit)).await?;
        let task = u64::from(office.task("吴静", case, None).await?.id.0);
        cases.push((case.to_string(), task));
    }
    office.settle().await?;
    Ok(cases)
}

/// How often each kind of event is there of each stream.
async fn events(place: &Place) -> Result<BTreeMap<(String, String), usize>> {
    let mut counts = BTreeMap::new();
    for row in place.dump("event").await? {
        let row: Value = serde_json::from_str(&row)?;
        let payload: Value = serde_json::from_str(row["payload"].as_str().context("a payload")?)?;
        for event in events_of(&payload) {
            let (stream, event) = (row["stream"].to_string(), event["event"].to_string());
            *counts.entry((stream, event)).or_default() += 1;
        }
    }
    Ok(counts)
}

async fn jobs(place: &Place, state: &str) -> Result<usize> {
    let rows = place.dump("job").await?;
    Ok(rows.iter().filter(|row| row.contains(&format!("\"state\":\"{state}\""))).count())
}

async fn until_no_job_is_left(place: &Place, said: impl Fn() -> String) -> Result<()> {
    let start = Instant::now();
    while jobs(place, "ready").await? + jobs(place, "running").await? > 0 {
        ensure!(start.elapsed() < Duration::from_secs(120), "jobs are left\n{}", said());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    ensure!(jobs(place, "failed").await? == 0, "{}", said());
    Ok(())
}

/// Each document was printed and archived, once.
async fn printed_once(place: &Place, documents: usize) -> Result<()> {
    let counts = events(place).await?;
    for event in ["\"rendered\"", "\"archived\""] {
        let of: Vec<_> = counts.iter().filter(|((_, kind), _)| kind == event).collect();
        ensure!(
            of.len() == documents && of.iter().all(|(_, times)| **times == 1),
            "{event}: {of:?}"
        );
    }
    let verified = Program::run(place, &["audit", "verify"])?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_tell_what_changed_and_work_is_done_once() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let office = TestOffice::new(Backend::Postgres).await?;
    let cases = waiting(&office, 12).await?;
    let (one, two) = (Program::start(&office.place).await?, Program::start(&office.place).await?);
    let (here, there) = (one.desk("wu-jing"), two.desk("wu-jing"));
    here.sign_in().await?;
    there.sign_in().await?;
    let mut pages = vec![];
    for (program, desk) in [(&one, &here), (&two, &there)] {
        let url = format!("{}/api/v1/events", program.url);
        let page = reqwest::Client::new().get(url).header("cookie", desk.cookie()).send().await?;
        ensure!(page.status().is_success(), "{}", page.status());
        pages.push((page, String::new()));
    }
    for (at, (case, task)) in cases.iter().enumerate() {
        let desk = if at % 2 == 0 { &here } else { &there };
        desk.act(case, &approval(*task, "同意")).await?.done()?;
    }
    // Every page hears of the last case, though half of the acts came to the other node.
    for (page, heard) in &mut pages {
        let start = Instant::now();
        while cases.iter().any(|(case, _)| !heard.contains(case.as_str()))
            || !heard.contains("event: counts")
        {
            ensure!(start.elapsed() < Duration::from_secs(30), "{heard}");
            if let Ok(chunk) = tokio::time::timeout(Duration::from_secs(5), page.chunk()).await {
                heard.push_str(&String::from_utf8_lossy(&chunk?.context("the page goes on")?));
            }
        }
    }
    until_no_job_is_left(&office.place, || one.said() + &two.said()).await?;
    printed_once(&office.place, cases.len()).await
}

/// Stops a node with SIGSTOP or SIGKILL while it has a job in hand; gives false when it was too quick to be caught.
async fn caught(program: &Program, place: &Place, signal: &str) -> Result<bool> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        if jobs(place, "running").await? > 0 {
            program.signal(signal)?;
            tokio::time::sleep(Duration::from_millis(100)).await;
            // It may have been committing just then.
            if jobs(place, "running").await? > 0 {
                return Ok(true);
            }
            program.signal("-CONT")?;
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(false)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_sleeps_or_dies_loses_its_work_to_the_other() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let office = TestOffice::new(Backend::Postgres).await?;
    let cases = waiting(&office, 24).await?;
    let one = Program::start(&office.place).await?;
    let desk = one.desk("wu-jing");
    desk.sign_in().await?;
    let mut rest = cases.iter();
    let asleep = loop {
        let Some((case, task)) = rest.next() else { break false };
        desk.act(case, &approval(*task, "同意")).await?.done()?;
        if caught(&one, &office.place, "-STOP").await? {
            break true;
        }
    };
    ensure!(asleep, "no job was caught in hand");
    // Minutes later, by the clock of the database, its lease is over; the other takes the work and ends it.
    office.place.tamper("UPDATE job SET lease_until = 1 WHERE state = 'running'").await?;
    let two = Program::start(&office.place).await?;
    until_no_job_is_left(&office.place, || two.said()).await?;
    let before = office.place.dump("event").await?.len();
    // The first wakes with its pages in hand, and writes nothing.
    one.signal("-CONT")?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    ensure!(office.place.dump("event").await?.len() == before, "who slept wrote\n{}", one.said());
    ensure!(one.desk("wu-jing").sign_in().await.is_ok(), "and it goes on: {}", one.said());

    let desk = two.desk("wu-jing");
    desk.sign_in().await?;
    let mut one = one;
    one.signal("-TERM")?;
    one.ended(Duration::from_secs(30)).await?;
    let dead = loop {
        let Some((case, task)) = rest.next() else { break false };
        desk.act(case, &approval(*task, "同意")).await?.done()?;
        if caught(&two, &office.place, "-KILL").await? {
            break true;
        }
    };
    ensure!(dead, "no job was caught in hand");
    office.place.tamper("UPDATE job SET lease_until = 1 WHERE state = 'running'").await?;
    let three = Program::start(&office.place).await?;
    let desk = three.desk("wu-jing");
    desk.sign_in().await?;
    for (case, task) in rest {
        desk.act(case, &approval(*task, "同意")).await?.done()?;
    }
    until_no_job_is_left(&office.place, || three.said()).await?;
    printed_once(&office.place, cases.len()).await
}

// Seen failing when the copy was not looked at again in the commit: two windows won in the second round.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_windows_at_two_nodes_do_not_write_over_each_other() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let office = TestOffice::new(Backend::Postgres).await?;
    office.add_accounts().await?;
    office.deploy(PRINTED).await?;
    let case = office.draft("林晓", "quick-issue", Kind::Notice, "关于两个窗口的通知").await?;
    let (one, two) = (Program::start(&office.place).await?, Program::start(&office.place).await?);
    let (here, there) = (one.desk("lin-xiao"), two.desk("lin-xiao"));
    here.sign_in().await?;
    there.sign_in().await?;
    let path = format!("/cases/{case}/working");
    let base = here.case(&case.to_string()).await?["document"]["version"].clone();
    let mut saved = Value::Null;
    for round in 0..40 {
        // Nothing was saved in the first round; in the others all of them saw what the winner saved.
        let copies: Vec<Value> = (0..6)
            .map(|n| serde_json::json!({ "fields": { "title": format!("第{round}轮第{n}个窗口") }, "base": base, "after": saved }))
            .collect();
        let asked = copies.iter().enumerate().map(|(n, copy)| {
            let desk = if n % 2 == 0 { &here } else { &there };
            desk.put(&path, copy)
        });
        let mut won = vec![];
        for (copy, reply) in copies.iter().zip(futures_util::future::join_all(asked).await) {
            let reply = reply?;
            if reply.status.is_success() {
                won.push((copy["fields"].clone(), reply.json()?["saved_at"].clone()));
            } else {
                reply.refused(409, "saved_elsewhere")?;
            }
        }
        ensure!(won.len() == 1, "round {round}: {} windows won: {won:?}", won.len());
        let (fields, at) = won.remove(0);
        let stands = there.case(&case.to_string()).await?["document"]["working"].clone();
        ensure!(stands["fields"] == fields && stands["saved_at"] == at, "{round}: {stands}");
        saved = at;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_begin_on_one_empty_database() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    for _ in 0..3 {
        let place = Place::new(Backend::Postgres).await?;
        let (one, two) = tokio::join!(Program::start(&place), Program::start(&place));
        let (one, two) = (one?, two?);
        // Whoever waits for its answer has the address already; both are ready once the tables are there.
        let said = [one.said(), two.said()];
        let passwords = said.iter().filter(|said| said.contains("一次性密码")).count();
        ensure!(passwords == 1, "one node makes the administrators: {said:?}");
        ensure!(place.dump("account").await?.len() == 3, "{said:?}");
        ensure!(place.dump("directory").await?.len() == 1, "{said:?}");
    }
    Ok(())
}
