//! A slow reading of the published rule, minute by minute, and random calendars to hold the fast one against it.

#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Timelike, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{Calendar, Edition, ExtraOpen, Holiday, TimeOfDay, Window};
use crate::Timestamp;

/// The local date of an instant, whole minutes only, and whether it is open.
pub(crate) struct Minute {
    pub at: Timestamp,
    pub date: NaiveDate,
    pub open: bool,
}

/// Walks each minute of so many local dates, reads the clock on the wall, and looks it up in the calendar.
pub(crate) fn minutes(calendar: &Calendar, first: NaiveDate, days: u16) -> Vec<Minute> {
    let last = first + Days::new(u64::from(days) - 1);
    let midnight = (first - Days::new(1)).and_time(chrono::NaiveTime::MIN);
    let walls: Vec<_> = (0..i64::from(days + 2) * 1440)
        .map(|minute| midnight.and_utc() + TimeDelta::minutes(minute))
        .map(|at| (at, at.with_timezone(&calendar.time_zone).naive_local()))
        .map(|(at, wall)| (at, wall.date(), wall.hour() * 60 + wall.minute()))
        .filter(|(_, date, _)| (first..=last).contains(date))
        .collect();
    walls
        .chunk_by(|one, next| one.1 == next.1)
        .flat_map(|day| minutes_of_day(calendar, day))
        .collect()
}

fn minutes_of_day(calendar: &Calendar, day: &[(Timestamp, NaiveDate, u32)]) -> Vec<Minute> {
    let windows = windows(calendar, day[0].1);
    let mut shown_later = vec![u32::MAX; day.len()];
    for index in (1..day.len()).rev() {
        shown_later[index - 1] = shown_later[index].min(day[index].2);
    }
    let mut shown_until_now = 0;
    (day.iter().zip(shown_later))
        .map(|((at, date, wall), shown_later)| {
            shown_until_now = shown_until_now.max(*wall);
            let open = windows
                .iter()
                .any(|(from, to)| *from <= shown_until_now && (wall < to || shown_later <= *to));
            let (at, date) = (*at, *date);
            Minute { at, date, open }
        })
        .collect()
}

fn windows(calendar: &Calendar, date: NaiveDate) -> Vec<(u32, u32)> {
    let mut holds = &calendar.editions[0];
    for edition in &calendar.editions[1..] {
        if edition.effective_from.unwrap() <= date {
            holds = edition;
        }
    }
    let mut windows = Vec::new();
    for window in &holds.week {
        let holiday = holds.holidays.iter().any(|holiday| holiday.date == date);
        if window.days.contains(&date.weekday()) && !holiday {
            windows.push((window.from.minutes().into(), window.to.minutes().into()));
        }
    }
    for extra in &holds.extra_open {
        if extra.date == date {
            windows.push((extra.from.minutes().into(), extra.to.minutes().into()));
        }
    }
    windows.retain(|(from, to)| from < to);
    windows
}

/// A zone and a date shortly before clocks change in it, in spring and in autumn, or before they do not.
fn zone_and_date() -> impl Strategy<Value = (Tz, NaiveDate)> {
    let zones = prop::sample::select(vec![
        (Tz::UTC, (3, 25), (12, 15)),
        (Tz::Asia__Kathmandu, (3, 25), (12, 15)),
        (Tz::Asia__Kolkata, (3, 25), (12, 15)),
        (Tz::Africa__Cairo, (4, 20), (10, 26)),
        (Tz::Africa__Casablanca, (2, 11), (3, 18)),
        (Tz::America__Havana, (3, 4), (10, 28)),
        (Tz::America__New_York, (3, 4), (10, 28)),
        (Tz::America__Nuuk, (3, 24), (10, 20)),
        (Tz::America__Santiago, (3, 31), (9, 2)),
        (Tz::America__St_Johns, (3, 4), (10, 28)),
        (Tz::Antarctica__Troll, (3, 25), (10, 21)),
        (Tz::Asia__Beirut, (3, 25), (10, 21)),
        (Tz::Atlantic__Azores, (3, 25), (10, 21)),
        (Tz::Australia__Lord_Howe, (3, 31), (9, 30)),
        (Tz::Europe__Berlin, (3, 25), (10, 21)),
    ]);
    (zones, any::<bool>(), 0..3_u64).prop_map(|((zone, spring, autumn), in_spring, later)| {
        let (month, day) = if in_spring { spring } else { autumn };
        let date = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        (zone, date + Days::new(later))
    })
}

