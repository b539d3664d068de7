//! The office: it loads, lets the core decide, writes everything in one commit, and does the work that cases wait for.
//! What an act means is the core's, what a document is the document's, how things last is storage's.

mod account_keeping;
mod accounts;
mod act;
mod audit;
mod cache;
mod clock;
mod consequences;
mod deliveries;
mod desk;
mod digest;
mod envelope;
mod error;
pub mod filename;
mod hand_over;
mod import;
mod jobs;
mod journal;
mod lists;
mod load;
mod lockout;
mod log;
mod number;
mod office;
mod once;
pub mod paper;
mod password_age;
mod project;
mod reading;
mod rebuild;
mod registers;
mod secret;
mod sheet;
mod sight;
pub mod signing;
mod staff;
mod timeline;
mod turns;
mod workshop;

pub use account_keeping::{AccountView, OneTime};
pub use accounts::{NewAccount, SecurityEvent, Session};
pub use act::{Acted, RequestKey};
pub use audit::Verdict;
pub use clock::{Clock, Hand};
pub use deliveries::ANSWERS;
pub use desk::{NewCase, Working};
pub use envelope::{Envelope, opened};
pub use error::Error;
pub use hand_over::{HandOver, OpenTask, OpenWork, State as HandOverState};
pub use import::{Fate, Form, Imported, RowFate};
pub use journal::{Line, Question as JournalQuestion, Verified as JournalVerified};
pub use lists::{Phrases, spelled};
pub use lockout::Door;
pub use office::{NoSeals, Office, SealRegister, Settings};
pub use reading::{Access, CaseFile, Changes};
pub use rebuild::Rebuilt;
pub use registers::{Given, NumberLine, SeriesView};
pub use sight::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN, has_role, organs_above, registries};
pub use staff::{Directed, Hanging};
pub use timeline::{Entry, EntryKind, timeline};
pub use workshop::{
    Deployed, Deploying, FlowDamage, FlowDeed, FlowEvent, FlowSummary, FlowVersion, FlowWrong,
    KeptTrial, Outlook, Purpose, SHIPPED, Shipped, Sought, Standstill, Standstills, Still,
    StillKind, Tested, TestedFlow, Way, flows_against_record, survey_hash,
};
