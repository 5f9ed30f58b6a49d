//! The log as it grows: one reader a process, and any number who follow.
//!
//! A line's place is its transaction and its number. On `PostgreSQL` numbers are given at insert and
//! seen at commit, so a reader of numbers alone passes lines that commit late. Lines are told in the
//! order of places and only below the first transaction that may still write: nothing can appear
//! before what was told. Transactions are numbered for the whole server, so a long one in another of
//! its databases holds the feed up, too.

mod place;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect};
use stoa_domain::actor::Actor;
use stoa_domain::change::Logged;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::activities::from_row;
use crate::entity::activities::Column;
use crate::holders::Holders;
use crate::page::Page;
use crate::{Store, StoreError, dialect, visibility};
use place::order;
pub use place::{Line, Place, Wanted};

/// Lines read at once.
const BATCH: u64 = 200;
/// How often the log is looked at when nobody says that it has grown: `PostgreSQL` tells, so this is
/// for lost connections; `SQLite` has no other way to hear of another process.
const LOOK_ON_POSTGRES: Duration = Duration::from_secs(5);
const LOOK_ON_SQLITE: Duration = Duration::from_millis(500);
/// How often it is looked at while nobody follows, however much is written.
const IDLE: Duration = Duration::from_secs(1);
/// How often other processes are told that the log has grown, however much is written: a notice costs
/// `PostgreSQL` more than a row.
const TOLD: Duration = Duration::from_millis(10);
/// How long to wait for a transaction under way, at first and at most.
const UNSETTLED: Duration = Duration::from_millis(10);
const UNSETTLED_MOST: Duration = Duration::from_millis(320);

/// A place, and what could be read there.
type Read = (Place, Result<Logged, StoreError>);

/// What follows the lines that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// Nothing.
    Nothing,
    /// More lines.
    More,
    /// Lines that wait for a transaction under way.
    Unsettled,
}

/// The reader of the log: it tells every line to those who follow. A process has one.
#[derive(Debug)]
pub struct Tail {
    store: Store,
    at: Place,
    patience: Duration,
    look: Duration,
    /// When it last looked while nobody followed.
    looked: Option<Instant>,
}

/// Lines from a place on, as they come.
#[derive(Debug)]
pub struct Followed {
    store: Store,
    wanted: Wanted,
    at: Place,
    read: VecDeque<Read>,
    behind: bool,
    told: broadcast::Receiver<Arc<Line>>,
}

impl Store {
    /// The last place that is final.
    pub async fn head(&self) -> Result<Place, StoreError> {
        let horizon = dialect::horizon(&self.db).await?;
        let last: Option<(i64, i64)> = visibility::activities(&Actor::System)
            .select_only()
            .columns([Column::TransactionId, Column::Sequence])
            .filter(Column::TransactionId.lt(horizon))
            .order_by_desc(Column::TransactionId)
            .order_by_desc(Column::Sequence)
            .into_tuple()
            .one(&self.db)
            .await?;
        let (transaction, sequence) = last.unwrap_or_default();
        Ok(Place {
            transaction,
            sequence,
        })
    }

    /// Final lines after a place, and what follows them. One that says what no line can is an error
    /// with a place, so that readers can go past it.
    async fn lines(&self, after: Place, wanted: &Wanted) -> Result<(Vec<Read>, Rest), StoreError> {
        let horizon = dialect::horizon(&self.db).await?;
        let page = Page {
            after: Some(after.cursor()),
            ..Page::first(BATCH)
        };
        let select = visibility::activities(&Actor::System).filter(wanted.condition());
        let rows = order().select(select, &page)?.all(&self.db).await?;
        let found = rows.len();
        let mut lines = rows
            .into_iter()
            .take_while(|row| row.transaction_id < horizon)
            .map(|row| {
                let place = Place {
                    transaction: row.transaction_id,
                    sequence: row.sequence,
                };
                (place, from_row(row))
            })
            .collect::<Vec<_>>();
        // One row more than a page is read to know whether something follows.
        let batch = usize::try_from(BATCH).unwrap_or(usize::MAX);
        let rest = if lines.len() > batch {
            lines.truncate(batch);
            Rest::More
        } else if lines.len() < found {
            Rest::Unsettled
        } else {
            Rest::Nothing
        };
        Ok((lines, rest))
    }

    /// Follows the log from a place on, or from now on. A [`Tail`] must be running.
    ///
    /// A place ahead of the log is one of another log, and refused.
    pub async fn follow(
        &self,
        after: Option<Place>,
        wanted: Wanted,
    ) -> Result<Followed, StoreError> {
        // Listening begins before the first read, so that no line falls between the two.
        let told = self.told.subscribe();
        // The reader skips lines while nobody listens.
        self.news.notify_one();
        let head = self.head().await?;
        if after.is_some_and(|after| after > head) {
            return Err(StoreError::Cursor);
        }
        Ok(Followed {
            store: self.clone(),
            wanted,
            at: after.unwrap_or(head),
            read: VecDeque::new(),
            behind: true,
            told,
        })
    }

