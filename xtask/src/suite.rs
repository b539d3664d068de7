//! `cargo xtask test`: everything, here as in CI. What the tests need is installed first; all stages run, whatever fails.

use crate::postgres::Postgres;
use crate::shell::{self, Show};
use crate::stage::Stages;
use crate::tally::{self, Tally};
use crate::{check, needs, place, ui};
use std::fs::File;
use std::process::ExitCode;
use std::thread;

const NO_UI: &str = "there is no ui/package.json";

pub fn run() -> ExitCode {
    match prepare() {
        Ok((lock, postgres)) => {
            let code = stages(&postgres);
            drop(postgres);
            drop(lock);
            code
        }
        Err(trouble) => {
            println!("{trouble}\n{}", Tally::one(false));
            ExitCode::FAILURE
        }
    }
}

/// The lock keeps a second run out of this target folder: the database lies in it.
fn prepare() -> Result<(File, Postgres), String> {
    std::fs::create_dir_all(place::target())
        .map_err(|error| format!("{}: {error}", place::target().display()))?;
    let path = place::target().join("xtask-test.lock");
    let lock = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if lock.try_lock().is_err() {
        println!("waiting for another `cargo xtask test` in {}", place::target().display());
        lock.lock().map_err(|error| format!("{}: {error}", path.display()))?;
    }
    needs::install()?;
    Ok((lock, Postgres::start()?))
}

fn stages(postgres: &Postgres) -> ExitCode {
    // npm waits for the network and the disk, cargo for the processor: both at once.
    let ui = ui::exists().then(|| thread::spawn(|| ui::build(Show::OnFailure)));
    let mut stages = Stages::new();
    check::quick(&mut stages);
    check::lints(&mut stages);
    match ui {
        Some(ui) => {
            let broken = || Err("the UI's build broke off".into());
            stages.one("ui build", || ui.join().unwrap_or_else(|_| broken()));
        }
        None => stages.absent("ui build", NO_UI),
    }
    // Tests and binary in one build: asked for apart, they would be given other features of shared crates.
    let built = stages.one("rust build", || {
        let args = ["build", "--profile", place::PROFILE, "--workspace", "--all-targets"];
        shell::run(&mut shell::cargo(&args), Show::Live)
    });
    check::generated(&mut stages, built);
    stages.count("rust tests", || rust_tests(postgres));
    check::ui_lints(&mut stages);
    if ui::exists() {
        stages.count("ui unit tests", ui::unit_tests);
    } else {
        stages.absent("ui unit tests", NO_UI);
    }
    if ui::has_browser_tests() {
        let output = place::target().join("test-output");
        stages.count("browser tests", || {
            if built { ui::browser_tests(&output) } else { Err("the binary was not built".into()) }
        });
    } else {
        stages.absent("browser tests", "there is no ui/e2e/run.mjs");
    }
    stages.finish()
}

fn rust_tests(postgres: &Postgres) -> Result<Tally, String> {
    let args =
        ["test", "--profile", place::PROFILE, "--workspace", "--all-targets", "--no-fail-fast"];
    let mut command = shell::cargo(&args);
    command.env("WENSHU_TEST_POSTGRES", postgres.url()).env("WENSHU_TEST_REQUIRE_POSTGRES", "1");
    command.env("WENSHU_BIN", place::wenshu());
    let mut sum = Tally::default();
    let ended_well = shell::listen(&mut command, |line| {
        if let Some(one) = tally::cargo_line(line) {
            sum += one;
        }
    })?;
    Ok(sum.closed(ended_well))
}
