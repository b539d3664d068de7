//! Channels: ways by which a message reaches a person. A new one, mail say, is a type with `carry`.

use crate::letter::Message;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;
use wenshu_storage::{Json, NoticeRow, Writes};

/// Name of the channel to the application itself.
pub const IN_APP: &str = "in_app";
/// Name of the channel to the log.
pub const LOG: &str = "log";
/// Name of the channel that tests look at.
pub const MEMORY: &str = "memory";

/// Why a message was not carried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It is tried again.
    #[error("{0}")]
    Again(String),
    /// Trying again cannot help.
    #[error("{0}")]
    ForGood(String),
}

/// A way by which messages go out.
#[async_trait]
pub trait Channel: Send + Sync + fmt::Debug {
    /// The name that outbox rows bear.
    fn name(&self) -> &'static str;

    /// How often a message is tried by this channel, where it is not as often as by others.
    fn tries(&self) -> Option<u32> {
        None
    }

    /// Carries one message. What it returns is written in the same commit that ends the message, so that a channel
    /// within the database carries exactly once.
    async fn carry(&self, message: &Message, at: DateTime<Utc>) -> Result<Writes, Undelivered>;
}

/// Notices in the application: a row that the page shows, told to whoever listens once it is committed.
#[derive(Clone, Copy, Debug, Default)]
pub struct InApp;

#[async_trait]
impl Channel for InApp {
    fn name(&self) -> &'static str {
        IN_APP
    }

    async fn carry(&self, message: &Message, at: DateTime<Utc>) -> Result<Writes, Undelivered> {
        let letter = &message.letter;
        let body = Json::of(letter).map_err(|error| Undelivered::ForGood(error.to_string()))?;
        let mut writes = Writes::default();
        writes.put(&NoticeRow {
            person: message.person.clone(),
            // The same message makes the same notice.
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, message.key().as_bytes()),
            kind: letter.kind.clone(),
            case: letter.case,
            text: letter.text.clone(),
            body,
            at,
        });
        Ok(writes)
    }
}

/// The log: that somebody was told, never what nor who.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log;

#[async_trait]
impl Channel for Log {
    fn name(&self) -> &'static str {
        LOG
    }

    async fn carry(&self, message: &Message, _: DateTime<Utc>) -> Result<Writes, Undelivered> {
        let (stream, seq, kind) = (&message.stream, message.seq, &message.letter.kind);
        tracing::debug!(%stream, seq, kind, "a person was told");
        Ok(Writes::default())
    }
}

/// Keeps what it carried, for tests; can be told to fail.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    messages: Vec<Message>,
    failures: u32,
}

impl Memory {
    /// What was carried so far.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).messages.clone()
    }

    /// The next so many messages are not carried.
    pub fn fail(&self, times: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failures = times;
    }
}

#[async_trait]
impl Channel for Memory {
    fn name(&self) -> &'static str {
        MEMORY
    }

    async fn carry(&self, message: &Message, _: DateTime<Utc>) -> Result<Writes, Undelivered> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.failures > 0 {
            kept.failures -= 1;
            return Err(Undelivered::Again("told to fail".to_owned()));
        }
        kept.messages.push(message.clone());
        Ok(Writes::default())
    }
}
