//! Values for each program, kind, mode and person, and the rows of each.

use serde_json::{Value, json};

use super::autumn::{automated, autumn, gardens, hand_in, input, report, told, unclear};
use super::{MONTHS, YEAR};
use crate::support::{World, good};

/// The quarter's values of an indicator in groups, as the operations manager is told.
async fn grouped(world: &World, key: &str, by: &[&str]) -> Value {
    let mut input = input(world, key, "QUARTER", YEAR).await;
    input["groupBy"] = json!(by);
    report(world, "operations manager", &input).await
}

/// Of each value who brought it about, and these fields.
fn of_people(report: &Value, fields: &[&str]) -> Value {
    let values = report["values"].as_array().unwrap().iter();
    values
        .map(|value| {
            let mut line = vec![value["person"]["name"].clone()];
            line.extend(fields.iter().map(|field| value[field].clone()));
            Value::Array(line)
        })
        .collect()
}

#[tokio::test]
async fn each_person_has_a_value_and_so_has_the_service() {
    let world = autumn().await;
    let solved = grouped(&world, "APPLICATIONS_SOLVED", &["PERSON"]).await;
    assert_eq!(
        of_people(&solved, &["value", "unique"]),
        json!([
            [null, 3.0, 3],
            ["applicant", 1.0, 1],
            ["specialist", 3.0, 3],
            ["program manager", 2.0, 2],
            ["operations manager", 1.0, 1]
        ])
    );
    assert_eq!(
        gardens(&solved),
        json!([
            ["Hazel", "Birch", "Alder"],
            ["Gorse"],
            ["Juniper", "Elm", "Cedar"],
            ["Elm", "Dogwood"],
            ["Iris"]
        ])
    );
    let time = grouped(&world, "TIME_TO_APPROVE", &["PERSON"]).await;
    assert_eq!(
        of_people(&time, &["value"]),
        json!([
            [null, 0.0],
            ["specialist", 600.0],
            ["program manager", 1710.0],
            ["operations manager", 960.0]
        ])
    );
    let mut one = input(&world, "APPLICATIONS_SOLVED", "MONTH", MONTHS).await;
    one["personId"] = json!(world.people["program manager"].id.to_string());
    let one = report(&world, "operations manager", &one).await;
    assert_eq!(
        told(&one, &["value"]),
        json!([["2026-10", null], ["2026-11", null], ["2026-12", 2.0]])
    );
    assert_eq!(gardens(&one), json!([[], [], ["Elm", "Dogwood"]]));
}

#[tokio::test]
async fn each_mode_has_a_value_and_what_is_open_has_no_mode_yet() {
    let world = autumn().await;
    let share = grouped(&world, "AUTOMATED_SHARE", &["MODE"]).await;
    assert_eq!(
        told(&share, &["mode", "numerator", "denominator"]),
        json!([
            ["FY2027-Q4", "MANUAL", 0, 6],
            ["FY2027-Q4", "AUTOMATED", 2, 2]
        ])
    );
    let promise = grouped(&world, "WITHIN_PROMISE", &["MODE"]).await;
    assert_eq!(
        told(&promise, &["mode", "numerator", "denominator"]),
        json!([
            ["FY2027-Q4", null, 0, 1],
            ["FY2027-Q4", "MANUAL", 5, 6],
            ["FY2027-Q4", "AUTOMATED", 2, 2]
        ])
    );
    assert_eq!(
        gardens(&promise),
        json!([
            [],
            ["Juniper", "Iris", "Elm", "Dogwood", "Elm", "Cedar"],
            ["Birch", "Alder"]
        ])
    );
    let mut by_hand = input(&world, "WITHIN_PROMISE", "QUARTER", YEAR).await;
    by_hand["mode"] = json!("MANUAL");
    let by_hand = report(&world, "operations manager", &by_hand).await;
    assert_eq!(
        told(&by_hand, &["numerator", "denominator"]),
        json!([["FY2027-Q4", 5, 6]])
    );
}

