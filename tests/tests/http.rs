//! GraphQL over HTTP, as clients meet it: on a socket, byte by byte where a library would hide a rule.

mod audits;
mod codes;
mod endpoint;
mod getting;
mod limits;
mod names;
mod negotiation;

use std::time::Duration;

use axum::Router;
use serde_json::Value;
use stoa::http::limits::Limits;
use stoa::http::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{World, unhurried};

/// How long what must come may take.
const SOON: Duration = Duration::from_secs(20);

/// A server on a port of this machine, for as long as it lives.
struct Site {
    address: String,
    stop: Option<oneshot::Sender<()>>,
    server: JoinSet<()>,
}

impl Site {
    /// Serves the world under these limits.
    async fn new(world: &World, limits: Limits) -> Self {
        let service = world.service.clone();
        let bounds = stoa::Bounds {
            http: limits,
            ..unhurried()
        };
        let router = stoa::build_with(service, bounds).unwrap();
        Self::of(router, limits).await
    }

    /// Serves other routes.
    async fn of(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut server = JoinSet::new();
        server.spawn(server::serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop: Some(stop),
            server,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    /// Sends one request and reads the answer to it.
    async fn ask(&self, request: &[u8]) -> Answer {
        let mut connection = self.connect().await;
        // Whoever is refused early may not take all of it.
        let _ = connection.write_all(request).await;
        answer(&mut connection).await
    }
}

/// An answer as its bytes say it.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self.head.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of the first error.
    fn code(&self) -> Value {
        self.json()["errors"][0]["extensions"]["code"].clone()
    }
}

/// Reads an answer that says its length.
async fn answer(connection: &mut TcpStream) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = timeout(SOON, connection.read_u8()).await;
        head.push(byte.expect("an answer comes").expect("an answer is whole"));
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let status = status.parse().unwrap();
    let head: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        head,
        body: Vec::new(),
    };
    let length = answer.header("content-length").parse();
    answer.body.resize(length.unwrap_or_default(), 0);
    let body = connection.read_exact(&mut answer.body);
    timeout(SOON, body).await.unwrap().unwrap();
    answer
}

/// A POST of this body, with further lines in its head.
fn post(lines: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /graphql HTTP/1.1\r\nHost: stoa\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{lines}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The connection is closed by the other side, whatever it still says.
async fn is_closed(connection: &mut TcpStream) {
    let mut rest = Vec::new();
    let end = timeout(SOON, connection.read_to_end(&mut rest)).await;
    // A reset is an end as well.
    drop(end.expect("the connection is closed"));
}
