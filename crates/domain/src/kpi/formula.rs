//! How values are computed from counts.
//!
//! The database counts applications by what the indicators ask ([`Tally`]); the rest is exact
//! arithmetic here, the same on every database. Percentiles come from the minutes and how often each
//! occurs: the median is the middle value, or the mean of the two middle ones; the 90th percentile is the nearest
//! rank: the smallest value that at least 90 % of all do not exceed.
//!
//! No data is none and never 0: a value is only there where something was counted.

mod distribution;
#[cfg(test)]
mod properties;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Key;
use super::rollup::Rollup;
use crate::application::Status;
use crate::change::Mode;
use distribution::float;
pub use distribution::{Distribution, ThreeClocks};
pub use tally::{Group, Late, Tally};

/// What an indicator came to in one period for one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Value {
    /// Index of the period.
    pub bucket: usize,
    /// What was counted together.
    pub group: Group,
    /// The value, in the unit of the definition; none without data.
    pub value: Option<f64>,
    /// Of a ratio: the applications that count for it.
    pub numerator: Option<i64>,
    /// Of a ratio: all applications it is about.
    pub denominator: Option<i64>,
    /// Of the time to approve: how it is distributed.
    pub clocks: Option<ThreeClocks>,
    /// Of the automated share: the same for each step; empty for other indicators and without data.
    pub steps: Vec<StepShare>,
    /// Of the applications solved: how many came to each end; empty for other indicators and without data.
    pub outcomes: Vec<OutcomeCount>,
    /// Of the applications solved: how many different ones.
    pub unique: Option<i64>,
}

/// How far one step of the process is automated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepShare {
    /// Which step.
    pub step: ProcessStep,
    /// Decided applications in which it was automated / all decided ones, 0 to 1.
    pub share: f64,
    /// Decided applications in which it was automated.
    pub numerator: i64,
    /// All decided applications.
    pub denominator: i64,
}

/// A step of the process that can be automated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProcessStep {
    /// Finding out whether the organisation qualifies: automated where the criteria alone settled it.
    Eligibility,
    /// Deciding: automated where the service did.
    Decision,
}

/// How many applications came to one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// Which final state.
    pub outcome: Status,
    /// How many.
    pub count: i64,
}

/// What is counted for one value.
#[derive(Default)]
struct Cell {
    tallies: Vec<Tally>,
    /// How their minutes are distributed, where that is known already.
    clocks: Option<ThreeClocks>,
    late: i64,
}

/// The values of an indicator over `buckets` periods, by period and then by group.
///
/// There is one for each period and group with something to count. Where nothing is grouped, which is so when
/// no tally names a group, every period has one. Counts that are not positive or lie
/// outside the periods are left out.
pub fn values(key: Key, buckets: usize, tallies: &[Tally], late: &[Late]) -> Vec<Value> {
    values_over(key, buckets, tallies, late, &BTreeMap::new())
}

/// The same, where some periods are rolled up: what else was counted in them is left out.
pub fn values_over(
    key: Key,
    buckets: usize,
    tallies: &[Tally],
    late: &[Late],
    rolled_up: &BTreeMap<usize, Rollup>,
) -> Vec<Value> {
    let mut cells: BTreeMap<(usize, Group), Cell> = BTreeMap::new();
    let mut groups =
        (tallies.iter().map(|tally| tally.group)).chain(late.iter().map(|late| late.group));
    if groups.all(|group| group == Group::default()) {
        cells.extend((0..buckets).map(|bucket| ((bucket, Group::default()), Cell::default())));
    }
    for tally in tallies {
        let counts = !rolled_up.contains_key(&tally.bucket) && concerns(key, tally);
        if tally.bucket < buckets && tally.count > 0 && counts {
            let cell = cells.entry((tally.bucket, tally.group)).or_default();
            cell.tallies.push(*tally);
        }
    }
    for (bucket, rollup) in rolled_up.iter().filter(|(bucket, _)| **bucket < buckets) {
        let cell = cells.entry((*bucket, Group::default())).or_default();
        cell.clocks = rollup.clocks;
        let counted = rollup.tallies.iter().filter(|it| concerns(key, it));
        cell.tallies.extend(counted.copied());
    }
    for late in late {
        if late.bucket < buckets && late.count > 0 && key == Key::WithinPromise {
            let cell = cells.entry((late.bucket, late.group)).or_default();
            cell.late = cell.late.saturating_add(late.count);
        }
    }
    cells
        .into_iter()
        .map(|((bucket, group), cell)| {
            let value = cell.value(key).unwrap_or_default();
            Value {
                bucket,
                group,
                ..value
            }
        })
        .collect()
}

