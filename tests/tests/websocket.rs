//! GraphQL over WebSocket, from real clients over real sockets: what is taken, and how each mistake ends.

mod client;

use std::time::Duration;

use serde_json::{Value, json};
use stoa::http::Streams;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::streaming::Served;
use crate::streaming::reader::Reader;
use crate::support::{input, settled};
use client::{Heard, Socket};

const FOLLOW: &str = "subscription($id: ID!) { applicationChanged(applicationId: $id) {
    cursor application { id version status } } }";

fn init(token: &str) -> Value {
    json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } })
}

fn subscribe(id: &str, query: &str, variables: Value) -> Value {
    json!({ "id": id, "type": "subscribe", "payload": { "query": query, "variables": variables } })
}

impl Served {
    async fn socket(&self) -> Socket {
        Socket::open(&self.address, &[]).await.unwrap()
    }

    /// A socket whose client is known.
    async fn known(&self, person: &str) -> Socket {
        settled(&self.world.service.store).await;
        let mut socket = self.socket().await;
        socket.say(&init(&self.world.token(person))).await;
        assert_eq!(socket.told().await, json!({ "type": "connection_ack" }));
        socket
    }
}

#[tokio::test]
async fn each_mistake_ends_the_conversation_with_its_code() {
    let served = Served::new().await;
    let start = json!({ "type": "connection_init" }).to_string();
    let one = subscribe(
        "1",
        FOLLOW,
        json!({ "id": served.world.in_review().await["id"] }),
    );
    let one = one.to_string();
    let good = init(&served.world.token("specialist")).to_string();
    let ended = init("nonsense").to_string();
    let number =
        json!({ "type": "connection_init", "payload": { "Authorization": 7 } }).to_string();
    let long = "ä".repeat(120);
    let long = one.replace("\"id\":\"1\"", &format!("\"id\":\"{long}\""));
    for (said, code) in [
        (vec!["hello"], 4400),
        (vec!["{\"type\":\"start\"}"], 4400),
        (vec![&good, "{\"type\":\"subscribe\",\"id\":\"1\"}"], 4400),
        (vec![&one], 4401),
        (vec![&ended], 4403),
        (vec![&number], 4403),
        (vec![&good, &one, &one], 4409),
        (vec![&good, &long, &long], 4409),
        (vec![&start, &start], 4429),
        (vec![&good, &good], 4429),
    ] {
        let mut socket = served.socket().await;
        for (number, text) in said.iter().enumerate() {
            socket.say_text(text).await;
            // Who said a good hello waits for the answer.
            if number == 0 && *text == good {
                assert_eq!(socket.told().await["type"], "connection_ack");
            }
        }
        let (ended, reason) = socket.ends().await;
        assert_eq!(ended, code, "{said:?}: {reason}");
        assert!(!reason.is_empty() && reason.len() <= 123, "{reason}");
    }
    let mut socket = served.socket().await;
    socket.say_bytes(b"hello").await;
    assert_eq!(socket.ends().await.0, 4400, "bytes are no text");
}

