//! A reader of server-sent events, from the bytes of the connection up.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an event that must come may take.
const SOON: Duration = Duration::from_secs(10);
/// How long nothing must come where nothing may.
const SILENCE: Duration = Duration::from_millis(200);

/// An event of a stream.
#[derive(Debug, PartialEq)]
pub enum Told {
    /// An answer.
    Next(Value),
    /// There will be no more.
    Complete,
}

/// A stream of events as it is read.
pub struct Reader {
    connection: BufReader<TcpStream>,
    text: String,
    /// The `id` of the event that came last.
    pub id: Option<String>,
}

impl Reader {
    /// Asks for a stream, and reads the head of the answer.
    pub async fn open(address: &str, token: Option<&str>, body: &Value) -> Self {
        Self::resume(address, token, body, None).await
    }

    /// The same, and goes on after an event, as browsers do by themselves.
    pub async fn resume(
        address: &str,
        token: Option<&str>,
        body: &Value,
        after: Option<&str>,
    ) -> Self {
        let body = body.to_string();
        let after = after.map(|id| format!("Last-Event-ID: {id}\r\n"));
        let head = format!(
            "POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n{}{}Content-Length: {}\r\n",
            bearer(token),
            after.unwrap_or_default(),
            body.len()
        );
        Self::request(address, &head, &body).await
    }

    /// Asks for a stream by address.
    pub async fn get(address: &str, token: Option<&str>, parameters: &str) -> Self {
        let head = format!("GET /graphql?{parameters} HTTP/1.1\r\n{}", bearer(token));
        Self::request(address, &head, "").await
    }

    /// Asks for a stream by address, is refused, and returns the head of the answer.
    pub async fn refused(address: &str, token: &str, parameters: &str) -> String {
        let head = Self::head(address, token, parameters).await;
        assert!(!head.starts_with("HTTP/1.1 200 "), "{head}");
        head
    }

    /// Asks for a stream by address, returns the head of the answer, and goes away.
    pub async fn head(address: &str, token: &str, parameters: &str) -> String {
        let request = format!(
            "GET /graphql?{parameters} HTTP/1.1\r\n{}Host: {address}\r\nAccept: text/event-stream\r\n\r\n",
            bearer(Some(token))
        );
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self {
            connection: BufReader::new(connection),
            text: String::new(),
            id: None,
        };
        let mut head = String::new();
        loop {
            match reader.line().await {
                line if line.is_empty() => return head,
                line => head = head + &line + "\n",
            }
        }
    }

    async fn request(address: &str, head: &str, body: &str) -> Self {
        let request = format!("{head}Host: {address}\r\nAccept: text/event-stream\r\n\r\n{body}");
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self {
            connection: BufReader::new(connection),
            text: String::new(),
            id: None,
        };
        assert_eq!(reader.line().await, "HTTP/1.1 200 OK");
        let mut head = Vec::new();
        loop {
            match reader.line().await.to_lowercase() {
                line if line.is_empty() => break,
                line => head.push(line),
            }
        }
        assert!(
            head.contains(&"content-type: text/event-stream".to_owned()),
            "{head:?}"
        );
        assert!(
            head.contains(&"transfer-encoding: chunked".to_owned()),
            "{head:?}"
        );
        reader
    }

    /// The next event.
    pub async fn told(&mut self) -> Told {
        timeout(SOON, self.event())
            .await
            .expect("an event comes soon")
            .expect("the stream goes on")
    }

    /// Nothing comes, and the stream does not end.
    pub async fn is_silent(&mut self) {
        let waited = timeout(SILENCE, self.event()).await;
        assert!(waited.is_err(), "{waited:?}");
    }

    /// The stream has ended.
    pub async fn has_ended(&mut self) {
        let end = timeout(SOON, self.event())
            .await
            .expect("the end comes soon");
        assert_eq!(end, None);
    }

    /// The stream ends and does not say that nothing more would come.
    pub async fn breaks_off(&mut self) {
        loop {
            let event = timeout(SOON, self.event()).await.expect("it ends soon");
            match event {
                Some(Told::Next(_)) => {}
                Some(Told::Complete) => panic!("it was not complete"),
                None => return,
            }
        }
    }

    async fn event(&mut self) -> Option<Told> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                let event = std::mem::replace(&mut self.text, rest);
                let id = event.lines().find_map(|line| line.strip_prefix("id: "));
                self.id = id.map(ToOwned::to_owned).or(self.id.take());
                if let Some(told) = read(&event) {
                    return Some(told);
                }
            }
            let length = usize::from_str_radix(&self.line().await, 16).unwrap();
            let mut chunk = vec![0; length];
            self.connection.read_exact(&mut chunk).await.unwrap();
            assert_eq!(self.line().await, "");
            if length == 0 {
                return None;
            }
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.connection.read_line(&mut line).await.unwrap();
        line.trim_end_matches("\r\n").to_owned()
    }
}

fn bearer(token: Option<&str>) -> String {
    token
        .map(|token| format!("Authorization: Bearer {token}\r\n"))
        .unwrap_or_default()
}

/// The event that some lines say; none is a comment that keeps the connection open.
fn read(lines: &str) -> Option<Told> {
    let (mut event, mut data) = ("", String::new());
    for line in lines.lines() {
        match line.split_once(':') {
            Some(("event", name)) => event = name.trim(),
            Some(("data", text)) => data.push_str(text.strip_prefix(' ').unwrap_or(text)),
            _ => {}
        }
    }
    match event {
        "next" => Some(Told::Next(serde_json::from_str(&data).unwrap())),
        "complete" => Some(Told::Complete),
        "" => None,
        other => panic!("there is no event {other}"),
    }
}
