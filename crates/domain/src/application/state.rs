//! The states of an application: few and fixed, because frontends and indicators rely on them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::decision::Decision;
use crate::promise::Running;

/// Why an organisation asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// It is not a member.
    New,
    /// Its term ends.
    Renewal,
    /// It wants its membership changed.
    Amendment,
}

/// The name of a state. Few and fixed: frontends and indicators rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Being written by the applicant.
    Draft,
    /// Handed in, not yet evaluated.
    Submitted,
    /// People look at it.
    InReview,
    /// The applicant was asked and has not answered; the promise pauses.
    AwaitingApplicant,
    /// Waits for another team.
    OnHold,
    /// A decision is drafted and not yet published.
    AwaitingApproval,
    /// A cap of the program is reached; waits for a place.
    Waitlisted,
    /// Accepted.
    Approved,
    /// Declined.
    Declined,
    /// Taken back by the applicant.
    Withdrawn,
    /// Ended by silence.
    Expired,
}

/// A state with what only it knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Being written.
    Draft,
    /// Handed in.
    Submitted,
    /// In review.
    InReview,
    /// The applicant was asked.
    AwaitingApplicant {
        /// What they were asked.
        question: String,
        /// Form fields that their reply must answer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fields: Vec<String>,
    },
    /// Waits for another team.
    OnHold {
        /// Why.
        cause: HoldCause,
        /// For the team only.
        note: String,
    },
    /// A decision is drafted.
    AwaitingApproval {
        /// The draft; the applicant does not see it.
        decision: Decision,
    },
    /// Waits for a place.
    Waitlisted,
    /// Accepted.
    Approved {
        /// The published decision.
        decision: Decision,
    },
    /// Declined.
    Declined {
        /// The published decision.
        decision: Decision,
    },
    /// Taken back.
    Withdrawn {
        /// Why, if the applicant said so.
        reason: Option<String>,
    },
    /// Ended by silence.
    Expired,
}

/// What an application on hold waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HoldCause {
    /// A compliance check, e.g. a screening that flagged a name.
    Compliance,
    /// Another company or a verifier.
    ThirdParty,
    /// A colleague who may object; silence until the deadline means consent.
    Consult,
}

/// A state was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// When.
    #[serde(with = "crate::rfc3339")]
    pub at: Timestamp,
    /// Which.
    pub status: Status,
}

impl Status {
    /// Every status, in the order of a life.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Submitted,
        Self::InReview,
        Self::AwaitingApplicant,
        Self::OnHold,
        Self::AwaitingApproval,
        Self::Waitlisted,
        Self::Approved,
        Self::Declined,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// Whether the application has ended (it may be reopened from some).
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Approved | Self::Declined | Self::Withdrawn | Self::Expired
        )
    }

    /// Whether a decision was published.
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Approved | Self::Declined)
    }

    /// Which clocks run in it.
    pub const fn running(self) -> Running {
        match self {
            Self::Draft | Self::Approved | Self::Declined | Self::Withdrawn | Self::Expired => {
                Running::Stopped
            }
            Self::Submitted | Self::InReview | Self::AwaitingApproval => Running::Team,
            // A place on the waiting list is an answer: the promise to decide pauses like for a question.
            Self::AwaitingApplicant | Self::Waitlisted => Running::Applicant,
            Self::OnHold => Running::Hold,
        }
    }
}

impl State {
    /// Its name.
    pub const fn status(&self) -> Status {
        match self {
            Self::Draft => Status::Draft,
            Self::Submitted => Status::Submitted,
            Self::InReview => Status::InReview,
            Self::AwaitingApplicant { .. } => Status::AwaitingApplicant,
            Self::OnHold { .. } => Status::OnHold,
            Self::AwaitingApproval { .. } => Status::AwaitingApproval,
            Self::Waitlisted => Status::Waitlisted,
            Self::Approved { .. } => Status::Approved,
            Self::Declined { .. } => Status::Declined,
            Self::Withdrawn { .. } => Status::Withdrawn,
            Self::Expired => Status::Expired,
        }
    }
}
