//! Earlier applications of an organisation to a program are counted with each evaluation. `SQLite`
//! looked through the whole program for them, because one column of an index was as good to it as
//! another.
//!
//! The names differ, and each step may be there already: on `SQLite` the connections of a pool learn
//! late of each other's changes, and a step that died half-way runs again.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

async fn replace(
    manager: &SchemaManager<'_>,
    old: &str,
    new: &str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.if_not_exists().name(new).table("applications");
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await?;
    let mut drop = Index::drop();
    drop.if_exists().name(old).table("applications");
    manager.drop_index(drop).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = ["organization_id", "program_id", "submitted_at"];
        let (old, new) = (
            "applications_organization",
            "applications_same_organization",
        );
        replace(manager, old, new, &columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (old, new) = (
            "applications_same_organization",
            "applications_organization",
        );
        replace(manager, old, new, &["organization_id"]).await
    }
}
