//! What changes a flow: deploying a version, restoring what came with the system, retiring a flow and taking it up again.
//! Each is one event of the flow's stream, with the rows that follow from it; the stream is the guard.

use super::{flows::FlowEvent, trial::survey_hash};
use crate::{
    act::RequestKey,
    envelope::{self, Circumstances},
    error::Error,
    load::unexpected,
    office::Office,
};
use serde::{Deserialize, Serialize};
use wenshu_core::{Rejection, command::Actor, compile, directory::Seat, survey::Warning};
use wenshu_storage::{Act, Head, Refused, RetiredRow, StreamId, StreamKind, WorkflowRow, Writes};

const TRIES: u32 = 50;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 2000;

/// A version to be deployed.
#[derive(Clone, Debug)]
pub struct Deploying {
    pub source: String,
    pub reason: String,
    /// The version that its writer started from; none for a flow that is new.
    pub base: Option<String>,
    /// The survey whose warnings its writer has read and accepts; none where there was nothing to warn of.
    pub accepted: Option<String>,
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

/// What a deployment is held against.
enum Base<'a> {
    /// The system puts in place what it brings.
    Any,
    /// The version that was changed, and the survey that was accepted.
    Of { base: Option<&'a str>, accepted: Option<&'a str> },
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
        let accepted = deploying.accepted.as_deref();
        let base = Base::Of { base: deploying.base.as_deref(), accepted };
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
        accepted: Option<&str>,
        key: &RequestKey,
    ) -> Result<Deployed, Error> {
        self.require_flow_admin(seat).await?;
        let shipped = self.shipped().await?;
        let flow = shipped.iter().find(|flow| flow.name == name).ok_or(Error::NotFound)?;
        let actor = Actor::Person(seat.clone());
        let reason = reasonable(reason)?;
        let base = Base::Of { base, accepted };
        self.put_in_place(&actor, flow.source, reason, &base, Some(key)).await
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
            if let Some(known) = self.answered_to(actor, key).await? {
                return Ok(known);
            }
            // The head is read before the row: what is deployed in between is found by the guard.
            let head =
                self.inner.storage.head(&StreamId::workflow(&name)).await?.unwrap_or_default();
            let newest = self.inner.storage.newest_workflow(&name).await?;
            if newest.as_ref().is_some_and(|newest| newest.hash == answer.hash) {
                return Ok(Deployed { changed: false, ..answer });
            }
            let accepted = match base {
                Base::Any => vec![],
                Base::Of { base, .. }
                    if newest.as_ref().map(|newest| newest.hash.as_str()) != *base =>
                {
                    return Err(overtaken(&name, newest));
                }
                Base::Of { accepted, .. } => {
                    let warnings = self.surveyed(&workflow, source).await?;
                    accepting(warnings, *accepted)?
                }
            };
            let (hash, reason) = (answer.hash.clone(), reason.to_owned());
            let event = FlowEvent::Deployed { hash, reason, accepted };
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
            if self.answered_to::<()>(&actor, Some(key)).await?.is_some() {
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
                | FlowEvent::Deployed { .. }
                | FlowEvent::Helped { .. } => {}
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
        head: Head,
        event: &FlowEvent,
        key: Option<&RequestKey>,
        answer: &impl Serialize,
        rows: impl Fn(&mut Writes),
    ) -> Result<bool, Error> {
        let (now, known) = (self.inner.clock.now(), self.known_directory().version);
        let circumstances = Circumstances::new(now, actor, known, self.inner.calendar.version);
        let circumstances = circumstances.keyed(key);
        let envelopes = circumstances.wrap(head.version, std::slice::from_ref(event));
        let stream = StreamId::workflow(name);
        let mut writes = Writes::default();
        writes.appends.push(envelope::append(stream, StreamKind::Workflow, head, &envelopes)?);
        rows(&mut writes);
        writes.key = self.answer_under(actor, key, answer)?;
        match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
            Ok(_) => Ok(true),
            // Looked at again; a known key gives its answer then.
            Err(Refused::Moved | Refused::KnownKey(_)) => Ok(false),
            Err(refused) => Err(unexpected(refused)),
        }
    }
}

/// What was accepted, in words: all that the survey warns of, as it is now, or nothing where it is silent.
fn accepting(warnings: Vec<Warning>, accepted: Option<&str>) -> Result<Vec<String>, Error> {
    match survey_hash(&warnings) {
        Some(survey) if accepted != Some(&*survey) => {
            Err(Error::WarningsUnread { warnings, survey })
        }
        Some(_) | None => Ok(warnings.into_iter().map(|warning| warning.problem.message).collect()),
    }
}

fn overtaken(name: &str, newest: Option<WorkflowRow>) -> Error {
    Error::FlowMoved {
        name: name.to_owned(),
        hash: newest.as_ref().map(|row| row.hash.clone()),
        at: newest.as_ref().map(|row| row.deployed_at),
        by: newest.and_then(|row| row.deployed_by.read::<Option<Box<Seat>>>().ok().flatten()),
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
