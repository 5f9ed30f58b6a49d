//! Messages of an application.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) application_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub(crate) kind: String,
    pub(crate) author_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub(crate) body: String,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
