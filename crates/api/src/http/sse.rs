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

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response as Answer};
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::live::{Told, answers, kind, life, stopped};
use super::{Shared, refused};
use crate::auth::Recognised;
use crate::graphql::following::Resume;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies that gather an answer before they pass it on would keep events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A request in the parameters of an address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Whether the client takes events.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"))
}

/// Follows what the address names; it cannot change anything.
pub(super) fn get(shared: &Shared, headers: &HeaderMap, uri: &Uri, who: Recognised) -> Response {
    let Some(mut request) = read(uri) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            "The address must have `query`, and perhaps `operationName`, `variables` and `extensions` as JSON objects.",
        );
    };
    if kind(&mut request) == Some(OperationType::Mutation) {
        let mut answer = refused(
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_REQUEST",
            "Mutations are sent with POST.",
        );
        let allow = HeaderValue::from_static("POST");
        answer.headers_mut().insert(header::ALLOW, allow);
        return answer;
    }
    stream(shared, headers, request, who)
}

fn read(uri: &Uri) -> Option<Request> {
    let Query(asked) = Query::<Asked>::try_from_uri(uri).ok()?;
    let object = |text: Option<String>| match text.filter(|text| !text.is_empty()) {
        None => Some(Value::Object(Map::new())),
        Some(text) => serde_json::from_str(&text).ok().filter(Value::is_object),
    };
    serde_json::from_value(json!({
        "query": asked.query.unwrap_or_default(),
        "operationName": asked.operation_name.filter(|name| !name.is_empty()),
        "variables": object(asked.variables)?,
        "extensions": object(asked.extensions)?,
    }))
    .ok()
}

/// Answers as they come.
pub(super) fn stream(
    shared: &Shared,
    headers: &HeaderMap,
    request: Request,
    who: Recognised,
) -> Response {
    let Some(seat) = shared.seats.take(who.actor.account()) else {
        return refused(
            StatusCode::TOO_MANY_REQUESTS,
            "RATE_LIMITED",
            "Too many streams at once. Close some, or try again later.",
        );
    };
    let last = headers
        .get(LAST_EVENT_ID)
        .map(|last| String::from_utf8_lossy(last.as_bytes()).into_owned())
        .filter(|last| !last.is_empty());
    let resume = Arc::new(Resume::after(last));
    let life = life(who.until, shared.service.clock.now());
    let answers =
        answers(shared, request, &who.actor, Some(Arc::clone(&resume))).map(move |told| {
            // The stream holds its seat as long as it is read.
            let _seat = &seat;
            Ok::<_, Infallible>(event(told, &resume))
        });
    let end = futures_util::stream::once(async { Ok(Event::default().event("complete").data("")) });
    let stop = shared.seats.streams.stop.clone();
    let over = async move {
        tokio::select! {
            () = tokio::time::sleep(life) => {}
            () = stopped(stop) => {}
        }
    };
    let events = answers.chain(end).take_until(Box::pin(over));
    let events = Sse::new(events).keep_alive(KeepAlive::default());
    ([(BUFFERING, "no")], events).into_response()
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
    serde_json::to_string(answer).unwrap_or_default()
}
