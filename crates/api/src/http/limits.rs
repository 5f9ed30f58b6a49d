//! How much of a connection or a request is taken, and for how long.

use std::time::Duration;

/// The largest request body, in bytes.
pub const BODY: usize = 1024 * 1024;
/// The longest path with its query, in bytes.
pub const URI: usize = 16 * 1024;
/// The largest head of a request, its first line included, in bytes.
pub const HEAD: usize = 32 * 1024;

/// What operators and tests can set.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at most; whoever comes then waits until one is closed.
    pub connections: usize,
    /// How long a request's head may take. hyper waits as long for the next request of a connection.
    pub head: Duration,
    /// How long a request's body may take.
    pub body: Duration,
    /// How long a query or a mutation may run; a stream may run as long as its token.
    pub execution: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            head: Duration::from_secs(30),
            body: Duration::from_secs(20),
            execution: Duration::from_secs(30),
        }
    }
}
