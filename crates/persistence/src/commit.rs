//! The writing door: the only place where rows are written.
//!
//! A record is a new row, or a changed state with the line that explains it. It says its steps, and the
//! steps of records that belong together are done together, or none of them is. A changed state is
//! written only over the version it came from; if somebody else was faster, nothing is written and the
//! caller learns of it. Rows of one table that follow one another are one statement.

use std::slice;

use sea_orm::sea_query::{
    DynIden, Expr, IntoIden, OnConflict, Query, SimpleExpr, SubQueryStatement, WithQuery,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue, Condition, ConnectionTrait, DbBackend, DbErr, DeleteMany,
    EntityTrait, ExecResult, Iterable, QueryFilter, QueryTrait, Statement, UpdateMany, Value,
};
use stoa_domain::change::{Change, Subject};
use stoa_domain::membership::Membership;

use crate::connections::{Connections, Lent};
use crate::entity::activities;
use crate::{Store, StoreError, columns, dialect};

/// More statements than these are done one after another on `PostgreSQL`, too.
const TOGETHER: usize = 8;
/// As many rows of one table are written column by column on `PostgreSQL`.
const COLUMNS: usize = 16;
/// The most values of one statement; the databases take 65,535 and 32,766.
const VALUES: usize = 15_000;

/// What is to be written, and what it means.
#[derive(Debug)]
pub struct Writing {
    pub(crate) backend: DbBackend,
    steps: Vec<Step>,
    /// Lines of the log. They come last: nothing points at them, so those of a change are one statement.
    lines: Vec<Step>,
    /// What the first line of the log in it is about.
    pub(crate) effect: Option<Subject>,
    /// Whether the log has new lines.
    pub(crate) logged: bool,
    /// Whether an account or a session is another than before.
    pub(crate) holders: bool,
    /// Whether other processes are told of the log by a task of this one, once for many commits.
    told_later: bool,
}

/// One row, or one statement.
#[derive(Debug)]
pub(crate) struct Step {
    table: &'static str,
    what: What,
    /// What it means that it changes no row.
    missing: Option<fn() -> StoreError>,
    /// What is taken where something must be unique and is not.
    unique: Option<&'static str>,
}

/// What a step does.
#[derive(Debug)]
enum What {
    /// Adds a row.
    Insert {
        columns: Vec<DynIden>,
        values: Vec<Value>,
        /// What the last column holds, if the database says it.
        transaction: Option<Box<SimpleExpr>>,
        /// What is done where the row is there already.
        known: Option<OnConflict>,
    },
    /// Changes or deletes rows.
    Change(Box<SubQueryStatement>),
}

/// Something that can be committed.
pub trait Record: Send {
    /// Says what is to be written.
    fn write(self, writing: &mut Writing) -> Result<(), StoreError>;
}

/// Memberships of one program that begin, and how many it takes.
#[derive(Clone, Debug)]
pub struct NewMemberships {
    /// The memberships.
    pub changes: Vec<Change<Membership>>,
    /// The most members the program takes at once; none means no cap.
    pub capacity: Option<u32>,
}

impl Store {
    /// Writes a record and all that belongs to it, then wakes the reader of the log.
    pub async fn commit(&self, record: impl Record) -> Result<(), StoreError> {
        let mut writing = Writing {
            backend: self.db.get_database_backend(),
            steps: Vec::new(),
            lines: Vec::new(),
            effect: None,
            logged: false,
            holders: false,
            told_later: self.holders.hears(),
        };
        record.write(&mut writing)?;
        if let (Some(mark), Some(effect)) = (&self.mark, writing.effect) {
            mark.leave(effect, &mut writing);
        }
        let done = writing.done(&self.db).await;
        // Should it have failed on the way back, it may still have been written.
        if writing.holders {
            self.holders.forget();
        }
        done?;
        if writing.logged {
            self.news.notify_one();
            self.unsaid.notify_one();
        }
        Ok(())
    }
}

