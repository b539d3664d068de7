//! The real binary at work: started on a place that holds a prepared office, stopped, killed, asked to verify.
//! `WENSHU_BIN` names it; otherwise it lies beside the tests, where a build of the workspace puts it.

use crate::desk::Desk;
use anyhow::{Context, Result, bail, ensure};
use std::{
    env,
    fs::File,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempPath;
use wenshu_testkit::{PASSWORD, Place};

/// A running server. It is killed when it is dropped.
#[derive(Debug)]
pub struct Program {
    pub url: String,
    child: Child,
    log: TempPath,
}

impl Program {
    /// Starts a server on a place, and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up; with what it said.
    pub async fn start(place: &Place) -> Result<Self> {
        Self::start_under(place, &[]).await
    }

    /// The same with more in its environment.
    ///
    /// # Errors
    /// When it does not come up; with what it said.
    pub async fn start_under(place: &Place, environment: &[(&str, String)]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        // Not in the place itself: its disk may be full.
        let log = tempfile::NamedTempFile::new()?.into_temp_path();
        let out = File::create(&log)?;
        let mut command = on(place)?;
        command.arg("serve").args(["--listen", &format!("127.0.0.1:{port}")]);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stderr(out.try_clone()?).stdout(out);
        let child = command.spawn().context("the server could not be started")?;
        let mut program = Self { url: format!("http://127.0.0.1:{port}"), child, log };
        program.wait().await?;
        Ok(program)
    }

    async fn wait(&mut self) -> Result<()> {
        let (start, knock) = (Instant::now(), Desk::new(&self.url, "", ""));
        loop {
            if knock.alive().await {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.said());
            }
            if start.elapsed() > Duration::from_secs(180) {
                bail!("the server does not answer:\n{}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it ever had at once, in megabytes.
    ///
    /// # Errors
    /// When it has ended.
    pub fn most_memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()).context("VmHWM")?;
        Ok(kilobytes.parse::<u64>()? / 1024)
    }

    /// SIGTERM, and waits until it has ended.
    ///
    /// # Errors
    /// When it ends badly, or not at all.
    pub async fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "{status}\n{}", self.said());
                return Ok(());
            }
            ensure!(start.elapsed() < Duration::from_secs(40), "it does not end:\n{}", self.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What it wrote.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Somebody at this server.
    #[must_use]
    pub fn desk(&self, login: &str) -> Desk {
        Desk::new(&self.url, login, PASSWORD)
    }

    /// SIGKILL: no goodbye.
    ///
    /// # Errors
    /// When it had ended by itself.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the server had ended before: {status}\n{}", self.said());
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends a signal, e.g. `-STOP`.
    ///
    /// # Errors
    /// When it is not there to hear it.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { bail!("kill {signal}: {sent}") }
    }

    /// Waits for its end, and gives its exit code.
    ///
    /// # Errors
    /// When it goes on for longer.
    pub async fn ended(&mut self, patience: Duration) -> Result<Option<i32>> {
        let start = Instant::now();
        while start.elapsed() < patience {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.code());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("it goes on:\n{}", self.said())
    }

    /// Another command of the binary on a place, not waited for.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn spawn(place: &Place, args: &[&str]) -> Result<Child> {
        Ok(on(place)?.args(args).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?)
    }

    /// Another command of the binary on a place, to its end.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn run(place: &Place, args: &[&str]) -> Result<Output> {
        Ok(on(place)?.args(args).stdin(Stdio::null()).output()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary, with its place told.
fn on(place: &Place) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.env("WENSHU_DATA", place.directory.path()).env("WENSHU_DATABASE", &place.url);
    Ok(command)
}

fn binary() -> Result<PathBuf> {
    let path = match env::var_os("WENSHU_BIN") {
        Some(path) => PathBuf::from(path),
        // target/PROFILE/deps/this-test
        None => {
            let here = env::current_exe()?;
            let profile =
                here.parent().and_then(|deps| deps.parent()).context("no target folder")?;
            profile.join("wenshu")
        }
    };
    if !path.is_file() {
        bail!(
            "there is no binary at {}: build it with `cargo build`, or name it by WENSHU_BIN",
            path.display()
        );
    }
    Ok(path)
}
