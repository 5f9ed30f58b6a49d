//! Connections that wait for the next statement, in front of the driver's own pool.
//!
//! The driver's pool asks the database whether a connection lives each time one is given back: a way
//! there and back, and a task, for each statement. Here a connection whose statement came to its end
//! is kept for the next one, and goes back to the driver's pool, which asks and renews, once it is
//! older than [`KEPT`]. One whose statement failed or was dropped on the way goes back at once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Values;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::commit::{Given, Ready};

/// How long a connection is used before the driver's pool looks after it.
const KEPT: Duration = Duration::from_secs(30);

/// A pool. Cheap to clone: clones share the connections.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool,
    kept: Arc<Mutex<Vec<Kept>>>,
    /// One less than there may be connections: migrations, and whoever asks whether the database
    /// answers, find one in the driver's pool. A pool of one connection is left to the driver.
    places: Arc<Semaphore>,
    most: u32,
    patience: Duration,
    /// Held by whoever writes to `SQLite`, which takes one writer at a time: waiting here is in turn,
    /// and waiting there is not.
    writer: Option<Arc<Turns<()>>>,
}

#[derive(Clone)]
enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

enum Connection {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

struct Kept {
    connection: Connection,
    since: Instant,
}

/// A connection for one statement, or for one transaction.
pub(crate) struct Lent {
    kept: Option<Kept>,
    home: Connections,
    place: Option<OwnedSemaphorePermit>,
}

/// Statements of which all count, or none.
pub(crate) struct Transaction(Option<Lent>);

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Connections {
    /// In front of this pool.
    pub(crate) fn over(db: &DatabaseConnection) -> Self {
        let (pool, most, patience) = if db.get_database_backend() == DbBackend::Postgres {
            let pool = db.get_postgres_connection_pool();
            let options = pool.options();
            let bounds = (options.get_max_connections(), options.get_acquire_timeout());
            (Pool::Postgres(pool.clone()), bounds.0, bounds.1)
        } else {
            let pool = db.get_sqlite_connection_pool();
            let options = pool.options();
            let bounds = (options.get_max_connections(), options.get_acquire_timeout());
            (Pool::Sqlite(pool.clone()), bounds.0, bounds.1)
        };
        Self {
            pool,
            kept: Arc::default(),
            places: Arc::new(Semaphore::new(places(most))),
            most,
            patience,
            writer: (db.get_database_backend() == DbBackend::Sqlite).then(Arc::default),
        }
    }

    /// Waits for the other writers of this process, where there can be one at a time.
    pub(crate) async fn alone(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.writer {
            Some(writer) => Some(Arc::clone(writer).lock_owned().await),
            None => None,
        }
    }

    /// How many are open, how many of them nobody uses, and how many there may be.
    pub(crate) fn count(&self) -> (u32, usize, u32) {
        let (open, idle) = match &self.pool {
            Pool::Postgres(pool) => (pool.size(), pool.num_idle()),
            Pool::Sqlite(pool) => (pool.size(), pool.num_idle()),
        };
        (open, idle + self.kept().len(), self.most)
    }

    /// Gives every connection that waits back to the driver's pool, for whoever asks that.
    pub(crate) fn release(&self) {
        self.kept().clear();
    }

    /// A connection, as soon as one is free.
    pub(crate) async fn lend(&self) -> Result<Lent, DbErr> {
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => tokio::time::timeout(self.patience, Arc::clone(&self.places).acquire_owned())
                .await
                .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?
                .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?,
        };
        let waiting = {
            let mut kept = self.kept();
            // All of them, not only the next: those below a busy one would be forgotten for good.
            kept.retain(|it| it.since.elapsed() < KEPT);
            kept.pop()
        };
        let kept = match waiting {
            Some(kept) => kept,
            None => Kept {
                connection: self.pool.acquire().await?,
                since: Instant::now(),
            },
        };
        Ok(Lent {
            kept: Some(kept),
            home: self.clone(),
            place: Some(place),
        })
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    async fn acquire(&self) -> Result<Connection, DbErr> {
        let connection = match self {
            Self::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
            Self::Sqlite(pool) => pool.acquire().await.map(Connection::Sqlite),
        };
        connection.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        })
    }

    fn is_closed(&self) -> bool {
        match self {
            Self::Postgres(pool) => pool.is_closed(),
            Self::Sqlite(pool) => pool.is_closed(),
        }
    }
}

impl Lent {
    /// Keeps the connection for the next statement: this one came to its end.
    pub(crate) fn give_back(mut self) {
        let young = |kept: &mut Kept| kept.since.elapsed() < KEPT;
        if self.home.most > 1
            && !self.home.pool.is_closed()
            && let Some(kept) = self.kept.take_if(young)
        {
            self.home.kept().push(kept);
        }
    }

    fn connection(&mut self) -> &mut Connection {
        let kept = self.kept.as_mut();
        &mut kept.expect("it is taken by what ends the loan").connection
    }

