//! What applicants may count on, and that the team hears of it before it breaks.

use serde_json::{Value, json};

use crate::support::World;

const PROMISES: &str = "query($id: ID!) { application(id: $id) {
    version promises { kind startedAt dueAt keptAt standing }
    activities(first: 1) { nodes { verb mode details } } } }";

async fn read(world: &World, person: &str, application: &Value) -> Value {
    let id = json!({ "id": application["id"] });
    world.query(person, PROMISES, id).await["application"].clone()
}

/// A program that answers within two business days, and is warned one day ahead.
async fn world() -> World {
    World::with(|rules| {
        rules.promise.first_reply_days = Some(2);
        rules.promise.next_reply_days = Some(1);
        rules.promise.warn_days = Some(1);
    })
    .await
}

#[tokio::test]
async fn the_team_is_told_of_a_promise_before_it_breaks_and_when_it_has() {
    let world = world().await;
    let application = world.in_review().await;
    let due = "2026-11-25T17:00:00Z";
    let first = json!({
        "kind": "FIRST_REPLY", "startedAt": "2026-11-23T10:00:00Z", "dueAt": due,
        "keptAt": null, "standing": "RUNNING"
    });
    assert_eq!(
        read(&world, "specialist", &application).await["promises"][0],
        first
    );
    for (now, verb, standing, theirs) in [
        ("2026-11-24T08:59:59Z", "EVALUATED", "RUNNING", "RUNNING"),
        (
            "2026-11-24T09:00:00Z",
            "PROMISE_AT_RISK",
            "AT_RISK",
            "RUNNING",
        ),
        // Nobody is told in the evening what nobody can do anything about before the morning.
        (
            "2026-11-25T18:00:00Z",
            "PROMISE_AT_RISK",
            "BROKEN",
            "BROKEN",
        ),
        ("2026-11-26T09:00:00Z", "PROMISE_BROKEN", "BROKEN", "BROKEN"),
    ] {
        world.now(now);
        // Twice: each promise is told of once.
        for _ in 0..2 {
            stoa::jobs::once(&world.service).await.unwrap();
        }
        let read_by_team = read(&world, "specialist", &application).await;
        let line = &read_by_team["activities"]["nodes"][0];
        assert_eq!(line["verb"], verb, "{now}");
        assert_eq!(read_by_team["promises"][0]["standing"], standing, "{now}");
        if verb.starts_with("PROMISE") {
            assert_eq!(line["mode"], "AUTOMATED");
            assert_eq!(line["details"]["promise"], "FIRST_REPLY");
        }
        let read_by_them = read(&world, "applicant", &application).await;
        assert_eq!(read_by_them["promises"][0]["standing"], theirs, "{now}");
        assert_eq!(
            read_by_them["activities"]["nodes"][0]["verb"], "SUBMITTED",
            "{now}"
        );
    }
}

#[tokio::test]
async fn a_question_keeps_the_first_promise_and_a_reply_begins_the_next() {
    let world = world().await;
    let application = world.in_review().await;
    let ask = json!({ "question": "Which licence?" });
    let asked = world
        .act("specialist", "askApplicant", &application, ask)
        .await;
    let standings = |read: &Value| {
        let promises = read["promises"].as_array().unwrap();
        let each = promises
            .iter()
            .map(|it| format!("{} {}", it["kind"], it["standing"]));
        each.collect::<Vec<_>>().join(", ").replace('"', "")
    };
    let waiting = read(&world, "applicant", &asked).await;
    assert_eq!(standings(&waiting), "FIRST_REPLY KEPT, DECISION PAUSED");
    world.now("2026-11-24T12:00:00Z");
    let reply = json!({ "message": "MIT." });
    world
        .act("applicant", "replyToQuestion", &asked, reply)
        .await;
    let replied = read(&world, "applicant", &asked).await;
    assert_eq!(
        standings(&replied),
        "FIRST_REPLY KEPT, NEXT_REPLY RUNNING, DECISION RUNNING"
    );
    assert_eq!(replied["promises"][1]["dueAt"], "2026-11-25T17:00:00Z");
    let revision = "{ programs { key currentRevision { promise {
        aimDays limitDays firstReplyDays nextReplyDays warnDays } } } }";
    let programs = world.query("", revision, json!({})).await;
    let garden = programs["programs"].as_array().unwrap().iter();
    let mut garden = garden.filter(|program| program["key"] == "garden");
    assert_eq!(
        garden.next().unwrap()["currentRevision"]["promise"],
        json!({ "aimDays": 5, "limitDays": 10, "firstReplyDays": 2, "nextReplyDays": 1, "warnDays": 1 })
    );
}
