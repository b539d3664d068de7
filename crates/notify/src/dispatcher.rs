//! The dispatcher: claims messages for a while, lets their channels carry them, and tries again what was not carried.
//! Several nodes may dispatch at once; a message whose carrier died is claimed anew when its lease is over.

use crate::{
    channel::{Channel, Undelivered},
    letter::{Letter, Message},
};
use chrono::{DateTime, Utc};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use wenshu_storage::{Act, Error, Failed, Finish, OutboxRow, Refused, Storage};

/// How long a message is ours, and how often it is tried.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub lease: Duration,
    pub tries: u32,
    pub at_once: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { lease: Duration::from_secs(60), tries: 8, at_once: 50 }
    }
}

/// Carries what lies in the outbox.
#[derive(Clone)]
pub struct Dispatcher {
    storage: Storage,
    channels: Vec<Arc<dyn Channel>>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    patience: Patience,
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("channels", &self.channels).finish_non_exhaustive()
    }
}

impl Dispatcher {
    /// A dispatcher for these channels; the time comes from the office.
    #[must_use]
    pub fn new(
        storage: Storage,
        channels: Vec<Arc<dyn Channel>>,
        now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
        patience: Patience,
    ) -> Self {
        Self { storage, channels, now, patience }
    }

    /// Dispatches until `stop` ends.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        let mut changes = self.storage.changes();
        let mut stop = std::pin::pin!(stop);
        loop {
            match self.once().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(%error, "messages could not be claimed"),
            }
            // Being told only makes it faster.
            let pause = tokio::time::sleep(Duration::from_secs(1));
            tokio::select! {
                () = &mut stop => return,
                () = pause => {}
                _ = changes.recv() => {}
            }
        }
    }

    /// Carries every message that is due; says how many there were.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn once(&self) -> Result<usize, Error> {
        let messages =
            self.storage.claim_messages(self.patience.at_once, self.patience.lease).await?;
        let count = messages.len();
        let began = Instant::now();
        for message in messages {
            // The rest is claimed anew when its lease is over: better than to carry what is another's by then.
            if began.elapsed() > self.patience.lease / 2 {
                break;
            }
            self.carry(message).await?;
        }
        Ok(count)
    }

    async fn carry(&self, row: OutboxRow) -> Result<(), Error> {
        match self.try_carry(&row).await {
            Ok(()) => Ok(()),
            Err(Trouble::Ours(error)) => Err(error),
            Err(Trouble::Channel(undelivered)) => {
                let key = (&row.stream, row.seq, &row.channel);
                let channel = self.channels.iter().find(|channel| channel.name() == row.channel);
                let tries =
                    channel.and_then(|channel| channel.tries()).unwrap_or(self.patience.tries);
                let (why, tries) = match undelivered {
                    Undelivered::Again(why) => (why, tries),
                    Undelivered::ForGood(why) => (why, 0),
                };
                match self.storage.message_failed(&row, &why, tries).await? {
                    Failed::Again => {
                        tracing::warn!(?key, why, "a message was not carried and is tried again")
                    }
                    Failed::GivenUp => tracing::error!(?key, why, "a message was given up"),
                    Failed::Lost => {}
                }
                Ok(())
            }
        }
    }

    async fn try_carry(&self, row: &OutboxRow) -> Result<(), Trouble> {
        let channel = self.channels.iter().find(|channel| channel.name() == row.channel);
        let channel =
            channel.ok_or_else(|| Undelivered::Again(format!("no channel {}", row.channel)))?;
        let letter: Letter =
            row.body.read().map_err(|error| Undelivered::ForGood(error.to_string()))?;
        let message = Message {
            stream: row.stream.clone(),
            seq: row.seq,
            person: row.person.clone(),
            channel: row.channel.clone(),
            letter,
        };
        let mut writes = channel.carry(&message, (self.now)()).await?;
        writes.finishes.push(Finish::Message {
            stream: row.stream.clone(),
            seq: row.seq,
            person: row.person.clone(),
            channel: row.channel.clone(),
            attempts: row.attempts,
        });
        match self.storage.commit::<Undelivered>(Act::Ready(writes)).await {
            Ok(_) => Ok(()),
            Err(Refused::Rejected(undelivered)) => Err(undelivered.into()),
            Err(Refused::Failed(error)) => Err(Trouble::Ours(error)),
            // Its lease is over: whoever has it now carries it, too, under the same name.
            Err(Refused::Moved) => Ok(()),
            // Nothing here has a key or a number.
            Err(refused @ (Refused::KnownKey(_) | Refused::NumberTaken { .. })) => {
                Err(Undelivered::Again(format!("{refused:?}")).into())
            }
        }
    }
}

/// Whose trouble it is.
enum Trouble {
    Channel(Undelivered),
    Ours(Error),
}

impl From<Undelivered> for Trouble {
    fn from(undelivered: Undelivered) -> Self {
        Trouble::Channel(undelivered)
    }
}
