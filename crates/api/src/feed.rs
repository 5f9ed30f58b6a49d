//! Keeping those who follow the log told: one reader a process, woken by other processes.

use std::convert::Infallible;
use std::time::Duration;

use stoa_persistence::{Store, StoreError, Tail};

/// How long to wait after the database failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs forever.
pub async fn run(store: Store, mut tail: Tail) {
    let read = async {
        loop {
            again(tail.run().await, "the log could not be read").await;
        }
    };
    let listen = async {
        loop {
            again(store.listen().await, "other processes are not heard").await;
        }
    };
    tokio::join!(read, listen);
}

async fn again(end: Result<Infallible, StoreError>, what: &str) {
    let Err(error) = end;
    tracing::warn!(%error, "{what}; trying again");
    tokio::time::sleep(PAUSE).await;
}
