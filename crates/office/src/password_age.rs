//! Passwords from before their ages were kept: they age too, from when the record says that they were set. What too old
//! a password comes to is told by `accounts`.

use crate::{accounts::SecurityEvent, envelope, error::Error, office::Office};
use chrono::{DateTime, Utc};
use wenshu_core::id::PersonId;
use wenshu_storage::{StreamId, Writes};

impl Office {
    /// Gives every password of unknown age the one that the record tells; where it is silent, the age begins now.
    pub(crate) async fn date_passwords(&self) -> Result<(), Error> {
        for account in self.inner.storage.accounts_without_age().await? {
            let set = self.last_set(&account.person, &account.login).await?;
            let mut writes = Writes::default();
            writes.password_at(&account.login, set.unwrap_or_else(|| self.inner.clock.now()));
            self.write(writes).await?;
        }
        Ok(())
    }

    /// When the password of an account was set last, as its stream has it.
    async fn last_set(
        &self,
        person: &PersonId,
        account: &str,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        let stored = self.inner.storage.load(&StreamId::security(person)).await?;
        let events = envelope::open::<SecurityEvent>(&stored)?;
        let set = events.into_iter().rev().find(|envelope| match &envelope.event {
            SecurityEvent::AccountMade { login }
            | SecurityEvent::PasswordChanged { login }
            | SecurityEvent::PasswordReset { login } => login == account,
            SecurityEvent::SignedIn { .. }
            | SecurityEvent::Refused { .. }
            | SecurityEvent::LockedOut { .. }
            | SecurityEvent::SignedOut { .. }
            | SecurityEvent::AccountDisabled { .. }
            | SecurityEvent::AccountEnabled { .. }
            | SecurityEvent::Unlocked { .. }
            | SecurityEvent::Exported { .. }
            | SecurityEvent::Imported { .. }
            | SecurityEvent::HandOverBegun { .. }
            | SecurityEvent::HandOverDone { .. } => false,
        });
        Ok(set.map(|envelope| envelope.at))
    }
}
