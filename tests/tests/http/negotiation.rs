//! Media types, in both directions.

use serde_json::{Value, json};
use stoa::http::limits::Limits;

use super::{Site, post};
use crate::support::World;

const NAME: &str = r#"{"query":"{ __typename }"}"#;
const JSON: &str = "application/json; charset=utf-8";
const GRAPHQL_JSON: &str = "application/graphql-response+json; charset=utf-8";

#[tokio::test]
async fn the_answer_has_the_type_that_the_client_likes_best() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for (accept, kind) in [
        ("", JSON),
        ("Accept: */*\r\n", JSON),
        ("Accept: application/json\r\n", JSON),
        (
            "Accept: application/graphql-response+json\r\n",
            GRAPHQL_JSON,
        ),
        (
            "Accept: application/json;q=0.9, application/graphql-response+json\r\n",
            GRAPHQL_JSON,
        ),
        (
            "Accept: application/graphql-response+json;q=0.1, application/json;q=0.2\r\n",
            JSON,
        ),
        (
            "Accept: application/json;q=0.2\r\nAccept: application/graphql-response+json\r\n",
            GRAPHQL_JSON,
        ),
        (
            "Accept: application/graphql-response+json, application/json, text/event-stream, multipart/mixed\r\n",
            GRAPHQL_JSON,
        ),
    ] {
        let answer = site.ask(&post(accept, NAME)).await;
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.header("content-type"), kind, "{accept}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }));
    }
    for accept in [
        "text/html",
        "application/json;q=0",
        "application/xml, */*;q=0",
    ] {
        let accept = format!("Accept: {accept}\r\n");
        let refused = site.ask(&post(&accept, NAME)).await;
        assert_eq!(refused.status, 406, "{accept}");
        assert_eq!(refused.code(), "BAD_REQUEST");
        assert_eq!(refused.header("content-type"), JSON);
    }
}

#[tokio::test]
async fn a_body_is_json_in_utf_8_as_it_is() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let sent = async |head: &str| {
        let length = NAME.len();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: stoa\r\n{head}Content-Length: {length}\r\n\r\n{NAME}"
        );
        site.ask(request.as_bytes()).await
    };
    for taken in [
        "Content-Type: application/json\r\n",
        "Content-Type: application/json;charset=utf-8\r\n",
        "Content-Type: application/json; charset=\"UTF-8\"\r\n",
        "Content-Type: application/json; profile=anything\r\n",
        "Content-Type: application/json\r\nContent-Encoding: identity\r\n",
    ] {
        assert_eq!(sent(taken).await.status, 200, "{taken}");
    }
    for refused in [
        "",
        "Content-Type: \r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/graphql\r\n",
        "Content-Type: application/json; charset=utf-16\r\n",
        "Content-Type: application/json; charset=iso-8859-1\r\n",
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
    ] {
        let answer = sent(refused).await;
        assert_eq!(answer.status, 415, "{refused}");
        assert_eq!(answer.code(), "BAD_REQUEST", "{refused}");
        assert_eq!(answer.header("accept"), "application/json");
    }
    let mut latin = post("", "{\"query\":\"{ __typename }\",\"operationName\":\"A\"}");
    let letter = latin.iter().rposition(|byte| *byte == b'A').unwrap();
    latin[letter] = 0xfc;
    assert_eq!(site.ask(&latin).await.code(), "BAD_REQUEST", "no UTF-8");
}

#[tokio::test]
async fn members_that_are_absent_or_null_are_the_same_and_others_are_ignored() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for body in [
        r#"{"query":"{ __typename }","operationName":null,"variables":null,"extensions":null}"#,
        r#"{"query":"{ __typename }","operationName":"","variables":{},"extensions":{"a":[1]}}"#,
        r#"{"query":"{ __typename }","id":7,"onError":"NULL","doc_id":{"a":null}}"#,
        " \r\n\t{\"query\":\"{ __typename }\"}\n",
    ] {
        let answer = site.ask(&post("", body)).await;
        assert_eq!(answer.json()["data"]["__typename"], "Query", "{body}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_exactly() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let modern = "Accept: application/graphql-response+json\r\n";
    for (body, part) in [
        ("", "must be JSON"),
        ("{ \"query\"", "must be JSON"),
        ("null", "one JSON object"),
        ("[]", "one request at a time"),
        (r#"[{"query":"{ __typename }"}]"#, "one request at a time"),
        (r#"["{ __typename }",null,{},{}]"#, "one request at a time"),
        ("{}", "`query` is missing"),
        (r#"{"query":null}"#, "`query` is missing"),
        (r#"{"query":7}"#, "`query` must be a text"),
        (
            r#"{"query":"{a}","operationName":7}"#,
            "`operationName` must be a text",
        ),
        (
            r#"{"query":"{a}","variables":[]}"#,
            "`variables` must be an object",
        ),
        (
            r#"{"query":"{a}","variables":"{}"}"#,
            "`variables` must be an object",
        ),
        (
            r#"{"query":"{a}","extensions":7}"#,
            "`extensions` must be an object",
        ),
        (r#"{"query":"{a}","query":"{b}"}"#, "there twice"),
    ] {
        for accept in ["", modern] {
            let refused = site.ask(&post(accept, body)).await;
            assert_eq!(refused.status, 400, "{body}");
            assert_eq!(refused.code(), "BAD_REQUEST", "{body}");
            let answer = refused.json();
            let text = answer["errors"][0]["message"].as_str().unwrap();
            assert!(text.contains(part), "{body}: {text}");
            assert_eq!(answer.get("data"), None, "{body}");
            let modern = refused.header("content-type") == GRAPHQL_JSON;
            assert_eq!(modern, !accept.is_empty(), "{body}");
        }
    }
    let nested = format!(
        r#"{{"query":"{{a}}","variables":{{"a":{}{}}}}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(site.ask(&post("", &nested)).await.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn other_methods_are_refused_and_told_which_are_taken() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"] {
        let request = format!("{method} /graphql HTTP/1.1\r\nHost: stoa\r\n\r\n");
        let refused = site.ask(request.as_bytes()).await;
        assert_eq!(refused.status, 405, "{method}");
        assert_eq!(refused.header("allow"), "GET, HEAD, POST", "{method}");
        assert_eq!(refused.code(), "BAD_REQUEST", "{method}");
        assert_eq!(refused.json()["data"], Value::Null);
    }
}
