//! Flows and their versions as they are looked at. What happens to a flow is an event of its stream (`deploy`); the rows
//! say which source lies under which hash, which was deployed last, and which flows are retired. Cases in flight keep the
//! version that they began with.

use crate::{
    envelope::{self, Envelope},
    error::Error,
    office::Office,
    sight::AUDIT_ADMIN,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};
use wenshu_core::{FLOW_ADMIN, Workflow, compile, directory::Seat, id::CaseId, workflow::Carrier};
use wenshu_storage::{InFlight, RetiredRow, StreamId, WorkflowRow};

/// The flows that come with the system.
pub const SHIPPED: [&str; 4] = [
    include_str!("../../../../workflows/outgoing.yaml"),
    include_str!("../../../../workflows/incoming.yaml"),
    include_str!("../../../../workflows/request.yaml"),
    include_str!("../../../../workflows/leave.yaml"),
];

/// What happened to a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FlowEvent {
    /// The source of this hash is what new cases start.
    Deployed {
        hash: String,
        reason: String,
        /// The warnings that whoever deployed it knew of and accepted, in words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<String>,
    },
    /// No new case may start.
    Retired { reason: String },
    /// New cases may start again.
    Resumed { reason: String },
    /// An administrator helped a case on that stood still: appointed, reassigned, retried, terminated.
    Helped {
        act: String,
        case: CaseId,
        /// Its title.
        step: String,
        /// Who has to handle it now, by name.
        to: Option<String>,
        reason: String,
    },
}

/// A flow with its versions.
#[derive(Clone, Debug)]
pub struct FlowSummary {
    pub name: String,
    pub title: String,
    /// The latest first.
    pub versions: Vec<FlowVersion>,
    pub retired: Option<RetiredRow>,
    /// Started by registering what came in, not by drafting.
    pub by_registration: bool,
}

/// A version of a flow.
#[derive(Clone, Debug)]
pub struct FlowVersion {
    pub hash: String,
    pub title: String,
    pub deployed_at: DateTime<Utc>,
    /// None: the system.
    pub deployed_by: Option<Seat>,
    pub reason: String,
    pub in_flight: u64,
}

/// An entry of a flow's record.
#[derive(Clone, Debug)]
pub struct FlowDeed {
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub by: Option<Seat>,
    pub event: FlowEvent,
}

/// A flow that comes with the system, beside what is deployed.
#[derive(Clone, Debug)]
pub struct Shipped {
    pub name: String,
    pub title: String,
    pub hash: String,
    pub source: &'static str,
    /// What new cases start now.
    pub current: Option<String>,
}

/// What a flow is looked for for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To be started by whoever has something to write.
    #[default]
    Draft,
    /// To register what came in.
    Registration,
    Any,
}

impl Office {
    /// The flow that new cases of that name start.
    pub async fn workflow(&self, name: &str) -> Result<Arc<Workflow>, Error> {
        let row = self.inner.storage.newest_workflow(name).await?.ok_or(Error::NotFound)?;
        self.compiled(&row)
    }

    /// The same, unless it is retired.
    pub(crate) async fn startable(&self, name: &str) -> Result<Arc<Workflow>, Error> {
        let workflow = self.workflow(name).await?;
        match self.inner.storage.retirement(name).await? {
            None => Ok(workflow),
            Some(_) => {
                let title = &workflow.title;
                let text = format!(
                    "流程“{title}”已停用，不能发起新的办件。请改用其他流程，或联系流程管理员"
                );
                Err(Error::Invalid { field: "workflow".into(), text })
            }
        }
    }

    /// The source of the flow that new cases of that name start.
    pub async fn workflow_source(&self, name: &str) -> Result<WorkflowRow, Error> {
        self.inner.storage.newest_workflow(name).await?.ok_or(Error::NotFound)
    }

    /// The flows that new cases may start, by name.
    pub async fn workflows(&self, purpose: Purpose) -> Result<Vec<Arc<Workflow>>, Error> {
        let retired = self.inner.storage.retired().await?;
        let mut rows = self.inner.storage.workflows().await?;
        // The latest of each name comes first.
        rows.dedup_by(|later, first| later.name == first.name);
        rows.retain(|row| !retired.contains_key(&row.name));
        let mut all = rows.iter().map(|row| self.compiled(row)).collect::<Result<Vec<_>, _>>()?;
        match purpose {
            Purpose::Draft => all.retain(|workflow| !workflow.begins_by_registration()),
            Purpose::Registration => {
                all.retain(|workflow| workflow.carries == Carrier::Document);
                // Those made for it come first.
                all.sort_by_key(|workflow| !workflow.begins_by_registration());
            }
            Purpose::Any => {}
        }
        Ok(all)
    }

    /// The flow that a case in flight keeps.
    pub async fn workflow_by_hash(&self, name: &str, hash: &str) -> Result<Arc<Workflow>, Error> {
        if let Some(known) =
            self.inner.workflows.read().unwrap_or_else(PoisonError::into_inner).get(hash)
        {
            return Ok(Arc::clone(known));
        }
        let missing = || Error::Workflow { name: name.to_owned(), hash: hash.to_owned() };
        let row = self.inner.storage.workflow(name, hash).await?.ok_or_else(missing)?;
        self.compiled(&row)
    }

