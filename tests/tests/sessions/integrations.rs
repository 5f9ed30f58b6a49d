//! Tokens of integrations: shown once, scoped, ending, and taken back.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_domain::actor::Actor;

use super::{ask, lets_in, mutate, told};
use crate::support::{MONDAY, World, at, good};

const TOKEN: &str =
    "secret token { id name expiresAt usedAt revokedAt scopes { permission program { key } } }";

async fn create(world: &World, scopes: Value, expires: &str) -> Value {
    let input = json!({
        "accountId": world.people["integration"].id.to_string(),
        "name": "Warehouse",
        "scopes": scopes,
        "expiresAt": expires,
    });
    let admin = world.token("admin");
    mutate(world, Some(&admin), "createIntegrationToken", TOKEN, input).await
}

async fn reader(world: &World) -> (String, String) {
    let scopes = json!([{ "permission": "READ_MEMBERSHIPS" }]);
    let made = create(world, scopes, "2027-11-23T10:00:00Z").await;
    assert_eq!(made["userErrors"], json!([]));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["secret"]), text(&made["token"]["id"]))
}

async fn listed(world: &World) -> Vec<Value> {
    let query = "query($id: ID!) { node(id: $id) { ... on Account { integrationTokens { id name usedAt revokedAt } } } }";
    let id = world.people["integration"].id.to_string();
    let data = world.query("admin", query, json!({ "id": id })).await;
    data["node"]["integrationTokens"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let world = World::new().await;
    let (secret, id) = reader(&world).await;
    assert!(secret.starts_with("stoa_"), "{secret}");
    assert!(lets_in(&world, &secret).await);
    let all = listed(&world).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["id"], json!(id));
    assert!(!json!(all).to_string().contains(&secret));
    let lines = told(&world, "TOKEN_CREATED").await;
    assert_eq!(lines[0]["account"]["name"], "admin");
    assert!(!json!(lines).to_string().contains(&secret[5..]));
    let view = world.service.store.view(&Actor::System);
    assert!(
        view.shown_token(&secret).await.unwrap().is_none(),
        "not by itself"
    );
    let hash = stoa::secret::hash(&secret);
    assert!(view.shown_token(&hash).await.unwrap().is_some());
    for wrong in [
        &secret[..secret.len() - 1],
        &secret.to_uppercase(),
        &format!("{secret}0"),
        "stoa_",
        &hash,
    ] {
        assert!(!lets_in(&world, wrong).await, "{wrong}");
    }
}

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_nothing_else_that_its_account_may() {
    let world = World::new().await;
    let application = world.in_review().await;
    world
        .act("specialist", "approveApplication", &application, json!({}))
        .await;
    let lists = "{ memberships { nodes { id organization { owner { name } } } } activities { nodes { id } } }";
    let rows = |body: &Value| {
        let count = |list: &str| body["data"][list]["nodes"].as_array().unwrap().len();
        let owner = body
            .pointer("/data/memberships/nodes/0/organization/owner/name")
            .is_some();
        (count("memberships"), owner, count("activities") > 0)
    };
    let garden = world.program("garden").await.to_string();
    let orchard = world.program("orchard").await.to_string();
    let whole = world.token("integration");
    let (_, body) = ask(&world, Some(&whole), lists, json!({})).await;
    assert_eq!(rows(&body), (1, true, true), "the account itself: {body:#}");
    for (scopes, expected) in [
        (
            json!([{ "permission": "READ_MEMBERSHIPS" }]),
            (1, false, false),
        ),
        (
            json!([{ "permission": "READ_MEMBERSHIPS", "programId": garden }]),
            (1, false, false),
        ),
        (
            json!([{ "permission": "READ_MEMBERSHIPS", "programId": orchard }]),
            (0, false, false),
        ),
        (
            json!([{ "permission": "READ_ACTIVITIES", "programId": garden }]),
            (0, false, true),
        ),
        (
            json!([{ "permission": "READ_MEMBERSHIPS" }, { "permission": "READ_PERSONAL_DATA" }]),
            (1, true, false),
        ),
    ] {
        let made = create(&world, scopes.clone(), "2026-11-24T10:00:00Z").await;
        let secret = made["secret"].as_str().unwrap();
        let (_, body) = ask(&world, Some(secret), lists, json!({})).await;
        assert_eq!(rows(&body), expected, "{scopes}: {body:#}");
    }
    // Importing is one more role of the account, and not in any of these scopes.
    let (secret, _) = reader(&world).await;
    let input = json!({
        "programId": garden, "organizationName": "Imported Garden", "externalId": "crm-1",
        "applicantId": world.people["applicant"].id.to_string(),
    });
    let refused = mutate(
        &world,
        Some(&secret),
        "createApplication",
        "application { id }",
        input.clone(),
    )
    .await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_PERMITTED");
    let importer = create(
        &world,
        json!([{ "permission": "IMPORT_APPLICATIONS" }]),
        "2026-11-24T10:00:00Z",
    )
    .await;
    let importer = importer["secret"].as_str().unwrap();
    let made = mutate(
        &world,
        Some(importer),
        "createApplication",
        "application { id version }",
        input,
    )
    .await;
    assert_eq!(made["userErrors"], json!([]));
    let answers = crate::support::input(&made["application"], json!({ "answers": good() }));
    let answered = mutate(
        &world,
        Some(importer),
        "answerApplication",
        "application { id }",
        answers,
    )
    .await;
    assert_eq!(answered["userErrors"], json!([]));
}

