//! What an operator watches: how much waits, for how long, and who is signed in. Numbers only.

use crate::{
    Storage,
    commit::statement,
    error::{Doing, Error},
    rows::Who,
    table::{Cell, cell},
    work::LEAD,
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

/// How many jobs or messages of one kind there are in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// An effect, or a channel.
    pub kind: String,
    pub state: String,
    pub count: u64,
}

/// An open task whose time is over, and whom it lies with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    pub who: Who,
    /// Of the case.
    pub title: String,
    pub step: String,
    pub due_at: DateTime<Utc>,
}

/// How the database is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vitals {
    /// Without what is done.
    pub jobs: Vec<Queue>,
    pub messages: Vec<Queue>,
    /// How long the oldest message that is due has waited, in seconds, by the clock of the database.
    pub message_lag: f64,
    pub job_lag: f64,
    pub sessions: u64,
}

impl Storage {
    /// Counts what waits.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn vitals(&self) -> Result<Vitals, Error> {
        Ok(Vitals {
            jobs: self.waiting_in("job", "effect").await?,
            messages: self.waiting_in("outbox", "channel").await?,
            message_lag: self.lag("outbox").await?,
            job_lag: self.lag("job").await?,
            sessions: u64::try_from(
                self.one_number(&format!(
                    "SELECT count(*) AS n FROM session WHERE expires_at > {}",
                    self.clock()
                ))
                .await?,
            )
            .unwrap_or_default(),
        })
    }

    /// Every open task whose time is over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn overdue(&self, now: DateTime<Utc>) -> Result<Vec<Overdue>, Error> {
        let doing = "looking for what is overdue";
        let sql = r#"SELECT o.who, c.title, t.title AS step, t.due_at FROM task t
            JOIN task_offer o ON o."case" = t."case" AND o.task = t.task JOIN case_file c ON c.id = t."case"
            WHERE t.state = 'open' AND t.due_at < $1 ORDER BY t.due_at, c.id"#;
        let values = vec![now.raw().into()];
        let rows = self.reading().query_all_raw(statement(self.backend(), sql, values)).await;
        let mut overdue = vec![];
        for row in rows.doing(doing)? {
            overdue.push(Overdue {
                who: cell("task_offer", "who", row.try_get("", "who").doing(doing)?)?,
                title: row.try_get("", "title").doing(doing)?,
                step: row.try_get("", "step").doing(doing)?,
                due_at: cell("task", "due_at", row.try_get("", "due_at").doing(doing)?)?,
            });
        }
        Ok(overdue)
    }

    async fn waiting_in(&self, table: &str, kind: &str) -> Result<Vec<Queue>, Error> {
        let doing = "counting what waits";
        let sql = format!(
            "SELECT {kind} AS kind, state, count(*) AS n FROM {table} WHERE state <> 'done' GROUP BY {kind}, state ORDER BY {kind}, state"
        );
        let rows = self.reading().query_all_raw(statement(self.backend(), sql, vec![])).await;
        let queue = |row: &sea_orm::QueryResult| {
            let count: i64 = row.try_get("", "n")?;
            Ok(Queue {
                kind: row.try_get("", "kind")?,
                state: row.try_get("", "state")?,
                count: count.try_into().unwrap_or_default(),
            })
        };
        rows.doing(doing)?.iter().map(queue).collect::<Result<_, DbErr>>().doing(doing)
    }

    async fn lag(&self, table: &str) -> Result<f64, Error> {
        // What was never tried is dated back by so much: see `at_once`.
        let back = LEAD.num_microseconds().unwrap_or_default();
        let sql = format!(
            "SELECT COALESCE({} - min(CASE WHEN attempts = 0 THEN run_after + {back} ELSE run_after END), 0) AS n
             FROM {table} WHERE state IN ('ready', 'running')",
            self.clock()
        );
        let micros = self.one_number(&sql).await?.max(0);
        // Microseconds of some days keep their precision.
        Ok(std::time::Duration::from_micros(micros.unsigned_abs()).as_secs_f64())
    }

    async fn one_number(&self, sql: &str) -> Result<i64, Error> {
        let doing = "counting what waits";
        let row = self.reading().query_one_raw(statement(self.backend(), sql, vec![])).await;
        let number = row.doing(doing)?.map(|row| row.try_get("", "n")).transpose().doing(doing)?;
        Ok(number.unwrap_or_default())
    }
}
