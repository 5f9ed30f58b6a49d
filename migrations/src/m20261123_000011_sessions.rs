//! Staying signed in: sessions with their refresh tokens, tokens of integrations, the keys that sign
//! access tokens, and who acted in another's name.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

/// The line of a version of its subject is unique.
const OLD: &str = "activities_subject_version";
/// The same; lines that explain no version, number 0, are left out. It needs a name of its own: `SQLite`
/// lets other connections of the pool believe for a while that the old one is still there.
const NEW: &str = "activities_version";

fn lines(name: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(name)
        .table("activities")
        .col("subject_id")
        .col("version")
        .unique()
        .take()
}

fn no_more(name: &'static str) -> IndexDropStatement {
    Index::drop().name(name).table("activities").to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("impersonator_id").uuid())
        .col(ColumnDef::new("reason").text())
        .col(time("created_at").not_null())
        .col(time("used_at").not_null())
        .col(time("expires_at").not_null())
        .col(time("ended_at"))
        .foreign_key(
            ForeignKey::create()
                .from("sessions", "account_id")
                .to("accounts", "id"),
        )
        .to_owned()
}

fn refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table("refresh_tokens")
        .col(ColumnDef::new("hash").text().not_null().primary_key())
        .col(ColumnDef::new("session_id").uuid().not_null())
        .col(ColumnDef::new("made_with").integer().not_null())
        .foreign_key(
            ForeignKey::create()
                .from("refresh_tokens", "session_id")
                .to("sessions", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn integration_tokens() -> TableCreateStatement {
    Table::create()
        .table("integration_tokens")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("hash").text().not_null().unique_key())
        .col(ColumnDef::new("scopes").text().not_null())
        .col(time("created_at").not_null())
        .col(time("expires_at").not_null())
        .col(time("used_at"))
        .col(time("revoked_at"))
        .foreign_key(
            ForeignKey::create()
                .from("integration_tokens", "account_id")
                .to("accounts", "id"),
        )
        .to_owned()
}

fn signing_keys() -> TableCreateStatement {
    Table::create()
        .table("signing_keys")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("number").integer().not_null().unique_key())
        .col(ColumnDef::new("public").text().not_null())
        .col(ColumnDef::new("sealed").text().not_null())
        .col(time("created_at").not_null())
        .col(time("signs_from").not_null())
        .to_owned()
}

fn index(table: &'static str, name: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table(table).col(column).take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            sessions(),
            refresh_tokens(),
            integration_tokens(),
            signing_keys(),
        ] {
            manager.create_table(table).await?;
        }
        for index in [
            index("sessions", "sessions_account", "account_id"),
            index("sessions", "sessions_expiry", "expires_at"),
            index("refresh_tokens", "refresh_tokens_session", "session_id"),
            index(
                "integration_tokens",
                "integration_tokens_account",
                "account_id",
            ),
        ] {
            manager.create_index(index).await?;
        }
        let impersonator = Table::alter()
            .table("activities")
            .add_column(ColumnDef::new("impersonator_id").uuid())
            .to_owned();
        manager.alter_table(impersonator).await?;
        manager.drop_index(no_more(OLD)).await?;
        let mut some = lines(NEW);
        some.and_where(Expr::col("version").gt(0));
        manager.create_index(some).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The older schema has no place for lines that explain no version.
        let without = Query::delete()
            .from_table("activities")
            .and_where(Expr::col("version").eq(0))
            .to_owned();
        manager.execute(without).await?;
        manager.drop_index(no_more(NEW)).await?;
        manager.create_index(lines(OLD)).await?;
        let impersonator = Table::alter()
            .table("activities")
            .drop_column("impersonator_id")
            .to_owned();
        manager.alter_table(impersonator).await?;
        for table in [
            "signing_keys",
            "integration_tokens",
            "refresh_tokens",
            "sessions",
        ] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
