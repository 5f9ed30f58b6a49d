//! What a request may ask for, what it costs, and how often: `docs/limits.md` as tests.

mod attacks;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use stoa::budget::limits::{Limits, Rate};
use stoa::budget::persisted::{Allowed, hash};

use crate::cli::Folder;
use crate::support::World;

const PROGRAMS: &str = "{ programs { key } }";
/// What that costs.
const COST: u32 = 5;

/// An answer as it came.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    fn error(&self) -> (StatusCode, &Value) {
        assert_eq!(self.body.get("data"), None, "{:#}", self.body);
        (self.status, &self.body["errors"][0]["extensions"]["code"])
    }
}

async fn world(limits: Limits) -> World {
    let mut world = World::new().await;
    let bounds = stoa::Bounds {
        budget: limits,
        ..stoa::Bounds::default()
    };
    let built = stoa::build_with(world.service.clone(), bounds);
    world.router = built.unwrap();
    world
}

/// Posts a body as this person ("" is a stranger) from behind a proxy that heard from this address.
async fn post_from(world: &World, person: &str, address: &str, body: &Value) -> Answer {
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/graphql-response+json")
        .header("x-forwarded-for", address);
    if !person.is_empty() {
        let token = format!("Bearer {}", world.token(person));
        request = request.header(header::AUTHORIZATION, token);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let (status, headers, body) = world.exchange(request).await;
    Answer {
        status,
        headers,
        body,
    }
}

async fn post(world: &World, person: &str, body: Value) -> Answer {
    post_from(world, person, "192.0.2.1", &body).await
}

fn query(text: &str) -> Value {
    json!({ "query": text })
}

fn apollo(text: Option<&str>, hash: &str) -> Value {
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    match text {
        Some(text) => json!({ "query": text, "extensions": extensions }),
        None => json!({ "extensions": extensions }),
    }
}

#[tokio::test]
async fn every_answer_tells_its_cost_and_what_is_left() {
    let world = world(Limits::default()).await;
    let first = post(&world, "specialist", query(PROGRAMS)).await;
    assert_eq!(first.status, StatusCode::OK);
    let cost = &first.body["extensions"]["cost"];
    assert_eq!(
        (&cost["requested"], &cost["maximum"]),
        (&json!(COST), &json!(50_000))
    );
    let policy = "\"account\";q=100000;qu=\"cost\";w=10";
    assert_eq!(first.header("ratelimit-policy"), policy);
    let left = |answer: &Answer| {
        let field = answer.header("ratelimit");
        let field = field.strip_prefix("\"account\";r=").unwrap();
        let field = field.strip_suffix(";t=1").unwrap();
        field.parse::<u32>().unwrap()
    };
    let second = post(&world, "specialist", query(PROGRAMS)).await;
    assert_eq!(left(&second), left(&first) - COST);
    assert_eq!(
        second.body, first.body,
        "the same request has the same answer"
    );
    let stranger = post(&world, "", query(PROGRAMS)).await;
    let policy = "\"address\";q=40000;qu=\"cost\";w=20";
    assert_eq!(stranger.header("ratelimit-policy"), policy);
}

#[tokio::test]
async fn the_cost_of_a_page_is_known_before_it_is_read() {
    let world = world(Limits::default()).await;
    let pages = "query($n: Int) { applications(first: $n) { nodes { messages(first: 100) { nodes { id body kind at } } } } }";
    let body = |n: u32| json!({ "query": pages, "variables": { "n": n } });
    let small = post(&world, "specialist", body(10)).await;
    let cost = &small.body["extensions"]["cost"]["requested"];
    assert_eq!(cost, 10 + 10 * (1 + 10 + 100 * 5));
    let large = post(&world, "specialist", body(100)).await;
    assert_eq!(
        large.error(),
        (StatusCode::BAD_REQUEST, &json!("QUERY_TOO_COMPLEX"))
    );
    let said = &large.body["errors"][0]["extensions"]["cost"];
    assert_eq!(
        said,
        &json!({ "requested": 10 + 100 * 511, "maximum": 50_000 })
    );
}

#[tokio::test]
async fn clients_of_the_older_media_type_are_told_by_the_errors_alone() {
    let world = world(Limits::default()).await;
    let (status, body) = world
        .post("", &query("{ ...A } fragment A on Query { ...A }"))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        body["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(body.get("data"), None);
}

#[tokio::test]
async fn a_caller_who_used_up_their_budget_waits_and_nobody_else_does() {
    let limits = Limits {
        account: Rate::new(10, 40),
        address: Rate::new(10, 40),
        proxies: 1,
        ..Limits::default()
    };
    let world = world(limits).await;
    for (person, address) in [("specialist", "192.0.2.1"), ("", "192.0.2.1")] {
        let body = query(PROGRAMS);
        let ask = || post_from(&world, person, address, &body);
        while ask().await.status == StatusCode::OK {}
        let refused = ask().await;
        let limited = (StatusCode::TOO_MANY_REQUESTS, &json!("RATE_LIMITED"));
        assert_eq!(refused.error(), limited, "{person}");
        assert_eq!(refused.header("retry-after"), "1");
        let policy = if person.is_empty() {
            "address"
        } else {
            "account"
        };
        assert_eq!(refused.header("ratelimit"), format!("\"{policy}\";r=0;t=4"));
    }
    let elsewhere = post_from(&world, "", "192.0.2.2", &query(PROGRAMS)).await;
    assert_eq!(elsewhere.status, StatusCode::OK);
    let colleague = post(&world, "program manager", query(PROGRAMS)).await;
    assert_eq!(colleague.status, StatusCode::OK);
    world.now("2026-11-23T10:00:04Z");
    for person in ["specialist", ""] {
        let again = post(&world, person, query(PROGRAMS)).await;
        assert_eq!(again.status, StatusCode::OK, "{person}");
    }
}

#[tokio::test]
async fn a_document_is_registered_by_its_hash_as_apollos_clients_do() {
    let world = world(Limits::default()).await;
    let hash = hash(PROGRAMS);
    let unknown = post(&world, "specialist", apollo(None, &hash)).await;
    assert_eq!(unknown.error().1, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(
        unknown.body["errors"][0]["message"],
        "PersistedQueryNotFound"
    );
    // A stranger's text runs, and is not kept.
    let stranger = post(&world, "", apollo(Some(PROGRAMS), &hash)).await;
    assert_eq!(stranger.status, StatusCode::OK);
    let unknown = post(&world, "", apollo(None, &hash)).await;
    assert_eq!(unknown.error().1, "PERSISTED_QUERY_NOT_FOUND");
    let registered = post(&world, "specialist", apollo(Some(PROGRAMS), &hash)).await;
    assert_eq!(registered.status, StatusCode::OK);
    let id = json!({ "documentId": format!("sha256:{hash}") });
    for body in [apollo(None, &hash), id] {
        let known = post(&world, "", body).await;
        assert_eq!(known.body["data"], registered.body["data"]);
    }
    let other = post(
        &world,
        "specialist",
        apollo(Some("{ viewer { name } }"), &hash),
    )
    .await;
    assert_eq!(
        other.error(),
        (StatusCode::BAD_REQUEST, &json!("BAD_REQUEST"))
    );
}

#[tokio::test]
async fn where_operators_allow_documents_no_other_runs() {
    let folder = Folder::new("allowed");
    let manifest = json!({ "0a1b": "query Programs { programs { key } }" });
    folder.write("manifest.json", &manifest.to_string());
    folder.write("viewer.graphql", "query Viewer { viewer { name } }");
    let limits = Limits {
        documents: Some(Allowed::read(&folder.0).unwrap()),
        ..Limits::default()
    };
    let world = world(limits).await;
    let viewer = "query Viewer { viewer { name } }";
    for body in [
        json!({ "documentId": "0a1b" }),
        json!({ "documentId": format!("sha256:{}", hash(viewer)) }),
        apollo(None, &hash(viewer)),
        query(viewer),
    ] {
        let allowed = post(&world, "specialist", body).await;
        assert_eq!(allowed.status, StatusCode::OK, "{}", allowed.body);
    }
    for body in [
        query(PROGRAMS),
        query("{ __typename }"),
        apollo(Some(PROGRAMS), &hash(PROGRAMS)),
        json!({ "documentId": "0a1c" }),
    ] {
        let refused = post(&world, "specialist", body).await;
        assert_eq!(
            refused.error(),
            (StatusCode::BAD_REQUEST, &json!("DOCUMENT_NOT_ALLOWED"))
        );
    }
}

#[tokio::test]
async fn a_document_that_could_never_run_is_not_allowed_at_the_start() {
    let folder = Folder::new("broken-documents");
    folder.write("broken.graphql", "query Broken { viewer {");
    let limits = Limits {
        documents: Some(Allowed::read(&folder.0).unwrap()),
        ..Limits::default()
    };
    let world = World::new().await;
    let bounds = stoa::Bounds {
        budget: limits,
        ..stoa::Bounds::default()
    };
    let built = stoa::build_with(world.service.clone(), bounds);
    assert!(built.unwrap_err().contains("query Broken"));
}

#[tokio::test]
async fn of_many_mistakes_the_first_are_told() {
    let world = world(Limits::default()).await;
    let text = format!("{{ viewer {{ {} }} }}", "nmae ".repeat(1_000));
    let refused = post(&world, "", query(&text)).await;
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 50);
}
