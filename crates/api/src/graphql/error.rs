//! Errors of developers: top-level, with a code and a fixed text. Those of users are data ([`super::user_error`]).
//!
//! async-graphql publishes the `Display` of whatever a resolver returns, so [`Failure`] has none:
//! nothing from below can leak into an answer.

use async_graphql::{Error, ErrorExtensionValues};
use stoa_persistence::StoreError;

/// What a developer has to know of a failed field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A token is needed.
    Unauthenticated,
    /// An argument is out of range or malformed; the text says which.
    BadUserInput(&'static str),
    /// A fault of the service; the log has it.
    Internal,
}

/// A field that failed.
#[derive(Clone, Copy, Debug)]
pub struct Failure(Code);

impl Failure {
    /// A failure with this code.
    pub const fn new(code: Code) -> Self {
        Self(code)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Cursor) {
            return Self(Code::BadUserInput(
                "This cursor belongs to another list, order or filter. Use cursors only with the arguments they came from.",
            ));
        }
        tracing::error!(error = %error, "a read failed");
        Self(Code::Internal)
    }
}

impl From<Failure> for Error {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where errors are made"
    )]
    fn from(failure: Failure) -> Self {
        let (code, text) = match failure.0 {
            Code::Unauthenticated => (
                "UNAUTHENTICATED",
                "Sign in first: send a token in the Authorization header.",
            ),
            Code::BadUserInput(text) => ("BAD_USER_INPUT", text),
            Code::Internal => (
                "INTERNAL_SERVER_ERROR",
                "Something went wrong on our side. Try again; if it stays, tell the operators the `requestId`.",
            ),
        };
        let mut error = Self::new(text);
        let mut values = ErrorExtensionValues::default();
        values.set("code", code);
        error.extensions = Some(values);
        error
    }
}
