//! Errors. The developer's are top-level with a code and a fixed text; the user's are data in payloads.
//!
//! async-graphql publishes the `Display` of whatever a resolver returns, so [`Failure`] has none:
//! nothing from below can leak into an answer.

use async_graphql::{Enum, Error, ErrorExtensionValues, Interface, SimpleObject};
use stoa_domain::program::source::Mistake;
use stoa_domain::sign_in::Limited;
use stoa_domain::{account, application, program};
use stoa_persistence::StoreError;

use crate::graphql::scalars::DateTime;
use crate::operations::programs::NotPublished;
use crate::operations::sign_in::NotSignedIn;
use crate::service::Failed;

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

impl From<application::Refusal> for UserError {
    fn from(refusal: application::Refusal) -> Self {
        use UserErrorCode as C;
        use application::Refusal as R;
        let message = refusal.message();
        let (code, path): (_, &[&str]) = match refusal {
            R::Stale { current } => return Self::stale(current, message),
            R::Answers(problems) => {
                return Self::Answers(AnswersError {
                    code: C::InvalidAnswers,
                    message,
                    path: vec!["input".into(), "answers".into()],
                    problems: problems
                        .into_iter()
                        .map(|problem| AnswerProblem {
                            field: problem.field,
                            message: problem.message,
                        })
                        .collect(),
                });
            }
            R::OverLimit { limits } | R::NotYetApproved { limits } => {
                return Self::OverLimit(OverLimitError {
                    code: C::NeedsApproval,
                    message,
                    path: Vec::new(),
                    limits,
                });
            }
            R::Unanswered { fields } => {
                return Self::Unanswered(UnansweredError {
                    code: C::NeedsAnswers,
                    message,
                    path: Vec::new(),
                    fields,
                });
            }
            R::UnknownField(_) => (C::InvalidInput, &["input", "fields"]),
            R::Closed { .. } => (C::Closed, &[]),
            R::NotPermitted(_) | R::NotApplicant => (C::NotPermitted, &[]),
            R::WrongState { .. }
            | R::NothingToApprove
            | R::NotAssigned
            | R::TooEarly { .. }
            | R::NotWarned
            | R::NoCap
            | R::NotEvaluated
            | R::NeverSubmitted => (C::WrongState, &[]),
            R::Invalid { field, .. } => {
                return Self::plain(C::InvalidInput, message, &["input", field]);
            }
            R::TimeOutOfRange { .. } | R::HoldWithoutEnd => (C::InvalidInput, &["input", "until"]),
            R::NoReason | R::UnknownReason { .. } => (C::InvalidReason, &["input", "reasons"]),
            R::OwnDecision => (C::OwnDecision, &[]),
            R::AssignedTo(_) => (C::AssignedToOther, &[]),
            R::CannotReview(_) => (C::InvalidInput, &["input", "assigneeId"]),
            R::Full { .. } => (C::Full, &[]),
            R::AlreadyMember => (C::AlreadyMember, &[]),
            R::ExternalIdOfImporters => (C::NotPermitted, &["input", "externalId"]),
            R::ExternalIdTaken => (C::Taken, &["input", "externalId"]),
        };
        Self::plain(code, message, path)
    }
}

impl From<account::Refusal> for UserError {
    fn from(refusal: account::Refusal) -> Self {
        use UserErrorCode as C;
        use account::Refusal as R;
        let message = refusal.message();
        let (code, path): (_, &[&str]) = match refusal {
            R::Stale { current } => return Self::stale(current, message),
            R::NotPermitted(_) | R::OwnAccount => (C::NotPermitted, &[]),
            R::Invalid { field, .. } => {
                return Self::plain(C::InvalidInput, message, &["input", field]);
            }
            R::RoleOfOtherKind(_) | R::RoleIsGlobal(_) => (C::InvalidInput, &["input", "role"]),
            R::AlreadyGranted | R::NotGranted | R::Disabled => (C::WrongState, &[]),
        };
        Self::plain(code, message, path)
    }
}

/// What the user can act on; everything else fails the field.
pub fn application_error(failed: Failed) -> Result<UserError, Failure> {
    match failed {
        Failed::Refused(refusal) => Ok(refusal.into()),
        Failed::Missing(what) => Ok(UserError::missing(what, &["input"])),
        Failed::Store(error) => Err(error.into()),
    }
}

/// What the user can act on; everything else fails the field.
pub fn program_error(failed: NotPublished) -> Result<UserError, Failure> {
    match failed {
        NotPublished::Mistakes(mistakes) => Ok(UserError::mistakes(mistakes)),
        NotPublished::Refused(program::Refusal::NotPermitted(_)) => Ok(UserError::plain(
            UserErrorCode::NotPermitted,
            "You may not publish revisions of this program. Ask a program manager.",
            &[],
        )),
        NotPublished::Refused(program::Refusal::OtherProgram { expected }) => Ok(UserError::plain(
            UserErrorCode::InvalidInput,
            format!("The files name another program; expected the key {expected:?}."),
            &["input", "files"],
        )),
        NotPublished::Unreadable(problem) => Ok(UserError::plain(
            UserErrorCode::InvalidInput,
            problem,
            &["input", "files"],
        )),
        NotPublished::Store(StoreError::Conflict | StoreError::Taken(_)) => Ok(UserError::plain(
            UserErrorCode::StaleVersion,
            "Somebody else published a revision at the same time. Look at it, then publish again.",
            &[],
        )),
        NotPublished::Store(error) => Err(error.into()),
    }
}

/// What the user can act on; everything else fails the field. `new` is the input with a new password.
pub fn sign_in_error(problem: NotSignedIn, new: &'static str) -> Result<UserError, Failure> {
    use UserErrorCode as C;
    Ok(match problem {
        // One text for all reasons: it must not tell which accounts exist.
        NotSignedIn::Refused => UserError::plain(
            C::SignInRefused,
            "This did not work. Check what you typed, or sign in another way.",
            &[],
        ),
        NotSignedIn::Limited(limited) => UserError::limited(limited),
        NotSignedIn::Weak(weak) => UserError::plain(
            C::InvalidInput,
            format!("The password {weak}."),
            &["input", new],
        ),
        NotSignedIn::NoAddress => UserError::plain(
            C::InvalidInput,
            "The email must be a mail address such as name@example.org.",
            &["input", "email"],
        ),
        NotSignedIn::NotSetUp => UserError::plain(
            C::NotSetUp,
            "This way to sign in is not set up here. Use another one.",
            &[],
        ),
        NotSignedIn::Failed(failed) => return application_error(failed),
    })
}
