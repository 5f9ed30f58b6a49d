//! An application's life through the API, as applicants and the team live it.

use serde_json::json;

use crate::support::{World, good, input};

#[tokio::test]
async fn what_meets_every_criterion_is_approved_by_the_service_where_automation_is_on() {
    let world = World::with(|rules| {
        rules.automation.approve = stoa_domain::program::rules::Switch::On;
    })
    .await;
    let application = world.in_review().await;
    assert_eq!(application["status"], "APPROVED");
    let data = world
        .query(
            "applicant",
            "query($id: ID!) { application(id: $id) {
               status promise { dueAt } decision { outcome mode publishedAt draftedBy { name } }
               membership { endsBefore terms { startsOn endsBefore grants { benefit kind quantity } } }
               messages { nodes { kind body } }
               activities(first: 10) { nodes { verb mode } } } }",
            json!({ "id": application["id"] }),
        )
        .await;
    assert_eq!(
        data,
        json!({ "application": {
            "status": "APPROVED",
            "promise": null,
            "decision": {
                "outcome": "APPROVE",
                "mode": "AUTOMATED",
                "publishedAt": "2026-11-23T10:00:00Z",
                "draftedBy": null
            },
            "membership": {
                "endsBefore": "2027-11-23",
                "terms": [{
                    "startsOn": "2026-11-23",
                    "endsBefore": "2027-11-23",
                    "grants": [{ "benefit": "seats", "kind": "SEATS", "quantity": 40 }]
                }]
            },
            "messages": { "nodes": [
                { "kind": "RECEIVED", "body": "We have your application for Riverside Garden. You will hear from us by 7 December 2026.\n" },
                { "kind": "APPROVED", "body": "Welcome, Riverside Garden! \n" }
            ] },
            "activities": { "nodes": [
                { "verb": "MEMBERSHIP_STARTED", "mode": "AUTOMATED" },
                { "verb": "APPROVED", "mode": "AUTOMATED" },
                { "verb": "SUBMITTED", "mode": "MANUAL" },
                { "verb": "ANSWERED", "mode": "MANUAL" },
                { "verb": "CREATED", "mode": "MANUAL" }
            ] }
        } })
    );
}

#[tokio::test]
async fn what_fails_a_declining_criterion_is_declined_with_reasons_and_can_be_appealed() {
    let world = World::with(|rules| {
        rules.automation.decline = stoa_domain::program::rules::Switch::On;
    })
    .await;
    let mut answers = good();
    answers["licence"] = json!("SSPL-1.0");
    let application = world
        .submitted("applicant", "Riverside Garden", answers)
        .await;
    assert_eq!(application["status"], "DECLINED");
    let data = world
        .query(
            "applicant",
            "query($id: ID!) { application(id: $id) {
               decision { outcome reasons { code message fix } }
               evaluation { recommendation findings { criterion outcome fix facts { name } } }
               messages { nodes { kind body } } } }",
            json!({ "id": application["id"] }),
        )
        .await;
    assert_eq!(
        data,
        json!({ "application": {
            "decision": {
                "outcome": "DECLINE",
                "reasons": [{
                    "code": "LICENCE_NOT_OSI",
                    "message": "The licence is not approved by the OSI.",
                    "fix": "Choose a licence from the OSI's list and appeal."
                }]
            },
            "evaluation": {
                "recommendation": null,
                "findings": [
                    { "criterion": "osi-licence", "outcome": "UNMET", "fix": "Choose a licence from the OSI's list.", "facts": null },
                    { "criterion": "country-served", "outcome": "MET", "fix": "We cannot serve this country at present.", "facts": null },
                    { "criterion": "real-mail", "outcome": "MET", "fix": "Use a lasting mail address.", "facts": null },
                    { "criterion": "first-application", "outcome": "MET", "fix": "Go on with the earlier application.", "facts": null }
                ]
            },
            "messages": { "nodes": [
                { "kind": "RECEIVED", "body": "We have your application for Riverside Garden. You will hear from us by 7 December 2026.\n" },
                { "kind": "DECLINED", "body": "Sorry, applicant.\n\n- The licence is not approved by the OSI.\n\nWhat you can do:\n\n- Choose a licence from the OSI's list and appeal.\n\n\n" }
            ] }
        } })
    );
    let reopened = world
        .act(
            "applicant",
            "reopenApplication",
            &application,
            json!({ "reason": "We changed the licence to MIT." }),
        )
        .await;
    assert_eq!(reopened["status"], "IN_REVIEW");
}

