//! Checking, testing and trying a flow that need not be deployed. Nothing is stored; the work is done on a thread of
//! its own, and what would take too long is refused before.

use crate::{
    error::Error,
    number,
    office::Office,
    reading::{Access, CaseFile},
    timeline::timeline,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};
use wenshu_core::{
    FLOW_ADMIN, Problem, Rejection, Workflow,
    calendar::Calendar,
    command::Actor,
    compile,
    compile::hash,
    directory::{Directory, Seat},
    notice::{Notice, notices},
    offer::{Offer, candidates},
    play::{self, PlayProblem, Stage},
    survey::{Numbered, Numbering, Warning, survey},
    trial::{self, MOST_ACTS, Trial, keep::transcript, too_wide, widest},
};

/// So many lines of tests are played at once.
const MOST_LINES: usize = 2_000;
/// Tests end after so long, those not yet played are not played.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many administrators are asked what they could do.
const ADMINISTRATORS: usize = 5;
/// Longest name of a test, in characters.
const LONGEST_NAME: usize = 100;

/// Tests of a flow, played.
#[derive(Clone, Debug)]
pub struct TestedFlow {
    pub tests: Vec<Tested>,
    /// How many were not played, because it took too long.
    pub left: usize,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Tested {
    pub name: String,
    /// Its line in the source.
    pub line: usize,
    pub trouble: Option<PlayProblem>,
}

/// A source with a trial as its last test.
#[derive(Clone, Debug)]
pub struct KeptTrial {
    pub source: String,
    pub test: Tested,
}

/// A flow as far as it was tried.
#[derive(Debug)]
pub struct Outlook {
    /// The case as its page would show it.
    pub file: CaseFile,
    pub initiator: Option<Seat>,
    pub now: chrono::DateTime<chrono::Utc>,
    /// What each could do now.
    pub offers: Vec<(Seat, Vec<Offer>)>,
    /// What the last act would tell whom.
    pub notices: Vec<Notice>,
    /// Which act was refused, none of them for the start, and why.
    pub refused: Option<(Option<usize>, Rejection)>,
}

impl Office {
    /// Reads a source: all its problems, or the flow and what today's directory lacks of what it asks for.
    pub async fn check_flow(
        &self,
        seat: &Seat,
        source: String,
    ) -> Result<Result<(Workflow, Vec<Warning>), Vec<Problem>>, Error> {
        self.require_flow_admin(seat).await?;
        let directory = self.directory().await?;
        let numbering = self.numbering().await?;
        let vocabulary = Arc::clone(&self.inner.vocabulary);
        let work = move || {
            Ok(compile(&source, &vocabulary).map(|workflow| {
                let warnings = survey(&workflow, &source, &directory, &numbering);
                (workflow, warnings)
            }))
        };
        self.aside(work).await
    }

    /// What today's directory and registers lack of what a flow asks for.
    pub(crate) async fn surveyed(
        &self,
        workflow: &Workflow,
        source: &str,
    ) -> Result<Vec<Warning>, Error> {
        let (directory, numbering) = (self.directory().await?, self.numbering().await?);
        let (workflow, source) = (workflow.clone(), source.to_owned());
        self.aside(move || Ok(survey(&workflow, &source, &directory, &numbering))).await
    }

    /// What the series of each organ take.
    async fn numbering(&self) -> Result<Numbering, Error> {
        let mut all = Numbering::new();
        for row in self.inner.storage.all_series().await? {
            let series = number::series(row);
            let kinds: BTreeSet<_> = series.kinds.iter().map(|kind| kind.title().into()).collect();
            let now = all.entry(series.organ).or_insert(Numbered::Only(BTreeSet::new()));
            match now {
                Numbered::Everything => {}
                Numbered::Only(_) if kinds.is_empty() => *now = Numbered::Everything,
                Numbered::Only(known) => known.extend(kinds),
            }
        }
        Ok(all)
    }

    /// Plays the tests of a source in the sample office that they are written for.
    pub async fn test_flow(
        &self,
        seat: &Seat,
        source: String,
        sample: &'static Directory,
    ) -> Result<TestedFlow, Error> {
        self.require_flow_admin(seat).await?;
        let vocabulary = Arc::clone(&self.inner.vocabulary);
        let work = move || {
            let workflow = compile(&source, &vocabulary).map_err(Error::Problems)?;
            let lines: usize = workflow.tests.iter().map(|test| test.play.len()).sum();
            if lines > MOST_LINES {
                let text = format!("测试共{lines}行，一次最多运行{MOST_LINES}行，请精简");
                return Err(Error::Invalid { field: "tests".into(), text });
            }
            if too_wide(&workflow, sample.units.len()) {
                return Err(wide());
            }
            let calendar = Calendar::announced();
            let stage = Stage {
                workflow: &workflow,
                directory: sample,
                calendar: &calendar,
                vocabulary: &vocabulary,
            };
            let until = Instant::now() + PATIENCE;
            let mut tests = vec![];
            for test in &workflow.tests {
                if Instant::now() > until {
                    break;
                }
                let trouble = play::test(stage, test).err();
                tests.push(Tested { name: test.name.clone(), line: test.line, trouble });
            }
            Ok(TestedFlow { left: workflow.tests.len() - tests.len(), tests })
        };
        self.aside(work).await
    }

