//! The bench runs: every section gives its numbers, and what an approval sends is what it is known to send. How fast it
//! was is not looked at here: a test machine does other things meanwhile.

use serde_json::Value;
use std::{path::Path, process::Command};
use tempfile::TempDir;

fn run(only: &str) -> Vec<Value> {
    let directory = TempDir::new().expect("a directory");
    let json = directory.path().join("numbers.json");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_wenshu"));
    bench.args(["bench", "--scale", "tiny", "--only", only]);
    bench.arg("--at").arg(directory.path().join("data")).arg("--json").arg(&json);
    // A browser has its own tests.
    bench.arg("--script").arg(directory.path().join("no-script"));
    if let Ok(server) = std::env::var("WENSHU_TEST_POSTGRES") {
        bench.args(["--postgres", &server]);
    }
    let ran = bench.output().expect("the program runs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    let left: Vec<_> = std::fs::read_dir(directory.path().join("data"))
        .expect("its directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert!(left.is_empty(), "{left:?} is left behind");
    lines(&json)
}

fn lines(json: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(json).expect("the numbers are kept");
    let report: Value = serde_json::from_str(&text).expect("they are JSON");
    assert!(!report["machine"]["cpu"].is_null() && !report["machine"]["load_before"].is_null());
    report["lines"].as_array().expect("lines").clone()
}

fn databases() -> Vec<&'static str> {
    let postgres = std::env::var_os("WENSHU_TEST_POSTGRES").map(|_| "PostgreSQL");
    ["SQLite"].into_iter().chain(postgres).collect()
}

/// The line of a database whose words begin so.
fn line<'a>(lines: &'a [Value], database: &str, what: &str) -> &'a Value {
    let found = lines.iter().find(|line| {
        line["database"] == database
            && line["what"].as_str().is_some_and(|said| said.starts_with(what))
    });
    found.unwrap_or_else(|| panic!("nothing says “{what}” on {database}: {lines:#?}"))
}

fn positive(lines: &[Value], database: &str, whats: &[&str]) {
    for what in whats {
        let value = line(lines, database, what)["value"].as_f64();
        assert!(value.is_some_and(|value| value > 0.0), "{what}: {value:?}");
    }
}

#[test]
fn the_core_the_door_and_pages_are_measured() {
    let lines = run("a,c,e,f");
    positive(&lines, "", &["decisions on leave.yaml", "decisions on outgoing.yaml"]);
    for database in databases() {
        positive(
            &lines,
            database,
            &["bare commit p99", "approve over HTTP p50", "approve over HTTP p99"],
        );
    }
    let pages = line(&lines, "", "PDF of 3 pages and");
    let fonts = pages["note"].as_str().is_some_and(|note| note.contains("no Chinese fonts"));
    assert!(fonts || pages["value"].as_f64().is_some_and(|value| value > 0.0), "{pages}");
    // What is left out says why.
    let browser = line(&lines, "", "pages as a browser sees them");
    assert!(
        browser["note"].as_str().is_some_and(|note| note.starts_with("skipped: ")),
        "{browser}"
    );
}

#[test]
fn an_approval_sends_what_it_is_known_to_send() {
    let lines = run("b");
    for database in databases() {
        for flight in ["1 in flight", "16 in flight"] {
            let said = |what: &str| format!("{what}, {flight}");
            let rates = [
                "one row and commit, same driver",
                "the very same statements without us",
                "approvals",
            ];
            for rate in rates {
                positive(&lines, database, &[&said(rate)]);
            }
            let reads =
                line(&lines, database, &said("reading statements an act"))["value"].as_f64();
            assert_eq!(
                reads,
                Some(0.0),
                "a remembered case is approved without asking the database"
            );
            let rows = line(&lines, database, &said("rows an act"));
            let note = rows["note"].as_str().expect("rows by table");
            for part in [
                "put act_key 1.00",
                "put case_file 1.00",
                "put seen 1.00",
                "put event ",
                "move stream ",
            ] {
                assert!(note.contains(part), "{part} is not in {note}");
            }
        }
        let grouped = line(&lines, database, "writing statements an act, 16 in flight");
        let note = grouped["note"].as_str().expect("a note");
        let groups: f64 =
            note.split(' ').next().and_then(|said| said.parse().ok()).expect("a number");
        assert!(groups < 1.0, "acts that wait go together: {note}");
    }
}

#[test]
fn lists_crowds_and_weight_are_measured() {
    let lines = run("d,g,h");
    for database in databases() {
        positive(
            &lines,
            database,
            &[
                "a person with 5.00",
                "a registry with 50.0",
                "6 sign one document at once, in a new office",
            ],
        );
        positive(
            &lines,
            database,
            &["6 sign one document at once, after", "one signature over HTTP, after"],
        );
        positive(
            &lines,
            database,
            &["ready over a new office", "memory when ready over a new office", "ready over 4"],
        );
    }
}
