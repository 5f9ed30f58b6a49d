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

/// How long a connection is used before the driver's pool looks after it.
const KEPT: Duration = Duration::from_secs(30);

/// A pool. Cheap to clone: clones share the connections.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool,
    kept: Arc<Mutex<Vec<Kept>>>,
    /// As many as there may be connections.
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
    kept: Kept,
    home: Connections,
    _place: OwnedSemaphorePermit,
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
            places: Arc::new(Semaphore::new(
                usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS),
            )),
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
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(self.patience, place)
            .await
            .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?
            .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        let waiting = self.kept().pop().filter(|kept| kept.since.elapsed() < KEPT);
        let kept = match waiting {
            Some(kept) => kept,
            None => Kept {
                connection: self.pool.acquire().await?,
                since: Instant::now(),
            },
        };
        Ok(Lent {
            kept,
            home: self.clone(),
            _place: place,
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
    pub(crate) fn give_back(self) {
        let Self { kept, home, .. } = self;
        // The last connection is not kept: migrations and whoever shares the driver's pool need one.
        let room = usize::try_from(home.most).unwrap_or(usize::MAX) - 1;
        let mut waiting = home.kept();
        if waiting.len() < room && kept.since.elapsed() < KEPT && !home.pool.is_closed() {
            waiting.push(kept);
        }
    }

    /// Begins a transaction.
    pub(crate) async fn begin(self) -> Result<Transaction, DbErr> {
        let begin = match &self.kept.connection {
            Connection::Postgres(_) => "BEGIN",
            // A deferred transaction that reads and then writes fails under other writers.
            Connection::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        let mut transaction = Transaction(Some(self));
        transaction.lent().execute_text(begin).await?;
        Ok(transaction)
    }

    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = parts(statement);
        let done = match &mut self.kept.connection {
            Connection::Postgres(it) => sqlx::query_with(sql, values)
                .execute(&mut **it)
                .await
                .map(ExecResult::from),
            Connection::Sqlite(it) => sqlx::query_with(sql, values)
                .execute(&mut **it)
                .await
                .map(ExecResult::from),
        };
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    pub(crate) async fn execute_text(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let done = match &mut self.kept.connection {
            Connection::Postgres(it) => sql.execute(&mut **it).await.map(ExecResult::from),
            Connection::Sqlite(it) => sql.execute(&mut **it).await.map(ExecResult::from),
        };
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    async fn all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = parts(statement);
        let rows = match &mut self.kept.connection {
            Connection::Postgres(it) => sqlx::query_with(sql, values)
                .fetch_all(&mut **it)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            Connection::Sqlite(it) => sqlx::query_with(sql, values)
                .fetch_all(&mut **it)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
        };
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    async fn one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, values) = parts(statement);
        let row = match &mut self.kept.connection {
            Connection::Postgres(it) => sqlx::query_with(sql, values)
                .fetch_optional(&mut **it)
                .await
                .map(|row| row.map(QueryResult::from)),
            Connection::Sqlite(it) => sqlx::query_with(sql, values)
                .fetch_optional(&mut **it)
                .await
                .map(|row| row.map(QueryResult::from)),
        };
        row.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }
}

impl Transaction {
    /// The connection, for the statements.
    #[expect(
        clippy::missing_panics_doc,
        reason = "it is taken by what ends the transaction"
    )]
    pub(crate) fn lent(&mut self) -> &mut Lent {
        self.0.as_mut().expect("a transaction has its connection")
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
            tokio::spawn(async move {
                // The driver's pool looks at the connection when it comes back.
                let _ = lent.execute_text("ROLLBACK").await;
            });
        }
    }
}

fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    tracing::trace!(sql = statement.sql, "statement");
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    (AssertSqlSafe(statement.sql), SqlxValues(values))
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
        let done = lent.execute(statement).await?;
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
        let mut lent = self.lend().await?;
        let row = lent.one(statement).await?;
        lent.give_back();
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut lent = self.lend().await?;
        let rows = lent.all(statement).await?;
        lent.give_back();
        Ok(rows)
    }
}
