//! What stands still and why: cases that stalled, and open tasks that are with nobody in office any more. Each comes
//! with the ways out, by the very checks that will judge them.

use crate::{error::Error, office::Office};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use wenshu_core::{
    Case, Context, FLOW_ADMIN, allowed,
    case::Stall,
    command::Actor,
    directory::{Directory, Seat},
    event::{Cause, Task},
    id::{CaseId, PersonId, PostId, TaskId, VisitId},
    offer::{Act, Offer},
    value::Facts,
};
use wenshu_storage::{CaseRow, CaseState, Page, Slice, TaskRow};

/// So many tasks of those who left are looked through, the oldest first.
const MOST_TASKS: usize = 2_000;
/// So many stalled cases are looked through for one page; then the cursor says where to go on.
const MOST_CASES: usize = 1_000;
/// What the cursor of a page begins with that ended among the tasks with nobody in office.
const UNHELD: &str = "u";

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Words of the title, the flow, the step, the reason, or of who began it and where.
    pub words: Option<String>,
    pub kind: Option<StillKind>,
}

/// Which standstills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StillKind {
    /// Nobody was found for a step.
    Nobody,
    /// An open task is with nobody in office.
    Unheld,
    /// The system could not do something.
    Effect,
    /// No way on, no such unit, or it was not kept why.
    Other,
}

/// A page of what stands still.
#[derive(Clone, Debug)]
pub struct Standstills {
    /// First the tasks with nobody in office, the oldest first; then the stalled cases.
    pub items: Vec<Standstill>,
    pub next: Option<String>,
    pub stalled: u64,
    pub unheld: u64,
}

/// One thing that stands still.
#[derive(Clone, Debug)]
pub struct Standstill {
    pub case: CaseRow,
    pub still: Still,
    pub step: String,
    pub step_title: String,
    /// In Chinese.
    pub text: String,
    pub since: DateTime<Utc>,
    pub ways: Vec<Way>,
}

/// What kind of standstill.
#[derive(Clone, Debug)]
pub enum Still {
    /// The case stalled; without a cause where that was not kept yet.
    Stalled { visit: Option<VisitId>, cause: Option<Cause> },
    /// An open task whose holders are not in office.
    Unheld { task: TaskId, holders: Vec<Seat>, gone: Vec<String> },
}

/// A way out that would be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    pub act: Act,
    pub task: Option<TaskId>,
    pub visit: Option<VisitId>,
}

