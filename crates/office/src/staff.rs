//! Changes of the directory: the core decides, here they are appended to its stream with the new directory in one
//! commit, and whoever asked is told which open work nobody holds any more.

use crate::{
    desk::person,
    envelope::{self, Circumstances},
    error::Error,
    load::unexpected,
    office::Office,
    project,
    sight::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN, has_role},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use wenshu_core::{
    command::Actor,
    directory::{
        Cause, Change, Directory, DirectoryEvent, DirectoryRejection, Record, Seat, decide,
        role_title,
    },
    id::{CaseId, PersonId, TaskId},
};
use wenshu_storage::{
    Act, DirectoryRow, Refused, StreamId, StreamKind, TaskRow, Uses, Who, Writes,
};

const TRIES: u32 = 20;
/// So many open tasks are looked at after a change.
const LOOKED_AT: u64 = 1_000;

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directed {
    /// Of the directory, now.
    pub version: u64,
    /// What was changed, in Chinese.
    pub said: Vec<String>,
    /// Open work that nobody can take up any more.
    pub hanging: Vec<Hanging>,
}

/// An open task without anybody who could do it. Where it is, never what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hanging {
    pub case: CaseId,
    pub task: TaskId,
    pub step: String,
    /// With whom it lies.
    pub with: String,
}

/// Changes decided on a directory that has not moved.
pub(crate) struct Decided {
    pub after: Directory,
    pub events: Vec<DirectoryEvent>,
}

