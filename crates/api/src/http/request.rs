//! Reading a request: a body of JSON, or the parameters of a path.

use async_graphql::{Extensions, Request, Value, Variables};
use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use futures_util::StreamExt;
use serde::Deserialize;

use super::accept::is_utf8;
use super::limits::{BODY, Limits};
use super::refused::{Refused, error};
use crate::budget::persisted::DOCUMENT_ID;
use crate::budget::values;

/// Up to here, memory for a body is taken before it has come, in bytes.
const SMALL: usize = 16 * 1024;

/// A request as a body says it. Members with other names are ignored, as the specification asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Extensions>,
}

/// A request as a path says it: variables and extensions are texts of JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Reads the request that a body says.
pub async fn post(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Request, Refused> {
    is_json(headers)?;
    let whole = tokio::time::timeout(limits.body, whole(headers, body));
    let bytes = whole.await.map_err(|_| Refused::slow())??;
    values::bounded(&bytes)?;
    // A derived reader takes lists for objects.
    let object = bytes.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice::<Members>(&bytes) {
        Ok(members) if object => members.into_request(),
        _ => Err(Refused::malformed(what_is_wrong(&bytes))),
    }
}

/// Reads the request that a path says. A parameter that is empty is none.
pub fn get(uri: &Uri) -> Result<Request, Refused> {
    let Ok(Query(parameters)) = Query::<Parameters>::try_from_uri(uri) else {
        return Err(Refused::malformed(
            "The path must have each parameter once: `query`, and perhaps `operationName`, `variables` and `extensions`.",
        ));
    };
    let members = Members {
        query: parameters.query.filter(|text| !text.is_empty()),
        document_id: parameters.document_id,
        operation_name: parameters.operation_name,
        variables: json(parameters.variables.as_deref(), "variables")?,
        extensions: json(parameters.extensions.as_deref(), "extensions")?,
    };
    members.into_request()
}

fn json<T: for<'a> Deserialize<'a>>(text: Option<&str>, name: &str) -> Result<Option<T>, Refused> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    values::bounded(text.as_bytes())?;
    serde_json::from_str(text)
        .map_err(|_| Refused::malformed(format!("`{name}` must be a JSON object.")))
}

impl Members {
    fn into_request(self) -> Result<Request, Refused> {
        let mut extensions = self.extensions.unwrap_or_default();
        // The library knows no such member, but hands extensions on.
        if let Some(id) = self.document_id.filter(|id| !id.is_empty()) {
            extensions.insert(DOCUMENT_ID.into(), id.into());
        }
        let query = match self.query {
            Some(query) => query,
            None if is_persisted(&extensions) => String::new(),
            None => return Err(Refused::malformed("`query` is missing.")),
        };
        let mut request = Request::new(query);
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        request.variables = self.variables.unwrap_or_default();
        request.extensions = extensions;
        without_nul(request)
    }
}

/// Whether the document is named by its hash, as Apollo's clients or the draft's appendix do.
pub fn is_persisted(extensions: &Extensions) -> bool {
    extensions.contains_key("persistedQuery") || extensions.contains_key(DOCUMENT_ID)
}

/// The body, if it is not too large.
async fn whole(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refused> {
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<usize>().ok())
        .unwrap_or_default();
    if announced > BODY {
        return Err(Refused::too_large());
    }
    // What is announced need not come.
    let mut bytes = Vec::with_capacity(announced.min(SMALL));
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Refused::malformed("The body was cut off."))?;
        if bytes.len() + piece.len() > BODY {
            return Err(Refused::too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Whether the body is said to be JSON, in UTF-8 and as it is. Forms and plain texts are not taken:
/// other sites' pages could send them in a visitor's name.
fn is_json(headers: &HeaderMap) -> Result<(), Refused> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    if !parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
    {
        return Err(Refused::media("Send `Content-Type: application/json`."));
    }
    let charset = parts
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case("charset"));
    if charset.is_some_and(|(_, value)| !is_utf8(value)) {
        return Err(Refused::media("Send JSON in UTF-8."));
    }
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err(Refused::media("Send the body as it is, not compressed."));
    }
    Ok(())
}

/// Why a body is no request, found out once it is known that it is none.
fn what_is_wrong(body: &[u8]) -> &'static str {
    use serde_json::Value as Json;
    let members = match serde_json::from_slice(body) {
        Ok(Json::Object(members)) => members,
        Ok(Json::Array(_)) => {
            return "Send one request at a time: lists of requests are not taken.";
        }
        Ok(_) => {
            return "The body must be one JSON object with `query`, and perhaps `operationName`, `variables` and `extensions`.";
        }
        Err(_) => return "The body must be JSON in UTF-8.",
    };
    let wrong = |name, fits: fn(&Json) -> bool| {
        members
            .get(name)
            .is_some_and(|value| !value.is_null() && !fits(value))
    };
    if wrong("query", Json::is_string) {
        "`query` must be a text."
    } else if wrong("documentId", Json::is_string) {
        "`documentId` must be a text."
    } else if wrong("operationName", Json::is_string) {
        "`operationName` must be a text."
    } else if wrong("variables", Json::is_object) {
        "`variables` must be an object."
    } else if wrong("extensions", Json::is_object) {
        "`extensions` must be an object."
    } else {
        "A member of the request is there twice, or a number in it is out of range."
    }
}

/// Refuses a text with U+0000: PostgreSQL keeps none, so neither database does.
pub fn without_nul(request: Request) -> Result<Request, Refused> {
    if !has_nul(&request) {
        return Ok(request);
    }
    Err(Refused {
        of_document: false,
        ..Refused::document(error(
            "BAD_USER_INPUT",
            "Texts must not contain the character U+0000.",
            Vec::new(),
        ))
    })
}

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
