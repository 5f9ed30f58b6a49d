//! Who reads which numbers, what a period without data says, and questions that cannot be answered.

use serde_json::{Value, json};

use super::autumn::{automated, autumn, clear, hand_in, input, report, told};
use super::{MONTHS, YEAR};
use crate::support::World;

const KEYS: [&str; 4] = [
    "TIME_TO_APPROVE",
    "AUTOMATED_SHARE",
    "APPLICATIONS_SOLVED",
    "WITHIN_PROMISE",
];

#[tokio::test]
async fn no_data_is_null_and_never_nought() {
    let world = World::new().await;
    for key in KEYS {
        let input = input(&world, key, "MONTH", ["2026-10-31", "2026-11-01"]).await;
        let found = report(&world, "specialist", &input).await;
        let value = |label: &str, starts: &str, ends: &str, complete: bool| {
            json!({
                "period": { "label": label, "startsOn": starts, "endsBefore": ends },
                "value": null, "numerator": null, "denominator": null, "unique": null, "clocks": null,
                "steps": [], "outcomes": [], "health": "UNKNOWN", "complete": complete, "definitionVersion": 1,
                "asOf": "2026-11-23T10:00:00Z",
                "program": null, "kind": null, "mode": null, "person": null,
                "rows": { "pageInfo": { "hasNextPage": false }, "nodes": [] }
            })
        };
        assert_eq!(
            found,
            json!({
                "definition": { "key": key, "version": 1 },
                "timeZone": "UTC",
                "asOf": "2026-11-23T10:00:00Z",
                "values": [
                    value("2026-10", "2026-10-01", "2026-11-01", true),
                    value("2026-11", "2026-11-01", "2026-12-01", false)
                ]
            })
        );
    }
}

#[tokio::test]
async fn a_period_is_complete_once_it_is_over() {
    let world = World::new().await;
    let input = input(&world, "WITHIN_PROMISE", "WEEK", ["2026-11-23"; 2]).await;
    for (moment, complete) in [
        ("2026-11-29T23:59:59Z", false),
        ("2026-11-30T00:00:00Z", true),
    ] {
        world.now(moment);
        let found = report(&world, "specialist", &input).await;
        assert_eq!(
            told(&found, &["complete"]),
            json!([["2026-W48", complete]]),
            "{moment}"
        );
    }
}

#[tokio::test]
async fn a_row_says_what_was_counted_and_how() {
    let world = autumn().await;
    let input = input(&world, "WITHIN_PROMISE", "MONTH", ["2026-12-01"; 2]).await;
    let found = report(&world, "specialist", &input).await;
    let row = |garden, outcome, at, kept, steps, minutes: [i64; 3], person| {
        json!([garden, outcome, "MANUAL", at, kept, steps, minutes, person])
    };
    let rows = found["values"][0]["rows"]["nodes"].as_array().unwrap();
    let rows: Value = rows
        .iter()
        .map(|row| {
            let clocks = &row["clocks"];
            let minutes = [
                &clocks["elapsedMinutes"],
                &clocks["promiseMinutes"],
                &clocks["teamMinutes"],
            ];
            let garden = &row["application"]["organization"]["name"];
            json!([
                garden,
                row["outcome"],
                row["mode"],
                row["at"],
                row["withinPromise"],
                row["manualSteps"],
                minutes,
                row["person"]["name"]
            ])
        })
        .collect();
    let late = "2026-12-08T12:00:00Z";
    assert_eq!(
        rows,
        json!([
            row(
                "Juniper",
                "DECLINED",
                late,
                false,
                1,
                [5400; 3],
                "specialist"
            ),
            row(
                "Iris",
                "APPROVED",
                "2026-12-03T09:00:00Z",
                true,
                3,
                [960; 3],
                "operations manager"
            ),
            row(
                "Elm",
                "APPROVED",
                "2026-12-02T09:00:00Z",
                true,
                1,
                [1440; 3],
                "program manager"
            ),
            row(
                "Dogwood",
                "APPROVED",
                "2026-12-01T11:00:00Z",
                true,
                4,
                [2940, 1980, 1020],
                "program manager"
            ),
        ])
    );
}

