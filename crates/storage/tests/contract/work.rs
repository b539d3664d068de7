//! Jobs and messages: one worker at a time, leases, back-off.

use crate::{
    Never,
    desk::{Desk, append, at, stream},
    kept, moved,
};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;
use wenshu_storage::{Failed, Finish, Head, JobRow, Json, OutboxRow, WorkState, Writes};

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
