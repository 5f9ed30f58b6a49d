//! What the criteria say of an application: facts with evidence, runs that are kept, and what automation makes of them.

mod registry;
mod repeats;

use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Status};
use stoa_domain::program::Rules;
use stoa_domain::program::rules::Switch;

use crate::support::{World, good};

const LATEST: &str = "query($id: ID!) { application(id: $id) { status
    evaluation { at recommendation reasons limits findings {
      criterion outcome consequence problem facts { name value source evidence } } } } }";

/// The latest evaluation as somebody is told, with the application's status.
async fn latest(world: &World, person: &str, application: &Value) -> Value {
    let mut data = world
        .query(person, LATEST, json!({ "id": application["id"] }))
        .await;
    data["application"].take()
}

/// The finding of one criterion, as a specialist is told.
async fn finding(world: &World, application: &Value, criterion: &str) -> Value {
    let told = latest(world, "specialist", application).await;
    let findings = told["evaluation"]["findings"].as_array().unwrap();
    let found = findings.iter().find(|it| it["criterion"] == criterion);
    found.unwrap().clone()
}

/// Lines of the log on an application, newest first, as a specialist reads them.
async fn log(world: &World, application: &Value, verb: &str) -> Vec<Value> {
    let query = "query($id: ID!) { activities(applicationId: $id, first: 50) { nodes { verb mode details } } }";
    let data = world
        .query("specialist", query, json!({ "id": application["id"] }))
        .await;
    let lines = data["activities"]["nodes"].as_array().unwrap().iter();
    lines.filter(|line| line["verb"] == verb).cloned().collect()
}

fn answers(changed: &Value) -> Value {
    let mut answers = good();
    for (field, value) in changed.as_object().unwrap() {
        answers[field] = value.clone();
    }
    answers
}

fn everything_on(rules: &mut Rules) {
    rules.automation.approve = Switch::On;
    rules.automation.decline = Switch::On;
}

#[tokio::test]
async fn a_finding_tells_the_team_the_facts_with_their_source_and_evidence() {
    let world = World::new().await;
    let application = world.in_review().await;
    let told = latest(&world, "specialist", &application).await;
    assert_eq!(told["status"], "IN_REVIEW");
    let evaluation = &told["evaluation"];
    assert_eq!(evaluation["at"], "2026-11-23T10:00:00Z");
    assert_eq!(evaluation["recommendation"], "APPROVE");
    assert_eq!(evaluation["reasons"], json!([]));
    assert_eq!(evaluation["limits"], json!([]));
    let licence = finding(&world, &application, "osi-licence").await;
    let evidence = licence["facts"][0]["evidence"].as_str().unwrap();
    assert!(evidence.starts_with("SPDX list "), "{evidence}");
    assert!(
        evidence.ends_with(": MIT OSI-approved, Apache-2.0 OSI-approved"),
        "{evidence}"
    );
    let met = |criterion, consequence, fact: Value| json!({ "criterion": criterion, "outcome": "MET", "consequence": consequence, "problem": null, "facts": [fact] });
    assert_eq!(
        evaluation["findings"],
        json!([
            met(
                "osi-licence",
                "DECLINE",
                json!({
                    "name": "licence_osi_approved", "value": true, "source": "SPDX_LIST", "evidence": evidence
                })
            ),
            met(
                "country-served",
                "DECLINE",
                json!({
                    "name": "country_restricted", "value": false, "source": "TRADE_RULES",
                    "evidence": finding(&world, &application, "country-served").await["facts"][0]["evidence"]
                })
            ),
            met(
                "real-mail",
                "REVIEW",
                json!({
                    "name": "mail_disposable", "value": false, "source": "DISPOSABLE_MAIL_LIST",
                    "evidence": "`example.org` is not in the list of disposable mail domains"
                })
            ),
            met(
                "first-application",
                "REVIEW",
                json!({
                    "name": "applied_before", "value": 0, "source": "HISTORY",
                    "evidence": "other applications to this program: 0 with the same name, 0 with the same domain, 0 with the same repository"
                })
            ),
        ])
    );
}

