//! What the HTTP stories are told with: an office behind a door of its own or the real binary, people at their desks,
//! and transcripts in the words of the flows' own tests. The stories themselves lie in `tests/`.

mod cluster;
mod desk;
mod post;
mod program;
mod record;
mod script;
mod small_disk;
mod stage;

pub use cluster::{Cluster, restore, root};
pub use desk::{Body, Desk, Reply, approval};
pub use post::{Certified, Guarded, Mood, Post};
pub use program::Program;
pub use record::{events_of, nothing_is_half_done, opinions};
pub use script::Script;
pub use small_disk::SmallDisk;
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
