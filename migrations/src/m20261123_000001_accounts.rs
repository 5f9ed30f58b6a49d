//! Who signs in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("accounts")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(
                        ColumnDef::new("kind")
                            .text()
                            .not_null()
                            .check(Expr::col("kind").is_in(["STAFF", "APPLICANT", "INTEGRATION"])),
                    )
                    .col(ColumnDef::new("name").text().not_null())
                    .col(ColumnDef::new("email").text().not_null().unique_key())
                    .col(ColumnDef::new("grants").text().not_null())
                    .col(
                        ColumnDef::new("created_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .col(ColumnDef::new("disabled_at").timestamp_with_time_zone())
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("accounts").to_owned())
            .await?;
        Ok(())
    }
}
