//! Stoa: the backend of community programs. `build` is what the binary and the tests both call.

pub mod auth;
pub mod clock;
pub mod config;
pub mod graphql;
pub mod operations;
pub mod service;
pub mod telemetry;
