//! The binary as somebody at a terminal has it: run to its end, or started, asked and stopped.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// What a run came to.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The binary, in a clean environment but for what the system needs.
pub fn wenshu(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wenshu"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WENSHU_") {
            command.env_remove(name);
        }
    }
    command.args(args).current_dir(root()).stdin(Stdio::null());
    command
}

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs to the end.
pub fn run(args: &[&str]) -> Result<Ended> {
    let done = wenshu(args).output()?;
    Ok(Ended {
        code: done.status.code(),
        out: String::from_utf8(done.stdout)?,
        err: String::from_utf8(done.stderr)?,
    })
}

/// An address that nobody listens on.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A server that was started; gone with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    out: PathBuf,
    err: PathBuf,
    /// How long it took until it answered.
    pub took: Duration,
}

impl Server {
    /// Starts a server on data and database, and waits until it answers.
    pub fn start(
        directory: &Path,
        database: &str,
        more: &[&str],
        patience: Duration,
    ) -> Result<Self> {
        let began = Instant::now();
        let address = free_address()?;
        let (out, err) = (directory.join("stdout"), directory.join("stderr"));
        let (listen, data) = (address.to_string(), directory.join("data"));
        let data = data.to_str().context("a path")?;
        let mut command =
            wenshu(&["serve", "--listen", &listen, "--data", data, "--database", database]);
        command.args(more).stdout(File::create(&out)?).stderr(File::create(&err)?);
        let mut server = Self { child: command.spawn()?, address, out, err, took: Duration::ZERO };
        loop {
            if let Some(status) = server.child.try_wait()? {
                bail!("{status}\n{}\n{}", server.out()?, server.err()?);
            }
            ensure!(began.elapsed() < patience, "not up yet\n{}\n{}", server.out()?, server.err()?);
            // The address is taken before the database is filled; what is asked meanwhile waits for its answer.
            if server.ask("GET", "/healthz", "", "").is_ok_and(|answer| answer.contains("ok")) {
                server.took = began.elapsed();
                return Ok(server);
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// What it told on standard output so far.
    pub fn out(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.out)?)
    }

    /// And on standard error.
    pub fn err(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.err)?)
    }

    /// One request; the whole answer with its head.
    pub fn ask(&self, method: &str, path: &str, more: &str, body: &str) -> Result<String> {
        let mut line = TcpStream::connect_timeout(&self.address, Duration::from_secs(1))?;
        line.set_read_timeout(Some(Duration::from_secs(120)))?;
        let (host, length) = (self.address, body.len());
        write!(
            line,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{more}\r\n{body}"
        )?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Signs in; the whole answer.
    pub fn sign_in(&self, login: &str, password: &str, more: &str) -> Result<String> {
        let body = format!(r#"{{"person":"{login}","password":"{password}"}}"#);
        self.ask("POST", "/api/v1/session", more, &body)
    }

    /// Sends a signal and waits for the end.
    pub fn stop(mut self, signal: &str) -> Result<Ended> {
        let id = self.child.id().to_string();
        ensure!(Command::new("kill").args([signal, &id]).status()?.success(), "kill {signal} {id}");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Ended { code: status.code(), out: self.out()?, err: self.err()? });
            }
            sleep(Duration::from_millis(20));
        }
        bail!("it did not stop\n{}\n{}", self.out()?, self.err()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        if self.child.kill().is_ok() {
            let _gone = self.child.wait();
        }
    }
}
