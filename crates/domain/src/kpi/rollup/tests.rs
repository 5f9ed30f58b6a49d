//! Counted once is counted right.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::application::Status;
use crate::change::Mode;
use crate::kpi::formula::{Late, values_over};
use crate::promise::Clocks;

const PERIODS: usize = 5;

fn tally() -> impl Strategy<Value = Tally> {
    let outcome = prop::sample::select(vec![
        Status::Approved,
        Status::Declined,
        Status::Withdrawn,
        Status::Expired,
    ]);
    let mode = prop::sample::select(vec![Mode::Manual, Mode::Automated, Mode::Integration]);
    let told = (any::<bool>(), any::<bool>(), any::<bool>());
    let minutes = (0..100_000_i64, 0..50_000_i64, 0..50_000_i64);
    let rest = (0..PERIODS, any::<Option<bool>>(), 1..9_i64);
    (outcome, mode, told, minutes, rest).prop_map(|(outcome, mode, told, minutes, rest)| Tally {
        bucket: rest.0,
        group: Group::default(),
        outcome,
        manual: told.0,
        eligibility_automated: told.1,
        mode,
        within_promise: rest.1,
        minutes: Some(Clocks {
            elapsed: minutes.0,
            promise: minutes.1,
            team: minutes.2,
        }),
        again: told.2,
        count: rest.2,
    })
}

proptest! {
    #[test]
    fn values_over_rollups_are_those_counted_directly(
        tallies in prop::collection::vec(tally(), 0..40),
        rolled_up in prop::collection::vec(any::<bool>(), PERIODS),
        late in prop::collection::vec((0..PERIODS, 1..9_i64), 0..4),
    ) {
        let late: Vec<_> = late
            .into_iter()
            .map(|(bucket, count)| Late { bucket, group: Group::default(), count })
            .collect();
        for key in Key::ALL {
            let kept = Rollup::of(key, PERIODS, &tallies);
            // As they come back from the database.
            let kept: BTreeMap<_, _> = (0..)
                .zip(&kept)
                .filter(|(place, _)| rolled_up[*place])
                .map(|(place, it)| {
                    let text = serde_json::to_string(it).unwrap();
                    (place, serde_json::from_str(&text).unwrap())
                })
                .collect();
            let directly = values(key, PERIODS, &tallies, &late);
            prop_assert_eq!(&values_over(key, PERIODS, &tallies, &late, &kept), &directly);
            let open: Vec<_> = tallies
                .iter()
                .filter(|it| !rolled_up[it.bucket])
                .copied()
                .collect();
            prop_assert_eq!(&values_over(key, PERIODS, &open, &late, &kept), &directly);
        }
    }

    #[test]
    fn closed_periods_are_over_follow_one_another_and_can_be_asked_for(
        from in 946_684_800_i64..1_893_456_000,
        days in 0..3_000_i64,
        fiscal_year_start in 1..=12_u32,
        zone in prop::sample::select(vec![Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York, Tz::Pacific__Apia]),
    ) {
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let now = from + TimeDelta::days(days);
        let until = closed_by(now, zone);
        prop_assert!(until <= now && now - until <= TimeDelta::hours(48));
        for run in closed(from, until, fiscal_year_start, zone) {
            prop_assert!(run.len() <= LIMIT);
            prop_assert!(run.iter().all(|it| it.to <= until && it.to > from));
            for (one, next) in run.iter().zip(&run[1..]) {
                prop_assert_eq!(one.to, next.from);
            }
        }
    }
}

#[test]
fn a_period_closes_with_its_last_day_where_the_program_is() {
    let zone = Tz::Europe__Berlin;
    let at = |day, hour| {
        zone.with_ymd_and_hms(2026, 11, day, hour, 0, 0)
            .unwrap()
            .to_utc()
    };
    let labels = |now| -> Vec<String> {
        let runs = closed(at(1, 9), closed_by(now, zone), 1, zone);
        runs.into_iter().flatten().map(|it| it.label).collect()
    };
    // It began on a Sunday: the week before ends that night.
    assert_eq!(labels(at(1, 23)), Vec::<String>::new());
    assert_eq!(labels(at(2, 0)), ["2026-W44"]);
    assert_eq!(labels(at(15, 23)), ["2026-W44", "2026-W45"]);
    assert_eq!(
        labels(at(30, 1)),
        ["2026-W44", "2026-W45", "2026-W46", "2026-W47", "2026-W48"]
    );
    let december = at(30, 1) + TimeDelta::days(1);
    assert!(labels(december).contains(&"2026-11".to_owned()));
}
