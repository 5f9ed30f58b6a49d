//! Requests that are sent again: what was asked for is done once, whatever was lost on the way.

mod killed;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_domain::change::Subject;
use stoa_domain::idempotency::Keyed;
use stoa_persistence::{Mark, TakeOver};

use crate::support::{World, input};

const CLAIM: &str = "mutation($input: ApplicationCommandInput!) { claimApplication(input: $input) {
    application { id version assignee { name } } userErrors { code } } }";

/// What a request with a key came to.
struct Sent {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Sent {
    fn code(&self) -> &str {
        let code = &self.body["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_default()
    }
}

async fn send(world: &World, person: &str, key: &str, query: &str, input: &Value) -> Sent {
    let body = json!({ "query": query, "variables": { "input": input } });
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key);
    if !person.is_empty() {
        let token = format!("Bearer {}", world.token(person));
        request = request.header(header::AUTHORIZATION, token);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let (status, headers, body) = world.exchange(request).await;
    Sent {
        status,
        headers,
        body,
    }
}

/// What the store knows of a key.
async fn known(world: &World, person: &str, key: &str) -> Keyed {
    let mark = Mark {
        account: world.people[person].id,
        key: key.to_owned(),
    };
    let system = world.service.store.view(&Actor::System);
    system.keyed(&mark).await.unwrap().unwrap()
}

/// As if whoever carried the request out had died before the answer was kept.
async fn dies(world: &World, keyed: Keyed, effect: Option<Subject>) {
    let began = keyed.started_at;
    let now = Keyed {
        answer: None,
        effect,
        ..keyed
    };
    let store = &world.service.store;
    store.commit(TakeOver { now, began }).await.unwrap();
}

async fn version(world: &World, application: &Value) -> Value {
    let query = "query($id: ID!) { application(id: $id) { version } }";
    let id = json!({ "id": application["id"] });
    world.query("specialist", query, id).await["application"]["version"].clone()
}

#[tokio::test]
async fn a_mutation_sent_again_is_answered_again_and_done_once() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claim = input(&application, json!({}));
    let first = send(&world, "specialist", "one", CLAIM, &claim).await;
    assert_eq!(
        first.body["data"]["claimApplication"]["userErrors"],
        json!([])
    );
    assert_eq!(
        first.body["extensions"]["idempotency"],
        json!({ "key": "one", "replayed": false })
    );
    assert!(!first.headers.contains_key("idempotency-replayed"));
    // Another colleague's step in between does not change what was answered.
    let claimed = &first.body["data"]["claimApplication"]["application"];
    world
        .act("specialist", "unassignApplication", claimed, json!({}))
        .await;
    let again = send(&world, "specialist", "one", CLAIM, &claim).await;
    assert_eq!(again.status, StatusCode::OK);
    let mut expected = first.body.clone();
    expected["extensions"]["idempotency"]["replayed"] = json!(true);
    assert_eq!(again.body, expected);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    // A refusal is an answer as well: the same is refused the same.
    let stale = send(&world, "specialist", "two", CLAIM, &claim).await;
    let errors = &stale.body["data"]["claimApplication"]["userErrors"];
    assert_eq!(errors[0]["code"], "STALE_VERSION");
    let again = send(&world, "specialist", "two", CLAIM, &claim).await;
    assert_eq!(again.body["data"], stale.body["data"]);
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_account_for_a_day() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claim = input(&application, json!({}));
    let first = send(&world, "specialist", "one", CLAIM, &claim).await;
    let mut other = claim.clone();
    other["expectedVersion"] = json!(99);
    let refused = send(&world, "specialist", "one", CLAIM, &other).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.code(), "IDEMPOTENCY_KEY_REUSED");
    // A colleague's key of the same letters is another one.
    let colleague = send(&world, "program manager", "one", CLAIM, &claim).await;
    let errors = &colleague.body["data"]["claimApplication"]["userErrors"];
    assert_eq!(errors[0]["code"], "STALE_VERSION");
    world.now("2026-11-24T09:59:59Z");
    let again = send(&world, "specialist", "one", CLAIM, &claim).await;
    assert_eq!(again.body["data"], first.body["data"]);
    world.now("2026-11-24T10:00:00Z");
    let anew = send(&world, "specialist", "one", CLAIM, &claim).await;
    let errors = &anew.body["data"]["claimApplication"]["userErrors"];
    assert_eq!(errors[0]["code"], "STALE_VERSION", "it was done anew");
    stoa::jobs::once(&world.service).await.unwrap();
    world.now("2026-11-26T10:00:00Z");
    stoa::jobs::once(&world.service).await.unwrap();
    let mark = Mark {
        account: world.people["specialist"].id,
        key: "one".into(),
    };
    let system = world.service.store.view(&Actor::System);
    assert_eq!(system.keyed(&mark).await.unwrap(), None, "it is forgotten");
}

#[tokio::test]
async fn what_was_done_before_its_answer_was_lost_is_not_done_again() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claim = input(&application, json!({}));
    let first = send(&world, "specialist", "one", CLAIM, &claim).await;
    let keyed = known(&world, "specialist", "one").await;
    let effect = keyed.effect;
    assert!(matches!(effect, Some(Subject::Application(_))));
    let sealed = keyed.answer.clone().unwrap_or_default();
    assert!(!sealed.contains("specialist"), "answers are kept sealed");
    dies(&world, keyed, effect).await;
    // It may still run: whoever asks too soon waits.
    world.now("2026-11-23T10:00:59Z");
    let early = send(&world, "specialist", "one", CLAIM, &claim).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert_eq!(early.code(), "IDEMPOTENCY_IN_PROGRESS");
    assert_eq!(early.headers["retry-after"], "1");
    world.now("2026-11-23T10:01:00Z");
    let again = send(&world, "specialist", "one", CLAIM, &claim).await;
    assert_eq!(again.body["data"], first.body["data"]);
    assert_eq!(version(&world, &application).await, 5, "and not once more");
    let replayed = send(&world, "specialist", "one", CLAIM, &claim).await;
    assert_eq!(replayed.body["extensions"]["idempotency"]["replayed"], true);
}

