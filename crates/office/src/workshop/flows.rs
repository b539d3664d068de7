//! Flows and their versions. What happens to a flow is an event of its stream; the rows say which source lies under
//! which hash, which was deployed last, and which flows are retired. Cases in flight keep the version that they began with.

use crate::{
    act::RequestKey,
    envelope::{self, Circumstances, Envelope},
    error::Error,
    load::unexpected,
    office::Office,
    sight::AUDIT_ADMIN,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};
use wenshu_core::{
    FLOW_ADMIN, Rejection, Workflow, command::Actor, compile, directory::Seat, workflow::Carrier,
};
use wenshu_storage::{
    Act, InFlight, Key, Refused, RetiredRow, StreamId, StreamKind, WorkflowRow, Writes,
};

/// The flows that come with the system.
pub const SHIPPED: [&str; 4] = [
    include_str!("../../../../workflows/outgoing.yaml"),
    include_str!("../../../../workflows/incoming.yaml"),
    include_str!("../../../../workflows/request.yaml"),
    include_str!("../../../../workflows/leave.yaml"),
];

const TRIES: u32 = 50;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 2000;

/// What happened to a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FlowEvent {
    /// The source of this hash is what new cases start.
    Deployed { hash: String, reason: String },
    /// No new case may start.
    Retired { reason: String },
    /// New cases may start again.
    Resumed { reason: String },
}

/// A version to be deployed.
#[derive(Clone, Debug)]
pub struct Deploying {
    pub source: String,
    pub reason: String,
    /// The version that its writer started from; none for a flow that is new.
    pub base: Option<String>,
}

/// A flow that was deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    pub name: String,
    pub title: String,
    pub hash: String,
    /// Whether that changed anything: the newest version deployed again does not.
    pub changed: bool,
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

/// What a deployment is held against.
enum Base<'a> {
    /// The system puts in place what it brings.
    Any,
    Of(Option<&'a str>),
}

impl Office {
    /// Deploys a flow for the system itself.
    pub async fn deploy(
        &self,
        by: Option<&Seat>,
        source: &str,
        reason: &str,
    ) -> Result<Deployed, Error> {
        if let Some(seat) = by {
            self.require_flow_admin(seat).await?;
        }
        let actor = by.map_or(Actor::System, |seat| Actor::Person(seat.clone()));
        self.put_in_place(&actor, source, reason, &Base::Any, None).await
    }

    /// Deploys a version, or says every problem of it. Whoever started from a version that is no longer the newest is
    /// told who was quicker.
    pub async fn deploy_version(
        &self,
        seat: &Seat,
        deploying: &Deploying,
        key: &RequestKey,
    ) -> Result<Deployed, Error> {
        self.require_flow_admin(seat).await?;
        let reason = reasonable(&deploying.reason)?;
        let base = Base::Of(deploying.base.as_deref());
        let actor = Actor::Person(seat.clone());
        self.put_in_place(&actor, &deploying.source, reason, &base, Some(key)).await
    }

    /// Puts the version that came with the system in place again.
    pub async fn restore_flow(
        &self,
        seat: &Seat,
        name: &str,
        reason: &str,
        base: Option<&str>,
        key: &RequestKey,
    ) -> Result<Deployed, Error> {
        self.require_flow_admin(seat).await?;
        let shipped = self.shipped().await?;
        let flow = shipped.iter().find(|flow| flow.name == name).ok_or(Error::NotFound)?;
        let actor = Actor::Person(seat.clone());
        let reason = reasonable(reason)?;
        self.put_in_place(&actor, flow.source, reason, &Base::Of(base), Some(key)).await
    }

