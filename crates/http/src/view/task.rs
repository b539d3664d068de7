//! Tasks and what may be done with them.

use super::{Seat, mirror, seats};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{
    calendar::Calendar,
    directory,
    event::{self, DueAt},
    offer,
    workflow::{Handle, PickWhat},
};
use wenshu_office::CaseFile;

mirror! {
    /// What a task wants of its holder.
    TaskKind is event::TaskKind { Handle, Read }
    /// Where a task stands.
    TaskState is event::TaskState { Open, Done, Closed }
    /// An act by name.
    Act is offer::Act {
        Approve, Refuse, SendBack, Transfer, Claim, Release, Open, Read, Cc, Circulate, Withdraw, Reopen, Urge, Link, Terminate, Retry, Appoint, Reassign
    }
    /// Which earlier step one may send back to.
    BackKind is offer::BackKind { Previous, Initiator, Step }
    /// How the case comes back after 退回: straight to whoever sent it back, or step by step.
    Resume is wenshu_core::workflow::Resume { Direct, Stepwise }
}

/// A deadline 时限.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Due {
    pub at: DateTime<Utc>,
    /// It reaches into a year whose holidays are not announced yet.
    pub provisional: bool,
    /// Working days left; negative when it is past.
    pub days_left: i64,
}

impl Due {
    pub(crate) fn new(due: DueAt, calendar: &Calendar, now: DateTime<Utc>) -> Self {
        Self { at: due.at, provisional: due.provisional, days_left: calendar.left(now, due.at) }
    }
}

/// An open task 待办.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskView {
    pub id: u32,
    pub step: String,
    pub title: String,
    /// What is asked, e.g. 请审核.
    pub ask: String,
    pub kind: TaskKind,
    pub offered: Vec<Seat>,
    pub holder: Option<Seat>,
    /// The reader has it, or may take it.
    pub mine: bool,
    pub opened_at: DateTime<Utc>,
    pub seen_at: Option<DateTime<Utc>>,
    pub due: Option<Due>,
    /// Why it is with them, in Chinese.
    pub why: String,
    /// Who handed it on.
    pub from: Option<Seat>,
    pub branch: Option<BranchView>,
    pub state: TaskState,
    /// Fields that its holder may change.
    pub edit: Vec<String>,
    /// Fields that must be filled in.
    pub require: Vec<String>,
    pub picks: Vec<PickView>,
}

/// The unit of a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BranchView {
    pub unit: String,
    pub unit_name: String,
    /// 主办.
    pub lead: bool,
}

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PickKind {
    People,
    Units,
}

/// A choice that the holder makes for later steps.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PickView {
    pub name: String,
    pub title: String,
    pub what: PickKind,
    /// One of the units is to be marked 主办.
    pub lead: bool,
    pub required: bool,
    /// Who may be chosen; absent where anybody may.
    pub candidates: Option<Vec<Seat>>,
}

/// One act that would be accepted of this reader now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Offer {
    pub act: Act,
    pub task: Option<u32>,
    /// For 指定办理: the stalled step that somebody is named for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub visit: Option<u32>,
    pub opinion_required: bool,
    /// For 退回: where to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub targets: Vec<BackTarget>,
}

/// A step that the case may be sent back to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackTarget {
    pub step: String,
    pub title: String,
    pub kind: BackKind,
    /// Out of the parallel block that the task is in.
    pub out_of_block: bool,
    pub resume: Vec<Resume>,
    /// What becomes of the others, in Chinese.
    pub consequence: String,
}

impl From<&offer::Offer> for Offer {
    fn from(offer: &offer::Offer) -> Self {
        let target = |target: &offer::BackOffer| BackTarget {
            step: target.step.to_string(),
            title: target.title.clone(),
            kind: target.kind.into(),
            out_of_block: target.out_of_block,
            resume: target.resume.iter().map(|&way| way.into()).collect(),
            consequence: target.consequence.clone(),
        };
        Self {
            act: offer.act.into(),
            task: offer.task.map(|task| task.0),
            visit: offer.visit.map(|visit| visit.0),
            opinion_required: offer.opinion_required,
            targets: offer.targets.iter().map(target).collect(),
        }
    }
}

/// The open tasks of a case, in the order they were opened.
pub(crate) fn tasks(
    file: &CaseFile,
    reader: &directory::Seat,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Vec<TaskView> {
    file.case.open_tasks().map(|task| view(file, task, reader, calendar, now)).collect()
}

fn view(
    file: &CaseFile,
    task: &event::Task,
    reader: &directory::Seat,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> TaskView {
    let visit = task.visit.and_then(|visit| file.case.visits.get(&visit));
    let handle = visit.and_then(|visit| file.workflow.handle(visit.place.index()));
    let names = |names: Option<&std::collections::BTreeSet<String>>| {
        names.into_iter().flatten().cloned().collect()
    };
    TaskView {
        id: task.id.0,
        step: task.step.to_string(),
        title: task.title.clone(),
        ask: task.ask.clone(),
        kind: task.kind.into(),
        offered: seats(&task.offered),
        holder: task.holder.as_ref().map(Seat::from),
        mine: is_mine(file, task, reader),
        opened_at: task.opened_at,
        seen_at: task.seen_at,
        due: task.due.map(|due| Due::new(due, calendar, now)),
        why: task.why.clone(),
        from: task.from.as_ref().map(Seat::from),
        branch: task.branch.as_ref().map(|branch| BranchView {
            unit: branch.unit.to_string(),
            unit_name: branch.unit_name.clone(),
            lead: branch.lead,
        }),
        state: task.state.into(),
        edit: names(handle.map(|handle| &handle.edit)),
        require: names(handle.map(|handle| &handle.require)),
        picks: handle.map(|handle| picks(file, task, handle)).unwrap_or_default(),
    }
}

/// In whichever of their posts it came to them.
fn is_mine(file: &CaseFile, task: &event::Task, reader: &directory::Seat) -> bool {
    let Some(person) = &reader.person else { return false };
    let holds = |seat: &directory::Seat| {
        seat.admits(reader)
            || (seat.person.is_none() && file.directory.seat(&person.id, &seat.post).is_some())
    };
    match &task.holder {
        Some(holder) => holds(holder),
        None => task.offered.iter().any(holds),
    }
}

fn picks(file: &CaseFile, task: &event::Task, handle: &Handle) -> Vec<PickView> {
    let view = |pick: &wenshu_core::workflow::Pick| {
        let (what, lead) = match &pick.what {
            PickWhat::People { .. } => (PickKind::People, false),
            PickWhat::Units { lead } => (PickKind::Units, *lead),
        };
        let candidates = file.candidates.get(&(task.id, pick.name.clone()));
        PickView {
            name: pick.name.clone(),
            title: pick.title.clone(),
            what,
            lead,
            required: pick.required,
            candidates: candidates.map(seats),
        }
    };
    handle.pick.iter().map(view).collect()
}
