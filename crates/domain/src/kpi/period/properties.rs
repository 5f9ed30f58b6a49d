//! What holds for all periods.

#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{Days, Months, Weekday};
use proptest::prelude::*;

use super::tests::ALL;
use super::*;

/// What a granularity says about the dates of a period, read from the definition.
fn is_whole(granularity: Granularity, period: &Period, fiscal_year_start: u32) -> bool {
    let starts_on = period.starts_on;
    let months = |months| starts_on.day() == 1 && starts_on + Months::new(months) == period.ends_on;
    let since_fiscal_year_start = (starts_on.month() + 12 - fiscal_year_start) % 12;
    match granularity {
        Granularity::Week => {
            starts_on.weekday() == Weekday::Mon && starts_on + Days::new(7) == period.ends_on
        }
        Granularity::Month => months(1),
        Granularity::Quarter => months(3) && since_fiscal_year_start.is_multiple_of(3),
        Granularity::FiscalYear => months(12) && since_fiscal_year_start == 0,
    }
}

proptest! {
    #[test]
    fn periods_follow_one_another_without_gap_and_overlap_and_cover_what_was_asked(
        granularity in prop::sample::select(ALL.to_vec()),
        zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
        fiscal_year_start in 1..=12_u32,
        // 1975 to 2056: since then zones are whole minutes from UTC, and clocks have changed in many ways.
        (first, days) in (721_000..751_000_i32, 0..800_u64),
    ) {
        let first = NaiveDate::from_num_days_from_ce_opt(first).unwrap();
        let last = first + Days::new(days);
        let periods = periods(granularity, first, last, fiscal_year_start, zone).unwrap();
        let holds = |period: &Period, date| (period.starts_on..period.ends_on).contains(&date);
        prop_assert!(holds(&periods[0], first));
        prop_assert!(holds(&periods[periods.len() - 1], last));
        for pair in periods.windows(2) {
            prop_assert_eq!(pair[0].ends_on, pair[1].starts_on);
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert_ne!(&pair[0].label, &pair[1].label);
        }
        for period in &periods {
            prop_assert!(period.from < period.to);
            prop_assert!(is_whole(granularity, period, fiscal_year_start), "{:?}", period);
        }
    }

    #[test]
    fn every_instant_of_a_period_has_a_local_date_in_it(
        zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
        granularity in prop::sample::select(ALL.to_vec()),
        // 2012 to 2056: until 2011 Newfoundland put its clocks back a minute after midnight, so that one
        // date began twice.
        on in 734_600..751_000_i32,
        part in 0..1000_i32,
    ) {
        let on = NaiveDate::from_num_days_from_ce_opt(on).unwrap();
        let period = &periods(granularity, on, on, 2, zone).unwrap()[0];
        let within = period.from + (period.to - period.from) / 1000 * part;
        for at in [period.from, within, period.to - TimeDelta::seconds(1)] {
            let local = at.with_timezone(&zone).date_naive();
            prop_assert!((period.starts_on..period.ends_on).contains(&local), "{} {:?}", at, period);
        }
        let before = period.from - TimeDelta::seconds(1);
        prop_assert!(before.with_timezone(&zone).date_naive() < period.starts_on);
        prop_assert!(period.to.with_timezone(&zone).date_naive() >= period.ends_on);
    }
}
