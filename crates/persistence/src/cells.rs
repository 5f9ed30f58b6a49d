//! Rows read by position. Looking each column up by its name costs more than reading it, and pages
//! have hundreds of rows.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryResult, QueryTrait, Select, TryGetable};

use crate::{View, dialect};

/// The cells of a row, from left to right.
pub(crate) struct Cells<'a> {
    row: &'a QueryResult,
    at: usize,
}

/// A row of a table, whose columns are read in the order in which the entity has them.
pub(crate) trait Row: Sized {
    /// How many columns it has.
    const COLUMNS: usize;

    /// Reads them.
    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr>;
}

impl<'a> Cells<'a> {
    pub(crate) const fn new(row: &'a QueryResult) -> Self {
        Self { row, at: 0 }
    }

    /// The next cell.
    pub(crate) fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.at);
        self.at += 1;
        value
    }

    /// The next cell, where the row has one.
    pub(crate) fn next_if<T>(&mut self, there: bool) -> Result<Option<T>, DbErr>
    where
        Option<T>: TryGetable,
    {
        if there { self.next() } else { Ok(None) }
    }

    /// The next cell, which stays the next.
    pub(crate) fn peek<T: TryGetable>(&self) -> Result<T, DbErr> {
        self.row.try_get_by_index(self.at)
    }

    /// How many were read.
    pub(crate) const fn passed(&self) -> usize {
        self.at
    }

    /// Passes the columns of a row.
    pub(crate) const fn skip<R: Row>(&mut self) {
        self.at += R::COLUMNS;
    }
}

impl View {
    /// The rows of a select.
    pub(crate) async fn rows<E>(&self, select: Select<E>) -> Result<Vec<E::Model>, DbErr>
    where
        E: EntityTrait,
        E::Model: Row,
    {
        let backend = self.db().get_database_backend();
        let statement = dialect::with_literal_limit(backend, &select.into_query());
        let rows = self.db().query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Row::read(&mut Cells::new(row)))
            .collect()
    }
}