#[tokio::test]
async fn only_the_protocol_that_lives_is_spoken() {
    let served = Served::new().await;
    let mut none = Socket::open_as(&served.address, None, &[]).await.unwrap();
    assert_eq!(none.ends().await.0, 4406);
    // A client that asks for the older protocol alone is answered without one, and leaves by itself.
    let old = Socket::open_as(&served.address, Some("graphql-ws"), &[]).await;
    assert!(old.is_err());
    let both = "graphql-ws, graphql-transport-ws";
    let mut both = Socket::open_as(&served.address, Some(both), &[])
        .await
        .unwrap();
    both.say(&json!({ "type": "ping" })).await;
    assert_eq!(both.told().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn who_stays_silent_is_let_go() {
    let served = Served::with(Streams {
        introduction: Duration::from_millis(50),
        ..Streams::default()
    })
    .await;
    assert_eq!(served.socket().await.ends().await.0, 4408);
    let served = Served::with(Streams {
        ping: Duration::from_millis(50),
        ..Streams::default()
    })
    .await;
    let mut known = served.known("specialist").await;
    // Its frames are no longer read, so its pings are not answered.
    let deaf = known.deaf().await;
    let mut bytes = Vec::new();
    deaf.read_to_end(&mut bytes).await.unwrap();
    // A close frame with two bytes of code, 1001, and the reason.
    let reason = b"Nothing was heard for too long";
    let length = u8::try_from(2 + reason.len()).unwrap();
    let close = [&[0x88, length, 0x03, 0xE9], &reason[..]].concat();
    assert!(bytes.ends_with(&close), "{bytes:?}");
    // One that answers stays: this takes several pings.
    let mut lively = served.known("specialist").await;
    for _ in 0..3 {
        lively.is_pinged().await;
    }
    lively.say(&json!({ "type": "ping" })).await;
    assert_eq!(lively.told().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn a_conversation_ends_with_its_token() {
    let served = Served::new().await;
    let token = served.world.token("specialist");
    // Twelve hours less a second later.
    served.world.now("2026-11-23T21:59:59Z");
    let mut socket = served.socket().await;
    socket.say(&init(&token)).await;
    assert_eq!(socket.told().await["type"], "connection_ack");
    let (code, reason) = socket.ends().await;
    assert_eq!(code, 4403);
    assert!(reason.contains("expired"), "{reason}");
    // Events end without `complete`: that would say that there is nothing more to follow.
    let query = json!({ "query": "subscription { activityAdded { cursor } }" });
    let mut events = Reader::open(&served.address, Some(&token), &query).await;
    events.breaks_off().await;
}

#[tokio::test]
async fn when_the_service_stops_clients_are_told_to_come_again() {
    let (stop, stopping) = tokio::sync::watch::channel(());
    let served = Served::with(Streams {
        stop: Some(stopping),
        ..Streams::default()
    })
    .await;
    let application = served.world.in_review().await;
    let mut socket = served.known("specialist").await;
    let mut events = served.follow("specialist", FOLLOW, &application).await;
    events.told().await;
    stop.send(()).unwrap();
    assert_eq!(socket.ends().await.0, 1012);
    events.has_ended().await;
}

#[tokio::test]
async fn queries_and_mutations_are_answered_and_completed_and_their_ids_are_free_again() {
    let served = Served::new().await;
    let application = served.world.in_review().await;
    let mut socket = served.known("specialist").await;
    for _ in 0..2 {
        let who = subscribe("1", "{ viewer { name } }", Value::Null);
        socket.say(&who).await;
        let next = socket.told().await;
        assert_eq!((&next["id"], &next["type"]), (&json!("1"), &json!("next")));
        assert_eq!(next["payload"]["data"]["viewer"]["name"], "specialist");
        assert_eq!(
            socket.told().await,
            json!({ "id": "1", "type": "complete" })
        );
    }
    let claim = "mutation($input: ApplicationCommandInput!) { claimApplication(input: $input) {
        application { version } userErrors { code } } }";
    let input = json!({ "input": input(&application, json!({})) });
    socket.say(&subscribe("2", claim, input)).await;
    let answer = socket.told().await;
    assert_eq!(
        answer["payload"]["data"]["claimApplication"]["userErrors"],
        json!([])
    );
    assert_eq!(socket.told().await["type"], "complete");
    // What was executed in part is an answer, too.
    let mut stranger = served.socket().await;
    stranger.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(stranger.told().await["type"], "connection_ack");
    let part = "{ viewer { name } applications { nodes { id } } }";
    stranger.say(&subscribe("1", part, Value::Null)).await;
    let answer = stranger.told().await;
    assert_eq!(answer["type"], "next");
    assert_eq!(answer["payload"]["data"]["viewer"], Value::Null);
    assert_eq!(stranger.told().await["type"], "complete");
}

#[tokio::test]
async fn an_operation_that_is_refused_ends_with_one_error_message() {
    let served = Served::new().await;
    let application = served.world.in_review().await;
    let mut stranger = served.socket().await;
    stranger.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(stranger.told().await["type"], "connection_ack");
    for (query, code) in [
        ("{ nothing }", None),
        ("{ viewer { name }", None),
        ("subscription { applicationChanged { cursor } }", None),
        (
            "{ viewer(id: \"\\u0000\") { name } }",
            Some("BAD_USER_INPUT"),
        ),
        (FOLLOW, Some("UNAUTHENTICATED")),
    ] {
        let variables = json!({ "id": application["id"] });
        stranger.say(&subscribe("1", query, variables)).await;
        let answer = stranger.told().await;
        assert_eq!(answer["type"], "error", "{query}: {answer:#}");
        assert_eq!(answer["id"], "1");
        let errors = answer["payload"].as_array().unwrap();
        assert!(errors[0]["message"].is_string(), "{answer:#}");
        if let Some(code) = code {
            assert_eq!(errors[0]["extensions"]["code"], code, "{query}");
        }
    }
    // Nothing but the errors was said: what comes next is the answer to this.
    stranger
        .say(&json!({ "type": "ping", "payload": { "n": 1 } }))
        .await;
    assert_eq!(
        stranger.told().await,
        json!({ "type": "pong", "payload": { "n": 1 } })
    );
}

#[tokio::test]
async fn subscriptions_run_side_by_side_until_they_are_given_up() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let variables = json!({ "id": application["id"] });
    let mut socket = served.known("specialist").await;
    for id in ["a", "b"] {
        socket.say(&subscribe(id, FOLLOW, variables.clone())).await;
        let first = socket.told().await;
        assert_eq!(first["id"], id);
        let told = &first["payload"]["data"]["applicationChanged"];
        assert_eq!(told["application"], application);
    }
    socket.say(&json!({ "id": "a", "type": "complete" })).await;
    socket
        .say(&json!({ "id": "unknown", "type": "complete" }))
        .await;
    socket.say(&json!({ "type": "ping" })).await;
    assert_eq!(socket.told().await["type"], "pong");
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let event = socket.told().await;
    assert_eq!(event["id"], "b", "the other was given up");
    let told = &event["payload"]["data"]["applicationChanged"];
    assert_eq!(told["application"], claimed);
    // Its id is free.
    socket.say(&subscribe("a", FOLLOW, variables)).await;
    assert_eq!(socket.told().await["id"], "a");
}

#[tokio::test]
async fn who_loses_the_role_or_the_account_is_told_that_it_is_over() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let mut team = served.known("specialist").await;
    let mut theirs = served.known("applicant").await;
    for socket in [&mut team, &mut theirs] {
        let variables = json!({ "id": application["id"] });
        socket.say(&subscribe("1", FOLLOW, variables)).await;
        assert_eq!(socket.told().await["type"], "next");
    }
    let (specialist, applicant) = (&world.people["specialist"], &world.people["applicant"]);
    let role = json!({ "input": {
        "accountId": specialist.id.to_string(), "expectedVersion": specialist.version,
        "role": "SPECIALIST", "programId": world.program("garden").await.to_string() } });
    let account = json!({ "input": {
        "accountId": applicant.id.to_string(), "expectedVersion": applicant.version } });
    for (mutation, kind, input) in [
        ("revokeRole", "RoleInput", role),
        ("disableAccount", "DisableAccountInput", account),
    ] {
        let document = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ message }} }} }}"
        );
        let done = world.query("admin", &document, input).await;
        assert_eq!(done[mutation]["userErrors"], json!([]));
    }
    // At once, without a change of the application.
    for socket in [&mut team, &mut theirs] {
        let end = json!({ "id": "1", "type": "complete" });
        assert_eq!(socket.told().await, end);
    }
}

