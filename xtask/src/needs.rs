//! What the tests need of the machine beside cargo and Node, and how to get it on Debian.

use crate::shell::{self, Show};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Need {
    package: &'static str,
    there: fn() -> bool,
}

const NEEDS: [Need; 8] = [
    Need { package: "postgresql", there: || postgres_folder().is_some() },
    Need {
        package: "chromium",
        there: || {
            ["chromium", "chromium-browser", "google-chrome"]
                .iter()
                .any(|name| shell::find(name).is_some())
        },
    },
    Need { package: "fonts-noto-cjk", there: || font("NotoSerifCJK") },
    Need { package: "fonts-lxgw-wenkai", there: || font("LXGWWenKai") },
    Need { package: "libfaketime", there: || faketime() },
    Need { package: "nginx-light", there: || nginx() },
    Need { package: "openssl", there: || shell::find("openssl").is_some() },
    Need { package: "poppler-utils", there: || shell::find("pdftotext").is_some() },
];

/// Installs what is missing as root; otherwise says how.
pub fn install() -> Result<(), String> {
    let missing: Vec<&str> =
        NEEDS.iter().filter(|need| !(need.there)()).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let line = format!("apt-get update && apt-get install --yes --no-install-recommends {list}");
    if !root() || shell::find("apt-get").is_none() {
        return Err(format!(
            "测试还需要：{list}。请先以 root 运行下面的命令。/ The tests need these; run as root first:\n    {line}"
        ));
    }
    println!("=== installing {list}");
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    shell::run(apt().arg("update").arg("-qq"), Show::OnFailure)?;
    let install = ["install", "--yes", "--no-install-recommends", "-qq"];
    shell::run(apt().args(install).args(&missing), Show::OnFailure)?;
    match NEEDS.iter().find(|need| !(need.there)()) {
        Some(need) => Err(format!(
            "{} was installed, and what the tests use of it is still not found",
            need.package
        )),
        None => Ok(()),
    }
}

/// Debian keeps PostgreSQL's server programs off the PATH; the newest version counts.
pub fn postgres_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| number(path));
    let debian = newest.map(|path| path.join("bin"));
    let on_path = shell::find("initdb").and_then(|file| Some(file.parent()?.to_path_buf()));
    debian.into_iter().chain(on_path).find(|folder| folder.join("initdb").is_file())
}

/// It lies in the folder of the machine's architecture.
fn faketime() -> bool {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .any(|file| file.is_file())
}

/// Debian puts it where only root looks.
fn nginx() -> bool {
    shell::find("nginx").is_some() || Path::new("/usr/sbin/nginx").is_file()
}

pub fn root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn font(name: &str) -> bool {
    fn within(folder: &Path, name: &str) -> bool {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|path| {
            if path.is_dir() {
                within(&path, name)
            } else {
                path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
            }
        })
    }
    let home = std::env::var("HOME").unwrap_or_default();
    let folders = [
        "/usr/share/fonts".into(),
        "/usr/local/share/fonts".into(),
        format!("{home}/.local/share/fonts"),
    ];
    folders.iter().any(|folder| within(Path::new(folder), name))
}
