//! Work that a case waits for: 套红, 用印, 归档. A job is claimed for a while, done outside every transaction, and its
//! answer goes through the same door as people's acts. What fails is tried again after a pause; given up, the case
//! stalls and says why.

use crate::{
    act::{JobEnd, Order},
    cache::Held,
    consequences::{Made, approver},
    error::Error,
    hand_over,
    office::Office,
    paper,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinError, JoinSet},
};
use uuid::Uuid;
use wenshu_core::{
    Rejection,
    command::{Actor, Answer, Command},
    id::{AskId, CaseId},
};
use wenshu_document::{
    Manifest,
    archive::{Parts, StreamHead},
    number::official_date,
    press::{PressError, Printed, SealPlacement, Sheet, Signing},
};
use wenshu_storage::{Failed, JobRow, StreamId, Writes};

const AT_ONCE: u32 = 8;
/// Leases are not renewed more often than this.
const SHORTEST: Duration = Duration::from_millis(20);

/// Why a job did not come to its answer.
enum Failure {
    /// Trying again cannot help: the reason is told to the case.
    ForGood(String),
    /// Nobody waits for it any more.
    Obsolete,
    Trouble(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Rejected(Rejection::NoSuchAsk | Rejection::CaseEnded) => Failure::Obsolete,
            Error::Rejected(rejection) => Failure::ForGood(rejection.detail()),
            Error::Press(error @ (PressError::NoFonts { .. } | PressError::SealImage { .. })) => {
                Failure::ForGood(error.to_string())
            }
            other => Failure::Trouble(other),
        }
    }
}

impl From<wenshu_storage::Error> for Failure {
    fn from(error: wenshu_storage::Error) -> Self {
        Failure::Trouble(error.into())
    }
}

impl Office {
    /// Works on jobs until `stop` ends: some at once, so that a long one holds up no other.
    pub async fn work(&self, stop: impl Future<Output = ()> + Send) {
        let mut changes = self.inner.storage.changes();
        let mut stop = std::pin::pin!(stop);
        let mut under_way: JoinSet<Result<(), Error>> = JoinSet::new();
        loop {
            let free = AT_ONCE.saturating_sub(u32::try_from(under_way.len()).unwrap_or(AT_ONCE));
            let claimed = match free {
                0 => Ok(vec![]),
                free => self.inner.storage.claim_jobs(free, self.inner.settings.job_lease).await,
            };
            match claimed {
                Ok(jobs) => {
                    for job in jobs {
                        let office = self.clone();
                        under_way.spawn(async move {
                            let held = [(job.id, job.attempts)];
                            office.holding(&held, office.do_job(job)).await
                        });
                    }
                }
                Err(error) => tracing::error!(%error, "jobs could not be claimed"),
            }
            // Being told only makes it faster.
            let pause = tokio::time::sleep(Duration::from_secs(1));
            tokio::select! {
                () = &mut stop => break,
                () = pause => {}
                Some(done) = under_way.join_next() => told(done),
                _ = changes.recv(), if free > 0 => {}
            }
        }
        while let Some(done) = under_way.join_next().await {
            told(done);
        }
    }

    /// Does every job that is due; says how many there were.
    pub async fn work_once(&self) -> Result<usize, Error> {
        let jobs = self.inner.storage.claim_jobs(AT_ONCE, self.inner.settings.job_lease).await?;
        let held: Vec<_> = jobs.iter().map(|job| (job.id, job.attempts)).collect();
        let doing = async {
            for job in jobs {
                self.do_job(job).await?;
            }
            Ok(held.len())
        };
        self.holding(&held, doing).await
    }

