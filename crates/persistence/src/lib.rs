//! Rows of Stoa. One [`Store`] with two doors: [`Store::view`] to read as somebody, and
//! [`Store::commit`] to write a change with the line that explains it.
//!
//! What may not be seen does not exist: every select starts in `visibility.rs`.

mod accounts;
mod activities;
mod applications;
mod cells;
mod columns;
mod commit;
mod connections;
mod credentials;
mod dialect;
mod entity;
mod evaluations;
mod feed;
mod holders;
mod idempotency;
mod identities;
mod inspection;
mod kpis;
mod mails;
mod memberships;
mod messages;
mod near;
mod organizations;
pub mod page;
pub mod picked;
mod programs;
mod registries;
mod resolutions;
mod rollups;
mod row;
mod sessions;
mod sign_in;
mod statements;
mod store;
mod tokens;
mod view;
mod visibility;

pub use applications::{ApplicationFilter, ApplicationOrder, NewApplication, NewApplications};
pub use commit::{NewMemberships, Record, Writing};
pub use credentials::NewCredential;
pub use feed::{Followed, Line, Place, Tail, Wanted};
pub use idempotency::{Answer, Forget, Mark, Release, TakeOver};
pub use identities::ExchangeStep;
pub use inspection::{Inspection, Pool};
pub use kpis::{KpiFilter, KpiRow};
pub use mails::MailStep;
pub use near::{Beside, Near};
pub use organizations::{EarlierApplications, OrganizationMatch};
pub use rollups::{Ledger, NewRollups, RollUpTo};
pub use sessions::{EndSessions, ForgetSessions, RefreshToken};
pub use sign_in::{AttemptStep, CodeStep};
pub use store::{Options, Store};
pub use tokens::{NewToken, OverKey, TokenUsed};
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
