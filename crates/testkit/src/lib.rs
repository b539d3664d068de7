//! An office for tests: a real database in a place of its own, the sample office with its people, the shipped flows,
//! a clock moved by hand, and a press that prints plain pages. Nothing in it is a stand-in for what it tests.

mod database;
mod office;
mod paper;
mod script;

pub use database::{Backend, Place};
pub use office::{PASSWORD, SampleSeals, TestOffice, completion, shipped_flows};
pub use paper::PaperPress;
