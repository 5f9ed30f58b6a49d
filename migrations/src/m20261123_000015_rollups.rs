//! Closed periods of the indicators, counted once, and what says whether the counts still hold.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let time = |name: &'static str| {
            let mut column = ColumnDef::new(name);
            column.timestamp_with_time_zone().not_null();
            column
        };
        let program = |table: &'static str| {
            let mut key = ForeignKey::create();
            key.from(table, "program_id").to("programs", "id");
            key
        };
        manager
            .create_table(
                Table::create()
                    .table("kpi_ledgers")
                    .if_not_exists()
                    .col(ColumnDef::new("program_id").uuid().not_null().primary_key())
                    .col(time("rolled_up_to"))
                    .col(ColumnDef::new("late_ends").integer().not_null())
                    .col(ColumnDef::new("rolled_up_ends").integer())
                    .foreign_key(&mut program("kpi_ledgers"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("kpi_rollups")
                    .if_not_exists()
                    .col(ColumnDef::new("program_id").uuid().not_null())
                    .col(ColumnDef::new("key").text().not_null())
                    .col(time("starts_at"))
                    .col(time("ends_at"))
                    .col(ColumnDef::new("formula").integer().not_null())
                    .col(ColumnDef::new("late_ends").integer().not_null())
                    .col(ColumnDef::new("body").text().not_null())
                    .primary_key(
                        Index::create()
                            .col("program_id")
                            .col("key")
                            .col("starts_at")
                            .col("ends_at"),
                    )
                    .foreign_key(&mut program("kpi_rollups"))
                    .to_owned(),
            )
            .await?;
        let mut programs = Query::select();
        programs
            .from("programs")
            .columns(["id", "created_at"])
            .exprs([Expr::val(0), Expr::val(None::<i32>)]);
        let mut ledgers = Query::insert();
        ledgers.into_table("kpi_ledgers").columns([
            "program_id",
            "rolled_up_to",
            "late_ends",
            "rolled_up_ends",
        ]);
        let of_each = ledgers
            .select_from(programs)
            .map_err(|error| DbErr::Migration(error.to_string()))?;
        manager.execute(of_each.to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["kpi_rollups", "kpi_ledgers"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
