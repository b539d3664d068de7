//! The rows of everything that is not an event: projections that can be made again from the events, and what people
//! leave lying about (drafts, sessions). Each is written through [`crate::Writes`] and read by the modules of `read`.

pub(crate) mod case;
pub(crate) mod office;
pub(crate) mod record;
pub(crate) mod register;
pub(crate) mod travel;

pub use case::*;
pub use office::*;
pub use register::*;
pub use travel::*;
