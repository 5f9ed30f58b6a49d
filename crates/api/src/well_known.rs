//! What others may know of us without asking: the public keys of access tokens.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::service::Service;

/// A key is known a day before it signs, so an hour-old copy is never too old.
const CACHE: &str = "public, max-age=3600";
const KIND: &str = "application/jwk-set+json";

/// The routes below `/.well-known`.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/.well-known/jwks.json", get(keys))
        .with_state(service)
}

async fn keys(State(service): State<Service>) -> Response {
    if service.keys.public().is_none()
        && let Err(error) = service.keep_signing_keys().await
    {
        tracing::error!(%error, "the signing keys could not be read");
    }
    match service.keys.public() {
        Some(keys) => (
            [(header::CONTENT_TYPE, KIND), (header::CACHE_CONTROL, CACHE)],
            keys.to_string(),
        )
            .into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
