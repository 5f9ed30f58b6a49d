//! Registries that verifiers look things up in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("academic_domains")
                    .col(ColumnDef::new("domain").text().not_null().primary_key())
                    .col(ColumnDef::new("institution").text())
                    .col(ColumnDef::new("excluded").boolean().not_null())
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("academic_domains").to_owned())
            .await?;
        Ok(())
    }
}
