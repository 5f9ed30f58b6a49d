//! Trying rules out on applications that were decided.

use serde_json::{Value, json};

use super::{garden, publish};
use crate::support::World;

/// The garden where the service decides and there is a place for everybody.
const AUTOMATED: [(&str, &str); 3] = [
    ("capacity = 3\n", ""),
    ("approve = \"OFF\"", "approve = \"ON\""),
    ("decline = \"OFF\"", "decline = \"ON\""),
];

fn draft(further: &[(&str, &str)]) -> Value {
    garden(&[&AUTOMATED, further].concat())
}

/// A further criterion on the number of seats.
fn at_most(seats: u32) -> String {
    format!(
        "[[criteria]]\nkey = \"small\"\nstatement = \"The garden is small.\"\nexpression = \"seats <= {seats}\"\n\
         unmet = \"DECLINE\"\nreason = \"COUNTRY\"\nfix = \"Divide it.\"\n\n[[approvals]]"
    )
}

async fn simulate(world: &World, person: &str, files: Value, limit: Option<i32>) -> Value {
    let query = "query($input: SimulateRevisionInput!) { simulateRevision(input: $input) {
        replayed truncated approve decline people differing
        differences { application { status organization { name } } evaluation { recommendation reasons unmet unknown } }
        userErrors { __typename code message path ... on ProgramSourceError { mistakes { file line message } } } } }";
    let garden = world.program("garden").await.to_string();
    let mut input = json!({ "programId": garden, "files": files });
    if let Some(limit) = limit {
        input["limit"] = json!(limit);
    }
    let mut data = world.query(person, query, json!({ "input": input })).await;
    data["simulateRevision"].take()
}

/// How many were replayed and would be approved, declined, left to people, and differ.
fn counts(found: &Value) -> Value {
    assert_eq!(found["userErrors"], json!([]), "{found:#}");
    ["replayed", "approve", "decline", "people", "differing"]
        .iter()
        .map(|count| found[count].clone())
        .collect()
}

/// Who would be treated differently, newest first, and what the draft says.
fn differences(found: &Value) -> Value {
    let list = found["differences"].as_array().unwrap().iter();
    list.map(|it| {
        json!([
            it["application"]["organization"]["name"],
            it["application"]["status"],
            it["evaluation"]["recommendation"],
            it["evaluation"]["unmet"]
        ])
    })
    .collect()
}

async fn hand_in(world: &World, name: &str, country: &str, licence: &str, seats: u32) -> Value {
    let word = name.to_lowercase();
    let answers = json!({
        "email": format!("hello@{word}-garden.org"),
        "organization": name,
        "licence": licence,
        "country": country,
        "repository": format!("https://code.{word}-garden.org/plans"),
        "seats": seats
    });
    world.submitted("applicant", name, answers).await
}

/// Three gardens were approved by the service, two declined; one draft, one withdrawn and one in review besides.
async fn decided() -> World {
    let world = World::new().await;
    publish(&world, "program manager", draft(&[]), false).await;
    for (name, country, licence, seats, status) in [
        ("Alder", "NL", "MIT", 10, "APPROVED"),
        ("Birch", "NL", "MIT", 50, "APPROVED"),
        ("Cedar", "NL", "Apache-2.0", 90, "APPROVED"),
        ("Dogwood", "NL", "SSPL-1.0", 20, "DECLINED"),
        ("Elm", "CU", "MIT", 20, "DECLINED"),
        ("Fir", "NL", "the usual one", 20, "IN_REVIEW"),
        ("Gorse", "NL", "the usual one", 20, "IN_REVIEW"),
    ] {
        let application = hand_in(&world, name, country, licence, seats).await;
        assert_eq!(application["status"], status, "{name}");
        if name == "Gorse" {
            world
                .act("applicant", "withdrawApplication", &application, json!({}))
                .await;
        }
    }
    world
        .draft("applicant", "Hazel", json!({ "seats": 1 }))
        .await;
    world
}

#[tokio::test]
async fn rules_that_decide_alike_differ_in_nothing() {
    let world = decided().await;
    let found = simulate(&world, "program manager", draft(&[]), None).await;
    assert_eq!(counts(&found), json!([5, 3, 2, 0, 0]));
    assert_eq!(found["truncated"], false);
    assert_eq!(found["differences"], json!([]));
    let other_words = draft(&[
        ("Tools for gardens", "Good tools for gardens"),
        ("limit_days = 10", "limit_days = 20"),
    ]);
    let found = simulate(&world, "program manager", other_words, None).await;
    assert_eq!(counts(&found), json!([5, 3, 2, 0, 0]));
}

