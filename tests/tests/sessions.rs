//! Staying signed in: sessions, refresh tokens, tokens of integrations, and the keys that sign.

mod hostile;
mod impersonation;
mod integrations;
mod keys;
mod refresh;
mod remembered;
mod signing_out;

use axum::http::StatusCode;
use serde_json::{Value, json};
use stoa::operations::sessions::SessionTokens;
use stoa::service::Service;

use crate::support::{World, database, keys as shared_keys};

const VIEWER: &str = "{ viewer { name } }";

/// Begins a session of this person, as whoever signs them in does.
async fn begin(world: &World, person: &str) -> SessionTokens {
    let account = &world.people[person];
    world.service.begin_session(account).await.unwrap()
}

/// Sends a document with this very token and reads the whole answer.
async fn ask(
    world: &World,
    token: Option<&str>,
    query: &str,
    variables: Value,
) -> (StatusCode, Value) {
    let body = json!({ "query": query, "variables": variables });
    world.post_with(token, &body).await
}

/// Whether a token lets somebody in; one that does not is refused in the one way there is.
async fn lets_in(world: &World, token: &str) -> bool {
    let (status, body) = ask(world, Some(token), VIEWER, json!({})).await;
    if status == StatusCode::OK {
        assert!(body["data"]["viewer"]["name"].is_string(), "{body:#}");
        return true;
    }
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body:#}");
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(body.get("data"), None);
    false
}

/// Runs a mutation whose input type is named after it, and returns its payload.
async fn mutate(
    world: &World,
    token: Option<&str>,
    mutation: &str,
    selection: &str,
    input: Value,
) -> Value {
    let (head, tail) = mutation.split_at(1);
    let kind = format!("{}{tail}Input", head.to_uppercase());
    let document = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message path }} }} }}"
    );
    let (status, body) = ask(world, token, &document, json!({ "input": input })).await;
    assert_eq!(status, StatusCode::OK, "{body:#}");
    assert_eq!(body.get("errors"), None, "{body:#}");
    body["data"][mutation].clone()
}

/// What the log says of accounts, newest first: verb, who did it, and in whose name.
async fn told(world: &World, verb: &str) -> Vec<Value> {
    let query =
        "{ activities(first: 100) { nodes { verb mode version subjectKind subjectId impersonated
        account { name } impersonator { name } details } } }";
    let data = world.query("operations manager", query, json!({})).await;
    let lines = data["activities"]["nodes"].as_array().unwrap().clone();
    lines.into_iter().filter(|it| it["verb"] == verb).collect()
}

/// Another process of the same installation: over the same database, with the same secret and clock.
async fn other_process(world: &World, url: &str) -> Service {
    let store = database::connect(url.to_owned()).await;
    Service::new(
        store,
        world.service.clock.clone(),
        shared_keys(),
        world.service.entrance.clone(),
    )
}

/// A world over a database that several processes share, and its address.
async fn shared() -> (World, String) {
    let url = database::shared_url().await;
    let store = database::connect(url.clone()).await;
    store.migrate().await.unwrap();
    (World::over(store, |_| {}).await, url)
}
