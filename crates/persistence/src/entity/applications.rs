//! Applications, without their wide columns.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::cells::{Cells, Row};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applications")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i32,
    pub(crate) program_id: Uuid,
    pub(crate) revision_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub(crate) kind: String,
    pub(crate) organization_id: Uuid,
    pub(crate) applicant_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) external_id: Option<String>,
    pub(crate) assignee_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub(crate) status: String,
    pub(crate) submitted_at: Option<DateTime<Utc>>,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) queue_at: DateTime<Utc>,
    pub(crate) deadline_at: Option<DateTime<Utc>>,
    pub(crate) warned_at: Option<DateTime<Utc>>,
    pub(crate) wake_at: Option<DateTime<Utc>>,
    pub(crate) manual_steps: i32,
    pub(crate) created_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text")]
    pub(crate) detail: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Row for Model {
    const COLUMNS: usize = 19;

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.next()?,
            version: cells.next()?,
            program_id: cells.next()?,
            revision_id: cells.next()?,
            kind: cells.next()?,
            organization_id: cells.next()?,
            applicant_id: cells.next()?,
            external_id: cells.next()?,
            assignee_id: cells.next()?,
            status: cells.next()?,
            submitted_at: cells.next()?,
            due_at: cells.next()?,
            queue_at: cells.next()?,
            deadline_at: cells.next()?,
            warned_at: cells.next()?,
            wake_at: cells.next()?,
            manual_steps: cells.next()?,
            created_at: cells.next()?,
            detail: cells.next()?,
        })
    }
}
