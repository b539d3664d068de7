//! 移交: everything open of somebody who leaves is listed first, then one command gives it to a successor. Posts change
//! hands in that command's commit; the tasks follow one by one, each in its own case's stream, by a job that takes up
//! again where it was broken off.

use crate::{
    accounts::SecurityEvent,
    act::{JobEnd, Order},
    envelope::{self, Circumstances},
    error::Error,
    office::Office,
    project,
    sight::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN},
    staff::{Decided, Directed},
};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;
use wenshu_core::{
    Rejection,
    command::{Actor, Chosen, Command},
    directory::{Cause, Change, Directory, DirectoryRejection, Seat, decide},
    id::{CaseId, PersonId, PostId, SealId, TaskId},
};
use wenshu_storage::{
    AccountRow, DeliveryState, Finish, HandOverRow, JobRow, Slice, StreamId, StreamKind, TaskRow,
    Viewer, Who, WorkingRow, Writes, at_once,
};

/// The job that moves the tasks.
pub(crate) const EFFECT: &str = "hand_over";
const MOST_LISTED: u64 = 2_000;
/// So many tasks are moved before it is noted how far it came.
const AT_ONCE: u64 = 100;
/// So many tasks change hands side by side.
const SIDE_BY_SIDE: usize = 16;
const TRIES: u32 = 20;

/// Everything open of one person. Where it is, never what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenWork {
    /// The first of them.
    pub tasks: Vec<OpenTask>,
    /// How many there are.
    pub total: u64,
    /// Posts that nobody else holds.
    pub posts_alone: Vec<(PostId, String)>,
    /// Posts that others hold, too.
    pub posts_shared: Vec<(PostId, String)>,
    /// Seals in the keeping of a post that nobody else holds.
    pub seals: Vec<(SealId, String)>,
    /// Deliveries that wait in registries which nobody else holds.
    pub deliveries: u64,
}

/// An open task, or a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTask {
    pub case: CaseId,
    pub task: TaskId,
    pub workflow: String,
    pub step: String,
    pub came_at: DateTime<Utc>,
    /// Not handed in yet.
    pub draft: bool,
    /// It lies with a post, and nobody else could take it up.
    pub through_post: bool,
}

/// How far a hand-over came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub to: PersonId,
    pub reason: String,
    pub disable: bool,
    pub done: bool,
    /// How many there were when it began.
    #[serde(default)]
    pub total: u64,
    pub moved: u64,
    /// Cases that could not be moved, and why.
    pub left: Vec<(CaseId, String)>,
    /// Who ordered it.
    pub by: Option<Seat>,
}

/// What the command did at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    pub directed: Directed,
    pub state: State,
}

impl Office {
    /// What would be left lying if somebody went now.
    pub async fn open_work(&self, by: &Actor, person: &PersonId) -> Result<OpenWork, Error> {
        if let Actor::Person(seat) = by {
            self.require_one(seat, &[SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN]).await?;
        }
        let directory = self.directory().await?;
        if !directory.people.contains_key(person) {
            return Err(Error::NotFound);
        }
        let mut open = OpenWork::default();
        for post in directory.posts_of(person) {
            let others = directory.seats_of(&post.id);
            let alone = !others
                .iter()
                .any(|seat| seat.person.as_ref().is_some_and(|other| other.id != *person));
            let label = (post.id.clone(), directory.post_label(&post.id));
            if alone { open.posts_alone.push(label) } else { open.posts_shared.push(label) }
        }
        let alone: Vec<PostId> = open.posts_alone.iter().map(|(post, _)| post.clone()).collect();
        for seal in directory.seals.values().filter(|seal| !seal.disabled) {
            if alone.contains(&seal.keeper) {
                open.seals.push((seal.id.clone(), seal.name.clone()));
            }
        }
        let viewer = Viewer { person: person.clone(), posts: alone.clone(), units: vec![] };
        for state in [DeliveryState::Sent, DeliveryState::Signed] {
            let mut slice = Slice::first(200);
            loop {
                let page = self.inner.storage.incoming(&viewer, Some(state), &slice).await?;
                open.deliveries += page.items.len() as u64;
                match page.next {
                    Some(next) => slice.after = Some(next),
                    None => break,
                }
            }
        }
        let mut who = vec![Who::Person(person.clone())];
        who.extend(alone.into_iter().map(Who::Post));
        open.total = self.inner.storage.count_open_with(&who).await?;
        for task in self.inner.storage.open_with(&who, MOST_LISTED).await? {
            let Some(case) = self.inner.storage.case(task.case).await? else { continue };
            let own = task.holder_person.as_ref() == Some(person);
            open.tasks.push(OpenTask {
                case: task.case,
                task: task.task,
                workflow: case.workflow_title,
                step: task.title,
                came_at: task.came_at,
                draft: case.draft,
                through_post: !own,
            });
        }
        Ok(open)
    }

