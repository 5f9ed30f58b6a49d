//! Stoa: the backend of community programs. [`build`] is what the binary and the tests both call.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod operations;
pub mod progress;
pub mod service;
pub mod telemetry;

use axum::Router;

use auth::Keys;
use http::Streams;
use service::Service;

/// The service as a router: what answers HTTP. Subscriptions are told what [`feed::run`] reads.
pub fn build(service: Service, keys: Keys) -> Router {
    build_with(service, keys, Streams::default())
}

/// The same with other bounds of streams.
pub fn build_with(service: Service, keys: Keys, streams: Streams) -> Router {
    http::router(graphql::schema(), service, keys, streams)
}
