//! Programs.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::cells::{Cells, Row};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i32,
    #[sea_orm(column_type = "Text")]
    pub(crate) key: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: String,
    pub(crate) current_revision_id: Uuid,
    pub(crate) revision_number: i32,
    pub(crate) places_taken: i32,
    pub(crate) created_at: DateTime<Utc>,
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
            key: cells.next()?,
            name: cells.next()?,
            current_revision_id: cells.next()?,
            revision_number: cells.next()?,
            places_taken: cells.next()?,
            created_at: cells.next()?,
        })
    }
}
