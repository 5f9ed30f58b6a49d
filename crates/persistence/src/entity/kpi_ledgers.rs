//! Up to when the indicators of a program are rolled up, and what ended before that and was late.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kpi_ledgers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) program_id: Uuid,
    pub(crate) rolled_up_to: DateTime<Utc>,
    pub(crate) late_ends: i32,
    pub(crate) rolled_up_ends: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
