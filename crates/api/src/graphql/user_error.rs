//! Errors of users: data in payloads, one interface, and a type of its own where a client branches on more
//! than the code.

mod refusals;

use async_graphql::{Enum, Interface, SimpleObject};
use stoa_domain::program::source::Mistake;
use stoa_domain::sign_in::Limited;

use super::enums::{ApplicationStatus, Role};
use super::scalars::{Date, DateTime};
pub use refusals::{application_error, program_error, sign_in_error};

/// What is wrong, for a program to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// There is no such thing, or it is not visible to you.
    NotFound,
    /// Your roles do not allow it.
    NotPermitted,
    /// The thing changed since you read it; the error has its current version.
    StaleVersion,
    /// The command does not exist in the present state.
    WrongState,
    /// Answers are missing or wrong; the error lists them.
    InvalidAnswers,
    /// Another input is not acceptable.
    InvalidInput,
    /// A second person is needed; the error lists the limits.
    NeedsApproval,
    /// An approval needs answers that the applicant was not yet asked for; the error lists the fields.
    NeedsAnswers,
    /// The second person must be another one.
    OwnDecision,
    /// A decline needs at least one known reason code.
    InvalidReason,
    /// A colleague works on it.
    AssignedToOther,
    /// The program does not take applications in today; the message says when it does.
    Closed,
    /// Every place of the program is taken.
    Full,
    /// The organisation is a member already.
    AlreadyMember,
    /// Another row holds what must be unique.
    Taken,
    /// The program's files have mistakes; the error lists them.
    InvalidProgram,
    /// The session or the refresh token is no good any more: sign in again.
    SessionOver,
    /// The mail address, password or code is not right, or that account cannot sign in this way.
    SignInRefused,
    /// Too many attempts; the error says when the next one is taken.
    RateLimited,
    /// The operators of this service did not set this up.
    NotSetUp,
}

/// Something the user can act on. Every mutation's payload has `userErrors`; an empty list means success.
#[derive(Clone, Debug, Interface)]
#[graphql(
    field(
        name = "code",
        ty = "&UserErrorCode",
        desc = "What is wrong, for a program to branch on."
    ),
    field(
        name = "message",
        ty = "&String",
        desc = "What is wrong and what to do, for a person."
    ),
    field(
        name = "path",
        ty = "&Vec<String>",
        desc = "Which input it is about, e.g. `[\"input\", \"reasons\"]`; empty when it is about none."
    )
)]
pub enum UserError {
    /// Nothing more to tell.
    Plain(PlainError),
    /// Wait for another state, or choose another command.
    State(WrongStateError),
    /// Ask somebody who may.
    Permission(NotPermittedError),
    /// Come back when the program is open.
    Closed(ClosedError),
    /// Read again and decide again.
    Stale(StaleVersionError),
    /// Mend the answers.
    Answers(AnswersError),
    /// Propose instead.
    OverLimit(OverLimitError),
    /// Ask first.
    Unanswered(UnansweredError),
    /// Mend the files.
    Source(ProgramSourceError),
    /// Wait.
    Limited(RateLimitedError),
}

/// An error that code, message and path say completely.
#[derive(Clone, Debug, SimpleObject)]
pub struct PlainError {
    /// What is wrong, for a program to branch on.
    code: UserErrorCode,
    /// What is wrong and what to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
}

/// The command does not exist in the present state.
#[derive(Clone, Debug, SimpleObject)]
pub struct WrongStateError {
    /// Always `WRONG_STATE`.
    code: UserErrorCode,
    /// What to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// The state now, as this viewer is told.
    status: ApplicationStatus,
    /// The states in which the command exists.
    possible_in: Vec<ApplicationStatus>,
}

/// Your roles do not allow it.
#[derive(Clone, Debug, SimpleObject)]
pub struct NotPermittedError {
    /// Always `NOT_PERMITTED`.
    code: UserErrorCode,
    /// What to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// The roles that allow it; empty where only the applicant may.
    roles: Vec<Role>,
}

/// The program does not take applications in today.
#[derive(Clone, Debug, SimpleObject)]
pub struct ClosedError {
    /// Always `CLOSED`.
    code: UserErrorCode,
    /// When it does, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// First day on which it takes applications in; null means since ever.
    opens_on: Option<Date>,
    /// Last day; null means until further notice.
    closes_on: Option<Date>,
}