#[tokio::test]
async fn a_question_pauses_the_promise_until_the_applicant_replies() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    world.now("2026-11-24T09:00:00Z");
    let asked = world
        .act(
            "specialist",
            "askApplicant",
            &claimed,
            json!({ "question": "Who may use the garden?" }),
        )
        .await;
    assert_eq!(asked["status"], "AWAITING_APPLICANT");
    let promise = "query($id: ID!) { application(id: $id) {
        question expiresAt promise { dueAt businessDaysLeft paused { since cause } } clocks { elapsedMinutes promiseMinutes teamMinutes } } }";
    world.now("2026-11-26T09:00:00Z");
    let paused = world
        .query("applicant", promise, json!({ "id": application["id"] }))
        .await;
    assert_eq!(
        paused,
        json!({ "application": {
            "question": "Who may use the garden?",
            "expiresAt": "2026-12-14T09:00:00Z",
            "promise": {
                "dueAt": null,
                "businessDaysLeft": null,
                "paused": { "cause": "AWAITING_APPLICANT", "since": "2026-11-24T09:00:00Z" }
            },
            "clocks": { "elapsedMinutes": 1380, "promiseMinutes": 420, "teamMinutes": null }
        } })
    );
    let further = json!({ "message": "Everybody.", "answers": { "seats": 50 } });
    let replied = world
        .act("applicant", "replyToQuestion", &asked, further)
        .await;
    assert_eq!(replied["status"], "IN_REVIEW");
    let running = world
        .query("applicant", promise, json!({ "id": application["id"] }))
        .await;
    assert_eq!(
        running,
        json!({ "application": {
            "question": null,
            "expiresAt": null,
            // Two business days passed while the applicant was waited for: 7 December moves to the 9th.
            "promise": { "dueAt": "2026-12-09T17:00:00Z", "businessDaysLeft": 9, "paused": null },
            "clocks": { "elapsedMinutes": 1380, "promiseMinutes": 420, "teamMinutes": null }
        } })
    );
}

#[tokio::test]
async fn what_is_over_a_limit_needs_a_second_person() {
    let world = World::new().await;
    let mut answers = good();
    answers["seats"] = json!(400);
    let application = world
        .submitted("applicant", "Riverside Garden", answers)
        .await;
    let refused = world
        .refused("specialist", "approveApplication", &application, json!({}))
        .await;
    assert_eq!(refused["code"], "NEEDS_APPROVAL");
    assert_eq!(refused["limits"], json!(["many-seats"]));
    let draft = json!({ "outcome": "APPROVE", "message": "A large and lovely garden." });
    let proposed = world
        .act("specialist", "proposeDecision", &application, draft)
        .await;
    assert_eq!(proposed["status"], "AWAITING_APPROVAL");
    let early = world
        .refused("specialist", "publishDecision", &proposed, json!({}))
        .await;
    assert_eq!(early["code"], "NEEDS_APPROVAL");
    let status = "query($id: ID!) { application(id: $id) { status decision { outcome } history { status } } }";
    let seen = world
        .query("applicant", status, json!({ "id": application["id"] }))
        .await;
    assert_eq!(
        seen["application"]["status"], "IN_REVIEW",
        "a drafted decision does not leak"
    );
    assert_eq!(seen["application"]["decision"], json!(null));
    let not_theirs = world
        .refused("specialist", "approveDecision", &proposed, json!({}))
        .await;
    assert_eq!(not_theirs["code"], "NOT_PERMITTED");
    let approved = world
        .act("program manager", "approveDecision", &proposed, json!({}))
        .await;
    let published = world
        .act("specialist", "publishDecision", &approved, json!({}))
        .await;
    assert_eq!(published["status"], "APPROVED");
}

