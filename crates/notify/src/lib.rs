//! Telling people: messages leave the outbox at least once, each once per event, person and channel. What there is to
//! tell was decided with the act; here it is only carried, tried again after a pause, and given up in the open.

mod channel;
mod dispatcher;
mod letter;
mod mail;

pub use channel::{Channel, IN_APP, InApp, LOG, Log, MEMORY, Memory, Undelivered};
pub use dispatcher::{Dispatcher, Patience};
pub use letter::{Letter, Message};
pub use mail::{Line, MAIL, Mail, Server, Unusable, is_address};
