//! The door in process: signing in, tokens, bad requests, what is shown and what is not. Stories of whole flows are
//! played in the package `tests`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod acts;
mod bad_requests;
mod files;
mod guest;
mod sessions;
mod specification;
mod surroundings;
