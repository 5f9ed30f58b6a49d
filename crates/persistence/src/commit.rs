//! The writing door: the only place where rows are written.
//!
//! A record is a new row, or a changed state with the line that explains it. It says its steps, and the
//! steps of records that belong together are done together, or none of them is. A changed state is
//! written only over the version it came from; if somebody else was faster, nothing is written and the
//! caller learns of it.

use sea_orm::sea_query::{InsertStatement, OnConflict, SubQueryStatement, WithQuery};
use sea_orm::{
    ActiveModelTrait, Condition, ConnectionTrait, DbBackend, DeleteMany, EntityTrait, QueryFilter,
    QueryTrait, UpdateMany,
};
use stoa_domain::change::{Change, Subject};
use stoa_domain::membership::Membership;

use crate::connections::{Connections, Lent};
use crate::{Store, StoreError, dialect};

/// More steps than these are done one after another on `PostgreSQL`, too.
const TOGETHER: usize = 8;

/// What is to be written, and what it means.
#[derive(Debug)]
pub struct Writing {
    pub(crate) backend: DbBackend,
    steps: Vec<Step>,
    /// What the first line of the log in it is about.
    pub(crate) effect: Option<Subject>,
    /// Whether the log has new lines.
    pub(crate) logged: bool,
    /// Whether an account or a session is another than before.
    pub(crate) holders: bool,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Step {
    table: &'static str,
    statement: SubQueryStatement,
    /// What it means that it changes no row.
    missing: Option<fn() -> StoreError>,
    /// What is taken where something must be unique and is not.
    unique: Option<&'static str>,
}

/// Something that can be committed.
pub trait Record: Send {
    /// Says what is to be written.
    fn write(self, writing: &mut Writing) -> Result<(), StoreError>;
}

/// A membership that begins, and how many a program takes.
#[derive(Clone, Debug)]
pub struct NewMembership {
    /// The membership.
    pub change: Change<Membership>,
    /// The most members the program takes at once; none means no cap.
    pub capacity: Option<u32>,
}

impl Store {
    /// Writes a record and all that belongs to it, then wakes the reader of the log.
    pub async fn commit(&self, record: impl Record) -> Result<(), StoreError> {
        let mut writing = Writing {
            backend: self.db.get_database_backend(),
            steps: Vec::new(),
            effect: None,
            logged: false,
            holders: false,
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
        }
        Ok(())
    }
}

impl Writing {
    /// Inserts a row.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, row: A) -> &mut Step {
        let insert = A::Entity::insert(row).into_query();
        self.step::<A::Entity>(SubQueryStatement::InsertStatement(insert))
    }

    /// Inserts a row, or changes the one that is there.
    pub(crate) fn upsert<A: ActiveModelTrait>(&mut self, row: A, known: OnConflict) -> &mut Step {
        let insert = A::Entity::insert(row).on_conflict(known).into_query();
        self.step::<A::Entity>(SubQueryStatement::InsertStatement(insert))
    }

    /// Inserts a row whose values the database finds.
    pub(crate) fn insert_found<E: EntityTrait>(&mut self, insert: InsertStatement) -> &mut Step {
        self.step::<E>(SubQueryStatement::InsertStatement(insert))
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
        let step = Step {
            table: E::default().table_name(),
            statement,
            missing: None,
            unique: None,
        };
        self.steps.push_mut(step)
    }

    /// Does all of it, or nothing.
    async fn done(&self, db: &Connections) -> Result<(), StoreError> {
        let [first, others @ ..] = &self.steps[..] else {
            return Ok(());
        };
        let _alone = db.alone().await;
        let mut lent = db.lend().await?;
        if others.is_empty() {
            first.done(&mut lent, self.backend).await?;
            lent.give_back();
            return Ok(());
        }
        if let Some(statement) = self.together() {
            match lent.execute(self.backend.build(&statement)).await {
                Ok(_) => {
                    lent.give_back();
                    return Ok(());
                }
                // Nothing was written. One after another, they say what stands against it.
                Err(error) if dialect::is_of_database(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut transaction = lent.begin().await?;
        for step in &self.steps {
            if let Err(error) = step.done(transaction.lent(), self.backend).await {
                transaction.roll_back().await;
                return Err(error);
            }
        }
        Ok(transaction.commit().await?)
    }

    /// The steps as one statement, which costs one way to the database instead of one for each step
    /// and two for the transaction. All of it sees the rows as they were before, and in no order, so
    /// no two steps may concern one table.
    fn together(&self) -> Option<WithQuery> {
        let alone = |(place, step): (usize, &Step)| {
            self.steps[..place].iter().all(|it| it.table != step.table)
        };
        if self.backend != DbBackend::Postgres
            || self.steps.len() > TOGETHER
            || !self.steps.iter().enumerate().all(alone)
        {
            return None;
        }
        let required = self.steps.iter().map(|step| step.missing.is_some());
        let statements = self.steps.iter().map(|step| step.statement.clone());
        Some(dialect::together(statements.zip(required)))
    }
}

impl Step {
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

    async fn done(&self, lent: &mut Lent, backend: DbBackend) -> Result<(), StoreError> {
        let statement = match &self.statement {
            SubQueryStatement::InsertStatement(it) => backend.build(it),
            SubQueryStatement::UpdateStatement(it) => backend.build(it),
            SubQueryStatement::DeleteStatement(it) => backend.build(it),
            SubQueryStatement::SelectStatement(it) => backend.build(it),
            SubQueryStatement::WithStatement(it) => backend.build(it),
        };
        let done = match (lent.execute(statement).await, self.unique) {
            (Err(error), Some(what)) if dialect::is_unique_violation(&error) => {
                return Err(StoreError::Taken(what));
            }
            (done, _) => done?,
        };
        match self.missing {
            Some(missing) if done.rows_affected() == 0 => Err(missing()),
            _ => Ok(()),
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
