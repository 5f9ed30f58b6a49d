//! The only source of time, ids and chance; everything below takes them as arguments.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where time and ids come from"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DurationRound, TimeDelta, Utc};
use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use uuid::Uuid;

/// When the process first asked for the steady time.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Time and ids: the real ones, or fixed ones for tests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<Fixed>>);

#[derive(Debug)]
struct Fixed {
    now: Mutex<Timestamp>,
    born: AtomicU64,
    asked: AtomicU64,
    /// Microseconds of the latest time that was asked for.
    latest: AtomicU64,
}

/// A time as every database keeps it: cut to microseconds.
pub fn kept(time: Timestamp) -> Timestamp {
    time.duration_trunc(TimeDelta::microseconds(1))
        .unwrap_or(time)
}

impl Clock {
    /// The machine's time, and ids that sort by birth.
    pub const fn real() -> Self {
        Self(None)
    }

    /// A time that stands still until it is moved, and ids that count from 1.
    pub fn fixed(now: Timestamp) -> Self {
        Self(Some(Arc::new(Fixed {
            now: Mutex::new(now),
            born: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            latest: AtomicU64::new(0),
        })))
    }

    /// The time now, cut to microseconds: what every database keeps.
    pub fn now(&self) -> Timestamp {
        if let Some(fixed) = &self.0 {
            *fixed.now.lock().unwrap_or_else(PoisonError::into_inner)
        } else {
            kept(Utc::now())
        }
    }

    /// Time that passed since some point, for rates and never for dates: when the machine's clock is
    /// set back, this goes on.
    pub fn steady(&self) -> Duration {
        let Some(fixed) = &self.0 else {
            return START.elapsed();
        };
        let now = u64::try_from(self.now().timestamp_micros()).unwrap_or_default();
        Duration::from_micros(fixed.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }

    /// Moves a fixed clock; the real one moves by itself.
    pub fn set(&self, now: Timestamp) {
        if let Some(fixed) = &self.0 {
            *fixed.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }

    /// A new id.
    pub fn id<T>(&self) -> Id<T> {
        Id::new(match &self.0 {
            Some(fixed) => {
                let born = fixed.born.fetch_add(1, Ordering::Relaxed) + 1;
                Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | u128::from(born))
            }
            None => Uuid::now_v7(),
        })
    }

    /// What a request is called in the log. A fixed clock counts requests apart from the ids of
    /// rows, so that looking on changes nothing.
    pub fn request(&self) -> Uuid {
        match &self.0 {
            Some(fixed) => {
                let asked = fixed.asked.fetch_add(1, Ordering::Relaxed) + 1;
                Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | u128::from(asked))
            }
            None => Uuid::now_v7(),
        }
    }

    /// Ids of a trace and of a span in it: chance, never zero.
    pub fn trace(&self) -> (u128, u64) {
        let span = Uuid::new_v4().as_u64_pair().1;
        (Uuid::new_v4().as_u128(), span)
    }

    /// A secret nobody can guess, from which the service's keys are made.
    pub fn secret() -> Vec<u8> {
        [Self::random(), Self::random()].concat()
    }

    /// 256 bits that nobody can guess.
    ///
    /// # Panics
    ///
    /// Where the machine has no randomness: nothing that is made of it could be trusted.
    pub fn random() -> [u8; 32] {
        let mut bytes = [0; 32];
        if let Err(error) = getrandom::fill(&mut bytes) {
            panic!("the machine gives no randomness: {error}");
        }
        bytes
    }
}
