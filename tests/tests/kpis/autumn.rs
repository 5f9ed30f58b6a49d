//! Ten applications between 23 November and 14 December 2026, and how indicators are asked about them.
//!
//! | garden | what happened | end | business minutes elapsed / promise / team |
//! |--|--|--|--|
//! | Alder | met every criterion | approved by the service, 23 Nov | 0 / 0 / 0 |
//! | Birch | closed licence | declined by the service, 23 Nov | 0 / 0 / 0 |
//! | Cedar | read by hand | approved by the specialist, 24 Nov | 600 / 600 / 600 |
//! | Dogwood | asked for two days, held for two | approved by the program manager, 1 Dec | 2,940 / 1,980 / 1,020 |
//! | Elm | declined and appealed | declined by the specialist, 25 Nov | 480 / 480 / 480 |
//! | | | approved by the program manager, 2 Dec | 1,440 / 1,440 / 1,440 |
//! | Fir | nobody looked at it; fell due on 7 Dec | open and late | |
//! | Gorse | the applicant moved | withdrawn by the applicant, 26 Nov | 480 / 480 / 480 |
//! | Hazel | did not answer a question | expired by the service, 14 Dec | 7,200 / 480 / 480 |
//! | Iris | many seats: three people | approved, published by the operations manager, 3 Dec | 960 / 960 / 960 |
//! | Juniper | waited a day too long | declined by the specialist, 8 Dec | 5,400 / 5,400 / 5,400 |

use serde_json::{Value, json};
use stoa_domain::program::Rules;
use stoa_domain::program::rules::Switch;

use crate::support::World;

/// What people see of a value.
const REPORT: &str = "query($input: KpiInput!) { kpi(input: $input) {
    definition { key version } timeZone asOf
    values {
      period { label startsOn endsBefore } value numerator denominator complete asOf health definitionVersion unique
      outcomes { outcome count } steps { step share numerator denominator }
      clocks { elapsed { ...Spread } promise { ...Spread } team { ...Spread } }
      program { key } kind mode person { name }
      rows(first: 100) { pageInfo { hasNextPage } nodes {
        application { id organization { name } } person { name }
        outcome mode at withinPromise manualSteps clocks { elapsedMinutes promiseMinutes teamMinutes } } }
    } } }
  fragment Spread on Distribution { median p90 mean count }";

/// The service decides where it can, everybody finds a place, and the fiscal year begins in February.
pub fn automated(rules: &mut Rules) {
    rules.automation.approve = Switch::On;
    rules.automation.decline = Switch::On;
    rules.capacity = None;
    rules.fiscal_year_start = 2;
}

/// Answers of a garden that shares nothing with any other and meets every criterion.
pub fn clear(name: &str) -> Value {
    let word = name.to_lowercase();
    json!({
        "email": format!("hello@{word}-garden.org"),
        "organization": name,
        "licence": "MIT",
        "country": "NL",
        "repository": format!("https://code.{word}-garden.org/plans"),
        "seats": 40
    })
}

/// The same with a throw-away mail address: people look at it.
pub fn unclear(name: &str) -> Value {
    let mut answers = clear(name);
    answers["email"] = json!(format!("{}@mailinator.com", name.to_lowercase()));
    answers
}

/// Hands in an application of the garden that the answers name.
pub async fn hand_in(world: &World, answers: Value) -> Value {
    let name = answers["organization"].as_str().unwrap().to_owned();
    world.submitted("applicant", &name, answers).await
}

