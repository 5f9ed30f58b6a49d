//! Queries as GET.

use serde_json::json;
use stoa::http::limits::Limits;

use super::{Answer, Site};
use crate::support::World;

const MODERN: &str = "application/graphql-response+json";

async fn get(site: &Site, parameters: &str, accept: &str) -> Answer {
    let request =
        format!("GET /graphql{parameters} HTTP/1.1\r\nHost: stoa\r\nAccept: {accept}\r\n\r\n");
    site.ask(request.as_bytes()).await
}

#[tokio::test]
async fn a_query_can_be_got_with_everything_that_a_body_can_say() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for parameters in [
        "?query=%7B__typename%7D",
        "?query=%7B+__typename+%7D&operationName=&variables=&extensions=",
        "?query={__typename}&variables=null&extensions=%7B%22a%22:1%7D&more=7",
        "?operationName=B&query=query%20A{a:__typename}query%20B{__typename}",
    ] {
        let answer = get(&site, parameters, "*/*").await;
        let (status, data) = (answer.status, &answer.json()["data"]);
        let name = json!({ "__typename": "Query" });
        assert_eq!((status, data), (200, &name), "{parameters}");
    }
    let named =
        "?query=query($key:String!){program(key:$key){key}}&variables=%7B%22key%22:%22garden%22%7D";
    let answer = get(&site, named, MODERN).await;
    assert_eq!(answer.json()["data"]["program"]["key"], "garden");
    let who = "GET /graphql?query={viewer{name}} HTTP/1.1\r\nHost: stoa\r\n";
    let token = world.token("specialist");
    let request = format!("{who}Authorization: Bearer {token}\r\n\r\n");
    let answer = site.ask(request.as_bytes()).await;
    assert_eq!(answer.json()["data"]["viewer"]["name"], "specialist");
}

#[tokio::test]
async fn parameters_that_are_no_request_are_refused() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for parameters in [
        "",
        "?",
        "?query=",
        "?operationName=A",
        "?query={a}&query={b}",
        "?query={__typename}&variables=7",
        "?query={__typename}&variables=[]",
        "?query={__typename}&variables=%7B",
        "?query={__typename}&extensions=nothing",
    ] {
        let refused = get(&site, parameters, MODERN).await;
        assert_eq!(refused.status, 400, "{parameters}");
        assert_eq!(refused.code(), "BAD_REQUEST", "{parameters}");
    }
}

#[tokio::test]
async fn getting_changes_nothing_and_follows_nothing() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    for accept in ["*/*", MODERN, "text/event-stream, application/json"] {
        for mutation in [
            "?query=mutation{__typename}",
            "?query=query%20A{__typename}mutation%20B{__typename}&operationName=B",
        ] {
            let refused = get(&site, mutation, accept).await;
            assert_eq!(refused.status, 405, "{mutation}");
            assert_eq!(refused.header("allow"), "POST", "{mutation}");
            assert_eq!(refused.code(), "BAD_REQUEST", "{mutation}");
        }
    }
    let followed = "?query=subscription{applicationChanged(applicationId:%22app_1%22){__typename}}";
    for accept in ["*/*", MODERN, "application/json"] {
        let refused = get(&site, followed, accept).await;
        assert_eq!(refused.status, 406, "{accept}");
        assert_eq!(refused.json().get("data"), None);
    }
}

#[tokio::test]
async fn the_head_of_an_answer_can_be_had_alone() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let request =
        "HEAD /graphql?query={__typename} HTTP/1.1\r\nHost: stoa\r\nConnection: close\r\n\r\n";
    let mut connection = site.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut connection, request.as_bytes())
        .await
        .unwrap();
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut connection, &mut text)
        .await
        .unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(text.ends_with("\r\n\r\n"), "{text}");
}
