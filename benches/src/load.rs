//! Asking a server over and over: several connections at once, each waits for its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Result;
use crate::http::{Answer, Connection};

/// How much of an answer's end is looked through for faults, in bytes.
const END: usize = 1024;

/// Requests as bytes, given out in turn to all connections.
pub struct Requests {
    list: Vec<Vec<u8>>,
    again: bool,
    next: AtomicUsize,
}

/// What was seen of a load.
#[derive(Default)]
pub struct Seen {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// How long each answer took, in microseconds, the quickest first.
    pub latencies: Vec<u32>,
    /// Bytes of all bodies.
    pub bytes: u64,
    /// Answers that were not what was asked for.
    pub faults: u64,
    /// The first of them.
    pub fault: Option<String>,
}

impl Requests {
    /// Requests that are asked again from the start when all were asked.
    pub const fn again_and_again(list: Vec<Vec<u8>>) -> Self {
        Self::new(list, true)
    }

    /// Requests that can be asked once: when all were, the load ends.
    pub const fn once(list: Vec<Vec<u8>>) -> Self {
        Self::new(list, false)
    }

    const fn new(list: Vec<Vec<u8>>, again: bool) -> Self {
        Self {
            list,
            again,
            next: AtomicUsize::new(0),
        }
    }

    fn next(&self) -> Option<&[u8]> {
        let mut place = self.next.fetch_add(1, Ordering::Relaxed);
        if self.again && !self.list.is_empty() {
            place %= self.list.len();
        }
        self.list.get(place).map(Vec::as_slice)
    }
}

impl Seen {
    /// How long the given share of all answers took at most, in microseconds, by nearest rank.
    pub fn percentile(&self, percent: usize) -> u32 {
        let rank = (self.latencies.len() * percent).div_ceil(100);
        let found = self.latencies.get(rank.saturating_sub(1));
        found.copied().unwrap_or_default()
    }

    /// How many answers there were.
    pub const fn answers(&self) -> usize {
        self.latencies.len()
    }

    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.bytes += other.bytes;
        self.faults += other.faults;
        self.fault = self.fault.take().or(other.fault);
    }
}

/// Loads a server for some time over open connections, and gives them back.
pub async fn load(
    connections: Vec<Connection>,
    requests: &Arc<Requests>,
    time: Duration,
) -> Result<(Vec<Connection>, Seen)> {
    let began = Instant::now();
    let mut clients = JoinSet::new();
    for connection in connections {
        clients.spawn(ask(connection, Arc::clone(requests), began + time));
    }
    let mut connections = Vec::new();
    let mut seen = Seen::default();
    while let Some(done) = clients.join_next().await {
        let (connection, part) = done??;
        connections.push(connection);
        seen.add(part);
    }
    seen.elapsed = began.elapsed();
    seen.latencies.sort_unstable();
    Ok((connections, seen))
}

async fn ask(
    mut connection: Connection,
    requests: Arc<Requests>,
    end: Instant,
) -> Result<(Connection, Seen)> {
    let mut seen = Seen::default();
    let mut now = Instant::now();
    while now < end {
        let Some(request) = requests.next() else {
            break;
        };
        let asked = now;
        let answer = connection.ask(request).await?;
        now = Instant::now();
        let micros = (now - asked).as_micros();
        seen.latencies
            .push(u32::try_from(micros).unwrap_or(u32::MAX));
        seen.bytes += answer.body.len() as u64;
        if let Some(fault) = fault(&answer) {
            seen.faults += 1;
            seen.fault.get_or_insert(fault);
        }
    }
    Ok((connection, seen))
}

/// What is wrong with an answer. Errors stand before the data or after it, so the middle of a long
/// answer need not be read.
pub fn fault(answer: &Answer<'_>) -> Option<String> {
    let body = answer.body;
    let end = &body[body.len().saturating_sub(END)..];
    let refused = |place: usize| !end[place..].starts_with(b"\"userErrors\":[]");
    let wrong = answer.status != 200
        || !body.starts_with(b"{\"data\":{")
        || find(end, b"\"errors\":").is_some()
        || find(end, b"\"userErrors\":").is_some_and(refused);
    wrong.then(|| {
        let told = String::from_utf8_lossy(&body[..body.len().min(END)]);
        format!("status {}: {told}", answer.status)
    })
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|it| it == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_errors_are_faults() {
        for (status, body, good) in [
            (200, r#"{"data":{"a":1}}"#, true),
            (
                200,
                r#"{"data":{"claimApplication":{"userErrors":[]}}}"#,
                true,
            ),
            (
                200,
                r#"{"data":{"claimApplication":{"userErrors":[{"code":"STALE_VERSION"}]}}}"#,
                false,
            ),
            (200, r#"{"data":null,"errors":[]}"#, false),
            (200, r#"{"data":{"a":null},"errors":[{}]}"#, false),
            (500, r#"{"data":{"a":1}}"#, false),
        ] {
            let body = body.as_bytes();
            assert_eq!(fault(&Answer { status, body }).is_none(), good);
        }
    }

    #[test]
    fn requests_that_can_be_asked_once_end() {
        let once = Requests::once(vec![vec![1]]);
        assert_eq!((once.next(), once.next()), (Some(&[1_u8][..]), None));
        let again = Requests::again_and_again(vec![vec![1]]);
        assert_eq!(again.next(), again.next());
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let seen = Seen {
            latencies: (1..=10).collect(),
            ..Seen::default()
        };
        assert_eq!((seen.percentile(50), seen.percentile(99)), (5, 10));
        assert_eq!(Seen::default().percentile(50), 0);
    }
}
