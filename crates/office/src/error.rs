//! What can go wrong between a request and its answer. A rejection passes through as the core said it.

use crate::desk::Working;
use chrono::{DateTime, Utc};
use wenshu_core::{
    Problem, Rejection,
    directory::{DirectoryRejection, Seat},
    survey::Warning,
};
use wenshu_document::{BodyError, DeliveryRejection, FieldError, PressError, body};

/// Why the office did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This person may not do this now.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A change of units, posts, people or seals.
    #[error(transparent)]
    Directory(#[from] DirectoryRejection),
    /// Whoever was given a password, or has had one for longer than these days, changes it before anything else.
    #[error("the password must be changed first")]
    MustChangePassword { after: Option<u32> },
    #[error(transparent)]
    Delivery(#[from] DeliveryRejection),
    /// It is not there, or not for this reader: the two are told alike.
    #[error("not found")]
    NotFound,
    /// The working copy was made from another version.
    #[error("made from version {base}, the document is at {now}")]
    Stale { base: u32, now: u32 },
    /// Somebody deployed another version meanwhile.
    #[error("flow {name} is at {hash:?} now")]
    FlowMoved {
        name: String,
        hash: Option<String>,
        at: Option<DateTime<Utc>>,
        by: Option<Box<Seat>>,
    },
    /// What today's directory lacks for this flow was not accepted, or is not what it was when it was.
    #[error("{} warning(s) were not accepted", .warnings.len())]
    WarningsUnread { warnings: Vec<Warning>, survey: String },
    /// Another window of the same person saved this working copy meanwhile; these of its fields are others.
    #[error("the working copy was saved elsewhere")]
    SavedElsewhere { working: Box<Working>, fields: Vec<String> },
    /// The idempotency key came with another request before.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    #[error("nobody is signed in")]
    NotSignedIn,
    #[error("name or password is wrong")]
    BadCredentials,
    #[error("locked out until {until}")]
    LockedOut { until: DateTime<Utc> },
    /// A value that cannot be taken; the text is for people.
    #[error("{field}: {text}")]
    Invalid { field: String, text: String },
    #[error("larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// A text with more characters than this; the words are for people.
    #[error("{text}")]
    TooLong { limit: usize, text: String },
    /// The workflow file has these problems.
    #[error("the workflow has {} problem(s)", .0.len())]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Press(#[from] PressError),
    #[error(transparent)]
    Storage(wenshu_storage::Error),
    /// What lies in the database cannot be read.
    #[error("{what} cannot be read")]
    Unreadable { what: String, source: serde_json::Error },
    /// A deployed workflow does not compile any more, or a case names one that is not there.
    #[error("workflow {name} ({hash}) cannot be used")]
    Workflow { name: String, hash: String },
    /// The same act was overtaken too often.
    #[error("overtaken {0} times")]
    Busy(u32),
    /// A job took longer than its lease, by the clock of the database: it is another's now.
    #[error("the lease of the job is over")]
    LeaseLost,
    #[error("a helper thread ended early: {0}")]
    Thread(String),
    #[error("the system gave no random bytes")]
    Random(#[from] rand::rand_core::OsError),
}

impl From<wenshu_storage::Error> for Error {
    fn from(error: wenshu_storage::Error) -> Self {
        match error {
            wenshu_storage::Error::TooLarge { limit } => Error::TooLarge { limit },
            other => Error::Storage(other),
        }
    }
}

impl From<Vec<FieldError>> for Error {
    fn from(errors: Vec<FieldError>) -> Self {
        let long = errors
            .iter()
            .find(|error| matches!(error, FieldError::Body(BodyError::TooLong { .. })));
        if let Some(error) = long {
            return Error::TooLong { limit: body::MAX_CHARACTERS, text: error.to_string() };
        }
        let field = errors.first().map(|error| error.field().to_owned()).unwrap_or_default();
        let text = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("；");
        Error::Invalid { field, text }
    }
}

impl Error {
    /// JSON of ours that does not read back.
    pub(crate) fn unreadable(what: impl Into<String>) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Error::Unreadable { what: what.into(), source }
    }
}
