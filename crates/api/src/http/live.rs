//! What WebSocket and server-sent events share: who may hold how many streams, and the answers of one
//! operation as they come.

use std::collections::HashMap;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, ServerError, Value};
use futures_util::stream::{BoxStream, StreamExt};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::id::Id;
use tokio::sync::watch;

use super::Shared;
use super::execution::{self, Admitted};
use super::refused::Refused;
use super::request_id::RequestId;

/// What streams may cost this process.
#[derive(Clone, Debug)]
pub struct Streams {
    /// Origins whose pages may open sockets, besides the service's own.
    pub origins: Vec<String>,
    /// How long a socket may stay silent before its client says who it is.
    pub introduction: Duration,
    /// How often a socket is pinged; a client that says nothing from one ping to the next but one is let go.
    pub ping: Duration,
    /// Operations on one socket at once.
    pub operations: usize,
    /// Streams of one account at once, sockets and server-sent events together.
    pub of_account: usize,
    /// Streams of all strangers together, sockets that have not said who they are among them.
    pub of_strangers: usize,
    /// Tells that the service stops; streams then end as lost connections do, so that clients come again.
    pub stop: Option<watch::Receiver<()>>,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            introduction: Duration::from_secs(5),
            ping: Duration::from_secs(20),
            operations: 100,
            of_account: 50,
            of_strangers: 500,
            stop: None,
        }
    }
}

/// The streams that are open, by account; strangers share one count.
#[derive(Debug)]
pub(super) struct Seats {
    pub(super) streams: Streams,
    taken: Mutex<HashMap<Option<Id<Account>>, usize>>,
}

/// One open stream; it is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    whose: Option<Id<Account>>,
}

impl Seats {
    pub(super) fn new(streams: Streams) -> Arc<Self> {
        Arc::new(Self {
            streams,
            taken: Mutex::default(),
        })
    }

    /// A seat for one more stream of this account, or of a stranger; none if all are taken.
    pub(super) fn take(self: &Arc<Self>, whose: Option<Id<Account>>) -> Option<Seat> {
        let most = match whose {
            Some(_) => self.streams.of_account,
            None => self.streams.of_strangers,
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(whose).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat {
            seats: Arc::clone(self),
            whose,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let taken = &self.seats.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}

/// What an operation of a stream says.
pub(super) enum Told {
    /// An answer.
    Next(Box<Response>),
    /// The request was refused; nothing follows.
    Refused(Vec<ServerError>),
}

/// What an operation says, as it comes.
pub(super) fn answers(
    shared: &Shared,
    admitted: Admitted,
    id: RequestId,
) -> BoxStream<'static, Told> {
    let follows = admitted.kind == OperationType::Subscription;
    let mut first = true;
    // On a socket a panic would take the other operations along.
    AssertUnwindSafe(execution::follow(shared, admitted, id))
        .catch_unwind()
        .map(move |answer| {
            let begins = follows && std::mem::take(&mut first);
            match answer {
                Ok(answer) if refuses(&answer, begins) => Told::Refused(answer.errors),
                Ok(answer) => Told::Next(Box::new(answer)),
                Err(_) => Told::Refused(Refused::internal().errors),
            }
        })
        .boxed()
}

/// Whether the answer says that nothing was executed. A subscription that could not begin has errors
/// at its root field; an event whose object could not be completed has them deeper.
fn refuses(answer: &Response, begins: bool) -> bool {
    let deepest = usize::from(begins);
    answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|it| it.path.len() <= deepest)
}

/// How long it is until then; a stranger's stream has no end.
pub(super) fn life(until: Option<Timestamp>, now: Timestamp) -> Duration {
    until.map_or(Duration::MAX, |until| {
        (until - now).to_std().unwrap_or_default()
    })
}

/// Waits until the service stops.
pub(super) async fn stopped(stop: Option<watch::Receiver<()>>) {
    if let Some(mut stop) = stop
        && stop.changed().await.is_ok()
    {
        return;
    }
    pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn seats_are_counted_by_account_and_given_back() {
        let seats = Seats::new(Streams {
            of_account: 2,
            of_strangers: 1,
            ..Streams::default()
        });
        let account = |number| Some(Id::new(Uuid::from_u128(number)));
        let first = seats.take(account(1));
        let second = seats.take(account(1));
        assert!(first.is_some() && second.is_some());
        assert!(seats.take(account(1)).is_none());
        let other = seats.take(account(2));
        assert!(other.is_some(), "another account has its own");
        let stranger = seats.take(None);
        assert!(stranger.is_some() && seats.take(None).is_none());
        drop(first);
        let again = seats.take(account(1));
        assert!(again.is_some());
        drop((second, other, stranger, again));
        let taken = seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(taken.is_empty(), "nothing is kept of who left: {taken:?}");
    }
}
