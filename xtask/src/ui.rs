//! The web UI's own tools: Node, npm, Vite. Each step is left out when what it was made from has not changed.

use crate::shell::{self, Show};
use crate::tally::{self, Tally};
use crate::{generate, place};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

const NODE: (u32, u32) = (20, 19);

/// Not made into the UI that ships: outputs, and what only tests use.
const OUTSIDE: [&str; 5] = ["node_modules", "dist", "e2e", "components.d.ts", "test-output"];

pub fn exists() -> bool {
    place::ui().join("package.json").is_file()
}

pub fn has_browser_tests() -> bool {
    place::ui().join("e2e/run.mjs").is_file()
}

/// Leaves `ui/dist` as the sources say, and `ui/node_modules` as the lock file says.
pub fn build(show: Show) -> Result<(), String> {
    packages(show)?;
    let index = place::ui().join("dist/index.html");
    once("build", index.is_file(), &sources()?, || {
        shell::run(&mut shell::npm(&["run", "build"]), show)
    })
}

/// What cannot be mended by building: said before anything is built.
pub fn buildable() -> Result<(), String> {
    if !lock().is_file() {
        return Err("缺少 ui/package-lock.json，源代码不完整。/ ui/package-lock.json is missing: without it the UI \
                    cannot be built the way it was tested."
            .into());
    }
    node()
}

pub fn packages(show: Show) -> Result<(), String> {
    buildable()?;
    let installed = place::ui().join("node_modules/.package-lock.json").is_file();
    once("packages", installed, &[lock()], || {
        let args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
        shell::run(&mut shell::npm(&args), show)
    })
}

pub fn script(name: &str) -> Result<(), String> {
    packages(Show::Live)?;
    shell::run(&mut shell::npm(&["run", name]), Show::Live)
}

pub fn unit_tests() -> Result<Tally, String> {
    packages(Show::Live)?;
    let report = place::target().join("vitest.json");
    if report.exists() {
        std::fs::remove_file(&report).map_err(|error| format!("{}: {error}", report.display()))?;
    }
    let output = format!("--outputFile.json={}", report.display());
    let args = ["exec", "--", "vitest", "run", "--reporter=default", "--reporter=json", &output];
    let ended_well = shell::listen(&mut shell::npm(&args), |_| {})?;
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    Ok(tally::vitest(&text).unwrap_or_default().closed(ended_well))
}

/// Plays the browser tests against the built binary, and flows that are not shipped on the stage of the HTTP tests. Screenshots and other findings are left in `output`.
pub fn browser_tests(output: &Path) -> Result<Tally, String> {
    packages(Show::Live)?;
    std::fs::create_dir_all(output).map_err(|error| format!("{}: {error}", output.display()))?;
    let stage = ["build", "--profile", place::PROFILE, "-p", "wenshu-tests", "--example", "stage"];
    shell::run(&mut shell::cargo(&stage), Show::OnFailure)?;
    let mut command = Command::new("node");
    command.env("WENSHU_STAGE", place::example("stage"));
    command.arg("ui/e2e/run.mjs").current_dir(place::root());
    command.env("WENSHU_BIN", place::wenshu()).env("WENSHU_TEST_OUTPUT", output);
    let mut sum = Tally::default();
    let ended_well = shell::listen(&mut command, |line| {
        if let Some(one) = tally::tap_line(line) {
            sum += one;
        }
    })?;
    Ok(sum.closed(ended_well))
}

/// Whether the types made from docs/openapi.json are the committed ones; leaves them as they were.
pub fn types_are_current() -> Result<(), String> {
    packages(Show::Live)?;
    let file = place::ui().join("src/api/schema.d.ts");
    let read = || std::fs::read_to_string(&file).unwrap_or_default();
    let before = read();
    shell::run(&mut shell::npm(&["run", "gen:api"]), Show::OnFailure)?;
    if read() == before {
        return Ok(());
    }
    std::fs::write(&file, before).map_err(|error| format!("{}: {error}", file.display()))?;
    Err(generate::stale("ui/src/api/schema.d.ts"))
}

