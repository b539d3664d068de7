//! The workshop of the flow administrator: one file for each bench. Who may work here is the office's to say.

pub(crate) mod flows;
pub(crate) mod stalled;
pub(crate) mod trial;