impl Office {
    /// What stands still, for flow administrators.
    pub async fn standstills(
        &self,
        seat: &Seat,
        sought: &Sought,
        slice: &Slice,
    ) -> Result<Standstills, Error> {
        let directory = self.directory().await?;
        self.require_role(&directory, seat, FLOW_ADMIN)?;
        let storage = &self.inner.storage;
        let size = match slice.limit {
            0 => 50,
            limit => limit.min(200) as usize,
        };
        let mut page = Standstills {
            items: vec![],
            next: None,
            stalled: storage.stalled_cases().await?,
            unheld: 0,
        };
        let unheld = self.unheld(&directory).await?;
        let ids: BTreeSet<CaseId> = unheld.iter().map(|task| task.case).collect();
        let cases = storage.cases(&ids.into_iter().collect::<Vec<_>>()).await?;
        let begun = |task: &TaskRow| cases.get(&task.case).filter(|case| !case.draft);
        page.unheld = unheld.iter().filter(|task| begun(task).is_some()).count() as u64;

        let after = slice.after.as_deref();
        let among_tasks = after.map(|after| after.strip_prefix(UNHELD)).unwrap_or(Some(""));
        if let Some(after) = among_tasks {
            let mut held = BTreeMap::new();
            for row in unheld.iter().filter(|row| after.is_empty() || *place(row) > *after) {
                if page.items.len() >= size {
                    let last = page.items.last().and_then(Standstill::task);
                    let last = last.and_then(|(case, task)| {
                        unheld.iter().find(|row| (row.case, row.task) == (case, task))
                    });
                    page.next = last.map(|row| format!("{UNHELD}{}", place(row)));
                    return Ok(page);
                }
                let Some(case) = begun(row) else { continue };
                let (of, offers) = match held.entry(row.case) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => {
                        place.insert(self.offered_for(seat, &directory, row.case).await?)
                    }
                };
                let Some(task) = of.tasks.get(&row.task) else { continue };
                let item = unheld_item(case, task, offers, &directory);
                if item.fits(sought) {
                    page.items.push(item);
                }
            }
        }
        let mut rest = Slice { limit: 200, after: None };
        if among_tasks.is_none() {
            rest.after = slice.after.clone();
        }
        let mut looked_at = 0;
        loop {
            // Asked for a page no larger than what is missing, its cursor is where this page ends.
            rest.limit = u32::try_from(size.saturating_sub(page.items.len()).max(1)).unwrap_or(200);
            let some: Page<CaseRow> = storage.oversight(&[CaseState::Stalled], None, &rest).await?;
            looked_at += some.items.len();
            for row in some.items {
                page.items.extend(
                    self.stalled_items(seat, &directory, &row)
                        .await?
                        .into_iter()
                        .filter(|item| item.fits(sought)),
                );
            }
            page.next = some.next.clone();
            if some.next.is_none() || page.items.len() >= size || looked_at >= MOST_CASES {
                return Ok(page);
            }
            rest.after = some.next;
        }
    }

    /// What keeps a case that stalled.
    async fn stalled_items(
        &self,
        seat: &Seat,
        directory: &Directory,
        row: &CaseRow,
    ) -> Result<Vec<Standstill>, Error> {
        let (case, offers) = self.offered_for(seat, directory, row.id).await?;
        let item = |stall: &Stall| Standstill {
            still: Still::Stalled { visit: stall.visit, cause: stall.cause.clone() },
            step: stall.step.to_string(),
            step_title: stall.title.clone(),
            text: stall.reason.clone(),
            since: stall.since.unwrap_or(row.updated_at),
            ways: ways(&offers, |offer| match offer.act {
                Act::Appoint => offer.visit.is_some() && offer.visit == stall.visit,
                Act::Retry | Act::Terminate => offer.task.is_none(),
                _ => false,
            }),
            case: row.clone(),
        };
        Ok(case.stalls.iter().map(item).collect())
    }

    /// Why a case stands still, for those who oversee.
    pub async fn stalls(&self, seat: &Seat, case: CaseId) -> Result<Vec<Stall>, Error> {
        if !self.oversees(seat).await? {
            return Err(wenshu_core::Rejection::NotAnAdministrator.into());
        }
        Ok(self.look(case).await?.log.case.stalls)
    }

    /// Open tasks of which nobody in office is a holder.
    async fn unheld(&self, directory: &Directory) -> Result<Vec<TaskRow>, Error> {
        let storage = &self.inner.storage;
        let mut seats: Vec<(PersonId, PostId)> = storage.open_holders().await?;
        seats.retain(|(person, post)| directory.seat(person, post).is_none());
        let mut posts: Vec<PostId> = storage.offered_posts().await?;
        posts.retain(|post| directory.seats_of(post).is_empty());
        let mut tasks = storage.tasks_held(&seats, MOST_TASKS).await?;
        let offered = storage.tasks_offered(&posts, MOST_TASKS).await?;
        // Offered to several, it waits for those who are there.
        let nobody = |task: &TaskRow| {
            let seats: Vec<Seat> = task.offered.read().unwrap_or_default();
            task.holder.is_none() && seats.iter().all(|seat| !in_office(directory, seat))
        };
        tasks.extend(offered.into_iter().filter(nobody));
        tasks.sort_by_key(|task| (task.came_at, task.case, task.task));
        tasks.dedup_by_key(|task| (task.case, task.task));
        tasks.truncate(MOST_TASKS);
        Ok(tasks)
    }

    /// A case, and what would be accepted of somebody who looks after it.
    async fn offered_for(
        &self,
        seat: &Seat,
        directory: &Directory,
        id: CaseId,
    ) -> Result<(Case, Vec<Offer>), Error> {
        let held = self.look(id).await?;
        let actor = Actor::Person(seat.clone());
        let facts = Facts::new();
        let cx = Context {
            workflow: &held.workflow,
            directory,
            calendar: &self.inner.calendar,
            vocabulary: &self.inner.vocabulary,
            facts: &facts,
            actor: &actor,
            now: self.inner.clock.now(),
            document: None,
        };
        let offers = allowed(&cx, &held.log.case);
        Ok((held.log.case, offers))
    }
}

