//! (e) What somebody at a browser waits for: signing in until the first worklist stands there, and opening a document.
//! A real browser says it; without one, or without the pages in the program, the section says what is missing.

use crate::{
    Plan, Section,
    report::{Goal, Report},
    weight::Server,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{fs, process::Command};

pub(crate) async fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    const WHAT: &str = "pages as a browser sees them";
    if !plan.script.is_file() {
        report.skip(Section::Browser, WHAT, format!("{} is not there", plan.script.display()));
        return Ok(());
    }
    let data = plan.at.join("browser");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir_all(&data)?;
    let server = Server::start(plan, &data, None, &["--demo"]).await?;
    let output = Command::new("node").arg(&plan.script).env("WENSHU_URL", server.url()).output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            report.skip(Section::Browser, WHAT, format!("node cannot be run ({error})"));
            return Ok(());
        }
    };
    drop(server);
    fs::remove_dir_all(&data)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        report.skip(
            Section::Browser,
            WHAT,
            said.lines().find(|line| line.contains("Error")).unwrap_or("the script failed"),
        );
        return Ok(());
    }
    let found: Value = serde_json::from_slice(&output.stdout).context("what the script prints")?;
    for (name, what) in [("login", "login to the first worklist"), ("document", "document page")] {
        let times: Vec<f64> =
            found[name].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let median = times.get(times.len() / 2).copied().context("the script gives times")?;
        let most = times.last().copied().unwrap_or(median);
        let note =
            format!("median of {}, slowest {most:.0} ms, browser on the same machine", times.len());
        report.add((Section::Browser, "SQLite"), what, (median, "ms"), Goal::Below(1000.0), note);
    }
    Ok(())
}
