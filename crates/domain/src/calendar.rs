//! Working time of a program: when the team works, and what a business day is.
//!
//! The published rule:
//!
//! 1. Working time is written in the wall-clock time of one time zone: *windows* for each day of the
//!    week, half-open (`09:00`–`12:00` holds 09:00 and does not hold 12:00), several a day.
//! 2. On a *holiday* the windows of the week are closed. An *extra open* time is open on its date
//!    besides the windows of the week, or alone when the date is a holiday: a short working day is a
//!    holiday with an extra open time.
//! 3. A *business day* is a local date with some open time.
//! 4. A calendar has *editions*. An edition holds from the local date `effective_from`, inclusive,
//!    until the next edition begins; the first one also holds for all earlier dates. Windows, holidays
//!    and extra open times are those of the edition that holds on the date, so that a new edition
//!    never changes the past.
//! 5. When clocks change: a wall-clock time that is skipped means the first instant after the gap. A
//!    wall-clock time that is shown twice means the earlier instant where a window begins and the
//!    later one where it ends. `24:00` is the instant at which the next local date begins.
//!
//! Why each program needs its own: `community-programs.md §4.3`. How promises use it: [`crate::promise`].

mod check;
#[cfg(test)]
pub(crate) mod oracle;
#[cfg(test)]
pub(crate) mod tests;
mod time;
mod years;

use std::iter::Sum;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How many days ahead or back an open time is searched, about ten years.
pub(crate) const HORIZON_DAYS: usize = 3653;
pub use time::{InvalidTimeOfDay, TimeOfDay};
use years::{Day, Year, Years};

/// Working time of a program: its time zone and the editions of its weekly windows, holidays and extra open times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Zone of the IANA database in which dates and times of the calendar are read, e.g. `Europe/Berlin`.
    #[serde(with = "time::zone")]
    pub time_zone: Tz,
    /// What holds from when, oldest first; at least one.
    #[serde(rename = "edition", default)]
    pub editions: Vec<Edition>,
    #[serde(skip)]
    years: Years,
}

/// The working time that holds from one date until the next edition begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// First local date on which the edition holds; only the first edition of a calendar may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDate>,
    /// Windows of every week, in no particular order, not overlapping.
    #[serde(default)]
    pub week: Vec<Window>,
    /// Local dates on which the windows of the week are closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Open times of single dates, besides the windows of the week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_open: Vec<ExtraOpen>,
}

/// The same working hours on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days of the week, each at most once.
    pub days: Vec<Weekday>,
    /// Opening time, `00:00`–`23:59`.
    pub from: TimeOfDay,
    /// Closing time, later than `from`, at most `24:00`.
    pub to: TimeOfDay,
}

/// A date on which the windows of the week are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The local date.
    pub date: NaiveDate,
    /// What people call the day.
    pub name: String,
}

/// A time on one date in which the team works besides the windows of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraOpen {
    /// The local date.
    pub date: NaiveDate,
    /// Opening time, `00:00`–`23:59`.
    pub from: TimeOfDay,
    /// Closing time, later than `from`, at most `24:00`.
    pub to: TimeOfDay,
    /// Why the team works.
    pub name: String,
}

impl Calendar {
    /// A calendar of these editions, oldest first.
    pub fn new(time_zone: Tz, editions: Vec<Edition>) -> Self {
        Self {
            time_zone,
            editions,
            years: Years::default(),
        }
    }

