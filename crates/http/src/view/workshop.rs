//! The workshop of the flow administrator: flows with their versions, what a file lacks, how it plays, what stands still.

use super::{
    Act, CaseState, Entry, Field, FlowProblem, Offer, Picture, Seat, StepState, TaskView, mirror,
    stored,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wenshu_core::{event, survey, vacancy};
use wenshu_office as office;

mirror! {
    /// What kind of thing is missing.
    Lack is vacancy::Lack {
        Person, Role, Post, Registry, Head, InCharge, Keeper, Unit, Choice, Earlier, Field, Initiator, Excluded, Series
    }
}

/// A unit by its short name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitBrief {
    pub id: String,
    pub name: String,
}

impl From<&vacancy::UnitName> for UnitBrief {
    fn from(unit: &vacancy::UnitName) -> Self {
        Self { id: unit.id.to_string(), name: unit.name.clone() }
    }
}

/// One thing that is missing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MissingView {
    pub what: Lack,
    pub unit: Option<UnitBrief>,
    /// The post that is there, with nobody in it.
    pub post: Option<String>,
    /// What was asked for: a role, a title, a person, a choice, a step, a field.
    pub name: String,
    /// In Chinese.
    pub text: String,
}

impl From<&vacancy::Missing> for MissingView {
    fn from(missing: &vacancy::Missing) -> Self {
        Self {
            what: missing.what.into(),
            unit: missing.unit.as_ref().map(UnitBrief::from),
            post: missing.post.as_ref().map(ToString::to_string),
            name: missing.name.clone(),
            text: missing.text.clone(),
        }
    }
}

/// Somebody whom a flow will not find in today's directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowWarning {
    pub code: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub end_column: usize,
    /// UTF-16 offsets, for editors.
    pub from: usize,
    pub to: usize,
    /// In Chinese: the step, what becomes of a case there, and what is missing.
    pub message: String,
    pub excerpt: String,
    pub hint: Option<String>,
    pub step: String,
    pub step_title: String,
    pub what: Lack,
    /// The units that lack it.
    pub units: Vec<UnitBrief>,
}

impl From<survey::Warning> for FlowWarning {
    fn from(warning: survey::Warning) -> Self {
        let FlowProblem { code, line, column, end_column, from, to, message, excerpt, hint } =
            warning.problem.into();
        Self {
            code,
            line,
            column,
            end_column,
            from,
            to,
            message,
            excerpt,
            hint,
            step: warning.step.to_string(),
            step_title: warning.title,
            what: warning.what.into(),
            units: warning.units.iter().map(UnitBrief::from).collect(),
        }
    }
}

/// Cases in flight that keep a version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InFlight {
    pub hash: String,
    pub cases: u64,
}

/// A flow with its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowSummary {
    pub name: String,
    pub title: String,
    /// The latest first: new cases start by it.
    pub versions: Vec<FlowVersion>,
    /// Cases in flight, by all versions together.
    pub in_flight: u64,
    /// No new case may start.
    pub retired: Option<Retirement>,
    /// Starts by registering what came in, not by drafting.
    pub by_registration: bool,
    /// It comes with the system; the hash of what came.
    pub shipped: Option<String>,
}

/// A version of a flow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowVersion {
    pub hash: String,
    pub title: String,
    pub deployed_at: DateTime<Utc>,
    /// Null: the system.
    pub deployed_by: Option<Seat>,
    pub reason: String,
    pub in_flight: u64,
}

/// Since when, by whom and why a flow is retired.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Retirement {
    pub at: DateTime<Utc>,
    pub by: Option<Seat>,
    pub reason: String,
}

impl FlowSummary {
    pub(crate) fn new(flow: office::FlowSummary, shipped: &[office::Shipped]) -> Self {
        let shipped = shipped.iter().find(|one| one.name == flow.name);
        let version = |version: office::FlowVersion| FlowVersion {
            hash: version.hash,
            title: version.title,
            deployed_at: version.deployed_at,
            deployed_by: version.deployed_by.as_ref().map(Seat::from),
            reason: version.reason,
            in_flight: version.in_flight,
        };
        Self {
            shipped: shipped.map(|one| one.hash.clone()),
            in_flight: flow.versions.iter().map(|version| version.in_flight).sum(),
            name: flow.name,
            title: flow.title,
            versions: flow.versions.into_iter().map(version).collect(),
            retired: flow.retired.map(|row| Retirement {
                at: row.at,
                by: stored(&row.retired_by),
                reason: row.reason,
            }),
            by_registration: flow.by_registration,
        }
    }
}

/// What was done to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    Deployed,
    Retired,
    Resumed,
    /// A case that stood still was helped on.
    Appointed,
    Reassigned,
    Retried,
    Terminated,
}

