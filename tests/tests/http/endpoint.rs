//! What the endpoint takes and how it refuses the rest.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::World;

/// An answer as it came.
struct Answer {
    status: StatusCode,
    kind: String,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn code(&self) -> Value {
        self.json()["errors"][0]["extensions"]["code"].clone()
    }
}

async fn ask(
    world: &World,
    method: Method,
    path: &str,
    headers: &[(header::HeaderName, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let kind = kind
        .map(|kind| kind.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status, kind, text }
}

async fn post(world: &World, headers: &[(header::HeaderName, &str)], body: &str) -> Answer {
    ask(world, Method::POST, "/graphql", headers, body).await
}

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");
const QUERY: &str = r#"{"query":"{ programs { key } }"}"#;

#[tokio::test]
async fn only_json_is_taken() {
    let world = World::new().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "",
    ] {
        let refused = post(&world, &[(header::CONTENT_TYPE, kind)], QUERY).await;
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert_eq!(refused.code(), "BAD_REQUEST", "{kind}");
    }
    let none = post(&world, &[], QUERY).await;
    assert_eq!(none.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
    ] {
        let taken = post(&world, &[(header::CONTENT_TYPE, kind)], QUERY).await;
        assert_eq!(taken.status, StatusCode::OK, "{kind}");
        assert_eq!(taken.kind, "application/json; charset=utf-8");
        assert_eq!(
            taken.json()["data"],
            json!({ "programs": [{ "key": "garden" }, { "key": "orchard" }] })
        );
    }
}

#[tokio::test]
async fn there_is_one_endpoint() {
    let world = World::new().await;
    for path in ["/graphql/more", "/graphql/", "/", "/api"] {
        let elsewhere = ask(&world, Method::POST, path, &[JSON], QUERY).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_one_request_of_at_most_a_mebibyte() {
    let world = World::new().await;
    let padded = |length: usize| format!("{QUERY}{}", " ".repeat(length - QUERY.len()));
    let fits = post(&world, &[JSON], &padded(1_048_576)).await;
    assert_eq!(fits.status, StatusCode::OK);
    let over = post(&world, &[JSON], &padded(1_048_577)).await;
    assert_eq!(over.status, StatusCode::PAYLOAD_TOO_LARGE);
    let batch = format!("[{QUERY},{QUERY}]");
    for body in [
        "",
        "{",
        "null",
        "\"{ programs { key } }\"",
        "17",
        &batch,
        "{\"query\":7}",
        "\u{0}",
    ] {
        let refused = post(&world, &[JSON], body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body:?}");
        assert_eq!(refused.code(), "BAD_REQUEST", "{body:?}");
        assert_eq!(refused.kind, "application/json; charset=utf-8");
        assert_eq!(refused.json().get("data"), None, "{body:?}");
    }
}

#[tokio::test]
async fn a_list_is_no_request_whatever_is_in_it() {
    let world = World::new().await;
    for body in ["[]", r#"["{ programs { key } }"]"#] {
        let refused = post(&world, &[JSON], body).await;
        assert_eq!(
            refused.status,
            StatusCode::BAD_REQUEST,
            "{body}: {}",
            refused.text
        );
        assert_eq!(refused.code(), "BAD_REQUEST", "{body}");
    }
}

#[tokio::test]
async fn what_was_not_executed_has_no_data() {
    let world = World::new().await;
    let modern = (header::ACCEPT, "application/graphql-response+json");
    for query in ["{ nothing }", "{ programs { key }", "{ programs }", ""] {
        let body = json!({ "query": query }).to_string();
        let old = post(&world, &[JSON], &body).await;
        assert_eq!(old.status, StatusCode::OK, "{query}");
        assert_eq!(old.json().get("data"), None, "{query}: {}", old.text);
        assert!(
            !old.json()["errors"].as_array().unwrap().is_empty(),
            "{query}"
        );
        let new = post(&world, &[JSON, modern.clone()], &body).await;
        assert_eq!(new.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(new.kind, "application/graphql-response+json; charset=utf-8");
        assert_eq!(new.json(), old.json(), "{query}");
    }
    let failed =
        json!({ "query": "{ applications { nodes { id } } programs { key } }" }).to_string();
    for headers in [vec![JSON], vec![JSON, modern]] {
        let partial = post(&world, &headers, &failed).await;
        assert_eq!(partial.status, StatusCode::OK);
        assert_eq!(partial.code(), "UNAUTHENTICATED");
        let answer = partial.json();
        assert_eq!(answer["errors"][0]["path"], json!(["applications"]));
        assert_eq!(answer["data"]["applications"], Value::Null);
        assert_eq!(answer["data"]["programs"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_token_that_is_not_recognised_is_refused_and_none_is_a_stranger() {
    let world = World::new().await;
    let good = format!("Bearer {}", world.token("specialist"));
    let who = r#"{"query":"{ viewer { name } }"}"#;
    for token in [
        "Bearer nonsense".to_owned(),
        "Bearer ".to_owned(),
        "Basic c3BlY2lhbGlzdDo=".to_owned(),
        good.trim_start_matches("Bearer ").to_owned(),
    ] {
        let refused = post(&world, &[JSON, (header::AUTHORIZATION, &token)], who).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{token}");
        assert_eq!(refused.code(), "UNAUTHENTICATED", "{token}");
    }
    let known = post(&world, &[JSON, (header::AUTHORIZATION, &good)], who).await;
    assert_eq!(
        known.json()["data"],
        json!({ "viewer": { "name": "specialist" } })
    );
    let stranger = post(&world, &[JSON], who).await;
    assert_eq!(stranger.json()["data"], json!({ "viewer": null }));
    world.now("2026-11-23T22:00:00Z");
    let late = post(&world, &[JSON, (header::AUTHORIZATION, &good)], who).await;
    assert_eq!(
        late.status,
        StatusCode::UNAUTHORIZED,
        "twelve hours have passed"
    );
}

#[tokio::test]
async fn a_subscription_needs_a_client_that_takes_a_stream() {
    let world = World::new().await;
    let application = world.in_review().await;
    let query = "subscription($id: ID!) { applicationChanged(applicationId: $id) { cursor } }";
    let body = json!({ "query": query, "variables": { "id": application["id"] } }).to_string();
    let token = format!("Bearer {}", world.token("specialist"));
    let refused = post(&world, &[JSON, (header::AUTHORIZATION, &token)], &body).await;
    assert_eq!(refused.json().get("data"), None, "{}", refused.text);
    assert!(!refused.json()["errors"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn health_and_readiness_are_told_to_everybody() {
    let world = World::new().await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = ask(&world, Method::GET, path, &[], "").await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (StatusCode::OK, text),
            "{path}"
        );
    }
    world.service.store.close().await;
    let alive = ask(&world, Method::GET, "/healthz", &[], "").await;
    assert_eq!(alive.status, StatusCode::OK);
    let ready = ask(&world, Method::GET, "/readyz", &[], "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let query = post(&world, &[JSON], QUERY).await;
    assert_eq!(query.code(), "INTERNAL_SERVER_ERROR");
    assert!(
        !query.text.contains("SELECT") && !query.text.to_lowercase().contains("pool"),
        "{}",
        query.text
    );
}
