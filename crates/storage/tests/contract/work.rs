//! Jobs and messages: one worker at a time, leases, back-off.

use crate::{
    Never,
    desk::{Desk, append, at, stream},
    kept, moved,
};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;
use wenshu_storage::{Failed, Finish, Head, JobRow, Json, OutboxRow, WorkState, Writes, at_once};

const LONG: Duration = Duration::from_secs(600);

async fn with_jobs(desk: &Desk, count: u128) {
    let mut writes = Writes::default();
    for n in 0..count {
        writes.put(&JobRow::new(
            Uuid::from_u128(n),
            None,
            "red_head",
            Json::default(),
            at(-1_000_000_000),
        ));
    }
    // Not yet: the clock of the database decides.
    writes.put(&JobRow::new(
        Uuid::from_u128(999),
        None,
        "later",
        Json::default(),
        at(4_000_000_000),
    ));
    kept(desk, writes).await;
}

pub async fn a_job_is_claimed_once_at_a_time(desk: Desk) {
    with_jobs(&desk, 20).await;
    let workers = (0..4).map(|_| {
        let storage = desk.storage.clone();
        tokio::spawn(async move {
            let mut mine = vec![];
            loop {
                let jobs = storage.claim_jobs(2, LONG).await.expect("a claim");
                if jobs.is_empty() {
                    return mine;
                }
                for job in jobs {
                    assert_eq!((job.state, job.attempts), (WorkState::Running, 1));
                    assert!(storage.job_done(&job).await.expect("it is done"));
                    mine.push(job.id);
                }
            }
        })
    });
    let done: Vec<Uuid> = futures_util::future::join_all(workers)
        .await
        .into_iter()
        .flat_map(|mine| mine.expect("no panic"))
        .collect();
    assert_eq!(done.len(), 20);
    assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), 20);
}

pub async fn a_lease_runs_out_and_a_late_worker_is_told(desk: Desk) {
    with_jobs(&desk, 1).await;
    let first = desk.storage.claim_jobs(5, Duration::from_millis(200)).await.expect("a claim");
    assert_eq!(first.len(), 1);
    assert!(desk.storage.claim_jobs(5, LONG).await.expect("a claim").is_empty());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let second = desk.storage.claim_jobs(5, LONG).await.expect("a claim");
    assert_eq!(second.iter().map(|job| job.attempts).collect::<Vec<_>>(), [2]);
    assert!(!desk.storage.job_done(&first[0]).await.expect("an answer"), "it is another's now");
    assert_eq!(
        desk.storage.job_failed(&first[0], "late", 9).await.expect("an answer"),
        Failed::Lost
    );
    assert!(desk.storage.job_done(&second[0]).await.expect("an answer"));
    assert_eq!(
        desk.storage.job(Uuid::from_u128(0)).await.expect("a job").map(|job| job.state),
        Some(WorkState::Done)
    );
}

pub async fn failures_wait_longer_and_end(desk: Desk) {
    with_jobs(&desk, 1).await;
    let mut last = None;
    for attempt in 1..=3 {
        let jobs = desk.storage.claim_jobs(5, LONG).await.expect("a claim");
        assert_eq!(jobs.len(), 1, "attempt {attempt}");
        let told = desk.storage.job_failed(&jobs[0], "没有字体", 3).await.expect("an answer");
        assert_eq!(told, if attempt < 3 { Failed::Again } else { Failed::GivenUp });
        let job = desk.storage.job(jobs[0].id).await.expect("a job").expect("it stays");
        assert_eq!(job.last_error.as_deref(), Some("没有字体"));
        assert!(Some(job.run_after) > last, "it waits longer");
        last = Some(job.run_after);
        assert!(
            desk.storage.claim_jobs(5, LONG).await.expect("a claim").is_empty(),
            "not before its time"
        );
        desk.sql("UPDATE job SET run_after = 0 WHERE effect = 'red_head'").await;
    }
    assert!(desk.storage.claim_jobs(5, LONG).await.expect("a claim").is_empty(), "given up");
}

pub async fn messages_are_unique_per_person_and_channel(desk: Desk) {
    for _ in 0..2 {
        let mut writes = Writes::default();
        for (person, channel) in [("zhang", "log"), ("zhang", "app"), ("li", "log")] {
            writes.put_if_absent(&OutboxRow::new(
                stream(1),
                3,
                person.into(),
                channel,
                Json::default(),
                at(-1_000_000_000),
            ));
        }
        kept(&desk, writes).await;
    }
    let messages = desk.storage.claim_messages(10, LONG).await.expect("a claim");
    assert_eq!(messages.len(), 3);
    kept(&desk, sent(&messages[0])).await;
    // Whoever sends it again comes too late, and leaves nothing.
    let late = desk.storage.commit::<Never>(sent(&messages[0])).await;
    assert!(moved(&late), "{late:?}");
    assert_eq!(
        desk.storage.message_failed(&messages[1], "no line", 5).await.expect("an answer"),
        Failed::Again
    );
    // Sent is sent, though the act should be told again.
    let mut writes = Writes::default();
    writes.put_if_absent(&OutboxRow {
        state: WorkState::Ready,
        attempts: 0,
        ..messages[0].clone()
    });
    kept(&desk, writes).await;
    assert!(desk.storage.claim_messages(10, LONG).await.expect("a claim").is_empty());
    let swept = desk.storage.sweep(at(0), LONG).await.expect("a sweep");
    assert_eq!(swept, 1);
}

