//! The workshop of the flow administrator: flows and their versions, what stands still and the ways out, trying flows
//! out. Nothing here shows what was written in a case.

mod deploy;
mod flows;
mod stalled;
mod trial;

pub use deploy::{Deployed, Deploying};
pub use flows::{FlowDeed, FlowEvent, FlowSummary, FlowVersion, Purpose, SHIPPED, Shipped};
pub use stalled::{Standstill, Standstills, Still, Way};
pub use trial::{Outlook, Tested, TestedFlow};
