//! The append-only log.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

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
