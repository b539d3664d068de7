//! What an office's record says, read behind its back: which opinions were given, and that nothing is half done.

use crate::Program;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use wenshu_testkit::{Place, TestOffice};

const TABLES: [&str; 6] = ["case_file", "document", "task", "task_offer", "access", "copied"];

/// Every opinion that the events hold and that begins so, and how often.
///
/// # Errors
/// When the database cannot be read.
pub async fn opinions(place: &Place, beginning: &str) -> Result<BTreeMap<String, usize>> {
    let mut given = BTreeMap::new();
    for row in place.dump("event").await? {
        let row: Value = serde_json::from_str(&row)?;
        let payload: Value = serde_json::from_str(row["payload"].as_str().context("a payload")?)?;
        for event in events_of(&payload) {
            let text = event["opinion"]["text"].as_str().unwrap_or_default();
            if event["event"] == "opinion_given" && text.starts_with(beginning) {
                *given.entry(text.to_owned()).or_insert(0) += 1;
            }
        }
    }
    Ok(given)
}

/// The events of a record, by its payload: audited streams have one in each.
pub fn events_of(payload: &Value) -> impl Iterator<Item = &Value> {
    let together = payload["events"].as_array().into_iter().flatten();
    together.chain(payload.get("event"))
}

/// The chains hold, each from its first event to its head; lists are what a rebuild makes of the events; numbers
/// have neither gaps nor doubles, and each belongs to its document.
///
/// # Errors
/// What is half done.
pub async fn nothing_is_half_done(office: &TestOffice) -> Result<()> {
    let verified = Program::run(&office.place, &["audit", "verify"])?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));

    let mut heads: BTreeMap<String, u64> = BTreeMap::new();
    for row in office.place.dump("event").await? {
        let row: Value = serde_json::from_str(&row)?;
        *heads.entry(row["stream"].to_string()).or_default() += 1;
    }
    for row in office.place.dump("stream").await? {
        let row: Value = serde_json::from_str(&row)?;
        let events = heads.get(&row["id"].to_string()).copied();
        ensure!(events == row["version"].as_u64(), "{row}: {events:?} records");
    }

    let mut before = vec![];
    for table in TABLES {
        before.push(office.place.dump(table).await?);
    }
    let node = office.another_node().await?;
    node.office.rebuild().await?;
    for (table, before) in TABLES.into_iter().zip(before) {
        ensure!(office.place.dump(table).await? == before, "{table} is not what its events say");
    }

    let numbers: Vec<Value> = office
        .place
        .dump("number")
        .await?
        .iter()
        .map(|row| serde_json::from_str(row))
        .collect::<Result<_, _>>()?;
    let taken: BTreeSet<u64> = numbers.iter().filter_map(|row| row["number"].as_u64()).collect();
    let gapless = taken.iter().copied().eq(1..=numbers.len() as u64);
    ensure!(gapless && taken.len() == numbers.len(), "{taken:?}");
    let documents: BTreeSet<String> =
        numbers.iter().map(|row| row["document"].to_string()).collect();
    ensure!(documents.len() == numbers.len(), "a document has one number");
    Ok(())
}
