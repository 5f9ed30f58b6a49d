//! Requests that are not executed, and what their answers say.

use async_graphql::{ErrorExtensionValues, Name, Pos, ServerError, Value};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use stoa_persistence::StoreError;

use super::limits;
use super::operation::unparsed;
use crate::auth::Unrecognised;
use crate::budget::rate::{Standing, retry_after};
use crate::budget::refused::{Excess, Flaw, Refused as NotAdmitted};

/// A request that is not executed.
#[derive(Debug)]
pub struct Refused {
    /// What the answer's status is.
    pub status: StatusCode,
    /// Whether the fault lies in what was asked, not in how: clients that only know
    /// `application/json` are answered with 200 then.
    pub of_document: bool,
    /// What is wrong; every error has a code.
    pub errors: Vec<ServerError>,
    /// What the answer's head says besides.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// An error with a code.
pub fn error(code: &str, message: impl Into<String>, locations: Vec<Pos>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.locations = locations;
    let mut values = ErrorExtensionValues::default();
    values.set("code", code);
    error.extensions = Some(values);
    error
}

impl Refused {
    /// A refusal with this status, code and text.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            of_document: false,
            errors: vec![error(code, message, Vec::new())],
            headers: Vec::new(),
        }
    }

    /// A refusal of what was asked: of its document, its operation or its variables.
    pub fn document(error: ServerError) -> Self {
        Self::documents(vec![error])
    }

    fn documents(errors: Vec<ServerError>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            of_document: true,
            errors,
            headers: Vec::new(),
        }
    }

    fn http(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "BAD_REQUEST", message)
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// A body or parameters that are no request.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::http(StatusCode::BAD_REQUEST, message)
    }

    /// A method that is not taken here; these are.
    pub fn method(allowed: &'static str, message: &'static str) -> Self {
        Self::http(StatusCode::METHOD_NOT_ALLOWED, message).with(header::ALLOW, allowed)
    }

    /// A body that is no JSON.
    pub fn media(message: &'static str) -> Self {
        Self::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
            .with(header::ACCEPT, "application/json")
    }

    /// A client that takes nothing of what could be sent.
    pub fn unacceptable(message: &'static str) -> Self {
        Self::http(StatusCode::NOT_ACCEPTABLE, message)
    }

    /// A body that is too large. What else of it is on its way is not read.
    pub fn too_large() -> Self {
        let text = format!("The body may have {} bytes at most.", limits::BODY);
        Self::http(StatusCode::PAYLOAD_TOO_LARGE, text).with(header::CONNECTION, "close")
    }

    /// A path that is too long.
    pub fn too_long() -> Self {
        let text = format!(
            "The path with its query may have {} bytes at most. Send the request as a POST.",
            limits::URI
        );
        Self::http(StatusCode::URI_TOO_LONG, text)
    }

    /// A body that did not come in time.
    pub fn slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "The body did not come in time. Send it again.",
        )
        .with(header::CONNECTION, "close")
    }

    /// An operation that ran for too long.
    pub fn took_too_long() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "EXECUTION_TIMEOUT",
            "The operation took too long and was stopped. Ask for less; before repeating a mutation, read what it did.",
        )
    }

    /// A fault of the service; the log has it.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL_SERVER_ERROR",
            "Something went wrong on our side. Try again; if it stays, tell the operators the `requestId`.",
        )
    }

    fn unavailable(error: &StoreError) -> Self {
        tracing::error!(%error, "an account could not be read");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "INTERNAL_SERVER_ERROR",
            "The service cannot reach its database.",
        )
    }
}

impl From<Excess> for Refused {
    fn from(excess: Excess) -> Self {
        NotAdmitted::from(excess).into()
    }
}

impl From<NotAdmitted> for Refused {
    fn from(refused: NotAdmitted) -> Self {
        let mut told = match refused.flaw.as_deref() {
            Some(Flaw::Unparsed(problem)) => unparsed(problem),
            Some(Flaw::Invalid(problems)) => {
                let told = problems.iter();
                let told =
                    told.map(|it| error(refused.code, it.message.as_str(), it.locations.clone()));
                Self::documents(told.collect())
            }
            None => Self::document(error(refused.code, refused.message.as_str(), Vec::new())),
        };
        if let Some((requested, maximum)) = refused.cost {
            let cost = [("requested", requested), ("maximum", maximum)];
            let cost = cost.map(|(name, value)| (Name::new(name), Value::from(value)));
            for values in told
                .errors
                .iter_mut()
                .filter_map(|it| it.extensions.as_mut())
            {
                values.set("cost", Value::Object(cost.clone().into_iter().collect()));
            }
        }
        if let Some(wait) = refused.retry_after {
            told.status = StatusCode::TOO_MANY_REQUESTS;
            told.of_document = false;
            let seconds = retry_after(wait);
            told.headers.push((header::RETRY_AFTER, seconds.into()));
        }
        told.headers
            .extend(refused.standing.iter().flat_map(fields));
        told
    }
}

/// What a caller has left, as header fields.
pub fn fields(standing: &Standing) -> Vec<(HeaderName, HeaderValue)> {
    let fields = [
        ("ratelimit-policy", standing.policy_field()),
        ("ratelimit", standing.field()),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| {
        let value = HeaderValue::try_from(value).ok()?;
        Some((HeaderName::from_static(name), value))
    });
    fields.collect()
}

impl From<Unrecognised> for Refused {
    fn from(problem: Unrecognised) -> Self {
        match problem {
            Unrecognised::Store(error) => Self::unavailable(&error),
            Unrecognised::Token | Unrecognised::Account => Self::new(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "The token is malformed or expired, or its session or account is closed. Sign in again.",
            )
            .with(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""),
        }
    }
}
