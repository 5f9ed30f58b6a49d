#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::{Calendar, TimeOfDay};
use crate::Timestamp;

const PACIFIC: &str = r#"
time_zone = "America/Los_Angeles"

[[edition]]
effective_from = "2026-01-01"
week = [
    { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "12:00" },
    { days = ["mon", "tue", "wed", "thu", "fri"], from = "13:00", to = "17:00" },
]
holidays = [
    { date = "2026-07-03", name = "Independence Day (observed)" },
    { date = "2026-12-24", name = "Christmas Eve" },
]
extra_open = [
    { date = "2026-01-17", from = "10:00", to = "14:00", name = "Backlog Saturday" },
    { date = "2026-12-24", from = "09:00", to = "11:00", name = "Short day" },
    { date = "2026-01-20", from = "12:00", to = "13:30", name = "Open over lunch" },
]

[[edition]]
effective_from = "2027-01-01"
week = [{ days = ["mon", "thu"], from = "08:00", to = "24:00" }]
holidays = [{ date = "2027-01-01", name = "New Year's Day" }]
"#;

fn calendar(text: &str) -> Calendar {
    toml::from_str(text).unwrap()
}

/// One window a day, every day of the week.
fn daily(zone: &str, from: &str, to: &str) -> Calendar {
    calendar(&format!(
        r#"
        time_zone = "{zone}"
        [[edition]]
        week = [{{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from = "{from}", to = "{to}" }}]
        "#
    ))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The open windows of a date as `begin/end` in UTC.
fn windows(calendar: &Calendar, day: &str) -> String {
    let time = |at: Timestamp| at.format("%dT%H:%M").to_string();
    let windows = calendar.open_windows(date(day)).into_iter();
    let windows = windows.map(|(opens, closes)| format!("{}/{}", time(opens), time(closes)));
    windows.collect::<Vec<_>>().join(" ")
}

/// A table with `|` between its columns and comments after `#`.
pub(crate) fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    table.lines().map(|line| {
        let (row, _) = line.split_once('#').unwrap_or((line, ""));
        let columns: Vec<_> = row.split('|').map(str::trim).collect();
        columns.try_into().unwrap()
    })
}

#[test]
fn a_calendar_reads_the_same_after_it_was_written() {
    let pacific = calendar(PACIFIC);
    assert_eq!(pacific.check(), []);
    assert_eq!(calendar(&toml::to_string(&pacific).unwrap()), pacific);
    let json = serde_json::to_string(&pacific).unwrap();
    assert_eq!(serde_json::from_str::<Calendar>(&json).unwrap(), pacific);
}

