//! The demo city: an invented 云州市 with its offices and people, and thirty documents made by really playing the
//! flows. Everything is data under `seed/`; the rest of the server only asks for a city and has it seeded.

#[cfg(test)]
mod agenda;
mod build;
mod city;
#[cfg(test)]
mod director;
mod names;
mod plan;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod script;
#[cfg(test)]
mod stage;

pub use city::{City, DemoAccount, PASSWORD, PEOPLE, city};

#[cfg(test)]
mod tests;
