//! Why a request was not let in: a code for programs and a sentence for developers.

use std::time::Duration;

use async_graphql::ServerError;
use async_graphql::parser::Error as Unparsed;

use super::rate::Standing;

/// How many mistakes of a document are told.
const TOLD: usize = 50;

/// What a document has too much of, or must not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More than so many of something.
    Over(&'static str, usize),
    /// A fragment that spreads itself, directly or through others.
    Cycle(String),
    /// A subscription of none or several fields.
    Subscription,
    /// More than so many values in the JSON of a request.
    Values(usize),
}

/// What is wrong with a document.
#[derive(Clone, Debug)]
pub enum Flaw {
    /// It does not parse.
    Unparsed(Unparsed),
    /// It does not fit the schema.
    Invalid(Vec<ServerError>),
}

/// A request that is not executed.
#[derive(Clone, Debug)]
pub struct Refused {
    /// For programs: `extensions.code`.
    pub code: &'static str,
    /// For developers.
    pub message: String,
    /// What is wrong with the document, if that is the reason.
    pub flaw: Option<Box<Flaw>>,
    /// What it costs and what it may cost, where that is the reason.
    pub cost: Option<(u64, u64)>,
    /// When to try again, where that helps.
    pub retry_after: Option<Duration>,
    /// What the caller has left, if that was looked at.
    pub standing: Option<Standing>,
}

impl Refused {
    /// A refusal with nothing more to tell.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            flaw: None,
            cost: None,
            retry_after: None,
            standing: None,
        }
    }

    /// A text that is no document, in the parser's words. They quote the line, which may be long.
    pub fn parse(unparsed: Unparsed) -> Self {
        let error = ServerError::from(unparsed.clone());
        let message = error.message.chars().take(1_000).collect::<String>();
        Self {
            flaw: Some(Box::new(Flaw::Unparsed(unparsed))),
            ..Self::new("GRAPHQL_PARSE_FAILED", message)
        }
    }

    /// A document that is not valid. Each mistake repeats a part of it, so not all are told.
    pub fn invalid(mut problems: Vec<ServerError>) -> Self {
        problems.truncate(TOLD);
        let first = problems.first();
        let message = first.map_or_else(String::new, |it| it.message.clone());
        Self {
            flaw: Some(Box::new(Flaw::Invalid(problems))),
            ..Self::new("GRAPHQL_VALIDATION_FAILED", message)
        }
    }

    /// An operation that costs too much.
    pub fn dear(requested: u64, maximum: u64) -> Self {
        let message = format!(
            "The operation would cost {requested}, and one may cost {maximum} at most. Ask for smaller pages or fewer fields."
        );
        Self {
            cost: Some((requested, maximum)),
            ..Self::new("QUERY_TOO_COMPLEX", message)
        }
    }

    /// A caller who has used up what they may.
    pub fn limited(standing: Standing, wait: Duration) -> Self {
        let seconds = seconds(wait);
        Self {
            retry_after: Some(wait),
            standing: Some(standing),
            ..Self::new(
                "RATE_LIMITED",
                format!("Too much was asked for in a short time. Try again in {seconds} s."),
            )
        }
    }

    /// The HTTP status of this refusal for clients that know `application/graphql-response+json`.
    pub fn status(&self) -> u16 {
        if self.code == "RATE_LIMITED" {
            429
        } else {
            400
        }
    }

    /// The same refusal with what the caller has left.
    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self
    }
}

impl From<Excess> for Refused {
    fn from(excess: Excess) -> Self {
        match excess {
            Excess::Over(what, most) => Self::new(
                "QUERY_TOO_COMPLEX",
                format!(
                    "The document is over a limit: at most {most} {what}. Fragments count wherever they are spread."
                ),
            ),
            Excess::Values(most) => Self::new(
                "QUERY_TOO_COMPLEX",
                format!("A request has at most {most} values in its JSON."),
            ),
            Excess::Cycle(fragment) => Self::new(
                "GRAPHQL_VALIDATION_FAILED",
                format!("The fragment {fragment:?} spreads itself."),
            ),
            Excess::Subscription => Self::new(
                "GRAPHQL_VALIDATION_FAILED",
                "A subscription must ask for exactly one field.",
            ),
        }
    }
}

/// Whole seconds, upwards: waiting less would be too short.
pub fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