#[test]
fn what_a_calendar_does_not_know_is_refused_in_words() {
    for (text, message) in [
        (r#"time_zone = "Mars/Utopia""#, "not a time zone"),
        (
            "time_zone = \"UTC\"\nholydays = []",
            "unknown field `holydays`",
        ),
        (
            "time_zone = \"UTC\"\n[[edition]]\nweek = [{ days = [\"mon\"], from = \"9:00\", to = \"17:00\" }]",
            "written as hours and minutes",
        ),
    ] {
        let error = toml::from_str::<Calendar>(text).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_time_of_day_is_written_with_two_digits_and_ends_at_24_00() {
    for text in ["00:00", "09:05", "23:59", "24:00"] {
        assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
    }
    for text in [
        "", "9:00", "24:01", "12:60", "+1:00", "12:00:00", "noon", "99:99",
    ] {
        assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
    }
    assert!(TimeOfDay::from_minutes(1441).is_err());
}

#[test]
fn the_windows_of_a_date_are_those_of_its_weekday_exceptions_and_edition() {
    let pacific = calendar(PACIFIC);
    for [day, expected] in rows(
        "2026-01-16 | 16T17:00/16T20:00 16T21:00/17T01:00
         2026-01-17 | 17T18:00/17T22:00                     # a Saturday, extra open
         2026-01-18 |
         2026-01-20 | 20T17:00/21T01:00                     # the extra time closes the gap
         2026-07-03 |
         2026-12-24 | 24T17:00/24T19:00                     # a holiday, extra open
         2026-12-31 | 31T17:00/31T20:00 31T21:00/01T01:00
         2027-01-01 |                                       # the next edition: closed on Fridays
         2027-01-04 | 04T16:00/05T08:00
         2025-12-31 | 31T17:00/31T20:00 31T21:00/01T01:00   # before the first edition",
    ) {
        assert_eq!(windows(&pacific, day), expected, "{day}");
        let is_open = !expected.is_empty();
        assert_eq!(pacific.is_business_day(date(day)), is_open, "{day}");
    }
}

#[test]
fn a_window_holds_its_beginning_and_not_its_end() {
    let pacific = calendar(PACIFIC);
    for (instant, open) in [
        ("2026-01-16T16:59:59Z", false),
        ("2026-01-16T17:00:00Z", true),
        ("2026-01-16T19:59:59Z", true),
        ("2026-01-16T20:00:00Z", false),
        ("2027-01-05T07:59:59Z", true), // Monday 23:59:59, open until 24:00
        ("2027-01-05T08:00:00Z", false),
    ] {
        assert_eq!(pacific.is_open(at(instant)), open, "{instant}");
    }
}

#[test]
fn clocks_that_change_make_windows_shorter_or_longer() {
    for [zone, from, to, day, expected] in rows(
        "Europe/Berlin       | 01:00 | 04:00 | 2026-03-29 | 29T00:00/29T02:00  # skips 02:00 to 03:00
         Europe/Berlin       | 02:30 | 04:00 | 2026-03-29 | 29T01:00/29T02:00
         Europe/Berlin       | 01:00 | 02:30 | 2026-03-29 | 29T00:00/29T01:00
         Europe/Berlin       | 02:00 | 02:30 | 2026-03-29 |
         Europe/Berlin       | 00:00 | 24:00 | 2026-03-29 | 28T23:00/29T22:00
         Europe/Berlin       | 01:00 | 04:00 | 2026-10-25 | 24T23:00/25T03:00  # shows 02:00 to 03:00 twice
         Europe/Berlin       | 02:30 | 04:00 | 2026-10-25 | 25T00:30/25T03:00
         Europe/Berlin       | 01:00 | 02:30 | 2026-10-25 | 24T23:00/25T01:30
         Europe/Berlin       | 00:00 | 24:00 | 2026-10-25 | 24T22:00/25T23:00
         America/New_York    | 00:00 | 24:00 | 2026-03-08 | 08T05:00/09T04:00
         America/New_York    | 09:00 | 17:00 | 2026-03-08 | 08T13:00/08T21:00
         America/New_York    | 00:00 | 24:00 | 2026-11-01 | 01T04:00/02T05:00
         America/New_York    | 09:00 | 17:00 | 2026-11-01 | 01T14:00/01T22:00
         Asia/Kolkata        | 09:00 | 17:00 | 2026-03-29 | 29T03:30/29T11:30  # never changes
         Australia/Lord_Howe | 00:00 | 03:00 | 2026-10-04 | 03T13:30/03T16:00  # changes by half an hour
         Australia/Lord_Howe | 00:00 | 03:00 | 2026-04-05 | 04T13:00/04T16:30
         America/Havana      | 00:00 | 24:00 | 2026-11-01 | 01T04:00/02T05:00  # shows midnight twice
         America/Havana      | 20:00 | 24:00 | 2026-10-31 | 01T00:00/01T04:00
         America/Havana      | 00:00 | 24:00 | 2026-03-08 | 08T05:00/09T04:00  # skips midnight
         Pacific/Apia        | 00:00 | 24:00 | 2011-12-30 |                    # skipped the date
         Pacific/Apia        | 20:00 | 24:00 | 2011-12-29 | 30T06:00/30T10:00",
    ) {
        let calendar = daily(zone, from, to);
        assert_eq!(windows(&calendar, day), expected, "{zone} {from} {day}");
    }
}

#[test]
fn business_minutes_count_open_time_only() {
    let pacific = calendar(PACIFIC);
    for [from, to, minutes] in rows(
        "2026-01-16T17:00:00Z | 2026-01-17T01:00:00Z | 420  # Friday 09:00 to 17:00, lunch out
         2026-01-16T19:30:00Z | 2026-01-16T21:30:00Z | 60   # over lunch
         2026-01-17T00:00:00Z | 2026-01-19T18:00:00Z | 360  # over an extra Saturday
         2026-01-24T00:00:00Z | 2026-01-26T18:00:00Z | 120  # over a weekend
         2026-07-02T23:00:00Z | 2026-07-06T17:00:00Z | 120  # over a holiday and a weekend
         2026-12-31T20:00:00Z | 2027-01-04T17:00:00Z | 300  # over the change of editions
         2026-01-16T17:00:00Z | 2026-01-16T17:00:59Z | 0
         2026-01-16T17:00:30Z | 2026-01-16T17:02:29Z | 1
         2026-01-17T01:00:00Z | 2026-01-16T17:00:00Z | 0    # backwards",
    ) {
        let counted = pacific.minutes_between(at(from), at(to));
        assert_eq!(counted.to_string(), minutes, "{from} {to}");
    }
}

#[test]
fn the_local_date_is_the_one_of_the_zone() {
    let (kolkata, pacific) = (daily("Asia/Kolkata", "09:00", "17:00"), calendar(PACIFIC));
    assert_eq!(
        kolkata.local_date(at("2026-01-16T18:30:00Z")),
        date("2026-01-17")
    );
    assert_eq!(
        kolkata.local_date(at("2026-01-16T18:29:59Z")),
        date("2026-01-16")
    );
    assert_eq!(
        pacific.local_date(at("2026-01-16T07:59:59Z")),
        date("2026-01-15")
    );
    assert_eq!(
        pacific.local_date(Timestamp::MIN_UTC),
        Timestamp::MIN_UTC.date_naive()
    );
}

#[test]
fn a_calendar_without_editions_is_never_open() {
    let never = calendar("time_zone = \"UTC\"");
    assert_eq!(
        never.minutes_between(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")),
        0
    );
    assert!(!never.is_open(at("2026-01-01T00:00:00Z")));
}

#[test]
fn the_days_of_every_zone_follow_one_another_without_gap_or_overlap() {
    let mut calendar = daily("UTC", "00:00", "24:00");
    for zone in TZ_VARIANTS {
        calendar.time_zone = zone;
        let days = date("2026-01-01").iter_days().take(366);
        let windows: Vec<_> = days.flat_map(|day| calendar.open_windows(day)).collect();
        for pair in windows.windows(2) {
            assert_eq!(pair[0].1, pair[1].0, "{zone}");
        }
    }
}

#[test]
fn the_first_and_last_dates_of_time_do_not_panic() {
    for zone in [Tz::Pacific__Kiritimati, Tz::Etc__GMTPlus12] {
        let calendar = daily(zone.name(), "00:00", "24:00");
        for end in [Timestamp::MIN_UTC, Timestamp::MAX_UTC] {
            calendar.is_open(end);
            calendar.minutes_between(end, end + TimeDelta::zero());
        }
        calendar.open_windows(NaiveDate::MAX);
        calendar.open_windows(NaiveDate::MIN);
    }
}
