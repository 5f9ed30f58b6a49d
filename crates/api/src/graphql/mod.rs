//! The schema: merged roots. What a document may ask for is bounded in `budget`, before it comes here.

pub mod accounts;
pub mod activities;
pub mod applications;
pub mod connection;
pub mod enums;
pub mod error;
pub mod following;
pub mod kpis;
pub mod loaders;
pub mod memberships;
pub mod node;
pub mod organizations;
pub mod plain;
pub mod programs;
pub mod prompt;
pub mod scalars;
pub mod scope;
pub mod sessions;
pub mod sign_in;
pub mod tokens;
pub mod user_error;
pub mod validation;

use async_graphql::{
    MergedObject, MergedSubscription, SDLExportOptions, Schema, SchemaBuilder, ValidationMode,
};

use accounts::{AccountMutations, AccountQueries};
use activities::{ActivityQueries, ActivitySubscriptions};
use applications::mutations::ApplicationMutations;
use applications::queries::ApplicationQueries;
use applications::subscriptions::ApplicationSubscriptions;
use kpis::queries::KpiQueries;
use memberships::MembershipQueries;
use node::NodeQueries;
use organizations::OrganizationQueries;
use programs::mutations::ProgramMutations;
use programs::queries::ProgramQueries;
use sessions::SessionMutations;
use sign_in::SignInMutations;
use tokens::TokenMutations;

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
    SessionMutations,
    TokenMutations,
    SignInMutations,
);

/// Everything that can be followed.
#[derive(MergedSubscription, Default)]
pub struct Subscription(ApplicationSubscriptions, ActivitySubscriptions);

/// The schema of Stoa.
pub type StoaSchema = Schema<Query, Mutation, Subscription>;

fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
}

/// The schema, ready to execute requests that carry a [`scope::Scope`].
pub fn schema() -> StoaSchema {
    build().finish()
}

/// The same for documents that a [`validation::Validator`] let pass: it does not validate them again.
pub fn executor() -> StoaSchema {
    build().validation_mode(ValidationMode::Fast).finish()
}

/// The contract in GraphQL's schema language.
pub fn sdl() -> String {
    schema().sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_enum_items())
}
