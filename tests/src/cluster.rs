//! A PostgreSQL of a test's own, to be stopped in the middle of things and to have too little room. The one that all
//! tests share is never touched.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A server in a directory of its own. It is stopped when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    home: TempDir,
    port: u16,
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// Makes and starts one.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not come up.
    pub fn start() -> Result<Self> {
        let programs = programs().context("PostgreSQL's server programs are not installed")?;
        let user = if root()? { Some(postgres()?) } else { None };
        let home = tempfile::Builder::new().prefix("wenshu-cluster-").tempdir_in("/var/tmp")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let cluster = Self { programs, home, port, user };
        cluster.give(cluster.home.path())?;
        let data = cluster.data();
        let init = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        cluster.run("initdb", &[&["-D", &data][..], &init].concat())?;
        cluster.go_on()?;
        Ok(cluster)
    }

    /// Its database `name`.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Where it writes what it has to say.
    fn log(&self) -> PathBuf {
        self.home.path().join("log")
    }

    fn data(&self) -> String {
        self.home.path().join("data").display().to_string()
    }

    /// Makes a directory the server's own.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn give(&self, directory: &Path) -> Result<()> {
        let Some((id, group)) = self.user else { return Ok(()) };
        chown(directory, Some(id), Some(group)).with_context(|| directory.display().to_string())
    }

    /// One statement in a database of it.
    ///
    /// # Errors
    /// When it is refused.
    pub fn sql(&self, database: &str, statement: &str) -> Result<()> {
        self.run(
            "psql",
            &["-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", statement],
        )
    }

    /// Starts it again after a stop.
    ///
    /// # Errors
    /// When it does not come up; with what it said.
    pub fn go_on(&self) -> Result<()> {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=100",
            self.port
        );
        let (data, log) = (self.data(), self.log().display().to_string());
        let started = Instant::now();
        loop {
            let tried = self.run(
                "pg_ctl",
                &["start", "-w", "-t", "60", "-D", &data, "-l", &log, "-o", &settings],
            );
            match tried {
                Ok(()) => return Ok(()),
                Err(error) if started.elapsed() > Duration::from_secs(90) => {
                    let said = fs::read_to_string(self.log()).unwrap_or_default();
                    return Err(error.context(said));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(300)),
            }
        }
    }

    /// Stops it at once, like a machine that goes dark: what was not on the disk is lost.
    ///
    /// # Errors
    /// When it was not running.
    pub fn go_dark(&self) -> Result<()> {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-w", "-D", &self.data()])
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<()> {
        let mut command = Command::new(self.programs.join(program));
        command.args(args).current_dir("/").env("LC_ALL", "C.UTF-8");
        if let Some((id, group)) = self.user {
            command.uid(id).gid(group);
        }
        let said = self.home.path().join(format!("{program}.out"));
        let out = fs::File::create(&said)?;
        // A pipe would stay open in the server that pg_ctl leaves behind.
        let status = command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).status()?;
        ensure!(
            status.success(),
            "{program} {args:?}: {status}\n{}",
            fs::read_to_string(&said).unwrap_or_default()
        );
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be stopped already.
        let _ = self.go_dark();
    }
}

/// Plays what `pg_dump` wrote into the empty database of any server.
///
/// # Errors
/// When it is refused.
pub fn restore(url: &str, dump: &Path) -> Result<()> {
    let program = programs().context("PostgreSQL's programs are not installed")?.join("psql");
    let mut command = Command::new(program);
    let done = command.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f"]).arg(dump).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// Debian keeps them off the PATH; the newest version counts.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| number(path))?;
    Some(newest.join("bin")).filter(|folder| folder.join("initdb").is_file())
}

/// Whether this process may do anything: mount, and act as another.
///
/// # Errors
/// When `id` cannot be run.
pub fn root() -> Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0")
}

/// PostgreSQL does not run as root.
fn postgres() -> Result<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd")?;
    for line in passwd.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        if let ["postgres", _, id, group, ..] = fields[..] {
            return Ok((id.parse()?, group.parse()?));
        }
    }
    bail!("there is no user postgres to run the database as")
}
