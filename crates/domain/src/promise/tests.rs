#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::TimeDelta;

use super::{Pause, Running, Step, clocks, pauses};
use crate::{
    Timestamp,
    calendar::{Calendar, tests::rows},
};

/// Business hours with a lunch break in New York, with a holiday, an extra Saturday, and Fridays until noon from April on.
const NEW_YORK: &str = r#"
time_zone = "America/New_York"
[[edition]]
week = [
    { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "12:00" },
    { days = ["mon", "tue", "wed", "thu", "fri"], from = "13:00", to = "17:00" },
]
holidays = [{ date = "2026-01-19", name = "Martin Luther King Jr. Day" }]
extra_open = [{ date = "2026-01-31", from = "10:00", to = "14:00", name = "Backlog Saturday" }]
[[edition]]
effective_from = "2026-04-01"
week = [
    { days = ["mon", "tue", "wed", "thu"], from = "09:00", to = "17:00" },
    { days = ["fri"], from = "09:00", to = "12:00" },
]
"#;

const ALWAYS: &str = r#"
time_zone = "UTC"
[[edition]]
week = [{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from = "00:00", to = "24:00" }]
"#;

fn calendar(text: &str) -> Calendar {
    toml::from_str(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A pause in New York winter time, e.g. `"13T10:00"` for 13 January 2026; `""` has no end yet.
fn pause(from: &str, to: &str) -> Pause {
    let january = |text: &str| at(&format!("2026-01-{text}:00-05:00"));
    Pause {
        from: january(from),
        to: (!to.is_empty()).then(|| january(to)),
    }
}

/// A history in January 2026, e.g. `"05T09:00 T, 05T10:00 A"`: who is waited for by the first letter.
fn history(text: &str) -> Vec<Step> {
    let step = |(at, running): (&str, &str)| Step {
        at: format!("2026-01-{at}:00Z").parse().unwrap(),
        running: match running {
            "T" => Running::Team,
            "A" => Running::Applicant,
            "H" => Running::Hold,
            "S" => Running::Stopped,
            other => panic!("{other}"),
        },
    };
    let steps = text.split(", ").filter_map(|text| text.split_once(' '));
    steps.map(step).collect()
}

/// Elapsed, promise and team minutes of a history, round the clock.
fn count(text: &str, until: &str) -> [i64; 3] {
    let until = at(&format!("2026-01-{until}:00Z"));
    let clocks = clocks(&calendar(ALWAYS), &history(text), until);
    [clocks.elapsed, clocks.promise, clocks.team]
}

#[test]
fn a_promise_is_due_when_the_last_of_its_business_days_closes() {
    let new_york = calendar(NEW_YORK);
    for [start, days, due] in rows(
        "2026-01-05T10:00:00-05:00 | 5 | 2026-01-12T17:00:00-05:00  # in a window
         2026-01-05T07:00:00-05:00 | 5 | 2026-01-12T17:00:00-05:00  # before opening
         2026-01-05T12:30:00-05:00 | 5 | 2026-01-12T17:00:00-05:00  # at lunch
         2026-01-05T16:59:59-05:00 | 5 | 2026-01-12T17:00:00-05:00
         2026-01-05T17:00:00-05:00 | 5 | 2026-01-13T17:00:00-05:00  # after closing
         2026-01-10T10:00:00-05:00 | 5 | 2026-01-20T17:00:00-05:00  # Saturday, and a holiday on the way
         2026-01-19T10:00:00-05:00 | 1 | 2026-01-21T17:00:00-05:00  # on a holiday
         2026-01-30T10:00:00-05:00 | 1 | 2026-01-31T14:00:00-05:00  # the extra Saturday is a business day
         2026-01-31T10:00:00-05:00 | 1 | 2026-02-02T17:00:00-05:00
         2026-03-06T10:00:00-05:00 | 1 | 2026-03-09T17:00:00-04:00  # clocks change on the weekend
         2026-10-30T10:00:00-04:00 | 1 | 2026-11-02T17:00:00-05:00
         2026-03-27T10:00:00-04:00 | 5 | 2026-04-03T12:00:00-04:00  # the new edition closes at noon
         2026-04-03T11:59:00-04:00 | 0 | 2026-04-03T12:00:00-04:00
         2026-04-03T12:00:00-04:00 | 0 | 2026-04-06T17:00:00-04:00",
    ) {
        let promised = new_york.due(at(start), days.parse().unwrap(), &[]);
        assert_eq!(promised, Some(at(due)), "{days} days from {start}");
    }
}

#[test]
fn a_pause_moves_the_due_time_by_the_business_time_in_it() {
    let new_york = calendar(NEW_YORK);
    let start = at("2026-01-05T10:00:00-05:00");
    for [pauses, due] in rows(
        "06T10:00/06T11:30                   | 13T10:30
         06T11:00/06T14:00                   | 13T11:00  # lunch does not count
         09T17:00/12T09:00                   | 12T17:00  # nor a weekend
         07T09:00/08T09:00                   | 13T17:00  # a day for a day
         06T10:00/06T11:00 06T10:30/06T11:30 | 13T10:30  # overlapping
         06T10:00/06T11:30 06T10:30/06T11:00 | 13T10:30  # one in the other
         08T09:00/08T10:00 06T10:00/06T10:30 | 13T10:30  # in no order
         12T09:00/13T09:00 13T10:00/13T10:15 | 14T09:15  # the second after the first due time
         02T09:00/05T09:30                   | 12T17:00  # before the start
         12T17:00/13T10:00                   | 12T17:00  # after the due time
         07T10:00/06T10:00                   | 12T17:00  # ends before it begins",
    ) {
        let split = |text: &str| text.split_once('/').map(|(from, to)| pause(from, to));
        let paused: Vec<_> = pauses.split(' ').filter_map(split).collect();
        let due = at(&format!("2026-01-{due}:00-05:00"));
        assert_eq!(new_york.due(start, 5, &paused), Some(due), "{pauses}");
    }
}

#[test]
fn while_a_pause_lasts_the_due_time_is_unknown_unless_it_has_passed() {
    let new_york = calendar(NEW_YORK);
    let start = at("2026-01-05T10:00:00-05:00");
    assert_eq!(new_york.due(start, 5, &[pause("12T16:59", "")]), None);
    let due = Some(at("2026-01-12T17:00:00-05:00"));
    assert_eq!(new_york.due(start, 5, &[pause("12T17:00", "")]), due);
}

#[test]
fn a_promise_that_cannot_end_has_no_due_time() {
    let never = calendar("time_zone = \"UTC\"");
    let once = calendar(
        r#"
        time_zone = "UTC"
        [[edition]]
        extra_open = [{ date = "2026-01-05", from = "09:00", to = "17:00", name = "The only day" }]
        "#,
    );
    let start = at("2026-01-05T10:00:00Z");
    assert_eq!(never.due(start, 5, &[]), None);
    assert_eq!(once.due(start, 0, &[]), Some(at("2026-01-05T17:00:00Z")));
    assert_eq!(once.due(start, 1, &[]), None);
    assert_eq!(once.due(start, 0, &[pause("05T06:00", "05T07:00")]), None);
    assert_eq!(calendar(NEW_YORK).due(start, u32::MAX, &[]), None);
    assert_eq!(calendar(ALWAYS).due(Timestamp::MAX_UTC, 5, &[]), None);
}

#[test]
fn business_days_left_are_counted_to_the_due_day_and_beyond() {
    let new_york = calendar(NEW_YORK);
    for [now, due, left] in rows(
        "05T10:00 | 12T17:00 | 5
         09T10:00 | 12T17:00 | 1
         09T18:00 | 12T17:00 | 1
         10T10:00 | 12T17:00 | 1   # Saturday
         12T00:00 | 12T17:00 | 0
         12T17:00 | 12T17:00 | 0
         12T17:01 | 12T17:00 | -1
         13T10:00 | 12T17:00 | -1
         14T10:00 | 12T17:00 | -2
         19T10:00 | 12T17:00 | -4  # a holiday
         10T10:00 | 09T17:00 | -1
         09T14:00 | 09T13:30 | -1  # due before closing, after a pause",
    ) {
        let january = |text: &str| at(&format!("2026-01-{text}:00-05:00"));
        let counted = new_york.business_days_left(january(now), january(due));
        assert_eq!(counted.to_string(), left, "{now} {due}");
    }
}

#[test]
fn a_promise_due_at_24_00_is_due_on_the_day_that_ends_then() {
    let always = calendar(ALWAYS);
    let due = always.due(at("2026-01-05T10:00:00Z"), 1, &[]).unwrap();
    assert_eq!(due, at("2026-01-07T00:00:00Z"));
    assert_eq!(
        always.business_days_left(at("2026-01-05T10:00:00Z"), due),
        1
    );
    assert_eq!(
        always.business_days_left(at("2026-01-06T10:00:00Z"), due),
        0
    );
    assert_eq!(
        always.business_days_left(at("2026-01-07T00:00:01Z"), due),
        -1
    );
}

/// The worked example of `community-programs.md §4.1` with the numbers its events add up to.
#[test]
fn the_published_example_adds_up() {
    // new, the first reply, the member writes, pending, open, on hold, open, solved
    let example = "05T09:00 T, 05T14:00 T, 05T15:30 T, 05T16:00 A, 06T10:00 T, 06T11:00 H, 07T14:00 T, 07T14:30 S";
    let always = calendar(ALWAYS);
    let steps = history(example);
    let minutes: Vec<_> = steps
        .windows(2)
        .map(|pair| always.minutes_between(pair[0].at, pair[1].at))
        .collect();
    let (new, open) = (
        minutes[0],
        minutes[1] + minutes[2] + minutes[4] + minutes[6],
    );
    let (pending, on_hold) = (minutes[3], minutes[5]);
    assert_eq!(
        [new, open, pending, on_hold],
        [5 * 60, 3 * 60 + 30, 18 * 60, 27 * 60]
    );

    let (total, requester_wait, agent_work) = (53 * 60 + 30, 35 * 60 + 30, 8 * 60 + 30);
    assert_eq!(
        count(example, "31T00:00"),
        [total, requester_wait, agent_work]
    );
}

#[test]
fn clocks_run_as_the_state_says_and_stand_at_the_time_asked_for() {
    let submitted_at_nine =
        "05T08:00 S, 05T09:00 T, 05T10:00 A, 05T11:00 H, 05T12:00 T, 05T13:00 S";
    for [until, elapsed, promise, team] in rows(
        "05T08:30 | 0   | 0   | 0
         05T09:30 | 30  | 30  | 30
         05T10:30 | 90  | 60  | 60
         05T11:30 | 150 | 90  | 60
         05T12:30 | 210 | 150 | 90
         06T12:30 | 240 | 180 | 120",
    ) {
        let counted = count(submitted_at_nine, until).map(|minutes| minutes.to_string());
        assert_eq!(counted, [elapsed, promise, team], "{until}");
    }
    assert_eq!(count("", "05T12:00"), [0, 0, 0]);
}

#[test]
fn parts_of_minutes_are_added_before_they_are_cut_off() {
    let mut steps = history("05T09:00 T, 05T09:01 H, 05T09:02 T, 05T09:04 S");
    steps[1].at += TimeDelta::seconds(30);
    let counted = clocks(&calendar(ALWAYS), &steps, steps[3].at);
    assert_eq!((counted.elapsed, counted.promise, counted.team), (4, 4, 3));
}

#[test]
fn time_between_a_decision_and_its_appeal_counts_on_no_clock() {
    let appealed = "05T09:00 T, 05T10:00 S, 25T10:00 T, 25T11:00 S";
    assert_eq!(count(appealed, "31T00:00"), [120, 120, 120]);
}

#[test]
fn a_clock_that_was_set_back_counts_nothing_twice() {
    let set_back = "05T09:00 T, 05T10:00 A, 05T09:55 T, 05T10:30 S";
    assert_eq!(count(set_back, "31T00:00"), [90, 90, 90]);
}

#[test]
fn pauses_are_the_times_after_submission_in_which_the_promise_stood_still() {
    for [steps, expected] in rows(
        "                                                      |
         01T00:00 S                                            |
         01T00:00 S, 02T00:00 T, 03T00:00 H, 04T00:00 S        |
         01T00:00 S, 02T00:00 T, 03T00:00 A                    | 03-
         01T00:00 T, 02T00:00 A, 03T00:00 T, 04T00:00 A, 05T00:00 H | 02-03 04-05
         01T00:00 T, 02T00:00 A, 03T00:00 A, 04T00:00 T        | 02-04
         01T00:00 T, 02T00:00 A, 03T00:00 S                    | 02-03  # withdrawn while we waited
         01T00:00 T, 02T00:00 S, 03T00:00 T                    | 02-03  # appealed
         01T00:00 T, 03T00:00 A, 02T00:00 T                    | 03-03  # a clock set back
         01T00:00 T, 03T00:00 A, 02T00:00 S                    | 03-03
         01T00:00 T, 02T00:00 A, 03T00:00 S, 04T00:00 T, 05T00:00 S, 06T00:00 S | 02-04",
    ) {
        let day = |at: Timestamp| at.format("%d").to_string();
        let text = |pause: Pause| {
            format!(
                "{}-{}",
                day(pause.from),
                pause.to.map_or(String::new(), day)
            )
        };
        let found: Vec<_> = pauses(&history(steps)).into_iter().map(text).collect();
        assert_eq!(found.join(" "), expected, "{steps}");
    }
}