#[tokio::test]
async fn an_applicant_is_told_outcomes_and_fixes_and_nothing_of_how_they_were_found() {
    let world = World::new().await;
    let unknown = answers(&json!({ "licence": "the usual one" }));
    let application = world
        .submitted("applicant", "Riverside Garden", unknown)
        .await;
    let told = latest(&world, "applicant", &application).await;
    let evaluation = &told["evaluation"];
    for hidden in ["recommendation", "reasons", "limits"] {
        assert_eq!(evaluation[hidden], Value::Null, "{hidden}");
    }
    let findings = evaluation["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 4);
    assert_eq!(findings[0]["outcome"], "UNKNOWN");
    for finding in findings {
        for hidden in ["problem", "facts"] {
            assert_eq!(finding[hidden], Value::Null, "{hidden}");
        }
    }
    for person in [
        "other applicant",
        "specialist elsewhere",
        "observer",
        "admin",
    ] {
        assert_eq!(
            latest(&world, person, &application).await,
            Value::Null,
            "{person}"
        );
    }
}

#[tokio::test]
async fn the_team_runs_the_criteria_again_and_nobody_else_does() {
    let world = World::new().await;
    let application = world.in_review().await;
    for (person, code) in [
        ("applicant", "NOT_PERMITTED"),
        ("other applicant", "NOT_FOUND"),
        ("specialist elsewhere", "NOT_FOUND"),
        ("observer", "NOT_FOUND"),
        ("integration", "NOT_FOUND"),
    ] {
        let refused = world
            .refused(person, "evaluateApplication", &application, json!({}))
            .await;
        assert_eq!(refused["code"], code, "{person}");
    }
    let again = world
        .act("specialist", "evaluateApplication", &application, json!({}))
        .await;
    let stale = world
        .refused("specialist", "evaluateApplication", &application, json!({}))
        .await;
    assert_eq!(stale["currentVersion"], again["version"]);
    let approved = world
        .act("specialist", "approveApplication", &again, json!({}))
        .await;
    let late = world
        .refused("specialist", "evaluateApplication", &approved, json!({}))
        .await;
    assert_eq!(late["code"], "WRONG_STATE");
    let modes: Vec<_> = log(&world, &application, "EVALUATED")
        .await
        .iter()
        .map(|line| line["mode"].clone())
        .collect();
    assert_eq!(modes, ["MANUAL", "AUTOMATED"]);
}

#[tokio::test]
async fn in_the_shadow_the_service_records_what_it_would_have_done_and_people_decide() {
    for (switch, changed, shadow) in [
        (Switch::Shadow, json!({}), json!("APPROVE")),
        (
            Switch::Shadow,
            json!({ "licence": "SSPL-1.0" }),
            json!("DECLINE"),
        ),
        (
            Switch::Shadow,
            json!({ "licence": "the usual one" }),
            Value::Null,
        ),
        (Switch::Shadow, json!({ "seats": 400 }), Value::Null),
        (Switch::Off, json!({}), Value::Null),
    ] {
        let world = World::with(|rules| {
            rules.automation.approve = switch;
            rules.automation.decline = switch;
        })
        .await;
        let application = world
            .submitted("applicant", "Riverside Garden", answers(&changed))
            .await;
        assert_eq!(application["status"], "IN_REVIEW", "{switch:?} {changed}");
        let lines = log(&world, &application, "EVALUATED").await;
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["mode"], "AUTOMATED");
        assert_eq!(
            lines[0]["details"]["shadow"], shadow,
            "{switch:?} {changed}"
        );
        let theirs = "query($id: ID!) { application(id: $id) { activities(first: 20) { nodes { verb details } } } }";
        let data = world
            .query("applicant", theirs, json!({ "id": application["id"] }))
            .await;
        let lines = data["application"]["activities"]["nodes"]
            .as_array()
            .unwrap();
        assert!(
            lines
                .iter()
                .all(|line| line["verb"] != "EVALUATED" && line["details"].is_null())
        );
    }
}

