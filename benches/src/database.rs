//! The database as the scenario itself looks at it: either engine, plain SQL.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as Connect, DatabaseConnection, QueryResult,
    Statement,
};

use crate::Result;

/// A connection to either engine.
pub struct Database(DatabaseConnection);

impl Database {
    /// Connects. One connection is enough, and keeps statements in order.
    pub async fn open(url: &str) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.sqlx_logging(false).max_connections(1);
        Ok(Self(Connect::connect(options).await?))
    }

    /// The connection, for what only one engine takes.
    pub const fn connection(&self) -> &DatabaseConnection {
        &self.0
    }

    /// Rows of a select.
    pub async fn rows(&self, sql: &str) -> Result<Vec<QueryResult>> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        Ok(self.0.query_all_raw(statement).await?)
    }

    /// The one number that a select finds; 0 where it finds null.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let rows = self.rows(sql).await?;
        let row = rows.first().ok_or("a number was expected")?;
        let number: Option<i64> = row.try_get_by_index(0)?;
        Ok(number.unwrap_or_default())
    }

    /// Returns once the service has counted the closed periods of every program.
    pub async fn rolled_up(&self) -> Result<()> {
        let missing = "SELECT count(*) FROM kpi_ledgers \
                       WHERE rolled_up_ends IS NULL OR rolled_up_ends <> late_ends";
        while self.number(missing).await? > 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// Carries out one statement that finds nothing.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        self.0.execute_unprepared(sql).await?;
        Ok(())
    }
}

/// Whether an address is one of `SQLite`.
pub fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}
