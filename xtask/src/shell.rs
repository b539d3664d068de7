//! Running other programs: cargo, npm, and the rest, with what went wrong as a sentence.

use crate::place;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[derive(Clone, Copy)]
pub enum Show {
    /// Its output goes to the terminal as it comes.
    Live,
    /// Its output is shown only when it fails: for what runs beside something else.
    OnFailure,
}

pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(args).current_dir(place::root()).env("CARGO_TARGET_DIR", place::target());
    command
}

pub fn npm(args: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(args).current_dir(place::ui());
    command
}

pub fn run(command: &mut Command, show: Show) -> Result<(), String> {
    let name = name(command);
    let (status, output) = match show {
        Show::Live => {
            (command.status().map_err(|error| cannot_start(&name, &error))?, String::new())
        }
        Show::OnFailure => {
            let output = command.output().map_err(|error| cannot_start(&name, &error))?;
            let text = [output.stdout, output.stderr].concat();
            (output.status, String::from_utf8_lossy(&text).into_owned())
        }
    };
    if status.success() { Ok(()) } else { Err(format!("{output}`{name}` failed ({status})")) }
}

/// What a program printed; its complaints go to the terminal.
pub fn read(command: &mut Command) -> Result<String, String> {
    let name = name(command);
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(&name, &error))?;
    if !output.status.success() {
        return Err(format!("`{name}` failed ({})", output.status));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("`{name}` printed something that is not UTF-8"))
}

/// Shows each line as it comes and hands it on; says whether the program ended well.
pub fn listen(command: &mut Command, mut hear: impl FnMut(&str)) -> Result<bool, String> {
    let name = name(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(&name, &error))?;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            hear(text.trim_end());
            line.clear();
        }
    }
    child.wait().map(|status| status.success()).map_err(|error| format!("`{name}`: {error}"))
}

/// Where a program lies on the PATH, if it does.
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or_default().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}

fn cannot_start(name: &str, error: &std::io::Error) -> String {
    let program = name.split(' ').next().unwrap_or(name);
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("找不到程序 {program}，请先安装。/ `{program}` is not installed.")
        }
        _ => format!("`{name}` cannot be started: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_as_it_would_be_typed() {
        assert_eq!(name(Command::new("/usr/bin/npm").args(["run", "build"])), "npm run build");
    }

    #[test]
    fn a_missing_program_is_said_to_be_missing() {
        let trouble = run(&mut Command::new("no-such-program-here"), Show::Live);
        assert!(trouble.is_err_and(|text| text.contains("no-such-program-here` is not installed")));
    }
}
