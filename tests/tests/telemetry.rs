//! What operators see: numbers, traces and logs, and nothing personal in any of them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use stoa::telemetry::{metrics, traces, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::cli::{Folder, Running, get, root, stoa};
use crate::support::{World, database};

const MAIL: &str = "ada.private@example.org";

/// Posts a body through these routes and returns the answer, its body unread.
async fn post(router: &Router, headers: &[(&str, &str)], body: &Value) -> axum::response::Response {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

/// The value of one line of the metrics.
fn value(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|it| it.strip_prefix(line));
    let found = found.unwrap_or_else(|| panic!("{line} is not in\n{text}"));
    found.trim().parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_what_they_are_and_what_became_of_them() {
    let world = World::new().await;
    let router = watch::around(world.router.clone(), &world.service, None);
    let bearer = format!("Bearer {}", world.token("specialist"));
    for _ in 0..3 {
        let query = json!({ "query": "query Anything { viewer { name } }" });
        let answer = post(&router, &[("authorization", &bearer)], &query).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let nobody = json!({ "query": format!("mutation {{ a(mail: \"{MAIL}\") }}") });
    post(&router, &[("authorization", "Bearer none")], &nobody).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut server = JoinSet::new();
    server.spawn(metrics::serve(listener, world.service.clone()));
    let told = tokio::task::spawn_blocking(move || get(&address, "/metrics"));
    let text = told.await.unwrap();
    assert!(text.contains("application/openmetrics-text"), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    for (line, count) in [
        (
            "stoa_http_requests_total{operation=\"query\",status=\"2xx\"}",
            3.0,
        ),
        (
            "stoa_http_requests_total{operation=\"none\",status=\"4xx\"}",
            1.0,
        ),
        (
            "stoa_http_request_duration_seconds_count{operation=\"query\"}",
            3.0,
        ),
        ("stoa_http_requests_in_flight", 0.0),
        ("stoa_jobs_waiting", 0.0),
    ] {
        assert!((value(&text, line) - count).abs() < 0.1, "{line}: {text}");
    }
    assert!(
        value(&text, "stoa_process_resident_memory_bytes") > 1e6,
        "{text}"
    );
    assert!(value(&text, "stoa_database_connections{state=\"most\"}") >= 1.0);
    assert!(text.contains("stoa_build_info{version="), "{text}");
    assert!(!text.contains("Anything") && !text.contains(MAIL), "{text}");
}

#[tokio::test]
async fn a_subscription_counts_as_long_as_it_is_followed() {
    let world = World::new().await;
    let router = watch::around(world.router.clone(), &world.service, None);
    let application = world.in_review().await;
    let bearer = format!("Bearer {}", world.token("specialist"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "text/event-stream"),
    ];
    let body = json!({
        "query": "subscription($id: ID!) { applicationChanged(applicationId: $id) { __typename } }",
        "variables": { "id": application["id"] },
    });
    let mut answer = post(&router, &headers, &body).await;
    assert!(answer.body_mut().frame().await.is_some());
    let open = metrics::read(&world.service).await;
    assert!((value(&open, "stoa_subscriptions_open") - 1.0).abs() < 0.1);
    drop(answer);
    let closed = metrics::read(&world.service).await;
    assert!(value(&closed, "stoa_subscriptions_open").abs() < 0.1);
}

#[tokio::test]
async fn the_jobs_tell_how_much_waits_and_for_how_long() {
    let world = World::new().await;
    let draft = world.draft("applicant", "Waiting Garden", json!({})).await;
    assert!(draft["id"].is_string());
    // Drafts expire; a year later every one of them has been waiting for long.
    world.now("2027-11-23T10:00:00Z");
    let text = metrics::read(&world.service).await;
    assert!(value(&text, "stoa_jobs_waiting") >= 1.0, "{text}");
    assert!(value(&text, "stoa_jobs_lag_seconds") > 86_400.0, "{text}");
}

/// A collector that takes one export and returns it.
fn collector() -> (String, std::thread::JoinHandle<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let taken = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        loop {
            let mut more = [0; 4096];
            let count = stream.read(&mut more).unwrap();
            bytes.extend_from_slice(&more[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                assert!(count > 0, "{text}");
                continue;
            };
            let length = head
                .lines()
                .find_map(|it| it.strip_prefix("Content-Length: "));
            if body.len() >= length.unwrap().parse().unwrap() {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap();
                return (head.to_owned(), serde_json::from_str(body).unwrap());
            }
            assert!(count > 0, "{text}");
        }
    });
    (format!("http://{address}"), taken)
}

fn attribute(span: &Value, key: &str) -> Value {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|it| it["key"] == key);
    let value = found.map(|it| it["value"].as_object().unwrap().values().next().unwrap());
    value.cloned().unwrap_or(Value::Null)
}

#[tokio::test]
async fn each_operation_is_a_span_that_continues_the_trace_of_who_asked() {
    let world = World::new().await;
    let (endpoint, taken) = collector();
    let (traces, mut exporter) = traces::to(endpoint.parse().unwrap(), &world.service.metrics);
    let router = watch::around(world.router.clone(), &world.service, Some(traces));
    let bearer = format!("Bearer {}", world.token("specialist"));
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let continued = format!("00-{trace}-b7ad6b7169203331-01");
    let unwanted = format!("00-{trace}-b7ad6b7169203331-00");
    let named = json!({
        "query": format!("query Search {{ applications(filter: {{ search: \"{MAIL}\" }}, first: 3) {{ totalCount }} }}"),
    });
    let refused = json!({
        "query": "mutation Claim($v: Int!) { claimApplication(input: { applicationId: \"x\", expectedVersion: $v }) { userErrors { code } } }",
        "variables": { "v": 17 },
    });
    for (traceparent, body) in [
        (&continued, &named),
        (&unwanted, &named),
        (&String::from("00-none"), &refused),
    ] {
        let headers = [
            ("authorization", bearer.as_str()),
            ("traceparent", traceparent.as_str()),
        ];
        post(&router, &headers, body).await;
    }
    exporter.flush().await;
    let (head, export) = taken.join().unwrap();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
    assert!(!export.to_string().contains(MAIL), "{export:#}");
    let resource = &export["resourceSpans"][0];
    assert_eq!(attribute(&resource["resource"], "service.name"), "stoa");
    let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 2, "what is not wanted is not made: {export:#}");
    let [query, mutation] = [&spans[0], &spans[1]];
    assert_eq!(query["name"], "query");
    assert_eq!(query["kind"], 2);
    assert_eq!(query["traceId"], trace);
    assert_eq!(query["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(attribute(query, "graphql.operation.type"), "query");
    assert_eq!(attribute(query, "graphql.operation.name"), "Search");
    let clean = "query Search { applications(filter: { search: \"\" } first: 0) { totalCount } }";
    assert_eq!(attribute(query, "graphql.document"), clean);
    assert_eq!(attribute(query, "error.type"), Value::Null);
    let time = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
    assert!(time(query, "endTimeUnixNano") > time(query, "startTimeUnixNano"));
    assert_eq!(mutation["name"], "mutation");
    assert_eq!(mutation.get("parentSpanId"), None);
    assert_ne!(mutation["traceId"], trace);
    assert_ne!(mutation["spanId"], query["spanId"]);
}

#[tokio::test]
async fn spans_that_nobody_takes_are_counted_and_hold_nobody_up() {
    let world = World::new().await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let (traces, mut exporter) = traces::to(endpoint.parse().unwrap(), &world.service.metrics);
    let router = watch::around(world.router.clone(), &world.service, Some(traces));
    let answer = post(&router, &[], &json!({ "query": "{ programs { key } }" })).await;
    assert_eq!(answer.status(), StatusCode::OK);
    exporter.flush().await;
    let text = metrics::read(&world.service).await;
    assert!(
        (value(&text, "stoa_spans_lost_total") - 1.0).abs() < 0.1,
        "{text}"
    );
}

/// One request to a service that runs; what it answers is not looked at.
fn send(address: &str, token: &str, body: &Value) -> String {
    let body = body.to_string();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn whatever_is_logged_nobody_is_in_it() {
    let folder = Folder::new("log");
    let url = database::shared_url().await;
    let settings = [
        ("STOA_DATABASE_URL", url.as_str()),
        ("STOA_LISTEN", "127.0.0.1:0"),
        ("STOA_LOG", "trace"),
        ("STOA_LOG_FORMAT", "json"),
    ];
    let ready = folder.0.join("ready.json");
    let log = folder.0.join("log.jsonl");
    let row = json!({
        "external_id": "row-1", "email": MAIL, "organization": "Private Garden", "repository": "https://code.example.org/private/garden",
    });
    let mut command = stoa(&folder, &settings);
    command.arg("--programs").arg(root().join("programs"));
    command
        .arg("demo")
        .arg("--data")
        .arg(folder.write("row.jsonl", &format!("{row}\n")));
    command
        .arg("--ready-file")
        .arg(&ready)
        .stdout(Stdio::null());
    command.stderr(std::fs::File::create(&log).unwrap());
    let demo = Running(command.spawn().unwrap());
    for _ in 0..1200 {
        if ready.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
    let address = told["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    let token = told["tokens"]["applicant"].as_str().unwrap();
    let create = "mutation($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } userErrors { code } } }";
    let literal = format!("{{ accountByMail(email: \"{MAIL}\") {{ id }} }}");
    for (token, body) in [
        (
            token,
            json!({ "query": create, "variables": { "input": { "programId": MAIL, "organizationName": MAIL } } }),
        ),
        (
            token,
            json!({ "query": create, "variables": { "input": MAIL } }),
        ),
        (token, json!({ "query": literal })),
        (MAIL, json!({ "query": "{ programs { key } }" })),
        (
            token,
            json!({ "query": "{ viewer { name email } }", "operationName": MAIL }),
        ),
    ] {
        let answer = send(address, token, &body);
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }
    drop(demo);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.lines().count() > 3, "the log says something: {text}");
    // How far an import is goes to whoever started it, not into the log.
    for line in text.lines().filter(|line| !line.starts_with("Importing:")) {
        assert!(
            serde_json::from_str::<Value>(line).is_ok(),
            "not JSON: {line}"
        );
        for private in [MAIL, "ada.private", "Private Garden", token] {
            assert!(!line.contains(private), "{private}: {line}");
        }
    }
}
