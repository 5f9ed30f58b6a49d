//! The writing door: the only place where a transaction is opened.
//!
//! A record is a new row, or a changed state with the line that explains it. Records that belong
//! together are committed together, or not at all. A changed state is written only over the version
//! it came from; if somebody else was faster, nothing is written and the caller learns of it.

use std::future::Future;

use sea_orm::{
    ActiveModelTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use stoa_domain::change::{Change, Subject};
use stoa_domain::membership::Membership;

use crate::{Store, StoreError};

/// A transaction under way.
#[derive(Debug)]
pub struct Writing {
    pub(crate) tx: DatabaseTransaction,
    /// What the first line of the log in it is about.
    pub(crate) effect: Option<Subject>,
    /// Whether the log has new lines.
    pub(crate) logged: bool,
}

/// Something that can be committed.
pub trait Record: Send {
    /// Writes it; nothing is visible before the transaction ends.
    fn write(self, writing: &mut Writing) -> impl Future<Output = Result<(), StoreError>> + Send;
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
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub async fn commit(&self, record: impl Record) -> Result<(), StoreError> {
        let tx = self
            .db
            .begin_with_options(TransactionOptions {
                // A deferred transaction that reads and then writes fails under other writers.
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        let mut writing = Writing {
            tx,
            effect: None,
            logged: false,
        };
        // Dropping the transaction on an early return rolls it back.
        record.write(&mut writing).await?;
        if let (Some(mark), Some(effect)) = (&self.mark, writing.effect) {
            mark.leave(effect, &writing).await?;
        }
        writing.tx.commit().await?;
        if writing.logged {
            self.news.notify_one();
        }
        Ok(())
    }
}

impl Writing {
    /// Inserts the first version, or replaces the version before this one.
    pub(crate) async fn versioned<A>(
        &self,
        row: A,
        version: i32,
        same_row: Condition,
    ) -> Result<(), StoreError>
    where
        A: ActiveModelTrait,
    {
        if version == 1 {
            A::Entity::insert(row)
                .exec_without_returning(&self.tx)
                .await?;
            return Ok(());
        }
        let done = A::Entity::update_many()
            .set(row)
            .filter(same_row)
            .exec(&self.tx)
            .await?;
        if done.rows_affected == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    async fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.0.write(writing).await?;
        self.1.write(writing).await
    }
}

impl<R: Record> Record for Vec<R> {
    async fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        for record in self {
            record.write(writing).await?;
        }
        Ok(())
    }
}

impl<A: Record> Record for Option<A> {
    async fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        match self {
            Some(record) => record.write(writing).await,
            None => Ok(()),
        }
    }
}

/// Names what a broken uniqueness means; other failures stay what they are.
pub(crate) fn taken(error: StoreError, what: &'static str) -> StoreError {
    match &error {
        StoreError::Database(inner)
            if matches!(
                inner.sql_err(),
                Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
            ) =>
        {
            StoreError::Taken(what)
        }
        _ => error,
    }
}
