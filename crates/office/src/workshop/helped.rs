//! What a flow administrator does to a case that stands still is on the record of its flow, too: an auditor reads of it
//! there without reading the case. It is written in the commit of the act.

use super::flows::FlowEvent;
use crate::{
    act::Order,
    envelope::{self, Circumstances},
    error::Error,
    office::Office,
    sight::has_role,
};
use chrono::{DateTime, Utc};
use wenshu_core::{
    Case, FLOW_ADMIN,
    command::{Actor, Chosen, Command},
    directory::Directory,
};
use wenshu_storage::{Append, StreamId, StreamKind};

/// A way out that was taken, in words that say nothing of what was written in the case.
struct Help {
    act: &'static str,
    step: String,
    to: Option<String>,
    reason: String,
}

impl Office {
    /// The entry of the flow's record, where the act is an administrator's; `case` as it stood before.
    pub(crate) async fn helped(
        &self,
        directory: &Directory,
        order: &Order,
        case: &Case,
        now: DateTime<Utc>,
    ) -> Result<Option<Append>, Error> {
        let Actor::Person(seat) = &order.actor else { return Ok(None) };
        let Some(help) = help(directory, case, &order.command) else { return Ok(None) };
        if !has_role(directory, seat, FLOW_ADMIN) {
            return Ok(None);
        }
        let event = FlowEvent::Helped {
            act: help.act.to_owned(),
            case: case.id,
            step: help.step,
            to: help.to,
            reason: help.reason,
        };
        let stream = StreamId::workflow(&case.workflow);
        let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
        let circumstances =
            Circumstances::new(now, &order.actor, directory.version, self.inner.calendar.version);
        let envelopes = circumstances.wrap(head.version, std::slice::from_ref(&event));
        envelope::append(stream, StreamKind::Workflow, head, &envelopes).map(Some)
    }
}

fn help(directory: &Directory, case: &Case, command: &Command) -> Option<Help> {
    let name = |to: &Chosen| {
        let person = directory.people.get(&to.person);
        Some(person.map_or_else(|| to.person.to_string(), |person| person.name.clone()))
    };
    let stalled = || {
        let titles: Vec<_> = case.stalls.iter().map(|stall| stall.title.as_str()).collect();
        titles.join("、")
    };
    Some(match command {
        Command::Appoint { visit, to, reason } => {
            let stall = case.stalls.iter().find(|stall| stall.visit == Some(*visit))?;
            let (step, reason) = (stall.title.clone(), reason.clone());
            Help { act: "appointed", step, to: name(to), reason }
        }
        Command::Reassign { task, to, reason } => {
            let (step, reason) = (case.tasks.get(task)?.title.clone(), reason.clone());
            Help { act: "reassigned", step, to: name(to), reason }
        }
        Command::Retry { reason } => {
            Help { act: "retried", step: stalled(), to: None, reason: reason.clone() }
        }
        Command::Terminate { task: None, reason } => {
            Help { act: "terminated", step: stalled(), to: None, reason: reason.clone() }
        }
        Command::Terminate { task: Some(_), .. }
        | Command::Start { .. }
        | Command::Complete(_)
        | Command::SendBack { .. }
        | Command::Transfer { .. }
        | Command::Claim { .. }
        | Command::Release { .. }
        | Command::Open { .. }
        | Command::Read { .. }
        | Command::Withdraw { .. }
        | Command::Reopen { .. }
        | Command::Cc { .. }
        | Command::Circulate { .. }
        | Command::Urge { .. }
        | Command::Link { .. }
        | Command::Answer { .. } => return None,
    })
}
