//! `cargo xtask container`: the steps of deploy/Containerfile themselves, on a Debian that mmdebstrap makes, where no
//! image registry can be reached. What comes out is started as the file says, and must answer. Linux, as root.

use crate::shell::{self, Show};
use crate::{needs, place};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const FILE: &str = "deploy/Containerfile";
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The port that the file opens; here another that is free.
const PORT: &str = "8080";

/// What the file says, as far as it is used here; anything else is refused, so that nothing is passed over.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// The suite of Debian that it begins with.
    suite: String,
    steps: Vec<Step>,
    user: String,
    folder: String,
    environment: Vec<(String, String)>,
    volumes: Vec<String>,
    start: Vec<String>,
}

#[derive(Debug, PartialEq)]
enum Step {
    Run(String),
    Copy { from: String, to: String },
}

pub fn run(args: &[String]) -> Result<(), String> {
    let text = std::fs::read_to_string(place::root().join(FILE)).map_err(|e| e.to_string())?;
    let plan = read(&text)?;
    if !needs::root() || shell::find("mmdebstrap").is_none() {
        return Err("this needs root and mmdebstrap: apt-get install mmdebstrap".into());
    }
    let binary = args.first().map_or_else(place::wenshu, PathBuf::from);
    if !binary.is_file() {
        return Err(format!("there is no program at {}; name one", binary.display()));
    }
    let root = std::env::temp_dir().join(format!("wenshu-container-{}", std::process::id()));
    let tried = attempt(&plan, &binary, &root);
    unmount(&root);
    let gone = std::fs::remove_dir_all(&root).map_err(|e| format!("{}: {e}", root.display()));
    tried.and(gone)
}

fn attempt(plan: &Plan, binary: &Path, root: &Path) -> Result<(), String> {
    println!("=== debian {} in {}", plan.suite, root.display());
    let mut debian = Command::new("mmdebstrap");
    debian.args(["--quiet", "--variant=minbase", &plan.suite]).arg(root);
    shell::run(&mut debian, Show::OnFailure)?;
    for inner in ["proc", "dev"] {
        let mut mount = Command::new("mount");
        mount.args(["--rbind", &format!("/{inner}")]).arg(root.join(inner));
        shell::run(&mut mount, Show::OnFailure)?;
        // What is unmounted here later must not go away outside.
        let mut apart = Command::new("mount");
        shell::run(apart.arg("--make-rslave").arg(root.join(inner)), Show::OnFailure)?;
    }
    for step in &plan.steps {
        match step {
            Step::Run(line) => {
                println!("=== RUN {line}");
                let mut chroot = Command::new("chroot");
                chroot.arg(root).args(["/bin/sh", "-c", line]);
                chroot.env_clear().env("PATH", PATH);
                shell::run(chroot.env("DEBIAN_FRONTEND", "noninteractive"), Show::OnFailure)?;
            }
            Step::Copy { from, to } => {
                println!("=== COPY {from} {to} ({})", binary.display());
                // The file names what a release build makes; here any build will do.
                let source = if from.ends_with("/wenshu") {
                    binary.into()
                } else {
                    place::root().join(from)
                };
                let target = root.join(to.trim_start_matches('/'));
                std::fs::copy(&source, &target)
                    .map_err(|e| format!("{}: {e}", source.display()))?;
            }
        }
    }
    for volume in &plan.volumes {
        let folder = root.join(volume.trim_start_matches('/'));
        if !folder.is_dir() {
            return Err(format!("{volume} is a volume, and no step makes it"));
        }
    }
    let version = shell::read(inside(plan, root, &["--version".to_owned()])?.stdin(Stdio::null()))?;
    println!("=== {}", version.trim());
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = free.map_err(|error| error.to_string())?.to_string();
    let mut server = inside(plan, root, plan.start.get(1..).unwrap_or_default())?
        .env("WENSHU_LISTEN", &address)
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let ready = answers(&mut server, &address);
    // As a container is stopped.
    let mut stop = Command::new("kill");
    stop.args(["-TERM", &server.id().to_string()]);
    shell::run(&mut stop, Show::OnFailure)?;
    let ended = server.wait().map_err(|error| error.to_string())?;
    println!("=== {}", ready?);
    if ended.success() { Ok(()) } else { Err(format!("it was stopped, and ended with {ended}")) }
}

