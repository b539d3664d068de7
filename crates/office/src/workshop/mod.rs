//! The workshop of the flow administrator: flows and their versions, what stands still and the ways out, trying flows
//! out. Nothing here shows what was written in a case.

mod deploy;
mod flows;
mod helped;
mod record;
mod stalled;
mod trial;

pub use deploy::{Deployed, Deploying};
pub use flows::{FlowDeed, FlowEvent, FlowSummary, FlowVersion, Purpose, SHIPPED, Shipped};
pub use record::{FlowDamage, FlowWrong, flows_against_record};
pub use stalled::{Sought, Standstill, Standstills, Still, StillKind, Way};
pub use trial::{KeptTrial, Outlook, Tested, TestedFlow, survey_hash};