    /// The reader of the log. Who follows must be told from here on: make it before requests are taken.
    pub async fn tail(&self) -> Result<Tail, StoreError> {
        Ok(Tail {
            at: self.head().await?,
            store: self.clone(),
            patience: UNSETTLED,
            looked: None,
            look: match self.db.get_database_backend() {
                DbBackend::Postgres => LOOK_ON_POSTGRES,
                _ => LOOK_ON_SQLITE,
            },
        })
    }

    /// Wakes the reader of the log when another process has written, and tells others when this one has,
    /// until a connection fails. Should the process end between a commit and its notice, others find the
    /// line when they look by themselves.
    pub async fn listen(&self) -> Result<Infallible, StoreError> {
        let Some(mut listener) = dialect::listener(&self.driver).await? else {
            return pending().await;
        };
        let _hearing = Hearing::new(&self.holders);
        let hear = async {
            loop {
                // At first, too: what was written before it listened was told to nobody.
                self.news.notify_one();
                if dialect::heard(&mut listener).await? {
                    self.holders.forget();
                }
            }
        };
        tokio::select! {
            failed = hear => failed,
            failed = self.tell() => failed,
        }
    }

    /// Tells other processes of what is committed here: of the first commit at once, and of those that
    /// follow soon after it together.
    async fn tell(&self) -> Result<Infallible, StoreError> {
        loop {
            self.unsaid.notified().await;
            dialect::tell(&self.db).await?;
            tokio::time::sleep(TOLD).await;
        }
    }
}

/// As long as this lives, other processes are heard.
struct Hearing<'a>(&'a Holders);

impl<'a> Hearing<'a> {
    fn new(holders: &'a Holders) -> Self {
        holders.hear(true);
        Self(holders)
    }
}

impl Drop for Hearing<'_> {
    fn drop(&mut self) {
        self.0.hear(false);
    }
}

impl Tail {
    /// Looks at the log by itself only so often: tests show by it that the rest suffices.
    #[must_use]
    pub const fn looking_every(mut self, look: Duration) -> Self {
        self.look = look;
        self
    }

    /// Tells lines as they become final, until a read fails; run again, it goes on where it was, past a
    /// line that cannot be read.
    pub async fn run(&mut self) -> Result<Infallible, StoreError> {
        loop {
            match self.step().await? {
                Rest::More => {}
                Rest::Unsettled => {
                    let _ = tokio::time::timeout(self.patience, self.store.news.notified()).await;
                    self.patience = (self.patience * 2).min(UNSETTLED_MOST);
                }
                Rest::Nothing => {
                    self.patience = UNSETTLED;
                    let _ = tokio::time::timeout(self.look, self.store.news.notified()).await;
                }
            }
        }
    }

    async fn step(&mut self) -> Result<Rest, StoreError> {
        let told = &self.store.told;
        if told.receiver_count() == 0 {
            // Whoever comes is told from their own first read on; not to begin far behind it is enough.
            if self.looked.is_some_and(|at| at.elapsed() < IDLE) {
                return Ok(Rest::Nothing);
            }
            self.looked = Some(Instant::now());
            let head = self.store.head().await?;
            // Whoever comes after this second look finds at least as much by its own first read.
            if told.receiver_count() == 0 {
                self.at = self.at.max(head);
                return Ok(Rest::Nothing);
            }
        }
        let (lines, rest) = self.store.lines(self.at, &Wanted::default()).await?;
        for (place, logged) in lines {
            self.at = place;
            let logged = logged?;
            // Nobody listening is no fault.
            let _ = told.send(Arc::new(Line { place, logged }));
        }
        Ok(rest)
    }
}

impl Followed {
    /// Where it stands: everything up to there was given.
    pub const fn place(&self) -> Place {
        self.at
    }

    /// The next line. A read that fails can be tried again: nothing is missed but a line that cannot be read.
    pub async fn next(&mut self) -> Result<Line, StoreError> {
        loop {
            if let Some((place, logged)) = self.read.pop_front() {
                self.at = place;
                return Ok(Line {
                    place,
                    logged: logged?,
                });
            }
            if self.behind {
                let (lines, rest) = self.store.lines(self.at, &self.wanted).await?;
                // What is not final yet is told when it is.
                self.behind = rest == Rest::More;
                self.read = lines.into();
                continue;
            }
            match self.told.recv().await {
                Ok(line) if line.place <= self.at || !self.wanted.takes(&line.logged.activity) => {}
                Ok(line) => {
                    self.at = line.place;
                    return Ok(Line::clone(&line));
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                // The store it holds has a sender, too.
                Err(RecvError::Closed) => pending().await,
            }
        }
    }
}
