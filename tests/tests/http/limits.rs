//! What is not taken: too large, too long, too slow, too many.

use std::time::Duration;

use serde_json::json;
use stoa::http::limits::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{SOON, Site, answer, is_closed, post};
use crate::support::World;

const NAME: &str = r#"{"query":"{ __typename }"}"#;
/// A limit that is over soon, for those who are to meet it.
const SHORT: Duration = Duration::from_millis(100);
/// How long nothing must come where nothing may.
const SILENCE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused_announced_or_not() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let announced = "POST /graphql HTTP/1.1\r\nHost: stoa\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n";
    let refused = site.ask(announced.as_bytes()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (413, json!("BAD_REQUEST"))
    );
    let mut chunked = b"POST /graphql HTTP/1.1\r\nHost: stoa\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n".to_vec();
    chunked.resize(chunked.len() + 0x10_0001, b' ');
    let refused = site.ask(&chunked).await;
    assert_eq!(
        (refused.status, refused.code()),
        (413, json!("BAD_REQUEST"))
    );
}

#[tokio::test]
async fn long_paths_and_heads_are_refused() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let got = |length: usize| {
        let padding = "a".repeat(length - "/graphql?query={__typename}&x=".len());
        format!("GET /graphql?query={{__typename}}&x={padding} HTTP/1.1\r\nHost: stoa\r\n\r\n")
    };
    assert_eq!(site.ask(got(16 * 1024).as_bytes()).await.status, 200);
    let refused = site.ask(got(16 * 1024 + 1).as_bytes()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (414, json!("BAD_REQUEST"))
    );
    let head = |length: usize| post(&format!("X-Padding: {}\r\n", "a".repeat(length)), NAME);
    assert_eq!(site.ask(&head(31 * 1024)).await.status, 200);
    assert_eq!(site.ask(&head(33 * 1024)).await.status, 431);
    let many: Vec<_> = (0..200).map(|it| format!("X-{it}: a\r\n")).collect();
    assert_eq!(site.ask(&post(&many.concat(), NAME)).await.status, 431);
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let world = World::new().await;
    let limits = Limits {
        head: SHORT,
        ..Limits::default()
    };
    let site = Site::new(&world, limits).await;
    for half in [
        "",
        "POST",
        "POST /graphql HTTP/1.1\r\nHost: stoa\r\nX-Slow: a",
    ] {
        let mut connection = site.connect().await;
        connection.write_all(half.as_bytes()).await.unwrap();
        is_closed(&mut connection).await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = World::new().await;
    let limits = Limits {
        body: SHORT,
        ..Limits::default()
    };
    let site = Site::new(&world, limits).await;
    let whole = post("", NAME);
    let mut connection = site.connect().await;
    connection
        .write_all(&whole[..whole.len() - 1])
        .await
        .unwrap();
    let refused = answer(&mut connection).await;
    assert_eq!(
        (refused.status, refused.code()),
        (408, json!("REQUEST_TIMEOUT"))
    );
    is_closed(&mut connection).await;
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_stopped() {
    let world = World::new().await;
    let limits = Limits {
        execution: Duration::ZERO,
        ..Limits::default()
    };
    let site = Site::new(&world, limits).await;
    let query = json!({ "query": "{ programs { key currentRevision { number form criteria { key } } } applications { totalCount } }" });
    let lines = format!("Authorization: Bearer {}\r\n", world.token("specialist"));
    let request = post(&lines, &query.to_string());
    // The timer rounds up to a millisecond; a quick database may be done before.
    for _ in 0..200 {
        let answer = site.ask(&request).await;
        if answer.status == 503 {
            assert_eq!(answer.code(), "EXECUTION_TIMEOUT");
            return;
        }
        assert_eq!(answer.status, 200);
    }
    panic!("it was never stopped");
}

#[tokio::test]
async fn who_comes_when_every_place_is_taken_waits_for_one() {
    let world = World::new().await;
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let site = Site::new(&world, limits).await;
    let mut first = site.connect().await;
    first.write_all(&post("", NAME)).await.unwrap();
    assert_eq!(answer(&mut first).await.status, 200);
    let mut second = site.connect().await;
    second.write_all(&post("", NAME)).await.unwrap();
    assert_eq!(answer(&mut second).await.status, 200);
    let mut third = site.connect().await;
    third.write_all(&post("", NAME)).await.unwrap();
    let mut byte = [0];
    assert!(timeout(SILENCE, third.read_exact(&mut byte)).await.is_err());
    drop(first);
    timeout(SOON, third.read_exact(&mut byte))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(byte, *b"H");
}

#[tokio::test]
async fn a_service_that_stops_answers_what_is_under_way_and_takes_nothing_new() {
    let world = World::new().await;
    let mut site = Site::new(&world, Limits::default()).await;
    let mut idle = site.connect().await;
    idle.write_all(&post("", NAME)).await.unwrap();
    assert_eq!(answer(&mut idle).await.status, 200);
    let whole = post("Expect: 100-continue\r\n", NAME);
    let (head, body) = whole.split_at(whole.len() - NAME.len());
    let mut under_way = site.connect().await;
    under_way.write_all(head).await.unwrap();
    // It asks for the body: the request is being answered.
    assert_eq!(answer(&mut under_way).await.status, 100);
    site.stop.take().unwrap().send(()).unwrap();
    is_closed(&mut idle).await;
    assert!(TcpStream::connect(&site.address).await.is_err());
    under_way.write_all(body).await.unwrap();
    let last = answer(&mut under_way).await;
    assert_eq!(last.json()["data"]["__typename"], "Query");
    is_closed(&mut under_way).await;
    timeout(SOON, site.server.join_next()).await.unwrap();
}