#[tokio::test]
async fn nobody_approves_their_own_proposal() {
    let world = World::new().await;
    let mut answers = good();
    answers["seats"] = json!(400);
    let application = world
        .submitted("applicant", "Riverside Garden", answers)
        .await;
    let draft = json!({ "outcome": "APPROVE" });
    let proposed = world
        .act("program manager", "proposeDecision", &application, draft)
        .await;
    let own = world
        .refused("program manager", "approveDecision", &proposed, json!({}))
        .await;
    assert_eq!(own["code"], "OWN_DECISION");
    let back = world
        .act(
            "operations manager",
            "sendBackDecision",
            &proposed,
            json!({ "note": "Ask about the seats." }),
        )
        .await;
    assert_eq!(back["status"], "IN_REVIEW");
}

#[tokio::test]
async fn a_stale_command_loses_nothing_and_names_the_current_version() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let stale = world
        .refused(
            "operations manager",
            "declineApplication",
            &application,
            json!({ "reasons": ["COUNTRY"] }),
        )
        .await;
    assert_eq!(stale["__typename"], "StaleVersionError");
    assert_eq!(stale["currentVersion"], claimed["version"]);
    let now = world
        .query(
            "specialist",
            "query($id: ID!) { application(id: $id) { version status } }",
            json!({ "id": application["id"] }),
        )
        .await;
    assert_eq!(
        now["application"],
        json!({ "version": claimed["version"], "status": "IN_REVIEW" })
    );
}

#[tokio::test]
async fn of_two_commands_on_one_version_one_wins_and_the_other_is_told() {
    let world = World::over(crate::support::database::shared().await, |_| {}).await;
    let application = world.in_review().await;
    let hold = json!({ "cause": "COMPLIANCE", "note": "A name was flagged." });
    let (a, b) = tokio::join!(
        world.command(
            "specialist",
            "claimApplication",
            input(&application, json!({}))
        ),
        world.command(
            "program manager",
            "holdApplication",
            input(&application, hold)
        ),
    );
    let errors = [&a, &b].map(|payload| payload["userErrors"][0]["code"].clone());
    assert!(
        errors == [json!(null), json!("STALE_VERSION")]
            || errors == [json!("STALE_VERSION"), json!(null)],
        "{a:#} {b:#}"
    );
}

#[tokio::test]
async fn a_consultation_that_nobody_objects_to_ends_by_itself() {
    let world = World::new().await;
    let application = world.in_review().await;
    let endless = json!({ "cause": "CONSULT", "note": "Ask the account owner." });
    let refused = world
        .refused("specialist", "holdApplication", &application, endless)
        .await;
    assert_eq!(refused["path"], json!(["input", "until"]));
    let hold = json!({ "cause": "CONSULT", "note": "Ask the account owner.", "until": "2026-11-25T10:00:00Z" });
    let held = world
        .act("specialist", "holdApplication", &application, hold)
        .await;
    assert_eq!(held["status"], "ON_HOLD");
    stoa::jobs::once(&world.service).await.unwrap();
    let status = "query($id: ID!) { application(id: $id) { status hold { cause note } } }";
    let team = world
        .query("specialist", status, json!({ "id": application["id"] }))
        .await;
    assert_eq!(team["application"]["hold"]["cause"], "CONSULT");
    let theirs = world
        .query("applicant", status, json!({ "id": application["id"] }))
        .await;
    assert_eq!(
        theirs["application"],
        json!({ "status": "IN_REVIEW", "hold": null })
    );
    world.now("2026-11-25T10:00:00Z");
    stoa::jobs::once(&world.service).await.unwrap();
    let team = world
        .query("specialist", status, json!({ "id": application["id"] }))
        .await;
    assert_eq!(team["application"]["status"], "IN_REVIEW");
}

#[tokio::test]
async fn nothing_expires_without_a_warning() {
    let world = World::new().await;
    let application = world.in_review().await;
    world
        .act(
            "specialist",
            "askApplicant",
            &application,
            json!({ "question": "Which licence?" }),
        )
        .await;
    let seen =
        "query($id: ID!) { application(id: $id) { status expiresAt messages { nodes { kind } } } }";
    for (moment, status, last) in [
        ("2026-12-07T10:00:00Z", "AWAITING_APPLICANT", "QUESTION"),
        ("2026-12-08T10:00:00Z", "AWAITING_APPLICANT", "EXPIRING"),
        ("2026-12-13T09:00:00Z", "AWAITING_APPLICANT", "EXPIRING"),
        ("2026-12-13T10:00:00Z", "EXPIRED", "EXPIRED"),
    ] {
        world.now(moment);
        stoa::jobs::once(&world.service).await.unwrap();
        let data = world
            .query("applicant", seen, json!({ "id": application["id"] }))
            .await;
        let kinds = data["application"]["messages"]["nodes"].as_array().unwrap();
        assert_eq!(data["application"]["status"], status, "{moment}");
        assert_eq!(kinds.last().unwrap()["kind"], last, "{moment}");
    }
}