/// An entry of a flow's record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowDeed {
    pub seq: u64,
    pub at: DateTime<Utc>,
    /// Null: the system.
    pub by: Option<Seat>,
    pub what: DeedKind,
    /// The version deployed.
    pub hash: Option<String>,
    pub reason: String,
    /// The warnings that were known and accepted.
    pub accepted: Vec<String>,
}

impl From<office::FlowDeed> for FlowDeed {
    fn from(deed: office::FlowDeed) -> Self {
        let (what, hash, reason, accepted) = match deed.event {
            office::FlowEvent::Deployed { hash, reason, accepted } => {
                (DeedKind::Deployed, Some(hash), reason, accepted)
            }
            office::FlowEvent::Retired { reason } => (DeedKind::Retired, None, reason, vec![]),
            office::FlowEvent::Resumed { reason } => (DeedKind::Resumed, None, reason, vec![]),
            office::FlowEvent::Helped { act, reason, .. } => {
                let what = match act.as_str() {
                    "appointed" => DeedKind::Appointed,
                    "reassigned" => DeedKind::Reassigned,
                    "terminated" => DeedKind::Terminated,
                    // The words are ours; "retried" is what is left.
                    _ => DeedKind::Retried,
                };
                (what, None, reason, vec![])
            }
        };
        let by = deed.by.as_ref().map(Seat::from);
        Self { seq: deed.seq, at: deed.at, by, what, hash, reason, accepted }
    }
}

/// A flow and everything that was ever done to it, the latest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowRecord {
    pub flow: FlowSummary,
    pub deeds: Vec<FlowDeed>,
}

/// A flow that comes with the system.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShippedFlow {
    pub name: String,
    pub title: String,
    pub hash: String,
    pub source: String,
    /// What new cases start now.
    pub current: Option<String>,
}

impl From<office::Shipped> for ShippedFlow {
    fn from(flow: office::Shipped) -> Self {
        let office::Shipped { name, title, hash, source, current } = flow;
        Self { name, title, hash, source: source.to_owned(), current }
    }
}

/// What a deployment came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Deployed {
    pub name: String,
    pub title: String,
    pub hash: String,
    /// False: it was the newest version already, and nothing was recorded.
    pub changed: bool,
    /// Cases that go on by other versions.
    pub in_flight: Vec<InFlight>,
}

/// A test of a file, played.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowTest {
    pub name: String,
    pub ok: bool,
    /// The line of the test, or of the transcript line that came out otherwise; from 1.
    pub line: usize,
    /// That line in UTF-16 offsets, for editors.
    pub from: usize,
    pub to: usize,
    /// The line that came out otherwise, as written.
    pub text: Option<String>,
    /// What was to be open after it.
    pub expected: Vec<String>,
    /// What was open instead.
    pub open: Vec<String>,
    /// In Chinese.
    pub trouble: Option<String>,
}

/// The tests of a file, played.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowTests {
    /// While there are problems, nothing is played.
    pub problems: Vec<FlowProblem>,
    pub tests: Vec<FlowTest>,
    /// How many were not played, because it took too long.
    pub left: usize,
}

/// A file with a trial as its last test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptTrial {
    pub source: String,
    /// That test, played.
    pub test: FlowTest,
}

/// A file as it was played, and how the case stands now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trial {
    /// While there are problems, nothing is played.
    pub problems: Vec<FlowProblem>,
    pub played: Option<TrialView>,
}

/// A case that nobody keeps.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialView {
    pub title: String,
    pub state: CaseState,
    pub now: DateTime<Utc>,
    pub initiator: Option<Seat>,
    #[serde(rename = "where")]
    pub whereabouts: String,
    pub stalls: Vec<StallView>,
    /// With whom, why, until when.
    pub tasks: Vec<TaskView>,
    /// What each could do now.
    pub offers: Vec<TrialOffers>,
    pub timeline: Vec<Entry>,
    /// What the last act would tell whom.
    pub notices: Vec<TrialNotice>,
    pub steps: Vec<StepState>,
    pub picture: Picture,
    /// Of a form, and what is in it.
    pub fields: Vec<Field>,
    pub values: super::FactsView,
    /// The act that was refused: nothing behind it was played.
    pub refused: Option<TrialRefusal>,
}

/// What one person could do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialOffers {
    pub seat: Seat,
    pub offers: Vec<Offer>,
}

/// What would be told to somebody.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialNotice {
    pub to: Seat,
    pub text: String,
}

/// Why an act was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialRefusal {
    /// Which of the acts, from 0; null: starting it.
    pub act: Option<usize>,
    pub code: String,
    pub detail: String,
}

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StallKind {
    /// Nobody was found for a step.
    Nobody,
    /// A unit is not in the directory.
    NoUnit,
    /// No condition held.
    NoWay,
    /// The system could not do something.
    Effect,
    /// An open task is with nobody in office.
    Unheld,
    /// It was not kept.
    Unknown,
}

