//! Keys that sign access tokens; the private half is encrypted.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) number: i32,
    #[sea_orm(column_type = "Text")]
    pub(crate) public: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) sealed: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) signs_from: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
