//! A case 办件: one run of a workflow, as its events made it. `apply` is the only way it changes; it never
//! refuses and never decides.

use crate::{
    control::{Marking, Moved, Place},
    directory::Seat,
    event::{Branch, Cause, Ended, Event, Left, Opinion, Task, TaskState},
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
    /// Version of the document now, from 1; 0 without a document.
    pub document_version: u32,
    pub started_at: Option<DateTime<Utc>>,
    pub marking: Marking,
    /// Open and finished arrivals at steps.
    pub visits: BTreeMap<VisitId, Visit>,
    /// The open visit at each place.
    #[serde(with = "crate::control::as_pairs")]
    pub open: BTreeMap<Place, VisitId>,
    /// How often each place has been arrived at.
    #[serde(with = "crate::control::as_pairs")]
    pub rounds: BTreeMap<Place, u32>,
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
    pub stalls: Vec<Stall>,
    /// Tasks taken from their holders, and who has them since.
    #[serde(default)]
    pub reassigned: BTreeMap<TaskId, Seat>,
    /// Cases that this one answers.
    #[serde(default)]
    pub links: BTreeSet<CaseId>,
    pub ended: Option<Ended>,
    pub ended_at: Option<DateTime<Utc>>,
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
    pub tasks: Vec<TaskId>,
    /// Effects still to do before the token goes on.
    #[serde(default)]
    pub effects: Vec<String>,
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
    #[serde(default)]
    pub place: Option<Place>,
    pub step: StepId,
    pub title: String,
    pub reason: String,
    #[serde(default)]
    pub cause: Option<Cause>,
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

impl Case {
    /// A case before its first event.
    #[must_use]
    pub fn new(id: CaseId) -> Self {
        Self {
            id,
            version: 0,
            workflow: String::new(),
            workflow_hash: String::new(),
            title: String::new(),
            initiator: None,
            document: None,
            document_version: 0,
            started_at: None,
            marking: Marking::default(),
            visits: BTreeMap::new(),
            open: BTreeMap::new(),
            rounds: BTreeMap::new(),
            tasks: BTreeMap::new(),
            opinions: vec![],
            branches: BTreeMap::new(),
            picked: BTreeMap::new(),
            form: Facts::new(),
            effects: BTreeMap::new(),
            asks: BTreeMap::new(),
            outdated: BTreeSet::new(),
            stalls: vec![],
            reassigned: BTreeMap::new(),
            links: BTreeSet::new(),
            ended: None,
            ended_at: None,
            next_visit: 1,
            next_task: 1,
            next_ask: 1,
        }
    }

    /// The case that these events made.
    #[must_use]
    pub fn replay<'a>(id: CaseId, events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut case = Self::new(id);
        for event in events {
            case.apply(event);
        }
        case
    }

    /// Takes note of what happened.
    pub fn apply(&mut self, event: &Event) {
        self.version += 1;
        match event {
            Event::CaseStarted { workflow, workflow_hash, title, initiator, document, at } => {
                self.workflow.clone_from(workflow);
                self.workflow_hash.clone_from(workflow_hash);
                self.title.clone_from(title);
                self.initiator = Some(initiator.clone());
                self.document = *document;
                // A document begins with its first version, before anybody changed it.
                self.document_version = u32::from(document.is_some());
                self.started_at = Some(*at);
            }
            Event::Renamed { title } => self.title.clone_from(title),
            Event::Moved { moved } => self.move_token(moved, true),
            Event::BranchesOpened { place, branches } => {
                self.branches.insert(place.clone(), branches.clone());
            }
            Event::StepEntered { visit, place, step, title, round, at } => {
                let entered = Visit {
                    place: place.clone(),
                    step: step.clone(),
                    title: title.clone(),
                    round: *round,
                    entered_at: *at,
                    left: None,
                    tasks: vec![],
                    effects: vec![],
                };
                // Who signed here before is asked anew; what was told them of the old text is settled.
                for earlier in self.visits.values().filter(|earlier| earlier.place == *place) {
                    for task in &earlier.tasks {
                        self.outdated.remove(task);
                    }
                }
                self.visits.insert(*visit, entered);
                self.open.insert(place.clone(), *visit);
                self.rounds.insert(place.clone(), *round);
                self.next_visit = visit.0 + 1;
            }
            Event::StepLeft { visit, how } => self.leave(*visit, *how),
            Event::TaskOpened { task } => {
                if let Some(visit) = task.visit.and_then(|visit| self.visits.get_mut(&visit)) {
                    visit.tasks.push(task.id);
                }
                self.next_task = task.id.0 + 1;
                self.tasks.insert(task.id, task.clone());
            }
            Event::TaskClaimed { task, by } => {
                self.with_task(*task, |task| task.holder = Some(by.clone()))
            }
            Event::TaskReleased { task } => self.with_task(*task, |task| task.holder = None),
            Event::TaskSeen { task, at, .. } => {
                self.with_task(*task, |task| task.seen_at = Some(*at))
            }
            Event::OpinionGiven { task, opinion } => {
                self.with_task(*task, |task| task.state = TaskState::Done);
                self.outdated.remove(task);
                self.opinions.push((*task, opinion.clone()));
            }
            Event::TaskClosed { task, .. } => {
                self.with_task(*task, |task| task.state = TaskState::Closed)
            }
            Event::TaskReopened { task, .. } => {
                self.with_task(*task, |task| task.state = TaskState::Open);
                self.outdated.remove(task);
            }
            Event::FormChanged { changes, .. } => self.form.extend(changes.clone()),
            Event::DocumentChanged { version, .. } => self.document_version = *version,
            Event::Picked { name, seats, picked, .. } => {
                let picked = PickedSeats {
                    seats: seats.clone(),
                    units: picked.units.clone(),
                    lead: picked.lead.clone(),
                };
                self.picked.insert(name.clone(), picked);
            }
            Event::OpinionsOutdated { tasks } => self.outdated.extend(tasks),
            Event::EffectsBegun { visit, effects } => {
                if let Some(visit) = self.visits.get_mut(visit) {
                    visit.effects.clone_from(effects);
                }
            }
            Event::Asked { ask, visit, effect, title, .. } => {
                let open = OpenAsk { visit: *visit, effect: effect.clone(), title: title.clone() };
                self.asks.insert(*ask, open);
                self.next_ask = ask.0 + 1;
            }
            Event::Answered { ask, result } => {
                if let Some(open) = self.asks.remove(ask) {
                    self.effects.insert(open.effect, result.clone());
                    self.effect_done(open.visit);
                }
            }
            Event::AskGivenUp { ask } => {
                self.asks.remove(ask);
            }
            Event::EffectRecorded { visit, effect, again, .. } => {
                if !again {
                    self.effects.insert(effect.clone(), String::new());
                }
                self.effect_done(*visit);
            }
            Event::Stalled { visit, place, step, title, reason, cause, at } => {
                self.stalls.push(Stall {
                    visit: *visit,
                    place: place.clone(),
                    step: step.clone(),
                    title: title.clone(),
                    reason: reason.clone(),
                    cause: cause.clone(),
                    since: *at,
                });
            }
            Event::Retried { .. } => self.stalls.clear(),
            Event::Appointed { visit, .. } => {
                self.stalls.retain(|stall| stall.visit != Some(*visit));
            }
            Event::Reassigned { task, to, .. } => {
                self.reassigned.insert(*task, to.clone());
            }
            Event::Linked { other, .. } => {
                self.links.insert(*other);
            }
            Event::CaseEnded { how, at, .. } => {
                self.ended = Some(*how);
                self.ended_at = Some(*at);
                self.stalls.clear();
            }
            Event::StepPassed { .. }
            | Event::Chose { .. }
            | Event::SentBack { .. }
            | Event::Copied { .. }
            | Event::Urged { .. }
            | Event::Withdrawn { .. } => {}
        }
    }

    /// A move of the token game; `play` is false where the game has already changed the marking itself.
    pub(crate) fn move_token(&mut self, moved: &Moved, play: bool) {
        if play {
            self.marking.apply(moved);
        }
        match moved {
            Moved::Closed { block } => {
                self.branches.remove(block);
            }
            // What waited there waits no more.
            Moved::Taken { place } => {
                self.stalls.retain(|stall| stall.place.as_ref() != Some(place));
            }
            Moved::Placed { .. }
            | Moved::Opened { .. }
            | Moved::Joined { .. }
            | Moved::BranchDone { .. }
            | Moved::BranchReopened { .. }
            | Moved::Forgot { .. }
            | Moved::BlockForgot { .. } => {}
        }
    }

    fn leave(&mut self, visit: VisitId, how: Left) {
        self.asks.retain(|_, ask| ask.visit != visit);
        self.stalls.retain(|stall| stall.visit != Some(visit));
        let Some(visit) = self.visits.get_mut(&visit) else { return };
        visit.left = Some(how);
        visit.effects.clear();
        self.open.remove(&visit.place);
    }

    fn effect_done(&mut self, visit: VisitId) {
        if let Some(visit) = self.visits.get_mut(&visit).filter(|visit| !visit.effects.is_empty()) {
            visit.effects.remove(0);
        }
    }

    fn with_task(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(&id) {
            change(task);
        }
    }

    /// Tasks that wait for somebody, in the order they were opened.
    pub fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter(|task| task.state == TaskState::Open)
    }

    /// The last opinion given on a task.
    #[must_use]
    pub fn opinion_on(&self, task: TaskId) -> Option<&Opinion> {
        self.opinions.iter().rev().find(|(of, _)| *of == task).map(|(_, opinion)| opinion)
    }

    /// Where it stands, in one line: 会签：财政局 收发岗 · 会签：司法局 收发岗.
    #[must_use]
    pub fn whereabouts(&self) -> String {
        match self.ended {
            Some(Ended::Finished) => return "已办结".into(),
            Some(Ended::Refused) => return "不同意，已终结".into(),
            Some(Ended::Terminated) => return "已终止".into(),
            None => {}
        }
        // Readers keep their copies while the case is elsewhere.
        let waits = |task: &&Task| {
            let visit = task.visit.and_then(|visit| self.visits.get(&visit));
            visit.is_some_and(|visit| visit.left.is_none())
        };
        let tasks = self.open_tasks().filter(waits).map(|task| {
            let who = match (&task.holder, &task.offered[..]) {
                (Some(seat), _) => seat.label(),
                (None, [seat]) => seat.label(),
                (None, seats) => seats.iter().map(Seat::label).collect::<Vec<_>>().join("、"),
            };
            format!("{}：{who}", task.title)
        });
        let asks = self.asks.values().map(|ask| format!("正在{}…", ask.title));
        let stalls =
            self.stalls.iter().map(|stall| format!("停滞于{}：{}", stall.title, stall.reason));
        tasks.chain(asks).chain(stalls).collect::<Vec<_>>().join(" · ")
    }
}
