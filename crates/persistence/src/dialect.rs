//! What the two databases say in different words: the only SQL that is written, not built.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, DynIden, Expr, InsertStatement, OnConflict, Query,
    SelectStatement, SimpleExpr, SubQueryStatement, WithClause, WithQuery,
};
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlErr, Statement, Value,
    sqlx,
};

use crate::connections::Connections;

/// The channel on which processes tell each other that the log has grown.
const CHANNEL: &str = "stoa_log";
/// What they say of a line about an account or a session.
const HOLDERS: &str = "holders";

/// What a new line of the log keeps of its transaction.
pub(crate) fn transaction(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust("pg_current_xact_id()::text::bigint"),
        _ => Expr::cust("0"),
    }
}

/// The same for the last line of a transaction that tells whoever listens on `PostgreSQL` when it
/// commits, and tells, too, if an account or a session changed.
pub(crate) fn transaction_and_notice(backend: DbBackend, holders: bool) -> SimpleExpr {
    match (backend, holders) {
        (DbBackend::Postgres, false) => {
            Expr::cust("(SELECT pg_current_xact_id()::text::bigint FROM pg_notify('stoa_log', ''))")
        }
        (DbBackend::Postgres, true) => Expr::cust(
            "(SELECT pg_current_xact_id()::text::bigint FROM pg_notify('stoa_log', 'holders'))",
        ),
        _ => transaction(backend),
    }
}

/// A statement with its limit written out. `PostgreSQL` plans a statement anew with each execution
/// as long as it cannot know how few rows are wanted.
pub(crate) fn with_literal_limit(backend: DbBackend, query: &SelectStatement) -> Statement {
    let mut statement = backend.build(query);
    if let Some(values) = &mut statement.values
        && let Some((head, tail)) = statement.sql.rsplit_once(" LIMIT ")
        && let Some(Value::BigUnsigned(Some(limit))) = values.0.last()
    {
        // What follows the placeholder, `$7` or `?`, stands.
        let tail = tail.trim_start_matches(|it: char| "$?".contains(it) || it.is_ascii_digit());
        statement.sql = format!("{head} LIMIT {limit}{tail}");
        values.0.pop();
    }
    statement
}

/// Statements as one, for `PostgreSQL`: its transaction is the statement. It fails, and nothing of it
/// counts, where one that must change a row changes none: one divided by their number is no number.
pub(crate) fn together(steps: impl Iterator<Item = (SubQueryStatement, bool)>) -> WithQuery {
    let (mut with, mut done) = (WithClause::new(), Query::select());
    done.expr(Expr::cust("1"));
    for (place, (statement, required)) in steps.enumerate() {
        let name = format!("step_{place}");
        let mut step = CommonTableExpression::new();
        step.table_name(name.clone());
        let changed = Query::returning().expr(Expr::cust("1"));
        match statement {
            SubQueryStatement::UpdateStatement(mut it) if required => {
                step.query(it.returning(changed).take());
            }
            SubQueryStatement::DeleteStatement(mut it) if required => {
                step.query(it.returning(changed).take());
            }
            statement => {
                step.query(statement);
            }
        }
        with.cte(step);
        if required {
            done.expr(Expr::cust(format!("1 / (SELECT count(*) FROM {name})")));
        }
    }
    done.with(with)
}

/// New rows of a table from an array for each column, for `PostgreSQL`. The last column is the same for
/// all of them, if it is an expression.
pub(crate) fn from_arrays(
    table: &'static str,
    columns: &[DynIden],
    last: Option<&SimpleExpr>,
    known: Option<OnConflict>,
) -> Result<InsertStatement, DbErr> {
    let arrays = columns.len() - usize::from(last.is_some());
    let mut rows = Query::select();
    // Side by side, arrays of one length give their members row by row.
    rows.exprs((1..=arrays).map(|place| Expr::cust(format!("unnest(${place})"))));
    last.map(|last| rows.expr(last.clone()));
    let mut insert = Query::insert();
    insert
        .into_table(table)
        .columns(columns.iter().cloned())
        .select_from(rows)
        .map_err(|error| DbErr::Type(error.to_string()))?;
    known.map(|known| insert.on_conflict(known));
    Ok(insert)
}

/// Whether the database refused, and not the way to it.
pub(crate) fn is_of_database(error: &DbErr) -> bool {
    matches!(
        error,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) if matches!(**inner, sqlx::Error::Database(_))
    )
}

/// Whether something that must be unique is not.
pub(crate) fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// The first transaction that may still write: what is numbered below is committed or gone.
///
/// Read this before the rows: a later statement sees at least what was final then.
pub(crate) async fn horizon(db: &Connections) -> Result<i64, DbErr> {
    let DbBackend::Postgres = db.get_database_backend() else {
        // One writer at a time: what can be read is final.
        return Ok(i64::MAX);
    };
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.into()))?
        .try_get_by_index(0)
}

/// Numbers of transactions belong to one server. In a copy that was restored on another they can lie
/// ahead of all that is to come, and hide it: there they become 0, before everything.
pub(crate) async fn settle_restored(db: &Connections) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared(
            "UPDATE activities SET transaction_id = 0 \
             WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
        )
        .await?;
    }
    Ok(())
}

/// Counts anew what plans rest on. `SQLite` plans by the indexes alone.
pub(crate) async fn take_stock(db: &Connections) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ANALYZE accounts, organizations, applications, memberships")
            .await?;
    }
    Ok(())
}

/// Listens for other processes on a connection of its own; none where the database has no such thing.
pub(crate) async fn listener(db: &DatabaseConnection) -> Result<Option<PgListener>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    // Out of the pool it would take a connection from requests, for good.
    let options = db.get_postgres_connection_pool().connect_options();
    let alone = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with((*options).clone());
    let mut listener = PgListener::connect_with(&alone).await.map_err(failed)?;
    listener.listen(CHANNEL).await.map_err(failed)?;
    Ok(Some(listener))
}

/// Waits until a process says that the log has grown, or the connection had to be made anew: whether
/// an account or a session may have changed.
pub(crate) async fn heard(listener: &mut PgListener) -> Result<bool, DbErr> {
    let notice = listener.try_recv().await.map_err(failed)?;
    Ok(notice.is_none_or(|notice| notice.payload() == HOLDERS))
}

/// Tells other processes that the log has grown.
pub(crate) async fn tell(db: &Connections) -> Result<(), DbErr> {
    db.execute_unprepared("NOTIFY stoa_log").await.map(|_| ())
}

fn failed(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(error.to_string()))
}

/// What the database says of itself.
pub(crate) fn inspection(backend: DbBackend) -> SelectStatement {
    let asked: &[(&str, &str)] = if backend == DbBackend::Postgres {
        &[
            ("version", "current_setting('server_version')"),
            ("number", "current_setting('server_version_num')::int"),
            (
                "now",
                "(extract(epoch from clock_timestamp()) * 1000)::bigint",
            ),
            ("encoding", "current_setting('server_encoding')"),
            (
                "collation",
                "(SELECT datcollate::text FROM pg_database WHERE datname = current_database())",
            ),
            (
                "connections",
                "current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int",
            ),
            (
                "may_create",
                "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)",
            ),
        ]
    } else {
        &[
            ("version", "sqlite_version()"),
            ("encoding", "(SELECT encoding FROM pragma_encoding)"),
        ]
    };
    let mut query = Query::select();
    for (name, expression) in asked {
        query.expr_as(Expr::cust(*expression), Alias::new(*name));
    }
    query
}
