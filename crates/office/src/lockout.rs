//! How often one may be wrong at the door (ADR 0006). Wrong passwords are counted for each name and source: five in a
//! row close that name to that source for a while, and to no other. Against many sources at once a name has an
//! account-wide pace, which sources it signed in from before do not feel. Names that nobody has are treated alike.

use crate::{
    accounts::{Knock, SecurityEvent, delta},
    envelope::{self, Circumstances},
    error::Error,
    load::unexpected,
    office::Office,
};
use chrono::{DateTime, TimeDelta, Utc};
use wenshu_core::{command::Actor, id::PersonId};
use wenshu_document::hash::sm3_hex;
use wenshu_storage::{AccountRow, Act, Refused, SignInRow, StreamId, StreamKind, Writes};

/// Where somebody knocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The address that they come from.
    pub source: String,
    /// It is this very machine.
    pub near: bool,
}

impl Door {
    /// The source of whoever calls from within the program.
    pub const HERE: &str = "here";
}

/// All sources of a name together.
const EVERYWHERE: &str = "*";
/// So many lock-outs' worth of wrong passwords from anywhere, and strangers to the account must go slowly.
const PACED_AFTER: u32 = 4;
/// How long strangers then wait between two tries.
const PACE: TimeDelta = TimeDelta::seconds(60);
/// Wrong passwords are forgotten after so long without another.
const FORGOTTEN: TimeDelta = TimeDelta::hours(24);
/// A source is familiar for so long after it signed in.
const FAMILIAR: TimeDelta = TimeDelta::days(90);
/// How many old counts are thrown away with each new one.
const SWEPT: u64 = 20;
const TRIES: u32 = 50;

/// What was counted for one name, from this source and from everywhere.
struct Counted {
    here: SignInRow,
    everywhere: SignInRow,
}

impl Office {
    /// Counts what came of a password, under the guard of the name's own stream.
    pub(crate) async fn judge(
        &self,
        login: &str,
        account: Option<&AccountRow>,
        source: &str,
        fits: bool,
    ) -> Result<(), Error> {
        let (name, person) = match account {
            Some(account) => (account.login.clone(), account.person.clone()),
            None => nobody(login),
        };
        let stream = StreamId::security(&person);
        for _ in 0..TRIES {
            // The head is read before the rows: what was written in between is found by the guard.
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            let now = self.inner.clock.now();
            let counted = Counted {
                here: self.counted(&name, source, now).await?,
                everywhere: self.counted(&name, EVERYWHERE, now).await?,
            };
            if let Some(until) = self.closed(&counted, now) {
                return Err(Error::LockedOut { until });
            }
            let login = account.map(|account| account.login.clone()).unwrap_or_default();
            let directory = self.known_directory();
            let name = account.map(|account| directory.person_name(&account.person));
            let name = name.unwrap_or_default();
            let knock = Knock { name, source: source.to_owned() };
            let (counted, event, answer) = self.outcome(counted, login, knock, fits, now);
            let known = directory.version;
            let circumstances =
                Circumstances::new(now, &Actor::System, known, self.inner.calendar.version);
            let envelopes = circumstances.wrap(head.version, std::slice::from_ref(&event));
            let mut writes = Writes::default();
            writes.appends.push(envelope::append(
                stream.clone(),
                StreamKind::Security,
                head,
                &envelopes,
            )?);
            for old in self.inner.storage.sign_ins_before(now - FAMILIAR, SWEPT).await? {
                writes.remove::<SignInRow>(&[&old.login, &old.source]);
            }
            writes.put(&counted.here);
            writes.put(&counted.everywhere);
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return answer,
                Err(Refused::Moved) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// The count of a name and source; a lock that is over, or a long time without a try, starts it anew.
    async fn counted(
        &self,
        name: &str,
        source: &str,
        now: DateTime<Utc>,
    ) -> Result<SignInRow, Error> {
        let fresh = || SignInRow {
            login: name.to_owned(),
            source: source.to_owned(),
            failed: 0,
            locked_until: None,
            succeeded_at: None,
            at: now,
        };
        let row = self.inner.storage.sign_ins(name, source).await?.unwrap_or_else(fresh);
        let over = row.locked_until.is_some_and(|until| until <= now) || now - row.at >= FORGOTTEN;
        Ok(if over { SignInRow { failed: 0, locked_until: None, ..row } } else { row })
    }

    /// Until when nobody need try from there.
    fn closed(&self, counted: &Counted, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if counted.here.locked_until.is_some() {
            return counted.here.locked_until;
        }
        let familiar = counted.here.succeeded_at.is_some_and(|at| now - at < FAMILIAR);
        let attacked = counted.everywhere.failed >= self.inner.settings.failures * PACED_AFTER;
        let next = counted.everywhere.at + PACE;
        (attacked && !familiar && now < next).then_some(next)
    }

    fn outcome(
        &self,
        counted: Counted,
        login: String,
        knock: Knock,
        fits: bool,
        now: DateTime<Utc>,
    ) -> (Counted, SecurityEvent, Result<(), Error>) {
        let Counted { here, everywhere } = counted;
        if fits {
            // The pace stays: it is not for the owner's sake that others were wrong.
            let here = SignInRow {
                failed: 0,
                locked_until: None,
                succeeded_at: Some(now),
                at: now,
                ..here
            };
            return (
                Counted { here, everywhere },
                SecurityEvent::SignedIn { login, knock },
                Ok(()),
            );
        }
        let failed = here.failed.saturating_add(1);
        let everywhere =
            SignInRow { failed: everywhere.failed.saturating_add(1), at: now, ..everywhere };
        if failed < self.inner.settings.failures {
            let here = SignInRow { failed, at: now, ..here };
            let event = SecurityEvent::Refused { login, failed, knock };
            return (Counted { here, everywhere }, event, Err(Error::BadCredentials));
        }
        let until = now + delta(self.inner.settings.lockout);
        let here = SignInRow { failed, locked_until: Some(until), at: now, ..here };
        let event = SecurityEvent::LockedOut { login, until, knock };
        (Counted { here, everywhere }, event, Err(Error::LockedOut { until }))
    }
}

/// The name and stream under which tries at a name that nobody has are counted: one of a few, so that made-up names
/// fill nothing. What was typed is kept nowhere, for it may be a password in the wrong field.
fn nobody(login: &str) -> (String, PersonId) {
    let hash = sm3_hex(login.as_bytes());
    let name = format!("?{}", hash.get(..3).unwrap_or_default());
    (name.clone(), PersonId(name))
}
