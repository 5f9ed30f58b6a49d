//! Promises and clocks against the published rule read minute by minute, and what holds for all of them.

#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::{Pause, Running, Step, clocks, pauses};
use crate::{
    Timestamp,
    calendar::{Calendar, oracle},
};

/// A calendar, the date at which its table of minutes begins, an arrival soon after, and pauses up to two days long.
fn promise() -> impl Strategy<Value = (Calendar, NaiveDate, Timestamp, Vec<Pause>)> {
    oracle::calendar_and_date().prop_flat_map(|(calendar, first)| {
        let pause =
            (oracle::instant(first, 1440..12_000), 0..2880_i64).prop_map(|(from, minutes)| {
                let to = Some(from + TimeDelta::minutes(minutes));
                Pause { from, to }
            });
        (
            Just(calendar),
            Just(first),
            oracle::instant(first, 1440..4320),
            prop::collection::vec(pause, 0..4),
        )
    })
}

/// The published rule, minute by minute; none if the promise is not due within the minutes.
fn walk(
    minutes: &[oracle::Minute],
    start: Timestamp,
    days: u32,
    pauses: &[Pause],
) -> Option<Timestamp> {
    let closings = minutes
        .chunk_by(|one, next| one.date == next.date)
        .filter_map(|day| day.iter().rfind(|minute| minute.open))
        .map(|last| last.at + TimeDelta::minutes(1));
    let mut coming = closings.filter(|closing| start < *closing);
    let unpaused = coming.nth(usize::try_from(days).unwrap())?;
    let open = || {
        minutes
            .iter()
            .filter(|minute| minute.open && start <= minute.at)
    };
    let amount = open().filter(|minute| minute.at < unpaused).count();
    let stands = |at: Timestamp| {
        pauses
            .iter()
            .any(|pause| pause.from <= at && at < pause.to.unwrap())
    };
    let last = open().filter(|minute| !stands(minute.at)).nth(amount - 1)?;
    Some(last.at + TimeDelta::minutes(1))
}

fn histories() -> impl Strategy<Value = (Calendar, Vec<Step>)> {
    let running = prop::sample::select(vec![
        Running::Team,
        Running::Applicant,
        Running::Hold,
        Running::Stopped,
    ]);
    oracle::calendar_and_date().prop_flat_map(move |(calendar, first)| {
        let step = (oracle::instant(first, 1440..20_000), running.clone())
            .prop_map(|(at, running)| Step { at, running });
        let submitted = oracle::instant(first, 0..1440).prop_map(|at| Step {
            at,
            running: Running::Team,
        });
        let steps =
            (submitted, prop::collection::vec(step, 0..8)).prop_map(|(submitted, mut steps)| {
                steps.push(submitted);
                steps.sort_by_key(|step| step.at);
                steps
            });
        (Just(calendar), steps)
    })
}

proptest! {
    #[test]
    fn due_times_are_those_a_walk_through_every_minute_finds(
        (calendar, first, start, pauses) in promise(),
        days in 0..5_u32,
    ) {
        let minutes = oracle::minutes(&calendar, first, 12);
        let end = minutes.last().unwrap().at;
        let due = calendar.due(start, days, &pauses);
        match walk(&minutes, start, days, &pauses) {
            Some(walked) => prop_assert_eq!(due, Some(walked)),
            None => prop_assert!(due.is_none_or(|due| due > end)),
        }
    }

    #[test]
    fn adding_a_pause_never_makes_a_promise_due_earlier(
        (calendar, _, start, mut pauses) in promise(),
        days in 0..6_u32,
    ) {
        let with = calendar.due(start, days, &pauses);
        pauses.pop();
        let without = calendar.due(start, days, &pauses);
        prop_assert!(with.is_none_or(|with| without.is_some_and(|without| without <= with)));
    }

    #[test]
    fn what_arrives_later_is_never_due_earlier(
        (calendar, _, start, pauses) in promise(),
        later in 0..5000_i64,
        days in 0..6_u32,
    ) {
        let late_start = start + TimeDelta::minutes(later);
        // A pause can only begin after the application has arrived.
        let pauses: Vec<_> = pauses.into_iter().filter(|pause| late_start <= pause.from).collect();
        if let Some(late) = calendar.due(late_start, days, &pauses) {
            prop_assert!(calendar.due(start, days, &pauses).is_some_and(|due| due <= late));
        }
    }

    #[test]
    fn the_promise_clock_reaches_the_promised_time_when_the_promise_is_due(
        (calendar, steps) in histories(),
        days in 0..6_u32,
    ) {
        let start = steps[0].at;
        let promised = calendar.due(start, days, &[]);
        let due = calendar.due(start, days, &pauses(&steps));
        let decided = steps.iter().rev().take_while(|step| step.running == Running::Stopped).last();
        // After a decision the promise clock stands, and the due time is the one it would have reached.
        if let (Some(promised), Some(due)) = (promised, due)
            && decided.is_none_or(|decided| due <= decided.at)
        {
            let amount = calendar.minutes_between(start, promised);
            prop_assert_eq!(clocks(&calendar, &steps, due).promise, amount);
            let earlier = clocks(&calendar, &steps, due - TimeDelta::minutes(1));
            prop_assert_eq!(earlier.promise, amount - 1);
        }
    }

    #[test]
    fn clocks_are_ordered_and_count_all_open_time_between_submission_and_decision(
        (calendar, mut steps) in histories(),
    ) {
        steps.retain(|step| step.running != Running::Stopped);
        let until = steps[steps.len() - 1].at;
        let clocks = clocks(&calendar, &steps, until);
        prop_assert_eq!(clocks.elapsed, calendar.minutes_between(steps[0].at, until));
        prop_assert!(0 <= clocks.team && clocks.team <= clocks.promise && clocks.promise <= clocks.elapsed);
        let paused: i64 = pauses(&steps)
            .iter()
            .map(|pause| calendar.minutes_between(pause.from, pause.to.unwrap_or(until)))
            .sum();
        prop_assert_eq!(clocks.elapsed - clocks.promise, paused);
    }
}
