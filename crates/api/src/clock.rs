//! The only source of time, ids and chance; everything below takes them as arguments.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where time and ids come from"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DurationRound, TimeDelta, Utc};
use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use uuid::Uuid;

/// Time and ids: the real ones, or fixed ones for tests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<Fixed>>);

#[derive(Debug)]
struct Fixed {
    now: Mutex<Timestamp>,
    born: AtomicU64,
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

    /// Ids of a trace and of a span in it: chance, never zero.
    pub fn trace(&self) -> (u128, u64) {
        let span = Uuid::new_v4().as_u64_pair().1;
        (Uuid::new_v4().as_u128(), span)
    }

    /// A secret nobody can guess, for signing tokens.
    pub fn secret() -> Vec<u8> {
        let mut secret = Vec::with_capacity(64);
        for _ in 0..4 {
            secret.extend_from_slice(Uuid::new_v4().as_bytes());
        }
        secret
    }
}
