//! Ending sessions: one's own, all of them, and those of others.

use serde_json::{Value, json};

use super::{ask, begin, lets_in, mutate, told};
use crate::support::World;

const SESSION: &str = "session { id endedAt }";
const ALL: &str = "mutation { signOutEverywhere { account { name } userErrors { code } } }";

async fn sessions(world: &World, token: &str) -> Vec<Value> {
    let query =
        "{ viewer { sessions { id isCurrent createdAt usedAt expiresAt endedAt impersonated } } }";
    let (_, body) = ask(world, Some(token), query, json!({})).await;
    body["data"]["viewer"]["sessions"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn signing_out_ends_this_session_at_once_and_no_other() {
    let world = World::new().await;
    let here = begin(&world, "applicant").await;
    let there = begin(&world, "applicant").await;
    let listed = sessions(&world, &here.access_token).await;
    assert_eq!(
        listed.len(),
        3,
        "both, and the one that the tests began: {listed:#?}"
    );
    let current: Vec<_> = listed.iter().filter(|it| it["isCurrent"] == true).collect();
    assert_eq!(current.len(), 1);
    let token = Some(here.access_token.as_str());
    let done = mutate(&world, token, "signOut", SESSION, json!({})).await;
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(done["session"]["id"], current[0]["id"]);
    assert_eq!(done["session"]["endedAt"], "2026-11-23T10:00:00Z");
    assert!(!lets_in(&world, &here.access_token).await);
    let refreshed = world
        .service
        .refresh_session(&here.refresh_token.unwrap())
        .await;
    assert!(refreshed.is_err());
    assert_eq!(sessions(&world, &there.access_token).await.len(), 2);
    let lines = told(&world, "SIGNED_OUT").await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["account"]["name"], "applicant");
}

#[tokio::test]
async fn somebody_ends_another_of_their_own_sessions_and_nobody_elses() {
    let world = World::new().await;
    let here = begin(&world, "applicant").await;
    let there = begin(&world, "applicant").await;
    let listed = sessions(&world, &there.access_token).await;
    let there_id = listed.iter().find(|it| it["isCurrent"] == true).unwrap()["id"].clone();
    let input = json!({ "sessionId": there_id });
    for person in ["other applicant", "specialist", "operations manager"] {
        let token = world.token(person);
        let refused = mutate(&world, Some(&token), "signOut", SESSION, input.clone()).await;
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{person}");
    }
    let token = Some(here.access_token.as_str());
    let done = mutate(&world, token, "signOut", SESSION, input.clone()).await;
    assert_eq!(done["session"]["id"], there_id);
    assert!(!lets_in(&world, &there.access_token).await);
    assert!(lets_in(&world, &here.access_token).await);
    let again = mutate(&world, token, "signOut", SESSION, input).await;
    assert_eq!(again["userErrors"][0]["code"], "WRONG_STATE");
    for id in [
        "nonsense",
        "acc_00000000000000000000000001",
        "ses_00000000000000000000000999",
    ] {
        let input = json!({ "sessionId": id });
        let missing = mutate(&world, token, "signOut", SESSION, input).await;
        assert_eq!(missing["userErrors"][0]["code"], "NOT_FOUND", "{id}");
    }
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sessions_of_one_account() {
    let world = World::new().await;
    let (here, there) = (
        begin(&world, "applicant").await,
        begin(&world, "applicant").await,
    );
    let other = begin(&world, "other applicant").await;
    let (_, body) = ask(&world, Some(&here.access_token), ALL, json!({})).await;
    assert_eq!(
        body["data"]["signOutEverywhere"],
        json!({ "account": { "name": "applicant" }, "userErrors": [] })
    );
    for token in [&here, &there] {
        assert!(!lets_in(&world, &token.access_token).await);
        let refresh = token.refresh_token.as_ref().unwrap();
        assert!(world.service.refresh_session(refresh).await.is_err());
    }
    assert!(lets_in(&world, &other.access_token).await);
    assert_eq!(told(&world, "SIGNED_OUT_EVERYWHERE").await.len(), 1);
}

#[tokio::test]
async fn an_administrator_signs_an_account_out_and_nobody_else_does() {
    let world = World::new().await;
    let begun = begin(&world, "applicant").await;
    let input = json!({ "accountId": world.people["applicant"].id.to_string() });
    for (person, code) in [
        ("other applicant", "NOT_FOUND"),
        ("specialist", "NOT_FOUND"),
        ("operations manager", "NOT_PERMITTED"),
    ] {
        let token = world.token(person);
        let refused = mutate(
            &world,
            Some(&token),
            "signOutAccount",
            "account { id }",
            input.clone(),
        )
        .await;
        assert_eq!(refused["userErrors"][0]["code"], code, "{person}");
    }
    assert!(lets_in(&world, &begun.access_token).await);
    let admin = world.token("admin");
    let done = mutate(
        &world,
        Some(&admin),
        "signOutAccount",
        "account { id }",
        input,
    )
    .await;
    assert_eq!(done["userErrors"], json!([]));
    assert!(!lets_in(&world, &begun.access_token).await);
    let lines = told(&world, "SIGNED_OUT_EVERYWHERE").await;
    assert_eq!(lines[0]["account"]["name"], "admin");
}

#[tokio::test]
async fn closing_an_account_ends_its_sessions() {
    let world = World::new().await;
    let begun = begin(&world, "specialist").await;
    let account = &world.people["specialist"];
    let input = json!({ "accountId": account.id.to_string(), "expectedVersion": account.version });
    let admin = world.token("admin");
    let done = mutate(
        &world,
        Some(&admin),
        "disableAccount",
        "account { id sessions { id } }",
        input,
    )
    .await;
    assert_eq!(done["account"]["sessions"], json!([]), "{done:#}");
    assert!(!lets_in(&world, &begun.access_token).await);
    let header = Some(format!("Bearer {}", world.token("specialist")));
    let refused = stoa::auth::recognise(header.as_deref(), &world.service).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn whoever_follows_a_stream_is_nobody_once_their_session_is_over() {
    let world = World::new().await;
    let begun = begin(&world, "specialist").await;
    let header = format!("Bearer {}", begun.access_token);
    let recognised = stoa::auth::recognise(Some(&header), &world.service)
        .await
        .unwrap();
    let renewed = world.service.renewed(&recognised.actor).await.unwrap();
    assert_eq!(renewed.as_ref(), Some(&recognised.actor));
    let token = Some(begun.access_token.as_str());
    mutate(&world, token, "signOut", SESSION, json!({})).await;
    assert_eq!(
        world.service.renewed(&recognised.actor).await.unwrap(),
        None
    );
}