/// The world on 15 December, after all that.
pub async fn autumn() -> World {
    let world = World::with(automated).await;
    let nothing = || json!({});

    hand_in(&world, clear("Alder")).await;
    let mut closed = clear("Birch");
    closed["licence"] = json!("SSPL-1.0");
    hand_in(&world, closed).await;
    let cedar = hand_in(&world, unclear("Cedar")).await;
    let dogwood = hand_in(&world, unclear("Dogwood")).await;
    hand_in(&world, unclear("Fir")).await;
    let hazel = hand_in(&world, unclear("Hazel")).await;
    let juniper = hand_in(&world, unclear("Juniper")).await;

    world.now("2026-11-24T10:00:00Z");
    let question = || json!({ "question": "Who may use the garden?" });
    let dogwood = world
        .act("specialist", "askApplicant", &dogwood, question())
        .await;
    world
        .act("specialist", "askApplicant", &hazel, question())
        .await;
    let elm = hand_in(&world, unclear("Elm")).await;
    world.now("2026-11-24T12:00:00Z");
    world
        .act("specialist", "approveApplication", &cedar, nothing())
        .await;

    world.now("2026-11-25T10:00:00Z");
    let reasons = || json!({ "reasons": ["COUNTRY"] });
    let elm = world
        .act("specialist", "declineApplication", &elm, reasons())
        .await;
    let gorse = hand_in(&world, unclear("Gorse")).await;

    world.now("2026-11-26T10:00:00Z");
    world
        .act("applicant", "withdrawApplication", &gorse, nothing())
        .await;
    let reply = json!({ "message": "Everybody." });
    let dogwood = world
        .act("applicant", "replyToQuestion", &dogwood, reply)
        .await;
    world.now("2026-11-26T12:00:00Z");
    let hold = json!({ "cause": "THIRD_PARTY", "note": "The registry answers on Monday." });
    let dogwood = world
        .act("specialist", "holdApplication", &dogwood, hold)
        .await;

    world.now("2026-11-30T09:00:00Z");
    let appeal = json!({ "reason": "We are in the Netherlands." });
    let elm = world
        .act("applicant", "reopenApplication", &elm, appeal)
        .await;
    world.now("2026-11-30T12:00:00Z");
    let dogwood = world
        .act("specialist", "releaseApplication", &dogwood, nothing())
        .await;

    world.now("2026-12-01T09:00:00Z");
    let mut large = clear("Iris");
    large["seats"] = json!(400);
    let iris = hand_in(&world, large).await;
    world.now("2026-12-01T11:00:00Z");
    world
        .act("program manager", "approveApplication", &dogwood, nothing())
        .await;

    world.now("2026-12-02T09:00:00Z");
    world
        .act("program manager", "approveApplication", &elm, nothing())
        .await;
    let draft = json!({ "outcome": "APPROVE" });
    let iris = world
        .act("specialist", "proposeDecision", &iris, draft)
        .await;
    world.now("2026-12-02T12:00:00Z");
    let iris = world
        .act("program manager", "approveDecision", &iris, nothing())
        .await;
    world.now("2026-12-03T09:00:00Z");
    world
        .act("operations manager", "publishDecision", &iris, nothing())
        .await;

    world.now("2026-12-08T12:00:00Z");
    world
        .act("specialist", "declineApplication", &juniper, reasons())
        .await;
    for moment in ["2026-12-09T10:00:00Z", "2026-12-14T10:00:00Z"] {
        world.now(moment);
        stoa::jobs::once(&world.service).await.unwrap();
    }
    world.now("2026-12-15T10:00:00Z");
    world
}

/// Input for an indicator of the garden program over some periods.
pub async fn input(world: &World, key: &str, granularity: &str, days: [&str; 2]) -> Value {
    json!({
        "key": key,
        "granularity": granularity,
        "from": days[0],
        "to": days[1],
        "programId": world.program("garden").await.to_string()
    })
}

/// The report that somebody gets; null if they may not read numbers.
pub async fn report(world: &World, person: &str, input: &Value) -> Value {
    let mut data = world.query(person, REPORT, json!({ "input": input })).await;
    data["kpi"].take()
}

/// Of each value the label of its period, and these fields.
pub fn told(report: &Value, fields: &[&str]) -> Value {
    let values = report["values"].as_array().unwrap().iter();
    values
        .map(|value| {
            let mut line = vec![value["period"]["label"].clone()];
            line.extend(fields.iter().map(|field| value[field].clone()));
            Value::Array(line)
        })
        .collect()
}

/// Of each value the gardens in the rows it opens into, newest first.
pub fn gardens(report: &Value) -> Value {
    let values = report["values"].as_array().unwrap().iter();
    values
        .map(|value| {
            let rows = value["rows"]["nodes"].as_array().unwrap().iter();
            let names = rows.map(|row| row["application"]["organization"]["name"].clone());
            names.collect::<Value>()
        })
        .collect()
}
