//! As much of an HTTP/1.1 client as a load needs: requests are bytes made before, answers are whole.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

/// Room that is made for what comes next, in bytes.
const ROOM: usize = 16 * 1024;

/// A connection that stays open from one request to the next.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, as long as nothing else is asked.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// What the head of an answer says.
struct Head {
    status: u16,
    length: usize,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(ROOM),
        })
    }

    /// Sends a request and waits for the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let start = loop {
            self.receive().await?;
            let end = self.received.windows(4).position(|it| it == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let head = Head::read(&self.received[..start])?;
        let whole = start + head.length;
        while self.received.len() < whole {
            self.receive().await?;
        }
        if self.received.len() > whole {
            return Err("more was answered than announced".into());
        }
        Ok(Answer {
            status: head.status,
            body: &self.received[start..],
        })
    }

    async fn receive(&mut self) -> Result<()> {
        self.received.reserve(ROOM);
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("the connection was closed in the middle".into()),
            _ => Ok(()),
        }
    }
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes)?;
        let mut lines = text.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .ok_or("an answer without Content-Length: only whole answers are read")?;
        Ok(Self {
            status: status.ok_or("an answer without a status")?.parse()?,
            length: length.1.trim().parse()?,
        })
    }
}

/// The bytes of a request that reads.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

/// The bytes of a request that sends JSON, perhaps as somebody.
pub fn post(path: &str, token: Option<&str>, body: &[u8]) -> Vec<u8> {
    let authorization = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\n\
         Host: localhost\r\n\
         Accept: application/graphql-response+json\r\n\
         Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\
         {authorization}\r\n"
    );
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_tells_status_and_length_in_any_case() {
        let head =
            Head::read(b"HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nCONTENT-LENGTH: 12\r\n\r\n");
        let head = head.map(|head| (head.status, head.length));
        assert_eq!(head.ok(), Some((200, 12)));
    }

    #[test]
    fn an_answer_in_pieces_is_refused() {
        let head = Head::read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert!(head.is_err());
    }
}