impl Writing {
    /// Inserts a row.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, row: A) -> &mut Step {
        self.steps.push_mut(Step::insert(row, None))
    }

    /// Inserts a row, or changes the one that is there.
    pub(crate) fn upsert<A: ActiveModelTrait>(&mut self, row: A, known: OnConflict) -> &mut Step {
        self.steps.push_mut(Step::insert(row, Some(known)))
    }

    /// Adds a line to the log.
    pub(crate) fn line(&mut self, row: activities::ActiveModel) {
        self.lines.push(Step::insert(row, None));
        self.logged = true;
    }

    /// Puts the lines behind everything else, each with its transaction. Where nothing else tells other
    /// processes, or they must know with the commit that somebody is signed out, the last of them does.
    fn close(&mut self) {
        let last = self.lines.len();
        let tells = self.holders || !self.told_later;
        for (number, mut line) in (1..).zip(self.lines.drain(..)) {
            let transaction = if number == last && tells {
                dialect::transaction_and_notice(self.backend, self.holders)
            } else {
                dialect::transaction(self.backend)
            };
            if let What::Insert {
                columns,
                transaction: last,
                ..
            } = &mut line.what
            {
                columns.push(activities::Column::TransactionId.into_iden());
                *last = Some(Box::new(transaction));
            }
            self.steps.push(line);
        }
    }

    /// Changes rows.
    pub(crate) fn update<E: EntityTrait>(&mut self, update: UpdateMany<E>) -> &mut Step {
        self.step::<E>(SubQueryStatement::UpdateStatement(update.into_query()))
    }

    /// Deletes rows.
    pub(crate) fn delete<E: EntityTrait>(&mut self, delete: DeleteMany<E>) -> &mut Step {
        self.step::<E>(SubQueryStatement::DeleteStatement(delete.into_query()))
    }

    /// Inserts the first version, or replaces the version before this one.
    pub(crate) fn versioned<A: ActiveModelTrait>(
        &mut self,
        row: A,
        version: i32,
        same_row: Condition,
    ) -> &mut Step {
        if version == 1 {
            return self.insert(row);
        }
        let update = A::Entity::update_many().set(row).filter(same_row);
        self.update(update).or(|| StoreError::Conflict)
    }

    fn step<E: EntityTrait>(&mut self, statement: SubQueryStatement) -> &mut Step {
        self.steps
            .push_mut(Step::of::<E>(What::Change(Box::new(statement))))
    }

    /// Does all of it, or nothing.
    async fn done(&mut self, db: &Connections) -> Result<(), StoreError> {
        self.close();
        let backend = self.backend;
        let _alone = db.alone().await;
        match &self.steps[..] {
            [] => return Ok(()),
            [only] => {
                let mut lent = db.lend().await?;
                done(slice::from_ref(only), &mut lent, backend).await?;
                lent.give_back();
                return Ok(());
            }
            _ => {}
        }
        let whole: Vec<&[Step]> = self
            .steps
            .chunk_by(Step::joins)
            .flat_map(|run| run.chunks(VALUES / run[0].values().max(1)))
            .collect();
        if let Some(statement) = self.together(&whole) {
            let mut lent = db.lend().await?;
            match lent.execute(backend.build(&statement)).await {
                Ok(_) => {
                    lent.give_back();
                    return Ok(());
                }
                // Nothing was written. One after another, they say what stands against it.
                Err(error) if dialect::is_of_database(&error) => lent.give_back(),
                Err(error) => return Err(error.into()),
            }
        } else {
            match in_turn(&whole, db).await {
                // Two rows of one statement can stand in each other's way.
                Err(StoreError::Database(error))
                    if dialect::is_of_database(&error) && whole.len() < self.steps.len() => {}
                done => return done,
            }
        }
        let each: Vec<&[Step]> = self.steps.chunks(1).collect();
        in_turn(&each, db).await
    }

    /// The statements as one, which costs one way to the database instead of one for each statement
    /// and two for the transaction. All of it sees the rows as they were before, and in no order, so
    /// no two may concern one table.
    fn together(&self, runs: &[&[Step]]) -> Option<WithQuery> {
        let alone = |(place, run): (usize, &&[Step])| {
            runs[..place].iter().all(|it| it[0].table != run[0].table)
        };
        let values: usize = self.steps.iter().map(Step::values).sum();
        if self.backend != DbBackend::Postgres
            || runs.len() > TOGETHER
            || values > VALUES
            || !runs.iter().enumerate().all(alone)
        {
            return None;
        }
        let required = runs.iter().map(|run| run[0].missing.is_some());
        let statements = runs.iter().map(|run| statement(run));
        Some(dialect::together(statements.zip(required)))
    }
}

/// Does runs of steps one after another in a transaction.
async fn in_turn(runs: &[&[Step]], db: &Connections) -> Result<(), StoreError> {
    let mut transaction = db.lend().await?.begin().await?;
    for run in runs {
        if let Err(error) = done(run, transaction.lent(), db.get_database_backend()).await {
            transaction.roll_back().await;
            return Err(error);
        }
    }
    Ok(transaction.commit().await?)
}