#[tokio::test]
async fn what_was_not_done_before_somebody_died_is_done_by_the_next() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claim = input(&application, json!({}));
    let mut early = claim.clone();
    early["expectedVersion"] = json!(5);
    let stale = send(&world, "specialist", "one", CLAIM, &early).await;
    let errors = &stale.body["data"]["claimApplication"]["userErrors"];
    assert_eq!(errors[0]["code"], "STALE_VERSION");
    let keyed = known(&world, "specialist", "one").await;
    assert_eq!(keyed.effect, None, "a refusal changes nothing");
    dies(&world, keyed, None).await;
    world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    world.now("2026-11-23T10:01:00Z");
    let again = send(&world, "specialist", "one", CLAIM, &early).await;
    assert_eq!(
        again.body["data"]["claimApplication"]["userErrors"],
        json!([])
    );
}

#[tokio::test]
async fn what_was_shown_once_is_said_to_be_lost_and_other_things_are_told_as_they_are() {
    let world = World::new().await;
    let create = "mutation($input: CreateAccountInput!) { createAccount(input: $input) {
        account { id name } userErrors { code } } }";
    let account = json!({ "kind": "STAFF", "name": "Somebody", "email": "somebody@example.org" });
    let token = "mutation($input: CreateIntegrationTokenInput!) {
        createIntegrationToken(input: $input) { secret userErrors { code } } }";
    let scoped = json!({
        "accountId": world.people["integration"].id.to_string(),
        "name": "Reader",
        "expiresAt": "2026-12-23T10:00:00Z",
        "scopes": [{ "permission": "READ_MEMBERSHIPS" }]
    });
    let mut first = Vec::new();
    for (key, query, input) in [("one", create, &account), ("two", token, &scoped)] {
        let sent = send(&world, "admin", key, query, input).await;
        let payload = sent.body["data"].as_object().unwrap().values().next();
        assert_eq!(payload.unwrap()["userErrors"], json!([]), "{}", sent.body);
        let keyed = known(&world, "admin", key).await;
        let effect = keyed.effect;
        dies(&world, keyed, effect).await;
        first.push(sent);
    }
    world.now("2026-11-23T10:01:00Z");
    let again = send(&world, "admin", "one", create, &account).await;
    assert_eq!(again.body["data"], first[0].body["data"]);
    let again = send(&world, "admin", "two", token, &scoped).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(again.code(), "IDEMPOTENCY_ANSWER_LOST");
}

#[tokio::test]
async fn of_two_at_once_one_runs_and_the_other_waits_or_is_told_the_same() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claim = input(&application, json!({}));
    let one = || send(&world, "specialist", "one", CLAIM, &claim);
    let (a, b, c) = tokio::join!(one(), one(), one());
    for sent in [a, b, c] {
        if sent.status == StatusCode::CONFLICT {
            assert_eq!(sent.code(), "IDEMPOTENCY_IN_PROGRESS");
        } else {
            let payload = &sent.body["data"]["claimApplication"];
            assert_eq!(payload["userErrors"], json!([]), "{}", sent.body);
        }
    }
    assert_eq!(version(&world, &application).await, 5);
}

#[tokio::test]
async fn a_key_is_for_one_mutation_of_somebody_who_is_signed_in() {
    let world = World::new().await;
    let application = world.in_review().await;
    let claim = input(&application, json!({}));
    let twice = "mutation($input: ApplicationCommandInput!) {
        a: claimApplication(input: $input) { userErrors { code } }
        b: claimApplication(input: $input) { userErrors { code } } }";
    for (person, key, query) in [
        ("specialist", "one", twice),
        ("", "one", CLAIM),
        ("specialist", "two words", CLAIM),
        ("specialist", "", CLAIM),
    ] {
        let refused = send(&world, person, key, query, &claim).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
        assert_eq!(refused.code(), "BAD_REQUEST");
    }
    assert_eq!(version(&world, &application).await, 4);
    let stream = world.exchange(
        Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", world.token("specialist")),
            )
            .header("idempotency-key", "one")
            .body(Body::from(
                json!({ "query": CLAIM, "variables": { "input": claim } }).to_string(),
            ))
            .unwrap(),
    );
    assert_eq!(stream.await.0, StatusCode::NOT_ACCEPTABLE);
    // A document that is not valid uses up nothing: mended, it is sent with the same key.
    let wrong = CLAIM.replace("version", "nothing");
    let refused = send(&world, "specialist", "three", &wrong, &claim).await;
    assert_eq!(refused.code(), "GRAPHQL_VALIDATION_FAILED");
    let mended = send(&world, "specialist", "three", CLAIM, &claim).await;
    let payload = &mended.body["data"]["claimApplication"];
    assert_eq!(payload["userErrors"], json!([]), "{}", mended.body);
    let query = "{ viewer { name } }";
    let told = send(&world, "specialist", "one", query, &Value::Null).await;
    assert_eq!(told.body["data"]["viewer"]["name"], "specialist");
    assert_eq!(told.body["extensions"]["idempotency"], Value::Null);
}
