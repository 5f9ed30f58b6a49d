//! What an approved organisation holds.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("memberships")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(ColumnDef::new("program_id").uuid().not_null())
                    .col(ColumnDef::new("organization_id").uuid().not_null())
                    .col(ColumnDef::new("application_id").uuid().not_null())
                    .col(
                        ColumnDef::new("started_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .col(ColumnDef::new("ends_on").date().not_null())
                    .col(ColumnDef::new("terms").text().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .from("memberships", "program_id")
                            .to("programs", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("memberships", "organization_id")
                            .to("organizations", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("memberships", "application_id")
                            .to("applications", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("memberships_program_organization")
                    .table("memberships")
                    .col("program_id")
                    .col("organization_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("memberships_organization")
                    .table("memberships")
                    .col("organization_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("memberships_application")
                    .table("memberships")
                    .col("application_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("memberships").to_owned())
            .await?;
        Ok(())
    }
}
