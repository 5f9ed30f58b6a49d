//! What each refusal of the domain is to a client.

use stoa_domain::{account, actor, application, program};
use stoa_persistence::StoreError;

use super::{
    AnswerProblem, AnswersError, ClosedError, OverLimitError, UnansweredError, UserError,
    UserErrorCode, WrongStateError,
};
use crate::graphql::error::Failure;
use crate::operations::programs::NotPublished;
use crate::operations::sign_in::NotSignedIn;
use crate::service::Failed;

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
            R::Closed {
                opens_on,
                closes_on,
            } => {
                return Self::Closed(ClosedError {
                    code: C::Closed,
                    message,
                    path: Vec::new(),
                    opens_on: opens_on.map(Into::into),
                    closes_on: closes_on.map(Into::into),
                });
            }
            R::NotPermitted(permission) => {
                let roles = actor::Role::ALL.into_iter();
                let roles = roles.filter(|role| role.allows(permission));
                return Self::not_permitted(message, roles.map(Into::into).collect());
            }
            R::NotApplicant => return Self::not_permitted(message, Vec::new()),
            R::WrongState { action, status } => {
                let possible = action.allowed_from().iter();
                return Self::State(WrongStateError {
                    code: C::WrongState,
                    message,
                    path: Vec::new(),
                    status: status.into(),
                    possible_in: possible.map(|status| (*status).into()).collect(),
                });
            }
            R::NothingToApprove
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
