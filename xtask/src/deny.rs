//! Licences, banned crates and sources of the dependencies, held against deny.toml without installing anything.
//!
//! Reads the part of cargo-deny's format that deny.toml uses. Where cargo-deny is installed it is asked as well.

use crate::shell::{self, Show};
use crate::{place, spdx};
use std::collections::{BTreeMap, BTreeSet};

pub fn check() -> Result<(), String> {
    let read = |name: &str| {
        let file = place::root().join(name);
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
    };
    let policy = Policy::parse(&read("deny.toml")?)?;
    let lock = read("Cargo.lock")?;

    let mut wrong: BTreeSet<String> = policy.judge_sources(&lock).collect();
    for target in &policy.targets {
        let args =
            ["tree", "--locked", "--workspace", "--target", target, "--edges", "normal,build,dev"];
        let tree =
            shell::read(shell::cargo(&args).args(["--prefix", "none", "--format", "{p}|{l}"]))?;
        wrong.extend(policy.judge_tree(&tree));
    }
    if !wrong.is_empty() {
        let list: Vec<String> = wrong.into_iter().collect();
        return Err(format!("{}\nWhat is allowed, and why, is in deny.toml.", list.join("\n")));
    }
    if shell::find("cargo-deny").is_some() {
        shell::run(
            &mut shell::cargo(&["deny", "check", "licenses", "bans", "sources"]),
            Show::Live,
        )?;
    }
    Ok(())
}

#[derive(Debug, Default, PartialEq)]
struct Policy {
    targets: Vec<String>,
    licences: Vec<String>,
    /// Crate and the one licence that is let pass for it.
    exceptions: Vec<(String, Vec<String>)>,
    banned: Vec<Ban>,
    registries: Vec<String>,
}

#[derive(Debug, PartialEq)]
struct Ban {
    name: String,
    /// One version may be there, two may not.
    one_is_fine: bool,
    reason: String,
}

impl Policy {
    fn parse(text: &str) -> Result<Policy, String> {
        let mut policy = Policy::default();
        for (key, value) in settings(text)? {
            match key.as_str() {
                "graph.targets" => policy.targets = strings(&value),
                "licenses.allow" => policy.licences = strings(&value),
                "licenses.exceptions" => {
                    for table in tables(&value) {
                        policy
                            .exceptions
                            .push((field(table, "crate")?, strings(after(table, "allow")?)));
                    }
                }
                "bans.deny" => {
                    for table in tables(&value) {
                        policy.banned.push(Ban {
                            name: field(table, "crate")?,
                            one_is_fine: table.contains("deny-multiple-versions = true"),
                            reason: field(table, "reason")?,
                        });
                    }
                }
                "sources.allow-registry" => policy.registries = strings(&value),
                "bans.multiple-versions" if value == "\"allow\"" => {}
                "sources.unknown-registry" | "sources.unknown-git" if value == "\"deny\"" => {}
                _ => {
                    return Err(format!("deny.toml: `{key} = {value}` is not understood by xtask"));
                }
            }
        }
        Ok(policy)
    }

    /// `tree` is what `cargo tree --format '{p}|{l}'` prints: `name v1.2.3 (…)|licence`.
    fn judge_tree(&self, tree: &str) -> Vec<String> {
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut wrong = Vec::new();
        for line in tree.lines().filter(|line| !line.is_empty()) {
            let (package, licence) = line.split_once('|').unwrap_or((line, ""));
            let licence = licence.trim_end_matches("(*)").trim();
            let mut words = package.split(' ');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            versions.entry(name).or_default().insert(version);
            if !spdx::satisfied(licence, &|one| self.allows(name, one)) {
                let licence = if licence.is_empty() { "no licence named" } else { licence };
                wrong.push(format!("{name} {version}: {licence}"));
            }
        }
        for ban in &self.banned {
            let there = versions.get(ban.name.as_str()).map_or(0, BTreeSet::len);
            if there > usize::from(ban.one_is_fine) {
                wrong.push(format!("{}, {there} version(s): {}", ban.name, ban.reason));
            }
        }
        wrong
    }

    fn judge_sources<'a>(&'a self, lock: &'a str) -> impl Iterator<Item = String> + 'a {
        let sources: BTreeSet<&str> = lock
            .lines()
            .filter_map(|line| line.strip_prefix("source = \"")?.strip_suffix('"'))
            .collect();
        let allowed = |source: &str| {
            source
                .strip_prefix("registry+")
                .is_some_and(|at| self.registries.iter().any(|one| one == at))
        };
        sources
            .into_iter()
            .filter(move |source| !allowed(source))
            .map(|source| format!("source {source}"))
    }

    fn allows(&self, name: &str, licence: &str) -> bool {
        let list = |list: &[String]| list.iter().any(|one| one == licence);
        list(&self.licences)
            || self.exceptions.iter().any(|(of, licences)| of == name && list(licences))
    }
}

