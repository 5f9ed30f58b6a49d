//! Writing answers: status, media type, codes. A request that was not executed has no `data`.

use std::collections::BTreeMap;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ErrorExtensionValues, Pos, Response as Answer, ServerError, Value};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::accept::Media;
use super::operation::is_from_variable;
use super::refused::Refused;
use super::request_id::RequestId;

/// What the library says of documents that ask for too much.
const TOO_MUCH: [&str; 3] = [
    "Query is too complex.",
    "Query is nested too deep.",
    "The recursion depth of the query cannot be greater than",
];
/// What the library says of a value that does not fit, be it written in the document or sent as a variable.
const MISFIT: &str = "Invalid value for argument";

/// How many mistakes of a document are told. Each repeats a part of it.
const TOLD: usize = 50;

/// An answer to a request that was not executed.
#[derive(Serialize)]
struct NotExecuted<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// Gives every error a code, and those that are ours the name of the request. Errors of resolvers
/// have codes; what has none comes from the library, and `document` tells at which stage.
pub fn complete(answer: &mut Answer, document: &str, id: &RequestId) {
    if !was_executed(answer) {
        answer.errors.truncate(TOLD);
    }
    let misfits = answer.errors.iter().any(is_misfit);
    let document = misfits.then(|| parse_query(document).ok()).flatten();
    for error in &mut answer.errors {
        let known = error.extensions.as_ref().and_then(|it| it.get("code"));
        if known.is_none() {
            let code = stage(error, document.as_ref());
            let values = error.extensions.get_or_insert_default();
            values.set("code", code);
        }
    }
    name(&mut answer.errors, id);
}

/// At which stage the library found a mistake. Its texts are those of the exact version we build with.
fn stage(error: &ServerError, document: Option<&ExecutableDocument>) -> &'static str {
    // Only arguments fail below a field without our doing.
    if !error.path.is_empty() {
        return "BAD_USER_INPUT";
    }
    if TOO_MUCH.iter().any(|text| error.message.starts_with(text)) {
        return "QUERY_TOO_COMPLEX";
    }
    let sent = |at: &Pos| document.is_some_and(|document| is_from_variable(document, *at));
    if is_misfit(error) && error.locations.iter().any(sent) {
        return "BAD_USER_INPUT";
    }
    "GRAPHQL_VALIDATION_FAILED"
}

fn is_misfit(error: &ServerError) -> bool {
    error.path.is_empty() && error.message.starts_with(MISFIT)
}

/// Says in faults of the service how the log calls the request.
fn name(errors: &mut [ServerError], id: &RequestId) {
    let internal = Value::from("INTERNAL_SERVER_ERROR");
    for values in errors.iter_mut().filter_map(|it| it.extensions.as_mut()) {
        if values.get("code") == Some(&internal) {
            ErrorExtensionValues::set(values, "requestId", id.as_str());
        }
    }
}

/// Whether anything ran: then there is data, or an error of a field.
pub fn was_executed(answer: &Answer) -> bool {
    answer.data != Value::Null
        || answer.errors.is_empty()
        || answer.errors.iter().any(|it| !it.path.is_empty())
}

/// An answer as JSON.
pub fn json(answer: &Answer) -> serde_json::Result<Vec<u8>> {
    if was_executed(answer) {
        return serde_json::to_vec(answer);
    }
    serde_json::to_vec(&NotExecuted {
        errors: &answer.errors,
        extensions: &answer.extensions,
    })
}

/// An answer over HTTP. What was not executed says so in its status, to clients that know the newer type.
pub fn write(answer: &Answer, media: Media) -> Response {
    let status = if media == Media::GraphqlJson && !was_executed(answer) {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    respond(status, media, json(answer))
}

/// An answer that was given before.
pub fn again(body: Vec<u8>, media: Media) -> Response {
    respond(StatusCode::OK, media, Ok(body))
}

/// The answer to a request that is refused.
pub fn refuse(mut refused: Refused, media: Media, id: &RequestId) -> Response {
    name(&mut refused.errors, id);
    let status = if refused.of_document && media == Media::Json {
        StatusCode::OK
    } else {
        refused.status
    };
    let body = serde_json::to_vec(&NotExecuted {
        errors: &refused.errors,
        extensions: &BTreeMap::new(),
    });
    let mut response = respond(status, media, body);
    response.headers_mut().extend(refused.headers);
    response
}

fn respond(status: StatusCode, media: Media, body: serde_json::Result<Vec<u8>>) -> Response {
    let kind = match media {
        Media::GraphqlJson => "application/graphql-response+json; charset=utf-8",
        Media::Json | Media::EventStream => "application/json; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        // An answer is for the one who asked, at the time of asking.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    match body {
        Ok(body) => (status, headers, body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
