//! A case 办件: one run of a workflow, as its events made it. `apply` is the only way it changes; it never
//! refuses and never decides.

use crate::{
    control::{Marking, Place},
    directory::Seat,
    event::{Branch, Ended, Event, Left, Opinion, Task, TaskState},
    id::{AskId, CaseId, DocumentId, StepId, TaskId, VisitId},
    value::Facts,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One run of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    /// Counts the events applied.
    pub version: u64,
    pub workflow: String,
    pub workflow_hash: String,
    pub title: String,
    pub initiator: Option<Seat>,
    pub document: Option<DocumentId>,
    /// Version of the document now; 0 before its first hand-over.
    pub document_version: u32,
    pub started_at: Option<DateTime<Utc>>,
    pub marking: Marking,
    /// Open and finished arrivals at steps.
    pub visits: BTreeMap<VisitId, Visit>,
    pub tasks: BTreeMap<TaskId, Task>,
    /// All opinions, in order, append-only.
    pub opinions: Vec<(TaskId, Opinion)>,
    /// Branches of the open `for_each` blocks.
    #[serde(with = "crate::control::as_pairs")]
    pub branches: BTreeMap<Place, Vec<Branch>>,
    pub picked: BTreeMap<String, PickedSeats>,
    pub form: Facts,
    /// Effects done, with their result.
    pub effects: BTreeMap<String, String>,
    pub asks: BTreeMap<AskId, OpenAsk>,
    /// Tasks whose signers were told that the text changed after their opinion.
    pub outdated: BTreeSet<TaskId>,
    pub stalled: Option<Stall>,
    pub ended: Option<Ended>,
    /// Counters for ids.
    pub next_visit: u32,
    pub next_task: u32,
    pub next_ask: u32,
}

/// One arrival at a step 到达.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub place: Place,
    pub step: StepId,
    pub title: String,
    /// How often this place has been arrived at, from 1.
    pub round: u32,
    pub entered_at: DateTime<Utc>,
    pub left: Option<Left>,
    /// Effects still to do before the token goes on.
    pub tasks: Vec<TaskId>,
}

/// A choice as made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickedSeats {
    pub seats: Vec<Seat>,
    pub units: Vec<crate::id::UnitId>,
    pub lead: Option<crate::id::UnitId>,
}

/// A question waiting for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAsk {
    pub visit: VisitId,
    pub effect: String,
    pub title: String,
}

/// Why a case goes nowhere until somebody mends something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    pub visit: Option<VisitId>,
    pub step: StepId,
    pub title: String,
    pub reason: String,
}
