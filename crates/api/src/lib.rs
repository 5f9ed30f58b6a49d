//! Stoa: the backend of community programs. [`build`] is what the binary and the tests both call.

pub mod auth;
pub mod budget;
pub mod cli;
pub mod clock;
pub mod config;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod operations;
pub mod progress;
pub mod service;
pub mod telemetry;

use axum::Router;

use auth::Keys;
use budget::Gate;
use budget::limits::Limits;
use service::Service;

/// The service as a router with the usual limits: what answers HTTP.
pub fn build(service: Service, keys: Keys) -> Router {
    let built = build_within(service, keys, Limits::default());
    built.expect("the usual limits allow no documents that could be wrong")
}

/// The service as a router with these limits. Refuses allowed documents that would never be let in.
pub fn build_within(service: Service, keys: Keys, limits: Limits) -> Result<Router, String> {
    let schema = graphql::schema();
    let gate = Gate::new(limits, &service.clock)?;
    Ok(http::router(schema, service, keys, gate))
}
