//! The indicators through the API: values computed by hand, and the rows they open into.

mod aims;
mod autumn;
mod groups;
mod lives;
mod oracle;
mod readers;
mod rollups;

use serde_json::{Value, json};

use crate::support::World;
use autumn::{automated, autumn, clear, gardens, hand_in, input, report, told, unclear};

const MONTHS: [&str; 2] = ["2026-10-01", "2026-12-31"];
const WEEKS: [&str; 2] = ["2026-11-16", "2026-12-20"];
const YEAR: [&str; 2] = ["2026-11-23", "2026-12-15"];

#[tokio::test]
async fn the_time_to_approve_is_the_middle_of_business_minutes_on_the_promise_clock() {
    let world = autumn().await;
    let months = input(&world, "TIME_TO_APPROVE", "MONTH", MONTHS).await;
    let months = report(&world, "specialist", &months).await;
    assert_eq!(
        told(&months, &["value", "health", "complete", "clocks"]),
        json!([
            ["2026-10", null, "UNKNOWN", true, null],
            ["2026-11", 300.0, "ON_TRACK", true, {
                "elapsed": { "median": 300.0, "p90": 600, "mean": 300.0, "count": 2 },
                "promise": { "median": 300.0, "p90": 600, "mean": 300.0, "count": 2 },
                "team": { "median": 300.0, "p90": 600, "mean": 300.0, "count": 2 }
            }],
            ["2026-12", 1440.0, "ON_TRACK", false, {
                "elapsed": { "median": 1440.0, "p90": 2940, "mean": 1780.0, "count": 3 },
                "promise": { "median": 1440.0, "p90": 1980, "mean": 1460.0, "count": 3 },
                "team": { "median": 1020.0, "p90": 1440, "mean": 1140.0, "count": 3 }
            }]
        ])
    );
    assert_eq!(
        gardens(&months),
        json!([[], ["Cedar", "Alder"], ["Iris", "Elm", "Dogwood"]])
    );
    for (granularity, days, expected) in [
        (
            "WEEK",
            WEEKS,
            json!([
                ["2026-W47", null],
                ["2026-W48", 300.0],
                ["2026-W49", 1440.0],
                ["2026-W50", null],
                ["2026-W51", null]
            ]),
        ),
        ("QUARTER", YEAR, json!([["FY2027-Q4", 960.0]])),
        ("FISCAL_YEAR", YEAR, json!([["FY2027", 960.0]])),
    ] {
        let input = input(&world, "TIME_TO_APPROVE", granularity, days).await;
        let found = report(&world, "specialist", &input).await;
        assert_eq!(told(&found, &["value"]), expected, "{granularity}");
    }
}

#[tokio::test]
async fn the_automated_share_counts_decisions_on_which_nobody_of_the_team_took_a_step() {
    let world = autumn().await;
    let months = input(&world, "AUTOMATED_SHARE", "MONTH", MONTHS).await;
    let months = report(&world, "specialist", &months).await;
    let step = |step, share: f64, numerator, denominator| json!({ "step": step, "share": share, "numerator": numerator, "denominator": denominator });
    assert_eq!(
        told(
            &months,
            &["value", "numerator", "denominator", "health", "steps"]
        ),
        json!([
            ["2026-10", null, null, null, "UNKNOWN", []],
            [
                "2026-11",
                0.5,
                2,
                4,
                "NEEDS_ATTENTION",
                [step("ELIGIBILITY", 0.5, 2, 4), step("DECISION", 0.5, 2, 4)]
            ],
            // Nobody had to judge whether Iris qualifies; three people decided it nevertheless.
            [
                "2026-12",
                0.0,
                0,
                4,
                "AT_RISK",
                [step("ELIGIBILITY", 0.25, 1, 4), step("DECISION", 0.0, 0, 4)]
            ]
        ])
    );
    assert_eq!(
        gardens(&months),
        json!([
            [],
            ["Elm", "Cedar", "Birch", "Alder"],
            ["Juniper", "Iris", "Elm", "Dogwood"]
        ])
    );
    let year = input(&world, "AUTOMATED_SHARE", "FISCAL_YEAR", YEAR).await;
    let year = report(&world, "specialist", &year).await;
    assert_eq!(
        told(&year, &["value", "numerator", "denominator", "steps"]),
        json!([[
            "FY2027",
            0.25,
            2,
            8,
            [
                step("ELIGIBILITY", 0.375, 3, 8),
                step("DECISION", 0.25, 2, 8)
            ]
        ]])
    );
}

