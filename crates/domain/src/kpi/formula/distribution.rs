//! How business minutes are distributed.

use serde::{Deserialize, Serialize};

use crate::promise::Clocks;

/// How minutes are distributed over applications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// The middle one in minutes, or the mean of the two middle ones.
    pub median: f64,
    /// Minutes that nine of ten do not exceed, by nearest rank.
    pub p90: i64,
    /// All of them together, which a text can keep exactly and a mean cannot.
    pub sum: i128,
    /// How many applications.
    pub count: i64,
}

/// How business minutes are distributed on the three clocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreeClocks {
    /// Nothing paused.
    pub elapsed: Distribution,
    /// Paused while waiting for the applicant.
    pub promise: Distribution,
    /// Paused also while on hold.
    pub team: Distribution,
}

impl ThreeClocks {
    /// The distributions over clock readings and how many applications have each; none without any.
    pub(super) fn of(readings: &[(Clocks, i64)]) -> Option<Self> {
        let of = |clock: fn(&Clocks) -> i64| {
            let groups = readings
                .iter()
                .map(|(clocks, count)| (clock(clocks), *count));
            Distribution::of(groups.collect())
        };
        Some(Self {
            elapsed: of(|clocks| clocks.elapsed)?,
            promise: of(|clocks| clocks.promise)?,
            team: of(|clocks| clocks.team)?,
        })
    }
}

impl Distribution {
    /// The distribution of minutes and how many applications took each; none without any.
    pub(super) fn of(mut groups: Vec<(i64, i64)>) -> Option<Self> {
        groups.sort_unstable();
        // Sums of 64-bit counts need more than 64 bits; no sum of them in memory needs 128.
        let count: i128 = groups.iter().map(|(_, count)| i128::from(*count)).sum();
        let sum = groups.iter().fold(0_i128, |sum, (minutes, count)| {
            sum.saturating_add(i128::from(*minutes) * i128::from(*count))
        });
        // The value at a place in the sorted row of all values, counted from 1.
        let at = |rank: i128| {
            let mut passed = 0;
            let holds = groups.iter().find(|(_, count)| {
                passed += i128::from(*count);
                passed >= rank
            });
            holds.map(|(minutes, _)| *minutes)
        };
        let (lower, upper) = (at((count + 1) / 2)?, at(count / 2 + 1)?);
        Some(Self {
            median: float(i128::from(lower) + i128::from(upper)) / 2.0,
            p90: at((count * 9 + 9) / 10)?,
            sum,
            count: i64::try_from(count).unwrap_or(i64::MAX),
        })
    }

    /// The mean in minutes.
    pub fn mean(&self) -> f64 {
        float(self.sum) / float(self.count.into())
    }
}

/// The number as a fraction can be made of.
#[expect(
    clippy::cast_precision_loss,
    reason = "minutes and counts stay far below 2^53, where a float is exact"
)]
pub(super) const fn float(number: i128) -> f64 {
    number as f64
}