/// Work that is wanted at once is dated back; that is no time that it waited.
pub async fn what_waits_is_counted_and_timed(desk: Desk) {
    let lag = async || {
        let vitals = desk.storage.vitals().await.expect("vitals");
        (vitals.job_lag, vitals.message_lag)
    };
    assert_eq!(lag().await, (0.0, 0.0));
    let now = desk.storage.database_time().await.expect("a time");
    let ago = |seconds| at_once(now - chrono::TimeDelta::seconds(seconds));
    let mut writes = Writes::default();
    writes.put(&JobRow::new(Uuid::from_u128(1), None, "a", Json::default(), ago(100)));
    let row = |seq| OutboxRow::new(stream(1), seq, "li".into(), "app", Json::default(), ago(10));
    writes.put(&row(1));
    // Tried before, and due for a minute.
    let due = now - chrono::TimeDelta::seconds(60);
    writes.put(&OutboxRow { attempts: 2, run_after: due, ..row(2) });
    // Done: it waits no more.
    let done = (WorkState::Done, now - chrono::TimeDelta::days(9));
    writes.put(&OutboxRow { state: done.0, run_after: done.1, ..row(3) });
    kept(&desk, writes).await;
    let (jobs, messages) = lag().await;
    assert!(
        (100.0..130.0).contains(&jobs) && (60.0..90.0).contains(&messages),
        "{jobs} {messages}"
    );
    let vitals = desk.storage.vitals().await.expect("vitals");
    let count = |queues: &[wenshu_storage::Queue]| queues.iter().map(|queue| queue.count).sum();
    let (jobs, messages): (u64, u64) = (count(&vitals.jobs), count(&vitals.messages));
    assert_eq!((jobs, messages), (1, 2));
}

fn sent(message: &OutboxRow) -> Writes {
    let finish = Finish::Message {
        stream: message.stream.clone(),
        seq: message.seq,
        person: message.person.clone(),
        channel: message.channel.clone(),
        attempts: message.attempts,
    };
    Writes { finishes: vec![finish], ..Writes::default() }
}

pub async fn a_lease_is_renewed_while_it_lasts_and_never_after(desk: Desk) {
    with_jobs(&desk, 1).await;
    let short = Duration::from_millis(400);
    let job = desk.storage.claim_jobs(5, short).await.expect("a claim").remove(0);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(desk.storage.renew_job(job.id, job.attempts, short).await.expect("an answer"));
        assert!(desk.storage.claim_jobs(5, short).await.expect("a claim").is_empty());
    }
    assert!(!desk.storage.renew_job(job.id, 7, LONG).await.expect("an answer"), "not theirs");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!desk.storage.renew_job(job.id, 1, LONG).await.expect("an answer"), "it is over");
    let second = desk.storage.claim_jobs(5, short).await.expect("a claim");
    assert_eq!(second.len(), 1);
    assert!(!desk.storage.renew_job(job.id, 1, LONG).await.expect("an answer"), "another's");
}

/// A long job is many acts, each under its lease.
pub async fn a_part_of_a_job_is_written_while_the_lease_lasts(desk: Desk) {
    with_jobs(&desk, 1).await;
    let part = |job: &JobRow, n| Writes {
        finishes: vec![Finish::PartOfJob { id: job.id, attempts: job.attempts }],
        ..append(n, &Head::new_stream(), 1)
    };
    let first = desk.storage.claim_jobs(5, Duration::from_millis(300)).await.expect("a claim");
    kept(&desk, part(&first[0], 1)).await;
    kept(&desk, part(&first[0], 2)).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let late = desk.storage.commit::<Never>(part(&first[0], 3)).await;
    assert!(moved(&late), "its lease is over: {late:?}");
    let second = desk.storage.claim_jobs(5, LONG).await.expect("a claim");
    let late = desk.storage.commit::<Never>(part(&first[0], 3)).await;
    assert!(moved(&late), "another has it: {late:?}");
    assert_eq!(desk.storage.head(&stream(3)).await.expect("an answer"), None, "nothing is written");
    kept(&desk, part(&second[0], 3)).await;
    let job = desk.storage.job(second[0].id).await.expect("an answer").expect("it goes on");
    assert_eq!((job.state, job.attempts), (WorkState::Running, 2));
}

/// What a worker found out belongs to the job: who lost the job, because time passed or another has it, writes nothing.
pub async fn an_answer_after_the_lease_writes_nothing(desk: Desk) {
    with_jobs(&desk, 1).await;
    let answer = |job: &JobRow, n| Writes {
        finishes: vec![Finish::Job { id: job.id, attempts: job.attempts }],
        ..append(n, &Head::new_stream(), 1)
    };
    let first = desk.storage.claim_jobs(5, Duration::from_millis(200)).await.expect("a claim");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let late = desk.storage.commit::<Never>(answer(&first[0], 1)).await;
    assert!(moved(&late), "its lease is over, though nobody else has it: {late:?}");
    let second = desk.storage.claim_jobs(5, LONG).await.expect("a claim");
    let late = desk.storage.commit::<Never>(answer(&first[0], 1)).await;
    assert!(moved(&late), "another has it: {late:?}");
    assert_eq!(desk.storage.head(&stream(1)).await.expect("an answer"), None, "nothing is written");
    kept(&desk, answer(&second[0], 2)).await;
    assert_eq!(desk.storage.job(second[0].id).await.expect("an answer"), None, "it is over");
    assert!(moved(&desk.storage.commit::<Never>(answer(&second[0], 3)).await), "only once");
}
