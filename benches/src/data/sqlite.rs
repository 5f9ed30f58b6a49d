//! Rows into `SQLite`, many by one statement.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait, Value};

use super::cell::{Cell, Cells, Table};
use crate::Result;

/// Rows written by one statement: `SQLite` takes 32,766 values with it.
const ROWS: usize = 500;
/// Rows written by one transaction.
const TRANSACTION: usize = 10_000;

/// Writes rows.
pub struct Writer(DatabaseConnection);

impl Writer {
    /// Over an open connection.
    pub const fn new(connection: DatabaseConnection) -> Self {
        Self(connection)
    }

    /// Writes rows of one table.
    #[expect(
        clippy::disallowed_methods,
        reason = "whole tables are filled; nothing that the service decided is written"
    )]
    pub async fn write(&self, table: Table, rows: Vec<Cells>) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let transaction = self.0.begin().await?;
            let mut part = rows.by_ref().take(TRANSACTION).peekable();
            while part.peek().is_some() {
                let statement = insert(table, part.by_ref().take(ROWS).collect());
                transaction.execute_raw(statement).await?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Tells the planner what there is, and puts the log of writes into the file.
    pub async fn finish(self) -> Result<()> {
        self.0.execute_unprepared("ANALYZE").await?;
        self.0
            .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
            .await?;
        Ok(())
    }
}

fn insert(table: Table, rows: Vec<Cells>) -> Statement {
    let Table { name, columns } = table;
    let places = rows.iter().map(|cells| {
        let places = vec!["?"; cells.len()];
        format!("({})", places.join(", "))
    });
    let places: Vec<String> = places.collect();
    let sql = format!(
        "INSERT INTO {name} ({columns}) VALUES {}",
        places.join(", ")
    );
    let values = rows.into_iter().flatten().map(value);
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::String(None),
        Cell::Uuid(id) => id.into(),
        Cell::Text(text) => text.into(),
        Cell::Int(number) => number.into(),
        Cell::Big(number) => number.into(),
        Cell::Bool(truth) => truth.into(),
        Cell::Time(time) => time.into(),
        Cell::Date(day) => day.into(),
    }
}
