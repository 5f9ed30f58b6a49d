//! Columns of rows, for readers who need no whole values: what a list shows is often a tenth of what its
//! rows hold, and a value is only whole when its documents are read, too.
//!
//! Which rows there are is decided where it always is; what a row points at is read as in `near.rs`.

use std::sync::Arc;

use sea_orm::sea_query::{DynIden, Expr, ExprTrait, IntoIden, Query};
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DeriveIden, EntityTrait, JoinType, QueryResult,
    QuerySelect, QueryTrait, Select, Statement, TryGetable,
};
use stoa_domain::Timestamp;
use uuid::Uuid;

use crate::cells::Cells;
use crate::near::Pointers;
use crate::page::{Cursor, Key, Keyset, Page, Slice};
use crate::{StoreError, View, dialect, visibility};

/// A column that can be picked: it says by itself what the field shows. Not every table has each.
#[derive(Clone, Copy, Debug, DeriveIden, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields of the schema have the same names")]
pub enum Column {
    Id,
    Version,
    Kind,
    Status,
    Key,
    Name,
    Email,
    Domain,
    Repository,
    ExternalId,
    ManualSteps,
    CreatedAt,
    SubmittedAt,
    DueAt,
    StartedAt,
    EndsOn,
    DisabledAt,
    AssigneeId,
    Sequence,
    Verb,
    Mode,
    At,
}

/// Where a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// In the row.
    Row,
    /// In the program that the row points at.
    Program,
    /// In its organisation.
    Organization,
    /// In its applicant.
    Applicant,
    /// In whoever works on it.
    Assignee,
}

/// Which columns are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Picked(Vec<(Of, Column)>);

/// What was read of a row, in the order in which it was picked.
#[derive(Debug)]
pub struct PickedRow {
    row: Arc<QueryResult>,
    first: usize,
}

impl Of {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Program => "program",
            Self::Organization => "organization",
            Self::Applicant => "applicant",
            Self::Assignee => "assignee",
        }
    }
}

impl Picked {
    /// Picks a column, and says which place of the row it has.
    pub fn pick(&mut self, of: Of, column: Column) -> usize {
        let picked = (of, column);
        let known = self.0.iter().position(|it| *it == picked);
        known.unwrap_or_else(|| {
            self.0.push(picked);
            self.0.len() - 1
        })
    }

    /// All of them, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Of, Column)> {
        self.0.iter().copied()
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether any is of this table.
    pub(crate) fn has(&self, of: Of) -> bool {
        self.0.iter().any(|it| it.0 == of)
    }
}

impl PickedRow {
    /// What stands at a place, if anything does.
    fn get<T>(&self, place: usize) -> Result<Option<T>, StoreError>
    where
        Option<T>: TryGetable,
    {
        Ok(self.row.try_get_by_index(self.first + place)?)
    }

    /// A text.
    pub fn text(&self, place: usize) -> Result<Option<String>, StoreError> {
        self.get(place)
    }

    /// The number of an id.
    pub fn uuid(&self, place: usize) -> Result<Option<Uuid>, StoreError> {
        self.get(place)
    }

    /// A number.
    pub fn number(&self, place: usize) -> Result<Option<i32>, StoreError> {
        self.get(place)
    }

    /// A line's place in the log.
    pub fn sequence(&self, place: usize) -> Result<Option<i64>, StoreError> {
        self.get(place)
    }

    /// An instant.
    pub fn time(&self, place: usize) -> Result<Option<Timestamp>, StoreError> {
        self.get(place)
    }

    /// A day.
    pub fn day(&self, place: usize) -> Result<Option<chrono::NaiveDate>, StoreError> {
        self.get(place)
    }
}

impl View {
    /// Whether this viewer sees what rows point at, wherever they see the row.
    pub fn sees(&self, of: Of) -> bool {
        match of {
            Of::Row | Of::Program | Of::Organization => true,
            Of::Applicant => visibility::sees_applicants(&self.actor),
            Of::Assignee => visibility::sees_team(&self.actor),
        }
    }

    /// What reads the picked columns of a row.
    pub(crate) fn picking<E>(
        &self,
        select: Select<E>,
        pointers: Pointers<E::Column>,
        picked: &Picked,
    ) -> Statement
    where
        E: EntityTrait,
    {
        let mut query = select.select_only().into_query();
        if picked.0.is_empty() {
            // Only whether it is there.
            query.expr(Expr::val(1));
        }
        self.pick(&mut query, E::default().table_name(), &pointers, picked);
        self.db().get_database_backend().build(&query)
    }

    /// The picked columns of a row.
    pub(crate) async fn picked(
        &self,
        statement: Statement,
    ) -> Result<Option<PickedRow>, StoreError> {
        let row = self.db().query_one_raw(statement).await?;
        let row = row.map(Arc::new);
        Ok(row.map(|row| PickedRow { row, first: 0 }))
    }