#[tokio::test]
async fn what_is_unknown_goes_to_people_and_is_never_approved() {
    for licence in [
        "BSD 3-clause",
        "the usual one",
        "NOASSERTION",
        "MIT AND",
        "n/a",
        "MIT, Apache-2.0",
    ] {
        let world = World::with(everything_on).await;
        let given = answers(&json!({ "licence": licence }));
        let application = world
            .submitted("applicant", "Riverside Garden", given)
            .await;
        assert_eq!(application["status"], "IN_REVIEW", "{licence}");
        let told = latest(&world, "specialist", &application).await;
        assert_eq!(told["evaluation"]["recommendation"], "REVIEW", "{licence}");
        let found = finding(&world, &application, "osi-licence").await;
        assert_eq!(found["outcome"], "UNKNOWN", "{licence}");
        assert_eq!(found["facts"][0]["value"], Value::Null, "{licence}");
        assert!(!found["problem"].as_str().unwrap().is_empty(), "{licence}");
    }
}

#[tokio::test]
async fn one_certain_reason_to_decline_is_enough_whatever_is_unknown_besides() {
    let world = World::with(everything_on).await;
    let given = answers(&json!({ "licence": "the usual one", "country": "CU" }));
    let application = world
        .submitted("applicant", "Riverside Garden", given)
        .await;
    assert_eq!(application["status"], "DECLINED");
    let told = latest(&world, "specialist", &application).await;
    assert_eq!(told["evaluation"]["recommendation"], "DECLINE");
    assert_eq!(told["evaluation"]["reasons"], json!(["COUNTRY"]));
}

#[tokio::test]
async fn what_a_died_process_left_submitted_is_taken_on_once() {
    for switch in [Switch::Off, Switch::On] {
        let world = World::with(|rules| rules.automation.approve = switch).await;
        let draft = world.draft("applicant", "Riverside Garden", good()).await;
        let service = &world.service;
        let system = service.store.view(&Actor::System);
        let id = draft["id"].as_str().unwrap().parse().unwrap();
        let application = system.application(id).await.unwrap().unwrap();
        let given = system.answers(id).await.unwrap();
        let compiled = service.compiled(application.revision).await.unwrap();
        let by = world.actor("applicant");
        let act = Act {
            by: &by,
            revision: &compiled.revision,
            now: service.clock.now(),
            seen: None,
        };
        let handed_in = application.submit(&given, &compiled.form, &act).unwrap();
        service.store.commit(handed_in).await.unwrap();
        let left = latest(&world, "specialist", &draft).await;
        assert_eq!(left, json!({ "status": "SUBMITTED", "evaluation": null }));
        let (one, other) = tokio::join!(stoa::jobs::once(service), stoa::jobs::once(service));
        one.unwrap();
        other.unwrap();
        stoa::jobs::once(service).await.unwrap();
        let expected = match switch {
            Switch::On => Status::Approved,
            _ => Status::InReview,
        };
        let taken_on = system.application(id).await.unwrap().unwrap();
        assert_eq!(taken_on.status(), expected);
        assert_eq!(
            taken_on.version,
            left_version(&draft) + 2,
            "handed in, and evaluated once"
        );
        let runs = "query($id: ID!) { application(id: $id) { evaluations(first: 5) { nodes { recommendation } } } }";
        let data = world
            .query("specialist", runs, json!({ "id": draft["id"] }))
            .await;
        assert_eq!(
            data["application"]["evaluations"]["nodes"],
            json!([{ "recommendation": "APPROVE" }])
        );
    }
}

fn left_version(draft: &Value) -> i32 {
    i32::try_from(draft["version"].as_i64().unwrap()).unwrap()
}

#[tokio::test]
async fn when_every_place_is_taken_the_service_leaves_the_decision_to_people() {
    let world = World::with(|rules| {
        everything_on(rules);
        rules.capacity = Some(1);
    })
    .await;
    let mut status = Vec::new();
    for name in ["Alder", "Birch"] {
        let word = name.to_lowercase();
        let given = json!({
            "email": format!("hello@{word}-garden.org"),
            "organization": name,
            "repository": format!("https://code.{word}-garden.org/plans")
        });
        let application = world.submitted("applicant", name, answers(&given)).await;
        status.push(application["status"].clone());
    }
    assert_eq!(status, ["APPROVED", "IN_REVIEW"]);
}
