//! A closed period, counted once: what came to an end in it does not change any more, so a year of an
//! indicator is read from twelve rows instead of from every application.
//!
//! Only whole programs are rolled up. What is grouped or narrowed down, and the period that is still
//! open, is counted as it is asked for; open applications that are late are never part of a rollup.

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Key;
use super::formula::{Group, Tally, ThreeClocks, values};
use super::period::{Granularity, LIMIT, Period, begin, periods};
use crate::Timestamp;

/// What an indicator needs of one period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rollup {
    /// Counts; empty for indicators of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tallies: Vec<Tally>,
    /// How business minutes are distributed; none without data, and for indicators that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<ThreeClocks>,
}

impl Rollup {
    /// What an indicator needs of each of so many periods.
    pub fn of(key: Key, buckets: usize, tallies: &[Tally]) -> Vec<Self> {
        let mut rollups = vec![Self::default(); buckets];
        if key == Key::TimeToApprove {
            for value in values(key, buckets, tallies, &[]) {
                rollups[value.bucket].clocks = value.clocks;
            }
            return rollups;
        }
        for tally in tallies {
            if let Some(rollup) = rollups.get_mut(tally.bucket) {
                rollup.tallies.push(Tally {
                    bucket: 0,
                    group: Group::default(),
                    ..*tally
                });
            }
        }
        rollups
    }
}

/// Every period of a program that lies between two instants, in runs that can be asked for at once.
///
/// `fiscal_year_start` is the month in which the program's fiscal year begins, 1 to 12. A period that began
/// before `from` is among them; one that is not over by `until` is not.
pub fn closed(
    from: Timestamp,
    until: Timestamp,
    fiscal_year_start: u32,
    zone: Tz,
) -> Vec<Vec<Period>> {
    let first = from.with_timezone(&zone).date_naive();
    let last = until.with_timezone(&zone).date_naive();
    let mut runs = Vec::new();
    for granularity in Granularity::ALL {
        let mut all: Vec<Period> = years(first, last)
            .filter_map(|(first, last)| {
                periods(granularity, first, last, fiscal_year_start, zone).ok()
            })
            .flatten()
            .filter(|period| period.to <= until)
            .collect();
        all.dedup();
        runs.extend(all.chunks(LIMIT).map(<[_]>::to_vec));
    }
    runs
}

/// The dates from the first to the last, a year at a time: a year has fewer weeks than can be asked for.
fn years(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
    (first.year()..=last.year()).filter_map(move |year| {
        let begins = NaiveDate::from_ymd_opt(year, 1, 1)?.max(first);
        let ends = NaiveDate::from_ymd_opt(year, 12, 31)?.min(last);
        (begins <= ends).then_some((begins, ends))
    })
}

/// The instant at which the local day of `now` began: every period that is over ended by then.
pub fn closed_by(now: Timestamp, zone: Tz) -> Timestamp {
    let today = now.with_timezone(&zone).date_naive();
    begin(today, zone).unwrap_or(now - TimeDelta::days(1))
}

#[cfg(test)]
mod tests;
