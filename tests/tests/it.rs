//! The specification of Stoa: every test of storage and API, on the engine that `STOA_TEST_DATABASE` names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod graphql_rules;
mod lifecycle;
mod schema;
mod support;
