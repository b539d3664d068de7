//! Jobs and messages that wait: claimed with a lease, by the clock of the database, by one worker at a time.
//! A lease that runs out makes the work ready again, so work must bear being done twice.

use crate::{
    Storage,
    commit::{NOW_POSTGRES, NOW_SQLITE, statement},
    error::{Doing, Error},
    rows::{
        JobRow, OutboxRow, WorkState,
        travel::{job, outbox},
    },
    table::{Cell, Columns},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    Value,
};
use std::time::Duration;
use uuid::Uuid;
use wenshu_core::id::CaseId;

/// The first wait after a failure; it doubles until the longest.
const BACK_OFF: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(600);

/// How far back work is dated that is wanted at once.
pub(crate) const LEAD: TimeDelta = TimeDelta::days(2);

/// When work is due that is wanted at once: two days ago, so that it waits neither for a clock that was set back since
/// nor for one that is behind the clock of whoever asked.
#[must_use]
pub fn at_once(now: DateTime<Utc>) -> DateTime<Utc> {
    now - LEAD
}

/// What became of work that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It will be tried again.
    Again,
    /// It had its last try.
    GivenUp,
    /// The lease was over and somebody else has it.
    Lost,
}

impl Storage {
    /// Claims up to `limit` jobs that are ready, or whose worker let the lease run out.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim_jobs(&self, limit: u32, lease: Duration) -> Result<Vec<JobRow>, Error> {
        let rows = self.claim(JobRow::TABLE.name, &["id"], limit, lease).await?;
        let models = rows
            .iter()
            .map(|row| job::Model::from_query_result(row, ""))
            .collect::<Result<Vec<_>, _>>();
        models.doing("claiming jobs")?.into_iter().map(JobRow::try_from).collect()
    }

    /// Claims up to `limit` messages to send.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim_messages(
        &self,
        limit: u32,
        lease: Duration,
    ) -> Result<Vec<OutboxRow>, Error> {
        let rows = self.claim(OutboxRow::TABLE.name, OutboxRow::TABLE.key, limit, lease).await?;
        let models = rows
            .iter()
            .map(|row| outbox::Model::from_query_result(row, ""))
            .collect::<Result<Vec<_>, _>>();
        models.doing("claiming messages")?.into_iter().map(OutboxRow::try_from).collect()
    }

    /// The job is done. False: the lease was over and somebody else has it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn job_done(&self, job: &JobRow) -> Result<bool, Error> {
        self.finish(JobRow::TABLE.name, &[("id", job.id.raw().into())], job.attempts).await
    }

    /// The job failed: again later, or never after `tries`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn job_failed(&self, job: &JobRow, error: &str, tries: u32) -> Result<Failed, Error> {
        self.fail(JobRow::TABLE.name, &[("id", job.id.raw().into())], job.attempts, error, tries)
            .await
    }

    /// The message could not be handed over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn message_failed(
        &self,
        message: &OutboxRow,
        error: &str,
        tries: u32,
    ) -> Result<Failed, Error> {
        self.fail(OutboxRow::TABLE.name, &message_key(message), message.attempts, error, tries)
            .await
    }

    /// # Errors
    /// When the database refuses.
    pub async fn job(&self, id: Uuid) -> Result<Option<JobRow>, Error> {
        self.one(job::Entity::find_by_id(id.raw()), "looking a job up").await
    }

    /// The jobs that a case asked for.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn jobs_of(&self, case: CaseId) -> Result<Vec<JobRow>, Error> {
        self.all(
            job::Entity::find()
                .filter(job::Column::Case.eq(case.raw()))
                .order_by_asc(job::Column::Id),
            "listing jobs",
        )
        .await
    }

    /// Whether a claimed job is still its claimer's.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn job_held(&self, id: Uuid, attempts: u32) -> Result<bool, Error> {
        let sql = format!(
            "SELECT id FROM job WHERE id = $1 AND attempts = $2 AND state = 'running' AND lease_until > {}",
            self.clock()
        );
        let values = vec![id.raw().into(), i64::from(attempts).into()];
        let row = self.writing().query_one_raw(statement(self.backend(), sql, values)).await;
        Ok(row.doing("looking at a lease")?.is_some())
    }

    /// The job is its claimer's for as long again. False: its lease was over before, and it stays lost.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn renew_job(&self, id: Uuid, attempts: u32, lease: Duration) -> Result<bool, Error> {
        let now = self.clock();
        let sql = format!(
            "UPDATE job SET lease_until = {now} + $3
             WHERE id = $1 AND attempts = $2 AND state = 'running' AND lease_until > {now}"
        );
        let values = vec![id.raw().into(), i64::from(attempts).into(), micros(lease).into()];
        let renewed = self.writing().execute_raw(statement(self.backend(), sql, values)).await;
        Ok(renewed.doing("renewing a lease")?.rows_affected() == 1)
    }

    /// What time it is, by the clock of the database: the one that all nodes share.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn database_time(&self) -> Result<DateTime<Utc>, Error> {
        let doing = "asking for the time";
        let sql = format!("SELECT {} AS now", self.clock());
        let row = self.reading().query_one_raw(statement(self.backend(), sql, vec![])).await;
        let now = row.doing(doing)?.map(|row| row.try_get::<i64>("", "now")).transpose();
        let now = now.doing(doing)?.unwrap_or_default();
        DateTime::from_timestamp_micros(now).ok_or(Error::Row {
            table: "clock",
            column: "now",
            why: now.to_string(),
        })
    }

    /// Throws away what is over: sessions, old keys, work done. Gives how many rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sweep(&self, now: DateTime<Utc>, keep: Duration) -> Result<u64, Error> {
        let before = now.timestamp_micros().saturating_sub(micros(keep));
        let mut swept = 0;
        for (sql, time) in [
            ("DELETE FROM session WHERE expires_at < $1", now.timestamp_micros()),
            ("DELETE FROM act_key WHERE at < $1", before),
            ("DELETE FROM job WHERE state = 'done' AND run_after < $1", before),
            ("DELETE FROM outbox WHERE state = 'done' AND run_after < $1", before),
        ] {
            let done = self
                .writing()
                .execute_raw(statement(self.backend(), sql, vec![time.into()]))
                .await
                .doing("sweeping")?;
            swept += done.rows_affected();
        }
        Ok(swept)
    }

    /// Now, by the clock of the database, in microseconds.
    pub(crate) fn clock(&self) -> &'static str {
        match self.backend() {
            DbBackend::Postgres => NOW_POSTGRES,
            _ => NOW_SQLITE,
        }
    }

    async fn claim(
        &self,
        table: &str,
        key: &[&str],
        limit: u32,
        lease: Duration,
    ) -> Result<Vec<sea_orm::QueryResult>, Error> {
        let (now, key) = (
            self.clock(),
            key.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "),
        );
        // On SQLite one statement on the one writing connection needs no lock.
        let lock = match self.backend() {
            DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
            _ => "",
        };
        // Whoever failed waits no longer than the longest wait, and nothing is leased for longer than this lease: what
        // seems to lies behind a clock that was set back.
        let sql = format!(
            "UPDATE {table} SET state = 'running', attempts = attempts + 1, lease_until = {now} + $1
             WHERE ({key}) IN (SELECT {key} FROM {table} WHERE state IN ('ready', 'running')
                 AND (run_after <= {now} OR (attempts > 0 AND run_after > {now} + $3))
                 AND (state = 'ready' OR lease_until < {now} OR lease_until > {now} + $1)
                 ORDER BY run_after LIMIT $2 {lock})
             RETURNING *"
        );
        let values = vec![micros(lease).into(), i64::from(limit).into(), micros(LONGEST).into()];
        self.writing()
            .query_all_raw(statement(self.backend(), sql, values))
            .await
            .doing("claiming work")
    }

    async fn finish(
        &self,
        table: &str,
        key: &[(&str, Value)],
        attempt: u32,
    ) -> Result<bool, Error> {
        let (matching, mut values) = matching(key, 2);
        values.insert(0, i64::from(attempt).into());
        let done = WorkState::Done.as_str();
        let sql = format!(
            "UPDATE {table} SET state = '{done}', lease_until = NULL, last_error = NULL WHERE attempts = $1 AND state = 'running' AND lease_until > {} AND {matching}",
            self.clock()
        );
        let changed = self
            .writing()
            .execute_raw(statement(self.backend(), sql, values))
            .await
            .doing("finishing work")?;
        Ok(changed.rows_affected() == 1)
    }

    async fn fail(
        &self,
        table: &str,
        key: &[(&str, Value)],
        attempt: u32,
        error: &str,
        tries: u32,
    ) -> Result<Failed, Error> {
        let (state, outcome) = if attempt >= tries {
            (WorkState::Failed, Failed::GivenUp)
        } else {
            (WorkState::Ready, Failed::Again)
        };
        let wait =
            BACK_OFF.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST);
        let (matching, key) = matching(key, 4);
        let values =
            vec![i64::from(attempt).into(), micros(wait).into(), error.replace('\0', "").into()];
        let (state, now) = (state.as_str(), self.clock());
        let sql = format!(
            "UPDATE {table} SET state = '{state}', lease_until = NULL, run_after = {now} + $2, last_error = $3
             WHERE attempts = $1 AND state = 'running' AND lease_until > {now} AND {matching}"
        );
        let changed = self
            .writing()
            .execute_raw(statement(self.backend(), sql, [values, key].concat()))
            .await
            .doing("noting a failure")?;
        Ok(if changed.rows_affected() == 1 { outcome } else { Failed::Lost })
    }
}

fn message_key(message: &OutboxRow) -> [(&'static str, Value); 4] {
    [
        ("stream", message.stream.raw().into()),
        ("seq", message.seq.raw().into()),
        ("person", message.person.raw().into()),
        ("channel", message.channel.clone().into()),
    ]
}

/// `"a" = $2 AND "b" = $3`, and the values.
fn matching(key: &[(&str, Value)], from: usize) -> (String, Vec<Value>) {
    let parts = key.iter().enumerate().map(|(n, (name, _))| format!("\"{name}\" = ${}", n + from));
    (parts.collect::<Vec<_>>().join(" AND "), key.iter().map(|(_, value)| value.clone()).collect())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
