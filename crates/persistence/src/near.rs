//! What a row points at, read with it in the same statement: a page of a queue names its programs,
//! organisations and people, and a statement for each kind of them would cost as much as the page.
//!
//! Only what is visible because the row is visible is read here. Whatever is missing is not hidden:
//! a reader by id decides.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
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
use crate::picked::{Of, Picked};
use crate::{StoreError, View, dialect};

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
    pub(crate) program: Option<C>,
    pub(crate) organization: Option<C>,
    pub(crate) applicant: Option<C>,
    pub(crate) assignee: Option<C>,
}

/// What rows can point at, in the order in which it is read.
const POINTED_AT: [Of; 4] = [Of::Program, Of::Organization, Of::Applicant, Of::Assignee];

impl<C: Copy> Pointers<C> {
    /// Of a table that points at nothing.
    pub(crate) const NONE: Self = Self {
        program: None,
        organization: None,
        applicant: None,
        assignee: None,
    };

    /// The column that points there.
    const fn to(&self, of: Of) -> Option<C> {
        match of {
            Of::Row => None,
            Of::Program => self.program,
            Of::Organization => self.organization,
            Of::Applicant => self.applicant,
            Of::Assignee => self.assignee,
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = C> {
        POINTED_AT.into_iter().filter_map(|of| self.to(of))
    }
}

impl Beside {
    const fn holds(self, of: Of) -> bool {
        match of {
            Of::Row => false,
            Of::Program => self.program,
            Of::Organization => self.organization,
            Of::Applicant => self.applicant,
            Of::Assignee => self.assignee,
        }
    }
}

impl View {
    /// Rows, or a page of them, with what is wanted of what they point at. A page is cut first:
    /// `PostgreSQL` then keeps one plan for all places in the list, where it would plan the joins anew
    /// for each.
    pub(crate) async fn with_near<E>(
        &self,
        mut select: Select<E>,
        place: Option<(&Keyset<E::Column>, &Page)>,
        pointers: Pointers<E::Column>,
        wanted: Beside,
    ) -> Result<Vec<(E::Model, Near)>, StoreError>
    where
        E: EntityTrait,
        E::Model: Row,
    {
        if let Some((keyset, page)) = place {
            select = keyset.select(select, page)?;
        }
        let mut query = select.into_query();
        let table = E::default().table_name();
        if let Some((keyset, page)) = place
            && wanted != Beside::default()
        {
            let rows = std::mem::take(&mut query);
            query
                .columns(E::Column::iter().map(|column| (table, column)))
                .from_subquery(rows, table);
            for (column, order) in keyset.order(page) {
                query.order_by((table, column), order);
            }
        }
        let there = POINTED_AT.map(|of| {
            let pointer = pointers.to(of)?;
            (wanted.holds(of) && self.sees(of)).then_some((of, pointer))
        });
        for (of, pointer) in there.into_iter().flatten() {
            match of {
                Of::Program => read::<programs::Entity>(&mut query, of),
                Of::Organization => read::<organizations::Entity>(&mut query, of),
                _ => read::<accounts::Entity>(&mut query, of),
            }
            join(&mut query, of, (table, pointer));
        }
        let [program, organization, applicant, assignee] = there.map(|it| it.is_some());
        let statement = dialect::with_literal_limit(self.db().get_database_backend(), &query);
        let rows = self.db().query_all_raw(statement).await?;
        let (mut programs, mut organizations, mut accounts) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let model = E::Model::read(&mut cells)?;
                let mut near = Near::default();
                if program {
                    near.program = known(&mut cells, &mut programs, |row| {
                        Ok(crate::programs::program(row))
                    })?;
                }
                if organization {
                    near.organization = known(&mut cells, &mut organizations, |row| {
                        Ok(crate::organizations::from_row(row))
                    })?;
                }
                if applicant {
                    near.applicant = known(&mut cells, &mut accounts, crate::accounts::from_row)?;
                }
                if assignee {
                    near.assignee = known(&mut cells, &mut accounts, crate::accounts::from_row)?;
                }
                Ok((model, near))
            })
            .collect()
    }

    /// Adds the picked columns, and the tables they are in, to what is read of a table.
    pub(crate) fn pick<C: ColumnTrait>(
        &self,
        query: &mut SelectStatement,
        table: &'static str,
        pointers: &Pointers<C>,
        picked: &Picked,
    ) {
        for (of, column) in picked.iter() {
            let source = if of == Of::Row { table } else { of.name() };
            query.column((source, column));
        }
        for of in POINTED_AT.into_iter().filter(|of| self.sees(*of)) {
            if let Some(pointer) = pointers.to(of)
                && picked.has(of)
            {
                join(query, of, (table, pointer));
            }
        }
    }
}

/// Reads all columns of a table that a column points at.
fn read<E: EntityTrait>(query: &mut SelectStatement, of: Of) {
    query.columns(E::Column::iter().map(|column| (of.name(), column)));
}

/// Joins the table that a column points at.
fn join<C: ColumnTrait>(query: &mut SelectStatement, of: Of, pointer: (&'static str, C)) {
    let name = of.name();
    let on = |id: SimpleExpr| Condition::all().add(id.eq(Expr::col(pointer)));
    let left = JoinType::LeftJoin;
    match of {
        Of::Row => query,
        Of::Program => {
            let on = on(Expr::col((name, programs::Column::Id)));
            query.join_as(left, programs::Entity, name, on)
        }
        Of::Organization => {
            let on = on(Expr::col((name, organizations::Column::Id)));
            query.join_as(left, organizations::Entity, name, on)
        }
        Of::Applicant => {
            let on = on(Expr::col((name, accounts::Column::Id)));
            query.join_as(left, accounts::Entity, name, on)
        }
        Of::Assignee => {
            // Whoever reads applications sees the team, and of others only some.
            let staff = SimpleExpr::Constant("STAFF".into());
            let team = Expr::col((name, accounts::Column::Kind)).eq(staff);
            let on = on(Expr::col((name, accounts::Column::Id))).add(team);
            query.join_as(left, accounts::Entity, name, on)
        }
    };
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