/// A calendar with one to three editions, with mistakes such as overlaps in it, and the date at which to look.
pub(crate) fn calendar_and_date() -> impl Strategy<Value = (Calendar, NaiveDate)> {
    zone_and_date().prop_flat_map(|(time_zone, first)| {
        let editions = prop::collection::vec((edition(first), 1..12_u64), 1..4);
        editions.prop_map(move |editions| {
            let editions = in_order(editions, first);
            let calendar = Calendar::new(time_zone, editions);
            (calendar, first)
        })
    })
}

/// Editions that each begin so many days after the one before.
fn in_order(editions: Vec<(Edition, u64)>, first: NaiveDate) -> Vec<Edition> {
    let mut begins = first;
    let mut editions: Vec<_> = editions
        .into_iter()
        .map(|(mut edition, days)| {
            begins = begins + Days::new(days);
            edition.effective_from = Some(begins);
            edition
        })
        .collect();
    editions[0].effective_from = None;
    editions
}

fn edition(first: NaiveDate) -> impl Strategy<Value = Edition> {
    let date = (0..20_u64).prop_map(move |days| first + Days::new(days));
    let name = String::new;
    let holiday = date
        .clone()
        .prop_map(move |date| Holiday { date, name: name() });
    let extra = (date, times()).prop_map(move |(date, (from, to))| ExtraOpen {
        date,
        from,
        to,
        name: name(),
    });
    (
        prop::collection::vec(window(), 0..6),
        prop::collection::vec(holiday, 0..5),
        prop::collection::vec(extra, 0..4),
    )
        .prop_map(|(week, holidays, extra_open)| Edition {
            effective_from: None,
            week,
            holidays,
            extra_open,
        })
}

fn window() -> impl Strategy<Value = Window> {
    let days = prop::collection::vec(0..7_u8, 1..7)
        .prop_map(|days| days.into_iter().map(|day| Weekday::try_from(day).unwrap()));
    (days, times()).prop_map(|(days, (from, to))| Window {
        days: days.collect(),
        from,
        to,
    })
}

/// Times that sometimes fall into the hours in which clocks change, seldom in the wrong order.
fn times() -> impl Strategy<Value = (TimeOfDay, TimeOfDay)> {
    let time = || prop_oneof![0..=1440_u16, 0..=240_u16, (0..=48_u16).prop_map(|n| n * 30)];
    (time(), time(), 0..10).prop_map(|(one, other, chance)| {
        let (from, to) = (one.min(other), one.max(other));
        let (from, to) = if chance == 0 { (to, from) } else { (from, to) };
        let time = |minutes| TimeOfDay::from_minutes(minutes).unwrap();
        (time(from), time(to))
    })
}

/// An instant within this many minutes of a date's beginning (UTC).
pub(crate) fn instant(
    first: NaiveDate,
    minutes: std::ops::Range<i64>,
) -> impl Strategy<Value = Timestamp> {
    minutes.prop_map(move |minute| {
        first.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes(minute)
    })
}

proptest! {
    #[test]
    fn business_minutes_are_those_a_walk_through_every_minute_counts(
        (calendar, first, one, other) in calendar_and_date().prop_flat_map(|(calendar, first)| {
            let within = 1440..6 * 1440_i64;
            (Just(calendar), Just(first), instant(first, within.clone()), instant(first, within))
        }),
        seconds in 0..60_i64,
    ) {
        let (from, to) = (one.min(other), one.max(other));
        let minutes = minutes(&calendar, first, 7);
        let walked = minutes.iter().filter(|minute| minute.open && from <= minute.at && minute.at < to).count();
        prop_assert_eq!(calendar.minutes_between(from, to), i64::try_from(walked).unwrap());
        for minute in minutes.iter().filter(|minute| minute.at >= from).take(200) {
            prop_assert_eq!(calendar.is_open(minute.at), minute.open, "{}", minute.at);
            prop_assert_eq!(calendar.local_date(minute.at), minute.date);
        }
        // seconds only ever make a difference of the minute they are in
        let later = calendar.minutes_between(from, to + TimeDelta::seconds(seconds));
        prop_assert!((0..=1).contains(&(later - calendar.minutes_between(from, to))));
    }

    #[test]
    fn business_minutes_of_two_parts_are_those_of_the_whole(
        (calendar, mut instants) in calendar_and_date().prop_flat_map(|(calendar, first)| {
            (Just(calendar), prop::collection::vec(instant(first, -100_000..200_000), 3))
        }),
    ) {
        instants.sort();
        let minutes = |from: usize, to: usize| calendar.minutes_between(instants[from], instants[to]);
        prop_assert_eq!(minutes(0, 1) + minutes(1, 2), minutes(0, 2));
    }
}
