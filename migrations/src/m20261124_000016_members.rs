//! The index by which members of a program are read page by page: without it `SQLite` sorts all of them
//! for each page.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const NAME: &str = "memberships_program";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name(NAME).table("memberships").if_not_exists();
        manager
            .create_index(index.col("program_id").col("id").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::drop();
        manager
            .drop_index(index.name(NAME).table("memberships").to_owned())
            .await
    }
}
