//! Signing in: by password, by a code that is mailed, by a provider. Who cannot is not told why.

mod codes;
mod id_tokens;
mod issuer;
mod oidc;
mod passwords;
pub mod smtp;

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_persistence::page::Page;
use tower::ServiceExt;

use crate::support::World;
use crate::support::documents::input_type;

/// From where most requests of these tests come.
const HERE: &str = "192.0.2.7:40000";
const PASSWORD: &str = "four unrelated garden words";

/// Sends a mutation with a token (or none) from an address, and returns its payload.
async fn mutate(
    world: &World,
    token: Option<&str>,
    from: &str,
    mutation: &str,
    selection: &str,
    input: Value,
) -> Value {
    let kind = input_type(mutation);
    let document = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection}
           userErrors {{ __typename code message path ... on RateLimitedError {{ retryAt }} }} }} }}"
    );
    let body = json!({ "query": document, "variables": { "input": input } });
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let mut request = request.body(Body::from(body.to_string())).unwrap();
    let from: SocketAddr = from.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(from));
    let (_, _, answer) = world.exchange(request).await;
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    answer["data"][mutation].clone()
}

const SESSION: &str =
    "account { id email name } tokens { accessToken accessExpiresAt refreshToken }";

/// Signs in by password, and returns the payload.
async fn by_password(world: &World, from: &str, email: &str, password: &str) -> Value {
    let input = json!({ "email": email, "password": password });
    mutate(world, None, from, "signInWithPassword", SESSION, input).await
}

/// Who a token is.
async fn whose(world: &World, token: &str) -> String {
    let body = json!({ "query": "{ viewer { email } }" });
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    answer["data"]["viewer"]["email"].as_str().unwrap().into()
}

/// What the log says of signing in, oldest first: verb, whom it is about, who did it, details.
async fn log(world: &World) -> Vec<(String, Value)> {
    let view = world.service.store.view(&Actor::System);
    let lines = view
        .activities(None, None, false, &Page::first(1_000))
        .await;
    let lines = lines.unwrap().items.into_iter();
    lines
        .map(|(_, line)| line.activity)
        .filter(|line| line.version == 0)
        .map(|line| {
            let verb = serde_json::to_value(line.verb).unwrap();
            (verb.as_str().unwrap().to_owned(), line.details)
        })
        .collect()
}
