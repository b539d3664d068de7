//! The sample office behind a door of its own, with the UI and the flows that are not shipped: what the browser tests
//! play in. Says its address, the logins of everybody and their password in one line, works as the daemon does, and
//! closes when its input does.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use serde_json::{Map, json};
use std::{
    io::{Read, Write},
    time::Duration,
};
use wenshu_testkit::{Backend, PASSWORD};
use wenshu_tests::{Stage, unshipped_flows};

const BEAT: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> Result<()> {
    let stage = Stage::new(Backend::Sqlite).await?;
    for source in unshipped_flows() {
        stage.deploy(source).await?;
    }
    let people = stage.office.directory.people.values();
    let logins: Map<_, _> =
        people.map(|person| (person.name.clone(), person.id.to_string().into())).collect();
    let mut out = std::io::stdout();
    writeln!(out, "{}", json!({ "url": stage.url, "password": PASSWORD, "logins": logins }))?;
    out.flush()?;
    // Closed by whoever started it, also when they are gone.
    let closed = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut vec![]));
    tokio::select! {
        closed = closed => { closed.context("waiting for the end")??; }
        done = work(&stage) => done?,
    }
    Ok(())
}

/// What the system does between the acts of people; its clock, which is moved by hand, goes along.
async fn work(stage: &Stage) -> Result<()> {
    loop {
        stage.office.office.work_off().await?;
        while stage.office.post.once().await? > 0 {}
        tokio::time::sleep(BEAT).await;
        stage.office.hand.forward(TimeDelta::from_std(BEAT)?);
    }
}
