//! What a record has the database do: write a row, or one statement.

use std::hash::{Hash, Hasher};

use sea_orm::sea_query::{DynIden, IntoIden, OnConflict, SubQueryStatement};
use sea_orm::{
    ActiveModelTrait, ActiveValue, EntityName, EntityTrait, Iterable, PrimaryKeyToColumn, Value,
};

use crate::StoreError;
use crate::entity::activities;

/// The column that every write of a row counts up.
const VERSION: &str = "version";

/// One row, or one statement.
#[derive(Debug)]
pub(crate) struct Step {
    pub(super) what: What,
    /// What it means that it changes no row.
    pub(super) missing: Option<fn() -> StoreError>,
    /// What is taken where something must be unique and is not.
    pub(super) unique: Option<&'static str>,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum What {
    /// Writes a row with these values.
    Row { form: Form, values: Vec<Value> },
    /// Changes or deletes rows of a table.
    Statement {
        table: &'static str,
        statement: Box<SubQueryStatement>,
    },
}

/// How a row is written, whatever its values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) table: &'static str,
    /// What each value is for.
    pub(super) columns: Vec<DynIden>,
    pub(super) how: How,
}

/// What becomes of a row's values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum How {
    /// They are a new row.
    Insert {
        /// What is done where the row is there already.
        known: Option<Known>,
        /// Whether the row is a line of the log, and who is told of it when it is committed.
        line: Option<Told>,
    },
    /// They replace those of the row that has the last so many of them: its key, and a version.
    Replace { found_by: usize },
}

/// A row that may be there already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Known {
    by: Vec<DynIden>,
    renewed: Vec<DynIden>,
}

/// Which other processes a line of the log tells of its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Told {
    /// None.
    Nobody,
    /// All that listen.
    Listeners,
    /// All that listen, and remember who holds a session.
    Rememberers,
}

impl Step {
    /// Adds a row.
    pub(super) fn insert<A: ActiveModelTrait>(row: A, known: Option<Known>) -> Self {
        let (columns, values) = set(row).unzip();
        Self::row::<A>(columns, values, How::Insert { known, line: None })
    }

    /// Replaces a row, if its version is the one before.
    pub(super) fn replace<A: ActiveModelTrait>(mut row: A, version: i32) -> Self {
        let key = <A::Entity as EntityTrait>::PrimaryKey::iter().map(|key| {
            let key = key.into_column();
            // A row without a key is none: nothing is found by it.
            let id = row.take(key).into_value().unwrap_or(Value::Uuid(None));
            (key.into_iden(), id)
        });
        let mut found_by: Vec<_> = key.collect();
        found_by.push((VERSION.into_iden(), Value::from(version - 1)));
        let how = How::Replace {
            found_by: found_by.len(),
        };
        let (columns, values) = set(row).chain(found_by).unzip();
        Self::row::<A>(columns, values, how)
    }

    /// Changes or deletes rows.
    pub(super) fn statement<E: EntityTrait>(statement: SubQueryStatement) -> Self {
        Self::of(What::Statement {
            table: E::default().table_name(),
            statement: Box::new(statement),
        })
    }

    fn row<A: ActiveModelTrait>(columns: Vec<DynIden>, values: Vec<Value>, how: How) -> Self {
        let table = A::Entity::default().table_name();
        let form = Form {
            table,
            columns,
            how,
        };
        Self::of(What::Row { form, values })
    }

    const fn of(what: What) -> Self {
        Self {
            what,
            missing: None,
            unique: None,
        }
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

    /// A line of the log, as it is written: with its transaction, and whom it tells.
    pub(super) fn telling(mut self, told: Told) -> Self {
        if let What::Row { form, .. } = &mut self.what
            && let How::Insert { line, .. } = &mut form.how
        {
            *line = Some(told);
            form.columns
                .push(activities::Column::TransactionId.into_iden());
        }
        self
    }

    pub(super) const fn table(&self) -> &'static str {
        match &self.what {
            What::Row { form, .. } => form.table,
            What::Statement { table, .. } => table,
        }
    }

    /// How its row is written, if it is one.
    pub(super) const fn form(&self) -> Option<&Form> {
        match &self.what {
            What::Row { form, .. } => Some(form),
            What::Statement { .. } => None,
        }
    }

    /// The values of its row.
    pub(super) fn values(&self) -> &[Value] {
        match &self.what {
            What::Row { values, .. } => values,
            What::Statement { .. } => &[],
        }
    }

    /// Whether the next step's row can be part of this step's statement.
    pub(super) fn joins(&self, next: &Self) -> bool {
        let (Some(form), Some(other)) = (self.form(), next.form()) else {
            return false;
        };
        self.unique == next.unique && form.joins(other)
    }
}

impl Hash for Form {
    /// Two forms of one table hardly have as many columns: names are compared, and not read twice.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.table, self.columns.len(), &self.how).hash(state);
    }
}

impl Form {
    fn joins(&self, next: &Self) -> bool {
        let (
            How::Insert { known, line },
            How::Insert {
                known: then,
                line: after,
            },
        ) = (&self.how, &next.how)
        else {
            return false;
        };
        (self.table, &self.columns, known) == (next.table, &next.columns, then)
            && line.is_some() == after.is_some()
    }
}

impl Known {
    /// The row with the same values in some columns, of which others are written anew.
    pub(super) fn by<C: IntoIden>(
        by: impl IntoIterator<Item = C>,
        renewed: impl IntoIterator<Item = C>,
    ) -> Self {
        Self {
            by: by.into_iter().map(IntoIden::into_iden).collect(),
            renewed: renewed.into_iter().map(IntoIden::into_iden).collect(),
        }
    }

    pub(super) fn on_conflict(&self) -> OnConflict {
        let mut known = OnConflict::columns(self.by.iter().cloned());
        known.update_columns(self.renewed.iter().cloned());
        known
    }
}

/// The columns of a row that are set, and their values.
fn set<A: ActiveModelTrait>(mut row: A) -> impl Iterator<Item = (DynIden, Value)> {
    let columns = <A::Entity as EntityTrait>::Column::iter();
    columns.filter_map(move |column| match row.take(column) {
        ActiveValue::Set(value) => Some((column.into_iden(), value)),
        _ => None,
    })
}
