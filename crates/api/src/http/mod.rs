//! HTTP: one GraphQL endpoint, an explorer to try it in, and health.
//!
//! `POST /graphql` takes JSON, `GET /graphql` queries only. Answers are JSON, or a stream of events
//! when the client asks for one. `docs/http.md` says every rule to those who write clients.

mod accept;
mod answer;
pub mod edge;
mod execution;
pub mod explorer;
mod health;
mod idempotency;
pub mod limits;
mod live;
mod operation;
mod origin;
mod refused;
mod request;
mod request_id;
pub mod server;
mod sse;
mod websocket;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Extension, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, extract};

use crate::Bounds;
use crate::auth::{Unrecognised, recognise};
use crate::budget::{Gate, address};
use crate::graphql::StoaSchema;
use crate::oidc;
use crate::service::Service;
use crate::well_known;
use accept::{Accept, Media};
use idempotency::Turn;
use limits::Limits;
use live::Seats;
pub use live::Streams;
use refused::{Refused, fields};
use request_id::RequestId;

/// What every request needs.
#[derive(Clone)]
struct Shared {
    schema: StoaSchema,
    service: Service,
    limits: Limits,
    gate: Arc<Gate>,
    seats: Arc<Seats>,
}

/// The routes of the service.
pub fn router(schema: StoaSchema, service: Service, gate: Gate, bounds: Bounds) -> Router {
    let clock = service.clock.clone();
    let known = well_known::routes(service.clone());
    let oidc = oidc::routes(service.clone());
    let shared = Shared {
        schema,
        service,
        limits: bounds.http,
        gate: Arc::new(gate),
        seats: Seats::new(bounds.streams),
    };
    let routes = Router::new()
        .route("/graphql", any(graphql))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(shared)
        .merge(known)
        .merge(oidc);
    let routes = match bounds.explorer {
        Some(explorer) => routes.merge(explorer.routes()),
        None => routes,
    };
    edge::around(routes, clock)
}

async fn graphql(
    State(shared): State<Shared>,
    Extension(accept): Extension<Accept>,
    Extension(id): Extension<RequestId>,
    request: extract::Request,
) -> Response {
    let (mut head, body) = request.into_parts();
    if is_socket(&head) {
        return match WebSocketUpgrade::from_request_parts(&mut head, &shared).await {
            Ok(upgrade) => websocket::open(shared, &head, upgrade, id.clone())
                .unwrap_or_else(|refused| answer::refuse(refused, Media::Json, &id)),
            Err(problem) => problem.into_response(),
        };
    }
    match answer(&shared, &head, body, accept, &id).await {
        Ok(response) => response,
        // Who reads a stream is told in the stream, as the protocol says.
        Err(refused) if refused.of_document && accept.single() == Some(Media::EventStream) => {
            sse::refuse(refused)
        }
        Err(refused) => answer::refuse(refused, accept.json().unwrap_or(Media::Json), &id),
    }
}

async fn answer(
    shared: &Shared,
    head: &Parts,
    body: Body,
    accept: Accept,
    id: &RequestId,
) -> Result<Response, Refused> {
    let posted = match head.method {
        Method::POST => true,
        Method::GET | Method::HEAD => false,
        _ => {
            let text = "Send requests as POST, or queries as GET.";
            return Err(Refused::method("GET, HEAD, POST", text));
        }
    };
    let Some(media) = accept.single() else {
        return Err(Refused::unacceptable(
            "Accept `application/graphql-response+json`, `application/json` or `text/event-stream`.",
        ));
    };
    let request = if posted {
        request::post(&head.headers, body, &shared.limits).await?
    } else {
        request::get(&head.uri)?
    };
    let token = head.headers.get(header::AUTHORIZATION);
    let token = token.map(HeaderValue::to_str).transpose();
    let token = token.map_err(|_| Unrecognised::Token)?;
    let who = recognise(token, &shared.service).await?;
    let address = address_of(head, shared.gate.limits().proxies);
    let named = idempotency::named(&head.headers, &request)?;
    let mut admitted = execution::admit(shared, request, &who.actor, address)?;
    let standing = admitted.standing;
    let asked = admitted.asked();
    if admitted.kind == OperationType::Mutation && !posted {
        return Err(Refused::method("POST", "Send mutations as POST."));
    }
    let followed = admitted.kind == OperationType::Subscription;
    if followed && !accept.streams() {
        return Err(Refused::unacceptable(
            "Subscriptions are streams of answers: accept `text/event-stream`.",
        ));
    }
    // A query does nothing that could be done twice.
    let named = named.filter(|_| admitted.kind == OperationType::Mutation);
    if named.is_some() && media == Media::EventStream {
        return Err(Refused::unacceptable(
            "With an `Idempotency-Key` accept `application/json`: an event stream cannot be told again.",
        ));
    }
    if followed || media == Media::EventStream {
        let mut response = sse::open(shared, &head.headers, admitted, &who, id.clone())?;
        response.headers_mut().extend(fields(&standing));
        response.extensions_mut().insert(asked);
        return Ok(response);
    }
    let kept = if let Some(named) = named {
        let field = admitted.single().ok_or_else(|| {
            Refused::malformed(
                "With an `Idempotency-Key` send one mutation at a time, as a field of the operation itself.",
            )
        })?;
        match idempotency::take(&shared.service, &who.actor, named, &field).await? {
            Turn::Answered(answer) => {
                let mut response = answer::again(answer, media);
                response.headers_mut().extend([idempotency::replayed()]);
                response.headers_mut().extend(fields(&standing));
                return Ok(response);
            }
            Turn::Run(kept) => {
                admitted = admitted.by(kept.service.clone(), &who.actor, address);
                Some(kept)
            }
        }
    } else {
        None
    };
    let mut answer = execution::execute(shared, admitted, id).await?;
    if let Some(kept) = kept {
        // The mutation is done, whatever becomes of the memory of it.
        if let Err(error) = Box::pin(kept.answered(&mut answer)).await {
            tracing::error!(%error, "an answer could not be kept for its idempotency key");
        }
    }
    let mut response = answer::write(&answer, media);
    response.headers_mut().extend(fields(&standing));
    response.extensions_mut().insert(asked.answered(&answer));
    Ok(response)
}

/// Whether a socket is asked for; other upgrades are not taken, and the request is answered as it is.
fn is_socket(head: &Parts) -> bool {
    let upgrade = head.headers.get(header::UPGRADE);
    upgrade.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The address that the request is counted for.
fn address_of(head: &Parts, proxies: usize) -> Option<IpAddr> {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    let forwarded = head.headers.get_all("x-forwarded-for").iter();
    // `GetAll` cannot be read from its end.
    let forwarded: Vec<_> = forwarded.filter_map(|it| it.to_str().ok()).collect();
    address::client(peer.map(|it| it.0.ip()), forwarded.into_iter(), proxies)
}
