//! One file for each kind of step: what happens when a token arrives there, and when it may go on.

pub(crate) mod choice;
pub(crate) mod circulate;
pub(crate) mod each;
pub(crate) mod effect;
pub(crate) mod handle;