/// Does a run of steps: one, or rows of one table.
async fn done(run: &[Step], lent: &mut Lent, backend: DbBackend) -> Result<(), StoreError> {
    let done = if backend == DbBackend::Postgres && run.len() >= COLUMNS {
        insert_columns(run, lent, backend).await
    } else {
        lent.execute(built(run, backend)).await
    };
    let done = match (done, run[0].unique) {
        (Err(error), Some(what)) if dialect::is_unique_violation(&error) => {
            return Err(StoreError::Taken(what));
        }
        (done, _) => done?,
    };
    match run[0].missing {
        Some(missing) if done.rows_affected() == 0 => Err(missing()),
        _ => Ok(()),
    }
}

fn built(run: &[Step], backend: DbBackend) -> Statement {
    match &statement(run) {
        SubQueryStatement::InsertStatement(it) => backend.build(it),
        SubQueryStatement::UpdateStatement(it) => backend.build(it),
        SubQueryStatement::DeleteStatement(it) => backend.build(it),
        SubQueryStatement::SelectStatement(it) => backend.build(it),
        SubQueryStatement::WithStatement(it) => backend.build(it),
    }
}

/// Adds many rows of one table, an array for each column.
async fn insert_columns(
    run: &[Step],
    lent: &mut Lent,
    backend: DbBackend,
) -> Result<ExecResult, DbErr> {
    // The last row is the one that tells those who listen.
    let Some((
        table,
        What::Insert {
            columns,
            transaction,
            known,
            ..
        },
    )) = run.last().map(|step| (step.table, &step.what))
    else {
        return Err(DbErr::Type("a run of rows has no row".into()));
    };
    let rows = run.iter().filter_map(|step| match &step.what {
        What::Insert { values, .. } => Some(values.as_slice()),
        What::Change(_) => None,
    });
    let rows: Vec<_> = rows.collect();
    let insert = dialect::from_arrays(table, columns, transaction.as_deref(), known.as_ref())?;
    let text = backend.build(&insert).sql;
    lent.insert(text, columns::arrays(&rows)?).await
}

fn statement(run: &[Step]) -> SubQueryStatement {
    let mut insert = Query::insert();
    for (place, step) in run.iter().enumerate() {
        match &step.what {
            What::Change(statement) => return SubQueryStatement::clone(statement),
            What::Insert {
                columns,
                values,
                transaction,
                known,
            } => {
                if place == 0 {
                    insert.into_table(step.table).columns(columns.clone());
                    known.clone().map(|known| insert.on_conflict(known));
                }
                let values = values.iter().cloned().map(Expr::val);
                insert.values_panic(values.chain(transaction.as_deref().cloned()));
            }
        }
    }
    SubQueryStatement::InsertStatement(insert)
}

impl Step {
    fn of<E: EntityTrait>(what: What) -> Self {
        Self {
            table: E::default().table_name(),
            what,
            missing: None,
            unique: None,
        }
    }

    fn insert<A: ActiveModelTrait>(row: A, known: Option<OnConflict>) -> Self {
        let set = |column: <A::Entity as EntityTrait>::Column| match row.get(column) {
            ActiveValue::Set(value) => Some((column.into_iden(), value)),
            _ => None,
        };
        let columns = <A::Entity as EntityTrait>::Column::iter();
        let (columns, values) = columns.filter_map(set).unzip();
        Self::of::<A::Entity>(What::Insert {
            columns,
            values,
            transaction: None,
            known,
        })
    }

    /// What it means that it changes no row: nothing is written then.
    pub(crate) fn or(&mut self, missing: fn() -> StoreError) -> &mut Self {
        self.missing = Some(missing);
        self
    }

    /// What is taken where something must be unique and is not.
    pub(crate) fn unique(&mut self, what: &'static str) -> &mut Self {
        self.unique = Some(what);
        self
    }

    /// Whether the next step's row can be part of this step's statement.
    fn joins(&self, next: &Self) -> bool {
        let (
            What::Insert { columns, known, .. },
            What::Insert {
                columns: others,
                known: then,
                ..
            },
        ) = (&self.what, &next.what)
        else {
            return false;
        };
        (self.table, columns, known, self.unique) == (next.table, others, then, next.unique)
    }

    fn values(&self) -> usize {
        match &self.what {
            What::Insert { values, .. } => values.len(),
            What::Change(_) => 1,
        }
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.0.write(writing)?;
        self.1.write(writing)
    }
}

impl<R: Record> Record for Vec<R> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.into_iter()
            .try_for_each(|record| record.write(writing))
    }
}

impl<A: Record> Record for Option<A> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.into_iter()
            .try_for_each(|record| record.write(writing))
    }
}
