//! Names of requests, panics, compression: what holds for every answer.

use std::io::Read;

use axum::Router;
use axum::routing::get;
use flate2::read::GzDecoder;
use serde_json::json;
use stoa::http::edge;
use stoa::http::limits::Limits;
use tokio::io::AsyncWriteExt;

use super::{Site, answer, is_closed, post};
use crate::support::World;

const NAME: &str = r#"{"query":"{ __typename }"}"#;

#[tokio::test]
async fn every_answer_says_how_its_request_is_called() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let mut ours = Vec::new();
    for request in [
        post("", NAME),
        post("", "nonsense"),
        b"GET /healthz HTTP/1.1\r\nHost: stoa\r\n\r\n".to_vec(),
        b"GET /nowhere HTTP/1.1\r\nHost: stoa\r\n\r\n".to_vec(),
        post("X-Request-Id: two words\r\n", NAME),
        post("X-Request-Id: \r\n", NAME),
        post(&format!("X-Request-Id: {}\r\n", "a".repeat(65)), NAME),
        post("X-Request-Id: <script>\r\n", NAME),
    ] {
        let answer = site.ask(&request).await;
        ours.push(answer.header("x-request-id").to_owned());
    }
    assert!(ours.iter().all(|name| name.len() == 36), "{ours:?}");
    ours.sort();
    ours.dedup();
    assert_eq!(ours.len(), 8, "each request has its own");
    for theirs in [
        "7",
        "0af7651916cd43dd8448eb211c80319c",
        "Root=1-67891233:a/b+c_d.e",
    ] {
        let lines = format!("X-Request-Id: {theirs}\r\n");
        let answer = site.ask(&post(&lines, NAME)).await;
        assert_eq!(answer.header("x-request-id"), theirs);
    }
}

#[tokio::test]
async fn a_panic_becomes_an_answer_and_the_next_request_is_served() {
    let world = World::new().await;
    let routes = Router::new()
        .route(
            "/panic",
            get(async || -> &'static str { panic!("this test panics on purpose") }),
        )
        .route("/calm", get(async || "calm"));
    let site = Site::of(
        edge::around(routes, world.service.clock.clone()),
        Limits::default(),
    )
    .await;
    let mut connection = site.connect().await;
    let panic = b"GET /panic HTTP/1.1\r\nHost: stoa\r\nX-Request-Id: it-panics\r\nAccept: application/graphql-response+json\r\n\r\n";
    connection.write_all(panic).await.unwrap();
    let failed = answer(&mut connection).await;
    assert_eq!(failed.status, 500);
    assert_eq!(
        failed.header("content-type"),
        "application/graphql-response+json; charset=utf-8"
    );
    assert_eq!(
        failed.json()["errors"][0]["extensions"],
        json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": "it-panics" })
    );
    assert!(!String::from_utf8_lossy(&failed.body).contains("purpose"));
    let calm = b"GET /calm HTTP/1.1\r\nHost: stoa\r\nConnection: close\r\n\r\n";
    connection.write_all(calm).await.unwrap();
    assert_eq!(answer(&mut connection).await.body, b"calm");
    is_closed(&mut connection).await;
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_takes_it() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let query = json!({ "query": "{ __schema { types { name description } } }" }).to_string();
    let plain = site.ask(&post("", &query)).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.len() > 4096);
    let mut connection = site.connect().await;
    let lines = "Accept-Encoding: br, gzip;q=0.8\r\nConnection: close\r\n";
    connection.write_all(&post(lines, &query)).await.unwrap();
    let packed = answer(&mut connection).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.header("vary").contains("accept-encoding"));
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut connection, &mut rest)
        .await
        .unwrap();
    let mut text = Vec::new();
    GzDecoder::new(unchunked(&rest).as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert_eq!(text, plain.body);
    assert!(
        rest.len() * 2 < text.len(),
        "{} of {}",
        rest.len(),
        text.len()
    );
    let small = site.ask(&post("Accept-Encoding: gzip\r\n", NAME)).await;
    assert_eq!(small.header("content-encoding"), "");
    let unwelcome = site
        .ask(&post("Accept-Encoding: gzip;q=0\r\n", &query))
        .await;
    assert_eq!(unwelcome.header("content-encoding"), "");
}

/// The bytes that come in chunks.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = rest.windows(2).position(|it| it == b"\r\n") {
        let length = std::str::from_utf8(&rest[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            break;
        }
        whole.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
    whole
}

#[tokio::test]
async fn streams_are_never_compressed() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let query = json!({ "query": "{ __schema { types { name description } } }" }).to_string();
    let lines = "Accept: text/event-stream\r\nAccept-Encoding: gzip\r\nConnection: close\r\n";
    let mut connection = site.connect().await;
    connection.write_all(&post(lines, &query)).await.unwrap();
    let head = answer(&mut connection).await;
    assert_eq!(head.header("content-type"), "text/event-stream");
    assert_eq!(head.header("content-encoding"), "");
    assert_eq!(head.header("x-request-id").len(), 36);
}
