//! Memberships with their terms.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

use crate::cells::{Cells, Row};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i32,
    pub(crate) program_id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) application_id: Uuid,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ends_on: NaiveDate,
    #[sea_orm(column_type = "Text")]
    pub(crate) terms: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Row for Model {
    const COLUMNS: usize = 8;

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.next()?,
            version: cells.next()?,
            program_id: cells.next()?,
            organization_id: cells.next()?,
            application_id: cells.next()?,
            started_at: cells.next()?,
            ends_on: cells.next()?,
            terms: cells.next()?,
        })
    }
}
