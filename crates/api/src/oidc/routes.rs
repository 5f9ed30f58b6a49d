//! The two addresses that browsers are sent to. They answer with where to go next, never with a page.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{Extensions, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::Problem;
use crate::operations::oidc::CameBack;
use crate::service::Service;

/// `GET /auth/oidc/start` and `GET /auth/oidc/callback`.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/auth/oidc/start", get(start))
        .route("/auth/oidc/callback", get(callback))
        .with_state(service)
}

#[derive(Deserialize)]
struct Start {
    return_to: String,
    challenge: String,
}

async fn start(
    State(service): State<Service>,
    query: Result<Query<Start>, QueryRejection>,
) -> Response {
    if service.entrance.oidc.is_none() {
        return told(StatusCode::NOT_FOUND, "No provider is set up here.");
    }
    let Ok(Query(query)) = query else {
        return told(StatusCode::BAD_REQUEST, "Say return_to and challenge.");
    };
    let begun = service.begin_oidc(&query.return_to, &query.challenge);
    match Box::pin(begun).await {
        Ok(address) => to(&address),
        Err(Problem::Browser(problem)) => told(StatusCode::BAD_REQUEST, problem),
        Err(problem) => {
            tracing::warn!(?problem, "nobody can be sent to the provider");
            told(
                StatusCode::BAD_GATEWAY,
                "The provider does not answer. Try again later.",
            )
        }
    }
}

#[derive(Deserialize)]
struct Callback {
    state: String,
    code: Option<String>,
}

async fn callback(
    State(service): State<Service>,
    extensions: Extensions,
    query: Result<Query<Callback>, QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else {
        return told(StatusCode::BAD_REQUEST, "Begin again where you signed in.");
    };
    let address = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    let back = service.came_back(&query.state, query.code.as_deref(), address);
    match Box::pin(back).await {
        CameBack::To(address) => to(&address),
        CameBack::Nowhere => told(StatusCode::BAD_REQUEST, "Begin again where you signed in."),
    }
}

/// A redirect that nobody keeps, and that does not tell the next page what the address was.
fn to(address: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        return told(StatusCode::BAD_GATEWAY, "The provider's address is none.");
    };
    let mut answer = StatusCode::FOUND.into_response();
    answer.headers_mut().insert(header::LOCATION, location);
    private(answer)
}

fn told(status: StatusCode, text: &'static str) -> Response {
    private((status, format!("{text}\n")).into_response())
}

fn private(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    answer
}
