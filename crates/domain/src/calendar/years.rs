//! Open times by date, reckoned once: what a calendar says of a date costs microseconds, and a page of a
//! queue asks about years of dates.

use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::Timestamp;

/// The first year that is kept.
const FIRST: i32 = 1970;
/// How many years are kept; other dates are reckoned each time.
const YEARS: usize = 200;

/// The years of a calendar that were asked for. They follow from the calendar and are no part of its value.
#[derive(Default)]
pub(super) struct Years(OnceLock<Box<[OnceLock<Year>]>>);

/// A year of a calendar.
pub(super) struct Year {
    days: Vec<Day>,
    /// Open time of the whole year.
    pub(super) open: TimeDelta,
    /// Business days of the whole year.
    pub(super) business: i64,
}

/// A date of a calendar.
pub(super) struct Day {
    /// Its open time, in order, apart from each other.
    pub(super) windows: Vec<(Timestamp, Timestamp)>,
    /// Open time of the year before this date.
    pub(super) open_before: TimeDelta,
    /// Business days of the year before this date.
    pub(super) business_before: i64,
}

impl Years {
    /// The year of a date with what `windows` says of its dates; none of a year that is not kept.
    pub(super) fn year(
        &self,
        date: NaiveDate,
        windows: impl Fn(NaiveDate) -> Vec<(Timestamp, Timestamp)>,
    ) -> Option<&Year> {
        let place = usize::try_from(date.year() - FIRST).ok()?;
        let years = self
            .0
            .get_or_init(|| (0..YEARS).map(|_| OnceLock::new()).collect());
        Some(
            years
                .get(place)?
                .get_or_init(|| Year::new(date.year(), windows)),
        )
    }
}

impl Year {
    fn new(year: i32, windows: impl Fn(NaiveDate) -> Vec<(Timestamp, Timestamp)>) -> Self {
        let mut this = Self {
            days: Vec::with_capacity(366),
            open: TimeDelta::zero(),
            business: 0,
        };
        let first = NaiveDate::from_ymd_opt(year, 1, 1);
        let dates = first.into_iter().flat_map(|first| first.iter_days());
        for date in dates.take_while(|date| date.year() == year) {
            let day = Day {
                windows: windows(date),
                open_before: this.open,
                business_before: this.business,
            };
            this.open += day.open_until(Timestamp::MAX_UTC);
            this.business += i64::from(!day.windows.is_empty());
            this.days.push(day);
        }
        this
    }

    /// A date of this year.
    pub(super) fn day(&self, date: NaiveDate) -> Option<&Day> {
        self.days.get(usize::try_from(date.ordinal0()).ok()?)
    }
}

impl Day {
    /// Open time of the date until an instant.
    pub(super) fn open_until(&self, at: Timestamp) -> TimeDelta {
        let begun = self.windows.iter().filter(|(opens, _)| *opens < at);
        begun.map(|(opens, closes)| *closes.min(&at) - *opens).sum()
    }
}

impl Clone for Years {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Years {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Years {}

impl std::fmt::Debug for Years {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Years")
    }
}
