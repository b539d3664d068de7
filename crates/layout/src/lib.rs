//! Sets documents to PDF with typst as a library. The only crate that knows typst.
//!
//! Texts go in as data and never as source, and the world that typst sees has no files, no packages and no clock, so
//! nothing that somebody typed can read or fetch anything.

mod data;
mod fonts;
mod seal;
mod survey;
mod title;
mod typesetter;

pub use seal::demo_seal;
pub use survey::{Mark, Survey};
pub use typesetter::Typesetter;
