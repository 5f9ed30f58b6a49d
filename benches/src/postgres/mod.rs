//! `PostgreSQL`: connecting to it, and a cluster of one's own.

mod cluster;

pub use cluster::Cluster;

use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use crate::{Result, process};

/// A client with the task that carries its messages: it ends with the client.
pub struct Link {
    /// Asks the database.
    pub client: Client,
    _carrier: JoinSet<()>,
}

impl Link {
    /// Connects.
    pub async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let mut carrier = JoinSet::new();
        carrier.spawn(async move {
            // The client is told of it with its next statement.
            let _ = connection.await;
        });
        Ok(Self {
            client,
            _carrier: carrier,
        })
    }

    /// The process that started all processes of the database, if it runs on this machine.
    pub async fn postmaster(&self) -> Result<Option<u32>> {
        let row = self.client.query_one("SELECT pg_backend_pid()", &[]);
        let backend: i32 = row.await?.try_get(0)?;
        Ok(u32::try_from(backend)
            .ok()
            .filter(|pid| process::name(*pid).is_some_and(|name| name == "postgres"))
            .and_then(process::parent))
    }
}
