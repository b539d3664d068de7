//! (g) Fifty people sign one document at the same moment through sixteen connections. Nobody is sent away, all are
//! counted, and the case goes on in the commit of the last signature; in a new office, and after a million tasks.

use crate::{
    Plan, Section,
    client::{Client, Session},
    door::{self, Door},
    lists,
    pace::Pace,
    place::{Kind, Place},
    report::{Goal, Report, number},
    stage::{Approval, PASSWORD, Stage, clerk},
};
use anyhow::{Context, Result, anyhow, ensure};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use wenshu_core::{command::Actor, id::CaseId};
use wenshu_office::NewCase;

const CONNECTIONS: usize = 16;

/// One step that all of them sign, and one after it.
fn flow(signers: usize) -> String {
    let by: Vec<String> =
        (0..signers).map(|number| format!("{{ user: {} }}", clerk(number))).collect();
    format!(
        "workflow: crowd\ntitle: 众人会签\ncarries: document\nsteps:\n  - {{ id: draft, title: 拟稿, by: initiator, edit: [title, body, organ, recipients] }}\n  - {{ id: sign, title: 会签, by: [{}] }}\n  - {{ id: after, title: 汇总, by: initiator }}\n",
        by.join(", ")
    )
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    let full = plan.scale.open_tasks().last().copied().unwrap_or_default();
    for kind in plan.kinds() {
        let place = Place::new(plan, kind, "crowd").await?;
        let stage = Stage::open(&place, None).await?;
        let fresh = crowds(plan, report, &stage, kind, "in a new office").await?;
        stage.close().await?;
        place.clear().await?;
        let (place, stage) = lists::full_office(plan, kind, full).await?;
        let said = format!("after {} done tasks", number(full as f64));
        let later = crowds(plan, report, &stage, kind, &said).await?;
        stage.close().await?;
        lists::done(plan, &place).await?;
        let at = (Section::Crowd, kind.name());
        report.add(
            at,
            format!("one signature {said}, to one in a new office"),
            (later / fresh, ""),
            Goal::Below(1.5),
            "p50, one at a time",
        );
    }
    Ok(())
}

/// Several crowds; gives what one signature costs when people come one after the other.
async fn crowds(
    plan: &Plan,
    report: &mut Report<'_>,
    stage: &Stage,
    kind: Kind,
    said: &str,
) -> Result<f64> {
    let people = plan.scale.signers();
    stage.office.deploy(None, &flow(people), "测速").await.map_err(|error| anyhow!("{error:?}"))?;
    stage.accounts((0..people).map(clerk)).await?;
    let door = Door::open(stage).await?;
    let mut sessions = vec![];
    let mut client = Client::connect(&door.address).await?;
    for number in 0..people {
        client.sign_in(&clerk(number), PASSWORD).await?;
        sessions.push(client.session.clone());
    }
    let mut worst = Duration::ZERO;
    let mut all = vec![];
    for _ in 0..plan.scale.crowds() {
        let (case, asked) = begun(stage, people).await?;
        let lasted = at_once(&door, &sessions, asked).await?;
        counted(stage, case, people).await?;
        worst = worst.max(lasted);
        all.push(lasted);
    }
    all.sort_unstable();
    let at = (Section::Crowd, kind.name());
    let median = all.get(all.len() / 2).copied().unwrap_or_default();
    let note = format!(
        "{CONNECTIONS} connections, all counted, slowest of {} {:.3} s",
        all.len(),
        worst.as_secs_f64()
    );
    report.add(
        at,
        format!("{people} sign one document at once, {said}"),
        (median.as_secs_f64(), "s"),
        Goal::Below(0.3),
        note,
    );
    let mut pace = Pace::default();
    for _ in 0..plan.scale.crowds() {
        let (case, asked) = begun(stage, people).await?;
        for (asked, session) in asked.iter().zip(&sessions) {
            client.session = session.clone();
            let start = Instant::now();
            door::approve(&mut client, asked).await?;
            pace.join(Pace::new(start.elapsed(), vec![start.elapsed()]));
        }
        counted(stage, case, people).await?;
    }
    report.add(
        at,
        format!("one signature over HTTP, {said}"),
        (pace.quantile(0.5), "ms"),
        Goal::None,
        pace.quantiles(),
    );
    Ok(pace.quantile(0.5))
}

/// A document that waits for everybody's signature.
async fn begun(stage: &Stage, people: usize) -> Result<(CaseId, Vec<Approval>)> {
    let drafter = stage.seat("clerk-9-5")?;
    let new = NewCase {
        workflow: "crowd".into(), kind: None, title: "关于共同签署的通知".into()
    };
    let case = stage.office.create(&drafter, new, None).await?.case;
    stage.hand_in(&drafter, case).await?;
    let file = stage.office.file(&drafter, case).await?;
    let seen = file.document.map(|document| document.version);
    let mut asked = vec![];
    for number in 0..people {
        let seat = stage.seat(&clerk(number))?;
        let mine = |task: &&wenshu_core::event::Task| {
            task.holder.iter().chain(&task.offered).any(|offered| offered.admits(&seat))
        };
        let task = file.case.open_tasks().find(mine).context("everybody has a task")?.id;
        asked.push(Approval { case, task, seat, seen });
    }
    Ok((case, asked))
}

/// Everybody at once; a try that fails is trouble.
async fn at_once(door: &Door, sessions: &[Session], asked: Vec<Approval>) -> Result<Duration> {
    let jobs: Arc<Vec<(Approval, Session)>> =
        Arc::new(asked.into_iter().zip(sessions.iter().cloned()).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = vec![];
    for _ in 0..CONNECTIONS {
        connections.push(Client::connect(&door.address).await?);
    }
    let failed: Arc<Mutex<Vec<String>>> = Arc::default();
    let start = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for mut client in connections {
        let (jobs, next, failed) = (Arc::clone(&jobs), Arc::clone(&next), Arc::clone(&failed));
        workers.spawn(async move {
            while let Some((asked, session)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                client.session = session.clone();
                if let Err(error) = door::approve(&mut client, asked).await {
                    failed.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
                }
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended?;
    }
    let lasted = start.elapsed();
    let failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
    ensure!(failed.is_empty(), "{} tries failed, the first: {}", failed.len(), failed[0]);
    Ok(lasted)
}

/// All were counted, and the next step opened in the commit of the last signature: with its idempotency key.
async fn counted(stage: &Stage, case: CaseId, people: usize) -> Result<()> {
    let stored = stage.office.storage().load(&case.into()).await?;
    let mut given = vec![];
    let mut opened = vec![];
    for record in stored {
        for envelope in wenshu_office::opened(&record)? {
            let key = envelope.key.unwrap_or_default();
            match envelope.event["event"].as_str() {
                Some("opinion_given") => given.push(key),
                Some("task_opened") => opened.push(key),
                Some(_) | None => {}
            }
        }
    }
    // The drafter said something, too.
    ensure!(given.len() == people + 1, "{} of {people} signatures were counted", given.len());
    ensure!(
        opened.last() == given.last(),
        "the case went on in another commit than the last signature's"
    );
    let drafter = Actor::Person(stage.seat("clerk-9-5")?);
    let seat = drafter.seat().context("a seat")?;
    let open: Vec<String> = stage
        .office
        .file(seat, case)
        .await?
        .case
        .open_tasks()
        .map(|task| task.title.clone())
        .collect();
    ensure!(open == ["汇总"], "open are {open:?}");
    Ok(())
}
