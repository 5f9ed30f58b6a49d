//! Who is let in at all.

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use stoa::auth::Keys;
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::Actor;
use stoa_domain::id::Id;
use tower::ServiceExt;

use super::scene::Scene;
use super::text;
use crate::support::World;

const VIEWER: &str = "{ viewer { name } }";

/// What is wrong, algorithm, `sub`, `iss`, `aud`, seconds until it begins, seconds it lives, and the signature
/// that the tests' secret gives these claims. Nothing is wrong with the first.
const SIGNED: &str = "
nothing | HS256 | acc_0000000000000000000000keys | stoa | stoa-api | 0 | 2678400 | oUEINVIlcBbgF94ILgK-txzaQzsjOlFrKEtM2LolEdI
lives too long | HS256 | acc_0000000000000000000000keys | stoa | stoa-api | 0 | 2678401 | qSzvvy9Sz7kaApHdMp0FMFpXrz6Da2iIn_hk5aB3Ji8
for another service | HS256 | acc_0000000000000000000000keys | stoa | another-api | 0 | 2678400 | 5uVnJCLERh0WBZrS3P90vpJ8KPDg5oTioLxlKVKYqWE
by another issuer | HS256 | acc_0000000000000000000000keys | another | stoa-api | 0 | 2678400 | CKZ-eSmNo1MJpbX1c6vtMkyrl6yNG0bSYfwsk13VVAg
not valid yet | HS256 | acc_0000000000000000000000keys | stoa | stoa-api | 1 | 2678400 | coqZ33Z5QdFlZDn0PI09nw9We5A2YVPUMg73ARN4tf8
of something that is no account | HS256 | app_0000000000000000000000keys | stoa | stoa-api | 0 | 2678400 | uX4caXDsAWOA3XZzxu4jw3vOC2NUVbSfN8Y7avdpDTw
with another algorithm | HS512 | acc_0000000000000000000000keys | stoa | stoa-api | 0 | 2678400 | KqyfDxJKII1btQb_biCYoYBF09PS-AA3aopWr7-557kIRNs7NKeMZsAbMNlrCiCozynpy857m13WxtygJh2F7A
";

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
async fn a_token_of_another_key_or_time_or_shape_is_refused() {
    let world = World::new().await;
    let good = world.token("specialist");
    let mut parts = good.split('.');
    let (head, body, signature) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    let id = world.people["specialist"].id;
    let now = world.service.clock.now();
    let other = Keys::new(b"another secret that is as long as it must be");
    let other = other.mint(id, now, 12).unwrap();
    let tomorrow = world
        .keys
        .mint(id, now + TimeDelta::seconds(1), 12)
        .unwrap();
    let nobody = world
        .keys
        .mint(Id::new(world.service.clock.id::<Account>().uuid()), now, 12)
        .unwrap();
    let none = base64url(br#"{"typ":"JWT","alg":"none"}"#);
    let admin = world.token("admin");
    let admin = admin.split('.').nth(1).unwrap();
    for (what, header) in [
        ("signed with another secret", bearer(&other)),
        ("not valid yet", bearer(&tomorrow)),
        ("of no account", bearer(&nobody)),
        ("alg none, no signature", bearer(&format!("{none}.{body}."))),
        (
            "alg none, with the signature",
            bearer(&format!("{none}.{body}.{signature}")),
        ),
        (
            "another's claims",
            bearer(&format!("{head}.{admin}.{signature}")),
        ),
        ("no signature", bearer(&format!("{head}.{body}."))),
        ("no third part", bearer(&format!("{head}.{body}"))),
        ("cut", bearer(&good[..good.len() - 2])),
        ("prolonged", bearer(&format!("{good}AA"))),
        ("garbage", bearer("garbage")),
        ("dots", bearer("..")),
        ("nothing", bearer("")),
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

#[tokio::test]
async fn a_token_says_for_whom_it_is_and_lives_a_month_at_most() {
    let world = World::new().await;
    let now = world.service.clock.now();
    let id = "acc_0000000000000000000000keys".parse().unwrap();
    let (name, email) = ("Kept", "kept@example.org");
    let account = Account::create(id, Kind::Applicant, name, email, &Actor::System, now);
    world.service.store.commit(account.unwrap()).await.unwrap();
    for line in SIGNED.trim().lines() {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [what, alg, sub, iss, aud, begins, life, signature] = parts[..] else {
            panic!("{line}");
        };
        let begins = now.timestamp() + begins.parse::<i64>().unwrap();
        let ends = now.timestamp() + life.parse::<i64>().unwrap();
        let head = base64url(format!(r#"{{"typ":"JWT","alg":"{alg}"}}"#).as_bytes());
        let claims = format!(
            r#"{{"sub":"{sub}","iss":"{iss}","aud":"{aud}","iat":{},"nbf":{begins},"exp":{ends}}}"#,
            now.timestamp()
        );
        let claims = base64url(claims.as_bytes());
        let token = bearer(&format!("{head}.{claims}.{signature}"));
        if what == "nothing" {
            let (_, _, answer) = ask_with(&world, &token, &json!({ "query": VIEWER })).await;
            assert_eq!(answer["data"]["viewer"]["name"], name);
        } else {
            refused(&world, what, &token).await;
        }
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, place| {
            group << 8 | usize::from(chunk.get(place).copied().unwrap_or(0))
        });
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[group >> (18 - 6 * place) & 63]));
        }
    }
    text
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
