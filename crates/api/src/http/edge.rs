//! What holds for every request: a name, a place in the log, an answer even after a panic.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures_util::FutureExt;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tracing::Instrument;

use super::accept::{Accept, Media};
use super::refused::Refused;
use super::request_id::{HEADER, RequestId};
use super::{answer, limits};
use crate::clock::Clock;

/// The smallest answer that is worth compressing, in bytes. Below, a packet is a packet.
const SMALLEST: u64 = 4096;

/// These routes, with what holds for every request around them.
pub fn around(routes: Router, clock: Clock) -> Router {
    // Most of the gain is had by the first level, at a third of the time that the usual one takes.
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Precise(1))
        .compress_when(SizeAbove::new(SMALLEST).and(NotForContentType::SSE));
    routes
        .layer(compression)
        .layer(from_fn_with_state(clock, named))
}

async fn named(State(clock): State<Clock>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers(), &clock);
    let accept = Accept::of(request.headers());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(accept);
    let media = accept.json().unwrap_or(Media::Json);
    let path = request.uri().path_and_query();
    let mut response = if path.is_some_and(|it| it.as_str().len() > limits::URI) {
        answer::refuse(Refused::too_long(), media, &id)
    } else {
        // As loud as it can be: an error must name its request when nothing else is logged.
        let span = tracing::error_span!("request", id = id.as_str());
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind();
        let answered = async {
            let response = answered.await.unwrap_or_else(|_| {
                tracing::error!("a request panicked");
                answer::refuse(Refused::internal(), media, &id)
            });
            tracing::debug!(status = response.status().as_u16(), "answered");
            response
        };
        answered.instrument(span).await
    };
    let headers = response.headers_mut();
    headers.insert(HEADER, id.header());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    /// A log to look into.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            log.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_logged_while_a_request_is_answered_names_it() {
        let log = Log::default();
        let written = log.clone();
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::WARN);
        let lines = lines.with_writer(move || written.clone()).finish();
        let _guard = tracing::subscriber::set_default(lines);
        let routes = Router::new().route(
            "/",
            get(async || {
                tokio::task::yield_now().await;
                tracing::warn!("something happened");
            }),
        );
        let clock = Clock::fixed(chrono::DateTime::UNIX_EPOCH);
        let request = axum::http::Request::get("/").header(HEADER, "theirs-17");
        let request = request.body(Body::empty()).expect("it is a request");
        let answer = around(routes, clock).oneshot(request).await;
        assert!(answer.is_ok_and(|answer| answer.status().is_success()));
        let log = log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&log);
        let line = text.lines().find(|it| it.contains("something happened"));
        assert!(line.is_some_and(|it| it.contains("theirs-17")), "{text}");
    }
}
