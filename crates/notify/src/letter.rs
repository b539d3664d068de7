//! A letter: what one person is told. It says nothing of the text of a document or of opinions.

use serde::{Deserialize, Serialize};
use wenshu_core::id::{CaseId, PersonId, TaskId};
use wenshu_storage::StreamId;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// e.g. `task`, `urged`, `delivery`.
    pub kind: String,
    /// One Chinese sentence, or several lines.
    pub text: String,
    /// The case to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Title of the case, the subject of a mail.
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
}

/// A letter to one person by one channel. Stream, seq, person and channel name it for ever: a channel that is asked
/// twice to carry the same message can know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub stream: StreamId,
    pub seq: u64,
    pub person: PersonId,
    pub channel: String,
    pub letter: Letter,
}

impl Message {
    /// The name of the message, e.g. for a mail's Message-ID.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.stream, self.seq, self.person, self.channel)
    }
}