    /// Business minutes between two instants, whole ones, rounded down; 0 if `to` is not after `from`.
    pub fn minutes_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.open_time(from, to).num_minutes()
    }

    /// Whether the team works at this instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.open_windows(self.local_date(at))
            .iter()
            .any(|(opens, closes)| *opens <= at && at < *closes)
    }

    /// The first instant from this one on at which the team works; none if it does not within about ten years.
    pub fn open_from(&self, from: Timestamp) -> Option<Timestamp> {
        self.local_date(from)
            .iter_days()
            .take(HORIZON_DAYS)
            .flat_map(|date| self.open_windows(date))
            .find(|(_, closes)| from < *closes)
            .map(|(opens, _)| opens.max(from))
    }

    /// The opening of the business day that lies this many business days before the day of an instant,
    /// which counts as one itself; none if there is none within about ten years.
    pub fn opening_before(&self, due: Timestamp, days: u32) -> Option<Timestamp> {
        // What is due at 24:00 is due on the day that ends then.
        let last_moment = due.checked_sub_signed(TimeDelta::nanoseconds(1))?;
        std::iter::successors(Some(self.local_date(last_moment)), NaiveDate::pred_opt)
            .take(HORIZON_DAYS)
            .filter_map(|date| self.open_windows(date).first().map(|window| window.0))
            .nth(usize::try_from(days).ok()?)
    }

    /// Whether the local date has some open time.
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        !self.open_windows(date).is_empty()
    }

    /// The open time of a local date as half-open intervals of real instants, in order, apart from each other, none empty.
    pub fn open_windows(&self, date: NaiveDate) -> Vec<(Timestamp, Timestamp)> {
        match self.day(date) {
            Some(day) => day.windows.clone(),
            None => self.reckoned_windows(date),
        }
    }

    fn year(&self, date: NaiveDate) -> Option<&Year> {
        self.years.year(date, |date| self.reckoned_windows(date))
    }

    fn day(&self, date: NaiveDate) -> Option<&Day> {
        self.year(date)?.day(date)
    }

    fn reckoned_windows(&self, date: NaiveDate) -> Vec<(Timestamp, Timestamp)> {
        let walls = self.wall_windows(date);
        if walls.is_empty() {
            return Vec::new();
        }
        // So that the open times of neighbouring dates cannot overlap, whatever the zone does at midnight.
        let Some(day_ends) = self.day_ends(date) else {
            return Vec::new();
        };
        let mut windows: Vec<_> = walls
            .into_iter()
            .filter_map(|(from, to)| {
                let (opens, _) = self.instants(wall_clock(date, from)?)?;
                let (_, closes) = self.instants(wall_clock(date, to)?)?;
                let closes = closes.min(day_ends);
                (opens < closes).then_some((opens, closes))
            })
            .collect();
        windows.sort_unstable();
        windows.dedup_by(|next, merged| {
            let touches = next.0 <= merged.1;
            if touches {
                merged.1 = merged.1.max(next.1);
            }
            touches
        });
        windows
    }

    /// The date that the calendar on the team's wall shows at this instant.
    pub fn local_date(&self, at: Timestamp) -> NaiveDate {
        let utc = at.naive_utc();
        let offset = self.time_zone.offset_from_utc_datetime(&utc).fix();
        utc.checked_add_offset(offset).unwrap_or(utc).date()
    }

    /// Exact open time between two instants; none if `to` is not after `from`.
    pub(crate) fn open_time(&self, from: Timestamp, to: Timestamp) -> TimeDelta {
        if to <= from {
            return TimeDelta::zero();
        }
        let (first, last) = (self.local_date(from), self.local_date(to));
        if let Some(years) = self.sum(first, last, |year| year.open)
            && let Some(before) = self.open_of_year(first, from)
            && let Some(until) = self.open_of_year(last, to)
        {
            return years + until - before;
        }
        first
            .iter_days()
            .take_while(|date| *date <= last)
            .flat_map(|date| self.open_windows(date))
            .map(|(opens, closes)| closes.min(to) - opens.max(from))
            .filter(|open| *open > TimeDelta::zero())
            .sum()
    }

    /// Open time from the beginning of the year of a date until an instant of that date.
    fn open_of_year(&self, date: NaiveDate, at: Timestamp) -> Option<TimeDelta> {
        let day = self.day(date)?;
        // Clocks that go back at midnight show a date again after the next one has begun.
        let next = date.succ_opt().and_then(|next| self.day(next));
        let begun = next.map_or(TimeDelta::zero(), |next| next.open_until(at));
        Some(day.open_before + day.open_until(at) + begun)
    }

    /// Business days after `first`, up to and including `last`.
    pub(crate) fn business_days_after(&self, first: NaiveDate, last: NaiveDate) -> i64 {
        if last <= first {
            return 0;
        }
        let of_year = |date| {
            let day = self.day(date)?;
            Some(day.business_before + i64::from(!day.windows.is_empty()))
        };
        if let Some(years) = self.sum(first, last, |year| year.business)
            && let (Some(before), Some(until)) = (of_year(first), of_year(last))
        {
            return years + until - before;
        }
        let dates = first.iter_days().skip(1).take_while(|date| *date <= last);
        dates
            .map(|date| i64::from(self.is_business_day(date)))
            .sum()
    }

    /// What the years from that of the first date until that of the last one have together; none if one is
    /// not kept.
    fn sum<T: Sum>(&self, first: NaiveDate, last: NaiveDate, of: impl Fn(&Year) -> T) -> Option<T> {
        let years = first.year()..last.year();
        years
            .map(|year| Some(of(self.year(NaiveDate::from_yo_opt(year, 1)?)?)))
            .sum()
    }

    /// The edition that holds on a local date.
    fn edition(&self, date: NaiveDate) -> Option<&Edition> {
        self.editions
            .iter()
            .rev()
            .find(|edition| edition.effective_from.is_none_or(|first| first <= date))
            .or(self.editions.first())
    }

    /// The windows of a local date as they are written, in no order, perhaps overlapping, none empty.
    fn wall_windows(&self, date: NaiveDate) -> Vec<(TimeOfDay, TimeOfDay)> {
        let Some(edition) = self.edition(date) else {
            return Vec::new();
        };
        let closed = edition.holidays.iter().any(|holiday| holiday.date == date);
        let weekly = edition
            .week
            .iter()
            .filter(|window| !closed && window.days.contains(&date.weekday()))
            .map(|window| (window.from, window.to));
        let extra = edition
            .extra_open
            .iter()
            .filter(|extra| extra.date == date)
            .map(|extra| (extra.from, extra.to));
        weekly.chain(extra).filter(|(from, to)| from < to).collect()
    }

    /// The instant at which the next local date begins.
    fn day_ends(&self, date: NaiveDate) -> Option<Timestamp> {
        let (ends, _) = self.instants(wall_clock(date, TimeOfDay::END)?)?;
        Some(ends)
    }

    /// The first and the last instant at which clocks show this time; if they skip it, twice the first instant after the gap.
    ///
    /// The longest gap is a day (Samoa skipped 2011-12-30 when it crossed the date line).
    fn instants(&self, wall: NaiveDateTime) -> Option<(Timestamp, Timestamp)> {
        (0..=i64::from(TimeOfDay::END.minutes())).find_map(|skipped| {
            let wall = wall.checked_add_signed(TimeDelta::minutes(skipped))?;
            let shown = self.time_zone.from_local_datetime(&wall);
            Some((shown.earliest()?.to_utc(), shown.latest()?.to_utc()))
        })
    }
}

/// What clocks show on a date at a time of day; `24:00` is midnight of the next date.
fn wall_clock(date: NaiveDate, time: TimeOfDay) -> Option<NaiveDateTime> {
    date.and_time(NaiveTime::MIN)
        .checked_add_signed(TimeDelta::minutes(i64::from(time.minutes())))
}
