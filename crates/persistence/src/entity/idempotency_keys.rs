//! Keys of requests that may be sent again.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) key: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) digest: String,
    pub(crate) started_at: DateTime<Utc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) effect_kind: Option<String>,
    pub(crate) effect_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) answer: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