    /// Gives everything to a successor; `disable`: the leaver's account and name in the directory, too.
    pub async fn hand_over_all(
        &self,
        by: &Actor,
        from: &PersonId,
        to: &PersonId,
        disable: bool,
        reason: &str,
    ) -> Result<HandOver, Error> {
        if reason.trim().is_empty() {
            return Err(Rejection::ReasonRequired.into());
        }
        for _ in 0..TRIES {
            if let Some(known) = self.told_before(by).await? {
                return Ok(known);
            }
            let directory = self.directory_seen(by, None).await?;
            let decided = succession(by, &directory, from, to, disable)?;
            let theirs = [Who::Person(from.clone())];
            let state = State {
                total: self.inner.storage.count_open_with(&theirs).await?,
                to: to.clone(),
                reason: reason.trim().to_owned(),
                disable,
                done: false,
                moved: 0,
                left: vec![],
                by: by.seat().cloned(),
            };
            let stream = StreamId::security(from);
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            let account = self.inner.storage.account_of(from).await?;
            let now = self.inner.clock.now();
            let event = SecurityEvent::HandOverBegun {
                from: directory.person_name(from),
                to: directory.person_name(to),
                reason: state.reason.clone(),
            };
            let mut events = vec![event];
            if let Some(account) = account.as_ref().filter(|account| disable && !account.disabled) {
                events.push(SecurityEvent::AccountDisabled { login: account.login.clone() });
            }
            let circumstances =
                Circumstances::new(now, by, directory.version, self.inner.calendar.version);
            let circumstances = circumstances.keyed(self.key());
            let envelopes = circumstances.wrap(head.version, &events);
            let append = envelope::append(stream, StreamKind::Security, head, &envelopes)?;
            let job = Uuid::now_v7();
            let (from, body) = (from.clone(), project::json(&state));
            let put = self.put_decided(by, decided, |writes, directed| {
                let answer = HandOver { directed: directed.clone(), state: state.clone() };
                writes.key = self.answer(by, &answer)?;
                writes.appends.push(append);
                if let Some(account) = account.filter(|_| disable) {
                    writes.put(&AccountRow { disabled: true, ..account });
                }
                let payload = project::json(&from);
                writes.put(&HandOverRow { person: from, job, body, at: now });
                writes.put(&JobRow::new(job, None, EFFECT, payload, at_once(now)));
                Ok(())
            });
            if let Some(directed) = put.await? {
                return Ok(HandOver { directed, state });
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// How far the last hand-over of somebody came.
    pub async fn hand_over_state(
        &self,
        by: &Actor,
        person: &PersonId,
    ) -> Result<Option<State>, Error> {
        if let Actor::Person(seat) = by {
            self.require_one(seat, &[SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN]).await?;
        }
        let row = self.inner.storage.hand_over(person).await?;
        row.map(|row| row.body.read().map_err(Error::unreadable("a hand-over"))).transpose()
    }

    /// Moves what still lies with the leaver. What was moved before lies there no more, so it may be done twice.
    pub(crate) async fn move_tasks(&self, job: &JobRow) -> Result<(), Error> {
        let from: PersonId = job.payload.read().map_err(Error::unreadable("a job"))?;
        let row = self.inner.storage.hand_over(&from).await?.filter(|row| row.job == job.id);
        let Some(row) = row else {
            // Another hand-over came after it, and takes everything along.
            return self.drop_job(job.id).await;
        };
        let mut state: State = row.body.read().map_err(Error::unreadable("a hand-over"))?;
        let directory = self.directory().await?;
        let who = [Who::Person(from.clone())];
        // What was moved is what lies there no more: counted so, a break costs no count.
        let still = self.inner.storage.count_open_with(&who).await?;
        state.moved = state.moved.max(state.total.saturating_sub(still));
        state.left.clear();
        let mut tried: BTreeSet<(CaseId, TaskId)> = BTreeSet::new();
        loop {
            let some = AT_ONCE + state.left.len() as u64;
            let tasks = self.inner.storage.open_with(&who, some).await?;
            let fresh: Vec<_> =
                tasks.into_iter().filter(|task| tried.insert((task.case, task.task))).collect();
            if fresh.is_empty() {
                break;
            }
            let ordered = |task: &TaskRow| {
                let post = task.holder_post.clone();
                let post = post.filter(|post| directory.seat(&state.to, post).is_some());
                let to = Chosen { person: state.to.clone(), post };
                let reason = format!("{}：{}", "离岗移交", state.reason);
                let command = Command::Reassign { task: task.task, to, reason };
                let held = JobEnd::GoesOn { id: job.id, attempts: job.attempts };
                Order { job: Some(held), ..Order::new(&Actor::System, task.case, command) }
            };
            let orders: Vec<Order> = fresh.iter().map(ordered).collect();
            // Those that wait together are written together. All have come to their end before any failure is told.
            let moves: Vec<_> = stream::iter(orders)
                .map(|order| self.carry_out(order))
                .buffered(SIDE_BY_SIDE)
                .collect()
                .await;
            for (task, moved) in fresh.iter().zip(moves) {
                match moved {
                    Ok(_) => state.moved += 1,
                    Err(Error::Rejected(
                        Rejection::TaskClosed { .. }
                        | Rejection::CaseEnded
                        | Rejection::NoSuchTask { .. },
                    )) => {}
                    Err(Error::Rejected(rejection)) => {
                        state.left.push((task.case, rejection.detail()));
                    }
                    Err(error) => return Err(error),
                }
            }
            // How far it came is there to be seen.
            let mut writes = Writes::default();
            let (body, at) = (project::json(&state), self.inner.clock.now());
            writes.put(&HandOverRow { person: from.clone(), job: job.id, body, at });
            writes.finishes.push(Finish::PartOfJob { id: job.id, attempts: job.attempts });
            self.write(writes).await?;
        }
        self.finish_hand_over(job, &from, state, &directory).await
    }

    /// What the leaver was writing goes along with the task; then it is on record that all is done.
    async fn finish_hand_over(
        &self,
        job: &JobRow,
        from: &PersonId,
        mut state: State,
        directory: &Directory,
    ) -> Result<(), Error> {
        state.done = true;
        let event = SecurityEvent::HandOverDone {
            from: directory.person_name(from),
            to: directory.person_name(&state.to),
            moved: state.moved,
            left: state.left.len() as u64,
        };
        let mut writings = vec![];
        for writing in self.inner.storage.workings_of(from).await? {
            let theirs = self.inner.storage.workings(&[writing.case], &state.to).await?;
            let tasks = self.inner.storage.tasks(writing.case).await?;
            let takes = tasks.iter().any(|task| {
                task.state == wenshu_storage::TaskState::Open
                    && task.holder_person.as_ref() == Some(&state.to)
            });
            if theirs.is_empty() && takes {
                writings.push(writing);
            }
        }
        let (now, body) = (self.inner.clock.now(), project::json(&state));
        let stream = StreamId::security(from);
        let end = Finish::Job { id: job.id, attempts: job.attempts };
        let append =
            self.append_one(stream, StreamKind::Security, &Actor::System, &event, |writes| {
                for writing in &writings {
                    let case = writing.case.to_string();
                    writes.remove::<WorkingRow>(&[&case, from.as_str()]);
                    writes.put(&WorkingRow { person: state.to.clone(), ..writing.clone() });
                }
                let (person, body) = (from.clone(), body.clone());
                writes.put(&HandOverRow { person, job: job.id, body, at: now });
                writes.finishes.push(end.clone());
            });
        append.await
    }
}

/// The changes of the directory that a hand-over makes.
fn succession(
    by: &Actor,
    directory: &Directory,
    from: &PersonId,
    to: &PersonId,
    disable: bool,
) -> Result<Decided, Error> {
    // None of the three takes over what others do in flows.
    if let Some((_, title)) = directory.administrator(to)
        && directory.administrator(from).is_none()
    {
        return Err(DirectoryRejection::AdministratorActs {
            person: directory.person_name(to),
            administers: title.to_owned(),
            post: directory.person_name(from),
        }
        .into());
    }
    let mut changes = vec![Change::PassPosts { from: from.clone(), to: to.clone() }];
    if disable {
        changes.push(Change::DisablePerson { person: from.clone(), disabled: true });
    }
    let mut decided = Decided { after: directory.clone(), events: vec![] };
    let cause = Cause { actor: by, uses: &[] };
    for change in &changes {
        for event in decide(&cause, &decided.after, change)? {
            decided.after.apply(&event);
            decided.events.push(event);
        }
    }
    Ok(decided)
}
