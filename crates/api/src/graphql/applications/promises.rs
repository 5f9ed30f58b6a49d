//! What an applicant may count on, in the schema.

use async_graphql::{Enum, SimpleObject};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use stoa_domain::Timestamp;
use stoa_domain::application::{self, Status};
use stoa_domain::promise::Running;
use stoa_persistence::picked::Column;

use crate::graphql::enums::ApplicationStatus;
use crate::graphql::plain::{self, Part, Picking};
use crate::graphql::prompt::AtHand;
use crate::graphql::scalars::DateTime;

/// What the applicant was promised, and how it stands.
#[derive(SimpleObject)]
pub struct DecisionPromise {
    /// When the decision is due, in UTC; null while the promise pauses.
    due_at: Option<DateTime>,
    /// Business days left: 0 on the due day, negative when late; null while the promise pauses.
    business_days_left: Option<i64>,
    /// Since when and why it pauses; null while it runs.
    paused: Option<PromisePause>,
}

/// A pause of the promise.
#[derive(SimpleObject)]
pub struct PromisePause {
    /// Since when.
    since: DateTime,
    /// The status that pauses it: `AWAITING_APPLICANT` or `WAITLISTED`.
    cause: ApplicationStatus,
}

/// One of the things that an applicant may count on.
#[derive(SimpleObject)]
pub struct PromiseClock {
    /// What is promised.
    kind: PromiseKind,
    /// Since when.
    started_at: DateTime,
    /// By when; null while it pauses.
    due_at: Option<DateTime>,
    /// When it was kept; null until then.
    kept_at: Option<DateTime>,
    /// How it stands now.
    standing: PromiseStanding,
}

/// What is promised.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::application::PromiseKind", name = "PromiseKind")]
pub enum PromiseKind {
    /// That the applicant hears from the team for the first time.
    FirstReply,
    /// That the team answers what the applicant last replied.
    NextReply,
    /// That it is decided.
    Decision,
}

/// How a promise stands.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::application::Standing",
    name = "PromiseStanding"
)]
pub enum PromiseStanding {
    /// There is time.
    Running,
    /// It breaks soon unless somebody acts; applicants are told `RUNNING`.
    AtRisk,
    /// Its time is over, and it is not kept.
    Broken,
    /// The applicant is waited for.
    Paused,
    /// It was kept in time.
    Kept,
    /// It was kept, but late.
    KeptLate,
}

impl DecisionPromise {
    /// Whether there is one in the status of this stored name.
    pub fn is_made(status: &str) -> bool {
        let status: Result<Status, serde::de::value::Error> =
            Status::deserialize(status.into_deserializer());
        status.is_ok_and(|it| it.running() != Running::Stopped)
    }
}

impl AtHand for DecisionPromise {
    fn at_hand(&self, _: &str) -> bool {
        true
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        (field == "dueAt").then(|| picking.column(Column::DueAt, plain::time))
    }
}

impl From<application::PromiseState> for DecisionPromise {
    fn from(promise: application::PromiseState) -> Self {
        Self {
            due_at: promise.due_at.map(Into::into),
            business_days_left: promise.business_days_left,
            paused: promise.paused.map(|paused| PromisePause {
                since: paused.at.into(),
                cause: paused.status.into(),
            }),
        }
    }
}

impl PromiseClock {
    /// A promise as it stands now, for the team or for the applicant.
    pub fn new(promised: &application::Promised, now: Timestamp, team: bool) -> Self {
        let standing = match promised.standing(now) {
            application::Standing::AtRisk if !team => application::Standing::Running,
            standing => standing,
        };
        Self {
            kind: promised.kind.into(),
            started_at: promised.started_at.into(),
            due_at: promised.due_at.map(Into::into),
            kept_at: promised.kept_at.map(Into::into),
            standing: standing.into(),
        }
    }
}
