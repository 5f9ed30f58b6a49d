//! Connections with their prepared statements, lent to one request at a time.

use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{claim, detail, kpi, members, queue};
use crate::Result;
use crate::postgres::Link;

/// Some connections.
pub struct Pool {
    free: Mutex<Vec<Connection>>,
    places: Semaphore,
}

/// A connection with every statement that is ever asked.
pub struct Connection {
    /// The connection.
    pub link: Link,
    /// Statements of one application.
    pub detail: detail::Statements,
    /// Statements of the queue.
    pub queue: queue::Statements,
    /// Statements of members.
    pub members: members::Statements,
    /// The statement of the indicator.
    pub kpi: kpi::Statements,
    /// The statement of a claim.
    pub claim: claim::Statements,
}

/// A connection on loan; dropping it gives it back.
pub struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _place: SemaphorePermit<'a>,
}

impl Pool {
    /// Opens the connections and prepares all statements on each.
    pub async fn open(url: &str, connections: usize) -> Result<Self> {
        let mut free = Vec::new();
        for _ in 0..connections {
            free.push(Connection::open(url).await?);
        }
        Ok(Self {
            free: Mutex::new(free),
            places: Semaphore::new(connections),
        })
    }

    /// Waits for a connection.
    pub async fn lend(&self) -> Result<Lent<'_>> {
        let place = self.places.acquire().await?;
        Ok(Lent {
            pool: self,
            connection: self.free().pop(),
            _place: place,
        })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    async fn open(url: &str) -> Result<Self> {
        let link = Link::open(url).await?;
        Ok(Self {
            detail: detail::Statements::prepare(&link.client).await?,
            queue: queue::Statements::prepare(&link.client).await?,
            members: members::Statements::prepare(&link.client).await?,
            kpi: kpi::Statements::prepare(&link.client).await?,
            claim: claim::Statements::prepare(&link.client).await?,
            link,
        })
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        let Some(connection) = &self.connection else {
            unreachable!("a place is a connection, and only the end of a loan takes it away")
        };
        connection
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // Before the place: whoever gets it finds a connection.
        self.pool.free().extend(self.connection.take());
    }
}
