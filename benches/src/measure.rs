//! One measurement: a load on one server, and what it took of the machine.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::Result;
use crate::http::Connection;
use crate::load::{Requests, Seen, load};
use crate::process::Used;
use crate::requests::Kind;
use crate::target::Target;

/// How long a server is asked before it is measured.
const WARM_UP: Duration = Duration::from_millis(500);

/// How to measure.
#[derive(Clone, Copy)]
pub struct Manner {
    /// How many connections ask at once.
    pub connections: usize,
    /// How long.
    pub time: Duration,
    /// The process above those of the database, if they can be watched.
    pub postmaster: Option<u32>,
}

/// What one answer took, on average.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// How many answers there were.
    pub answers: u32,
    /// Answers a second.
    pub per_second: f64,
    /// The time that half of them took at most, in milliseconds.
    pub p50: f64,
    /// The time that 99 of a hundred took at most, in milliseconds.
    pub p99: f64,
    /// Processor time of the server, in microseconds.
    pub server: f64,
    /// Processor time of the database, in microseconds; none where it is part of the server.
    pub database: Option<f64>,
    /// Bytes of the body.
    pub bytes: f64,
    /// Answers that were not what was asked for.
    pub faults: u64,
    /// The first of them.
    pub fault: Option<String>,
}

impl Target {
    /// Loads the server with one kind of request. Claims can be made once, so a load of them ends
    /// when all were made.
    pub async fn measure(&self, kind: Kind, manner: Manner) -> Result<Sample> {
        let mut list = self.requests.get(&kind).cloned().unwrap_or_default();
        let (warming, measured) = if kind == Kind::Claim {
            let rest = list.split_off(list.len() / 10);
            (
                Arc::new(Requests::once(list)),
                Arc::new(Requests::once(rest)),
            )
        } else {
            let all = Arc::new(Requests::again_and_again(list));
            (Arc::clone(&all), all)
        };
        let mut connections = Vec::new();
        for _ in 0..manner.connections {
            connections.push(Connection::open(self.server.address).await?);
        }
        let (connections, _) = load(connections, &warming, WARM_UP).await?;
        let before = self.used(manner);
        let (_, seen) = load(connections, &measured, manner.time).await?;
        let after = self.used(manner);
        let server = after.0.since(&before.0);
        let database = manner.postmaster.map(|_| after.1.since(&before.1));
        Sample::of(seen, server, database)
    }

    fn used(&self, manner: Manner) -> (Used, Used) {
        let database = manner.postmaster.map(Used::by_family);
        (Used::by(self.server.pid()), database.unwrap_or_default())
    }
}

impl Sample {
    fn of(seen: Seen, server: Duration, database: Option<Duration>) -> Result<Self> {
        let answers = u32::try_from(seen.answers())?;
        if answers == 0 {
            return Err("nothing was answered in time".into());
        }
        let count = f64::from(answers);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / count;
        let millis = |micros: u32| f64::from(micros) / 1e3;
        Ok(Self {
            answers,
            per_second: count / seen.elapsed.as_secs_f64(),
            p50: millis(seen.percentile(50)),
            p99: millis(seen.percentile(99)),
            server: each(server),
            database: database.map(each),
            bytes: f64::from(u32::try_from(seen.bytes / u64::from(answers))?),
            faults: seen.faults,
            fault: seen.fault,
        })
    }
}
