//! The only clock. Everything that needs the time asks here, so that tests and the demo can say what day it is.

use chrono::{DateTime, SubsecRound, Utc};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Says what time it is, to the microsecond that both databases keep.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock: this is the one place that reads it.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that stands still until its hand is moved.
    #[must_use]
    pub fn by_hand(start: DateTime<Utc>) -> (Self, Hand) {
        let at = Arc::new(Mutex::new(start));
        let hand = Hand(Arc::clone(&at));
        (Self(Arc::new(move || *at.lock().unwrap_or_else(PoisonError::into_inner))), hand)
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Moves a clock that stands still.
#[derive(Clone, Debug)]
pub struct Hand(Arc<Mutex<DateTime<Utc>>>);

impl Hand {
    /// Sets the time.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Moves the time on.
    pub fn forward(&self, by: chrono::TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}