#[tokio::test]
async fn sockets_and_operations_are_counted() {
    let served = Served::with(Streams {
        operations: 1,
        of_account: 1,
        of_strangers: 1,
        ..Streams::default()
    })
    .await;
    let application = served.world.in_review().await;
    let mut first = served.known("specialist").await;
    let variables = json!({ "id": application["id"] });
    first.say(&subscribe("1", FOLLOW, variables.clone())).await;
    assert_eq!(first.told().await["type"], "next");
    first.say(&subscribe("2", FOLLOW, variables)).await;
    let refused = first.told().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    let mut second = served.socket().await;
    second.say(&init(&served.world.token("specialist"))).await;
    assert_eq!(second.ends().await.0, 1013);
    // Who has not said who they are counts as a stranger.
    let silent = served.socket_when_free().await;
    let refused = Socket::open(&served.address, &[]).await;
    assert_eq!(refused.err(), Some(503));
    drop(silent);
    served.socket_when_free().await;
}

impl Served {
    /// A socket, as soon as the service knows that another is gone.
    async fn socket_when_free(&self) -> Socket {
        for _ in 0..600 {
            if let Ok(socket) = Socket::open(&self.address, &[]).await {
                return socket;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the seat is not given back");
    }
}

#[tokio::test]
async fn pages_of_other_origins_get_no_socket() {
    let served = Served::with(Streams {
        origins: vec!["https://desk.example.org".into()],
        ..Streams::default()
    })
    .await;
    let own = format!("http://{}", served.address);
    for (origin, refused) in [
        (own.as_str(), None),
        ("https://desk.example.org", None),
        ("https://other.example.org", Some(403)),
        ("null", Some(403)),
    ] {
        let opened = Socket::open(&served.address, &[("Origin", origin)]).await;
        assert_eq!(opened.err(), refused, "{origin}");
    }
}

#[tokio::test]
async fn a_message_of_more_than_a_mebibyte_ends_the_conversation_and_nothing_else() {
    let served = Served::new().await;
    let mut socket = served.known("specialist").await;
    let fits = format!("{{\"type\":\"ping\"}}{}", " ".repeat(1_048_576 - 15));
    socket.say_text(&fits).await;
    assert_eq!(socket.told().await["type"], "pong");
    // The rest of it may still be on its way when the service hangs up.
    let over = format!("{fits} ");
    assert!(
        socket
            .try_text(&over)
            .await
            .is_none_or(|heard| heard == Heard::Closed(4400))
    );
    let mut other = served.known("specialist").await;
    other.say(&json!({ "type": "ping" })).await;
    assert_eq!(other.told().await["type"], "pong");
}

#[tokio::test]
async fn what_is_no_socket_is_refused_as_http() {
    let served = Served::new().await;
    for (head, status) in [
        ("PUT /graphql HTTP/1.1\r\n", "405"),
        ("GET /graphql HTTP/1.1\r\n", "400"),
        (
            "GET /graphql HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
            "400",
        ),
    ] {
        let mut stream = TcpStream::connect(&served.address).await.unwrap();
        let request = format!("{head}Host: {}\r\n\r\n", served.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes());
    }
}

#[tokio::test]
async fn the_client_that_frontends_use_works_as_it_is() {
    let served = Served::new().await;
    let application = served.world.in_review().await;
    let setting = json!({
        "url": format!("ws://{}/graphql", served.address),
        "specialist": served.world.token("specialist"),
        "applicant": served.world.token("applicant"),
        "application": application,
    });
    settled(&served.world.service.store).await;
    client::node("websocket", &setting).await;
}
