//! Formulas as tables.

#![expect(clippy::unwrap_used, reason = "tests")]

use uuid::Uuid;

use super::*;
use crate::id::Id;
use crate::promise::Clocks;

/// Two applications decided by a person in the first period, in time.
const DECIDED: Tally = Tally {
    bucket: 0,
    group: EVERYTHING,
    outcome: Status::Approved,
    manual: true,
    eligibility_automated: false,
    mode: Mode::Manual,
    within_promise: Some(true),
    minutes: None,
    again: false,
    count: 2,
};

const EVERYTHING: Group = Group {
    program: None,
    kind: None,
    mode: None,
    person: None,
};

pub(super) fn took(promise: i64, count: i64) -> Tally {
    let minutes = Some(Clocks {
        elapsed: promise * 2,
        promise,
        team: promise / 2,
    });
    Tally {
        minutes,
        count,
        ..DECIDED
    }
}

pub(super) fn of_person(person: u128) -> Group {
    Group {
        person: Some(Id::new(Uuid::from_u128(person))),
        ..EVERYTHING
    }
}

/// The value of an indicator in the only period there is.
pub(super) fn only(key: Key, tallies: &[Tally], late: i64) -> Value {
    let late = Late {
        bucket: 0,
        group: EVERYTHING,
        count: late,
    };
    let [value] = values(key, 1, tallies, &[late]).try_into().unwrap();
    value
}

#[test]
fn the_time_to_approve_is_the_median_on_the_promise_clock() {
    let declined = Tally {
        outcome: Status::Declined,
        ..took(9_000, 50)
    };
    let value = only(
        Key::TimeToApprove,
        &[took(100, 1), declined, took(10, 2), took(40, 1)],
        0,
    );
    assert_eq!(value.value, Some(25.0));
    let clocks = value.clocks.unwrap();
    assert_eq!(
        clocks.promise,
        Distribution {
            median: 25.0,
            p90: 100,
            sum: 160,
            count: 4
        }
    );
    assert_eq!((clocks.elapsed.median, clocks.team.median), (50.0, 12.5));
    assert_eq!((value.numerator, value.denominator), (None, None));
}

