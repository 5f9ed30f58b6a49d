//! HTTP: one GraphQL endpoint, and health.
//!
//! `POST /graphql` takes JSON and answers JSON, or a stream of events when `Accept` names
//! `text/event-stream` (GraphQL over SSE, distinct connections). Nothing else is taken: a form or a
//! plain text would let other sites' pages send requests in a visitor's name.

pub mod explorer;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response as Answer, Value};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;

use crate::auth::{Keys, Recognised, Unrecognised, recognise};
use crate::graphql::StoaSchema;
use crate::graphql::scope::Scope;
use crate::service::Service;
use crate::telemetry::watch::Asked;

/// The largest request body, in bytes.
const BODY: usize = 1024 * 1024;
const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";

/// What every request needs.
#[derive(Clone)]
struct Shared {
    schema: StoaSchema,
    service: Service,
    keys: Arc<Keys>,
}

/// The routes of the service.
pub fn router(schema: StoaSchema, service: Service, keys: Keys) -> Router {
    let shared = Shared {
        schema,
        service,
        keys: Arc::new(keys),
    };
    Router::new()
        .route("/graphql", post(graphql))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(CatchPanicLayer::custom(|_| {
            refused(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_SERVER_ERROR",
                "Something went wrong on our side.",
            )
        }))
        .with_state(shared)
}

async fn graphql(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_json(&headers) {
        return refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_REQUEST",
            "Send `Content-Type: application/json`.",
        );
    }
    let now = shared.service.clock.now();
    let token = headers.get(header::AUTHORIZATION);
    let Ok(token) = token.map(HeaderValue::to_str).transpose() else {
        return unrecognised(&Unrecognised::Token);
    };
    let Recognised { actor, until } =
        match recognise(token, &shared.keys, &shared.service.store, now).await {
            Ok(recognised) => recognised,
            Err(problem) => return unrecognised(&problem),
        };
    let Some(mut request) = read(&body) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            "The body must be one JSON object with `query`, and perhaps `operationName` and `variables`.",
        );
    };
    if has_nul(&request) {
        return refused(
            StatusCode::BAD_REQUEST,
            "BAD_USER_INPUT",
            "Texts must not contain the character U+0000.",
        );
    }
    let asked = Asked::of(&mut request);
    let scope = Scope::new(shared.service.clone(), &actor);
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    if accepts.contains("text/event-stream") {
        // Each event tells the state of its own time.
        scope.loaders.enable_all_cache(false);
        let life = until.and_then(|until| (until - now).to_std().ok());
        let mut response = stream(&shared.schema, request.data(scope), life);
        tell(&mut response, asked);
        return response;
    }
    let answer = Box::pin(shared.schema.execute(request.data(scope))).await;
    let asked = asked.map(|asked| asked.answered(&answer));
    let mut response = write(answer, accepts.contains(GRAPHQL_JSON));
    tell(&mut response, asked);
    response
}

/// Lets whoever watches know what was asked.
fn tell(response: &mut Response, asked: Option<Asked>) {
    if let Some(asked) = asked {
        response.extensions_mut().insert(asked);
    }
}

/// One request; a list of them, which the library would take for the parts of one, is none.
fn read(body: &[u8]) -> Option<Request> {
    let object = body.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice(body).ok().filter(|_| object)
}

/// Whether a text in the request holds U+0000: PostgreSQL keeps none, so both databases refuse it.
fn has_nul(request: &Request) -> bool {
    fn inside(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::List(list) => list.iter().any(inside),
            Value::Object(fields) => fields.values().any(inside),
            _ => false,
        }
    }
    request.query.contains('\0')
        || request.query.contains("\\u0000")
        || request.variables.values().any(inside)
}

/// Whether the body is said to be JSON.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(JSON))
}

/// An answer as JSON. A request that was not executed has no `data` key, and says so in its status
/// to clients that know the newer media type.
fn write(answer: Answer, modern: bool) -> Response {
    let executed = answer.data != Value::Null || answer.errors.iter().any(|it| !it.path.is_empty());
    let not_executed = !executed && !answer.errors.is_empty();
    let status = if not_executed && modern {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let body = if not_executed {
        serde_json::to_vec(&json!({ "errors": answer.errors }))
    } else {
        serde_json::to_vec(&answer)
    };
    let kind = if modern { GRAPHQL_JSON } else { JSON };
    match body {
        Ok(body) => (status, [(header::CONTENT_TYPE, charset(kind))], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn charset(kind: &str) -> String {
    format!("{kind}; charset=utf-8")
}

/// Answers as they come: `next` for each, `complete` at the end, which is the token's at the latest.
fn stream(schema: &StoaSchema, request: Request, life: Option<Duration>) -> Response {
    let over = tokio::time::sleep(life.unwrap_or(Duration::MAX));
    let answers = schema
        .execute_stream(request)
        .take_until(over)
        .map(|answer| {
            let data = serde_json::to_string(&answer).unwrap_or_default();
            Ok::<_, Infallible>(Event::default().event("next").data(data))
        });
    let end = futures_util::stream::once(async { Ok(Event::default().event("complete").data("")) });
    Sse::new(answers.chain(end))
        .keep_alive(axum::response::sse::KeepAlive::default())
        .into_response()
}

fn unrecognised(problem: &Unrecognised) -> Response {
    if let Unrecognised::Store(error) = problem {
        tracing::error!(%error, "an account could not be read");
        return refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "INTERNAL_SERVER_ERROR",
            "The service cannot reach its database.",
        );
    }
    let mut answer = refused(
        StatusCode::UNAUTHORIZED,
        "UNAUTHENTICATED",
        "The token is malformed or expired, or its account is closed. Sign in again.",
    );
    let ask = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
    answer
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    (
        status,
        [(header::CONTENT_TYPE, charset(JSON))],
        body.to_string(),
    )
        .into_response()
}

async fn ready(State(shared): State<Shared>) -> Response {
    let store = &shared.service.store;
    let pending = match store.ping().await {
        Ok(()) => store.pending_migrations().await,
        Err(error) => Err(error),
    };
    match pending {
        Ok(0) => "ready\n".into_response(),
        Ok(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the schema is not up to date\n",
        )
            .into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        )
            .into_response(),
    }
}
