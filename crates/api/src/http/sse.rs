//! GraphQL over server-sent events, distinct connections: one operation a connection, `next` for each
//! answer and `complete` when there will be no more.
//!
//! When the token ends, or the service stops, the connection ends without `complete`: clients come
//! again then, with another token, and do not think that there is nothing more to follow.
//!
//! An event's `id` is its place in the log; a client that comes back with it in `Last-Event-ID` is told
//! what it missed.

use std::convert::Infallible;
use std::sync::Arc;

use async_graphql::Response as Answer;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::json;

use super::execution::Admitted;
use super::live::{Told, answers, life, stopped};
use super::refused::Refused;
use super::request_id::RequestId;
use super::{Shared, answer};
use crate::auth::Recognised;
use crate::graphql::following::Resume;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies that gather an answer before they pass it on would keep events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers as they come.
pub(super) fn open(
    shared: &Shared,
    headers: &HeaderMap,
    admitted: Admitted,
    who: &Recognised,
    id: RequestId,
) -> Result<Response, Refused> {
    let Some(seat) = shared.seats.take(who.actor.account()) else {
        return Err(Refused::new(
            StatusCode::TOO_MANY_REQUESTS,
            "RATE_LIMITED",
            "Too many streams at once. Close some, or try again later.",
        ));
    };
    let last = headers
        .get(LAST_EVENT_ID)
        .map(|last| String::from_utf8_lossy(last.as_bytes()).into_owned())
        .filter(|last| !last.is_empty());
    let resume = Arc::new(Resume::after(last));
    let life = life(who.until, shared.service.clock.now());
    let admitted = admitted.resuming(Arc::clone(&resume));
    let answers = answers(shared, admitted, id).map(move |told| {
        // The stream holds its seat as long as it is read.
        let _seat = &seat;
        Ok::<_, Infallible>(event(told, &resume))
    });
    let stop = shared.seats.streams.stop.clone();
    let over = async move {
        tokio::select! {
            () = tokio::time::sleep(life) => {}
            () = stopped(stop) => {}
        }
    };
    let events = answers.chain(end()).take_until(Box::pin(over));
    let events = Sse::new(events).keep_alive(KeepAlive::default());
    Ok(([(BUFFERING, "no")], events).into_response())
}

/// Why nothing is executed, as a stream says it.
pub(super) fn refuse(refused: Refused) -> Response {
    let event = event(Told::Refused(refused.errors), &Resume::after(None));
    let events = stream::once(async { Ok::<_, Infallible>(event) });
    Sse::new(events.chain(end())).into_response()
}

/// There will be no more.
fn end() -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::once(async { Ok(Event::default().event("complete").data("")) })
}

fn event(told: Told, resume: &Resume) -> Event {
    let data = match told {
        Told::Next(answer) => text(&answer),
        // A stream has no other way to say it.
        Told::Refused(errors) => json!({ "errors": errors }).to_string(),
    };
    let event = Event::default().event("next").data(data);
    match resume.told() {
        Some(cursor) => event.id(cursor),
        None => event,
    }
}

fn text(answer: &Answer) -> String {
    let json = answer::json(answer).unwrap_or_default();
    String::from_utf8(json).unwrap_or_default()
}
