//! Evaluations, kept forever.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evaluations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) application_id: Uuid,
    pub(crate) revision_id: Uuid,
    pub(crate) at: DateTime<Utc>,
    #[sea_orm(column_type = "Text")]
    pub(crate) recommendation: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) body: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
