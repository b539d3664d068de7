//! The server as a library: what the binary and its tests share. The only crate that puts press, seals, database and
//! web together; what an act means is not known here.

mod backup;
mod cli;
mod command;
mod config;
mod demo;
mod first;
mod log;
mod open;
pub mod seed;
mod table;
mod trouble;
mod watch;

use clap::Parser;
use config::{LogFormat, Sources};
use std::{fmt::Display, io::Write, process::ExitCode, time::Duration};

/// What still runs when the work is done, e.g. a page being set, has so long.
const REST: Duration = Duration::from_secs(5);

/// The program: reads the command line, does it, and says in one Chinese paragraph what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let said =
        cli.command.given().map(|given| Sources::gather(given, &config::environment).log_format());
    log::start(cli.log_json || said == Some(LogFormat::Json));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(format!("系统资源不足，程序不能启动（{error}）。"));
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(cli.command.run());
    runtime.shutdown_timeout(REST);
    match done {
        Ok(code) => code,
        Err(error) => {
            complain(trouble::explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Tells the person at the terminal. Whoever closed the pipe does not want to hear more.
pub(crate) fn say(text: impl Display) {
    let _closed = writeln!(std::io::stdout().lock(), "{text}");
}

/// The same for what went wrong.
pub(crate) fn complain(text: impl Display) {
    let _closed = writeln!(std::io::stderr().lock(), "{text}");
}