#[tokio::test]
async fn applications_solved_counts_every_end_and_a_reopened_application_once_among_the_unique() {
    let world = autumn().await;
    let months = input(&world, "APPLICATIONS_SOLVED", "MONTH", MONTHS).await;
    let months = report(&world, "specialist", &months).await;
    let ends = |approved, declined, withdrawn, expired| {
        json!([
            { "outcome": "APPROVED", "count": approved },
            { "outcome": "DECLINED", "count": declined },
            { "outcome": "WITHDRAWN", "count": withdrawn },
            { "outcome": "EXPIRED", "count": expired }
        ])
    };
    assert_eq!(
        told(
            &months,
            &["value", "unique", "outcomes", "numerator", "health"]
        ),
        json!([
            ["2026-10", null, null, [], null, "UNKNOWN"],
            ["2026-11", 5.0, 5, ends(2, 2, 1, 0), null, "UNKNOWN"],
            ["2026-12", 5.0, 5, ends(3, 1, 0, 1), null, "UNKNOWN"]
        ])
    );
    assert_eq!(
        gardens(&months),
        json!([
            [],
            ["Gorse", "Elm", "Cedar", "Birch", "Alder"],
            ["Hazel", "Juniper", "Iris", "Elm", "Dogwood"]
        ])
    );
    for (granularity, days, expected) in [
        (
            "WEEK",
            WEEKS,
            json!([
                ["2026-W47", null, null],
                ["2026-W48", 5.0, 5],
                ["2026-W49", 3.0, 3],
                ["2026-W50", 1.0, 1],
                ["2026-W51", 1.0, 1]
            ]),
        ),
        ("QUARTER", YEAR, json!([["FY2027-Q4", 10.0, 9]])),
        ("FISCAL_YEAR", YEAR, json!([["FY2027", 10.0, 9]])),
    ] {
        let input = input(&world, "APPLICATIONS_SOLVED", granularity, days).await;
        let found = report(&world, "specialist", &input).await;
        assert_eq!(
            told(&found, &["value", "unique"]),
            expected,
            "{granularity}"
        );
    }
}

#[tokio::test]
async fn within_promise_counts_open_applications_that_are_late_as_missed() {
    let world = autumn().await;
    let fields = ["value", "numerator", "denominator", "health", "complete"];
    let months = input(&world, "WITHIN_PROMISE", "MONTH", MONTHS).await;
    let months = report(&world, "specialist", &months).await;
    assert_eq!(
        told(&months, &fields),
        json!([
            ["2026-10", null, null, null, "UNKNOWN", true],
            ["2026-11", 1.0, 4, 4, "ON_TRACK", true],
            ["2026-12", 0.6, 3, 5, "AT_RISK", false]
        ])
    );
    assert_eq!(
        gardens(&months),
        json!([
            [],
            ["Elm", "Cedar", "Birch", "Alder"],
            ["Juniper", "Iris", "Elm", "Dogwood"]
        ]),
        "rows are ended applications"
    );
    let late = "query($id: ID!, $from: DateTime!, $now: DateTime!) { applications(filter: { programId: $id, dueFrom: $from, dueBefore: $now }) {
        totalCount nodes { organization { name } } } }";
    let garden = world.program("garden").await.to_string();
    let now =
        json!({ "id": garden, "from": "2026-12-01T00:00:00Z", "now": "2026-12-15T10:00:00Z" });
    assert_eq!(
        world.query("specialist", late, now).await["applications"],
        json!({ "totalCount": 1, "nodes": [{ "organization": { "name": "Fir" } }] })
    );
    let weeks = input(&world, "WITHIN_PROMISE", "WEEK", WEEKS).await;
    let weeks = report(&world, "specialist", &weeks).await;
    assert_eq!(
        told(&weeks, &fields[..3]),
        json!([
            ["2026-W47", null, null, null],
            ["2026-W48", 1.0, 4, 4],
            ["2026-W49", 1.0, 3, 3],
            ["2026-W50", 0.0, 0, 2],
            ["2026-W51", null, null, null]
        ])
    );
}

