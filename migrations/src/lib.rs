//! The database schema, one step a file, the same for SQLite and `PostgreSQL`.
//!
//! Rules: ids and timestamps come from the program, never from the database; enums are text with a
//! check; JSON is stored as text and never queried; what is compared without case has a lower-case column.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod m20261123_000001_accounts;
mod m20261123_000002_programs;
mod m20261123_000003_applications;
mod m20261123_000004_memberships;
mod m20261123_000005_activities;
mod m20261123_000006_registries;
mod m20261123_000010_feed;
mod m20261123_000011_sessions;
mod m20261123_000012_sign_in;
mod m20261123_000013_idempotency;
mod m20261123_000014_same_organization;
mod m20261123_000015_rollups;
mod m20261124_000016_members;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_accounts::Migration),
            Box::new(m20261123_000002_programs::Migration),
            Box::new(m20261123_000003_applications::Migration),
            Box::new(m20261123_000004_memberships::Migration),
            Box::new(m20261123_000005_activities::Migration),
            Box::new(m20261123_000006_registries::Migration),
            Box::new(m20261123_000010_feed::Migration),
            Box::new(m20261123_000011_sessions::Migration),
            Box::new(m20261123_000012_sign_in::Migration),
            Box::new(m20261123_000013_idempotency::Migration),
            Box::new(m20261123_000014_same_organization::Migration),
            Box::new(m20261123_000015_rollups::Migration),
            Box::new(m20261124_000016_members::Migration),
        ]
    }
}
