//! What the HTTP stories are told with: an office behind a door of its own or the real binary, people at their desks,
//! and transcripts in the words of the flows' own tests. The stories themselves lie in `tests/`.

mod desk;
mod program;
mod script;
mod stage;

pub use desk::{Body, Desk, Reply, approval};
pub use program::Program;
pub use script::Script;
pub use stage::Stage;

/// The flows that are not shipped.
#[must_use]
pub fn unshipped_flows() -> [&'static str; 5] {
    [
        include_str!("../flows/nested.yaml"),
        include_str!("../flows/sign_first.yaml"),
        include_str!("../flows/two_blocks.yaml"),
        include_str!("../flows/loop.yaml"),
        include_str!("../flows/form_choice.yaml"),
    ]
}