#[tokio::test]
async fn an_applicant_takes_an_application_back_from_every_open_state() {
    let world = World::new().await;
    let application = world.in_review().await;
    let hold = json!({ "cause": "THIRD_PARTY", "note": "Waiting for the registry." });
    let held = world
        .act("specialist", "holdApplication", &application, hold)
        .await;
    let withdrawn = world
        .act(
            "applicant",
            "withdrawApplication",
            &held,
            json!({ "reason": "We moved." }),
        )
        .await;
    assert_eq!(withdrawn["status"], "WITHDRAWN");
    let gone = world
        .refused("specialist", "releaseApplication", &withdrawn, json!({}))
        .await;
    assert_eq!(gone["code"], "WRONG_STATE");
}

#[tokio::test]
async fn a_decline_always_says_why() {
    let world = World::new().await;
    let application = world.in_review().await;
    for reasons in [json!([]), json!(["BECAUSE"])] {
        let refused = world
            .refused(
                "specialist",
                "declineApplication",
                &application,
                json!({ "reasons": reasons }),
            )
            .await;
        assert_eq!(refused["code"], "INVALID_REASON");
    }
}

#[tokio::test]
async fn a_command_on_what_is_not_there_is_told_so_and_nothing_else() {
    let world = World::new().await;
    let application = world.in_review().await;
    for (person, id) in [
        ("other applicant", application["id"].as_str().unwrap()),
        ("specialist elsewhere", application["id"].as_str().unwrap()),
        ("specialist", "app_00000000000000000000000000"),
        ("specialist", "nonsense"),
    ] {
        let claim = json!({ "applicationId": id, "expectedVersion": 1 });
        let payload = world.command(person, "claimApplication", claim).await;
        assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND", "{person}");
    }
}

#[tokio::test]
async fn nobody_is_accepted_by_what_the_criteria_said_of_other_answers() {
    let world = World::new().await;
    let application = world.in_review().await;
    let question = json!({ "question": "How many gardeners are you?" });
    let asked = world
        .act("specialist", "askApplicant", &application, question)
        .await;
    let answers = json!({ "answers": { "seats": 90_000 } });
    world
        .act("applicant", "answerApplication", &asked, answers)
        .await;
    for moment in ["2026-12-09T10:00:00Z", "2026-12-14T10:00:00Z"] {
        world.now(moment);
        stoa::jobs::once(&world.service).await.unwrap();
    }
    let read = "query($id: ID!) { application(id: $id) { id version status } }";
    let expired = world
        .query("applicant", read, json!({ "id": application["id"] }))
        .await;
    assert_eq!(expired["application"]["status"], "EXPIRED");
    let reason = json!({ "reason": "We were away." });
    let reopened = world
        .act(
            "applicant",
            "reopenApplication",
            &expired["application"],
            reason,
        )
        .await;
    assert_eq!(reopened["status"], "IN_REVIEW");
    let refused = world
        .refused("specialist", "approveApplication", &reopened, json!({}))
        .await;
    assert_eq!(refused["limits"], json!(["many-seats"]), "{refused:#}");
}

#[tokio::test]
async fn who_took_an_application_on_gives_it_back_to_the_queue() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let unclaimed =
        "query($free: Boolean!) { applications(filter: { unassigned: $free }) { nodes { id } } }";
    let ids = async |free: bool| {
        let told = world
            .query("specialist", unclaimed, json!({ "free": free }))
            .await;
        told["applications"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!((ids(true).await, ids(false).await), (0, 1));
    let given_back = world
        .act("specialist", "unassignApplication", &claimed, json!({}))
        .await;
    assert_eq!((ids(true).await, ids(false).await), (1, 0));
    let refused = world
        .refused(
            "program manager",
            "unassignApplication",
            &given_back,
            json!({}),
        )
        .await;
    assert_eq!(refused["code"], "WRONG_STATE");
}
