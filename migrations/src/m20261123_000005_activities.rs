//! The append-only log: audit trail, outbox, change feed and source of subscriptions.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("activities")
                    .col(
                        ColumnDef::new("sequence")
                            .big_integer()
                            .not_null()
                            .primary_key()
                            .auto_increment(),
                    )
                    .col(ColumnDef::new("verb").text().not_null())
                    .col(ColumnDef::new("subject_kind").text().not_null().check(
                        Expr::col("subject_kind").is_in([
                            "APPLICATION",
                            "PROGRAM",
                            "MEMBERSHIP",
                            "ACCOUNT",
                        ]),
                    ))
                    .col(ColumnDef::new("subject_id").uuid().not_null())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(ColumnDef::new("account_id").uuid())
                    .col(
                        ColumnDef::new("mode")
                            .text()
                            .not_null()
                            .check(Expr::col("mode").is_in(["MANUAL", "AUTOMATED", "INTEGRATION"])),
                    )
                    .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new("program_id").uuid())
                    .col(ColumnDef::new("application_id").uuid())
                    .col(ColumnDef::new("revision_id").uuid())
                    .col(ColumnDef::new("public").boolean().not_null())
                    .col(ColumnDef::new("details").text().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("activities_subject_version")
                    .table("activities")
                    .col("subject_id")
                    .col("version")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("activities_application")
                    .table("activities")
                    .col("application_id")
                    .col("sequence")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("activities_program")
                    .table("activities")
                    .col("program_id")
                    .col("sequence")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("activities").to_owned())
            .await?;
        Ok(())
    }
}
