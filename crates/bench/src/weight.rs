//! (h) The server as a process of its own: how soon it is ready, what it weighs, and what a remembered case adds; over
//! an office that is new, and over one with a million events.

use crate::{
    Plan, Section, acts,
    client::Client,
    door, lists,
    place::{Kind, Place},
    report::{Goal, Report, number},
    stage::{PASSWORD, Stage, head},
};
use anyhow::{Context, Result, bail};
use sea_orm::ConnectionTrait;
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server of our own; it ends with this.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub address: String,
    /// From its start until it answered.
    pub ready: Duration,
}

impl Server {
    pub async fn start(
        plan: &Plan,
        data: &Path,
        database: Option<&str>,
        also: &[&str],
    ) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut command = Command::new(&plan.binary);
        command.arg("serve").args(["--listen", &address]).arg("--data").arg(data).args(also);
        if let Some(database) = database {
            command.args(["--database", database]);
        }
        let log = fs::File::create(data.join("server.log"))?;
        let start = Instant::now();
        let child = command.stdin(Stdio::null()).stderr(log.try_clone()?).stdout(log).spawn()?;
        let mut server = Self { child, address, ready: Duration::ZERO };
        while !server.answers().await {
            if server.child.try_wait()?.is_some() || start.elapsed() > Duration::from_secs(300) {
                bail!(
                    "the server did not come up: {}",
                    fs::read_to_string(data.join("server.log"))?
                );
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.ready = start.elapsed();
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn answers(&self) -> bool {
        let Ok(mut client) = Client::connect(&self.address).await else { return false };
        client.get("/healthz").await.is_ok()
    }

    /// Its resident memory in MiB.
    fn weight(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    let full = plan.scale.open_tasks().last().copied().unwrap_or_default();
    for kind in plan.kinds() {
        let place = Place::new(plan, kind, "weight").await?;
        let stage = Stage::open(&place, None).await?;
        let remembered = plan.scale.remembered();
        stage.accounts((0..remembered.min(70)).map(head)).await?;
        let cases = acts::submit(&stage, (0..remembered).collect()).await?;
        let mut asked = vec![];
        for (number, case) in &cases {
            asked.push(stage.next(*number, *case, "head").await?);
        }
        stage.close().await?;
        let server = start(plan, report, kind, &place, "a new office").await?;
        let mut client = Client::connect(&server.address).await?;
        let mut sessions = std::collections::BTreeMap::new();
        let mut before = 0.0;
        // A few first, so that what any request allocates is there before.
        let warm = asked.len() / 10;
        for (at, asked) in asked.iter().enumerate() {
            if at == warm {
                before = server.weight()?;
            }
            let person =
                asked.seat.person.as_ref().map(|person| person.id.to_string()).unwrap_or_default();
            match sessions.get(&person) {
                Some(session) => client.session = Clone::clone(session),
                None => {
                    client.sign_in(&person, PASSWORD).await?;
                    sessions.insert(person, client.session.clone());
                }
            }
            door::approve(&mut client, asked).await?;
        }
        let after = server.weight()?;
        let thousand = (after - before) / (asked.len() - warm) as f64 * 1000.0;
        let note = format!(
            "{before:.0} → {after:.0} MiB over {} cases, each acted on",
            asked.len() - warm
        );
        report.add(
            (Section::Weight, kind.name()),
            "memory per 1,000 open cases",
            (thousand, "MiB"),
            Goal::None,
            note,
        );
        if let Some(last) = asked.last() {
            client.get(&format!("/api/v1/cases/{}/pdf?draft=true", last.case)).await?;
            report.add(
                (Section::Weight, kind.name()),
                "memory after all that and a printed page",
                (server.weight()?, "MiB"),
                Goal::None,
                "resident; the fonts that it needed stay",
            );
        }
        drop(server);
        place.clear().await?;

        let (place, stage) = lists::full_office(plan, kind, full).await?;
        stage.close().await?;
        let db = place.connect(1).await?;
        let row = db
            .query_one_raw(place.statement("SELECT count(*) FROM event"))
            .await?
            .context("a count")?;
        let events: i64 = row.try_get_by_index(0)?;
        db.close().await?;
        drop(
            start(
                plan,
                report,
                kind,
                &place,
                &format!("{} records of acts", number(events as f64)),
            )
            .await?,
        );
        lists::done(plan, &place).await?;
    }
    Ok(())
}

async fn start(
    plan: &Plan,
    report: &mut Report<'_>,
    kind: Kind,
    place: &Place,
    over: &str,
) -> Result<Server> {
    // Once for the page cache: a server that is started again is what an operator waits for.
    drop(Server::start(plan, &place.data, Some(&place.database), &[]).await?);
    let server = Server::start(plan, &place.data, Some(&place.database), &[]).await?;
    let at = (Section::Weight, kind.name());
    report.add(
        at,
        format!("ready over {over}"),
        (server.ready.as_secs_f64(), "s"),
        Goal::Below(2.0),
        "from exec to /healthz",
    );
    // What starts beside the door, e.g. looking for fonts, is weighed with it.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    report.add(
        at,
        format!("memory when ready over {over}"),
        (server.weight()?, "MiB"),
        Goal::Below(150.0),
        "resident, 1.5 s after",
    );
    Ok(server)
}
