//! Streams of answers as server-sent events: GraphQL over SSE, distinct connections.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::Response as Answer;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};

use super::answer;

/// Answers as they come: `next` for each, `complete` at the end, which is the token's at the latest.
pub fn stream(
    answers: impl Stream<Item = Answer> + Send + 'static,
    life: Option<Duration>,
) -> Response {
    let over = tokio::time::sleep(life.unwrap_or(Duration::MAX));
    let answers = answers.take_until(over).map(|answer| {
        let data = answer::json(&answer).unwrap_or_default();
        let data = String::from_utf8(data).unwrap_or_default();
        Ok::<_, Infallible>(Event::default().event("next").data(data))
    });
    let end = futures_util::stream::once(async { Ok(Event::default().event("complete").data("")) });
    Sse::new(answers.chain(end))
        .keep_alive(KeepAlive::default())
        .into_response()
}
