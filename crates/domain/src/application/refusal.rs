//! Why a command on an application is refused, in words a person can act on.

use chrono::NaiveDate;

use super::{Action, Status};
use crate::Timestamp;
use crate::account::Account;
use crate::actor::{NotPermitted, Permission};
use crate::id::Id;
use crate::program::form::Problem;
use crate::text;

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor lacks a permission in this program.
    NotPermitted(Permission),
    /// Only the applicant does this.
    NotApplicant,
    /// The application changed since the caller read it.
    Stale {
        /// Its version now.
        current: i32,
    },
    /// The command does not exist in this state.
    WrongState {
        /// What was asked.
        action: Action,
        /// The state, as this viewer is told.
        status: Status,
    },
    /// Answers are missing or wrong.
    Answers(Vec<Problem>),
    /// A text is not acceptable.
    Invalid {
        /// Which input.
        field: &'static str,
        /// Why.
        problem: text::Invalid,
    },
    /// A decline names no reason.
    NoReason,
    /// A decline names a reason that the revision does not know.
    UnknownReason {
        /// The code.
        code: String,
        /// The codes it knows.
        known: Vec<String>,
    },
    /// The approval is over limits: one person may propose it, another must approve it.
    OverLimit {
        /// The limits' keys.
        limits: Vec<String>,
    },
    /// The second person is the first one.
    OwnDecision,
    /// The drafted decision still waits for a second person.
    NotYetApproved {
        /// The limits it is over.
        limits: Vec<String>,
    },
    /// No second person is needed, or one has approved already.
    NothingToApprove,
    /// Somebody else works on it.
    AssignedTo(Id<Account>),
    /// Nobody works on it.
    NotAssigned,
    /// The person may not review applications of this program.
    CannotReview(Id<Account>),
    /// A hold for a consultation names no end.
    HoldWithoutEnd,
    /// A time lies in the past, or too far ahead.
    TimeOutOfRange {
        /// Which input.
        field: &'static str,
        /// The latest time taken.
        until: Timestamp,
    },
    /// It may not expire yet.
    TooEarly {
        /// From when on it may.
        from: Timestamp,
    },
    /// The applicant was not warned, and nothing expires silently.
    NotWarned,
    /// The program does not take applications in today.
    Closed {
        /// First day on which it does; none means since ever.
        opens_on: Option<NaiveDate>,
        /// Last day on which it does; none means until further notice.
        closes_on: Option<NaiveDate>,
    },
    /// The criteria have not been run over the present answers.
    NotEvaluated,
    /// An approval needs answers that the applicant was not yet asked for.
    Unanswered {
        /// The form fields.
        fields: Vec<String>,
    },
    /// The form has no such field.
    UnknownField(String),
    /// It expired as a draft: there is nothing to take up again.
    NeverSubmitted,
    /// The program has no cap, so nobody waits for a place.
    NoCap,
    /// Every place of the program is taken.
    Full {
        /// How many places there are.
        capacity: u32,
    },
    /// The organisation is a member of the program already.
    AlreadyMember,
    /// Only the system that brings an application in gives it an external id.
    ExternalIdOfImporters,
    /// Another application to this program carries this external id.
    ExternalIdTaken,
}

impl From<NotPermitted> for Refusal {
    fn from(refusal: NotPermitted) -> Self {
        Self::NotPermitted(refusal.0)
    }
}

