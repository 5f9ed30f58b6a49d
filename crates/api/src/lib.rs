//! Stoa: the backend of community programs. [`build`] is what the binary and the tests both call.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod operations;
pub mod progress;
pub mod service;
pub mod telemetry;

use axum::Router;

use auth::Keys;
use service::Service;

/// The service as a router: what answers HTTP.
pub fn build(service: Service, keys: Keys) -> Router {
    http::router(graphql::schema(), service, keys)
}