    /// Begins a transaction.
    pub(crate) async fn begin(mut self) -> Result<Transaction, DbErr> {
        let begin = match self.connection() {
            Connection::Postgres(_) => "BEGIN",
            // A deferred transaction that reads and then writes fails under other writers.
            Connection::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        let mut transaction = Transaction(Some(self));
        transaction.lent().execute_text(begin).await?;
        Ok(transaction)
    }

    /// Does a statement.
    pub(crate) async fn write(&mut self, statement: Ready) -> Result<ExecResult, DbErr> {
        let Ready { text, values, kept } = statement;
        tracing::trace!(sql = &*text, "statement");
        let text = AssertSqlSafe(text);
        let done = match (self.connection(), values) {
            (Connection::Postgres(it), Given::Listed(values)) => {
                let often = values.len() <= MANY;
                let query = sqlx::query_with(text, SqlxValues(Values(values))).persistent(often);
                query.execute(&mut **it).await.map(ExecResult::from)
            }
            (Connection::Postgres(it), Given::Arrays(arrays)) => {
                let query = sqlx::query_with(text, arrays);
                query.execute(&mut **it).await.map(ExecResult::from)
            }
            (Connection::Sqlite(it), Given::Listed(values)) => {
                // Here a plan does not depend on what the tables hold, so any text may be kept ready.
                let often = kept || values.len() <= MANY;
                let query = sqlx::query_with(text, SqlxValues(Values(values))).persistent(often);
                query.execute(&mut **it).await.map(ExecResult::from)
            }
            (Connection::Sqlite(_), Given::Arrays(_)) => {
                return Err(DbErr::Type("only PostgreSQL takes arrays".into()));
            }
        };
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    pub(crate) async fn execute_text(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let done = match self.connection() {
            Connection::Postgres(it) => sql.execute(&mut **it).await.map(ExecResult::from),
            Connection::Sqlite(it) => sql.execute(&mut **it).await.map(ExecResult::from),
        };
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    async fn all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values, often) = parts(statement);
        let rows = match self.connection() {
            Connection::Postgres(it) => sqlx::query_with(sql, values)
                .persistent(often)
                .fetch_all(&mut **it)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            Connection::Sqlite(it) => sqlx::query_with(sql, values)
                .persistent(often)
                .fetch_all(&mut **it)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
        };
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }
}

impl Drop for Lent {
    /// The connection is older than it may be, or somebody stopped waiting for its statement, which
    /// can still run: its place is free when the driver's pool has it again.
    fn drop(&mut self) {
        let (Some(kept), place) = (self.kept.take(), self.place.take()) else {
            return;
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "dropping cannot wait, as in the driver"
        )]
        tokio::spawn(async move {
            match kept.connection {
                Connection::Postgres(mut it) => it.return_to_pool().await,
                Connection::Sqlite(mut it) => it.return_to_pool().await,
            }
            drop(place);
        });
    }
}

impl Transaction {
    /// The connection, for the statements.
    pub(crate) fn lent(&mut self) -> &mut Lent {
        let lent = self.0.as_mut();
        lent.expect("it is taken by what ends the transaction")
    }

    /// Ends it: all of it counts.
    pub(crate) async fn commit(mut self) -> Result<(), DbErr> {
        self.lent().execute_text("COMMIT").await?;
        self.0.take().into_iter().for_each(Lent::give_back);
        Ok(())
    }

    /// Ends it: nothing of it counts.
    pub(crate) async fn roll_back(mut self) {
        if self.lent().execute_text("ROLLBACK").await.is_ok() {
            self.0.take().into_iter().for_each(Lent::give_back);
        }
    }
}

impl Drop for Transaction {
    /// Whoever waited for it is gone, or it could not be ended: its statements must not count, nor
    /// meet those of the next one.
    fn drop(&mut self) {
        if let Some(mut lent) = self.0.take() {
            #[expect(
                clippy::disallowed_methods,
                reason = "dropping cannot wait, as in the driver"
            )]
            tokio::spawn(async move {
                // The driver's pool looks at the connection when it comes back.
                let _ = lent.execute_text("ROLLBACK").await;
            });
        }
    }
}

/// A statement with more values than these is not kept prepared: what was planned while a table was
/// empty would be done the same way when it has grown, as in an import.
const MANY: usize = 250;

/// How many connections are lent at once.
fn places(most: u32) -> usize {
    usize::try_from(most).map_or(Semaphore::MAX_PERMITS, |most| most.max(2) - 1)
}

/// The text, the values, and whether the same text is likely to come again: a list of many values
/// hardly has the same length twice.
fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues, bool) {
    tracing::trace!(sql = statement.sql, "statement");
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    let often = values.0.len() <= MANY;
    (AssertSqlSafe(statement.sql), SqlxValues(values), often)
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        match &self.pool {
            Pool::Postgres(_) => DbBackend::Postgres,
            Pool::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut lent = self.lend().await?;
        let done = lent.write(Ready::once(statement)).await?;
        lent.give_back();
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut lent = self.lend().await?;
        let done = lent.execute_text(sql).await?;
        lent.give_back();
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        // Whoever wants one row asks for no more.
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut lent = self.lend().await?;
        let rows = lent.all(statement).await?;
        lent.give_back();
        Ok(rows)
    }
}
