//! Memberships: rows and reads.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use stoa_domain::application::Application;
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;

use crate::entity::memberships::{ActiveModel, Column, Entity, Model};
use crate::entity::programs;
use crate::near::Pointers;
use crate::page::{Key, Keyset, Page, Slice};
use crate::picked::{Picked, PickedRow};
use crate::row::{json, read};
use crate::{Beside, Near, NewMemberships, Record, StoreError, View, Writing, visibility};

const TABLE: &str = "memberships";
const POINTERS: Pointers<Column> = Pointers {
    program: Some(Column::ProgramId),
    organization: Some(Column::OrganizationId),
    ..Pointers::NONE
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

    /// Which of these organisations are members of the program, and by which application.
    pub async fn members_among(
        &self,
        program: Id<Program>,
        organizations: &[Id<Organization>],
    ) -> Result<Vec<(Id<Organization>, Id<Application>)>, StoreError> {
        let rows: Vec<(uuid::Uuid, uuid::Uuid)> = visibility::memberships(&self.actor)
            .select_only()
            .columns([Column::OrganizationId, Column::ApplicationId])
            .filter(Column::ProgramId.eq(program.uuid()))
            .filter(Column::OrganizationId.is_in(organizations.iter().map(|id| id.uuid())))
            .into_tuple()
            .all(self.db())
            .await?;
        let ids = rows.into_iter();
        Ok(ids.map(|(a, b)| (Id::new(a), Id::new(b))).collect())
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
        let place = (&order(), page);
        let select = self.memberships_like(program, organization, active_on);
        let rows = self
            .with_near(select, Some(place), POINTERS, beside)
            .await?;
        let items = rows.into_iter().map(|(row, near)| {
            let cursor = place.0.cursor(None, Key::Id(row.id));
            Ok((cursor, (from_row(row)?, near)))
        });
        Ok(page.slice(items.collect::<Result<_, StoreError>>()?))
    }

    /// The picked columns of the same.
    pub async fn picked_memberships(
        &self,
        program: Option<Id<Program>>,
        organization: Option<Id<Organization>>,
        active_on: Option<NaiveDate>,
        page: &Page,
        picked: &Picked,
    ) -> Result<Slice<PickedRow>, StoreError> {
        let select = self.memberships_like(program, organization, active_on);
        self.picked_page(select, &order(), page, POINTERS, picked)
            .await
    }

    fn memberships_like(
        &self,
        program: Option<Id<Program>>,
        organization: Option<Id<Organization>>,
        active_on: Option<NaiveDate>,
    ) -> Select<Entity> {
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
        select
    }
}

fn order() -> Keyset<Column> {
    Keyset {
        name: "memberships",
        time: None,
        key: vec![Column::Id],
        descending: false,
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
        writing
            .versioned(to_row(membership)?, membership.version)
            .unique("membership");
        self.activity.write(writing)
    }
}

impl Record for NewMemberships {
    /// Takes places of the program in the same statement that checks there are some, so that two
    /// approvals cannot share the last.
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let Some(first) = self.changes.first() else {
            return Ok(());
        };
        let places = programs::Column::PlacesTaken;
        let count = i32::try_from(self.changes.len()).unwrap_or(i32::MAX);
        let mut take = programs::Entity::update_many()
            .col_expr(places, Expr::col(places).add(count))
            .filter(programs::Column::Id.eq(first.after.program.uuid()));
        if let Some(capacity) = self.capacity {
            take = take.filter(places.lte(i64::from(capacity) - i64::from(count)));
        }
        writing.update(take).or(|| StoreError::Full);
        self.changes.write(writing)
    }
}
