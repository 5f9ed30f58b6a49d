//! Percentiles counted by hand, and formulas against an oracle that writes every application out.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::tests::{of_person, only, took};
use super::*;

#[test]
fn huge_counts_saturate_and_do_not_wrap() {
    let huge = [
        took(i64::MAX / 2, i64::MAX),
        took(1, i64::MAX),
        took(1, i64::MAX),
    ];
    let value = only(Key::WithinPromise, &huge, i64::MAX);
    assert_eq!(
        (value.numerator, value.denominator),
        (Some(i64::MAX), Some(i64::MAX))
    );
    let clocks = only(Key::TimeToApprove, &huge, 0).clocks.unwrap();
    assert_eq!(
        (clocks.promise.median, clocks.promise.count),
        (1.0, i64::MAX)
    );
    assert_eq!(clocks.promise.p90, i64::MAX / 2);
    assert!(clocks.promise.mean() > 1e18);
}

#[test]
fn percentiles_of_few_values_are_those_one_counts_by_hand() {
    for (groups, median, p90) in [
        (vec![(7, 1)], 7.0, 7),
        (vec![(7, 1), (8, 1)], 7.5, 8),
        (vec![(9, 1), (7, 2)], 7.0, 9),
        (vec![(1, 9), (100, 1)], 1.0, 1),
        (vec![(1, 8), (100, 2)], 1.0, 100),
        (vec![(1, 10), (100, 1)], 1.0, 1),
        (vec![(5, 3), (5, 3)], 5.0, 5),
    ] {
        let distribution = Distribution::of(groups.clone()).unwrap();
        assert_eq!(
            (distribution.median, distribution.p90),
            (median, p90),
            "{groups:?}"
        );
    }
    assert_eq!(Distribution::of(Vec::new()), None);
}

/// The same, from every application written out and sorted.
fn oracle(groups: &[(i64, i64)]) -> Distribution {
    let mut all = Vec::new();
    for (minutes, count) in groups {
        for _ in 0..*count {
            all.push(*minutes);
        }
    }
    all.sort_unstable();
    let nine_of_ten = |value: &i64| {
        let reached = all.iter().filter(|other| *other <= value).count();
        reached * 10 >= all.len() * 9
    };
    let middle = all.len() / 2;
    let median = if all.len().is_multiple_of(2) {
        float((all[middle - 1] + all[middle]).into()) / 2.0
    } else {
        float(all[middle].into())
    };
    let sum: i64 = all.iter().sum();
    let count = i64::try_from(all.len()).unwrap();
    Distribution {
        median,
        p90: all.iter().copied().find(nine_of_ten).unwrap(),
        sum: sum.into(),
        count,
    }
}

proptest! {
    #[test]
    fn distributions_of_groups_are_those_of_every_application_written_out(
        groups in prop::collection::vec((0..6_000_i64, 1..40_i64), 1..30),
    ) {
        prop_assert_eq!(Distribution::of(groups.clone()), Some(oracle(&groups)));
        let tallies: Vec<_> = groups.iter().map(|(minutes, count)| took(*minutes, *count)).collect();
        let doubled: Vec<_> = groups.iter().map(|(minutes, count)| (minutes * 2, *count)).collect();
        let clocks = only(Key::TimeToApprove, &tallies, 0).clocks.unwrap();
        prop_assert_eq!((clocks.promise, clocks.elapsed), (oracle(&groups), oracle(&doubled)));
    }

    #[test]
    fn how_counts_are_split_into_tallies_changes_no_value(
        tallies in prop::collection::vec(
            (0..3_usize, 0..3_u128, any::<bool>(), 0..500_i64, 1..5_i64).prop_map(
                |(bucket, person, manual, minutes, count)| Tally {
                    bucket,
                    group: of_person(person),
                    manual,
                    ..took(minutes, count)
                },
            ),
            0..20,
        ),
    ) {
        let one_by_one: Vec<_> = tallies
            .iter()
            .rev()
            .flat_map(|tally| (0..tally.count).map(|_| Tally { count: 1, ..*tally }))
            .collect();
        for key in Key::ALL {
            prop_assert_eq!(values(key, 3, &tallies, &[]), values(key, 3, &one_by_one, &[]));
        }
    }
}
