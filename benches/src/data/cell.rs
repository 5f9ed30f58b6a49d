//! What a row is made of, for both engines.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use stoa_domain::id::Id;
use uuid::Uuid;

use crate::{Failure, Result};

/// One value of a row.
pub enum Cell {
    /// Nothing.
    Null,
    /// An id.
    Uuid(Uuid),
    /// A text, also one that holds JSON.
    Text(String),
    /// A number.
    Int(i32),
    /// A large number.
    Big(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant.
    Time(DateTime<Utc>),
    /// A day.
    Date(NaiveDate),
}

/// The values of a row, in the order of the table's columns.
pub type Cells = Vec<Cell>;

/// A table, as far as it is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that are given, as SQL lists them; others keep their default.
    pub columns: &'static str,
}

/// A value that is kept as a row.
pub trait Row {
    /// In which table.
    const TABLE: Table;

    /// The values of its columns.
    fn cells(&self) -> Result<Cells>;
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T> From<Id<T>> for Cell {
    fn from(id: Id<T>) -> Self {
        Self::Uuid(id.uuid())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Int(number)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Big(number)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Date(day)
    }
}

/// The stored name of an enum without data.
pub fn name<T: Serialize>(value: &T) -> Result<Cell> {
    match serde_json::to_value(value)? {
        Value::String(name) => Ok(Cell::Text(name)),
        other => Err(Failure::from(format!("{other} is not the name of a value"))),
    }
}

/// A document as it is stored.
pub fn json<T: Serialize>(value: &T) -> Result<Cell> {
    Ok(Cell::Text(serde_json::to_string(value)?))
}
