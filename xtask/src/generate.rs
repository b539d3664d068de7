//! Files that the program writes about itself and that are committed, so that a change to them is seen in review.

use crate::shell::{self, Show};
use crate::{place, ui};
use std::process::Command;

/// What to ask the binary, and where the answer is kept.
const FILES: [(&str, &str); 3] = [
    ("openapi", "docs/openapi.json"),
    ("schema", "docs/workflow.schema.json"),
    ("config example", "deploy/wenshu.example.yaml"),
];

pub fn run() -> Result<(), String> {
    build()?;
    for (ask, name) in FILES {
        let text = shell::read(Command::new(place::wenshu()).args(ask.split(' ')))?;
        if text.is_empty() {
            return Err(format!("`wenshu {ask}` printed nothing"));
        }
        std::fs::write(place::root().join(name), text)
            .map_err(|error| format!("{name}: {error}"))?;
        println!("wrote {name}");
    }
    if ui::exists() {
        ui::script("gen:api")?;
    }
    Ok(())
}

pub fn build() -> Result<(), String> {
    let args =
        ["build", "--profile", place::PROFILE, "--package", "wenshu-server", "--bin", "wenshu"];
    shell::run(&mut shell::cargo(&args), Show::Live)
}

/// Compares what the built binary says now with what is committed.
pub fn check() -> Result<(), String> {
    for (ask, name) in FILES {
        let now = shell::read(Command::new(place::wenshu()).args(ask.split(' ')))?;
        let kept = std::fs::read_to_string(place::root().join(name))
            .map_err(|error| format!("{name}: {error}"))?;
        if now != kept {
            return Err(stale(name));
        }
    }
    if ui::exists() { ui::types_are_current() } else { Ok(()) }
}

/// Whether any of them has been written yet.
pub fn exists() -> bool {
    FILES.iter().any(|(_, name)| place::root().join(name).is_file())
}

pub fn stale(name: &str) -> String {
    format!("{name} is not what the program says now: run `cargo xtask gen` and commit the result")
}
