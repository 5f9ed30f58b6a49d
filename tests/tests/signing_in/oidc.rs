//! At a provider, with a real one on the other side of a socket.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use stoa::entrance::Entrance;
use stoa::oidc::{Mapping, Oidc, Settings, challenge};
use stoa_domain::account::Kind;
use stoa_domain::actor::{Actor, Role};
use stoa_persistence::page::Page;
use tower::ServiceExt;
use url::Url;

use super::issuer::{CLIENT, CLIENT_SECRET, Issuer, Making, key};
use super::{HERE, SESSION, log, mutate, whose};
use crate::support::{MONDAY, SECRET, World, at, database};

const DESK: &str = "https://desk.example.org/signed-in?tab=queue";
const VERIFIER: &str = "what the frontend keeps to itself until it is back";
const ROLES: &str = "claim = \"groups\"
[roles]
team = [\"SPECIALIST@garden\", \"OBSERVER\"]
boss = \"PROGRAM_MANAGER@garden\"
gone = \"SPECIALIST@nowhere\"
";

/// A world with a provider of its own.
pub(super) async fn with_provider() -> (World, Issuer) {
    let issuer = Issuer::new(at(MONDAY).timestamp()).await;
    let settings = Settings {
        issuer: issuer.url(),
        client_id: CLIENT.into(),
        client_secret: Some(CLIENT_SECRET.into()),
        public_url: "https://stoa.example.org/".into(),
        frontends: vec!["https://desk.example.org/".into()],
        mapping: Some(Mapping::parse(ROLES).unwrap()),
    };
    let mut entrance = Entrance::new(SECRET);
    entrance.oidc = Some(Oidc::new(settings).unwrap());
    let world = World::entered(database::fresh().await, entrance, |_| {}).await;
    (world, issuer)
}

fn now(world: &World, issuer: &Issuer, text: &str) {
    world.now(text);
    issuer.now(at(text).timestamp());
}

/// Asks for an address and returns the status and where it leads, or what it says.
async fn visit(world: &World, path: &str, query: &[(&str, &str)]) -> (StatusCode, String) {
    let mut url = Url::parse("https://stoa.example.org").unwrap();
    url.set_path(path);
    url.query_pairs_mut().extend_pairs(query);
    let uri = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let request = Request::get(uri).body(Body::empty()).unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let location = answer.headers().get(header::LOCATION).cloned();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let text = location.map_or_else(
        || String::from_utf8(body.to_vec()).unwrap(),
        |location| location.to_str().unwrap().to_owned(),
    );
    (status, text)
}

/// Begins at the frontend, and returns what the provider is told.
async fn begin(world: &World) -> HashMap<String, String> {
    let hash = challenge(VERIFIER);
    let query = [("return_to", DESK), ("challenge", hash.as_str())];
    let (status, location) = visit(world, "/auth/oidc/start", &query).await;
    assert_eq!(status, StatusCode::FOUND, "{location}");
    let url = Url::parse(&location).unwrap();
    assert_eq!(url.path(), "/authorize");
    let told: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(
        told["redirect_uri"],
        "https://stoa.example.org/auth/oidc/callback"
    );
    assert_eq!(told["tenant"], "7");
    told
}

/// Brings a code back, and returns what the frontend is told behind the `#`.
async fn back(world: &World, state: &str, code: &str) -> String {
    let query = [("state", state), ("code", code)];
    let (status, location) = visit(world, "/auth/oidc/callback", &query).await;
    assert_eq!(status, StatusCode::FOUND, "{location}");
    let (page, told) = location.split_once('#').unwrap();
    assert_eq!(page, DESK);
    told.to_owned()
}

/// The whole way there and back.
pub(super) async fn round(world: &World, issuer: &Issuer, claims: Value) -> String {
    let told = begin(world).await;
    let code = issuer.sign_in(&told, claims);
    back(world, &told["state"], &code).await
}

async fn exchange(world: &World, code: &str, verifier: &str) -> Value {
    let input = json!({ "code": code, "verifier": verifier });
    mutate(world, None, HERE, "signInWithOidc", SESSION, input).await
}

/// The whole way to a session.
pub(super) async fn sign_in(world: &World, issuer: &Issuer, claims: Value) -> Value {
    let told = round(world, issuer, claims).await;
    let code = told
        .strip_prefix("stoa_code=")
        .unwrap_or_else(|| panic!("{told}"));
    let payload = exchange(world, code, VERIFIER).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload
}

pub(super) fn robin() -> Value {
    json!({ "sub": "7f3", "email": "Robin@example.org", "email_verified": true, "name": "Robin" })
}

fn with(mut claims: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(more);
    claims
}

async fn grants(world: &World, email: &str) -> (Kind, Vec<(Role, bool)>) {
    let system = world.service.store.view(&Actor::System);
    let account = system.account_by_email(email).await.unwrap().unwrap();
    let mut held: Vec<_> = account
        .grants
        .iter()
        .map(|grant| (grant.role, grant.program.is_some()))
        .collect();
    held.sort_unstable();
    (account.kind, held)
}

#[tokio::test]
async fn whom_the_provider_knows_becomes_an_applicant_and_stays_the_same_account() {
    let (world, issuer) = with_provider().await;
    let payload = sign_in(&world, &issuer, robin()).await;
    assert_eq!(payload["account"]["email"], "robin@example.org");
    assert_eq!(payload["account"]["name"], "Robin");
    let token = payload["tokens"]["accessToken"].as_str().unwrap();
    assert_eq!(whose(&world, token).await, "robin@example.org");
    assert_eq!(
        grants(&world, "robin@example.org").await,
        (Kind::Applicant, vec![])
    );
    assert_eq!(
        log(&world).await,
        [("SIGNED_IN".to_owned(), json!({ "method": "OIDC" }))]
    );
    assert_eq!(issuer.asked(), ["discovery", "token", "jwks"]);
    // Another address, or none, at the provider: the subject is who they are.
    for claims in [
        with(robin(), json!({ "email": "other@example.org" })),
        json!({ "sub": "7f3" }),
    ] {
        let again = sign_in(&world, &issuer, claims).await;
        assert_eq!(again["account"], payload["account"]);
    }
    assert_eq!(issuer.asked(), ["token", "token"], "the rest is remembered");
}

#[tokio::test]
async fn groups_at_the_provider_give_and_take_roles() {
    use Role::{Observer, ProgramManager, Specialist};
    let (world, issuer) = with_provider().await;
    for (groups, expected) in [
        (
            json!(["team", "unknown"]),
            vec![(Specialist, true), (Observer, false)],
        ),
        (json!("boss"), vec![(ProgramManager, true)]),
        (
            json!(["team", "boss"]),
            vec![
                (Specialist, true),
                (ProgramManager, true),
                (Observer, false),
            ],
        ),
        (json!(["gone"]), vec![]),
        (Value::Null, vec![]),
    ] {
        sign_in(&world, &issuer, with(robin(), json!({ "groups": groups }))).await;
        let held = grants(&world, "robin@example.org").await;
        assert_eq!(held, (Kind::Staff, expected), "{groups}");
    }
    let system = world.service.store.view(&Actor::System);
    let account = system
        .account_by_email("robin@example.org")
        .await
        .unwrap()
        .unwrap();
    let lines = system
        .activities(None, None, false, &Page::first(1_000))
        .await
        .unwrap();
    let told = lines
        .items
        .into_iter()
        .map(|(_, line)| line.activity)
        .filter(|line| {
            line.subject == stoa_domain::change::Subject::Account(account.id) && line.version > 0
        });
    for line in told {
        assert_eq!(
            serde_json::to_value(line.mode).unwrap(),
            "INTEGRATION",
            "{line:?}"
        );
    }
    // What was given by hand stays, for an account that was there before.
    let claims = json!({ "sub": "8", "email": "observer@example.org", "email_verified": "true", "groups": "boss" });
    sign_in(&world, &issuer, claims).await;
    let held = grants(&world, "observer@example.org").await;
    assert_eq!(
        held,
        (Kind::Staff, vec![(ProgramManager, true)]),
        "the mapping knows OBSERVER"
    );
    let claims = json!({ "sub": "9", "email": "admin@example.org", "email_verified": true });
    sign_in(&world, &issuer, claims).await;
    let held = grants(&world, "admin@example.org").await;
    assert_eq!(held, (Kind::Staff, vec![(Role::Admin, false)]));
}

#[tokio::test]
async fn whom_the_provider_does_not_vouch_for_is_turned_away() {
    let (world, issuer) = with_provider().await;
    let closed = world.people["other applicant"].clone();
    let change = closed.disable(1, &Actor::System, world.service.clock.now());
    world.service.store.commit(change.unwrap()).await.unwrap();
    for (case, claims) in [
        ("no address", json!({ "sub": "1" })),
        (
            "not verified",
            json!({ "sub": "1", "email": "specialist@example.org" }),
        ),
        (
            "said not to be",
            json!({ "sub": "1", "email": "specialist@example.org", "email_verified": false }),
        ),
        (
            "no address at all",
            json!({ "sub": "1", "email": "specialist", "email_verified": true }),
        ),
        (
            "closed",
            json!({ "sub": "1", "email": "other.applicant@example.org", "email_verified": true }),
        ),
        (
            "a system's",
            json!({ "sub": "1", "email": "integration@example.org", "email_verified": true }),
        ),
        (
            "an applicant with roles",
            json!({ "sub": "1", "email": "applicant@example.org", "email_verified": true, "groups": "boss" }),
        ),
    ] {
        assert_eq!(
            round(&world, &issuer, claims).await,
            "stoa_error=refused",
            "{case}"
        );
    }
    // They said no at the provider.
    let told = begin(&world).await;
    let query = [
        ("state", told["state"].as_str()),
        ("error", "access_denied"),
    ];
    let (_, location) = visit(&world, "/auth/oidc/callback", &query).await;
    assert_eq!(location, format!("{DESK}#stoa_error=refused"));
}

#[tokio::test]
async fn a_new_key_is_asked_for_but_not_more_than_once_a_minute() {
    let (world, issuer) = with_provider().await;
    sign_in(&world, &issuer, robin()).await;
    let (old, new) = (
        key("first", Algorithm::EdDSA, 1),
        key("next", Algorithm::ES256, 5),
    );
    issuer.asked();
    issuer.make(Making::right(new.clone()));
    for _ in 0..3 {
        assert_eq!(round(&world, &issuer, robin()).await, "stoa_error=refused");
    }
    assert_eq!(issuer.asked(), ["token"; 3], "read less than a minute ago");
    issuer.publish(&[old.clone(), new.clone()]);
    now(&world, &issuer, "2026-11-23T10:01:00Z");
    sign_in(&world, &issuer, robin()).await;
    assert_eq!(issuer.asked(), ["token", "jwks"]);
    sign_in(&world, &issuer, robin()).await;
    assert_eq!(issuer.asked(), ["token"]);
    // A key that was withdrawn is not believed for longer than an hour.
    issuer.make(Making::right(old));
    sign_in(&world, &issuer, robin()).await;
    issuer.publish(&[new]);
    now(&world, &issuer, "2026-11-23T11:01:00Z");
    assert_eq!(round(&world, &issuer, robin()).await, "stoa_error=refused");
}

#[tokio::test]
async fn a_session_is_given_once_to_the_frontend_that_began_and_soon() {
    let (world, issuer) = with_provider().await;
    let refused = |payload: &Value| {
        assert_eq!(payload["tokens"], Value::Null, "{payload:#}");
        assert_eq!(payload["userErrors"][0]["code"], "SIGN_IN_REFUSED");
    };
    let told = round(&world, &issuer, robin()).await;
    let code = told.strip_prefix("stoa_code=").unwrap();
    let uses = (0..4).map(|_| exchange(&world, code, VERIFIER));
    let payloads = futures_util::future::join_all(uses).await;
    assert_eq!(
        payloads.iter().filter(|it| !it["tokens"].is_null()).count(),
        1
    );

    let told = round(&world, &issuer, robin()).await;
    let code = told.strip_prefix("stoa_code=").unwrap();
    refused(&exchange(&world, code, "another frontend's").await);
    refused(&exchange(&world, code, VERIFIER).await);
    refused(&exchange(&world, "x", VERIFIER).await);

    let told = round(&world, &issuer, robin()).await;
    let code = told.strip_prefix("stoa_code=").unwrap();
    now(&world, &issuer, "2026-11-23T10:01:00Z");
    refused(&exchange(&world, code, VERIFIER).await);
}

#[tokio::test]
async fn a_browser_is_sent_only_where_operators_allow_and_brings_back_only_what_is_ours() {
    let (world, issuer) = with_provider().await;
    let hash = challenge(VERIFIER);
    for return_to in [
        "https://evil.example.org/",
        "https://desk.example.org.evil.example.org/",
        "https://desk.example.org@evil.example.org/",
        "https://user:pass@desk.example.org/",
        "https://desk.example.org:8443/",
        "http://desk.example.org/",
        "//desk.example.org/",
        "/signed-in",
        "javascript:alert(1)",
        "",
    ] {
        let query = [("return_to", return_to), ("challenge", hash.as_str())];
        let (status, _) = visit(&world, "/auth/oidc/start", &query).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{return_to}");
    }
    for wrong in ["", "short", &"!".repeat(43)] {
        let query = [("return_to", DESK), ("challenge", wrong)];
        let (status, _) = visit(&world, "/auth/oidc/start", &query).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let told = begin(&world).await;
    let code = issuer.sign_in(&told, robin());
    issuer.asked();
    for state in ["", "x", "x.y", &format!("{}0", told["state"])] {
        let query = [("state", state), ("code", code.as_str())];
        let (status, _) = visit(&world, "/auth/oidc/callback", &query).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{state}");
    }
    assert_eq!(
        issuer.asked(),
        Vec::<&str>::new(),
        "the provider is not bothered"
    );
    // Somebody else's code does not go with this state: nonce and verifier are the other's.
    let other = begin(&world).await;
    assert_eq!(
        back(&world, &other["state"], &code).await,
        "stoa_error=failed"
    );
    // The same address twice: the provider takes a code once.
    let told = begin(&world).await;
    let code = issuer.sign_in(&told, robin());
    assert!(
        back(&world, &told["state"], &code)
            .await
            .starts_with("stoa_code=")
    );
    assert_eq!(
        back(&world, &told["state"], &code).await,
        "stoa_error=failed"
    );
    now(&world, &issuer, "2026-11-23T10:15:00Z");
    let query = [("state", told["state"].as_str()), ("code", "x")];
    let (status, _) = visit(&world, "/auth/oidc/callback", &query).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "too late");
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way_in() {
    let world = World::new().await;
    let query = [("return_to", DESK), ("challenge", "x")];
    let (status, _) = visit(&world, "/auth/oidc/start", &query).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let payload = exchange(&world, "x", VERIFIER).await;
    assert_eq!(payload["userErrors"][0]["code"], "NOT_SET_UP");
}
