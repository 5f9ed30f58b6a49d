//! Stoa: the backend of community programs. [`build`] is what the binary and the tests both call.

pub mod auth;
pub mod budget;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod entrance;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod jwt;
pub mod keys;
pub mod mail;
pub mod oidc;
pub mod operations;
pub mod passwords;
pub mod progress;
pub mod secret;
pub mod service;
pub mod telemetry;
pub mod well_known;

use axum::Router;

use budget::Gate;
use service::Service;

/// The service as a router with the usual limits: what answers HTTP. Subscriptions are told what
/// [`feed::run`] reads.
pub fn build(service: Service) -> Router {
    let built = build_with(service, Bounds::default());
    built.expect("the usual limits allow no documents that could be wrong")
}

/// What bounds requests, and which routes there are.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// How much of a connection and of a request is taken, and for how long.
    pub http: http::limits::Limits,
    /// What may be asked for, at what cost, and how often.
    pub budget: budget::limits::Limits,
    /// What streams may cost.
    pub streams: http::Streams,
    /// The page to write queries in, where one is wanted.
    pub explorer: Option<http::explorer::Explorer>,
}

/// The same with other bounds. Refuses allowed documents that would never be let in.
pub fn build_with(service: Service, bounds: Bounds) -> Result<Router, String> {
    let gate = Gate::new(bounds.budget.clone(), &service.clock)?;
    Ok(http::router(graphql::executor(), service, gate, bounds))
}
