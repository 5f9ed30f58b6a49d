//! Who holds a session, as it was read lately: every request asks it, and the answer seldom changes.
//!
//! What this process writes is known here at once, and what another writes as soon as `PostgreSQL`
//! tells of it. Where nobody tells (`SQLite`, or a listener that lost its connection), nothing is kept
//! and every request reads. A connection can be dead for a while without anybody noticing, so nothing
//! is believed for longer than [`BELIEVED`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use stoa_domain::account::Account;
use stoa_domain::id::Id;
use stoa_domain::session::Session;

/// How long what was read is believed, should nobody tell that it changed.
const BELIEVED: Duration = Duration::from_secs(5);
/// Sessions kept at most.
const MOST: usize = 10_000;

/// Who holds which session.
#[derive(Debug, Default)]
pub(crate) struct Holders(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Whether other processes are heard.
    heard: bool,
    /// How often all was forgotten: what was read before may be from before the change.
    age: u64,
    sessions: HashMap<Id<Session>, Held>,
}

#[derive(Debug)]
struct Held {
    account: Account,
    session: Session,
    since: Instant,
}

impl Known {
    fn forget(&mut self) {
        self.age += 1;
        self.sessions.clear();
    }
}

impl Holders {
    /// Other processes are heard from now on, or not any more.
    pub(crate) fn hear(&self, heard: bool) {
        let mut known = self.known();
        known.heard = heard;
        known.forget();
    }

    /// Whether other processes are heard, by a task that can tell them something, too.
    pub(crate) fn hears(&self) -> bool {
        self.known().heard
    }

    /// Forgets everybody: somebody's session or account has changed.
    pub(crate) fn forget(&self) {
        self.known().forget();
    }

    /// Who holds a session; if nobody knows, the age to keep the answer under.
    pub(crate) fn of(&self, session: Id<Session>) -> Result<(Account, Session), u64> {
        let known = self.known();
        match known.sessions.get(&session) {
            Some(held) if known.heard && held.since.elapsed() < BELIEVED => {
                Ok((held.account.clone(), held.session.clone()))
            }
            _ => Err(known.age),
        }
    }

    /// The account that holds a session, if that session is known to be this account's.
    pub(crate) fn account(&self, session: Id<Session>, account: Id<Account>) -> Option<Account> {
        let (holder, _) = self.of(session).ok()?;
        Some(holder).filter(|holder| holder.id == account)
    }

    /// Keeps what was read, unless something has changed since it was asked for.
    pub(crate) fn keep(&self, age: u64, (account, session): (Account, Session)) {
        let mut known = self.known();
        if !known.heard || known.age != age {
            return;
        }
        if known.sessions.len() >= MOST {
            known.sessions.clear();
        }
        let since = Instant::now();
        let held = Held {
            account,
            session,
            since,
        };
        known.sessions.insert(held.session.id, held);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
