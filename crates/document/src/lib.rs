//! What a 公文 is: its kinds, its elements, its text, its number, the rules of form, and what happens to it.
//!
//! Pure like the core: no I/O, no clock, no randomness. How it is stored, printed and sent is left to others.

pub mod archive;
pub mod body;
pub mod delivery;
pub mod diff;
pub mod document;
pub mod event;
pub mod hash;
pub mod kind;
pub mod metadata;
pub mod number;
pub mod press;
pub mod revise;
pub mod rules;
pub mod vocabulary;

pub use archive::Manifest;
pub use body::{Body, BodyError};
pub use delivery::{
    Delivery, DeliveryCommand, DeliveryEvent, DeliveryRejection, DeliveryState, decide_delivery,
};
pub use document::Document;
pub use event::DocumentEvent;
pub use kind::{Direction, Kind};
pub use metadata::{Attachment, Metadata, Publicity, Secrecy, Urgency};
pub use number::{Number, Series};
pub use press::{Press, PressError, Printed, Sheet};
pub use revise::{FieldError, Revision, revise};
pub use rules::{Finding, Level, Moment, check};
pub use vocabulary::{facts, vocabulary};
