//! A rate of requests, and how much of it is left to somebody. Who is counted by what lies in `strangers`.

use std::time::{Duration, Instant};

/// How many requests, at once and lasting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub at_once: u32,
    pub per_second: u32,
}

impl Rate {
    /// So many a second, and at once as many as in a minute: nobody at work comes near it.
    #[must_use]
    pub fn lasting(per_second: u32) -> Self {
        Self { at_once: per_second.saturating_mul(60), per_second }
    }
}

/// What is left of a rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    pub left: f64,
    at: Instant,
}

impl Measure {
    pub fn full(rate: Rate, at: Instant) -> Self {
        Self { left: f64::from(rate.at_once), at }
    }

    pub fn refill(&mut self, rate: Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * f64::from(rate.per_second)).min(f64::from(rate.at_once));
        self.at = now;
    }

    /// Takes its cost, or says after how long it could.
    pub fn take(&mut self, rate: Rate, cost: f64, now: Instant) -> Result<(), Duration> {
        self.refill(rate, now);
        if self.left >= cost {
            self.left -= cost;
            return Ok(());
        }
        let per_second = f64::from(rate.per_second.max(1));
        Err(Duration::from_secs_f64((cost - self.left) / per_second))
    }
}
