//! Periods of a program: weeks, months, fiscal quarters and fiscal years, without gap and overlap.
//!
//! The published rule:
//!
//! 1. Periods are made of whole local dates in the program's time zone. They are half-open: `to` is the instant
//!    at which the next period begins.
//! 2. A local date begins at the first instant at which clocks show its midnight; if they skip midnight, at
//!    the first instant after the gap.
//! 3. Weeks are those of ISO 8601: they begin on Monday, and belong to the year that holds their Thursday.
//! 4. Quarters and fiscal years follow the month in which the program's fiscal year begins.
//! 5. A fiscal year is named after the calendar year in which it ends: with a start in February, FY2027 is
//!    February 2026 to January 2027. One that starts in January is the calendar year, and so is its name.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How many periods may be asked for at once: ten years of months.
pub const LIMIT: usize = 120;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Granularity {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months of the fiscal year.
    Quarter,
    /// Twelve months from the month in which the fiscal year begins.
    FiscalYear,
}

/// A time over which an indicator counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// Its first local date.
    pub starts_on: NaiveDate,
    /// The first local date after it.
    pub ends_on: NaiveDate,
    /// What people call it: `2026-W47`, `2026-11`, `FY2027-Q2`, `FY2027`.
    pub label: String,
    /// The instant at which it begins.
    pub from: Timestamp,
    /// The instant at which the next one begins.
    pub to: Timestamp,
}

/// Why there are no periods between two dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// The last date is before the first.
    #[error("the last date is before the first one")]
    Reversed,
    /// There are too many for one answer.
    #[error("{asked} periods are more than the {limit} that can be asked for at once")]
    TooMany {
        /// How many it would be.
        asked: usize,
        /// How many may be asked for.
        limit: usize,
    },
    /// A period would begin or end on a date that does not exist: the years are too far away, or the
    /// fiscal year begins in no month from 1 to 12.
    #[error("a period would begin or end on a date that does not exist")]
    NoSuchDate,
}

/// Every period that shares a date with the dates from `first` to `last`, both inclusive, in order.
///
/// `fiscal_year_start` is the month in which the program's fiscal year begins, 1 to 12.
pub fn periods(
    granularity: Granularity,
    first: NaiveDate,
    last: NaiveDate,
    fiscal_year_start: u32,
    zone: Tz,
) -> Result<Vec<Period>, InvalidRange> {
    if last < first {
        return Err(InvalidRange::Reversed);
    }
    if !(1..=12).contains(&fiscal_year_start) {
        return Err(InvalidRange::NoSuchDate);
    }
    let shift = fiscal_year_start.cast_signed() - 1;
    let (first, last) = (
        granularity.number(first, shift),
        granularity.number(last, shift),
    );
    let asked = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
    if asked > LIMIT {
        return Err(InvalidRange::TooMany {
            asked,
            limit: LIMIT,
        });
    }
    (first..=last)
        .map(|number| granularity.period(number, shift, zone))
        .collect::<Option<_>>()
        .ok_or(InvalidRange::NoSuchDate)
}

impl Granularity {
    /// Every length, the shortest first.
    pub const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Quarter, Self::FiscalYear];

    /// Months of one period; none for weeks.
    const fn months(self) -> Option<i32> {
        match self {
            Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::FiscalYear => Some(12),
        }
    }

    /// The number of the period that holds a date: the one after it has the next number. `shift` is the
    /// number of months by which the fiscal year begins after January.
    fn number(self, date: NaiveDate, shift: i32) -> i32 {
        match self.months() {
            // The first day of the common era is a Monday and has the number 1.
            None => (date.num_days_from_ce() - 1).div_euclid(7),
            Some(months) => (month_number(date) - shift).div_euclid(months),
        }
    }

    /// The first date of the period with this number.
    fn first_date(self, number: i32, shift: i32) -> Option<NaiveDate> {
        match self.months() {
            None => NaiveDate::from_num_days_from_ce_opt(number * 7 + 1),
            Some(months) => {
                let month = number * months + shift;
                let since_january = month.rem_euclid(12).cast_unsigned();
                NaiveDate::from_ymd_opt(month.div_euclid(12), since_january + 1, 1)
            }
        }
    }

    fn period(self, number: i32, shift: i32, zone: Tz) -> Option<Period> {
        let starts_on = self.first_date(number, shift)?;
        let ends_on = self.first_date(number + 1, shift)?;
        Some(Period {
            starts_on,
            ends_on,
            label: self.label(starts_on, shift),
            from: begin(starts_on, zone)?,
            to: begin(ends_on, zone)?,
        })
    }

    fn label(self, starts_on: NaiveDate, shift: i32) -> String {
        let months = month_number(starts_on) - shift;
        let fiscal_year = months.div_euclid(12) + i32::from(shift > 0);
        match self {
            Self::Week => {
                let week = starts_on.iso_week();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{:04}-{:02}", starts_on.year(), starts_on.month()),
            Self::Quarter => format!("FY{fiscal_year:04}-Q{}", months.rem_euclid(12) / 3 + 1),
            Self::FiscalYear => format!("FY{fiscal_year:04}"),
        }
    }
}

/// Months since January of the year 0.
fn month_number(date: NaiveDate) -> i32 {
    date.year() * 12 + date.month0().cast_signed()
}

/// The instant at which a local date begins.
///
/// The longest gap is a day (Samoa skipped 2011-12-30 when it crossed the date line).
pub(super) fn begin(date: NaiveDate, zone: Tz) -> Option<Timestamp> {
    (0..=24 * 60).find_map(|skipped| {
        let wall = date
            .and_time(NaiveTime::MIN)
            .checked_add_signed(TimeDelta::minutes(skipped))?;
        let shown = zone.from_local_datetime(&wall).earliest()?;
        Some(shown.to_utc())
    })
}
