//! Statements about one row, written once. Their text depends on who asks and on what they ask for, and
//! of both there are few; the row is a value in it. Writing it took a seventh of the server's processor
//! for an application.

use std::sync::Arc;

use quick_cache::sync::Cache;
use sea_orm::{Statement, Value};
use stoa_domain::actor::Actor;
use uuid::Uuid;

use crate::StoreError;
use crate::page::Page;
use crate::picked::Picked;

/// How many are kept; one takes about 4 KiB.
const KEPT: usize = 500;

/// What the text of a statement about a row depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    /// Where the row is.
    pub(crate) table: &'static str,
    /// Who asks.
    pub(crate) actor: Actor,
    /// What they ask for.
    pub(crate) picked: Picked,
    /// What they ask for of others that belong to the row, and which page of them.
    pub(crate) others: Option<(Picked, Page)>,
}

/// A statement, and the row that it was written for.
#[derive(Debug)]
struct Written {
    statement: Statement,
    row: Uuid,
}

/// Statements that were written, by what they ask for.
#[derive(Debug)]
pub(crate) struct Statements(Cache<Asked, Arc<Written>>);

impl Default for Statements {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Statements {
    /// The statement that asks this about a row: as it was written for another one, or is written now.
    pub(crate) fn about(
        &self,
        row: Uuid,
        asked: Asked,
        write: impl FnOnce() -> Result<Statement, StoreError>,
    ) -> Result<Statement, StoreError> {
        if let Some(written) = self.0.get(&asked) {
            return Ok(written.about(row));
        }
        let statement = write()?;
        let written = Written {
            statement: statement.clone(),
            row,
        };
        self.0.insert(asked, Arc::new(written));
        Ok(statement)
    }
}

impl Written {
    /// Nothing else in it is equal to the row's id: ids are unique over all tables.
    fn about(&self, row: Uuid) -> Statement {
        let mut statement = self.statement.clone();
        let this = Value::from(self.row);
        let values = statement.values.iter_mut().flat_map(|it| &mut it.0);
        for value in values.filter(|value| **value == this) {
            *value = row.into();
        }
        statement
    }
}