    /// Plays a source in the directory as it stands, or in the sample office, at the times given. The picture of the
    /// case as the initiator's page would show it, without anything being stored.
    pub async fn try_flow(
        &self,
        seat: &Seat,
        source: String,
        trial: Trial,
        sample: Option<&'static Directory>,
    ) -> Result<Outlook, Error> {
        self.require_flow_admin(seat).await?;
        few(&trial)?;
        let directory = match sample {
            Some(sample) => Arc::new(sample.clone()),
            None => self.directory().await?,
        };
        let vocabulary = Arc::clone(&self.inner.vocabulary);
        let calendar = Arc::clone(&self.inner.calendar);
        let work = move || {
            let workflow = compile(&source, &vocabulary).map_err(Error::Problems)?;
            if too_wide(&workflow, widest(&trial).min(directory.units.len().max(1))) {
                return Err(wide());
            }
            let stage = Stage {
                workflow: &workflow,
                directory: &directory,
                calendar: &calendar,
                vocabulary: &vocabulary,
            };
            let tried = trial::play(stage, &trial);
            let admins = directory.posts.values().filter(|post| post.roles.contains(FLOW_ADMIN));
            let admins: Vec<Seat> =
                admins.flat_map(|post| directory.seats_of(&post.id)).take(ADMINISTRATORS).collect();
            let offers = tried.offers(stage, &admins);
            let last: Vec<_> =
                tried.events[tried.last..].iter().map(|(_, event)| event.clone()).collect();
            let notices = notices(&tried.case, &last);
            let actor = tried.initiator.clone().map_or(Actor::System, Actor::Person);
            let mut choices = BTreeMap::new();
            for (holder, _) in &offers {
                let actor = Actor::Person(holder.clone());
                choices.extend(candidates(&tried.context(stage, &actor), &tried.case));
            }
            let initiator = actor.seat().cloned();
            let entries = timeline(tried.events.iter().map(|(at, event)| (*at, event)));
            let (now, refused) = (tried.now, tried.refused);
            let file = CaseFile {
                case: tried.case,
                workflow: Arc::new(workflow),
                document: None,
                body: None,
                working: None,
                findings: vec![],
                timeline: entries,
                offers: vec![],
                attachments: vec![],
                links: vec![],
                candidates: choices,
                deliveries: None,
                access: Access::Holder,
                seen: None,
                directory,
            };
            Ok(Outlook { file, initiator, now, offers, notices, refused })
        };
        self.aside(work).await
    }

    /// Writes a trial in the sample office into the source as its last test, and plays that test.
    pub async fn keep_trial(
        &self,
        seat: &Seat,
        source: String,
        name: &str,
        trial: Trial,
        sample: &'static Directory,
    ) -> Result<KeptTrial, Error> {
        self.require_flow_admin(seat).await?;
        few(&trial)?;
        let invalid = |field: &str, text: String| Error::Invalid { field: field.into(), text };
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(invalid("name", format!("请给测试起一个名称，不超过{LONGEST_NAME}个字")));
        }
        let vocabulary = Arc::clone(&self.inner.vocabulary);
        let work = move || {
            let workflow = compile(&source, &vocabulary).map_err(Error::Problems)?;
            if workflow.tests.iter().any(|test| test.name == name) {
                return Err(invalid("name", format!("已经有名为“{name}”的测试，请换一个名称")));
            }
            if too_wide(&workflow, widest(&trial).min(sample.units.len().max(1))) {
                return Err(wide());
            }
            let calendar = Calendar::announced();
            let stage = |workflow| Stage {
                workflow,
                directory: sample,
                calendar: &calendar,
                vocabulary: &vocabulary,
            };
            let written = transcript(stage(&workflow), &trial)
                .and_then(|transcript| transcript.write_into(&source, &name))
                .map_err(|text| invalid("acts", text))?;
            let again = compile(&written, &vocabulary).map_err(Error::Problems)?;
            let test = again.tests.iter().find(|test| test.name == name);
            let test = test.ok_or_else(|| invalid("acts", "测试没有写进流程文本".into()))?;
            let trouble = play::test(stage(&again), test).err();
            let test = Tested { name: test.name.clone(), line: test.line, trouble };
            Ok(KeptTrial { source: written, test })
        };
        self.aside(work).await
    }

    /// One at a time: however many ask, others keep the machine.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.inner.bench).acquire_owned().await;
        let turn = turn.map_err(|error| Error::Thread(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            // Kept by the work, not by whoever asked: they may be gone.
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Error::Thread(error.to_string()))?
    }
}

/// Tells surveys apart: whoever accepts one has read just these warnings. None where there is nothing to accept.
#[must_use]
pub fn survey_hash(warnings: &[Warning]) -> Option<String> {
    let told = |warning: &Warning| format!("{}\n{}\n", warning.step, warning.problem.message);
    let all: String = warnings.iter().map(told).collect();
    (!all.is_empty()).then(|| hash(&all))
}

fn few(trial: &Trial) -> Result<(), Error> {
    if trial.acts.len() > MOST_ACTS {
        let text = format!("一次最多试走{MOST_ACTS}步");
        return Err(Error::Invalid { field: "acts".into(), text });
    }
    Ok(())
}

fn wide() -> Error {
    let text = "并行分支过多，不能试算：请缩短单位名单，或减少层层嵌套的 for_each".to_owned();
    Error::Invalid { field: "source".into(), text }
}
