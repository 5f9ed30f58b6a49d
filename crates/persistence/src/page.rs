//! Keyset pages: the same for every list.

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ColumnType, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
    Value,
};
use serde::{Deserialize, Serialize};
use stoa_domain::Timestamp;
use uuid::Uuid;

use crate::StoreError;

/// A place in an ordered list. It names list and order, so that a cursor of another one is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The name of list and order.
    pub order: String,
    /// The sort key, where the order is by time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What makes the key unique.
    pub key: Key,
}

/// The last part of every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Key {
    /// A row's id.
    Id(Uuid),
    /// A line's place in the log.
    Sequence(i64),
    /// An end of an application: its id and version.
    End(Uuid, i32),
    /// A place in the feed: a transaction, and a line's place in the log.
    Place(i64, i64),
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Rows at most.
    pub limit: u64,
    /// Only what follows this place.
    pub after: Option<Cursor>,
    /// Only what precedes this place.
    pub before: Option<Cursor>,
    /// Count from the end of the list.
    pub from_end: bool,
}

/// A part of a list, in the list's order.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The values with their places.
    pub items: Vec<(Cursor, T)>,
    /// Whether something precedes them.
    pub has_previous: bool,
    /// Whether something follows them.
    pub has_next: bool,
}

/// An order of a table: by a time and a unique key, or by the key alone. No two orders share a name.
pub(crate) struct Keyset<C> {
    pub(crate) name: &'static str,
    pub(crate) time: Option<C>,
    pub(crate) key: Vec<C>,
    pub(crate) descending: bool,
}

impl Page {
    /// The first rows of a list.
    pub const fn first(limit: u64) -> Self {
        Self {
            limit,
            after: None,
            before: None,
            from_end: false,
        }
    }

    /// Puts the rows into the list's order and says what lies around them.
    pub(crate) fn slice<T>(&self, mut items: Vec<(Cursor, T)>) -> Slice<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        if self.from_end {
            items.reverse();
            return Slice {
                items,
                has_previous: more,
                has_next: self.before.is_some(),
            };
        }
        Slice {
            items,
            has_previous: self.after.is_some(),
            has_next: more,
        }
    }
}

impl<T> Slice<T> {
    /// The same places with other values.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Slice<U> {
        let items = self.items.into_iter();
        Slice {
            items: items.map(|(cursor, it)| (cursor, change(it))).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

impl Key {
    fn values(self) -> Vec<Value> {
        match self {
            Self::Id(id) => vec![id.into()],
            Self::Sequence(sequence) => vec![sequence.into()],
            Self::End(id, version) => vec![id.into(), version.into()],
            Self::Place(transaction, sequence) => vec![transaction.into(), sequence.into()],
        }
    }
}

impl<C: ColumnTrait> Keyset<C> {
    /// Narrows a select to the page, one row more than asked for, to know whether something follows.
    pub(crate) fn select<E: EntityTrait>(
        &self,
        mut select: Select<E>,
        page: &Page,
    ) -> Result<Select<E>, StoreError> {
        for (cursor, forward) in [(&page.after, true), (&page.before, false)] {
            if let Some(cursor) = cursor {
                select = select.filter(self.beyond(cursor, forward)?);
            }
        }
        for (column, order) in self.order(page) {
            select = select.order_by(column, order);
        }
        Ok(select.limit(page.limit + 1))
    }

    /// By which columns a page is ordered.
    pub(crate) fn order(&self, page: &Page) -> impl Iterator<Item = (C, Order)> {
        let descending = self.descending != page.from_end;
        let order = if descending { Order::Desc } else { Order::Asc };
        let columns = self.time.iter().chain(&self.key);
        columns.map(move |column| (*column, order.clone()))
    }

    fn beyond(&self, cursor: &Cursor, forward: bool) -> Result<SimpleExpr, StoreError> {
        let key = cursor.key.values();
        if cursor.order != self.name
            || cursor.at.is_some() != self.time.is_some()
            || key.len() != self.key.len()
            || !self.key.iter().zip(&key).all(fits)
        {
            return Err(StoreError::Cursor);
        }
        let mut values: Vec<SimpleExpr> = cursor.at.iter().map(|at| Expr::val(*at)).collect();
        values.extend(key.into_iter().map(Expr::val));
        let columns: Vec<SimpleExpr> = self
            .time
            .iter()
            .chain(&self.key)
            .map(|column| Expr::col(column.as_column_ref()))
            .collect();
        let (columns, values) = (Expr::tuple(columns), Expr::tuple(values));
        Ok(if forward == self.descending {
            columns.lt(values)
        } else {
            columns.gt(values)
        })
    }

    pub(crate) fn cursor(&self, at: Option<Timestamp>, key: Key) -> Cursor {
        Cursor {
            order: self.name.to_owned(),
            at,
            key,
        }
    }
}

/// Whether a value of a cursor is one that the column holds: whoever writes a cursor by hand is
/// refused here, not by the database.
fn fits<C: ColumnTrait>((column, value): (&C, &Value)) -> bool {
    matches!(
        (column.def().get_column_type(), value),
        (ColumnType::Uuid, Value::Uuid(_))
            | (ColumnType::BigInteger, Value::BigInt(_))
            | (ColumnType::Integer, Value::Int(_))
    )
}
