//! Ends of applications: what the indicators count.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resolutions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) program_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub(crate) kind: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) outcome: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) mode: String,
    pub(crate) person_id: Option<Uuid>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) elapsed: i64,
    pub(crate) promise: i64,
    pub(crate) team: i64,
    pub(crate) within_promise: Option<bool>,
    pub(crate) manual_steps: i32,
    pub(crate) eligibility_automated: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
