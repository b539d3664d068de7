//! Everything that is judged without running the product's tests.

use crate::shell::{self, Show};
use crate::stage::Stages;
use crate::{deny, generate, place, pure, security, sql, ui};
use std::process::ExitCode;

const NO_UI: &str = "there is no ui/package.json";

pub fn run() -> ExitCode {
    let mut stages = Stages::new();
    quick(&mut stages);
    lints(&mut stages);
    let built = stages.one("binary", generate::build);
    generated(&mut stages, built);
    ui_lints(&mut stages);
    stages.finish()
}

/// Seconds each, and nothing is compiled.
pub fn quick(stages: &mut Stages) {
    stages
        .one("format", || shell::run(&mut shell::cargo(&["fmt", "--all", "--check"]), Show::Live));
    stages.one("pure crates", pure::check);
    stages.one("bound sql", sql::check);
    stages.one("docs/SECURITY.md", security::check);
    stages.one("licences and sources", deny::check);
}

pub fn lints(stages: &mut Stages) {
    stages.one("clippy", || {
        let args = [
            "clippy",
            "--keep-going",
            "--profile",
            place::PROFILE,
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        shell::run(&mut shell::cargo(&args), Show::Live)
    });
    stages.one("rust docs", || {
        let args = ["doc", "--profile", place::PROFILE, "--workspace", "--no-deps"];
        shell::run(shell::cargo(&args).env("RUSTDOCFLAGS", "-D warnings"), Show::Live)
    });
}

pub fn generated(stages: &mut Stages, built: bool) {
    if !generate::exists() {
        return stages.absent("generated files", "none has been written yet");
    }
    stages.one("generated files", || {
        if built { generate::check() } else { Err("the binary was not built".into()) }
    });
}

pub fn ui_lints(stages: &mut Stages) {
    if !ui::exists() {
        return stages.absent("ui lint and types", NO_UI);
    }
    stages.one("ui lint", || ui::script("lint"));
    stages.one("ui types", || ui::script("typecheck"));
}
