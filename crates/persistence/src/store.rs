//! The store: one pool, and who is told of what was committed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};
use stoa_domain::actor::Actor;
use stoa_domain::id::Id;
use stoa_domain::program::Revision;
use stoa_migrations::{Migrator, MigratorTrait};
use tokio::sync::{Notify, broadcast};

use crate::commit::Texts;
use crate::connections::Connections;
use crate::holders::Holders;
use crate::statements::Statements;
use crate::{Line, Mark, StoreError, View, dialect};

/// How many lines a slow follower may lag behind before it must read the log by itself.
const FEED: usize = 1024;

/// How much of a `SQLite` database is kept in memory, in KiB, by all connections together. Each keeps its
/// own pages; 2 MiB are usual, and an import touches more of the indexes than that in one batch.
const CACHE: u32 = 32 * 1024;

/// How many statements each connection keeps ready.
const STATEMENTS: usize = 512;

/// Everything Stoa keeps. Cheap to clone: clones share one pool.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: Connections,
    /// The same, for what knows only the driver's pool.
    pub(crate) driver: DatabaseConnection,
    /// The key of the request that this store is for.
    pub(crate) mark: Option<Arc<Mark>>,
    /// Lines as this process reads them, for those who follow.
    pub(crate) told: broadcast::Sender<Arc<Line>>,
    /// Wakes the reader of the log: something was committed here that somebody follows, or another
    /// process said so, or somebody begins to follow.
    pub(crate) news: Arc<Notify>,
    /// Wakes whoever tells other processes that something was committed here.
    pub(crate) unsaid: Arc<Notify>,
    /// Who holds a session, as far as that is known without asking.
    pub(crate) holders: Arc<Holders>,
    /// Statements about one row, as they were written before.
    pub(crate) statements: Arc<Statements>,
    /// Texts of statements that write rows, as they were written before.
    pub(crate) texts: Arc<Texts>,
    pub(crate) revisions: Arc<RwLock<HashMap<Id<Revision>, Arc<Revision>>>>,
}

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://stoa.db?mode=rwc`, `sqlite::memory:` or `postgres://…`.
    pub url: String,
    /// Connections at most; a database in memory has one.
    pub connections: u32,
}

impl Store {
    /// Opens the pool; the schema is not touched.
    pub async fn connect(options: &Options) -> Result<Self, StoreError> {
        let cache = CACHE / options.connections.max(1);
        let memory = options.url.contains(":memory:");
        let mut connect = ConnectOptions::new(options.url.as_str());
        connect
            .sqlx_logging(false)
            .max_connections(if memory { 1 } else { options.connections })
            .acquire_timeout(Duration::from_secs(10))
            // A ping before every statement costs more than the statement (18 % of both sides).
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .foreign_keys(true)
                    .pragma("cache_size", format!("-{cache}"))
                    .statement_cache_capacity(STATEMENTS)
                    .busy_timeout(Duration::from_secs(10))
            })
            .map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(STATEMENTS));
        if memory {
            connect
                .min_connections(1)
                .idle_timeout(None::<Duration>)
                .max_lifetime(None::<Duration>);
        }
        Ok(Self::over(Database::connect(connect).await?))
    }

    /// A store over a connection that somebody else opened.
    pub fn over(db: DatabaseConnection) -> Self {
        Self {
            db: Connections::over(&db),
            driver: db,
            mark: None,
            told: broadcast::Sender::new(FEED),
            news: Arc::default(),
            unsaid: Arc::default(),
            holders: Arc::default(),
            statements: Arc::default(),
            texts: Arc::default(),
            revisions: Arc::default(),
        }
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.db.release();
        Migrator::up(&self.driver, None).await?;
        Ok(dialect::settle_restored(&self.db).await?)
    }

    /// Steps of the schema that are not there yet.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations(&self.driver).await?.len())
    }

    /// Lets the database count anew what its plans rest on: after many rows at once it looks for them in
    /// ways that were right for few, until it counts by itself, a minute later or so.
    pub async fn take_stock(&self) -> Result<(), StoreError> {
        Ok(dialect::take_stock(&self.db).await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.driver.ping().await?)
    }

    /// The reading door: everything in it is what exists for this actor.
    pub fn view(&self, actor: &Actor) -> View {
        View::new(self.clone(), actor.clone())
    }

    /// The same store for one request: what it changes is marked on the request's key.
    #[must_use]
    pub fn under(mut self, mark: Mark) -> Self {
        self.mark = Some(Arc::new(mark));
        self
    }

    /// Ends every connection, once what uses them is done.
    pub async fn close(&self) {
        self.db.release();
        let _ = self.driver.close_by_ref().await;
    }

    /// The name of the engine, for people.
    pub fn engine(&self) -> &'static str {
        match self.db.get_database_backend() {
            DbBackend::Postgres => "PostgreSQL",
            DbBackend::Sqlite => "SQLite",
            _ => "an unknown engine",
        }
    }

    pub(crate) fn cached_revision(&self, id: Id<Revision>) -> Option<Arc<Revision>> {
        let cache = self
            .revisions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        cache.get(&id).cloned()
    }

    /// Revisions never change, so what was read once is right forever.
    pub(crate) fn cache_revision(&self, revision: Revision) -> Arc<Revision> {
        let revision = Arc::new(revision);
        let mut cache = self
            .revisions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        cache.insert(revision.id, Arc::clone(&revision));
        revision
    }
}
