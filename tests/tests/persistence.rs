//! What the store promises: what is written reads back, all of it or none, once, in order.

mod broken_rows;
mod reading_back;
mod tables;
mod writing;

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};

/// The rows that a statement answers with.
async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await.unwrap()
}

/// A column of texts.
async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = rows(db, sql).await;
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// The program's tables, in the order in which they were made.
async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let list = if crate::support::database::on_postgres() {
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' \
         AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations' ORDER BY oid"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' \
         AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations' ORDER BY rowid"
    };
    texts(db, list).await
}

/// How many rows each table has.
async fn counts(db: &DatabaseConnection) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for table in tables(db).await {
        let found = rows(db, &format!("SELECT COUNT(*) FROM {table}")).await;
        let count = found[0].try_get_by_index(0).unwrap();
        counts.push((table, count));
    }
    counts
}
