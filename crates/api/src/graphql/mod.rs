//! The schema: merged roots and limits. Nothing below imports this file.

pub mod accounts;
pub mod activities;
pub mod applications;
pub mod connection;
pub mod enums;
pub mod error;
pub mod kpis;
pub mod loaders;
pub mod memberships;
pub mod node;
pub mod organizations;
pub mod programs;
pub mod scope;
pub mod sign_in;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, Schema};

use accounts::{AccountMutations, AccountQueries};
use activities::ActivityQueries;
use applications::mutations::ApplicationMutations;
use applications::queries::ApplicationQueries;
use applications::subscriptions::ApplicationSubscriptions;
use kpis::queries::KpiQueries;
use memberships::MembershipQueries;
use node::NodeQueries;
use organizations::OrganizationQueries;
use programs::mutations::ProgramMutations;
use programs::queries::ProgramQueries;
use sign_in::SignInMutations;

/// How deep a document may nest.
const DEPTH: usize = 16;
/// How many fields a document may ask for.
const COMPLEXITY: usize = 2_000;

/// Everything that can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    AccountQueries,
    NodeQueries,
    ProgramQueries,
    ApplicationQueries,
    OrganizationQueries,
    MembershipQueries,
    KpiQueries,
    ActivityQueries,
);

/// Everything that can be done. Each mutation answers with `userErrors`; an empty list means success.
#[derive(MergedObject, Default)]
pub struct Mutation(
    ApplicationMutations,
    ProgramMutations,
    AccountMutations,
    SignInMutations,
);

/// Everything that can be followed.
#[derive(MergedSubscription, Default)]
pub struct Subscription(ApplicationSubscriptions);

/// The schema of Stoa.
pub type StoaSchema = Schema<Query, Mutation, Subscription>;

/// The schema, ready to execute requests that carry a [`scope::Scope`].
pub fn schema() -> StoaSchema {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .limit_depth(DEPTH)
    .limit_complexity(COMPLEXITY)
    .finish()
}

/// The contract in GraphQL's schema language.
pub fn sdl() -> String {
    schema().sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_enum_items())
}
