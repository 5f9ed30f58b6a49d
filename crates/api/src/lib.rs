//! Stoa: the backend of community programs. [`build`] is what the binary and the tests both call.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod jwt;
pub mod keys;
pub mod operations;
pub mod progress;
pub mod secret;
pub mod service;
pub mod telemetry;
pub mod well_known;

use axum::Router;

use service::Service;

/// The service as a router: what answers HTTP.
pub fn build(service: Service) -> Router {
    http::router(graphql::schema(), service)
}
