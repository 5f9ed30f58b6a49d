//! A client that does what it is told, mistakes included; and one from npm.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long what must come may take.
const SOON: Duration = Duration::from_mins(1);

/// A socket.
pub struct Socket(WebSocketStream<TcpStream>);

/// What came.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Told(Value),
    Pinged,
    Closed(u16),
}

impl Socket {
    /// Opens a socket with further headers; the status, if it is refused.
    pub async fn open(address: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        Self::open_as(address, Some("graphql-transport-ws"), headers).await
    }

    /// The same with another protocol.
    pub async fn open_as(
        address: &str,
        protocol: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/graphql")
            .into_client_request()
            .unwrap();
        let protocol = protocol.map(|protocol| ("Sec-WebSocket-Protocol", protocol));
        for (name, value) in headers.iter().copied().chain(protocol) {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(Error::Protocol(_)) => Err(0),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn say_bytes(&mut self, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    /// Says something that may end the connection before all is said.
    pub async fn try_text(&mut self, text: &str) -> Option<Heard> {
        self.0.send(Message::text(text)).await.ok()?;
        timeout(SOON, self.heard()).await.expect("it ends")
    }

    /// What comes next; none if the connection broke.
    async fn heard(&mut self) -> Option<Heard> {
        Some(match self.0.next().await?.ok()? {
            Message::Text(text) => Heard::Told(serde_json::from_str(&text).unwrap()),
            Message::Ping(_) => Heard::Pinged,
            Message::Close(Some(frame)) => Heard::Closed(frame.code.into()),
            other => panic!("{other:?}"),
        })
    }

    /// The next message.
    pub async fn told(&mut self) -> Value {
        loop {
            match timeout(SOON, self.heard()).await.expect("a message comes") {
                Some(Heard::Told(message)) => return message,
                Some(Heard::Pinged) => {}
                other => panic!("the conversation goes on: {other:?}"),
            }
        }
    }

    /// Waits for a ping, and answers it.
    pub async fn is_pinged(&mut self) {
        let heard = timeout(SOON, self.heard()).await.expect("a ping comes");
        assert_eq!(heard, Some(Heard::Pinged));
        self.0.flush().await.unwrap();
    }

    /// Code and reason of the end, which comes whatever is told before.
    pub async fn ends(&mut self) -> (u16, String) {
        loop {
            let message = timeout(SOON, self.0.next()).await.expect("the end comes");
            match message.expect("a close frame comes").unwrap() {
                Message::Close(Some(frame)) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Message::Close(None) => panic!("a close frame has a code"),
                _ => {}
            }
        }
    }

    /// The bare connection, on which nobody answers pings.
    pub async fn deaf(&mut self) -> &mut TcpStream {
        self.0.flush().await.unwrap();
        self.0.get_mut()
    }
}

/// Runs the tests of a folder with clients from npm, which read this setting from their input.
pub async fn node(folder: &str, setting: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("clients")
        .join(folder);
    let setting = setting.to_string();
    // The service goes on answering meanwhile.
    let run = move || {
        if !folder.join("node_modules").exists() {
            let mut install = Command::new("npm");
            install.args(["ci", "--no-audit", "--no-fund"]);
            succeeds(install.current_dir(&folder), "");
        }
        let mut tests = Command::new("node");
        succeeds(tests.arg("check.mjs").current_dir(&folder), &setting);
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

fn succeeds(command: &mut Command, input: &str) {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap_or_else(|error| {
        panic!("{command:?}: {error}. Clients are tested with Node.js 20 or newer and npm: install them.")
    });
    // One that fails at once does not read.
    let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
    let output = running.wait_with_output().unwrap();
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{command:?}\n{said}");
}
