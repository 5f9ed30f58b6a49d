//! Watches requests from outside: counts them, and makes a span of each operation.

use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Answer, Value};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures_util::StreamExt;

use super::document::sanitised;
use super::metrics::{Metrics, Ongoing};
use super::traces::{Parent, Span, Traces};
use crate::clock::Clock;
use crate::service::Service;

/// The longest name of an operation that is kept, in characters.
const LONGEST: usize = 100;

/// What a request asked; its answer carries it to whoever watches.
#[derive(Clone, Debug)]
pub struct Asked {
    kind: OperationType,
    name: Option<String>,
    document: String,
    error: Option<String>,
}

impl Asked {
    /// An operation of this kind and name in this document.
    pub fn new(kind: OperationType, name: Option<&str>, document: String) -> Self {
        Self {
            kind,
            name: name.map(|name| name.chars().take(LONGEST).collect()),
            document,
            error: None,
        }
    }

    /// The same, answered.
    #[must_use]
    pub fn answered(mut self, answer: &Answer) -> Self {
        let first = answer.errors.first();
        let code = first.and_then(|error| error.extensions.as_ref()?.get("code"));
        self.error = match code {
            Some(Value::String(code)) => Some(code.clone()),
            _ => first.map(|_| "OTHER".into()),
        };
        self
    }
}

#[derive(Clone)]
struct Watch {
    clock: Clock,
    metrics: Metrics,
    traces: Option<Traces>,
}

/// These routes, watched.
pub fn around(routes: Router, service: &Service, traces: Option<Traces>) -> Router {
    let watch = Watch {
        clock: service.clock.clone(),
        metrics: service.metrics.clone(),
        traces,
    };
    routes.layer(from_fn_with_state(watch, watched))
}

/// A span whose end is not there yet; it ends when this is dropped.
struct Open {
    span: Option<(Traces, Span)>,
    since: Instant,
    _followed: Option<Ongoing>,
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some((traces, mut span)) = self.span.take() {
            span.took = self.since.elapsed();
            traces.take(span);
        }
    }
}

async fn watched(
    State(watch): State<Watch>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let since = Instant::now();
    let began = watch.clock.now();
    let parent = request.headers().get("traceparent");
    let parent = parent.and_then(|it| Parent::parse(it.to_str().ok()?));
    let in_flight = watch.metrics.in_flight();
    let mut response = next.run(request).await;
    drop(in_flight);
    let asked: Option<Asked> = response.extensions_mut().remove();
    let kind = asked.as_ref().map(|asked| asked.kind);
    let operation = match kind {
        Some(OperationType::Query) => "query",
        Some(OperationType::Mutation) => "mutation",
        Some(OperationType::Subscription) => "subscription",
        None => "none",
    };
    let status = response.status().as_u16();
    watch.metrics.answered(operation, status, since.elapsed());
    let Some(asked) = asked else {
        return response;
    };
    let followed = kind == Some(OperationType::Subscription) && response.status().is_success();
    let span = watch.traces.map(|traces| {
        let span = Span {
            parent,
            ids: watch.clock.trace(),
            operation,
            document: sanitised(&asked.document),
            name: asked.name,
            status,
            error: asked.error,
            began,
            took: Duration::ZERO,
        };
        (traces, span)
    });
    let open = Open {
        span,
        since,
        _followed: followed.then(|| watch.metrics.followed()),
    };
    if !followed {
        return response;
    }
    // What is followed lasts as long as its body.
    response.map(|body| {
        let held = body.into_data_stream().inspect(move |_| {
            let _ = &open;
        });
        Body::from_stream(held)
    })
}