/// Why a case goes nowhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StallView {
    pub kind: StallKind,
    pub step: String,
    pub step_title: String,
    /// In Chinese.
    pub text: String,
    pub since: Option<DateTime<Utc>>,
    /// What `appoint` names.
    pub visit: Option<u32>,
    pub missing: Vec<MissingView>,
    pub effect: Option<String>,
}

type Fault = (StallKind, Vec<MissingView>, Option<String>);

fn fault(cause: Option<&event::Cause>) -> Fault {
    match cause {
        Some(event::Cause::Nobody { missing }) => {
            (StallKind::Nobody, missing.iter().map(MissingView::from).collect(), None)
        }
        Some(event::Cause::NoUnit { .. }) => (StallKind::NoUnit, vec![], None),
        Some(event::Cause::NoWay) => (StallKind::NoWay, vec![], None),
        Some(event::Cause::Effect { effect }) => (StallKind::Effect, vec![], Some(effect.clone())),
        None => (StallKind::Unknown, vec![], None),
    }
}

impl From<&wenshu_core::case::Stall> for StallView {
    fn from(stall: &wenshu_core::case::Stall) -> Self {
        let (kind, missing, effect) = fault(stall.cause.as_ref());
        Self {
            kind,
            step: stall.step.to_string(),
            step_title: stall.title.clone(),
            text: stall.reason.clone(),
            since: stall.since,
            visit: stall.visit.map(|visit| visit.0),
            missing,
            effect,
        }
    }
}

/// A way out that would be accepted, with what it names.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct WayOut {
    pub act: Act,
    pub task: Option<u32>,
    pub visit: Option<u32>,
}

/// Something that stands still.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandstillRow {
    pub case: String,
    pub title: String,
    pub workflow: String,
    pub workflow_title: String,
    pub workflow_hash: String,
    pub initiator: Option<Seat>,
    pub started_at: DateTime<Utc>,
    #[serde(rename = "where")]
    pub whereabouts: String,
    pub since: DateTime<Utc>,
    pub stall: StallRow,
    /// The task that is with nobody in office.
    pub task: Option<u32>,
    /// With whom it is.
    pub holders: Vec<Seat>,
    pub ways: Vec<WayOut>,
}

/// What is at fault, at which step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StallRow {
    pub kind: StallKind,
    pub step: String,
    pub step_title: String,
    /// In Chinese.
    pub text: String,
    pub visit: Option<u32>,
    pub missing: Vec<MissingView>,
    pub effect: Option<String>,
}

impl From<office::Standstill> for StandstillRow {
    fn from(item: office::Standstill) -> Self {
        let ((kind, missing, effect), visit, task, holders) = match &item.still {
            office::Still::Stalled { visit, cause } => {
                (fault(cause.as_ref()), visit.map(|visit| visit.0), None, vec![])
            }
            office::Still::Unheld { task, holders, .. } => {
                let holders = super::seats(holders);
                ((StallKind::Unheld, vec![], None), None, Some(task.0), holders)
            }
        };
        let way = |way: &office::Way| WayOut {
            act: way.act.into(),
            task: way.task.map(|task| task.0),
            visit: way.visit.map(|visit| visit.0),
        };
        Self {
            case: item.case.id.to_string(),
            title: item.case.title.clone(),
            workflow: item.case.workflow.clone(),
            workflow_title: item.case.workflow_title.clone(),
            workflow_hash: item.case.workflow_hash.clone(),
            initiator: stored(&item.case.initiator),
            started_at: item.case.started_at,
            whereabouts: item.case.whereabouts.clone(),
            since: item.since,
            stall: StallRow {
                kind,
                step: item.step,
                step_title: item.step_title,
                text: item.text,
                visit,
                missing,
                effect,
            },
            task,
            holders,
            ways: item.ways.iter().map(way).collect(),
        }
    }
}

/// What stands still: first the tasks with nobody in office, then stalled cases, what changed last first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandstillPage {
    pub items: Vec<StandstillRow>,
    pub next: Option<String>,
    /// How many cases stalled.
    pub stalled: u64,
    /// How many tasks are with nobody in office.
    pub unheld: u64,
}

/// What an editor may offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowWords {
    /// Roles that posts have.
    pub roles: Vec<String>,
    /// Titles of posts.
    pub posts: Vec<String>,
    /// Topics that leaders are in charge of 分管专题.
    pub topics: Vec<String>,
    /// Fields of a document.
    pub fields: Vec<Field>,
    pub effects: Vec<EffectWord>,
    /// People of the sample office in which tests are played.
    pub sample_people: Vec<String>,
    pub sample_units: Vec<String>,
}

/// An effect by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EffectWord {
    pub name: String,
    pub title: String,
}
