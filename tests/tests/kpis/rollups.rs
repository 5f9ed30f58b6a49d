//! Closed periods are counted once: what they tell stays what is counted application by application.

use serde_json::{Value, json};

use super::autumn::{autumn, clear, hand_in, input, report, unclear};
use crate::support::{World, asked};

const KEYS: [&str; 4] = [
    "TIME_TO_APPROVE",
    "AUTOMATED_SHARE",
    "APPLICATIONS_SOLVED",
    "WITHIN_PROMISE",
];
const LENGTHS: [&str; 4] = ["WEEK", "MONTH", "QUARTER", "FISCAL_YEAR"];
/// From before the first application to after the last.
const DAYS: [&str; 2] = ["2026-10-20", "2027-04-10"];

/// Values alone, which need no row of an application.
const BARE: &str = "query($input: KpiInput!) { kpi(input: $input) { values { value } } }";

/// Fails the test unless closed months are told without a look at what ended in them.
async fn counts_nothing_again(world: &World) {
    let months = ["2026-11-01", "2026-12-31"];
    let input = input(world, "AUTOMATED_SHARE", "MONTH", months).await;
    asked::taken();
    world
        .query("operations manager", BARE, json!({ "input": input }))
        .await;
    let statements = asked::taken();
    assert!(statements.iter().any(|sql| sql.contains("\"kpi_rollups\"")));
    assert!(
        statements
            .iter()
            .all(|sql| !sql.contains("FROM \"resolutions\""))
    );
}

/// Every indicator in periods of every length, and the statements that it took.
async fn told(world: &World) -> (Vec<Value>, Vec<String>) {
    let mut values = Vec::new();
    asked::listen();
    for key in KEYS {
        for length in LENGTHS {
            let input = input(world, key, length, DAYS).await;
            let report = report(world, "operations manager", &input).await;
            values.push(json!([key, length, report["values"]]));
        }
    }
    (values, asked::taken())
}

/// The same, counted application by application: what is grouped is never rolled up.
async fn counted(world: &World) -> Vec<(String, Value)> {
    let mut values = Vec::new();
    for key in KEYS {
        for length in LENGTHS {
            let mut input = input(world, key, length, DAYS).await;
            input["groupBy"] = json!(["PROGRAM"]);
            let report = report(world, "operations manager", &input).await;
            for value in report["values"].as_array().unwrap() {
                let place = format!("{key} {}", value["period"]["label"]);
                values.push((place, told_of(value)));
            }
        }
    }
    values
}

fn told_of(value: &Value) -> Value {
    let of = |field: &str| value[field].clone();
    let numbers = [
        "value",
        "numerator",
        "denominator",
        "unique",
        "outcomes",
        "steps",
        "clocks",
    ];
    numbers.map(of).into()
}

/// Compares what is told with what is counted.
async fn agree(world: &World, told: &[Value], when: &str) {
    let told: Vec<_> = told
        .iter()
        .flat_map(|it| {
            let key = it[0].as_str().unwrap();
            let values = it[2].as_array().unwrap().iter();
            values.map(move |value| {
                (
                    format!("{key} {}", value["period"]["label"]),
                    told_of(value),
                )
            })
        })
        .collect();
    let counted = counted(world).await;
    assert!(counted.len() > 20);
    for (place, value) in counted {
        let found = told.iter().find(|(other, _)| *other == place);
        assert_eq!(found.map(|it| &it.1), Some(&value), "{place}, {when}");
    }
}

#[tokio::test]
async fn rolled_up_indicators_tell_what_the_applications_do_even_after_a_late_end() {
    let world = autumn().await;
    let (before, statements) = told(&world).await;
    assert!(statements.iter().any(|sql| sql.contains("\"resolutions\"")));

    // Two years later everything is closed, and nothing is counted from applications again.
    world.now("2028-12-15T12:00:00Z");
    world.service.roll_up().await.unwrap();
    let (after, _) = told(&world).await;
    agree(&world, &after, "rolled up").await;
    let labels = |values: &[Value]| -> Vec<Value> {
        let all = values.iter().flat_map(|it| it[2].as_array().unwrap());
        all.map(|it| it["period"]["label"].clone()).collect()
    };
    assert_eq!(labels(&after), labels(&before));
    counts_nothing_again(&world).await;

    // A clock that is behind brings two applications to their end in a month that was counted.
    world.now("2026-12-14T10:00:00Z");
    hand_in(&world, clear("Kale")).await;
    let lime = hand_in(&world, unclear("Lime")).await;
    world
        .act("specialist", "approveApplication", &lime, json!({}))
        .await;
    world.now("2028-12-15T12:00:00Z");
    let (late, _) = told(&world).await;
    assert_ne!(late, after);
    agree(&world, &late, "after a late end").await;

    // The next run counts it, and again nothing is asked of applications.
    world.service.roll_up().await.unwrap();
    let (again, _) = told(&world).await;
    assert_eq!(again, late);
    counts_nothing_again(&world).await;
}

#[tokio::test]
async fn numbers_that_are_rolled_up_are_not_for_everybody_either() {
    let world = autumn().await;
    world.now("2028-12-15T12:00:00Z");
    world.service.roll_up().await.unwrap();
    let input = input(
        &world,
        "APPLICATIONS_SOLVED",
        "MONTH",
        ["2026-11-01", "2026-11-30"],
    )
    .await;
    for (person, sees) in [
        ("operations manager", true),
        ("applicant", false),
        ("specialist elsewhere", false),
    ] {
        let answer = world.query(person, BARE, json!({ "input": input })).await;
        assert_eq!(answer["kpi"].is_object(), sees, "{person}: {answer}");
    }
}