#[tokio::test]
async fn a_role_taken_from_the_account_is_taken_from_its_tokens_at_once() {
    let world = World::new().await;
    let (secret, _) = reader(&world).await;
    let integration = &world.people["integration"];
    let input = json!({
        "accountId": integration.id.to_string(),
        "expectedVersion": integration.version,
        "role": "MEMBER_READER",
    });
    let list = "{ memberships { nodes { id } } }";
    let application = world.in_review().await;
    world
        .act("specialist", "approveApplication", &application, json!({}))
        .await;
    let (_, body) = ask(&world, Some(&secret), list, json!({})).await;
    assert_eq!(
        body["data"]["memberships"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let revoke =
        "mutation($input: RoleInput!) { revokeRole(input: $input) { userErrors { code } } }";
    world
        .query("operations manager", revoke, json!({ "input": input }))
        .await;
    let (_, body) = ask(&world, Some(&secret), list, json!({})).await;
    assert_eq!(body["data"]["memberships"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_token_ends_by_time_by_hand_and_with_its_account() {
    let world = World::new().await;
    let (revoked, id) = reader(&world).await;
    let (closed, _) = reader(&world).await;
    let admin = world.token("admin");
    let revoke = async || {
        let input = json!({ "tokenId": id });
        mutate(
            &world,
            Some(&admin),
            "revokeIntegrationToken",
            "token { revokedAt }",
            input,
        )
        .await
    };
    let done = revoke().await;
    assert_eq!(done["token"]["revokedAt"], "2026-11-23T10:00:00Z");
    assert!(!lets_in(&world, &revoked).await);
    assert_eq!(revoke().await["userErrors"][0]["code"], "WRONG_STATE");
    assert_eq!(told(&world, "TOKEN_REVOKED").await.len(), 1);
    assert!(lets_in(&world, &closed).await);
    world
        .service
        .clock
        .set(at("2027-11-23T10:00:00Z") - TimeDelta::seconds(1));
    assert!(lets_in(&world, &closed).await);
    world.now("2027-11-23T10:00:00Z");
    assert!(!lets_in(&world, &closed).await);
    world.now(MONDAY);
    let account = &world.people["integration"];
    let input = json!({ "accountId": account.id.to_string(), "expectedVersion": account.version });
    mutate(
        &world,
        Some(&admin),
        "disableAccount",
        "account { id }",
        input,
    )
    .await;
    assert!(!lets_in(&world, &closed).await);
}

#[tokio::test]
async fn the_last_use_is_written_down_once_a_minute() {
    let world = World::new().await;
    let (secret, _) = reader(&world).await;
    let used = async || listed(&world).await[0]["usedAt"].clone();
    assert_eq!(used().await, Value::Null);
    for (now, noted) in [
        ("2026-11-23T10:00:10Z", "2026-11-23T10:00:10Z"),
        ("2026-11-23T10:00:59Z", "2026-11-23T10:00:10Z"),
        ("2026-11-23T10:01:09Z", "2026-11-23T10:00:10Z"),
        ("2026-11-23T10:01:10Z", "2026-11-23T10:01:10Z"),
    ] {
        world.now(now);
        assert!(lets_in(&world, &secret).await);
        assert_eq!(used().await, json!(noted), "{now}");
    }
}

#[tokio::test]
async fn what_a_token_may_not_be_is_refused_in_words() {
    let world = World::new().await;
    let read = json!([{ "permission": "READ_MEMBERSHIPS" }]);
    for (scopes, expires, path) in [
        (json!([]), "2026-11-24T10:00:00Z", "scopes"),
        (
            json!([{ "permission": "DECIDE" }]),
            "2026-11-24T10:00:00Z",
            "scopes",
        ),
        (
            json!([{ "permission": "MANAGE_ACCOUNTS" }]),
            "2026-11-24T10:00:00Z",
            "scopes",
        ),
        (read.clone(), "2026-11-23T10:00:00Z", "expiresAt"),
        (read.clone(), "2027-11-25T10:00:00Z", "expiresAt"),
    ] {
        let refused = create(&world, scopes.clone(), expires).await;
        assert_eq!(refused["secret"], Value::Null);
        assert_eq!(
            refused["userErrors"][0]["path"],
            json!(["input", path]),
            "{scopes}"
        );
        assert_eq!(refused["userErrors"][0]["code"], "INVALID_INPUT");
    }
    let of = |account: &str| json!({ "accountId": account, "name": "Warehouse", "scopes": read, "expiresAt": "2026-11-24T10:00:00Z" });
    let person = world.people["specialist"].id.to_string();
    let integration = world.people["integration"].id.to_string();
    for (by, of, code) in [
        ("admin", of(&person), "INVALID_INPUT"),
        ("admin", of("nonsense"), "NOT_FOUND"),
        ("operations manager", of(&integration), "NOT_PERMITTED"),
        ("integration", of(&integration), "NOT_PERMITTED"),
    ] {
        let token = world.token(by);
        let refused = mutate(&world, Some(&token), "createIntegrationToken", TOKEN, of).await;
        assert_eq!(refused["userErrors"][0]["code"], code, "{by}");
    }
    let (_, id) = reader(&world).await;
    for (by, id, code) in [
        ("operations manager", id.as_str(), "NOT_FOUND"),
        ("integration", id.as_str(), "NOT_FOUND"),
        ("admin", "nonsense", "NOT_FOUND"),
    ] {
        let token = world.token(by);
        let input = json!({ "tokenId": id });
        let refused = mutate(
            &world,
            Some(&token),
            "revokeIntegrationToken",
            "token { id }",
            input,
        )
        .await;
        assert_eq!(refused["userErrors"][0]["code"], code, "{by}");
    }
    assert_eq!(listed(&world).await[0]["revokedAt"], Value::Null);
}

#[tokio::test]
async fn a_token_has_no_session_to_end_and_begins_none() {
    let world = World::new().await;
    let (secret, _) = reader(&world).await;
    let token = Some(secret.as_str());
    let refused = mutate(&world, token, "signOut", "session { id }", json!({})).await;
    assert_eq!(refused["userErrors"][0]["code"], "WRONG_STATE");
    let all = "mutation { signOutEverywhere { account { id } userErrors { code } } }";
    let (_, body) = ask(&world, token, all, json!({})).await;
    assert_eq!(
        body["data"]["signOutEverywhere"]["userErrors"][0]["code"],
        "NOT_PERMITTED"
    );
}
