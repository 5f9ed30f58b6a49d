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
    /// Which columns they ask for; none means all.
    pub(crate) picked: Option<Picked>,
    /// What they ask for of others that belong to the row, and which page of them.
    pub(crate) others: Option<(Picked, Page)>,
}

/// Statements that were written, by what they ask for.
#[derive(Debug)]
pub(crate) struct Statements(Cache<Asked, Arc<Statement>>);

impl Default for Statements {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Statements {
    /// The statement that asks this about a row: as it was written before, or is written now, for no row
    /// at all. Ids of callers cannot be mistaken for that one.
    pub(crate) fn about(
        &self,
        row: Uuid,
        asked: Asked,
        write: impl FnOnce(Uuid) -> Result<Statement, StoreError>,
    ) -> Result<Statement, StoreError> {
        let nobody = Uuid::nil();
        let written = self
            .0
            .get_or_insert_with(&asked, || write(nobody).map(Arc::new))?;
        let mut statement = Statement::clone(&written);
        let nobody = Value::from(nobody);
        let values = statement.values.iter_mut().flat_map(|it| &mut it.0);
        for value in values.filter(|value| **value == nobody) {
            *value = row.into();
        }
        Ok(statement)
    }
}
