//! Ways to sign in: passwords, codes by mail, providers; attempts at them; mails on their way.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 6] = [
    "credentials",
    "sign_in_attempts",
    "sign_in_codes",
    "sign_in_exchanges",
    "identities",
    "mails",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            credentials(),
            attempts(),
            codes(),
            exchanges(),
            identities(),
            mails(),
        ] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            (
                "sign_in_attempts_account",
                "sign_in_attempts",
                &["account", "at"][..],
            ),
            (
                "sign_in_attempts_address",
                "sign_in_attempts",
                &["address", "at"],
            ),
            ("sign_in_attempts_at", "sign_in_attempts", &["at"]),
            ("identities_account", "identities", &["account_id"]),
            ("mails_due", "mails", &["due_at"]),
        ] {
            manager.create_index(index(name, table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .timestamp_with_time_zone()
        .not_null()
        .to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

/// `account_id` refers to an account.
fn of_account(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_account"))
        .from(table, "account_id")
        .to("accounts", "id")
        .to_owned()
}

fn credentials() -> TableCreateStatement {
    Table::create()
        .table("credentials")
        .col(id("account_id").primary_key())
        .col(text("phc"))
        .col(time("changed_at"))
        .foreign_key(&mut of_account("credentials"))
        .to_owned()
}

fn attempts() -> TableCreateStatement {
    Table::create()
        .table("sign_in_attempts")
        .col(id("id").primary_key())
        .col(text("account"))
        .col(ColumnDef::new("address").text())
        .col(time("at"))
        .to_owned()
}

fn codes() -> TableCreateStatement {
    Table::create()
        .table("sign_in_codes")
        .col(text("email").primary_key())
        .col(id("id"))
        .col(time("created_at"))
        .col(number("tries"))
        .to_owned()
}

fn exchanges() -> TableCreateStatement {
    Table::create()
        .table("sign_in_exchanges")
        .col(text("code").primary_key())
        .col(id("account_id"))
        .col(text("challenge"))
        .col(time("expires_at"))
        .foreign_key(&mut of_account("sign_in_exchanges"))
        .to_owned()
}

fn identities() -> TableCreateStatement {
    Table::create()
        .table("identities")
        .col(text("issuer"))
        .col(text("subject"))
        .col(id("account_id"))
        .col(time("linked_at"))
        .primary_key(Index::create().col("issuer").col("subject"))
        .foreign_key(&mut of_account("identities"))
        .to_owned()
}

fn mails() -> TableCreateStatement {
    Table::create()
        .table("mails")
        .col(id("id").primary_key())
        .col(text("kind").check(Expr::col("kind").is_in(["SIGN_IN_CODE"])))
        .col(text("recipient"))
        .col(id("about_id"))
        .col(time("created_at"))
        .col(time("expires_at"))
        .col(number("attempts"))
        .col(time("due_at"))
        .to_owned()
}
