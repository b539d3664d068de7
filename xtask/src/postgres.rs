//! A PostgreSQL of the tests' own: made new for each run, on a free port of this machine, and gone afterwards.

use crate::{needs, place};
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Names a database that is there already, to be used in place of an own one.
const GIVEN: &str = "WENSHU_TEST_POSTGRES";

pub struct Postgres {
    url: String,
    own: Option<Own>,
}

struct Own {
    server: Child,
    programs: PathBuf,
    data: PathBuf,
    user: Option<User>,
}

/// PostgreSQL does not run as root.
#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl Postgres {
    pub fn start() -> Result<Postgres, String> {
        if let Ok(url) = std::env::var(GIVEN) {
            return Ok(Postgres { url, own: None });
        }
        let programs = needs::postgres_folder().ok_or("PostgreSQL is not installed")?;
        let user = if needs::root() { Some(User::postgres()?) } else { None };
        let data = folder(user)?;
        let command = |name: &str| command(&programs, name, user);

        if data.join("postmaster.pid").exists() {
            // A run that was killed left it behind; if it is gone already, there is nothing to stop.
            let mut stop = command("pg_ctl");
            stop.arg("stop").arg("-D").arg(&data).args(["-m", "immediate"]);
            stop.output().map_err(|error| format!("pg_ctl: {error}"))?;
        }
        if data.exists() {
            std::fs::remove_dir_all(&data)
                .map_err(|error| format!("{}: {error}", data.display()))?;
        }
        std::fs::create_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        if let Some(user) = user {
            chown(&data, Some(user.id), Some(user.group))
                .map_err(|error| format!("{}: {error}", data.display()))?;
        }
        let mut init = command("initdb");
        init.arg("-D").arg(&data).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]);
        let made = init.arg("--no-sync").output().map_err(|error| format!("initdb: {error}"))?;
        if !made.status.success() {
            return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
        }

        let port = free_port()?;
        let log = place::target().join("pg.log");
        let out = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let err = out.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
        let mut serve = command("postgres");
        serve.arg("-D").arg(&data).arg("-p").arg(port.to_string());
        let settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=on",
        ];
        serve.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let server =
            serve.stdout(out).stderr(err).spawn().map_err(|error| format!("postgres: {error}"))?;
        let mut own = Own { server, programs, data, user };
        own.wait_until_ready(port, &log)?;
        Ok(Postgres {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            own: Some(own),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(own) = &mut self.own {
            own.stop();
        }
    }
}

impl Own {
    fn wait_until_ready(&mut self, port: u16, log: &Path) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let mut ask = command(&self.programs, "pg_isready", self.user);
            ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if ask.status().is_ok_and(|status| status.success()) {
                return Ok(());
            }
            let ended = self.server.try_wait().is_ok_and(|status| status.is_some());
            if ended || start.elapsed() > Duration::from_secs(60) {
                self.stop();
                let text = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("PostgreSQL did not start:\n{text}"));
            }
            sleep(Duration::from_millis(100));
        }
    }

    fn stop(&mut self) {
        let mut stop = command(&self.programs, "pg_ctl", self.user);
        stop.arg("stop").arg("-D").arg(&self.data).args(["-m", "immediate", "-w", "-t", "20"]);
        match stop.output() {
            Ok(_) => {}
            Err(error) => eprintln!("pg_ctl: {error}"),
        }
        if let Err(error) = self.server.wait() {
            eprintln!("postgres: {error}");
        }
    }
}

impl User {
    fn postgres() -> Result<User, String> {
        let text = std::fs::read_to_string("/etc/passwd")
            .map_err(|error| format!("/etc/passwd: {error}"))?;
        User::find(&text, "postgres")
            .ok_or("there is no user postgres to run the database as".into())
    }

    fn find(passwd: &str, name: &str) -> Option<User> {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(|field| field.parse().ok());
        Some(User { id: fields.next()??, group: fields.next()?? })
    }
}

fn command(programs: &Path, name: &str, user: Option<User>) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir("/").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
    command
}

/// In the target folder, unless the database's user cannot get there, as under /root.
fn folder(user: Option<User>) -> Result<PathBuf, String> {
    let target = place::target();
    let open = |folder: &Path| {
        std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o001 != 0)
    };
    if user.is_none() || target.ancestors().all(open) {
        return Ok(target.join("pg"));
    }
    let name = target.to_string_lossy().replace('/', "-");
    Ok(Path::new("/var/tmp").join(format!("wenshu-pg{name}")))
}

fn free_port() -> Result<u16, String> {
    let taken = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    taken.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0::/root:/bin/bash\npostgres2:x:7:8::/:/bin/sh\npostgres:x:105:113:a,b:/var:/bin/bash\n";
        let found = User::find(passwd, "postgres").map(|user| (user.id, user.group));
        assert_eq!(found, Some((105, 113)));
        assert!(User::find(passwd, "nobody").is_none());
    }
}