/// The program as its container would start it.
fn inside(plan: &Plan, root: &Path, args: &[String]) -> Result<Command, String> {
    let program = plan.start.first().ok_or("no ENTRYPOINT")?;
    let mut command = Command::new("chroot");
    command.arg(format!("--userspec={}:{}", plan.user, plan.user)).arg(root);
    command.args(["/usr/bin/env", "-C", &plan.folder, program]).args(args);
    command.env_clear().env("PATH", PATH);
    command.envs(plan.environment.iter().map(|(name, value)| (name, value)));
    Ok(command)
}

/// Waits until it is ready, and gives what it says then.
fn answers(server: &mut Child, address: &str) -> Result<String, String> {
    let begun = Instant::now();
    loop {
        if let Some(status) = server.try_wait().map_err(|error| error.to_string())? {
            return Err(format!("it ended with {status}"));
        }
        match ask(address) {
            Ok(said) if said.starts_with("HTTP/1.1 200") => {
                return Ok(said.rsplit("\r\n\r\n").next().unwrap_or_default().trim().to_owned());
            }
            Ok(said) if begun.elapsed() > Duration::from_secs(60) => return Err(said),
            Err(error) if begun.elapsed() > Duration::from_secs(60) => {
                return Err(error.to_string());
            }
            Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

fn ask(address: &str) -> std::io::Result<String> {
    let mut line = TcpStream::connect(address)?;
    line.set_read_timeout(Some(Duration::from_secs(10)))?;
    line.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut said = String::new();
    line.read_to_string(&mut said)?;
    Ok(said)
}

fn unmount(root: &Path) {
    for inner in ["dev", "proc"] {
        // It may not have come so far.
        let _ =
            Command::new("umount").args(["--recursive", "--lazy"]).arg(root.join(inner)).output();
    }
}

/// Reads the file: one instruction a line, lines that end in a backslash go on.
fn read(text: &str) -> Result<Plan, String> {
    let mut plan = Plan::default();
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    for line in lines.join("\n").replace("\\\n", " ").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let rest = words.get(1..).unwrap_or_default().join(" ");
        match words.first().copied() {
            None => {}
            Some("FROM") => {
                let tag = rest.rsplit(':').next().unwrap_or_default();
                plan.suite = tag.trim_end_matches("-slim").to_owned();
            }
            Some("RUN") => plan.steps.push(Step::Run(rest)),
            Some("COPY") => {
                let [from, to] = words[1..] else { return Err(format!("{FILE}: {line}")) };
                plan.steps.push(Step::Copy { from: from.into(), to: to.into() });
            }
            Some("USER") => plan.user = rest,
            Some("WORKDIR") => plan.folder = rest,
            Some("ENV") => {
                let pairs = words[1..].iter().filter_map(|word| word.split_once('='));
                plan.environment.extend(pairs.map(|(a, b)| (a.to_owned(), b.to_owned())));
            }
            Some("VOLUME") => plan.volumes = list(&rest),
            Some("ENTRYPOINT") => plan.start = list(&rest),
            Some("CMD") => plan.start.extend(list(&rest)),
            Some("EXPOSE") if rest == PORT => {}
            Some("STOPSIGNAL") if rest == "SIGTERM" => {}
            Some(_) => return Err(format!("{FILE}: this is not understood: {line}")),
        }
    }
    Ok(plan)
}

/// `["a", "b"]`.
fn list(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_file_is_understood_to_its_last_line() {
        let text = std::fs::read_to_string(place::root().join(FILE)).expect("it is there");
        let plan = read(&text).expect("it is understood");
        assert!(!plan.suite.is_empty() && plan.steps.len() > 1, "{plan:?}");
        assert!(!plan.user.is_empty() && plan.user != "root", "{plan:?}");
        assert_eq!(plan.start.last().map(String::as_str), Some("serve"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let plan =
            read("FROM a/debian:trixie-slim\nRUN x \\\n  && y\n# z\nENV A=1 \\\n  B=2\nUSER u");
        let plan = plan.expect("it is understood");
        assert_eq!((plan.suite.as_str(), plan.user.as_str()), ("trixie", "u"));
        assert_eq!(plan.steps, [Step::Run("x && y".into())]);
        assert_eq!(plan.environment, [("A".into(), "1".into()), ("B".into(), "2".into())]);
        assert!(read("HEALTHCHECK NONE").is_err() && read("EXPOSE 9").is_err());
    }
}
