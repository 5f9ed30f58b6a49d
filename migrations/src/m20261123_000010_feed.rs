//! The order in which lines of the log became final, for those who follow it.
//!
//! On `PostgreSQL` a line gets its sequence number when it is inserted and is seen when its
//! transaction commits, so numbers alone can appear behind a reader. With the transaction's own
//! number beside it the reader knows which lines can have no more before them. `SQLite` has one
//! writer at a time and keeps 0.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("activities")
                    .add_column(
                        ColumnDef::new("transaction_id")
                            .big_integer()
                            .not_null()
                            .default(0),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("activities_transaction")
                    .table("activities")
                    .col("transaction_id")
                    .col("sequence")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("activities_transaction")
                    .table("activities")
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("activities")
                    .drop_column("transaction_id")
                    .to_owned(),
            )
            .await
    }
}