/// The thing changed since you read it. Nothing was written and nothing is lost.
#[derive(Clone, Debug, SimpleObject)]
pub struct StaleVersionError {
    /// Always `STALE_VERSION`.
    code: UserErrorCode,
    /// What to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// The version now: read it, decide again, and send this as `expectedVersion`.
    current_version: i32,
}

/// Answers that the form does not take.
#[derive(Clone, Debug, SimpleObject)]
pub struct AnswersError {
    /// Always `INVALID_ANSWERS`.
    code: UserErrorCode,
    /// All of it in a sentence.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// Every problem, one a field.
    problems: Vec<AnswerProblem>,
}

/// What is wrong with one answer.
#[derive(Clone, Debug, SimpleObject)]
pub struct AnswerProblem {
    /// The field, and the place in it where it has parts.
    field: Vec<String>,
    /// What is wrong and what would be right.
    message: String,
}

/// The approval is over limits that one person may not pass alone.
#[derive(Clone, Debug, SimpleObject)]
pub struct OverLimitError {
    /// Always `NEEDS_APPROVAL`.
    code: UserErrorCode,
    /// What to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// Keys of the limits; the revision's `approvals` explain them.
    limits: Vec<String>,
}

/// The approval needs answers that the applicant was not yet asked for.
#[derive(Clone, Debug, SimpleObject)]
pub struct UnansweredError {
    /// Always `NEEDS_ANSWERS`.
    code: UserErrorCode,
    /// What to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// The form fields: send them as `fields` of `askApplicant`.
    fields: Vec<String>,
}

/// The files of a program have mistakes; nothing was published.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProgramSourceError {
    /// Always `INVALID_PROGRAM`.
    code: UserErrorCode,
    /// How many there are.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// Every mistake.
    mistakes: Vec<SourceMistake>,
}

/// There were too many attempts.
#[derive(Clone, Debug, SimpleObject)]
pub struct RateLimitedError {
    /// Always `RATE_LIMITED`.
    code: UserErrorCode,
    /// What to do, for a person.
    message: String,
    /// Which input it is about.
    path: Vec<String>,
    /// When the next attempt is taken.
    retry_at: DateTime,
}

/// A mistake in a program's files.
#[derive(Clone, Debug, SimpleObject)]
pub struct SourceMistake {
    /// The file.
    file: String,
    /// The line, from 1.
    line: i32,
    /// What is wrong and what would be right.
    message: String,
}

impl UserError {
    /// An error with nothing more to tell.
    pub fn plain(code: UserErrorCode, message: impl Into<String>, path: &[&str]) -> Self {
        Self::Plain(PlainError {
            code,
            message: message.into(),
            path: path.iter().map(ToString::to_string).collect(),
        })
    }

    /// There is no such thing for this viewer.
    pub fn missing(what: &str, path: &[&str]) -> Self {
        Self::plain(
            UserErrorCode::NotFound,
            format!("There is no such {what}, or you may not see it."),
            path,
        )
    }

    fn not_permitted(message: String, roles: Vec<Role>) -> Self {
        Self::Permission(NotPermittedError {
            code: UserErrorCode::NotPermitted,
            message,
            path: Vec::new(),
            roles,
        })
    }

    fn stale(current: i32, message: String) -> Self {
        Self::Stale(StaleVersionError {
            code: UserErrorCode::StaleVersion,
            message,
            path: vec!["input".into(), "expectedVersion".into()],
            current_version: current,
        })
    }

    fn limited(limited: Limited) -> Self {
        Self::Limited(RateLimitedError {
            code: UserErrorCode::RateLimited,
            message: "There were too many attempts. Wait, then try again.".into(),
            path: Vec::new(),
            retry_at: limited.retry_at.into(),
        })
    }

    fn mistakes(mistakes: Vec<Mistake>) -> Self {
        Self::Source(ProgramSourceError {
            code: UserErrorCode::InvalidProgram,
            message: format!("{} mistakes in the program's files.", mistakes.len()),
            path: vec!["input".into(), "files".into()],
            mistakes: mistakes
                .into_iter()
                .map(|mistake| SourceMistake {
                    file: mistake.file,
                    line: i32::try_from(mistake.line).unwrap_or(i32::MAX),
                    message: mistake.message,
                })
                .collect(),
        })
    }
}
