//! The specification of Stoa: every test of storage and API, on the engine that `STOA_TEST_DATABASE` names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod graphql_rules;
mod authorization;
mod lifecycle;
mod pages;
mod persistence;
mod schema;
mod statements;
mod support;