#[tokio::test]
async fn rows_come_in_pages() {
    let world = autumn().await;
    let input = input(&world, "APPLICATIONS_SOLVED", "QUARTER", YEAR).await;
    let page = "query($input: KpiInput!, $first: Int, $after: String, $last: Int, $before: String) { kpi(input: $input) {
        values { rows(first: $first, after: $after, last: $last, before: $before) {
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { at application { id } } } } } }";
    let whole = report(&world, "specialist", &input).await;
    let whole = whole["values"][0]["rows"]["nodes"].as_array().unwrap();
    let whole: Vec<_> = whole
        .iter()
        .map(|row| json!({ "at": row["at"], "application": { "id": row["application"]["id"] } }))
        .collect();
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    let (mut after, mut before) = (Value::Null, Value::Null);
    loop {
        let asked = json!({ "input": input, "first": 3, "after": after });
        let found = world.query("specialist", page, asked).await;
        let rows = &found["kpi"]["values"][0]["rows"];
        forward.extend(rows["nodes"].as_array().unwrap().iter().cloned());
        after = rows["pageInfo"]["endCursor"].clone();
        if rows["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    loop {
        let asked = json!({ "input": input, "last": 4, "before": before });
        let found = world.query("specialist", page, asked).await;
        let rows = &found["kpi"]["values"][0]["rows"];
        let mut nodes = rows["nodes"].as_array().unwrap().clone();
        nodes.append(&mut backward);
        backward = nodes;
        before = rows["pageInfo"]["startCursor"].clone();
        if rows["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(forward, whole);
    assert_eq!(backward, whole);
}

#[tokio::test]
async fn an_observer_reads_the_numbers_and_nobodys_name() {
    let world = autumn().await;
    for key in KEYS {
        let mut input = input(&world, key, "MONTH", MONTHS).await;
        input["groupBy"] = json!(["PERSON"]);
        let team = report(&world, "specialist", &input).await;
        let theirs = report(&world, "observer", &input).await;
        let numbers = [
            "value",
            "numerator",
            "denominator",
            "unique",
            "clocks",
            "steps",
            "outcomes",
            "health",
        ];
        assert_eq!(told(&theirs, &numbers), told(&team, &numbers), "{key}");
        let pairs = theirs["values"].as_array().unwrap().iter();
        for (theirs, team) in pairs.zip(team["values"].as_array().unwrap()) {
            assert_eq!(theirs["person"], Value::Null);
            let rows = theirs["rows"]["nodes"].as_array().unwrap();
            assert_eq!(rows.len(), team["rows"]["nodes"].as_array().unwrap().len());
            for (theirs, team) in rows.iter().zip(team["rows"]["nodes"].as_array().unwrap()) {
                assert_eq!(theirs["application"], Value::Null);
                assert_eq!(theirs["person"], Value::Null);
                for field in [
                    "outcome",
                    "mode",
                    "at",
                    "withinPromise",
                    "manualSteps",
                    "clocks",
                ] {
                    assert_eq!(theirs[field], team[field], "{field}");
                }
            }
        }
    }
}

#[tokio::test]
async fn who_may_not_read_numbers_is_told_none() {
    let world = World::with(automated).await;
    hand_in(&world, clear("Alder")).await;
    for key in KEYS {
        let mut asked = input(&world, key, "MONTH", MONTHS).await;
        for person in ["applicant", "admin", "integration", "specialist elsewhere"] {
            let found = report(&world, person, &asked).await;
            assert_eq!(found, Value::Null, "{key} {person}");
        }
        asked["programId"] = Value::Null;
        let theirs = report(&world, "specialist elsewhere", &asked).await;
        let none = json!([["2026-10", null], ["2026-11", null], ["2026-12", null]]);
        assert_eq!(told(&theirs, &["value"]), none, "{key}");
        let query = "query($input: KpiInput!) { kpi(input: $input) { timeZone } }";
        let stranger = world.send("", query, json!({ "input": asked })).await;
        assert_eq!(stranger["data"]["kpi"], Value::Null);
        assert_eq!(
            stranger["errors"][0]["extensions"]["code"],
            "UNAUTHENTICATED"
        );
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_the_developers_to_mend() {
    let world = World::new().await;
    let query = "query($input: KpiInput!) { kpi(input: $input) { values { value } } }";
    for (granularity, from, to, further) in [
        ("MONTH", "2026-12-01", "2026-11-30", json!({})),
        ("WEEK", "2026-11-24", "2026-11-23", json!({})),
        ("MONTH", "2016-11-30", "2026-11-01", json!({})),
        ("FISCAL_YEAR", "0001-01-01", "9999-12-31", json!({})),
        ("MONTH", "-4800-01-01", "-4800-01-01", json!({})),
        ("MONTH", "+250000-01-01", "+250000-01-01", json!({})),
        ("MONTH", "+262142-12-31", "+262142-12-31", json!({})),
        (
            "MONTH",
            "2026-11-01",
            "2026-11-01",
            json!({ "programId": "garden" }),
        ),
        (
            "MONTH",
            "2026-11-01",
            "2026-11-01",
            json!({ "personId": "app_00000000000000000000000000" }),
        ),
    ] {
        for key in KEYS {
            let mut input = input(&world, key, granularity, [from, to]).await;
            let further = further.as_object().unwrap().clone();
            input.as_object_mut().unwrap().extend(further);
            let answer = world
                .send("specialist", query, json!({ "input": input }))
                .await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(code, "BAD_USER_INPUT", "{input} {answer}");
        }
    }
    let most = input(
        &world,
        "WITHIN_PROMISE",
        "MONTH",
        ["2016-12-31", "2026-11-01"],
    )
    .await;
    let found = report(&world, "specialist", &most).await;
    assert_eq!(found["values"].as_array().unwrap().len(), 120);
    let absent = json!({ "programId": "prog_00000000000000000000000000" });
    let mut input = most;
    input
        .as_object_mut()
        .unwrap()
        .extend(absent.as_object().unwrap().clone());
    assert_eq!(
        report(&world, "operations manager", &input).await,
        Value::Null
    );
}

#[tokio::test]
async fn every_indicator_says_what_it_means() {
    let world = World::new().await;
    let query = "{ kpiDefinitions { key version name statement formula unit direction target { good acceptable } } }";
    let found = world.query("observer", query, json!({})).await;
    let found = found["kpiDefinitions"].as_array().unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|it| {
            json!([
                it["key"],
                it["version"],
                it["unit"],
                it["direction"],
                it["target"]
            ])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["TIME_TO_APPROVE", 1, "BUSINESS_MINUTES", "LOWER_IS_BETTER", { "good": 2400.0, "acceptable": 4800.0 }]),
            json!(["AUTOMATED_SHARE", 1, "RATIO", "HIGHER_IS_BETTER", { "good": 0.8, "acceptable": 0.5 }]),
            json!(["APPLICATIONS_SOLVED", 1, "COUNT", "NEUTRAL", null]),
            json!(["WITHIN_PROMISE", 1, "RATIO", "HIGHER_IS_BETTER", { "good": 0.95, "acceptable": 0.9 }]),
        ]
    );
    for definition in found {
        for text in ["name", "statement", "formula"] {
            assert!(!definition[text].as_str().unwrap().is_empty());
        }
    }
}
