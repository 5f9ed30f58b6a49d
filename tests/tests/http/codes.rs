//! Every top-level error has a code, and the code says at which stage something went wrong.

use serde_json::json;
use stoa::http::limits::Limits;

use super::{Site, post};
use crate::support::World;

const MODERN: &str = "Accept: application/graphql-response+json\r\n";

#[tokio::test]
async fn what_was_not_executed_says_at_which_stage_it_failed() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let id = "query($id: ID!) { application(id: $id) { id } }";
    let page = "query($first: Int, $filter: ApplicationFilter) { applications(first: $first, filter: $filter) { totalCount } }";
    let deep = format!(
        "{{ __schema {{ types {}{{ name }}{} }} }}",
        "{ fields { type ".repeat(18),
        " } }".repeat(18)
    );
    let wide: Vec<_> = (0..1_100)
        .map(|it| format!("a{it}: program(key: \"garden\") {{ key }}"))
        .collect();
    let wide = format!("{{ {} }}", wide.join(" "));
    let none = || json!({});
    for (query, name, variables, code) in [
        ("{ programs { key }", None, none(), "GRAPHQL_PARSE_FAILED"),
        ("", None, none(), "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, none(), "GRAPHQL_VALIDATION_FAILED"),
        ("{ programs }", None, none(), "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ application(id: [1]) { id } }",
            None,
            none(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ applications(first: \"a\") { totalCount } }",
            None,
            none(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query A { programs { key } } query A { programs { key } }",
            None,
            none(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query A { programs { key } } query B { programs { key } }",
            None,
            none(),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            "query A { programs { key } }",
            Some("B"),
            none(),
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (id, None, none(), "BAD_USER_INPUT"),
        (id, None, json!({ "id": null }), "BAD_USER_INPUT"),
        (id, None, json!({ "id": [1] }), "BAD_USER_INPUT"),
        (page, None, json!({ "first": "ten" }), "BAD_USER_INPUT"),
        (
            page,
            None,
            json!({ "filter": { "statuses": ["NO_STATUS"] } }),
            "BAD_USER_INPUT",
        ),
        (
            page,
            None,
            json!({ "filter": { "nonsense": 1 } }),
            "BAD_USER_INPUT",
        ),
        (wide.as_str(), None, none(), "QUERY_TOO_COMPLEX"),
        (deep.as_str(), None, none(), "QUERY_TOO_COMPLEX"),
    ] {
        let body = json!({ "query": query, "operationName": name, "variables": variables });
        for (accept, status) in [("", 200), (MODERN, 400)] {
            let answer = site.ask(&post(accept, &body.to_string())).await;
            let short: String = query.chars().take(80).collect();
            let text = String::from_utf8_lossy(&answer.body);
            assert_eq!(answer.code(), code, "{short}: {text}");
            assert_eq!(answer.status, status, "{short}");
            assert_eq!(answer.json().get("data"), None, "{short}");
        }
    }
}

#[tokio::test]
async fn every_error_has_a_code_when_there_are_several() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let query = "query($first: Int) { nothing applications(first: $first) { nodes { id none } } }";
    let body = json!({ "query": query, "variables": { "first": "a" } }).to_string();
    let answer = site.ask(&post(MODERN, &body)).await.json();
    let errors = answer["errors"].as_array().unwrap();
    let codes: Vec<_> = errors
        .iter()
        .map(|it| it["extensions"]["code"].clone())
        .collect();
    // Variables are compared with their types once the document is valid.
    assert_eq!(
        codes,
        ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VALIDATION_FAILED"],
        "{answer:#}"
    );
}

#[tokio::test]
async fn an_answer_is_no_echo_of_a_large_document() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let unparsed = format!("{{ {}", " a".repeat(50_000));
    let unknown: Vec<_> = (0..200).map(|it| format!("nothing{it}")).collect();
    let unknown = format!("{{ programs {{ {} }} }}", unknown.join(" "));
    for (query, errors) in [(unparsed, 1), (unknown, 50)] {
        let body = json!({ "query": query }).to_string();
        let answer = site.ask(&post(MODERN, &body)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["errors"].as_array().unwrap().len(), errors);
        assert!(answer.body.len() < 50_000, "{}", answer.body.len());
    }
}

#[tokio::test]
async fn a_field_that_fails_leaves_the_rest_and_the_status_alone() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for (query, code) in [
        (
            "{ applications { totalCount } programs { key } }",
            "UNAUTHENTICATED",
        ),
        (
            "{ application(id: \"nonsense\") { id } programs { key } }",
            "UNAUTHENTICATED",
        ),
    ] {
        let body = json!({ "query": query }).to_string();
        for accept in ["", MODERN] {
            let answer = site.ask(&post(accept, &body)).await;
            assert_eq!(answer.status, 200, "{query}");
            assert_eq!(answer.code(), code, "{query}");
            assert_eq!(
                answer.json()["data"]["programs"].as_array().unwrap().len(),
                2
            );
        }
    }
}

#[tokio::test]
async fn a_persisted_query_that_is_not_known_is_told_so() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    for body in [
        json!({ "extensions": persisted }),
        json!({ "documentId": format!("sha256:{hash}") }),
    ] {
        let answer = site.ask(&post("", &body.to_string())).await;
        assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND", "{body}");
        assert_eq!(
            answer.json()["errors"][0]["message"],
            "PersistedQueryNotFound"
        );
    }
    let body = json!({ "query": "{__typename}", "extensions": persisted }).to_string();
    let answer = site.ask(&post("", &body)).await;
    assert_eq!(answer.json()["data"]["__typename"], "Query");
}

#[tokio::test]
async fn a_fault_of_the_service_names_the_request_and_nothing_from_below() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    world.service.store.close().await;
    let body = json!({ "query": "{ programs { key } }" }).to_string();
    let answer = site
        .ask(&post("X-Request-Id: from-a-proxy-17\r\n", &body))
        .await;
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["extensions"]["requestId"], "from-a-proxy-17");
    assert!(
        error["message"].as_str().unwrap().contains("requestId"),
        "{error}"
    );
    let token = world.token("specialist");
    let lines = format!("Authorization: Bearer {token}\r\n");
    let answer = site.ask(&post(&lines, &body)).await;
    assert_eq!(
        (answer.status, answer.code()),
        (503, json!("INTERNAL_SERVER_ERROR"))
    );
    let called = answer.header("x-request-id");
    assert_eq!(
        answer.json()["errors"][0]["extensions"]["requestId"],
        called
    );
}
