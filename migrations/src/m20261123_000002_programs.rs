//! Programs, and the immutable revisions of their rules.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("programs")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(ColumnDef::new("key").text().not_null().unique_key())
                    .col(ColumnDef::new("name").text().not_null())
                    .col(ColumnDef::new("current_revision_id").uuid().not_null())
                    .col(ColumnDef::new("revision_number").integer().not_null())
                    .col(
                        ColumnDef::new("places_taken")
                            .integer()
                            .not_null()
                            .default(0),
                    )
                    .col(
                        ColumnDef::new("created_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("revisions")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("program_id").uuid().not_null())
                    .col(ColumnDef::new("number").integer().not_null())
                    .col(
                        ColumnDef::new("published_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .col(ColumnDef::new("rules").text().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .from("revisions", "program_id")
                            .to("programs", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("revisions_program_number")
                    .table("revisions")
                    .col("program_id")
                    .col("number")
                    .unique()
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("revisions").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("programs").to_owned())
            .await?;
        Ok(())
    }
}
