//! Organisations.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::cells::{Cells, Row};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) comparable_name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) domain: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) repository: Option<String>,
    pub(crate) owner_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Row for Model {
    const COLUMNS: usize = 7;

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.next()?,
            name: cells.next()?,
            comparable_name: cells.next()?,
            domain: cells.next()?,
            repository: cells.next()?,
            owner_id: cells.next()?,
            created_at: cells.next()?,
        })
    }
}
