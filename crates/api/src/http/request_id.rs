//! What one request is called, in its answer and in the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::clock::Clock;

/// The header that carries it, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// The longest name that is taken from outside.
const LONGEST: usize = 64;

/// What one request is called.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// What a proxy called the request, if that can stand in a log; else a name of ours.
    pub fn of(headers: &HeaderMap, clock: &Clock) -> Self {
        let given = headers.get(HEADER).filter(|it| is_sane(it.as_bytes()));
        Self(given.cloned().unwrap_or_else(|| {
            let ours = clock.request().to_string();
            HeaderValue::from_str(&ours).unwrap_or(HeaderValue::from_static("none"))
        }))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As a header's value.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Nothing that could break out of a line of the log, or fill it.
fn is_sane(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:=+/".contains(byte);
    (1..=LONGEST).contains(&text.len()) && text.iter().all(fits)
}