#[tokio::test]
async fn groups_are_divided_further_by_every_dimension_that_is_asked_for() {
    let world = autumn().await;
    let mut input = input(&world, "APPLICATIONS_SOLVED", "MONTH", MONTHS).await;
    input["groupBy"] = json!(["PROGRAM", "KIND", "MODE"]);
    let found = report(&world, "operations manager", &input).await;
    let garden = json!({ "key": "garden" });
    assert_eq!(
        told(&found, &["program", "kind", "mode", "value"]),
        json!([
            ["2026-11", garden, "NEW", "MANUAL", 3.0],
            ["2026-11", garden, "NEW", "AUTOMATED", 2.0],
            ["2026-12", garden, "NEW", "MANUAL", 4.0],
            ["2026-12", garden, "NEW", "AUTOMATED", 1.0]
        ]),
        "a period without data has no groups"
    );
    let sizes = found["values"].as_array().unwrap().iter();
    let rows: Vec<_> = sizes
        .map(|value| value["rows"]["nodes"].as_array().unwrap().len())
        .collect();
    assert_eq!(rows, [3, 2, 4, 1]);
    input["kind"] = json!("RENEWAL");
    input["groupBy"] = json!([]);
    let renewals = report(&world, "operations manager", &input).await;
    assert_eq!(
        told(&renewals, &["value"]),
        json!([["2026-10", null], ["2026-11", null], ["2026-12", null]])
    );
}

#[tokio::test]
async fn each_program_has_a_value_for_those_who_read_both() {
    let world = autumn().await;
    let orchard = world.program("orchard").await.to_string();
    let begin = json!({ "programId": orchard, "organizationName": "Quince Orchard" });
    let draft = world.done("applicant", "createApplication", begin).await;
    let answers = json!({ "answers": good() });
    let draft = world
        .act("applicant", "answerApplication", &draft, answers)
        .await;
    let quince = world
        .act("applicant", "submitApplication", &draft, json!({}))
        .await;
    world
        .act(
            "specialist elsewhere",
            "approveApplication",
            &quince,
            json!({}),
        )
        .await;
    let mut everywhere = input(&world, "APPLICATIONS_SOLVED", "MONTH", MONTHS).await;
    everywhere["programId"] = Value::Null;
    everywhere["groupBy"] = json!(["PROGRAM"]);
    let all = report(&world, "operations manager", &everywhere).await;
    assert_eq!(
        told(&all, &["program", "value"]),
        json!([
            ["2026-11", { "key": "garden" }, 5.0],
            ["2026-12", { "key": "garden" }, 5.0],
            ["2026-12", { "key": "orchard" }, 1.0]
        ])
    );
    let theirs = report(&world, "specialist elsewhere", &everywhere).await;
    assert_eq!(
        told(&theirs, &["program", "value"]),
        json!([["2026-12", { "key": "orchard" }, 1.0]])
    );
    assert_eq!(gardens(&theirs), json!([["Quince Orchard"]]));
}

#[tokio::test]
async fn what_the_service_ended_twice_in_a_period_is_one_application_in_its_group_too() {
    let world = World::with(automated).await;
    let mut ash = hand_in(&world, unclear("Ash")).await;
    for [asked, warned, expired] in [
        [
            "2026-11-24T10:00:00Z",
            "2026-12-09T10:00:00Z",
            "2026-12-14T10:00:00Z",
        ],
        [
            "2026-12-15T10:00:00Z",
            "2026-12-30T10:00:00Z",
            "2027-01-04T10:00:00Z",
        ],
    ] {
        world.now(asked);
        let question = json!({ "question": "Who may use the garden?" });
        world
            .act("specialist", "askApplicant", &ash, question)
            .await;
        for moment in [warned, expired] {
            world.now(moment);
            stoa::jobs::once(&world.service).await.unwrap();
        }
        let version = "query($id: ID!) { application(id: $id) { id version status } }";
        let seen = world
            .query("applicant", version, json!({ "id": ash["id"] }))
            .await;
        assert_eq!(seen["application"]["status"], "EXPIRED");
        if expired.starts_with("2026") {
            let again = json!({ "reason": "The question went to the wrong address." });
            ash = world
                .act(
                    "applicant",
                    "reopenApplication",
                    &seen["application"],
                    again,
                )
                .await;
        }
    }
    for by in [vec![], vec!["PERSON"], vec!["MODE"], vec!["PERSON", "MODE"]] {
        let found = grouped(&world, "APPLICATIONS_SOLVED", &by).await;
        assert_eq!(
            told(&found, &["value", "unique"]),
            json!([["FY2027-Q4", 2.0, 1]]),
            "{by:?}"
        );
    }
}
