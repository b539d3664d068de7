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

/// So many tasks of those who left are listed at once, the oldest first.
const MOST_TASKS: usize = 300;

/// A page of what stands still.
#[derive(Clone, Debug)]
pub struct Standstills {
    /// First, on the first page, the tasks with nobody in office; then the stalled cases.
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
    pub async fn standstills(&self, seat: &Seat, slice: &Slice) -> Result<Standstills, Error> {
        let directory = self.directory().await?;
        self.require_role(&directory, seat, FLOW_ADMIN)?;
        let storage = &self.inner.storage;
        let unheld = self.unheld(&directory).await?;
        let page: Page<CaseRow> = storage.oversight(&[CaseState::Stalled], None, slice).await?;
        let mut items = vec![];
        if slice.after.is_none() {
            let ids: BTreeSet<CaseId> = unheld.iter().map(|task| task.case).collect();
            let ids: Vec<_> = ids.into_iter().collect();
            let cases = storage.cases(&ids).await?;
            let mut held = BTreeMap::new();
            for row in &unheld {
                let Some(case) = cases.get(&row.case).filter(|case| !case.draft) else { continue };
                let (of, offers) = match held.entry(row.case) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => {
                        place.insert(self.offered_for(seat, &directory, row.case).await?)
                    }
                };
                let Some(task) = of.tasks.get(&row.task) else { continue };
                items.push(unheld_item(case, task, offers, &directory));
            }
        }
        let unheld_count = if slice.after.is_none() { items.len() } else { unheld.len() };
        for row in page.items {
            let (case, offers) = self.offered_for(seat, &directory, row.id).await?;
            for stall in &case.stalls {
                items.push(Standstill {
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
                });
            }
        }
        Ok(Standstills {
            items,
            next: page.next,
            stalled: storage.stalled_cases().await?,
            unheld: unheld_count as u64,
        })
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
