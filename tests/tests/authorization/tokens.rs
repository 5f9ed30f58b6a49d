//! Who is let in at all.

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::scene::Scene;
use super::text;
use crate::support::World;

const VIEWER: &str = "{ viewer { name } }";

#[tokio::test]
async fn a_withdrawn_role_works_at_once() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let token = bearer(&world.token("specialist"));
    let ask = json!({
        "query": "query($held: ID!) { application(id: $held) { status hold { note } } viewer { roles { role } } }",
        "variables": scene.ids,
    });
    let (_, _, before) = ask_with(world, &token, &ask).await;
    assert_eq!(before["data"]["application"]["status"], "ON_HOLD");
    let specialist = &world.people["specialist"];
    let input = json!({
        "accountId": specialist.id.to_string(),
        "expectedVersion": specialist.version,
        "role": "SPECIALIST",
        "programId": scene.ids["program"],
    });
    let revoke =
        "mutation($input: RoleInput!) { revokeRole(input: $input) { userErrors { code } } }";
    let revoked = world
        .query("operations manager", revoke, json!({ "input": input }))
        .await;
    assert_eq!(revoked["revokeRole"]["userErrors"], json!([]));
    let (status, _, after) = ask_with(world, &token, &ask).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        after["data"],
        json!({ "application": null, "viewer": { "roles": [] } })
    );
}

#[tokio::test]
async fn a_closed_account_cannot_sign_in() {
    let world = World::new().await;
    let token = bearer(&world.token("specialist"));
    let (status, _, _) = ask_with(&world, &token, &json!({ "query": VIEWER })).await;
    assert_eq!(status, StatusCode::OK);
    let specialist = &world.people["specialist"];
    let input =
        json!({ "accountId": specialist.id.to_string(), "expectedVersion": specialist.version });
    let disable = "mutation($input: DisableAccountInput!) { disableAccount(input: $input) { userErrors { code } } }";
    let done = world
        .query("admin", disable, json!({ "input": input }))
        .await;
    assert_eq!(done["disableAccount"]["userErrors"], json!([]));
    refused(&world, "closed account", &token).await;
    refused(
        &world,
        "closed account, new token",
        &bearer(&world.token("specialist")),
    )
    .await;
}

#[tokio::test]
async fn a_header_that_carries_no_token_of_ours_is_refused() {
    let world = World::new().await;
    let good = world.token("specialist");
    for (what, header) in [
        ("no scheme", HeaderValue::from_str(&good).unwrap()),
        ("an empty header", HeaderValue::from_static("")),
        (
            "another scheme",
            HeaderValue::from_str(&format!("Basic {good}")).unwrap(),
        ),
        (
            "no text",
            HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap(),
        ),
        ("nothing", bearer("")),
    ] {
        refused(&world, what, &header).await;
    }
    let ask = json!({ "query": VIEWER });
    world.now("2026-11-23T21:59:59Z");
    let (status, _, _) = ask_with(&world, &bearer(&good), &ask).await;
    assert_eq!(status, StatusCode::OK);
    world.now("2026-11-23T22:00:00Z");
    refused(&world, "expired", &bearer(&good)).await;
}

fn bearer(token: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("Bearer {token}")).unwrap()
}

/// 401 with how to sign in, and nothing else.
async fn refused(world: &World, what: &str, authorization: &HeaderValue) {
    let (status, challenge, body) =
        ask_with(world, authorization, &json!({ "query": VIEWER })).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}: {body:#}");
    assert!(
        challenge.is_some_and(|it| it.starts_with("Bearer")),
        "{what}: no WWW-Authenticate"
    );
    assert_eq!(body["data"], Value::Null, "{what}");
    assert_eq!(
        text(&body["errors"][0]["extensions"]["code"]),
        "UNAUTHENTICATED",
        "{what}"
    );
}

/// Posts with this very header.
async fn ask_with(
    world: &World,
    authorization: &HeaderValue,
    body: &Value,
) -> (StatusCode, Option<String>, Value) {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, authorization)
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let challenge = answer.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, challenge, serde_json::from_slice(&bytes).unwrap())
}