/// Whether an indicator counts these applications.
fn concerns(key: Key, tally: &Tally) -> bool {
    match key {
        Key::TimeToApprove => tally.outcome == Status::Approved && tally.minutes.is_some(),
        Key::AutomatedShare => tally.outcome.is_decided(),
        Key::ApplicationsSolved => tally.outcome.is_final(),
        Key::WithinPromise => tally.outcome.is_decided() && tally.within_promise.is_some(),
    }
}

impl Cell {
    /// The value, not yet in its place; none without data.
    fn value(&self, key: Key) -> Option<Value> {
        match key {
            Key::TimeToApprove => self.time_to_approve(),
            Key::AutomatedShare => self.automated_share(),
            Key::ApplicationsSolved => self.applications_solved(),
            Key::WithinPromise => self.within_promise(),
        }
    }

    fn time_to_approve(&self) -> Option<Value> {
        let clocks = self
            .tallies
            .iter()
            .filter_map(|tally| Some((tally.minutes?, tally.count)));
        let clocks = self
            .clocks
            .or_else(|| ThreeClocks::of(&clocks.collect::<Vec<_>>()))?;
        Some(Value {
            value: Some(clocks.promise.median),
            clocks: Some(clocks),
            ..Value::default()
        })
    }

    fn automated_share(&self) -> Option<Value> {
        let denominator = self.count(|_| true);
        let numerator = self.count(|tally| !tally.manual);
        let settled = self.count(|tally| tally.eligibility_automated);
        let decided = self.count(|tally| tally.mode == Mode::Automated);
        let step = |step, numerator| {
            Some(StepShare {
                step,
                share: share(numerator, denominator)?,
                numerator,
                denominator,
            })
        };
        Some(Value {
            steps: vec![
                step(ProcessStep::Eligibility, settled)?,
                step(ProcessStep::Decision, decided)?,
            ],
            ..ratio(numerator, denominator)?
        })
    }

    fn applications_solved(&self) -> Option<Value> {
        let count = self.count(|_| true);
        let outcomes = Status::ALL.into_iter().filter(|status| status.is_final());
        (count > 0).then(|| Value {
            value: Some(float(count.into())),
            outcomes: outcomes
                .map(|outcome| OutcomeCount {
                    outcome,
                    count: self.count(|tally| tally.outcome == outcome),
                })
                .collect(),
            unique: Some(self.count(|tally| !tally.again)),
            ..Value::default()
        })
    }

    fn within_promise(&self) -> Option<Value> {
        let kept = self.count(|tally| tally.within_promise == Some(true));
        ratio(kept, self.count(|_| true).saturating_add(self.late))
    }

    /// How many applications are like this.
    fn count(&self, is: impl Fn(&Tally) -> bool) -> i64 {
        self.tallies
            .iter()
            .filter(|tally| is(tally))
            .fold(0, |count, tally| count.saturating_add(tally.count))
    }
}

/// A value that is a share of a whole; none of nothing.
fn ratio(numerator: i64, denominator: i64) -> Option<Value> {
    Some(Value {
        value: Some(share(numerator, denominator)?),
        numerator: Some(numerator),
        denominator: Some(denominator),
        ..Value::default()
    })
}

fn share(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator > 0).then(|| float(numerator.into()) / float(denominator.into()))
}