fn lock() -> PathBuf {
    place::ui().join("package-lock.json")
}

fn node() -> Result<(), String> {
    let (major, minor) = NODE;
    let needed = format!("Node {major}.{minor} or newer");
    let said = Command::new("node").arg("--version").output().map_err(|_| {
        format!("构建界面需要 Node {major}.{minor} 以上版本，没有找到。/ {needed} is needed to build the UI; none was found.")
    })?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_string();
    if version(&said).is_some_and(|found| found >= NODE) {
        return Ok(());
    }
    Err(format!(
        "构建界面需要 Node {major}.{minor} 以上版本，现在是 {said}。/ {needed} is needed to build the UI; this is {said}."
    ))
}

fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim_start_matches('v').split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// Does `work` unless `there` and the stamp holds the hash of `made_from`. Stamps lie in node_modules, beside what they
/// speak of, so that one target folder may serve several checkouts.
fn once(
    stamp: &str,
    there: bool,
    made_from: &[PathBuf],
    work: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let folder = place::ui().join("node_modules/.wenshu");
    let stamp = folder.join(stamp);
    let hash = hash(&place::ui(), made_from)?;
    if there && std::fs::read_to_string(&stamp).is_ok_and(|last| last == hash) {
        return Ok(());
    }
    work()?;
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&stamp, hash))
        .map_err(|error| format!("{}: {error}", stamp.display()))
}

fn sources() -> Result<Vec<PathBuf>, String> {
    let top = std::fs::read_dir(place::ui()).map_err(|error| format!("ui: {error}"))?;
    let inside =
        |path: &PathBuf| path.file_name().is_none_or(|name| OUTSIDE.iter().all(|out| name != *out));
    Ok(top.flatten().map(|entry| entry.path()).filter(inside).collect())
}

/// One hash over the names and contents of files and folders, in an order of its own.
fn hash(base: &Path, paths: &[PathBuf]) -> Result<String, String> {
    fn walk(base: &Path, paths: &[PathBuf], hasher: &mut DefaultHasher) -> std::io::Result<()> {
        let mut paths = paths.to_vec();
        paths.sort();
        for path in &paths {
            if path.is_dir() {
                let inside: Vec<PathBuf> =
                    std::fs::read_dir(path)?.flatten().map(|one| one.path()).collect();
                walk(base, &inside, hasher)?;
            } else {
                path.strip_prefix(base).unwrap_or(path).hash(hasher);
                std::fs::read(path)?.hash(hasher);
            }
        }
        Ok(())
    }
    let mut hasher = DefaultHasher::new();
    walk(base, paths, &mut hasher).map_err(|error| format!("{}: {error}", base.display()))?;
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_says_its_version() {
        assert_eq!(version("v20.19.4"), Some((20, 19)));
        assert!(version("v20.18.0").is_some_and(|found| found < NODE));
        assert!(version("v22.1.0").is_some_and(|found| found >= NODE));
        assert_eq!(version("node"), None);
    }

    #[test]
    fn the_hash_sees_names_and_contents() -> Result<(), String> {
        let folder = std::env::temp_dir().join(format!("wenshu-xtask-{}", std::process::id()));
        let inner = folder.join("inner");
        let write = |name: &str, text: &str| {
            std::fs::write(inner.join(name), text).map_err(|e| e.to_string())
        };
        std::fs::create_dir_all(&inner).map_err(|e| e.to_string())?;
        write("a.ts", "one")?;
        let first = hash(&folder, std::slice::from_ref(&inner))?;
        assert_eq!(first, hash(&folder, std::slice::from_ref(&inner))?);
        write("a.ts", "two")?;
        let second = hash(&folder, std::slice::from_ref(&inner))?;
        assert_ne!(first, second);
        std::fs::rename(inner.join("a.ts"), inner.join("b.ts")).map_err(|e| e.to_string())?;
        assert_ne!(second, hash(&folder, std::slice::from_ref(&inner))?);
        std::fs::remove_dir_all(&folder).map_err(|e| e.to_string())
    }
}
