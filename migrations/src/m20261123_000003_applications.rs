//! Organisations, and what they ask for. Wide columns live apart from the row that lists read.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[expect(clippy::too_many_lines, reason = "tables are long and simple")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("organizations")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("name").text().not_null())
                    .col(ColumnDef::new("comparable_name").text().not_null())
                    .col(ColumnDef::new("domain").text())
                    .col(ColumnDef::new("repository").text())
                    .col(ColumnDef::new("owner_id").uuid().not_null())
                    .col(
                        ColumnDef::new("created_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("organizations", "owner_id")
                            .to("accounts", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("organizations_comparable_name")
                    .table("organizations")
                    .col("comparable_name")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("organizations_domain")
                    .table("organizations")
                    .col("domain")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("organizations_repository")
                    .table("organizations")
                    .col("repository")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("organizations_owner_name")
                    .table("organizations")
                    .col("owner_id")
                    .col("comparable_name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("applications")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(ColumnDef::new("program_id").uuid().not_null())
                    .col(ColumnDef::new("revision_id").uuid().not_null())
                    .col(
                        ColumnDef::new("kind")
                            .text()
                            .not_null()
                            .check(Expr::col("kind").is_in(["NEW", "RENEWAL", "AMENDMENT"])),
                    )
                    .col(ColumnDef::new("organization_id").uuid().not_null())
                    .col(ColumnDef::new("applicant_id").uuid().not_null())
                    .col(ColumnDef::new("external_id").text())
                    .col(ColumnDef::new("assignee_id").uuid())
                    .col(ColumnDef::new("status").text().not_null().check(
                        Expr::col("status").is_in([
                            "DRAFT",
                            "SUBMITTED",
                            "IN_REVIEW",
                            "AWAITING_APPLICANT",
                            "ON_HOLD",
                            "AWAITING_APPROVAL",
                            "WAITLISTED",
                            "APPROVED",
                            "DECLINED",
                            "WITHDRAWN",
                            "EXPIRED",
                        ]),
                    ))
                    .col(ColumnDef::new("submitted_at").timestamp_with_time_zone())
                    .col(ColumnDef::new("due_at").timestamp_with_time_zone())
                    .col(
                        ColumnDef::new("queue_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .col(ColumnDef::new("deadline_at").timestamp_with_time_zone())
                    .col(ColumnDef::new("warned_at").timestamp_with_time_zone())
                    .col(ColumnDef::new("wake_at").timestamp_with_time_zone())
                    .col(ColumnDef::new("manual_steps").integer().not_null())
                    .col(
                        ColumnDef::new("created_at")
                            .timestamp_with_time_zone()
                            .not_null(),
                    )
                    .col(ColumnDef::new("detail").text().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .from("applications", "program_id")
                            .to("programs", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("applications", "revision_id")
                            .to("revisions", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("applications", "organization_id")
                            .to("organizations", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("applications", "applicant_id")
                            .to("accounts", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("applications", "assignee_id")
                            .to("accounts", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_external_id")
                    .table("applications")
                    .col("program_id")
                    .col("external_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_queue")
                    .table("applications")
                    .col("program_id")
                    .col("status")
                    .col("queue_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_status")
                    .table("applications")
                    .col("status")
                    .col("queue_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_wake")
                    .table("applications")
                    .col("wake_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_applicant")
                    .table("applications")
                    .col("applicant_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_organization")
                    .table("applications")
                    .col("organization_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("applications_assignee")
                    .table("applications")
                    .col("assignee_id")
                    .col("status")
                    .col("queue_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("answers")
                    .col(
                        ColumnDef::new("application_id")
                            .uuid()
                            .not_null()
                            .primary_key(),
                    )
                    .col(ColumnDef::new("body").text().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .from("answers", "application_id")
                            .to("applications", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("evaluations")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("application_id").uuid().not_null())
                    .col(ColumnDef::new("revision_id").uuid().not_null())
                    .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
                    .col(
                        ColumnDef::new("recommendation").text().not_null().check(
                            Expr::col("recommendation")
                                .is_in(["APPROVE", "DECLINE", "ASK", "HOLD", "REVIEW"]),
                        ),
                    )
                    .col(ColumnDef::new("body").text().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .from("evaluations", "application_id")
                            .to("applications", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("evaluations", "revision_id")
                            .to("revisions", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("evaluations_application")
                    .table("evaluations")
                    .col("application_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("messages")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("application_id").uuid().not_null())
                    .col(
                        ColumnDef::new("kind")
                            .text()
                            .not_null()
                            .check(Expr::col("kind").is_in([
                                "RECEIVED", "QUESTION", "REPLY", "APPROVED", "DECLINED",
                                "EXPIRING", "EXPIRED", "APPEAL",
                            ])),
                    )
                    .col(ColumnDef::new("author_id").uuid())
                    .col(ColumnDef::new("body").text().not_null())
                    .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .from("messages", "application_id")
                            .to("applications", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("messages", "author_id")
                            .to("accounts", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("messages_application")
                    .table("messages")
                    .col("application_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("resolutions")
                    .col(ColumnDef::new("application_id").uuid().not_null())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(ColumnDef::new("program_id").uuid().not_null())
                    .col(
                        ColumnDef::new("kind")
                            .text()
                            .not_null()
                            .check(Expr::col("kind").is_in(["NEW", "RENEWAL", "AMENDMENT"])),
                    )
                    .col(ColumnDef::new("outcome").text().not_null().check(
                        Expr::col("outcome").is_in([
                            "APPROVED",
                            "DECLINED",
                            "WITHDRAWN",
                            "EXPIRED",
                        ]),
                    ))
                    .col(
                        ColumnDef::new("mode")
                            .text()
                            .not_null()
                            .check(Expr::col("mode").is_in(["MANUAL", "AUTOMATED", "INTEGRATION"])),
                    )
                    .col(ColumnDef::new("person_id").uuid())
                    .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new("elapsed").big_integer().not_null())
                    .col(ColumnDef::new("promise").big_integer().not_null())
                    .col(ColumnDef::new("team").big_integer().not_null())
                    .col(ColumnDef::new("within_promise").boolean())
                    .col(ColumnDef::new("manual_steps").integer().not_null())
                    .col(ColumnDef::new("eligibility_automated").boolean().not_null())
                    .primary_key(Index::create().col("application_id").col("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("resolutions", "application_id")
                            .to("applications", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("resolutions", "program_id")
                            .to("programs", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("resolutions_program_at")
                    .table("resolutions")
                    .col("program_id")
                    .col("at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("resolutions_at")
                    .table("resolutions")
                    .col("at")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("resolutions").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("messages").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("evaluations").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("answers").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("applications").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("organizations").to_owned())
            .await?;
        Ok(())
    }
}
