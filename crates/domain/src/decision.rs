//! Decisions: drafted, perhaps approved by a second person, then published.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::Account;
use crate::change::Mode;
use crate::id::Id;

/// What was decided about an application, by whom, and what the applicant is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Accepted or declined.
    pub outcome: Outcome,
    /// Codes of the revision's decline reasons; a decline always has at least one.
    pub reasons: Vec<String>,
    /// What the applicant is told besides.
    pub message: Option<String>,
    /// By hand or by the service.
    pub mode: Mode,
    /// Who drafted it; none for the service itself.
    pub drafted_by: Option<Id<Account>>,
    /// When it was drafted.
    #[serde(with = "crate::rfc3339")]
    pub drafted_at: Timestamp,
    /// Approval limits it is over; if any, a second person must approve it.
    pub limits: Vec<String>,
    /// The second person.
    pub approved_by: Option<Id<Account>>,
    /// When they approved it.
    pub approved_at: Option<Timestamp>,
    /// When the applicant could see it.
    pub published_at: Option<Timestamp>,
}

/// The two outcomes of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The organisation is accepted.
    Approve,
    /// It is not.
    Decline,
}

/// What somebody wants to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Accepted or declined.
    pub outcome: Outcome,
    /// Codes of the revision's decline reasons.
    pub reasons: Vec<String>,
    /// What the applicant is told besides.
    pub message: Option<String>,
}

impl Decision {
    /// Whether it still waits for a second person.
    pub const fn needs_approval(&self) -> bool {
        !self.limits.is_empty() && self.approved_by.is_none()
    }
}
