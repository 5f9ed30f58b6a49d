//! Whether the service lives, and whether it can work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Shared;

/// The process lives.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers, and its schema is up to date.
pub async fn ready(State(shared): State<Shared>) -> Response {
    let store = &shared.service.store;
    let pending = match store.ping().await {
        Ok(()) => store.pending_migrations().await,
        Err(error) => Err(error),
    };
    let problem = match pending {
        Ok(0) => return "ready\n".into_response(),
        Ok(_) => "the schema is not up to date\n",
        Err(_) => "the database does not answer\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, problem).into_response()
}
