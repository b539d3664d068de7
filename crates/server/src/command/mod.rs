//! The subcommands, one file each.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod draw;
pub(crate) mod mail;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod rebuild;
pub(crate) mod schema;
pub(crate) mod seed;
pub(crate) mod serve;