    async fn put_in_place(
        &self,
        actor: &Actor,
        source: &str,
        reason: &str,
        base: &Base<'_>,
        key: Option<&RequestKey>,
    ) -> Result<Deployed, Error> {
        let workflow = compile(source, &self.inner.vocabulary).map_err(Error::Problems)?;
        let (name, hash) = (workflow.name.clone(), workflow.hash.clone());
        let answer =
            Deployed { name: name.clone(), title: workflow.title.clone(), hash, changed: true };
        let event = FlowEvent::Deployed { hash: answer.hash.clone(), reason: reason.to_owned() };
        let row = |seq| WorkflowRow {
            name: answer.name.clone(),
            hash: answer.hash.clone(),
            title: answer.title.clone(),
            source: source.to_owned(),
            deployed_at: self.inner.clock.now(),
            deployed_by: crate::project::json(&actor.seat()),
            reason: reason.to_owned(),
            seq,
        };
        for _ in 0..TRIES {
            if let Some(known) = self.answered_key(actor, key).await? {
                return Ok(known);
            }
            // The head is read before the row: what is deployed in between is found by the guard.
            let head =
                self.inner.storage.head(&StreamId::workflow(&name)).await?.unwrap_or_default();
            let newest = self.inner.storage.newest_workflow(&name).await?;
            if newest.as_ref().is_some_and(|newest| newest.hash == answer.hash) {
                return Ok(Deployed { changed: false, ..answer });
            }
            if let Base::Of(base) = base
                && newest.as_ref().map(|newest| newest.hash.as_str()) != *base
            {
                return Err(overtaken(&name, newest));
            }
            let row = row(head.version + 1);
            let written =
                self.note(actor, &name, head, &event, key, &answer, |writes| writes.put(&row));
            if written.await? {
                return Ok(answer);
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// No new case may start by this flow from now on; those in flight go on.
    pub async fn retire_flow(
        &self,
        seat: &Seat,
        name: &str,
        reason: &str,
        key: &RequestKey,
    ) -> Result<(), Error> {
        let event = FlowEvent::Retired { reason: reasonable(reason)?.to_owned() };
        let row = RetiredRow {
            name: name.to_owned(),
            at: self.inner.clock.now(),
            retired_by: crate::project::json(seat),
            reason: reason.trim().to_owned(),
        };
        self.turn(seat, name, &event, key, |writes| writes.put(&row)).await
    }

    /// New cases may start by it again.
    pub async fn resume_flow(
        &self,
        seat: &Seat,
        name: &str,
        reason: &str,
        key: &RequestKey,
    ) -> Result<(), Error> {
        let event = FlowEvent::Resumed { reason: reasonable(reason)?.to_owned() };
        self.turn(seat, name, &event, key, |writes| writes.remove::<RetiredRow>(&[name])).await
    }

    async fn turn(
        &self,
        seat: &Seat,
        name: &str,
        event: &FlowEvent,
        key: &RequestKey,
        rows: impl Fn(&mut Writes),
    ) -> Result<(), Error> {
        self.require_flow_admin(seat).await?;
        let actor = Actor::Person(seat.clone());
        for _ in 0..TRIES {
            if self.answered_key::<()>(&actor, Some(key)).await?.is_some() {
                return Ok(());
            }
            let head =
                self.inner.storage.head(&StreamId::workflow(name)).await?.unwrap_or_default();
            self.inner.storage.newest_workflow(name).await?.ok_or(Error::NotFound)?;
            let retired = self.inner.storage.retirement(name).await?.is_some();
            match event {
                FlowEvent::Retired { .. } if retired => return Ok(()),
                FlowEvent::Resumed { .. } if !retired => return Ok(()),
                FlowEvent::Retired { .. }
                | FlowEvent::Resumed { .. }
                | FlowEvent::Deployed { .. } => {}
            }
            if self.note(&actor, name, head, event, Some(key), &(), &rows).await? {
                return Ok(());
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// Appends to the stream of a flow, if it still stands where it was looked at.
    #[expect(clippy::too_many_arguments, reason = "all that one commit is made of")]
    async fn note(
        &self,
        actor: &Actor,
        name: &str,
        head: wenshu_storage::Head,
        event: &FlowEvent,
        key: Option<&RequestKey>,
        answer: &impl Serialize,
        rows: impl Fn(&mut Writes),
    ) -> Result<bool, Error> {
        let (now, known) = (self.inner.clock.now(), self.known_directory().version);
        let circumstances = Circumstances {
            key: key.map(|key| key.key.clone()),
            ..Circumstances::new(now, actor, known, self.inner.calendar.version)
        };
        let envelopes = circumstances.wrap(head.version, std::slice::from_ref(event));
        let stream = StreamId::workflow(name);
        let mut writes = Writes::default();
        writes.appends.push(envelope::append(stream, StreamKind::Workflow, head, &envelopes)?);
        rows(&mut writes);
        let person = actor.seat().and_then(|seat| seat.person.as_ref());
        if let Some((key, person)) = key.zip(person) {
            writes.key = Some(Key {
                person: person.id.clone(),
                key: key.key.clone(),
                request: key.request.clone(),
                answer: serde_json::to_string(answer).map_err(Error::unreadable("an answer"))?,
                at: now,
            });
        }
        match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
            Ok(_) => Ok(true),
            // Looked at again; a known key gives its answer then.
            Err(Refused::Moved | Refused::KnownKey(_)) => Ok(false),
            Err(refused) => Err(unexpected(refused)),
        }
    }

    /// What was answered to the same request before.
    async fn answered_key<T: DeserializeOwned>(
        &self,
        actor: &Actor,
        key: Option<&RequestKey>,
    ) -> Result<Option<T>, Error> {
        let person = actor.seat().and_then(|seat| seat.person.as_ref());
        let Some((key, person)) = key.zip(person) else { return Ok(None) };
        let Some(known) = self.inner.storage.answer_to(&person.id, &key.key).await? else {
            return Ok(None);
        };
        if known.request != key.request {
            return Err(Error::KeyReused);
        }
        serde_json::from_str(&known.answer).map(Some).map_err(Error::unreadable("a stored answer"))
    }

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
            Purpose::Draft => all.retain(|workflow| !by_registration(workflow)),
            Purpose::Registration => {
                all.retain(|workflow| workflow.carries == Carrier::Document);
                // Those made for it come first.
                all.sort_by_key(|workflow| !by_registration(workflow));
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
            by_registration: by_registration(&*self.compiled(newest)?),
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

/// A document in which nobody writes title or text comes from elsewhere: such a flow starts by a registration.
fn by_registration(workflow: &Workflow) -> bool {
    let writes = |name| workflow.handled().any(|(_, _, handle)| handle.edit.contains(name));
    match &workflow.carries {
        Carrier::Document => !writes("title") && !writes("body"),
        Carrier::Form(_) => false,
    }
}

fn overtaken(name: &str, newest: Option<WorkflowRow>) -> Error {
    Error::FlowMoved {
        name: name.to_owned(),
        hash: newest.as_ref().map(|row| row.hash.clone()),
        at: newest.as_ref().map(|row| row.deployed_at),
        by: newest.and_then(|row| row.deployed_by.read::<Option<Seat>>().ok().flatten()),
    }
}

fn reasonable(reason: &str) -> Result<&str, Error> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Rejection::ReasonRequired.into());
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Rejection::TextTooLong { field: "理由".into(), limit: LONGEST_REASON }.into());
    }
    Ok(reason)
}
