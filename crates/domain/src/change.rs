//! What is written: a new state together with the line that explains it. Nothing else can be persisted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Timestamp;
use crate::account::Account;
use crate::actor::Actor;
use crate::application::Application;
use crate::id::Id;
use crate::membership::Membership;
use crate::program::{Program, Revision};

/// A state to be written, and why it is so.
#[must_use = "a change does nothing until it is committed"]
#[derive(Clone, Debug, PartialEq)]
pub struct Change<T> {
    /// The new state; its version is one more than the stored one.
    pub after: T,
    /// The line of the log that explains it.
    pub activity: Activity,
}

/// One line of the append-only log: who did what to what, when, and in which mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// What happened.
    pub verb: Verb,
    /// To what.
    pub subject: Subject,
    /// The subject's version that this line explains; 0 where nothing of the subject itself changed.
    pub version: i32,
    /// By which account; none for the service itself.
    pub account: Option<Id<Account>>,
    /// The administrator who acted in that account's name, if one did.
    pub impersonator: Option<Id<Account>>,
    /// By hand, by the service, or by another system.
    pub mode: Mode,
    /// When.
    pub at: Timestamp,
    /// The program it concerns.
    pub program: Option<Id<Program>>,
    /// The application it concerns.
    pub application: Option<Id<Application>>,
    /// The revision it happened under.
    pub revision: Option<Id<Revision>>,
    /// What a reader wants to know besides; never personal data.
    pub details: Value,
}

/// A line of the log with its place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// Its place: counts up, with gaps.
    pub sequence: i64,
    /// The line.
    pub activity: Activity,
}

/// How something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// By a person.
    Manual,
    /// By the service, as a published revision tells it to.
    Automated,
    /// By another system.
    Integration,
}

/// What a line of the log is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// An application.
    Application(Id<Application>),
    /// A program.
    Program(Id<Program>),
    /// A membership.
    Membership(Id<Membership>),
    /// An account.
    Account(Id<Account>),
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verb {
    /// A draft was begun.
    Created,
    /// Answers were given or changed.
    Answered,
    /// It was handed in.
    Submitted,
    /// The criteria were run.
    Evaluated,
    /// Somebody took it on.
    Claimed,
    /// Somebody was given it.
    Assigned,
    /// It was given back: nobody works on it.
    Unassigned,
    /// The applicant was asked.
    Asked,
    /// The applicant answered the question.
    Replied,
    /// It was put on hold.
    Held,
    /// The hold ended.
    Released,
    /// A decision was drafted for a second person.
    DecisionProposed,
    /// A second person approved the drafted decision.
    DecisionApproved,
    /// The drafted decision was sent back.
    DecisionSentBack,
    /// The organisation was accepted; the applicant sees it.
    Approved,
    /// The organisation was declined; the applicant sees it.
    Declined,
    /// The applicant took it back.
    Withdrawn,
    /// The applicant was warned that it will expire.
    Warned,
    /// It ended by silence.
    Expired,
    /// It was taken up again.
    Reopened,
    /// It waits for a place.
    Waitlisted,
    /// A place became free for it.
    Offered,
    /// The team was told that a promise breaks soon.
    PromiseAtRisk,
    /// The team was told that the time of a promise is over.
    PromiseBroken,
    /// A program was published for the first time.
    ProgramPublished,
    /// A new revision of the rules was published.
    RevisionPublished,
    /// A membership began.
    MembershipStarted,
    /// An account was created.
    AccountCreated,
    /// A role was given.
    RoleGranted,
    /// A role was taken away.
    RoleRevoked,
    /// An account was closed.
    AccountDisabled,
    /// A session was ended before its time.
    SignedOut,
    /// Every session of an account was ended.
    SignedOutEverywhere,
    /// A refresh token was used a second time: its session was ended.
    RefreshReused,
    /// An administrator began to act in an account's name.
    Impersonated,
    /// A token of an integration was made.
    TokenCreated,
    /// A token of an integration was taken back.
    TokenRevoked,
    /// Somebody changed their own name.
    ProfileChanged,
    /// A password was chosen.
    PasswordChanged,
    /// Somebody signed in.
    SignedIn,
    /// Too many attempts to sign in failed; the next ones are refused for a while.
    SignInLocked,
}

impl Mode {
    /// The mode in which an actor acts.
    pub const fn of(actor: &Actor) -> Self {
        match actor {
            Actor::System => Self::Automated,
            Actor::Integration { .. } => Self::Integration,
            Actor::Anonymous | Actor::Staff { .. } | Actor::Applicant { .. } => Self::Manual,
        }
    }
}

impl Subject {
    /// The kind's name, as stored.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Application(_) => "APPLICATION",
            Self::Program(_) => "PROGRAM",
            Self::Membership(_) => "MEMBERSHIP",
            Self::Account(_) => "ACCOUNT",
        }
    }

    /// The id without its kind.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Application(id) => id.uuid(),
            Self::Program(id) => id.uuid(),
            Self::Membership(id) => id.uuid(),
            Self::Account(id) => id.uuid(),
        }
    }

    /// Puts kind and id together again.
    pub fn parse(kind: &str, uuid: Uuid) -> Option<Self> {
        Some(match kind {
            "APPLICATION" => Self::Application(Id::new(uuid)),
            "PROGRAM" => Self::Program(Id::new(uuid)),
            "MEMBERSHIP" => Self::Membership(Id::new(uuid)),
            "ACCOUNT" => Self::Account(Id::new(uuid)),
            _ => return None,
        })
    }
}

impl Verb {
    /// Whether an applicant reads such a line of their own application. Drafted decisions, holds and
    /// internal hand-overs stay with the team until they lead to something published.
    pub const fn is_public(self) -> bool {
        matches!(
            self,
            Self::Created
                | Self::Answered
                | Self::Submitted
                | Self::Asked
                | Self::Replied
                | Self::Approved
                | Self::Declined
                | Self::Withdrawn
                | Self::Warned
                | Self::Expired
                | Self::Reopened
                | Self::Waitlisted
                | Self::Offered
                | Self::MembershipStarted
        )
    }
}

impl Activity {
    /// A line by this actor, about this version of the subject.
    pub fn new(verb: Verb, subject: Subject, version: i32, by: &Actor, at: Timestamp) -> Self {
        Self {
            verb,
            subject,
            version,
            account: by.account(),
            impersonator: by.impersonator(),
            mode: Mode::of(by),
            at,
            program: None,
            application: None,
            revision: None,
            details: json!({}),
        }
    }

    /// Names the program it concerns.
    #[must_use]
    pub fn of_program(mut self, program: Id<Program>) -> Self {
        self.program = Some(program);
        self
    }

    /// Names the application it concerns.
    #[must_use]
    pub fn of_application(mut self, application: Id<Application>) -> Self {
        self.application = Some(application);
        self
    }

    /// Names the revision it happened under.
    #[must_use]
    pub fn under(mut self, revision: Id<Revision>) -> Self {
        self.revision = Some(revision);
        self
    }

    /// Adds what a reader wants to know besides.
    #[must_use]
    pub fn telling(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}
