//! `up` and `dev`: from a fresh checkout to a page that can be used.
//!
//! Which Rust is needed is not checked here: cargo itself refuses to build this program with an older one.

use crate::shell::{self, Show};
use crate::{generate, place, ui};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// Builds UI and server, and becomes the server.
pub fn up(args: &[String]) -> Result<(), String> {
    let start = Instant::now();
    ui::buildable()?;
    eprintln!("正在构建，首次需要几分钟…… / building, a few minutes the first time");
    // npm waits for the network and the disk, cargo for the processor: both at once. The second build embeds the UI
    // if it was ready too late for the first.
    let page = thread::spawn(|| ui::build(Show::OnFailure));
    let server = generate::build();
    page.join().unwrap_or_else(|_| Err("the UI's build broke off".into()))?;
    server?;
    generate::build()?;
    eprintln!("构建完成，用时 {:.0} 秒。/ built", start.elapsed().as_secs_f32());
    become_server(serve(args))
}

/// The server, and Vite in front of it, until one of them ends.
pub fn dev(args: &[String]) -> Result<(), String> {
    ui::packages(Show::Live)?;
    generate::build()?;
    let mut server = serve(args).spawn().map_err(|error| format!("wenshu: {error}"))?;
    let page = shell::npm(&["run", "dev"]).spawn().map_err(|error| format!("npm: {error}"));
    let ended = page.and_then(|mut page| {
        let ended = first_to_end(&mut server, &mut page);
        end(&mut page);
        ended
    });
    end(&mut server);
    ended
}

/// Without `--empty` a new database is filled with the demo city. The server itself never does that unasked.
fn serve(args: &[String]) -> Command {
    let mut command = Command::new(place::wenshu());
    command.arg("serve").args(arguments(args)).current_dir(place::root());
    command
}

fn arguments(args: &[String]) -> Vec<String> {
    let empty = args.iter().any(|arg| arg == "--empty");
    let demo = (!empty).then(|| "--demo".to_string());
    demo.into_iter().chain(args.iter().filter(|arg| *arg != "--empty").cloned()).collect()
}

fn become_server(mut command: Command) -> Result<(), String> {
    Err(format!("{}: {}", place::wenshu().display(), command.exec()))
}

fn first_to_end(server: &mut Child, page: &mut Child) -> Result<(), String> {
    loop {
        for (name, child) in [("wenshu", &mut *server), ("vite", &mut *page)] {
            if let Some(status) = child.try_wait().map_err(|error| format!("{name}: {error}"))? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("{name} ended ({status})"))
                };
            }
        }
        thread::sleep(Duration::from_millis(200));
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself meanwhile, which is as good.
    if child.kill().is_ok()
        && let Err(error) = child.wait()
    {
        eprintln!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(args: &[&str]) -> Vec<String> {
        arguments(&args.iter().map(|arg| arg.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn the_demo_city_comes_unless_it_is_left_out() {
        assert_eq!(given(&["--port", "9000"]), ["--demo", "--port", "9000"]);
        assert_eq!(given(&["--empty", "--port", "9000"]), ["--port", "9000"]);
    }
}
