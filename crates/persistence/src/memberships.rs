//! Memberships: rows and reads.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use stoa_domain::application::Application;
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;

use crate::entity::memberships::{ActiveModel, Column, Model};
use crate::entity::programs;
use crate::near::Pointers;
use crate::page::{Key, Keyset, Page, Slice};
use crate::row::{json, read};
use crate::{Beside, Near, NewMembership, Record, StoreError, View, Writing, visibility};

const TABLE: &str = "memberships";
const POINTERS: Pointers<Column> = Pointers {
    program: Column::ProgramId,
    organization: Column::OrganizationId,
    people: None,
};

impl View {
    /// Those of these memberships that are visible, in no order.
    pub async fn memberships_by_id(
        &self,
        ids: &[Id<Membership>],
    ) -> Result<Vec<Membership>, StoreError> {
        visibility::memberships(&self.actor)
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// Memberships that came from these applications.
    pub async fn memberships_by_application(
        &self,
        ids: &[Id<Application>],
    ) -> Result<Vec<Membership>, StoreError> {
        visibility::memberships(&self.actor)
            .filter(Column::ApplicationId.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// Memberships, oldest first, and what is wanted of what they point at.
    pub async fn memberships(
        &self,
        program: Option<Id<Program>>,
        organization: Option<Id<Organization>>,
        active_on: Option<NaiveDate>,
        page: &Page,
        beside: Beside,
    ) -> Result<Slice<(Membership, Near)>, StoreError> {
        let order = Keyset {
            name: "memberships",
            time: None,
            key: vec![Column::Id],
            descending: false,
        };
        let mut select = visibility::memberships(&self.actor);
        if let Some(program) = program {
            select = select.filter(Column::ProgramId.eq(program.uuid()));
        }
        if let Some(organization) = organization {
            select = select.filter(Column::OrganizationId.eq(organization.uuid()));
        }
        if let Some(day) = active_on {
            select = select.filter(Column::EndsOn.gt(day));
        }
        let select = order.select(select, page)?;
        let items = self.with_near(select, POINTERS, beside).await?.into_iter();
        let items = items.map(|(row, near)| {
            let cursor = order.cursor(None, Key::Id(row.id));
            Ok((cursor, (from_row(row)?, near)))
        });
        Ok(page.slice(items.collect::<Result<_, StoreError>>()?))
    }
}

fn from_row(row: Model) -> Result<Membership, StoreError> {
    Ok(Membership {
        id: Id::new(row.id),
        version: row.version,
        program: Id::new(row.program_id),
        organization: Id::new(row.organization_id),
        application: Id::new(row.application_id),
        started_at: row.started_at,
        terms: read(TABLE, row.id, &row.terms)?,
    })
}

fn to_row(membership: &Membership) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(membership.id.uuid()),
        version: Set(membership.version),
        program_id: Set(membership.program.uuid()),
        organization_id: Set(membership.organization.uuid()),
        application_id: Set(membership.application.uuid()),
        started_at: Set(membership.started_at),
        ends_on: Set(membership
            .ends_on()
            .unwrap_or_else(|| membership.started_at.date_naive())),
        terms: Set(json(TABLE, &membership.terms)?),
    })
}

impl Record for Change<Membership> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let membership = &self.after;
        let same_row = Condition::all()
            .add(Column::Id.eq(membership.id.uuid()))
            .add(Column::Version.eq(membership.version - 1));
        writing
            .versioned(to_row(membership)?, membership.version, same_row)
            .unique("membership");
        self.activity.write(writing)
    }
}

impl Record for NewMembership {
    /// Takes a place of the program in the same statement that checks there is one, so that two
    /// approvals cannot share the last.
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let places = programs::Column::PlacesTaken;
        let mut take = programs::Entity::update_many()
            .col_expr(places, Expr::col(places).add(1))
            .filter(programs::Column::Id.eq(self.change.after.program.uuid()));
        if let Some(capacity) = self.capacity {
            take = take.filter(places.lt(capacity));
        }
        writing.update(take).or(|| StoreError::Full);
        self.change.write(writing)
    }
}