/// `section.key` and its value as written, with lists over several lines joined.
fn settings(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut section = String::new();
    let mut open = false;
    for line in
        text.lines().map(|line| without_comment(line).trim()).filter(|line| !line.is_empty())
    {
        if open {
            if let Some((_, value)) = found.last_mut() {
                value.push_str(line);
            }
            open = line != "]";
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.into();
        } else {
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| format!("deny.toml: `{line}` is not understood"))?;
            found.push((format!("{section}.{}", key.trim()), value.trim().into()));
            open = value.trim() == "[";
        }
    }
    Ok(found)
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let start = line.find(|c| {
        quoted ^= c == '"';
        c == '#' && !quoted
    });
    &line[..start.unwrap_or(line.len())]
}

/// The texts of a list, up to its end.
fn strings(value: &str) -> Vec<String> {
    let list = value.split(']').next().unwrap_or(value);
    list.split('"').skip(1).step_by(2).map(Into::into).collect()
}

fn tables(value: &str) -> impl Iterator<Item = &str> {
    value.split('{').skip(1).map(|table| table.split('}').next().unwrap_or(table))
}

fn after<'a>(table: &'a str, key: &str) -> Result<&'a str, String> {
    let found = table.split_once(&format!("{key} = ")).map(|(_, value)| value);
    found.ok_or_else(|| format!("deny.toml: no `{key}` in {{{table}}}"))
}

fn field(table: &str, key: &str) -> Result<String, String> {
    let text = after(table, key)?.split('"').nth(1);
    text.map(Into::into).ok_or_else(|| format!("deny.toml: `{key}` is not a text in {{{table}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        # a comment
        [graph]
        targets = ["one", "two"]
        [licenses]
        allow = [
            "MIT", # the usual
            "ISC",
        ]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
        [bans]
        multiple-versions = "allow"
        deny = [
            { crate = "openssl", reason = "rustls # only" },
            { crate = "sqlx", deny-multiple-versions = true, reason = "one" },
        ]
        [sources]
        unknown-git = "deny"
        allow-registry = ["https://index"]
    "#;

    fn policy() -> Policy {
        Policy::parse(POLICY).unwrap_or_default()
    }

    #[test]
    fn the_file_is_read() {
        let policy = policy();
        assert_eq!(policy.targets, ["one", "two"]);
        assert_eq!(policy.licences, ["MIT", "ISC"]);
        assert_eq!(policy.exceptions, [("roots".into(), vec!["CDLA-Permissive-2.0".into()])]);
        assert_eq!(policy.banned[0].reason, "rustls # only");
        assert_eq!(policy.banned[1].name, "sqlx");
        assert_eq!(policy.registries, ["https://index"]);
    }

    #[test]
    fn a_key_that_is_not_understood_is_refused_and_not_passed_over() {
        assert!(
            Policy::parse("[bans]\nskip = []").is_err_and(|trouble| trouble.contains("bans.skip"))
        );
        assert!(Policy::parse("[sources]\nunknown-git = \"allow\"").is_err());
    }

    #[test]
    fn the_files_own_policy_is_understood() {
        let text = include_str!("../../deny.toml");
        let policy = Policy::parse(text).unwrap_or_default();
        assert!(policy.licences.iter().any(|one| one == "MIT"));
        assert!(policy.banned.iter().any(|ban| ban.name == "aws-lc-rs" && !ban.one_is_fine));
    }

    #[test]
    fn licences_are_judged_crate_by_crate() {
        let tree = "a v1.0.0|MIT OR GPL-3.0\nb v1.0.0 (proc-macro)|GPL-3.0 (*)\nroots v1.0.0|CDLA-Permissive-2.0\n\nc v2.0.0|";
        assert_eq!(policy().judge_tree(tree), ["b v1.0.0: GPL-3.0", "c v2.0.0: no licence named"]);
    }

    #[test]
    fn banned_crates_and_second_versions_are_found() {
        assert_eq!(policy().judge_tree("sqlx v0.9.0|MIT\nsqlx v0.9.0|MIT (*)").len(), 0);
        let wrong = policy().judge_tree("sqlx v0.9.0|MIT\nsqlx v0.8.0|MIT\nopenssl v1.0.0|MIT");
        assert_eq!(wrong, ["openssl, 1 version(s): rustls # only", "sqlx, 2 version(s): one"]);
    }

    #[test]
    fn only_the_allowed_registry_is_a_source() {
        let lock = "source = \"registry+https://index\"\nsource = \"git+https://elsewhere#1\"\n";
        assert_eq!(
            policy().judge_sources(lock).collect::<Vec<_>>(),
            ["source git+https://elsewhere#1"]
        );
    }
}
