//! Writing answers: status, media type, codes. A request that was not executed has no `data`.

use std::collections::BTreeMap;

use async_graphql::{ErrorExtensionValues, Response as Answer, ServerError, Value};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::accept::Media;
use super::refused::Refused;
use super::request_id::RequestId;

/// An answer to a request that was not executed.
#[derive(Serialize)]
struct NotExecuted<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// Gives every error a code, and those that are ours the name of the request. Errors of resolvers
/// have codes. The library's own are about arguments: documents and variables were looked at before,
/// but scalars of our own are read where they are used.
pub fn complete(answer: &mut Answer, id: &RequestId) {
    for error in &mut answer.errors {
        let values = error.extensions.get_or_insert_default();
        if values.get("code").is_none() {
            values.set("code", "BAD_USER_INPUT");
        }
    }
    name(&mut answer.errors, id);
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
