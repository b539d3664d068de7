//! Tells whoever listens what a commit changed: within the node at once, to other nodes by NOTIFY, joined.

use crate::{Storage, changes::Changed, commit::statement};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, sqlx::postgres::PgListener};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

const CHANNEL: &str = "wenshu_changed";
/// PostgreSQL takes less than 8,000 bytes.
const LONGEST: usize = 7_900;
/// Commits within this time go out as one.
const JOINED: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Changes {
    here: broadcast::Sender<Changed>,
    others: Option<mpsc::UnboundedSender<Changed>>,
}

/// What goes over the wire.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    node: Uuid,
    changed: Changed,
}

impl Changes {
    pub fn here() -> Self {
        Self { here: broadcast::channel(1024).0, others: None }
    }

    pub fn among_nodes(readers: DatabaseConnection, writing: DatabaseConnection) -> Self {
        let here = broadcast::channel(1024).0;
        let (others, inbox) = mpsc::unbounded_channel();
        let node = Uuid::now_v7();
        tokio::spawn(tell_others(writing, inbox, node));
        tokio::spawn(hear_others(readers, here.downgrade(), node));
        Self { here, others: Some(others) }
    }

    pub fn tell(&self, changed: Changed) {
        if changed.is_nothing() {
            return;
        }
        if let Some(others) = &self.others {
            // Closed only when the node is going down.
            let _closed = others.send(changed.clone());
        }
        let _nobody_listens = self.here.send(changed);
    }
}

impl Storage {
    /// What is committed from now on, here or on another node. Who lags behind should look at everything again.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.inner.changes.here.subscribe()
    }
}

async fn tell_others(
    db: DatabaseConnection,
    mut inbox: mpsc::UnboundedReceiver<Changed>,
    node: Uuid,
) {
    while let Some(mut changed) = inbox.recv().await {
        tokio::time::sleep(JOINED).await;
        while let Ok(more) = inbox.try_recv() {
            changed.join(more);
        }
        let everything = Told { node, changed: Changed { everything: true, ..Changed::default() } };
        let written = [Told { node, changed }, everything]
            .iter()
            .filter_map(|told| serde_json::to_string(told).ok())
            .find(|text| text.len() <= LONGEST);
        let Some(text) = written else { continue };
        let notify = statement(
            DbBackend::Postgres,
            "SELECT pg_notify($1, $2)",
            vec![CHANNEL.into(), text.into()],
        );
        if let Err(error) = db.execute_raw(notify).await {
            tracing::warn!(%error, "other nodes were not told what changed; they will find it by polling");
        }
    }
}

async fn hear_others(db: DatabaseConnection, here: broadcast::WeakSender<Changed>, node: Uuid) {
    loop {
        let pool = db.get_postgres_connection_pool();
        let listening = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(CHANNEL).await?;
            loop {
                let heard = listener.recv().await?;
                let Some(here) = here.upgrade() else { return Ok::<(), sea_orm::sqlx::Error>(()) };
                match serde_json::from_str::<Told>(heard.payload()) {
                    Ok(told) if told.node != node => {
                        let _nobody_listens = here.send(told.changed);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "another node told something that is not understood")
                    }
                }
            }
        };
        match listening.await {
            // The store was closed: there is nothing left to hear.
            Ok(()) | Err(sea_orm::sqlx::Error::PoolClosed) => return,
            Err(error) => tracing::warn!(%error, "not listening to other nodes; trying again"),
        }
        let Some(here) = here.upgrade() else { return };
        // What was missed while not listening.
        let _nobody_listens = here.send(Changed { everything: true, ..Changed::default() });
        drop(here);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