    /// What reads the picked columns of a row, and those of a page of others that belong to it: the row
    /// is repeated for each of them, which costs less than asking twice.
    pub(crate) fn picking_with_page<E, F>(
        &self,
        select: Select<E>,
        pointers: Pointers<E::Column>,
        picked: &Picked,
        (others, keyset, page): (Select<F>, &Keyset<F::Column>, &Page),
        picked_of_others: &Picked,
    ) -> Result<Statement, StoreError>
    where
        E: EntityTrait,
        F: EntityTrait,
    {
        const OTHERS: &str = "others";
        let table = E::default().table_name();
        let mut row = select.select_only().into_query();
        let needed = needed(&[], &pointers, picked);
        row.columns(needed.into_iter().map(|column| (table, column)));
        let mut query = Query::select();
        query.from_subquery(row, table);
        self.pick(&mut query, table, &pointers, picked);
        let mut others = keyset.select(others.select_only(), page)?.into_query();
        let table = F::default().table_name();
        // The key says whether there is a row at all.
        others.expr_as(Expr::col((table, keyset.key[0])), "key");
        for (place, (_, column)) in picked_of_others.iter().enumerate() {
            others.expr_as(Expr::col((table, column)), format!("column_{place}"));
        }
        // Last, so that its limit is the last value, and can be written out.
        let there = Expr::col((OTHERS, "key")).is_not_null();
        query.join_subquery(JoinType::LeftJoin, others, OTHERS, there);
        query.column((OTHERS, "key"));
        for place in 0..picked_of_others.0.len() {
            query.column((OTHERS, format!("column_{place}")));
        }
        if let Some((_, order)) = keyset.order(page).next() {
            query.order_by((OTHERS, "key"), order);
        }
        let backend = self.db().get_database_backend();
        Ok(dialect::with_literal_limit(backend, &query))
    }

    /// The same, read: so many columns of the row come first.
    pub(crate) async fn picked_with_page<C>(
        &self,
        statement: Statement,
        columns: usize,
        keyset: &Keyset<C>,
        page: &Page,
    ) -> Result<Option<(PickedRow, Slice<PickedRow>)>, StoreError>
    where
        C: ColumnTrait,
    {
        let rows = self.db().query_all_raw(statement).await?.into_iter();
        let rows: Vec<_> = rows.map(Arc::new).collect();
        let Some(row) = rows.first().map(Arc::clone) else {
            return Ok(None);
        };
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(key) = row.try_get_by_index::<Option<i64>>(columns)? {
                let cursor = keyset.cursor(None, Key::Sequence(key));
                let first = columns + 1;
                items.push((cursor, PickedRow { row, first }));
            }
        }
        Ok(Some((PickedRow { row, first: 0 }, page.slice(items))))
    }

    /// The picked columns of a page of rows.
    pub(crate) async fn picked_page<E>(
        &self,
        select: Select<E>,
        keyset: &Keyset<E::Column>,
        page: &Page,
        pointers: Pointers<E::Column>,
        picked: &Picked,
    ) -> Result<Slice<PickedRow>, StoreError>
    where
        E: EntityTrait,
    {
        let table = E::default().table_name();
        let key: Vec<_> = keyset.time.iter().chain(&keyset.key).copied().collect();
        let mut query = keyset.select(select.select_only(), page)?.into_query();
        if !picked.iter().all(|(of, _)| of == Of::Row) {
            // As where whole rows are read: the page is cut first.
            let mut rows = std::mem::take(&mut query);
            let needed = needed(&key, &pointers, picked);
            rows.columns(needed.into_iter().map(|column| (table, column)));
            query.from_subquery(rows, table);
            for (column, order) in keyset.order(page) {
                query.order_by((table, column), order);
            }
        }
        query.columns(key.into_iter().map(|column| (table, column)));
        self.pick(&mut query, table, &pointers, picked);
        let statement = dialect::with_literal_limit(self.db().get_database_backend(), &query);
        let rows = self.db().query_all_raw(statement).await?.into_iter();
        let items = rows.map(|row| {
            let mut cells = Cells::new(&row);
            let at = cells.next_if(keyset.time.is_some())?;
            let key = match keyset.key[0].def().get_column_type() {
                ColumnType::Uuid => Key::Id(cells.next()?),
                _ => Key::Sequence(cells.next()?),
            };
            let (first, row) = (cells.passed(), Arc::new(row));
            Ok((keyset.cursor(at, key), PickedRow { row, first }))
        });
        Ok(page.slice(items.collect::<Result<Vec<(Cursor, _)>, StoreError>>()?))
    }
}

/// The columns of a row that a statement around it needs: its key, what points at other rows, and what
/// is picked.
fn needed<C: ColumnTrait>(key: &[C], pointers: &Pointers<C>, picked: &Picked) -> Vec<DynIden> {
    let needed = key.iter().copied().chain(pointers.all());
    let mut needed: Vec<_> = needed.map(IntoIden::into_iden).collect();
    for (_, column) in picked.iter().filter(|(of, _)| *of == Of::Row) {
        let column = column.into_iden();
        if !needed.contains(&column) {
            needed.push(column);
        }
    }
    needed
}
