//! So much at once, and how long each took.

use anyhow::Result;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How it went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// From the first to the last, added up over rounds.
    pub lasted: Duration,
    times: Vec<Duration>,
}

impl Pace {
    pub fn new(lasted: Duration, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { lasted, times }
    }

    /// Takes another round in.
    pub fn join(&mut self, other: Pace) {
        self.lasted += other.lasted;
        self.times.extend(other.times);
        self.times.sort_unstable();
    }

    pub fn count(&self) -> usize {
        self.times.len()
    }

    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.lasted.as_secs_f64().max(1e-9)
    }

    /// In milliseconds, e.g. of 0.99.
    pub fn quantile(&self, part: f64) -> f64 {
        let at = (self.times.len() as f64 * part) as usize;
        let time = self.times.get(at.min(self.times.len().saturating_sub(1)));
        time.copied().unwrap_or_default().as_secs_f64() * 1e3
    }

    /// `p50 0.41, p99 1.20 ms`.
    pub fn quantiles(&self) -> String {
        format!("p50 {:.2}, p99 {:.2} ms", self.quantile(0.5), self.quantile(0.99))
    }
}

/// Does all jobs, `at_once` of them at a time.
pub(crate) async fn all<J, F, Fut>(at_once: usize, jobs: Vec<J>, work: F) -> Result<Pace>
where
    J: Clone + Send + Sync + 'static,
    F: Fn(J) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let (jobs, work, next) = (Arc::new(jobs), Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let each = move || {
        let (jobs, work, next) = (Arc::clone(&jobs), Arc::clone(&work), Arc::clone(&next));
        async move {
            let mut times = vec![];
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)).cloned() {
                let start = Instant::now();
                work(job).await?;
                times.push(start.elapsed());
            }
            Ok(times)
        }
    };
    together(at_once, each).await
}

/// Does the same again and again for so long, `at_once` at a time. It is told which of them it is.
pub(crate) async fn during<F, Fut>(at_once: usize, seconds: f64, work: F) -> Result<Pace>
where
    F: Fn(usize) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let (work, next) = (Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let each = move || {
        let (work, mine) = (Arc::clone(&work), next.fetch_add(1, Ordering::Relaxed));
        async move {
            let mut times = vec![];
            while Instant::now() < end {
                let start = Instant::now();
                work(mine).await?;
                times.push(start.elapsed());
            }
            Ok(times)
        }
    };
    together(at_once, each).await
}

async fn together<F, Fut>(at_once: usize, each: F) -> Result<Pace>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<Vec<Duration>>> + Send + 'static,
{
    let all: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let start = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let (work, all) = (each(), Arc::clone(&all));
        workers.spawn(async move {
            let times = work.await?;
            all.lock().unwrap_or_else(PoisonError::into_inner).extend(times);
            Ok::<(), anyhow::Error>(())
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended??;
    }
    let lasted = start.elapsed();
    let times = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Pace::new(lasted, times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_all_rounds() {
        let of = |ms: &[u64]| ms.iter().map(|ms| Duration::from_millis(*ms)).collect::<Vec<_>>();
        let mut pace = Pace::new(Duration::from_secs(1), of(&[9, 1, 5]));
        pace.join(Pace::new(Duration::from_secs(1), of(&[2])));
        assert_eq!((pace.count(), pace.per_second()), (4, 2.0));
        assert_eq!((pace.quantile(0.5), pace.quantile(0.99)), (5.0, 9.0));
    }
}
