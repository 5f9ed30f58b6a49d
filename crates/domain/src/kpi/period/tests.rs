//! Periods as tables.

#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{Days, NaiveDate};

use super::*;

pub(super) const ALL: [Granularity; 4] = [
    Granularity::Week,
    Granularity::Month,
    Granularity::Quarter,
    Granularity::FiscalYear,
];

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The only period that holds a date.
fn period(granularity: Granularity, on: &str, fiscal_year_start: u32, zone: Tz) -> Period {
    let periods = periods(granularity, date(on), date(on), fiscal_year_start, zone).unwrap();
    let [period] = periods.try_into().unwrap();
    period
}

#[test]
fn a_period_is_called_by_its_year_and_its_number() {
    for row in [
        // granularity, month of the fiscal year's start, date, label, first date, first date after
        "WEEK 1 2026-11-22 2026-W47 2026-11-16 2026-11-23",
        "WEEK 1 2026-11-23 2026-W48 2026-11-23 2026-11-30",
        // ISO 8601: a week belongs to the year that holds its Thursday.
        "WEEK 1 2027-01-03 2026-W53 2026-12-28 2027-01-04",
        "WEEK 1 2024-12-30 2025-W01 2024-12-30 2025-01-06",
        "MONTH 1 2026-11-30 2026-11 2026-11-01 2026-12-01",
        "MONTH 2 2026-12-31 2026-12 2026-12-01 2027-01-01",
        "MONTH 12 2024-02-29 2024-02 2024-02-01 2024-03-01",
        "QUARTER 1 2026-11-23 FY2026-Q4 2026-10-01 2027-01-01",
        "QUARTER 2 2026-01-31 FY2026-Q4 2025-11-01 2026-02-01",
        "QUARTER 2 2026-02-01 FY2027-Q1 2026-02-01 2026-05-01",
        "QUARTER 2 2026-05-01 FY2027-Q2 2026-05-01 2026-08-01",
        "QUARTER 2 2026-12-01 FY2027-Q4 2026-11-01 2027-02-01",
        "QUARTER 12 2026-11-30 FY2026-Q4 2026-09-01 2026-12-01",
        "QUARTER 12 2026-12-01 FY2027-Q1 2026-12-01 2027-03-01",
        "FISCAL_YEAR 1 2026-11-23 FY2026 2026-01-01 2027-01-01",
        "FISCAL_YEAR 2 2026-01-31 FY2026 2025-02-01 2026-02-01",
        "FISCAL_YEAR 2 2026-02-01 FY2027 2026-02-01 2027-02-01",
        "FISCAL_YEAR 12 2026-12-01 FY2027 2026-12-01 2027-12-01",
    ] {
        let cells: Vec<_> = row.split(' ').collect();
        let granularity = serde_json::from_value(cells[0].into()).unwrap();
        let period = period(granularity, cells[2], cells[1].parse().unwrap(), Tz::UTC);
        assert_eq!(period.label, cells[3], "{row}");
        assert_eq!(period.starts_on, date(cells[4]), "{row}");
        assert_eq!(period.ends_on, date(cells[5]), "{row}");
    }
}

#[test]
fn a_period_begins_at_the_first_instant_of_its_first_date() {
    for (zone, on, from) in [
        (Tz::UTC, "2026-11-01", "2026-11-01T00:00:00Z"),
        (Tz::Europe__Berlin, "2026-11-01", "2026-10-31T23:00:00Z"),
        (Tz::Asia__Kathmandu, "2026-11-01", "2026-10-31T18:15:00Z"),
        // Clocks are put back from 01:00 to 00:00: midnight is shown twice.
        (Tz::America__Havana, "2026-11-01", "2026-11-01T04:00:00Z"),
        // Clocks are put forward from 00:00 to 01:00: midnight is skipped.
        (Tz::Asia__Beirut, "2020-03-29", "2020-03-28T22:00:00Z"),
        (Tz::America__Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z"),
        // The whole date is skipped.
        (Tz::Pacific__Apia, "2011-12-30", "2011-12-30T10:00:00Z"),
        (Tz::Pacific__Apia, "2011-12-31", "2011-12-30T10:00:00Z"),
    ] {
        let begins = begin(date(on), zone).unwrap();
        assert_eq!(begins, from.parse::<Timestamp>().unwrap(), "{zone} {on}");
    }
}

#[test]
fn a_month_in_which_clocks_change_is_an_hour_shorter_or_longer() {
    let hours = |on| {
        let period = period(Granularity::Month, on, 1, Tz::Europe__Berlin);
        (period.to - period.from).num_hours()
    };
    assert_eq!(hours("2026-03-01"), 31 * 24 - 1);
    assert_eq!(hours("2026-10-01"), 31 * 24 + 1);
    assert_eq!(hours("2026-12-01"), 31 * 24);
}

#[test]
fn a_range_that_cannot_be_answered_says_why() {
    let ask = |granularity, first, last, fiscal_year_start| {
        periods(
            granularity,
            first,
            last,
            fiscal_year_start,
            Tz::Pacific__Apia,
        )
        .map(|periods| periods.len())
    };
    let (first, last) = (date("2017-01-31"), date("2026-12-01"));
    let month = Granularity::Month;
    assert_eq!(ask(month, first, last, 1), Ok(LIMIT));
    let limit = LIMIT;
    assert_eq!(
        ask(month, first, date("2027-01-01"), 1),
        Err(InvalidRange::TooMany { asked: 121, limit })
    );
    assert_eq!(ask(month, last, first, 1), Err(InvalidRange::Reversed));
    for fiscal_year_start in [0, 13, u32::MAX] {
        let asked = ask(Granularity::Quarter, last, last, fiscal_year_start);
        assert_eq!(asked, Err(InvalidRange::NoSuchDate));
    }
}

#[test]
fn the_ends_of_the_calendar_are_refused_without_a_panic() {
    for granularity in ALL {
        for zone in [Tz::Pacific__Apia, Tz::America__New_York, Tz::UTC] {
            let ask = |first, last| periods(granularity, first, last, 2, zone);
            let (min, max) = (NaiveDate::MIN, NaiveDate::MAX);
            assert!(matches!(ask(min, max), Err(InvalidRange::TooMany { .. })));
            assert_eq!(ask(max, max), Err(InvalidRange::NoSuchDate));
            for days in 0..800 {
                let _ = ask(min + Days::new(days), min + Days::new(days));
                let _ = ask(max - Days::new(days), max - Days::new(days));
            }
        }
    }
}

#[test]
fn a_granularity_is_written_in_capitals() {
    let written = ALL.map(|granularity| serde_json::to_string(&granularity).unwrap());
    let expected = ["\"WEEK\"", "\"MONTH\"", "\"QUARTER\"", "\"FISCAL_YEAR\""];
    assert_eq!(written, expected);
}
