//! `wenshu bench`: how fast the office is, held against what this machine can do at best in the same minute. Each
//! section is one file; what is measured goes through the same calls as the real thing and writes all that it writes.
//! What the numbers came to is kept in docs/BENCHMARKS.md.

mod acts;
mod browser;
mod client;
mod crowd;
mod decisions;
mod door;
mod floor;
mod lists;
mod machine;
mod many;
mod pace;
mod pages;
mod place;
mod report;
mod scale;
mod stage;
mod tape;
mod weight;

pub use report::{Line, Report};
pub use scale::{Scale, Section};

use anyhow::{Context, Result};
use place::Kind;
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};
use wenshu_document::Press;

/// What is to be measured, and with what.
#[derive(Clone)]
pub struct Plan {
    pub only: BTreeSet<Section>,
    pub scale: Scale,
    /// Where databases are made: on the disk that is to be measured.
    pub at: PathBuf,
    /// A PostgreSQL server on which databases may be made; without it its half is left out, and said to be.
    pub postgres: Option<String>,
    /// Leave the large databases there for the next run.
    pub keep: bool,
    pub press: Arc<dyn Press>,
    /// The program itself, to be started as a server.
    pub binary: PathBuf,
    /// The browser's script.
    pub script: PathBuf,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("only", &self.only)
            .field("scale", &self.scale)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl Plan {
    fn kinds(&self) -> Vec<Kind> {
        let postgres = self.postgres.as_ref().map(|_| Kind::Postgres);
        [Kind::Sqlite].into_iter().chain(postgres).collect()
    }
}

/// Measures what the plan asks for, telling each number as it comes.
///
/// # Errors
/// When something cannot be set up, or an act that is measured is refused.
pub async fn run<'a>(plan: &Plan, tell: &'a (dyn Fn(&Line) + Send + Sync)) -> Result<Report<'a>> {
    std::fs::create_dir_all(&plan.at).with_context(|| plan.at.display().to_string())?;
    let mut report = Report::new(machine::about(plan).await?, tell);
    for section in &plan.only {
        let measured = match section {
            Section::Decisions => decisions::measure(plan, &mut report),
            Section::Acts => acts::measure(plan, &mut report).await,
            Section::Door => door::measure(plan, &mut report).await,
            Section::Lists => lists::measure(plan, &mut report).await,
            Section::Browser => browser::measure(plan, &mut report).await,
            Section::Pages => pages::measure(plan, &mut report),
            Section::Crowd => crowd::measure(plan, &mut report).await,
            Section::Weight => weight::measure(plan, &mut report).await,
        };
        measured.with_context(|| format!("({section})"))?;
    }
    report.over(machine::load());
    Ok(report)
}
