//! Criteria: statements over facts, with what follows when one is not met.
//!
//! A criterion is MET, UNMET or UNKNOWN; what is unknown is never guessed, it goes to a person. The
//! findings of all criteria make one recommendation, by the first line of this table that applies:
//!
//! | findings | recommendation |
//! |----------|----------------|
//! | there are no criteria | `REVIEW`: nothing was judged |
//! | some UNMET with `DECLINE`, whatever the others say: one certain reason is enough | `DECLINE` |
//! | some UNKNOWN | `REVIEW` |
//! | some UNMET with `HOLD` | `HOLD` |
//! | some UNMET with `ASK` | `ASK` |
//! | some UNMET with `REVIEW` | `REVIEW` |
//! | all MET | `APPROVE` |

mod bounds;
mod cost;
mod expression;
#[cfg(test)]
mod hostile;
mod pattern;
mod ruleset;
#[cfg(test)]
mod tests;

pub use expression::{Expression, InvalidExpression, Problem};
pub use ruleset::{Ruleset, recommend};

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::application::Application;
use crate::facts::{Answers, Facts};
use crate::id::{Id, Noun};
use crate::program::Revision;

/// A statement an applicant can read, and the expression that decides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its key, e.g. `osi-licence`.
    pub key: String,
    /// What must hold, in words for the applicant.
    pub statement: String,
    /// The same in CEL over facts; it must yield a boolean.
    pub expression: String,
    /// What follows when it is not met.
    pub unmet: Consequence,
    /// The decline reason it gives when it declines.
    #[serde(default)]
    pub reason: Option<String>,
    /// What the applicant can do to meet it.
    pub fix: String,
}

/// What follows when a criterion is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Consequence {
    /// The application does not qualify.
    Decline,
    /// A person looks at it.
    Review,
    /// The applicant is asked.
    Ask,
    /// It waits for another team.
    Hold,
}

/// What an evaluation says of one criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// A fact is missing, or the expression failed.
    Unknown,
}

/// One criterion's result, with the facts it used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The criterion's key.
    pub criterion: String,
    /// What came out.
    pub outcome: Outcome,
    /// What follows, if it is not met.
    pub consequence: Consequence,
    /// Why it is unknown: the missing facts, or the error of the expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The facts that the expression names.
    pub facts: Facts,
}

/// What the rules would have the team do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Recommendation {
    /// Every criterion is met.
    Approve,
    /// A criterion that declines is not met.
    Decline,
    /// Ask the applicant about what is not met.
    Ask,
    /// Wait for another team.
    Hold,
    /// Something is unknown, or wants a person's eye.
    Review,
}

/// One run of all criteria over one application; kept forever.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Its id.
    pub id: Id<Evaluation>,
    /// The application it looked at.
    pub application: Id<Application>,
    /// The revision whose criteria were run.
    pub revision: Id<Revision>,
    /// When.
    pub at: Timestamp,
    /// One result a criterion, in the revision's order.
    pub findings: Vec<Finding>,
    /// What follows from them.
    pub recommendation: Recommendation,
    /// Decline reasons of the criteria that are not met, in the revision's order, each once.
    pub reasons: Vec<String>,
    /// Keys of approval limits that this application is over.
    pub limits: Vec<String>,
    /// Form fields asked for in review that an approval needs and that have no answer yet.
    pub unanswered: Vec<String>,
}

impl Evaluation {
    /// Leaves to people what the criteria would approve although an answer could not be read: no
    /// criterion may have asked for it, and still it decides what is granted.
    #[must_use]
    pub fn with_unread(mut self, answers: &Answers) -> Self {
        if self.recommendation == Recommendation::Approve && !answers.unread.is_empty() {
            self.recommendation = Recommendation::Review;
        }
        self
    }
}

impl Noun for Evaluation {
    const PREFIX: &'static str = "eval";
}
