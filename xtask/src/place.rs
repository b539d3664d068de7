//! Where things are: the repository, what is built, and the binary.

use std::path::{Path, PathBuf};

/// The profile that `up` and the tests share, so that each crate is built once.
pub const PROFILE: &str = "up";

pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).into()
}

pub fn ui() -> PathBuf {
    root().join("ui")
}

/// Absolute, because commands run in other folders than the one cargo was called in.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => std::path::absolute(&dir).unwrap_or(dir.into()),
        None => root().join("target"),
    }
}

pub fn wenshu() -> PathBuf {
    target().join(PROFILE).join("wenshu")
}

pub fn example(name: &str) -> PathBuf {
    target().join(PROFILE).join("examples").join(name)
}
