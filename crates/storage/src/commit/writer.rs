//! Acts that wait to be written, and the tasks that join them: one on SQLite, several on PostgreSQL. Which go together is
//! said here; how a group is written, by each database's own file.

use super::{Answer, Order, Prepared, Then, postgres, sqlite};
use crate::{
    error::Error,
    writes::{Allot, Refused},
};
use sea_orm::{DatabaseConnection, DbBackend};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};
use tokio::sync::{Mutex, mpsc, oneshot};

/// Where acts are handed in. When the last is dropped, the writers end after what waits.
#[derive(Clone, Debug)]
pub(crate) struct Writer(mpsc::Sender<Waiting>);

#[derive(Debug)]
struct Waiting {
    order: Order,
    tell: oneshot::Sender<Answer>,
}

impl Writer {
    /// Starts so many writers, each of which joins up to `group` acts.
    pub fn start(db: &DatabaseConnection, writers: u32, group: usize) -> Self {
        let (sender, inbox) = mpsc::channel(1024);
        let inbox = Arc::new(Mutex::new(inbox));
        for _ in 0..writers.max(1) {
            tokio::spawn(run(db.clone(), Arc::clone(&inbox), group.max(1)));
        }
        Self(sender)
    }

    pub(super) async fn send(&self, order: Order) -> Answer {
        let (tell, answer) = oneshot::channel();
        self.0.send(Waiting { order, tell }).await.map_err(|_| Refused::Failed(Error::Closing))?;
        answer.await.map_err(|_| Refused::Failed(Error::Closing))?
    }
}

async fn run(db: DatabaseConnection, inbox: Arc<Mutex<mpsc::Receiver<Waiting>>>, size: usize) {
    let mut queue: VecDeque<Waiting> = VecDeque::new();
    let mut fresh = Vec::with_capacity(size);
    loop {
        // Whoever waits here takes all that came meanwhile; the others write what they have.
        if queue.is_empty() && inbox.lock().await.recv_many(&mut fresh, size).await == 0 {
            return;
        }
        if let Ok(mut inbox) = inbox.try_lock() {
            while fresh.len() + queue.len() < size {
                let Ok(waiting) = inbox.try_recv() else { break };
                fresh.push(waiting);
            }
        }
        queue.extend(fresh.drain(..));
        let (group, alone) = choose(&mut queue);
        match db.get_database_backend() {
            DbBackend::Postgres => {
                for (allot, then, tell) in alone {
                    let db = db.clone();
                    tokio::spawn(async move {
                        let _gone = tell.send(postgres::commit_alone(&db, &allot, then).await);
                    });
                }
                postgres::commit_group(&db, group).await;
            }
            _ => {
                sqlite::commit_group(&db, group).await;
                for (allot, then, tell) in alone {
                    let _gone = tell.send(sqlite::commit_alone(&db, &allot, then).await);
                }
            }
        }
    }
}

pub(super) type Member = (Box<Prepared>, oneshot::Sender<Answer>);
type Alone = (Vec<Allot>, Then, oneshot::Sender<Answer>);

/// Takes from the queue what can go together: at most one set per guard and key. The rest keeps its order.
fn choose(queue: &mut VecDeque<Waiting>) -> (Vec<Member>, Vec<Alone>) {
    let (mut group, mut alone, mut later) = (vec![], vec![], VecDeque::new());
    let mut taken = BTreeSet::new();
    for Waiting { order, tell } in queue.drain(..) {
        match order {
            Order::Needs { allot, then } => alone.push((allot, then, tell)),
            Order::Ready(prepared) => {
                let names = names(&prepared);
                if names.iter().any(|name| taken.contains(name)) {
                    // What comes behind it on the same guard must stay behind it.
                    taken.extend(names);
                    later.push_back(Waiting { order: Order::Ready(prepared), tell });
                } else {
                    taken.extend(names);
                    group.push((prepared, tell));
                }
            }
        }
    }
    *queue = later;
    (group, alone)
}

fn names(prepared: &Prepared) -> Vec<String> {
    let writes = &prepared.writes;
    let streams = writes
        .appends
        .iter()
        .map(|append| &append.stream)
        .chain(writes.expects.iter().map(|(stream, _)| stream));
    let mut names: Vec<_> = streams.map(|stream| format!("stream {stream}")).collect();
    names.extend(writes.finishes.iter().map(sqlite::ended));
    names.extend(writes.over.iter().map(|(case, person, _)| sqlite::copy(*case, person)));
    names.extend(writes.key.iter().map(|key| format!("key {} {}", key.person, key.key)));
    names
}