#[test]
fn the_automated_share_counts_decisions_without_a_manual_step_and_each_step_apart() {
    let automated = Tally {
        manual: false,
        eligibility_automated: true,
        mode: Mode::Automated,
        count: 5,
        ..DECIDED
    };
    let settled = Tally {
        eligibility_automated: true,
        outcome: Status::Declined,
        count: 3,
        ..DECIDED
    };
    let withdrawn = Tally {
        outcome: Status::Withdrawn,
        count: 90,
        ..automated
    };
    let value = only(
        Key::AutomatedShare,
        &[automated, settled, withdrawn, DECIDED],
        0,
    );
    assert_eq!(value.value, Some(0.5));
    assert_eq!((value.numerator, value.denominator), (Some(5), Some(10)));
    let steps: Vec<_> = value
        .steps
        .iter()
        .map(|step| (step.step, step.share, step.numerator, step.denominator))
        .collect();
    let expected = [
        (ProcessStep::Eligibility, 0.8, 8, 10),
        (ProcessStep::Decision, 0.5, 5, 10),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn applications_solved_counts_each_end_and_says_how_many_are_different_ones() {
    let ended = |outcome, count, again| Tally {
        outcome,
        again,
        count,
        ..DECIDED
    };
    let value = only(
        Key::ApplicationsSolved,
        &[
            ended(Status::Declined, 4, false),
            ended(Status::Approved, 1, true),
            ended(Status::Approved, 7, false),
            ended(Status::Expired, 2, false),
            // No end: not counted, whoever counted it.
            ended(Status::InReview, 9, false),
        ],
        0,
    );
    assert_eq!((value.value, value.unique), (Some(14.0), Some(13)));
    let outcomes: Vec<_> = value
        .outcomes
        .iter()
        .map(|outcome| (outcome.outcome, outcome.count))
        .collect();
    let expected = [
        (Status::Approved, 8),
        (Status::Declined, 4),
        (Status::Withdrawn, 0),
        (Status::Expired, 2),
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn open_applications_that_are_late_count_as_missed_promises() {
    let within = |within_promise, count| Tally {
        within_promise,
        count,
        ..DECIDED
    };
    let tallies = [
        within(Some(true), 6),
        within(Some(false), 1),
        within(None, 50),
    ];
    for (tallies, late, kept, all) in [
        (&tallies[..], 0, 6, 7),
        (&tallies[..], 1, 6, 8),
        (&tallies[..1], 0, 6, 6),
        (&tallies[1..], 0, 0, 1),
        (&[], 3, 0, 3),
    ] {
        let value = only(Key::WithinPromise, tallies, late);
        assert_eq!(
            (value.numerator, value.denominator),
            (Some(kept), Some(all))
        );
        assert_eq!(value.value, Some(float(kept.into()) / float(all.into())));
    }
}

#[test]
fn late_applications_are_no_matter_of_other_indicators() {
    for key in [
        Key::TimeToApprove,
        Key::AutomatedShare,
        Key::ApplicationsSolved,
    ] {
        assert_eq!(only(key, &[], 3), Value::default(), "{key:?}");
    }
}

#[test]
fn without_data_every_period_is_there_and_none_is_zero() {
    for key in Key::ALL {
        let in_second = Tally {
            bucket: 1,
            ..took(60, 1)
        };
        let values = values(key, 3, &[in_second], &[]);
        let buckets: Vec<_> = values.iter().map(|value| value.bucket).collect();
        assert_eq!(buckets, [0, 1, 2], "{key:?}");
        for value in [&values[0], &values[2]] {
            let bucket = value.bucket;
            let nothing = Value {
                bucket,
                ..Value::default()
            };
            assert_eq!(*value, nothing, "{key:?}");
        }
        assert!(values[1].value.is_some(), "{key:?}");
    }
}

#[test]
fn a_ratio_of_nothing_is_no_number() {
    let withdrawn = Tally {
        outcome: Status::Withdrawn,
        within_promise: None,
        ..DECIDED
    };
    for key in [Key::AutomatedShare, Key::WithinPromise] {
        assert_eq!(only(key, &[withdrawn], 0), Value::default(), "{key:?}");
    }
}

#[test]
fn groups_are_there_where_they_have_data_by_period_and_then_by_group() {
    let by = |bucket, group| Tally {
        bucket,
        group,
        ..DECIDED
    };
    let late = Late {
        bucket: 1,
        group: of_person(3),
        count: 1,
    };
    let tallies = [
        by(2, of_person(1)),
        by(0, of_person(2)),
        by(0, EVERYTHING),
        by(0, of_person(2)),
        by(0, of_person(1)),
    ];
    let values = values(Key::WithinPromise, 3, &tallies, &[late]);
    let found: Vec<_> = values
        .iter()
        .map(|value| (value.bucket, value.group, value.denominator))
        .collect();
    let expected = [
        (0, EVERYTHING, Some(2)),
        (0, of_person(1), Some(2)),
        (0, of_person(2), Some(4)),
        (1, of_person(3), Some(1)),
        (2, of_person(1), Some(2)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn counts_outside_the_periods_or_below_one_are_left_out() {
    let beyond = Tally {
        bucket: 1,
        ..DECIDED
    };
    let none = Tally {
        count: 0,
        ..DECIDED
    };
    let negative = Tally {
        count: -5,
        ..DECIDED
    };
    let tallies = [beyond, none, negative];
    assert_eq!(
        only(Key::ApplicationsSolved, &tallies, -1),
        Value::default()
    );
    assert_eq!(values(Key::ApplicationsSolved, 0, &tallies, &[]), []);
}