#[tokio::test]
async fn a_criterion_that_is_dropped_changes_exactly_what_it_had_decided() {
    let world = decided().await;
    let without = draft(&[(
        "expression = \"licence_osi_approved\"",
        "expression = \"seats > 0\"",
    )]);
    let found = simulate(&world, "program manager", without, None).await;
    assert_eq!(counts(&found), json!([5, 4, 1, 0, 1]));
    assert_eq!(
        differences(&found),
        json!([["Dogwood", "DECLINED", "APPROVE", []]])
    );
}

#[tokio::test]
async fn a_threshold_changes_exactly_those_beyond_it() {
    let world = decided().await;
    let small = draft(&[("[[approvals]]", &at_most(10))]);
    let found = simulate(&world, "program manager", small, None).await;
    assert_eq!(counts(&found), json!([5, 1, 4, 0, 2]));
    assert_eq!(
        differences(&found),
        json!([
            ["Cedar", "APPROVED", "DECLINE", ["small"]],
            ["Birch", "APPROVED", "DECLINE", ["small"]]
        ])
    );
    assert_eq!(
        found["differences"][0]["evaluation"]["reasons"],
        json!(["COUNTRY"])
    );
    let large = draft(&[("[[approvals]]", &at_most(90))]);
    let found = simulate(&world, "program manager", large, None).await;
    assert_eq!(counts(&found), json!([5, 3, 2, 0, 0]));
}

#[tokio::test]
async fn what_the_service_decided_and_people_would_have_to_differs() {
    let world = decided().await;
    let careful = draft(&[(
        "unmet = \"DECLINE\"\nreason = \"LICENCE_NOT_OSI\"",
        "unmet = \"REVIEW\"",
    )]);
    let found = simulate(&world, "program manager", careful, None).await;
    assert_eq!(counts(&found), json!([5, 3, 1, 1, 1]));
    assert_eq!(
        differences(&found),
        json!([["Dogwood", "DECLINED", "REVIEW", ["osi-licence"]]])
    );
    let unknowable = draft(&[(
        "expression = \"!country_restricted\"",
        "expression = \"country_restricted == (mail_academic && seats > 1)\"",
    )]);
    let found = simulate(&world, "program manager", unknowable, None).await;
    assert_eq!(found["people"], 4, "{found:#}");
    assert_eq!(
        found["differences"][0]["evaluation"]["unknown"],
        json!(["country-served"])
    );
}

#[tokio::test]
async fn what_people_decided_differs_only_where_the_draft_contradicts_them() {
    let world = World::new().await;
    let agreed = hand_in(&world, "Alder", "NL", "the usual one", 10).await;
    world
        .act("specialist", "approveApplication", &agreed, json!({}))
        .await;
    let against = hand_in(&world, "Birch", "NL", "MIT", 10).await;
    let reasons = json!({ "reasons": ["COUNTRY"] });
    world
        .act("specialist", "declineApplication", &against, reasons)
        .await;
    let found = simulate(&world, "program manager", garden(&[]), None).await;
    assert_eq!(counts(&found), json!([2, 1, 0, 1, 1]));
    assert_eq!(
        differences(&found),
        json!([["Birch", "DECLINED", "APPROVE", []]])
    );
}

#[tokio::test]
async fn what_an_application_led_to_says_nothing_against_it() {
    let world = decided().await;
    hand_in(&world, "Alder", "NL", "MIT", 10).await;
    let history = draft(&[(
        "expression = \"applied_before == 0\"",
        "expression = \"applied_before == 0 && !is_member\"",
    )]);
    let found = simulate(&world, "program manager", history, None).await;
    assert_eq!(
        counts(&found),
        json!([5, 3, 2, 0, 0]),
        "neither the membership nor a later application"
    );
}

#[tokio::test]
async fn rules_with_dates_are_asked_about_the_day_on_which_it_was_handed_in() {
    let world = decided().await;
    world.now("2026-11-25T10:00:00Z");
    for (dates, expected) in [
        ("until = 2026-11-23", json!([5, 0, 5, 0, 3])),
        ("from = 2026-11-24", json!([5, 3, 2, 0, 0])),
    ] {
        let rule =
            format!("[[trade]]\nplace = \"NL\"\n{dates}\noutcome = \"RESTRICTED\"\n\n[[trade]]");
        let files = draft(&[("[[trade]]", &rule)]);
        let found = simulate(&world, "program manager", files, None).await;
        assert_eq!(counts(&found), expected, "{dates}");
    }
}