/// Where a task stands among those with nobody in office: a text that sorts as they do.
fn place(row: &TaskRow) -> String {
    format!("{:020}.{}.{:010}", row.came_at.timestamp_micros(), row.case, row.task.0)
}

impl Standstill {
    fn kind(&self) -> StillKind {
        match &self.still {
            Still::Unheld { .. } => StillKind::Unheld,
            Still::Stalled { cause: Some(Cause::Nobody { .. }), .. } => StillKind::Nobody,
            Still::Stalled { cause: Some(Cause::Effect { .. }), .. } => StillKind::Effect,
            Still::Stalled { cause: Some(Cause::NoUnit { .. } | Cause::NoWay) | None, .. } => {
                StillKind::Other
            }
        }
    }

    fn task(&self) -> Option<(CaseId, TaskId)> {
        match &self.still {
            Still::Unheld { task, .. } => Some((self.case.id, *task)),
            Still::Stalled { .. } => None,
        }
    }

    /// Whether it is one of those looked for; every word must be found somewhere.
    fn fits(&self, sought: &Sought) -> bool {
        if sought.kind.is_some_and(|kind| kind != self.kind()) {
            return false;
        }
        let Some(words) = &sought.words else { return true };
        let initiator: Option<Seat> = self.case.initiator.read().ok();
        let who = initiator.map(|seat| format!("{} {}", seat.unit_name, seat.label()));
        let told = [
            self.case.title.as_str(),
            &self.case.workflow_title,
            &self.step_title,
            &self.text,
            who.as_deref().unwrap_or_default(),
        ];
        let told = told.join("\n").to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| told.contains(word))
    }
}

fn in_office(directory: &Directory, seat: &Seat) -> bool {
    match &seat.person {
        Some(person) => directory.seat(&person.id, &seat.post).is_some(),
        None => !directory.seats_of(&seat.post).is_empty(),
    }
}

fn unheld_item(case: &CaseRow, task: &Task, offers: &[Offer], directory: &Directory) -> Standstill {
    let holders = match &task.holder {
        Some(holder) => vec![holder.clone()],
        None => task.offered.clone(),
    };
    let gone: Vec<String> = holders.iter().map(|seat| gone(directory, seat)).collect();
    Standstill {
        case: case.clone(),
        step: task.step.to_string(),
        step_title: task.title.clone(),
        text: gone.join("；"),
        since: task.opened_at,
        ways: ways(offers, |offer| match offer.act {
            Act::Reassign => offer.task == Some(task.id),
            Act::Terminate => offer.task.is_none(),
            _ => false,
        }),
        still: Still::Unheld { task: task.id, holders, gone },
    }
}

/// Why whoever sits there is not in office.
fn gone(directory: &Directory, seat: &Seat) -> String {
    let label = seat.label();
    match &seat.person {
        None => format!("{label}没有在岗人员"),
        Some(person) => match directory.people.get(&person.id) {
            None => format!("{label}已不在组织机构中"),
            Some(who) if who.disabled => format!("{label}已停用"),
            Some(_) => format!("{label}已不担任该岗位"),
        },
    }
}

fn ways(offers: &[Offer], fits: impl Fn(&Offer) -> bool) -> Vec<Way> {
    let fitting = offers.iter().filter(|offer| fits(offer));
    fitting.map(|offer| Way { act: offer.act, task: offer.task, visit: offer.visit }).collect()
}
