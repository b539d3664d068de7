//! The database goes dark in the middle of acts and comes back: every acknowledged act is there once, whoever is refused
//! is told so in words, and the office goes on by itself.

use crate::waiting::{OPINION, desks, documents, forms, prepare};
use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use wenshu_testkit::{PaperPress, Place, TestOffice};
use wenshu_tests::{Cluster, Program, Reply, nothing_is_half_done, opinions};

/// Dark when this many were acknowledged, with all others under way.
const ACKNOWLEDGED: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_restarted_under_load_loses_nothing() -> Result<()> {
    let cluster = Cluster::start()?;
    cluster.sql("postgres", "CREATE DATABASE office")?;
    let place = Place { url: cluster.url("office"), directory: tempfile::tempdir()? };
    let office = TestOffice::in_place(place, Arc::new(PaperPress)).await?;
    prepare(&office).await?;
    let mut approvals = documents(&office, 20).await?;
    approvals.extend(forms(&office, 90).await?);
    office.settle().await?;
    let program = Program::start(&office.place).await?;
    let people = desks(&program).await?;

    let mut under_way: FuturesUnordered<_> = approvals
        .iter()
        .map(|approval| {
            let (approval, desk) = (approval.clone(), Arc::clone(&people[&approval.who]));
            tokio::spawn(async move {
                let reply = approval.send(&desk).await;
                (approval, reply)
            })
        })
        .collect();
    let (mut acknowledged, mut refused, mut dark) = (vec![], 0, false);
    while let Some(answer) = under_way.next().await {
        let (approval, reply) = answer?;
        let reply = reply.context("the office itself stays there")?;
        if reply.status.is_success() {
            acknowledged.push(approval);
        } else {
            told_in_words(&reply).with_context(|| program.said())?;
            refused += 1;
        }
        if acknowledged.len() == ACKNOWLEDGED && !dark {
            dark = true;
            cluster.go_dark()?;
            let list = people["lin-xiao"].get("/worklist?box=todo").await?;
            told_in_words(&list).context("a list while it is dark")?;
            cluster.go_on()?;
        }
    }
    ensure!(dark && refused > 0, "it went dark in the middle: {refused} refused");
    let given = opinions(&office.place, OPINION).await?;
    for approval in &acknowledged {
        let times = given.get(&approval.opinion()).copied().unwrap_or(0);
        ensure!(times == 1, "acknowledged, and there {times} times: {approval:?}");
    }

    // By itself: no restart, nobody signs in again.
    for approval in &approvals {
        let reply = approval.send(&people[&approval.who]).await?;
        reply.done().with_context(|| format!("sent again: {approval:?}\n{}", program.said()))?;
    }
    let given = opinions(&office.place, OPINION).await?;
    let once = given.values().all(|times| *times == 1);
    ensure!(given.len() == approvals.len() && once, "{} of {}", given.len(), approvals.len());
    drained(&office).await.with_context(|| program.said())?;
    program.stop().await?;
    nothing_is_half_done(&office).await
}

fn told_in_words(reply: &Reply) -> Result<()> {
    let problem = reply.refused(503, "database_away")?;
    ensure!(reply.headers.contains_key("retry-after"), "when to come again: {problem}");
    Ok(())
}

/// The system's own work goes on as well.
async fn drained(office: &TestOffice) -> Result<()> {
    let start = Instant::now();
    loop {
        let mut waiting = vec![];
        for row in office.place.dump("job").await? {
            let row: Value = serde_json::from_str(&row)?;
            if row["state"] != "done" {
                waiting.push(row);
            }
        }
        if waiting.is_empty() {
            return Ok(());
        }
        // A job that was in hand when it went dark waits for the end of its lease.
        ensure!(start.elapsed() < Duration::from_secs(200), "still waiting: {waiting:#?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
