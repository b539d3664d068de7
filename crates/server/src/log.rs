//! The log: on standard error, for people or as JSON. What is logged is a sentence with facts, never personal data;
//! that is up to whoever logs.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::{EnvFilter, fmt};

/// The server says itself that migrations ran, and what the database remarks on them is of no use.
const USUAL: &str = "info,sea_orm_migration=warn,sqlx=warn";

/// Starts the log. `WENSHU_LOG` says how much, in the words of `tracing`, e.g. `debug` or `wenshu_http=debug`.
pub(crate) fn start(json: bool) {
    let filter = EnvFilter::try_from_env("WENSHU_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL));
    let log = fmt().with_env_filter(filter).with_writer(stderr);
    // It can only fail where a log was started before, and then that one stays.
    let _started = if json {
        log.json().try_init()
    } else {
        log.with_ansi(stderr().is_terminal()).with_target(false).try_init()
    };
}