#[tokio::test]
async fn a_promise_is_missed_once_its_time_is_over_and_not_before() {
    let world = World::with(automated).await;
    hand_in(&world, unclear("Fir")).await;
    let input = input(
        &world,
        "WITHIN_PROMISE",
        "MONTH",
        ["2026-12-01", "2026-12-01"],
    )
    .await;
    for (moment, expected) in [
        ("2026-12-07T17:00:00Z", json!([["2026-12", null, null]])),
        ("2026-12-07T17:00:01Z", json!([["2026-12", 0.0, 1]])),
    ] {
        world.now(moment);
        let found = report(&world, "specialist", &input).await;
        assert_eq!(
            told(&found, &["value", "denominator"]),
            expected,
            "{moment}"
        );
    }
}

#[tokio::test]
async fn what_waits_is_late_if_it_was_late_before_and_else_it_is_not() {
    for (moment, expected) in [
        ("2026-12-07T10:00:00Z", json!([["2026-12", null, null]])),
        ("2026-12-08T10:00:00Z", json!([["2026-12", 0.0, 2]])),
    ] {
        let world = World::with(|rules| {
            automated(rules);
            rules.capacity = Some(1);
        })
        .await;
        hand_in(&world, clear("Alder")).await;
        let asked = hand_in(&world, unclear("Ash")).await;
        let waitlisted = hand_in(&world, unclear("Beech")).await;
        world.now(moment);
        let question = json!({ "question": "Who may use the garden?" });
        world
            .act("specialist", "askApplicant", &asked, question)
            .await;
        world
            .act("specialist", "waitlistApplication", &waitlisted, json!({}))
            .await;
        world.now("2026-12-11T10:00:00Z");
        let input = input(&world, "WITHIN_PROMISE", "MONTH", ["2026-12-01"; 2]).await;
        let found = report(&world, "specialist", &input).await;
        assert_eq!(
            told(&found, &["value", "denominator"]),
            expected,
            "{moment}"
        );
    }
}

#[tokio::test]
async fn periods_are_those_of_the_program_where_there_is_one() {
    let world = World::with(|rules| {
        automated(rules);
        rules.calendar.time_zone = "America/Los_Angeles".parse().unwrap();
    })
    .await;
    // Six in the evening of the last day of November in Los Angeles.
    world.now("2026-12-01T02:00:00Z");
    hand_in(&world, clear("Alder")).await;
    // The first minute of February there: a new fiscal year.
    world.now("2027-02-01T08:00:00Z");
    hand_in(&world, clear("Beech")).await;
    let days = ["2026-11-01", "2027-02-28"];
    let of_program = input(&world, "APPLICATIONS_SOLVED", "MONTH", days).await;
    let found = report(&world, "specialist", &of_program).await;
    assert_eq!(found["timeZone"], "America/Los_Angeles");
    assert_eq!(
        told(&found, &["value"]),
        json!([
            ["2026-11", 1.0],
            ["2026-12", null],
            ["2027-01", null],
            ["2027-02", 1.0]
        ])
    );
    let mut of_all = of_program.clone();
    of_all["programId"] = Value::Null;
    let found = report(&world, "operations manager", &of_all).await;
    assert_eq!(found["timeZone"], "UTC");
    assert_eq!(
        told(&found, &["value"]),
        json!([
            ["2026-11", null],
            ["2026-12", 1.0],
            ["2027-01", null],
            ["2027-02", 1.0]
        ])
    );
    let years = input(&world, "APPLICATIONS_SOLVED", "FISCAL_YEAR", days).await;
    let found = report(&world, "specialist", &years).await;
    assert_eq!(
        told(&found, &["value"]),
        json!([["FY2027", 1.0], ["FY2028", 1.0]])
    );
    assert_eq!(
        found["values"][1]["period"],
        json!({ "label": "FY2028", "startsOn": "2027-02-01", "endsBefore": "2028-02-01" })
    );
    let mut of_all = years;
    of_all["programId"] = Value::Null;
    let found = report(&world, "operations manager", &of_all).await;
    assert_eq!(
        told(&found, &["value"]),
        json!([["FY2026", 1.0], ["FY2027", 1.0]])
    );
}
