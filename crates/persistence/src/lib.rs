//! Rows of Stoa. One [`Store`] with two doors: [`Store::view`] to read as somebody, and
//! [`Store::commit`] to write a change with the line that explains it.
//!
//! What may not be seen does not exist: every select starts in `visibility.rs`.

mod accounts;
mod activities;
mod applications;
mod commit;
mod entity;
mod evaluations;
mod inspection;
mod kpis;
mod memberships;
mod messages;
mod organizations;
pub mod page;
mod programs;
mod registries;
mod row;
mod store;
mod view;
mod visibility;

pub use applications::{ApplicationFilter, ApplicationOrder};
pub use commit::{NewMembership, Record, Writing};
pub use inspection::{Inspection, Pool};
pub use kpis::{KpiFilter, KpiRow};
pub use organizations::OrganizationMatch;
pub use store::{Options, Store};
pub use view::View;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row first.
    #[error("the row changed meanwhile")]
    Conflict,
    /// Another row holds what must be unique.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// Every place of a program is taken.
    #[error("no place left")]
    Full,
    /// A cursor of another list, or none at all.
    #[error("not a cursor of this list")]
    Cursor,
    /// A row says what no value can.
    #[error("corrupt row {id} in {table}: {problem}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}
