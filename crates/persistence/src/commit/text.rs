//! The text of statements that write rows. It depends on the form of the rows and on their number, and
//! of both there are few: what was written once is kept. Writing it took a third of the time of an import
//! into `SQLite`.

use std::sync::Arc;

use quick_cache::sync::Cache;
use sea_orm::sea_query::{
    Expr, ExprTrait, InsertStatement, Query, SimpleExpr, SubQueryStatement, WithQuery,
};
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::{DbBackend, DbErr, Statement, Value};

use super::step::{Form, How, Known, Step, Told, What};
use crate::{columns, dialect};

/// How many are kept; one takes up to 10 KiB.
const KEPT: usize = 500;
/// The most values of a text that is kept: 64 rows of a wide table.
const MOST: usize = 1500;
/// As many rows of one table are written column by column on `PostgreSQL`.
const COLUMNS: usize = 16;

/// Texts, by what they depend on.
#[derive(Debug)]
pub(crate) struct Texts(Cache<Vec<Part>, Arc<str>>);

/// A run of steps, as far as the text depends on it. One part is a statement, several are one statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Part {
    /// How the last row is written: it is the one that can tell others of the commit.
    form: Form,
    rows: Rows,
    required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rows {
    /// So many, each value for itself.
    Listed(usize),
    /// Any number, column by column.
    Columns,
}

/// A statement that is ready to be done.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) text: Arc<str>,
    pub(crate) values: Given,
    /// Whether the same text comes again.
    pub(crate) kept: bool,
}

/// What is written.
#[derive(Debug)]
pub(crate) enum Given {
    /// Value by value.
    Listed(Vec<Value>),
    /// Column by column.
    Arrays(PgArguments),
}

impl Default for Texts {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Texts {
    /// A run of steps as one statement.
    pub(super) fn of_run(&self, run: &[Step], backend: DbBackend) -> Result<Ready, DbErr> {
        if backend == DbBackend::Postgres && run.len() >= COLUMNS {
            return self.of_columns(run, backend);
        }
        Ok(self.listed(&[run], || match &statement(run, backend) {
            SubQueryStatement::InsertStatement(it) => backend.build(it),
            SubQueryStatement::UpdateStatement(it) => backend.build(it),
            SubQueryStatement::DeleteStatement(it) => backend.build(it),
            SubQueryStatement::SelectStatement(it) => backend.build(it),
            SubQueryStatement::WithStatement(it) => backend.build(it),
        }))
    }

    /// Runs of steps as one statement, for `PostgreSQL`.
    pub(super) fn of_all(&self, runs: &[&[Step]], backend: DbBackend) -> Ready {
        self.listed(runs, || backend.build(&together(runs, backend)))
    }

    /// New rows of one table, an array for each column, for `PostgreSQL`.
    fn of_columns(&self, run: &[Step], backend: DbBackend) -> Result<Ready, DbErr> {
        let Some(part) = Part::of(run, Rows::Columns) else {
            return Err(DbErr::Type("only rows have columns".into()));
        };
        let values: Vec<_> = run.iter().map(Step::values).collect();
        let values = Given::Arrays(columns::arrays(&values)?);
        let key = [part];
        let text = self.0.get_or_insert_with(&key[..], || {
            let insert = from_columns(&key[0].form, backend)?;
            Ok::<_, DbErr>(backend.build(&insert).sql.into())
        })?;
        Ok(Ready {
            text,
            values,
            kept: true,
        })
    }

    /// Runs of steps, each value for itself.
    fn listed(&self, runs: &[&[Step]], write: impl FnOnce() -> Statement) -> Ready {
        let parts = runs
            .iter()
            .map(|run| Part::of(run, Rows::Listed(run.len())));
        let Some(parts) = parts.collect::<Option<Vec<_>>>() else {
            return Ready::once(write());
        };
        let values = runs.iter().copied().flatten().flat_map(Step::values);
        let values: Vec<Value> = values.cloned().collect();
        if let Some(text) = self.0.get(&parts) {
            return Ready {
                text,
                values: Given::Listed(values),
                kept: true,
            };
        }
        let statement = write();
        let placed = statement.values.as_ref().map(|it| &it.0);
        // Only values of rows, in their order, can be put into a text that was kept; and one of very many
        // hardly comes again.
        if placed != Some(&values) || values.len() > MOST {
            return Ready::once(statement);
        }
        let text: Arc<str> = statement.sql.into();
        self.0.insert(parts, Arc::clone(&text));
        Ready {
            text,
            values: Given::Listed(values),
            kept: true,
        }
    }
}

impl Ready {
    /// A statement that is not kept.
    pub(crate) fn once(statement: Statement) -> Self {
        let values = statement.values.map(|it| it.0).unwrap_or_default();
        Self {
            text: statement.sql.into(),
            values: Given::Listed(values),
            kept: false,
        }
    }
}

impl Part {
    fn of(run: &[Step], rows: Rows) -> Option<Self> {
        Some(Self {
            form: run.last()?.form()?.clone(),
            rows,
            required: is_required(run),
        })
    }
}

/// Whether a run must change a row.
fn is_required(run: &[Step]) -> bool {
    run.iter().any(|step| step.missing.is_some())
}

/// Statements as one, which costs one way to the database instead of one for each statement and two for
/// the transaction.
fn together(runs: &[&[Step]], backend: DbBackend) -> WithQuery {
    let statements = runs
        .iter()
        .map(|run| (statement(run, backend), is_required(run)));
    dialect::together(statements)
}

fn from_columns(form: &Form, backend: DbBackend) -> Result<InsertStatement, DbErr> {
    let How::Insert { known, line } = &form.how else {
        return Err(DbErr::Type("columns replace no rows".into()));
    };
    let last = line.map(|told| transaction(told, backend));
    let known = known.as_ref().map(Known::on_conflict);
    dialect::from_arrays(form.table, &form.columns, last.as_ref(), known)
}

fn statement(run: &[Step], backend: DbBackend) -> SubQueryStatement {
    let mut insert = Query::insert();
    for (place, step) in run.iter().enumerate() {
        let (form, values) = match &step.what {
            What::Statement { statement, .. } => return SubQueryStatement::clone(statement),
            What::Row { form, values } => (form, values),
        };
        let (known, line) = match &form.how {
            How::Insert { known, line } => (known, line),
            How::Replace { found_by } => return replacement(form, values, *found_by),
        };
        if place == 0 {
            insert.into_table(form.table);
            insert.columns(form.columns.iter().cloned());
            known
                .as_ref()
                .map(|known| insert.on_conflict(known.on_conflict()));
        }
        let values = values.iter().cloned().map(Expr::val);
        insert.values_panic(values.chain(line.map(|told| transaction(told, backend))));
    }
    SubQueryStatement::InsertStatement(insert)
}

fn replacement(form: &Form, values: &[Value], found_by: usize) -> SubQueryStatement {
    let mut update = Query::update();
    update.table(form.table);
    let cells = form.columns.iter().cloned().zip(values.iter().cloned());
    for (place, (column, value)) in cells.enumerate() {
        if place < values.len() - found_by {
            update.value(column, value);
        } else {
            update.and_where(Expr::col(column).eq(value));
        }
    }
    SubQueryStatement::UpdateStatement(update)
}

/// What the last column of a line holds.
fn transaction(told: Told, backend: DbBackend) -> SimpleExpr {
    match told {
        Told::Nobody => dialect::transaction(backend),
        Told::Listeners => dialect::transaction_and_notice(backend, false),
        Told::Rememberers => dialect::transaction_and_notice(backend, true),
    }
}