    /// Does something with jobs in hand, and renews their leases until it is done. A lease that ran out all the same,
    /// because this node slept, stays lost: what is found out then is refused where it is to be written.
    async fn holding<T>(&self, jobs: &[(Uuid, u32)], work: impl Future<Output = T>) -> T {
        let lease = self.inner.settings.job_lease;
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep((lease / 3).max(SHORTEST)) => {}
            }
            for (id, attempts) in jobs {
                // One that is over already, or lost, is renewed no more.
                let renewal = self.inner.storage.renew_job(*id, *attempts, lease);
                tokio::select! {
                    done = &mut work => return done,
                    renewed = renewal => if let Err(error) = renewed {
                        tracing::warn!(%error, "a lease could not be renewed");
                    },
                }
            }
        }
    }

    /// Does jobs until none is due, e.g. in tests and when the demo is made.
    pub async fn work_off(&self) -> Result<(), Error> {
        while self.work_once().await? > 0 {}
        Ok(())
    }

    async fn do_job(&self, job: JobRow) -> Result<(), Error> {
        if job.effect == hand_over::EFFECT {
            return self.do_hand_over(job).await;
        }
        let Some((case, ask)) = job.case.zip(job.ask) else { return self.drop_job(job.id).await };
        let end = JobEnd::Answered { id: job.id, attempts: job.attempts };
        if job.attempts > self.inner.settings.job_attempts {
            // Whoever had it never came back to say why, as often as it may be tried.
            return self
                .give_up(end, case, ask, "多次中断，没有办成，详见系统日志".to_owned())
                .await;
        }
        let failure = match self.bring_about(&job.effect, case, ask, end).await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        match failure {
            Failure::Obsolete => self.storage().job_done(&job).await.map(drop).map_err(Error::from),
            Failure::ForGood(reason) => self.give_up(end, case, ask, reason).await,
            Failure::Trouble(Error::LeaseLost) => {
                tracing::warn!(case.id = %case, effect = %job.effect, "a job took longer than its lease; another has it");
                Ok(())
            }
            Failure::Trouble(error) => {
                let tries = self.inner.settings.job_attempts;
                match self.inner.storage.job_failed(&job, &error.to_string(), tries).await? {
                    Failed::Again => {
                        tracing::warn!(case.id = %case, effect = %job.effect, %error, "a job failed and is tried again");
                        Ok(())
                    }
                    Failed::Lost => Ok(()),
                    Failed::GivenUp => {
                        tracing::error!(case.id = %case, effect = %job.effect, %error, "a job was given up");
                        let reason = match error {
                            Error::Press(error) => error.to_string(),
                            _ => format!("试了{tries}次都没有成功，详见系统日志"),
                        };
                        self.give_up(JobEnd::GivenUp(job.id), case, ask, reason).await
                    }
                }
            }
        }
    }

    /// A hand-over is nobody's case: what fails is tried again, and in the end left for whoever looks at it.
    async fn do_hand_over(&self, job: JobRow) -> Result<(), Error> {
        let error = match self.move_tasks(&job).await {
            Ok(()) => return Ok(()),
            Err(Error::LeaseLost) => {
                tracing::warn!("a hand-over took longer than its lease; another has it");
                return Ok(());
            }
            Err(error) => error,
        };
        let tries = self.inner.settings.job_attempts;
        tracing::warn!(%error, "a hand-over was broken off");
        self.inner.storage.job_failed(&job, &error.to_string(), tries).await?;
        Ok(())
    }

    pub(crate) async fn drop_job(&self, id: Uuid) -> Result<(), Error> {
        let mut writes = Writes::default();
        writes.remove::<JobRow>(&[&id.to_string()]);
        self.write(writes).await
    }

    async fn give_up(
        &self,
        end: JobEnd,
        case: CaseId,
        ask: AskId,
        reason: String,
    ) -> Result<(), Error> {
        let command = Command::Answer { ask, answer: Answer::Failed { reason } };
        let order = Order { job: Some(end), ..Order::new(&Actor::System, case, command) };
        match (self.carry_out(order).await, end) {
            (Ok(_) | Err(Error::LeaseLost), _) => Ok(()),
            (
                Err(Error::Rejected(_)),
                JobEnd::Answered { id, .. } | JobEnd::GoesOn { id, .. } | JobEnd::GivenUp(id),
            ) => self.drop_job(id).await,
            (Err(error), _) => Err(error),
        }
    }

    async fn bring_about(
        &self,
        effect: &str,
        case: CaseId,
        ask: AskId,
        end: JobEnd,
    ) -> Result<(), Failure> {
        let held = self.look(case).await?;
        if !held.log.case.asks.contains_key(&ask) {
            return Err(Failure::Obsolete);
        }
        let (made, result) = match effect {
            "red_head" => self.red_head(&held).await?,
            "seal" => self.seal(&held, ask).await?,
            "archive" => self.archive(&held).await?,
            other => return Err(Failure::ForGood(format!("系统没有“{other}”这项处理"))),
        };
        let command = Command::Answer { ask, answer: Answer::Done { result } };
        let order =
            Order { made: Some(made), job: Some(end), ..Order::new(&Actor::System, case, command) };
        self.carry_out(order).await?;
        Ok(())
    }

    async fn red_head(&self, held: &Held) -> Result<(Made, String), Failure> {
        let printed = self.set_document(held, None).await?;
        let (pages, substitutions) =
            (u32::try_from(printed.pages).unwrap_or(u32::MAX), printed.substitutions);
        let stored = self.inner.storage.objects().put(printed.pdf).await?;
        let version = held.log.case.document_version;
        let pdf = stored.key.to_string();
        Ok((Made::Rendered { version, pdf: pdf.clone(), pages, substitutions }, pdf))
    }

    async fn seal(&self, held: &Held, ask: AskId) -> Result<(Made, String), Failure> {
        let directory = self.directory().await?;
        let nothing = || Failure::ForGood("本件没有公文，无法用印".to_owned());
        let metadata =
            held.document.as_ref().map(|log| &log.document.metadata).ok_or_else(nothing)?;
        let keeper =
            held.log.case.asks.get(&ask).and_then(|ask| approver(&held.log.case, ask.visit));
        let keeper =
            keeper.ok_or_else(|| Failure::ForGood("没有找到批准用印的印章保管人".to_owned()))?;
        let organ = directory.organ_of(&metadata.organ).ok_or_else(nothing)?;
        let of_organ =
            || directory.seals.values().filter(|seal| seal.unit == organ.id && !seal.disabled);
        let seal = of_organ().find(|seal| seal.keeper == keeper.post).or_else(|| of_organ().next());
        let seal =
            seal.ok_or_else(|| Failure::ForGood(format!("印章库中没有{}的印章", organ.name)))?;
        let recorded = match &seal.image {
            Some(image) => {
                let key = crate::cache::object_key(&image.object)?;
                let bytes = self.inner.storage.objects().bytes(&key).await?;
                Some((bytes.to_vec(), seal.name.clone()))
            }
            None => self.inner.settings.seals.image(seal, organ),
        };
        let (image, label) = recorded
            .ok_or_else(|| Failure::ForGood(format!("印章“{}”还没有录入图样", seal.name)))?;
        let placement = SealPlacement { image, label, diameter_mm: paper::SEAL_MM };
        let printed = self.set_document(held, Some(placement)).await?;
        let stored = self.inner.storage.objects().put(printed.pdf).await?;
        let pdf = stored.key.to_string();
        let made = Made::Sealed {
            seal: seal.id.clone(),
            seal_name: seal.name.clone(),
            keeper,
            pdf: pdf.clone(),
        };
        Ok((made, pdf))
    }

    async fn set_document(
        &self,
        held: &Held,
        seal: Option<SealPlacement>,
    ) -> Result<Printed, Failure> {
        let nothing = || Failure::ForGood("本件没有公文，无法排版".to_owned());
        let document = &held.document.as_ref().ok_or_else(nothing)?.document;
        let directory = self.directory().await?;
        let body = self.body(&document.body_hash).await?;
        let today = official_date(self.inner.clock.now());
        let mut sheet = paper::official(document, (*body).clone(), &directory, today);
        if let Some(placement) = seal {
            sheet.signing = Signing::Sealed(placement);
        }
        Ok(self.print(Sheet::Official(Box::new(sheet))).await?)
    }

    /// Freezes final text, file, handling sheet and the heads of the event logs under one manifest of hashes.
    async fn archive(&self, held: &Held) -> Result<(Made, String), Failure> {
        let nothing = || Failure::ForGood("本件没有公文，无法归档".to_owned());
        let log = held.document.as_ref().ok_or_else(nothing)?;
        let document = &log.document;
        let sheet = self.handling_of(held).await?;
        let sheet = self.inner.storage.objects().put(sheet).await?;
        let mut heads = vec![
            stream_head(held.log.case.id, &held.log.head.hash, held.log.head.version),
            stream_head(document.id, &log.head.hash, log.head.version),
        ];
        for sent in document.dispatched.iter().flat_map(|dispatched| &dispatched.to) {
            if let Some(head) = self.inner.storage.head(&StreamId::from(sent.delivery)).await? {
                heads.push(stream_head(sent.delivery, &head.hash, head.version));
            }
        }
        let received = document.received.as_ref().and_then(|received| received.pdf.clone());
        let parts = Parts {
            final_text: document.body_hash.clone(),
            final_version: document.version,
            pdf: document.pdf().map(str::to_owned).or(received),
            handling_sheet: sheet.key.to_string(),
            heads,
        };
        let case = held.log.case.id;
        let manifest = Manifest::new(
            document.id,
            case,
            document.metadata.clone(),
            parts,
            self.inner.clock.now(),
        );
        let stored = self.inner.storage.objects().put(manifest.canonical()).await?;
        let manifest = stored.key.to_string();
        Ok((Made::Archived { manifest: manifest.clone() }, manifest))
    }

    /// Sets a sheet on a thread of its own: the press takes its time.
    pub(crate) async fn print(&self, sheet: Sheet) -> Result<Printed, Error> {
        let press = Arc::clone(&self.inner.press);
        // Setting a long text cannot be broken off: however many ask, acts keep a part of the machine.
        // Long ones go one behind the other, so that a short one never waits for more than one of them.
        let long = match is_long(&sheet) {
            true => Some(turn_of(&self.inner.long_sheets).await?),
            false => None,
        };
        let turn = turn_of(&self.inner.presses).await?;
        let printed = tokio::task::spawn_blocking(move || {
            let _turns = (turn, long);
            press.set(&sheet)
        })
        .await;
        Ok(printed.map_err(|error| Error::Thread(error.to_string()))??)
    }
}

/// Setting it takes seconds, not moments.
fn is_long(sheet: &Sheet) -> bool {
    const BLOCKS: usize = 1_000;
    match sheet {
        Sheet::Official(official) => official.body.blocks.len() > BLOCKS,
        Sheet::Handling(handling) => handling.rows.len() > BLOCKS,
    }
}

async fn turn_of(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
    let turn = Arc::clone(turns).acquire_owned().await;
    turn.map_err(|error| Error::Thread(error.to_string()))
}

/// A job that could not even be put back comes again when its lease is over.
fn told(done: Result<Result<(), Error>, JoinError>) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "a job was left lying"),
        Err(error) => tracing::error!(%error, "a job broke off"),
    }
}

fn stream_head(stream: impl Into<StreamId>, hash: &str, version: u64) -> StreamHead {
    StreamHead { stream: stream.into().to_string(), version, head: hash.to_owned() }
}
