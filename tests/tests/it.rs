//! The specification of Stoa: every test of storage and API, on the engine that `STOA_TEST_DATABASE` names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod asking;
mod at_hand;
mod authorization;
mod budget;
mod cli;
mod contract;
mod doctor;
mod evaluation;
mod explorer;
mod feed;
mod graphql_rules;
mod http;
mod idempotency;
mod importing;
mod kpis;
mod lifecycle;
mod pages;
mod persistence;
mod programs;
mod promises;
mod schema;
mod sessions;
mod signing_in;
mod statements;
mod streaming;
mod support;
mod telemetry;
mod waiting_list;
mod websocket;
mod windows;
