//! `cargo xtask`: what people and CI do with this repository, on cargo and Node alone.
//!
//! Needs no crates, so that the first thing a newcomer runs is built in a second.

#![expect(clippy::print_stdout, reason = "talking to the person at the terminal is its work")]

mod check;
mod container;
mod deny;
mod generate;
mod needs;
mod place;
mod postgres;
mod pure;
mod security;
mod shell;
mod source;
mod spdx;
mod sql;
mod stage;
mod suite;
mod tally;
mod ui;
mod up;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask up [--empty] [ARGS…]   build UI and server, start it with the demo city (--empty: without)
cargo xtask test                   install what the tests need, check, and run every test
cargo xtask check                  format, lints, docs, licences, generated files
cargo xtask gen                    write docs/openapi.json, docs/workflow.schema.json and the UI's types again
cargo xtask dev [ARGS…]            server, and the UI reloading as it is edited
cargo xtask ui                     build the UI alone
cargo xtask container [PROGRAM]    the steps of deploy/Containerfile on a Debian of mmdebstrap's, and a start (root)";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let done = match command.as_str() {
        "up" => up::up(&rest),
        "dev" => up::dev(&rest),
        "test" => return suite::run(),
        "check" => return check::run(),
        "gen" => generate::run(),
        "container" => container::run(&rest),
        "ui" => ui::build(shell::Show::Live),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}
