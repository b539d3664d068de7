//! Passwords from before it was kept when they were set: they age from the day on which the office first sees them, so
//! that an upgrade does not put everybody off at once. What too old a password comes to is told by `accounts`.

use crate::{error::Error, office::Office};
use wenshu_storage::Writes;

impl Office {
    /// Lets every password of unknown age begin to age.
    pub(crate) async fn date_passwords(&self) -> Result<(), Error> {
        let ageless = self.inner.storage.accounts_without_age().await?;
        if ageless.is_empty() {
            return Ok(());
        }
        let (mut writes, now) = (Writes::default(), self.inner.clock.now());
        for account in ageless {
            writes.aged_from(&account.login, now);
        }
        self.write(writes).await
    }
}
