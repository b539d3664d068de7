//! The demo city: an invented 云州市 with its offices and people, and thirty documents made by really playing the
//! flows. Everything is data under `seed/`; the rest of the server only asks for a city and has it seeded.

mod agenda;
mod build;
mod city;
mod director;
mod names;
mod office_stage;
mod plan;
#[cfg(test)]
mod rehearsal;
mod script;
mod seals;
mod stage;

pub use city::{City, DemoAccount, PASSWORD, PEOPLE, city};
pub use office_stage::{Report, seed};
pub use seals::DemoSeals;

#[cfg(test)]
mod tests;
