//! What a workflow means: compile a file, decide what a command makes of a case, apply what happened.
//! Pure: no I/O, no async, no clock, no randomness. Everything a decision may look at is in its [`Context`].

mod act;
pub mod calendar;
pub mod case;
pub mod command;
pub mod compile;
pub mod condition;
pub mod control;
pub mod decide;
pub mod directory;
pub mod draw;
pub mod event;
pub mod forecast;
pub mod id;
pub mod notice;
pub mod offer;
pub mod office_file;
mod people;
pub mod play;
pub mod rejection;
mod rights;
pub mod settings_file;
mod step;
#[cfg(test)]
mod stories;
pub mod survey;
pub mod trial;
pub mod vacancy;
pub mod value;
pub mod workflow;

pub use case::Case;
pub use compile::{Problem, compile};
pub use decide::{Allot, Ask, Context, Decision, Work, decide};
pub use offer::allowed;
pub use rejection::Rejection;
pub use rights::FLOW_ADMIN;
pub use value::Vocabulary;
pub use workflow::Workflow;
