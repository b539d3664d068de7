//! Deployed sources held against the record: each file must be the one whose hash its deployment names, and what is
//! in use must be what was deployed last. What lies in the tables is judged here, not believed.

use super::flows::FlowEvent;
use crate::{
    envelope::{self, Envelope},
    error::Error,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};
use wenshu_core::compile::hash;
use wenshu_storage::{Storage, StreamId, StreamKind, WorkflowRow};

const AT_ONCE: u64 = 500;

/// A flow whose tables do not say what its record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowDamage {
    pub name: String,
    /// The version; empty where it is about the flow.
    pub hash: String,
    pub wrong: FlowWrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowWrong {
    /// The source is not the one that was deployed.
    Source,
    /// A version that nobody deployed.
    NotDeployed,
    /// A deployed version whose source is gone.
    Gone,
    /// Its place among the versions was changed.
    Order,
    /// Retired or taken up without a record of it.
    Retired,
}

impl fmt::Display for FlowDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short: String = self.hash.chars().take(8).collect();
        match self.wrong {
            FlowWrong::Source => write!(f, "流程 {} 的版本 {short}：文本被改动", self.name),
            FlowWrong::NotDeployed => {
                write!(f, "流程 {} 的版本 {short}：没有部署记录", self.name)
            }
            FlowWrong::Gone => write!(f, "流程 {} 的版本 {short}：文本被删去", self.name),
            FlowWrong::Order => write!(f, "流程 {} 的版本 {short}：版本先后被改动", self.name),
            FlowWrong::Retired => write!(f, "流程 {}：停用状态与记录不符", self.name),
        }
    }
}

/// Everything that is wrong with deployed flows.
pub async fn flows_against_record(storage: &Storage) -> Result<Vec<FlowDamage>, Error> {
    let mut rows: BTreeMap<String, Vec<WorkflowRow>> = BTreeMap::new();
    for row in storage.workflows().await? {
        rows.entry(row.name.clone()).or_default().push(row);
    }
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let mut after: Option<StreamId> = None;
    loop {
        let some = storage.streams(StreamKind::Workflow, after.as_ref(), AT_ONCE).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.clone());
        for stream in some {
            let name = stream.as_str().strip_prefix("workflow:").unwrap_or(stream.as_str());
            let record = Record::of(&envelope::open(&storage.load(&stream).await?)?);
            records.insert(name.to_owned(), record);
        }
    }
    let retired = storage.retired().await?;
    let mut found = vec![];
    let none = Record::default();
    for (name, versions) in &rows {
        let record = records.get(name).unwrap_or(&none);
        for row in versions {
            let wrong = match record.deployed.get(&row.hash) {
                _ if hash(&row.source) != row.hash => Some(FlowWrong::Source),
                // The first versions had no number, and none that had one came before them.
                Some(seq) if row.seq == 0 && !numbered_before(versions, record, *seq) => None,
                Some(seq) if *seq != row.seq => Some(FlowWrong::Order),
                Some(_) => None,
                // Before deployments were recorded, versions had no number.
                None if row.seq == 0
                    && record.since.is_none_or(|since| row.deployed_at < since) =>
                {
                    None
                }
                None => Some(FlowWrong::NotDeployed),
            };
            let (name, hash) = (name.clone(), row.hash.clone());
            found.extend(wrong.map(|wrong| FlowDamage { name, hash, wrong }));
        }
    }
    for (name, record) in &records {
        let versions = rows.get(name).map_or(&[][..], Vec::as_slice);
        for hash in record.deployed.keys() {
            if !versions.iter().any(|row| row.hash == *hash) {
                let (name, hash) = (name.clone(), hash.clone());
                found.push(FlowDamage { name, hash, wrong: FlowWrong::Gone });
            }
        }
    }
    for name in rows.keys() {
        let said = records.get(name).is_some_and(|record| record.retired);
        if said != retired.contains_key(name) {
            let (name, hash) = (name.clone(), String::new());
            found.push(FlowDamage { name, hash, wrong: FlowWrong::Retired });
        }
    }
    Ok(found)
}

/// Whether a version that the record has before this one carries a number.
fn numbered_before(versions: &[WorkflowRow], record: &Record, seq: u64) -> bool {
    versions
        .iter()
        .filter(|row| row.seq != 0)
        .any(|row| record.deployed.get(&row.hash).is_some_and(|earlier| *earlier < seq))
}

/// What the stream of a flow says.
#[derive(Default)]
struct Record {
    /// Versions by hash, with the event that deployed each last.
    deployed: BTreeMap<String, u64>,
    since: Option<DateTime<Utc>>,
    retired: bool,
}

impl Record {
    fn of(events: &[Envelope<FlowEvent>]) -> Self {
        let mut record = Self { since: events.first().map(|event| event.at), ..Self::default() };
        for one in events {
            match &one.event {
                FlowEvent::Deployed { hash, .. } => {
                    record.deployed.insert(hash.clone(), one.seq);
                }
                FlowEvent::Retired { .. } => record.retired = true,
                FlowEvent::Resumed { .. } => record.retired = false,
                FlowEvent::Helped { .. } => {}
            }
        }
        record
    }
}
