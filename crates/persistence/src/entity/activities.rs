//! The append-only log.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::cells::{Cells, Row};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activities")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) sequence: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) verb: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) subject_kind: String,
    pub(crate) subject_id: Uuid,
    pub(crate) version: i32,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) impersonator_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub(crate) mode: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) program_id: Option<Uuid>,
    pub(crate) application_id: Option<Uuid>,
    pub(crate) revision_id: Option<Uuid>,
    pub(crate) public: bool,
    #[sea_orm(column_type = "Text")]
    pub(crate) details: String,
    pub(crate) transaction_id: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Row for Model {
    const COLUMNS: usize = 15;

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            sequence: cells.next()?,
            verb: cells.next()?,
            subject_kind: cells.next()?,
            subject_id: cells.next()?,
            version: cells.next()?,
            account_id: cells.next()?,
            impersonator_id: cells.next()?,
            mode: cells.next()?,
            at: cells.next()?,
            program_id: cells.next()?,
            application_id: cells.next()?,
            revision_id: cells.next()?,
            public: cells.next()?,
            details: cells.next()?,
            transaction_id: cells.next()?,
        })
    }
}
