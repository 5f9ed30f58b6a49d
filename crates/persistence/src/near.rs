//! What a row points at, read with it in the same statement: a page of a queue names its programs,
//! organisations and people, and a statement for each kind of them would cost as much as the page.
//!
//! Only what is visible because the row is visible is read here. Whatever is missing is not hidden:
//! a reader by id decides.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, JoinType, QueryTrait, Select,
};
use stoa_domain::account::Account;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use uuid::Uuid;

use crate::cells::{Cells, Row};
use crate::entity::{accounts, organizations, programs};
use crate::page::{Keyset, Page};
use crate::{StoreError, View, dialect, visibility};

/// What is to be read with a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// The program.
    pub program: bool,
    /// The organisation.
    pub organization: bool,
    /// The applicant.
    pub applicant: bool,
    /// Who works on it.
    pub assignee: bool,
}

/// What was read with a row. What is not here was not wanted, is not there, or has to be asked for by id.
#[derive(Clone, Debug, Default)]
pub struct Near {
    /// The program.
    pub program: Option<Arc<Program>>,
    /// The organisation.
    pub organization: Option<Arc<Organization>>,
    /// The applicant.
    pub applicant: Option<Arc<Account>>,
    /// Who works on it.
    pub assignee: Option<Arc<Account>>,
}

/// The columns of a table that point at something.
pub(crate) struct Pointers<C> {
    pub(crate) program: C,
    pub(crate) organization: C,
    pub(crate) people: Option<People<C>>,
}

/// The columns of a table that point at people.
pub(crate) struct People<C> {
    pub(crate) applicant: C,
    pub(crate) assignee: C,
}

impl View {
    /// A page of rows with what is wanted of what they point at. The page is cut first: `PostgreSQL` then
    /// keeps one plan for all places in the list, where it would plan the joins anew for each.
    pub(crate) async fn page_with_near<E>(
        &self,
        select: Select<E>,
        (keyset, page): (&Keyset<E::Column>, &Page),
        pointers: Pointers<E::Column>,
        wanted: Beside,
    ) -> Result<Vec<(E::Model, Near)>, StoreError>
    where
        E: EntityTrait,
        E::Model: Row,
    {
        let rows = keyset.select(select, page)?.into_query();
        if wanted == Beside::default() {
            return self.read_with_near::<E>(rows, pointers, wanted).await;
        }
        let table = E::default().table_name();
        let mut query = Query::select();
        query
            .columns(E::Column::iter().map(|column| (table, column)))
            .from_subquery(rows, table);
        for (column, order) in keyset.order(page) {
            query.order_by((table, column), order);
        }
        self.read_with_near::<E>(query, pointers, wanted).await
    }

    /// Rows with what is wanted of what they point at.
    pub(crate) async fn with_near<E>(
        &self,
        select: Select<E>,
        pointers: Pointers<E::Column>,
        wanted: Beside,
    ) -> Result<Vec<(E::Model, Near)>, StoreError>
    where
        E: EntityTrait,
        E::Model: Row,
    {
        let query = select.into_query();
        self.read_with_near::<E>(query, pointers, wanted).await
    }

    async fn read_with_near<E>(
        &self,
        mut query: SelectStatement,
        pointers: Pointers<E::Column>,
        wanted: Beside,
    ) -> Result<Vec<(E::Model, Near)>, StoreError>
    where
        E: EntityTrait,
        E::Model: Row,
    {
        let program = wanted.program.then_some(pointers.program);
        let organization = wanted.organization.then_some(pointers.organization);
        let people = pointers.people;
        let applicant = people.as_ref().map(|it| it.applicant);
        let applicant =
            applicant.filter(|_| wanted.applicant && visibility::sees_applicants(&self.actor));
        let assignee = people.as_ref().map(|it| it.assignee);
        let assignee = assignee.filter(|_| wanted.assignee && visibility::sees_team(&self.actor));
        let account = accounts::Column::Id;
        let staff = SimpleExpr::Constant("STAFF".into());
        let team = Expr::col(("assignee", accounts::Column::Kind)).eq(staff);
        join::<programs::Entity>(&mut query, "program", programs::Column::Id, program, None);
        join::<organizations::Entity>(
            &mut query,
            "organization",
            organizations::Column::Id,
            organization,
            None,
        );
        join::<accounts::Entity>(&mut query, "applicant", account, applicant, None);
        join::<accounts::Entity>(&mut query, "assignee", account, assignee, Some(team));
        let statement = dialect::with_literal_limit(self.db().get_database_backend(), &query);
        let rows = self.db().query_all_raw(statement).await?;
        let (mut programs, mut organizations, mut accounts) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let model = E::Model::read(&mut cells)?;
                let mut near = Near::default();
                if program.is_some() {
                    near.program = known(&mut cells, &mut programs, |row| {
                        Ok(crate::programs::program(row))
                    })?;
                }
                if organization.is_some() {
                    near.organization = known(&mut cells, &mut organizations, |row| {
                        Ok(crate::organizations::from_row(row))
                    })?;
                }
                if applicant.is_some() {
                    near.applicant = known(&mut cells, &mut accounts, crate::accounts::from_row)?;
                }
                if assignee.is_some() {
                    near.assignee = known(&mut cells, &mut accounts, crate::accounts::from_row)?;
                }
                Ok((model, near))
            })
            .collect()
    }
}

/// Adds a table that a column points at, and its columns.
fn join<E: EntityTrait>(
    query: &mut SelectStatement,
    name: &'static str,
    id: E::Column,
    pointer: Option<impl ColumnTrait>,
    condition: Option<SimpleExpr>,
) {
    let Some(pointer) = pointer else { return };
    let on = Condition::all()
        .add(Expr::col((name, id)).equals(pointer.as_column_ref()))
        .add_option(condition);
    query.join_as(JoinType::LeftJoin, E::default(), name, on);
    for column in E::Column::iter() {
        query.column((name, column));
    }
}

/// What a row points at, read once for all rows that point at it.
fn known<M: Row, T>(
    cells: &mut Cells<'_>,
    known: &mut HashMap<Uuid, Arc<T>>,
    from_row: impl Fn(M) -> Result<T, StoreError>,
) -> Result<Option<Arc<T>>, StoreError> {
    let Some(id) = cells.peek()? else {
        cells.skip::<M>();
        return Ok(None);
    };
    if let Some(value) = known.get(&id) {
        cells.skip::<M>();
        return Ok(Some(Arc::clone(value)));
    }
    // A row that cannot be read must not take the page with it: whoever asks for it by id is told.
    let Ok(value) = from_row(M::read(cells)?) else {
        return Ok(None);
    };
    let value = Arc::new(value);
    known.insert(id, Arc::clone(&value));
    Ok(Some(value))
}