#[tokio::test]
async fn the_newest_are_replayed_and_the_rest_is_said_to_be_left_out() {
    let world = decided().await;
    let small = || draft(&[("[[approvals]]", &at_most(10))]);
    let found = simulate(&world, "program manager", small(), Some(3)).await;
    assert_eq!(
        counts(&found),
        json!([3, 0, 3, 0, 1]),
        "Elm, Dogwood and Cedar"
    );
    assert_eq!(found["truncated"], true);
    let found = simulate(&world, "program manager", small(), Some(5)).await;
    assert_eq!(counts(&found), json!([5, 1, 4, 0, 2]));
    assert_eq!(found["truncated"], false);
    let query =
        "query($input: SimulateRevisionInput!) { simulateRevision(input: $input) { replayed } }";
    let garden = world.program("garden").await.to_string();
    for limit in [0, -1, 5_001] {
        let input = json!({ "input": { "programId": garden, "files": small(), "limit": limit } });
        let answer = world.send("program manager", query, input).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{limit}"
        );
    }
}

#[tokio::test]
async fn not_one_more_is_replayed_than_was_asked_for_however_many_there_are() {
    let world = World::new().await;
    publish(&world, "program manager", draft(&[]), false).await;
    for number in 0..105 {
        hand_in(&world, &format!("Garden{number}"), "NL", "MIT", 1 + number).await;
    }
    let small = || draft(&[("[[approvals]]", &at_most(2))]);
    let found = simulate(&world, "program manager", small(), Some(101)).await;
    // Five of them have more than 100 seats and wait for a second person.
    assert_eq!(counts(&found), json!([100, 2, 98, 0, 98]));
    assert_eq!(found["truncated"], false);
    for number in 200..205 {
        hand_in(&world, &format!("Garden{number}"), "NL", "MIT", 3).await;
    }
    let found = simulate(&world, "program manager", small(), Some(102)).await;
    assert_eq!(counts(&found), json!([102, 0, 102, 0, 102]));
    assert_eq!(found["truncated"], true);
    assert_eq!(
        found["differences"].as_array().unwrap().len(),
        100,
        "`differing` counts all"
    );
}

#[tokio::test]
async fn a_simulation_writes_nothing() {
    let world = decided().await;
    let log = "{ activities(first: 1) { nodes { id } } program(key: \"garden\") { version revisions { number } } }";
    let before = world.query("operations manager", log, json!({})).await;
    let small = draft(&[("[[approvals]]", &at_most(10))]);
    simulate(&world, "program manager", small, None).await;
    assert_eq!(
        world.query("operations manager", log, json!({})).await,
        before
    );
}

#[tokio::test]
async fn only_who_may_publish_rules_tries_them_out() {
    let world = decided().await;
    for person in [
        "specialist",
        "specialist elsewhere",
        "observer",
        "applicant",
        "integration",
        "admin",
    ] {
        let refused = simulate(&world, person, draft(&[]), None).await;
        assert_eq!(
            refused["userErrors"][0]["code"], "NOT_PERMITTED",
            "{person}"
        );
        assert_eq!(refused["differences"], json!([]), "{person}");
    }
    let found = simulate(&world, "operations manager", draft(&[]), None).await;
    assert_eq!(counts(&found), json!([5, 3, 2, 0, 0]));
}

#[tokio::test]
async fn a_draft_with_mistakes_or_of_another_program_is_not_tried_out() {
    let world = decided().await;
    let wrong = draft(&[("limit_days = 10", "limit_days = 1")]);
    let refused = simulate(&world, "program manager", wrong, None).await;
    assert_eq!(
        refused["userErrors"][0]["mistakes"][0]["line"], 8,
        "{refused:#}"
    );
    let other = draft(&[("key = \"garden\"", "key = \"orchard\"")]);
    let refused = simulate(&world, "program manager", other, None).await;
    assert_eq!(
        refused["userErrors"][0]["code"], "INVALID_INPUT",
        "{refused:#}"
    );
    assert_eq!(refused["replayed"], 0);
    let query = "query($input: SimulateRevisionInput!) { simulateRevision(input: $input) { userErrors { code path } } }";
    for id in ["prog_00000000000000000000000000", "nonsense"] {
        let input = json!({ "input": { "programId": id, "files": draft(&[]) } });
        let data = world.query("program manager", query, input).await;
        assert_eq!(
            data["simulateRevision"]["userErrors"],
            json!([{ "code": "NOT_FOUND", "path": ["input", "programId"] }])
        );
    }
}