    fn compiled(&self, row: &WorkflowRow) -> Result<Arc<Workflow>, Error> {
        if let Some(known) =
            self.inner.workflows.read().unwrap_or_else(PoisonError::into_inner).get(&row.hash)
        {
            return Ok(Arc::clone(known));
        }
        let broken = || Error::Workflow { name: row.name.clone(), hash: row.hash.clone() };
        let workflow = compile(&row.source, &self.inner.vocabulary).map_err(|_| broken())?;
        // The record names the hash: a source that was changed by hand is not run.
        if workflow.hash != row.hash {
            return Err(broken());
        }
        let workflow = Arc::new(workflow);
        let mut known = self.inner.workflows.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(row.hash.clone(), Arc::clone(&workflow));
        Ok(workflow)
    }

    /// All flows with their versions and the cases in flight by each.
    pub async fn flows(&self, seat: &Seat) -> Result<Vec<FlowSummary>, Error> {
        self.require_workshop(seat).await?;
        let in_flight = self.inner.storage.in_flight().await?;
        let mut retired = self.inner.storage.retired().await?;
        let mut by_name: BTreeMap<String, Vec<WorkflowRow>> = BTreeMap::new();
        for row in self.inner.storage.workflows().await? {
            by_name.entry(row.name.clone()).or_default().push(row);
        }
        by_name
            .into_iter()
            .map(|(name, rows)| {
                let gone = retired.remove(&name);
                self.summary(name, &rows, gone, &in_flight)
            })
            .collect()
    }

    /// One flow, and everything that ever happened to it, the latest first.
    pub async fn flow(
        &self,
        seat: &Seat,
        name: &str,
    ) -> Result<(FlowSummary, Vec<FlowDeed>), Error> {
        self.require_workshop(seat).await?;
        let rows = self.inner.storage.versions(name).await?;
        if rows.is_empty() {
            return Err(Error::NotFound);
        }
        let retired = self.inner.storage.retirement(name).await?;
        let in_flight = self.inner.storage.in_flight().await?;
        let stored = self.inner.storage.load(&StreamId::workflow(name)).await?;
        let opened: Vec<Envelope<FlowEvent>> = envelope::open(&stored)?;
        let deed = |one: Envelope<FlowEvent>| FlowDeed {
            seq: one.seq,
            at: one.at,
            by: one.actor,
            event: one.event,
        };
        let deeds = opened.into_iter().rev().map(deed).collect();
        Ok((self.summary(name.to_owned(), &rows, retired, &in_flight)?, deeds))
    }

    fn summary(
        &self,
        name: String,
        rows: &[WorkflowRow],
        retired: Option<RetiredRow>,
        in_flight: &InFlight,
    ) -> Result<FlowSummary, Error> {
        let newest = rows.first().ok_or(Error::NotFound)?;
        let version = |row: &WorkflowRow| FlowVersion {
            hash: row.hash.clone(),
            title: row.title.clone(),
            deployed_at: row.deployed_at,
            deployed_by: row.deployed_by.read().unwrap_or_default(),
            reason: row.reason.clone(),
            in_flight: in_flight.get(&(row.name.clone(), row.hash.clone())).copied().unwrap_or(0),
        };
        Ok(FlowSummary {
            title: newest.title.clone(),
            by_registration: self.compiled(newest)?.begins_by_registration(),
            versions: rows.iter().map(version).collect(),
            name,
            retired,
        })
    }

    /// The source of a version.
    pub async fn flow_version(
        &self,
        seat: &Seat,
        name: &str,
        hash: &str,
    ) -> Result<WorkflowRow, Error> {
        self.require_workshop(seat).await?;
        self.inner.storage.workflow(name, hash).await?.ok_or(Error::NotFound)
    }

    /// How many cases each version of a flow has in flight.
    pub async fn in_flight_of(&self, name: &str) -> Result<Vec<(String, u64)>, Error> {
        let all = self.inner.storage.in_flight().await?;
        let of = all.into_iter().filter(|((flow, _), _)| flow == name);
        Ok(of.map(|((_, hash), many)| (hash, many)).collect())
    }

    /// The flows that come with the system.
    pub async fn shipped(&self) -> Result<Vec<Shipped>, Error> {
        let mut all = vec![];
        for source in SHIPPED {
            let workflow = compile(source, &self.inner.vocabulary).map_err(Error::Problems)?;
            let current = self.inner.storage.newest_workflow(&workflow.name).await?;
            all.push(Shipped {
                current: current.map(|row| row.hash),
                name: workflow.name,
                title: workflow.title,
                hash: workflow.hash,
                source,
            });
        }
        Ok(all)
    }

    /// Refuses all but flow administrators.
    pub async fn require_flow_admin(&self, seat: &Seat) -> Result<(), Error> {
        self.require_role(&*self.directory().await?, seat, FLOW_ADMIN)
    }

    /// Flow administrators work here, the auditor looks on.
    pub async fn require_workshop(&self, seat: &Seat) -> Result<(), Error> {
        let directory = self.directory().await?;
        self.require_role(&directory, seat, FLOW_ADMIN).or_else(|refused| {
            self.require_role(&directory, seat, AUDIT_ADMIN).map_err(|_| refused)
        })
    }
}
