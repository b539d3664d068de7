//! The office: everything that an act or a look needs, held together. Cheap to clone.

use crate::{
    act::RequestKey,
    cache::{Bodies, Cases},
    clock::Clock,
    error::Error,
    turns::Turns,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use wenshu_core::{
    Vocabulary, Workflow,
    calendar::Calendar,
    command::Actor,
    directory::Directory,
    directory::{Seal, Seat, Unit},
    id::{CaseId, PersonId},
};
use wenshu_document::Press;
use wenshu_storage::Storage;

/// Images of the seals in the register.
pub trait SealRegister: Send + Sync {
    /// The image of a seal (PNG or SVG) and how the register calls it; none if it has no image yet.
    fn image(&self, seal: &Seal, organ: &Unit) -> Option<(Vec<u8>, String)>;
}

/// A register without images: sealing stalls, and says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSeals;

impl SealRegister for NoSeals {
    fn image(&self, _: &Seal, _: &Unit) -> Option<(Vec<u8>, String)> {
        None
    }
}

/// What an installation may set.
#[derive(Clone)]
pub struct Settings {
    pub seals: Arc<dyn SealRegister>,
    pub calendar: Calendar,
    /// Largest attachment, in bytes.
    pub attachment_limit: u64,
    /// A session ends after so long without a request.
    pub session_idle: Duration,
    /// And after so long in any case.
    pub session_lasts: Duration,
    /// Wrong passwords until an account is locked out.
    pub failures: u32,
    pub lockout: Duration,
    /// After so many days a password must be changed; 0: never.
    pub password_days: u32,
    /// So many passwords back none may be taken again.
    pub password_history: u32,
    /// Channels by which notices go out.
    pub channels: Vec<String>,
    /// How often a job is tried before it is given up.
    pub job_attempts: u32,
    /// How long a job stays with a node that gives no more sign of life.
    pub job_lease: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seals: Arc::new(NoSeals),
            calendar: Calendar::announced(),
            attachment_limit: 100 * 1024 * 1024,
            session_idle: Duration::from_secs(30 * 60),
            session_lasts: Duration::from_secs(12 * 60 * 60),
            failures: 5,
            lockout: Duration::from_secs(15 * 60),
            password_days: 90,
            password_history: 5,
            channels: vec![wenshu_notify::IN_APP.to_owned(), wenshu_notify::LOG.to_owned()],
            job_attempts: 5,
            job_lease: Duration::from_secs(120),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("channels", &self.channels).finish_non_exhaustive()
    }
}

/// The office.
#[derive(Clone)]
pub struct Office {
    pub(crate) inner: Arc<Inner>,
    /// Of the one request that it is for; see [`Office::under`].
    pub(crate) key: Option<Arc<RequestKey>>,
}

pub(crate) struct Inner {
    pub storage: Storage,
    pub press: Arc<dyn Press>,
    /// How many sheets are set at once.
    pub presses: Arc<tokio::sync::Semaphore>,
    /// How many long sheets are set at once: fewer, so that short ones go on.
    pub long_sheets: Arc<tokio::sync::Semaphore>,
    /// How many passwords are looked at once: each takes 19 MiB.
    pub gate: Arc<tokio::sync::Semaphore>,
    /// Flows are tested and tried one at a time.
    pub bench: Arc<tokio::sync::Semaphore>,
    pub clock: Clock,
    pub settings: Settings,
    pub vocabulary: Arc<Vocabulary>,
    pub calendar: Arc<Calendar>,
    pub turns: Turns<CaseId>,
    pub cases: Cases,
    pub bodies: Bodies,
    /// Compiled flows by hash: a hash means the same for ever.
    pub workflows: RwLock<BTreeMap<String, Arc<Workflow>>>,
    pub directory: RwLock<Arc<Directory>>,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").field("clock", &self.inner.clock).finish_non_exhaustive()
    }
}

impl Office {
    /// Opens the office over a migrated database.
    pub async fn open(
        storage: Storage,
        press: Arc<dyn Press>,
        clock: Clock,
        settings: Settings,
    ) -> Result<Self, Error> {
        storage.require_current().await?;
        let calendar = Arc::new(settings.calendar.clone());
        let inner = Inner {
            storage,
            press,
            presses: Arc::new(tokio::sync::Semaphore::new(2)),
            long_sheets: Arc::new(tokio::sync::Semaphore::new(1)),
            gate: Arc::new(tokio::sync::Semaphore::new(4)),
            bench: Arc::new(tokio::sync::Semaphore::new(1)),
            clock,
            settings,
            vocabulary: Arc::new(wenshu_document::vocabulary()),
            calendar,
            turns: Turns::default(),
            cases: Cases::default(),
            bodies: Bodies::default(),
            workflows: RwLock::default(),
            directory: RwLock::default(),
        };
        let office = Self { inner: Arc::new(inner), key: None };
        office.learn_names(&*office.directory().await?);
        office.open_journal().await?;
        office.date_passwords().await?;
        Ok(office)
    }

    /// Where everything lasts.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// What the office was opened with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The working days that deadlines are counted in.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.inner.calendar
    }

    /// Fields and effects that flows may name.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.inner.vocabulary
    }

    /// The seat of a person in one of their posts, as the directory has it now.
    pub async fn seat(
        &self,
        person: &PersonId,
        post: &wenshu_core::id::PostId,
    ) -> Result<Seat, Error> {
        self.directory().await?.seat(person, post).ok_or(Error::NotSignedIn)
    }

    /// Refuses people who no longer sit where they say.
    pub(crate) fn admit(directory: &Directory, actor: &Actor) -> Result<(), Error> {
        match actor {
            Actor::System => Ok(()),
            Actor::Person(seat) => match &seat.person {
                Some(person) if directory.seat(&person.id, &seat.post).is_some() => Ok(()),
                Some(_) | None => Err(Error::NotSignedIn),
            },
        }
    }

    /// Teaches the search the names of the organs.
    pub(crate) fn learn_names(&self, directory: &Directory) {
        let names = directory
            .units
            .values()
            .flat_map(|unit| [Some(&unit.name), Some(&unit.short), unit.code.as_ref()]);
        let words: Vec<String> = names.flatten().filter(|name| !name.is_empty()).cloned().collect();
        self.inner.storage.learn_words(&words);
    }

    pub(crate) fn known_directory(&self) -> Arc<Directory> {
        Arc::clone(&self.inner.directory.read().unwrap_or_else(PoisonError::into_inner))
    }
}