impl Office {
    /// Carries out changes of the directory, all or none. `seen`: the version that the asker looked at.
    pub async fn direct(
        &self,
        by: &Actor,
        changes: &[Change],
        seen: Option<u64>,
    ) -> Result<Directed, Error> {
        for _ in 0..TRIES {
            if let Some(known) = self.told_before(by).await? {
                return Ok(known);
            }
            let directory = self.directory_seen(by, seen).await?;
            let decided = self.decided(by, &directory, changes).await?;
            let put = self.put_decided(by, decided, |writes, directed| {
                writes.key = self.answer(by, directed)?;
                Ok(())
            });
            if let Some(directed) = put.await? {
                return Ok(directed);
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// The directory, if the asker still sits where they say and looked at this version.
    pub(crate) async fn directory_seen(
        &self,
        by: &Actor,
        seen: Option<u64>,
    ) -> Result<std::sync::Arc<Directory>, Error> {
        let directory = self.directory().await?;
        Self::admit(&directory, by)?;
        match seen.filter(|seen| *seen != directory.version) {
            Some(seen) => {
                Err(DirectoryRejection::DirectoryMoved { seen, now: directory.version }.into())
            }
            None => Ok(directory),
        }
    }

    async fn decided(
        &self,
        by: &Actor,
        directory: &Directory,
        changes: &[Change],
    ) -> Result<Decided, Error> {
        let mut decided = Decided { after: directory.clone(), events: vec![] };
        for change in changes {
            let uses = self.uses(change).await?;
            let cause = Cause { actor: by, uses: &uses };
            for event in decide(&cause, &decided.after, change)? {
                decided.after.apply(&event);
                decided.events.push(event);
            }
        }
        Ok(decided)
    }

    /// What outside the directory names that which a change would remove.
    async fn uses(&self, change: &Change) -> Result<Vec<String>, Error> {
        let storage = &self.inner.storage;
        let uses = match change {
            Change::RemoveUnit { unit } => storage.uses_of_unit(unit).await?,
            Change::RemovePost { post } => storage.uses_of_post(post).await?,
            Change::RemovePerson { person } => storage.uses_of_person(person).await?,
            Change::AddUnit(_)
            | Change::EditUnit(_)
            | Change::SetCharge { .. }
            | Change::DisableUnit { .. }
            | Change::AddPost { .. }
            | Change::EditPost { .. }
            | Change::DisablePost { .. }
            | Change::SetHolders { .. }
            | Change::SetRoles { .. }
            | Change::AddPerson(_)
            | Change::EditPerson(_)
            | Change::DisablePerson { .. }
            | Change::PassPosts { .. }
            | Change::AddSeal { .. }
            | Change::RenameSeal { .. }
            | Change::SetKeeper { .. }
            | Change::SetSealImage { .. }
            | Change::DisableSeal { .. } => return Ok(vec![]),
        };
        let Uses { cases, tasks, deliveries, series, accounts } = uses;
        let counted = [
            (tasks, "件待办"),
            (cases, "件办件可供其查阅"),
            (deliveries, "件分发件"),
            (series, "个文号系列"),
            (accounts, "个账号"),
        ];
        let counted = counted.into_iter().filter(|(count, _)| *count > 0);
        Ok(counted.map(|(count, what)| format!("{count}{what}")).collect())
    }

    /// Commits what was decided with what goes with it; none if somebody else was quicker, or the same request.
    pub(crate) async fn put_decided(
        &self,
        by: &Actor,
        decided: Decided,
        also: impl FnOnce(&mut Writes, &Directed) -> Result<(), Error>,
    ) -> Result<Option<Directed>, Error> {
        let Decided { after, events } = decided;
        let mut writes = Writes::default();
        let now = self.inner.clock.now();
        let before = after.version - events.len() as u64;
        if !events.is_empty() {
            let stream = StreamId::directory();
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            if head.version != before {
                return Ok(None);
            }
            let circumstances = Circumstances::new(now, by, before, self.inner.calendar.version);
            let circumstances = circumstances.keyed(self.key());
            let envelopes = circumstances.wrap(head.version, &events);
            if !self.is_base(before).await? {
                writes.remove_directory(before);
            }
            writes.appends.push(envelope::append(stream, StreamKind::Directory, head, &envelopes)?);
            let body = project::json(&after);
            writes.add(&DirectoryRow { version: after.version, body, at: now });
        }
        let hanging = self.hanging(&after, &events).await?;
        let said = events.iter().filter_map(|event| match event {
            DirectoryEvent::Changed { text, .. } => Some(text.clone()),
            DirectoryEvent::Put { .. } => None,
        });
        let directed = Directed { version: after.version, said: said.collect(), hanging };
        also(&mut writes, &directed)?;
        match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
            Ok(_) => {}
            Err(Refused::Moved | Refused::KnownKey(_)) => return Ok(None),
            Err(refused) => return Err(unexpected(refused)),
        }
        self.directory().await?;
        Ok(Some(directed))
    }

    /// Whether a version was put as a whole: its row is what the events after it are applied to.
    async fn is_base(&self, version: u64) -> Result<bool, Error> {
        let Some(before) = version.checked_sub(1) else { return Ok(true) };
        let events = self.inner.storage.load_after(&StreamId::directory(), before).await?;
        let envelopes = envelope::open::<DirectoryEvent>(events.get(..1).unwrap_or_default())?;
        Ok(envelopes.iter().all(|one| matches!(one.event, DirectoryEvent::Put { .. })))
    }

    /// The open tasks of posts and people that were changed which now nobody can take up.
    async fn hanging(
        &self,
        directory: &Directory,
        events: &[DirectoryEvent],
    ) -> Result<Vec<Hanging>, Error> {
        let mut who = BTreeSet::new();
        for event in events {
            let DirectoryEvent::Changed { record, .. } = event else { continue };
            match record {
                Record::Post { was: Some(was), .. } => {
                    who.insert(Who::Post(was.id.clone()));
                }
                Record::Person { was: Some(was), .. } => {
                    who.insert(Who::Person(was.id.clone()));
                    let posts = directory.posts_of(&was.id);
                    who.extend(posts.map(|post| Who::Post(post.id.clone())));
                }
                Record::Post { was: None, .. }
                | Record::Person { was: None, .. }
                | Record::Unit { .. }
                | Record::Seal { .. } => {}
            }
        }
        if who.is_empty() {
            return Ok(vec![]);
        }
        let who: Vec<Who> = who.into_iter().collect();
        let tasks = self.inner.storage.open_with(&who, LOOKED_AT).await?;
        let mut hanging = vec![];
        for task in tasks {
            let seats = seats(&task)?;
            if !seats.iter().any(|seat| can_act(directory, seat)) {
                let with: Vec<String> = seats.iter().map(Seat::label).collect();
                hanging.push(Hanging {
                    case: task.case,
                    task: task.task,
                    step: task.title,
                    with: with.join("、"),
                });
            }
        }
        Ok(hanging)
    }

    /// Refuses whoever is not one of the administrators named.
    pub(crate) async fn require_one(&self, seat: &Seat, roles: &[&str]) -> Result<(), Error> {
        let directory = self.directory().await?;
        person(seat)?;
        if roles.iter().any(|role| has_role(&directory, seat, role)) {
            return Ok(());
        }
        let whose = roles.iter().map(|role| role_title(role)).collect::<Vec<_>>().join("或");
        Err(DirectoryRejection::NotYourRight { whose }.into())
    }

    /// Whoever may look at the directory as administrators see it.
    pub async fn require_administrator(&self, seat: &Seat) -> Result<(), Error> {
        self.require_one(seat, &[SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN]).await
    }
}

/// With whom an open task lies: its holder, else those it was offered to.
pub(crate) fn seats(task: &TaskRow) -> Result<Vec<Seat>, Error> {
    match &task.holder {
        Some(holder) => Ok(vec![holder.read().map_err(Error::unreadable("a task"))?]),
        None => task.offered.read().map_err(Error::unreadable("a task")),
    }
}

fn can_act(directory: &Directory, seat: &Seat) -> bool {
    let enabled =
        |person: &PersonId| directory.people.get(person).is_some_and(|person| !person.disabled);
    match &seat.person {
        Some(person) => enabled(&person.id),
        None => !directory.seats_of(&seat.post).is_empty(),
    }
}