impl Refusal {
    /// What the person who asked can act on.
    pub fn message(&self) -> String {
        match self {
            Self::NotPermitted(_) => {
                "Your roles in this program do not allow this. Ask a program manager.".into()
            }
            Self::NotApplicant => "Only the applicant can do this.".into(),
            Self::Stale { current } => format!(
                "The application changed since you read it; its version is now {current}. Read it again, nothing was lost."
            ),
            Self::WrongState { action, status } => format!(
                "{} is not possible while the application is {}; it is possible in: {}.",
                action.name(),
                words(*status),
                action.allowed_from().iter().map(|status| words(*status)).collect::<Vec<_>>().join(", ")
            ),
            Self::Answers(problems) => format!(
                "{} of the answers must be mended: {}.",
                problems.len(),
                problems
                    .iter()
                    .take(3)
                    .map(|problem| format!("{} {}", problem.field.join("."), problem.message))
                    .collect::<Vec<_>>()
                    .join("; ")
            ),
            Self::Invalid { field, problem } => format!("The {field} {problem}."),
            Self::NoReason => "A decline needs at least one reason code, so that the applicant learns why.".into(),
            Self::UnknownReason { code, known } => format!(
                "{code} is not a decline reason of this revision. Known are: {}.",
                known.join(", ")
            ),
            Self::OverLimit { limits } => format!(
                "This approval needs a second person ({}). Propose it instead.",
                limits.join(", ")
            ),
            Self::OwnDecision => "You drafted this decision; another person must approve it.".into(),
            Self::NotYetApproved { limits } => format!(
                "This decision still needs a second person ({}).",
                limits.join(", ")
            ),
            Self::NothingToApprove => "This decision needs no second person. Publish it.".into(),
            Self::AssignedTo(_) => {
                "A colleague works on this application. A program manager can assign it to you.".into()
            }
            Self::NotAssigned => "Nobody works on this application.".into(),
            Self::CannotReview(_) => {
                "This person cannot review applications of this program. Give them the role first.".into()
            }
            Self::HoldWithoutEnd => {
                "A consultation needs an end: silence until then means consent.".into()
            }
            Self::TimeOutOfRange { field, until } => format!(
                "The {field} must lie in the future and not after {}.",
                until.format("%Y-%m-%d")
            ),
            Self::TooEarly { from } => format!(
                "The application cannot expire before {}.",
                from.format("%Y-%m-%d %H:%M UTC")
            ),
            Self::NotWarned => "The applicant must be warned before the application expires.".into(),
            Self::Closed {
                opens_on,
                closes_on,
            } => {
                let day = |word: &str, day: &Option<NaiveDate>| {
                    day.map(|day| format!(" {word} {day}")).unwrap_or_default()
                };
                format!(
                    "The program does not take applications in today; it does{}{}.",
                    day("from", opens_on),
                    day("until", closes_on)
                )
            }
            Self::NotEvaluated => {
                "The answers changed since the criteria were run. Evaluate the application first.".into()
            }
            Self::Unanswered { fields } => format!(
                "An approval needs answers that are asked for in review ({}). Ask the applicant for them first.",
                fields.join(", ")
            ),
            Self::UnknownField(field) => format!(
                "The form has no field {field}. Name the fields as the form's schema does."
            ),
            Self::NeverSubmitted => {
                "This draft was never handed in. Begin a new application.".into()
            }
            Self::NoCap => "This program has no cap: there is a place for everybody.".into(),
            Self::Full { capacity } => format!(
                "All {capacity} places of the program are taken. Put the application on the waiting list."
            ),
            Self::AlreadyMember => {
                "The organisation is a member of this program already; a membership is renewed or amended, not granted twice.".into()
            }
            Self::ExternalIdOfImporters => {
                "Only the system that brings an application in gives it an external id. Leave it out.".into()
            }
            Self::ExternalIdTaken => {
                "Another application to this program carries this external id.".into()
            }
        }
    }
}

const fn words(status: Status) -> &'static str {
    match status {
        Status::Draft => "a draft",
        Status::Submitted => "submitted",
        Status::InReview => "in review",
        Status::AwaitingApplicant => "waiting for the applicant",
        Status::OnHold => "on hold",
        Status::AwaitingApproval => "waiting for approval",
        Status::Waitlisted => "on the waiting list",
        Status::Approved => "approved",
        Status::Declined => "declined",
        Status::Withdrawn => "withdrawn",
        Status::Expired => "expired",
    }
}
