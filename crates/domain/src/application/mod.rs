//! Applications: one organisation asks one program for a benefit.
//!
//! Every command is a method that takes who acts, under which revision and when ([`Act`]), and
//! returns a [`Change`] or a [`Refusal`]. Creating is a transition too. The table shows where each
//! command leads; `=` changes no state, `·` is refused. A test calls every command in every state
//! and compares.
//!
//! | from \ command | answer | submit | evaluate | claim | assign | unassign | ask | reply | hold | release | propose | approve decision | send back | publish | approve | decline | withdraw | warn | expire | reopen | waitlist | offer | alert |
//! |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
//! | DRAFT | = | SUBMITTED | · | · | · | · | · | · | · | · | · | · | · | · | · | · | WITHDRAWN | = | EXPIRED | · | · | · | · |
//! | SUBMITTED | · | · | IN_REVIEW | · | · | · | · | · | · | · | · | · | · | · | · | · | WITHDRAWN | · | · | · | · | · | · |
//! | IN_REVIEW | · | · | = | = | = | = | AWAITING_APPLICANT | · | ON_HOLD | · | AWAITING_APPROVAL | · | · | · | APPROVED | DECLINED | WITHDRAWN | · | · | · | WAITLISTED | · | = |
//! | AWAITING_APPLICANT | = | · | · | · | = | = | · | IN_REVIEW | · | · | · | · | · | · | · | · | WITHDRAWN | = | EXPIRED | · | · | · | · |
//! | ON_HOLD | · | · | · | · | = | = | · | · | · | IN_REVIEW | · | · | · | · | · | · | WITHDRAWN | · | · | · | · | · | = |
//! | AWAITING_APPROVAL | · | · | · | · | = | = | · | · | · | · | · | = | IN_REVIEW | APPROVED | · | · | WITHDRAWN | · | · | · | · | · | = |
//! | WAITLISTED | · | · | · | · | = | = | · | · | · | · | · | · | · | · | · | · | WITHDRAWN | · | · | · | · | IN_REVIEW | · |
//! | APPROVED | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · |
//! | DECLINED | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | IN_REVIEW | · | · | · |
//! | WITHDRAWN | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · |
//! | EXPIRED | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | · | IN_REVIEW | · | · | · |
//!
//! `evaluate` in SUBMITTED leads on to APPROVED or DECLINED where the revision's automation is `ON`
//! and the criteria leave no doubt. `publish` leads to the outcome that was proposed.

pub mod action;
mod deciding;
pub mod duty;
pub mod intake;
pub mod letter;
pub mod promises;
pub mod refusal;
mod review;
pub mod state;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use duty::{Alert, AlertLevel, Duty};
pub use promises::{PromiseKind, Promised, Standing};
pub use refusal::Refusal;
pub use state::{Entered, HoldCause, Kind, State, Status};

use chrono::Days;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Timestamp;
use crate::account::Account;
use crate::actor::{Actor, Permission};
use crate::calendar::Calendar;
use crate::change::{Activity, Change, Mode, Subject, Verb};
use crate::criteria::{Evaluation, Recommendation};
use crate::decision::Decision;
use crate::id::{Id, Noun};
use crate::organization::Organization;
use crate::program::{Program, Revision, Rules};
use crate::promise::{Clocks, Pause, Running, Step, clocks, pauses};

/// One organisation's request to one program.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Its id.
    pub id: Id<Application>,
    /// Counts every change, from 1; a command names the one it saw.
    pub version: i32,
    /// The program asked.
    pub program: Id<Program>,
    /// The revision whose rules hold for it, from its submission on.
    pub revision: Id<Revision>,
    /// New, renewal or amendment.
    pub kind: Kind,
    /// Who asks.
    pub organization: Id<Organization>,
    /// The person who applies for it.
    pub applicant: Id<Account>,
    /// The key another system knows it by; unique within the program.
    pub external_id: Option<String>,
    /// Who works on it.
    pub assignee: Option<Id<Account>>,
    /// Where it stands, with what only that state knows.
    pub state: State,
    /// Every state it entered, oldest first: the clocks are computed from it.
    pub history: Vec<Entered>,
    /// What the latest evaluation came to.
    pub assessed: Option<Assessed>,
    /// What the team is to look at again, since a drafted decision was sent back.
    pub sent_back: Option<String>,
    /// When it was first handed in.
    pub submitted_at: Option<Timestamp>,
    /// When the promise is due; none while the applicant is waited for, and after the decision.
    pub due_at: Option<Timestamp>,
    /// When it expires unless somebody acts, or, on hold, when the hold ends.
    pub deadline_at: Option<Timestamp>,
    /// When the applicant was warned of the deadline.
    pub warned_at: Option<Timestamp>,
    /// When the service looks at it next by itself: the time of its next [`Duty`].
    pub wake_at: Option<Timestamp>,
    /// What the team was told of its promises.
    pub alerts: Vec<Alert>,
    /// Steps taken by people of the team since it was handed in or reopened.
    pub manual_steps: i32,
    /// The numbers of its end; none while it is open, and if it was never handed in.
    pub resolution: Option<Resolution>,
    /// When the draft was begun.
    pub created_at: Timestamp,
}

impl Noun for Application {
    const PREFIX: &'static str = "app";
}

/// Who acts, under which rules, when, and what they saw.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Who.
    pub by: &'a Actor,
    /// The revision the application is pinned to.
    pub revision: &'a Revision,
    /// When.
    pub now: Timestamp,
    /// The version the caller saw; none when the caller has just read it, as the service does.
    pub seen: Option<i32>,
}

impl Act<'_> {
    /// Refuses what comes outside the days on which the program takes applications in. What an
    /// operator imports came at another time.
    fn taken_in(&self) -> Result<(), Refusal> {
        let rules = &self.revision.rules;
        if *self.by == Actor::System || rules.takes_in(self.now) {
            return Ok(());
        }
        Err(Refusal::Closed {
            opens_on: rules.opens_on,
            closes_on: rules.closes_on,
        })
    }
}

/// What the latest evaluation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessed {
    /// The evaluation.
    pub evaluation: Id<Evaluation>,
    /// What the rules would have the team do.
    pub recommendation: Recommendation,
    /// Decline reasons of the criteria that are not met.
    pub reasons: Vec<String>,
    /// Approval limits it is over.
    pub limits: Vec<String>,
    /// Form fields asked for in review that an approval needs and that have no answer yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<String>,
}

/// The numbers of an application's end: what the indicators count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Which final state.
    pub outcome: Status,
    /// By hand, by the service or by another system.
    pub mode: Mode,
    /// Who brought it about; none for the service.
    pub person: Option<Id<Account>>,
    /// When.
    #[serde(with = "crate::rfc3339")]
    pub at: Timestamp,
    /// Business minutes on the three clocks.
    pub elapsed: i64,
    /// … paused while waiting for the applicant.
    pub promise: i64,
    /// … paused also while on hold.
    pub team: i64,
    /// Whether it was decided within the promise; none where nothing was decided.
    pub within_promise: Option<bool>,
    /// Steps taken by people of the team.
    pub manual_steps: i32,
    /// Whether the criteria alone settled eligibility: nothing unknown, nothing for a person's eye.
    pub eligibility_automated: bool,
}

/// What the applicant was promised, and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromiseState {
    /// When it is due; unknown while paused.
    pub due_at: Option<Timestamp>,
    /// Business days left, 0 on the due day, negative when late.
    pub business_days_left: Option<i64>,
    /// Since when it pauses, and in which state.
    pub paused: Option<Entered>,
}

/// The key of the limit that an approval against the criteria is over, in every program.
pub const AGAINST_CRITERIA: &str = "against-criteria";

impl Application {
    /// The name of its state.
    pub const fn status(&self) -> Status {
        self.state.status()
    }

    /// The status this viewer is told: applicants do not learn of drafted decisions or internal holds.
    pub fn status_for(&self, viewer: &Actor) -> Status {
        match self.status() {
            Status::AwaitingApproval | Status::OnHold if viewer.is_applicant() => Status::InReview,
            status => status,
        }
    }

    /// The decision this viewer may see: applicants see only published ones.
    pub fn decision_for(&self, viewer: &Actor) -> Option<&Decision> {
        match &self.state {
            State::Approved { decision } | State::Declined { decision } => Some(decision),
            State::AwaitingApproval { decision } if self.is_reader(viewer) => Some(decision),
            _ => None,
        }
    }

    /// Whether the viewer reads what only the team knows.
    pub fn is_reader(&self, viewer: &Actor) -> bool {
        viewer
            .permitted(Permission::ReadApplications, self.program)
            .is_ok()
    }

    /// Approval limits an approval would be over.
    pub fn limits(&self) -> Vec<String> {
        let Some(assessed) = &self.assessed else {
            return Vec::new();
        };
        let mut limits = assessed.limits.clone();
        if assessed.recommendation == Recommendation::Decline {
            limits.push(AGAINST_CRITERIA.to_owned());
        }
        limits
    }

    /// What the applicant was promised, and how it stands now.
    pub fn promise(&self, calendar: &Calendar, now: Timestamp) -> Option<PromiseState> {
        let last = self.history.last()?;
        if last.status.running() == Running::Stopped {
            return None;
        }
        let paused = (last.status.running() == Running::Applicant).then_some(*last);
        Some(PromiseState {
            due_at: self.due_at,
            business_days_left: self.due_at.map(|due| calendar.business_days_left(now, due)),
            paused,
        })
    }

    /// Business minutes on the three clocks until `now`, or until the end if it has ended.
    pub fn clocks(&self, calendar: &Calendar, now: Timestamp) -> Clocks {
        clocks(calendar, &self.steps(), now)
    }

    fn steps(&self) -> Vec<Step> {
        self.history
            .iter()
            .map(|entered| Step {
                at: entered.at,
                running: entered.status.running(),
            })
            .collect()
    }

    /// The steps since it was handed in, or reopened: an appeal is promised an answer of its own.
    fn current_steps(&self) -> Vec<Step> {
        let steps = self.steps();
        let start = steps
            .iter()
            .rposition(|step| step.running == Running::Stopped)
            .map_or(0, |last| last + 1);
        steps[start..].to_vec()
    }

    fn due(&self, rules: &Rules) -> Option<Timestamp> {
        let steps = self.current_steps();
        let start = steps.first()?.at;
        let pauses: Vec<Pause> = pauses(&steps);
        rules.calendar.due(start, rules.promise.limit_days, &pauses)
    }

    /// When the promise was due before the application ended.
    fn due_before_end(&self, rules: &Rules) -> Option<Timestamp> {
        let mut open = self.clone();
        open.history.pop();
        open.due(rules)
    }

    /// Begins a wait for the applicant: it ends by silence at the deadline, and is warned of before.
    fn wait(&mut self, days: u32, act: &Act<'_>) {
        self.deadline_at = days_from(act.now, days);
        self.warned_at = None;
        self.schedule(act);
    }

    /// Sets when the service looks at it next.
    fn schedule(&mut self, act: &Act<'_>) {
        self.wake_at = self.duty(&act.revision.rules).map(|(at, _)| at);
    }

    /// The one way into a state: version, history, clocks and the explaining line follow from it.
    fn enter(mut self, state: State, verb: Verb, act: &Act<'_>, details: Value) -> Change<Self> {
        let from = self.status();
        self.version += 1;
        self.state = state;
        let status = self.status();
        if status != from {
            self.history.push(Entered {
                at: act.now,
                status,
            });
            // Whoever begins a wait sets its end afterwards.
            self.deadline_at = None;
            self.warned_at = None;
            self.due_at = self.due(&act.revision.rules);
        }
        self.schedule(act);
        // Taking an application on is no step of its process; what follows is.
        let is_step = !matches!(verb, Verb::Claimed | Verb::Assigned | Verb::Unassigned);
        if from != Status::Draft && matches!(act.by, Actor::Staff { .. }) && is_step {
            self.manual_steps += 1;
        }
        // What was never handed in has no end that anybody counts.
        let ended = status.is_final() && self.submitted_at.is_some();
        self.resolution = ended.then(|| self.resolved(act));
        let mut told = details;
        if let Some(told) = told.as_object_mut() {
            told.insert("from".into(), json!(from));
            told.insert("to".into(), json!(status));
        }
        self.explained(verb, act, told)
    }

    fn resolved(&self, act: &Act<'_>) -> Resolution {
        let Clocks {
            elapsed,
            promise,
            team,
        } = self.clocks(&act.revision.rules.calendar, act.now);
        // Whether the promise was kept is asked of the days promised, not of a number of minutes.
        let due = self.due_before_end(&act.revision.rules);
        let outcome = self.status();
        Resolution {
            outcome,
            mode: Mode::of(act.by),
            person: act.by.account(),
            at: act.now,
            elapsed,
            promise,
            team,
            within_promise: outcome
                .is_decided()
                .then(|| due.is_none_or(|due| act.now <= due)),
            manual_steps: self.manual_steps,
            eligibility_automated: self.assessed.as_ref().is_some_and(|assessed| {
                matches!(
                    assessed.recommendation,
                    Recommendation::Approve | Recommendation::Decline
                )
            }),
        }
    }

    fn explained(self, verb: Verb, act: &Act<'_>, details: Value) -> Change<Self> {
        let subject = Subject::Application(self.id);
        let activity = Activity::new(verb, subject, self.version, act.by, act.now)
            .of_program(self.program)
            .of_application(self.id)
            .under(act.revision.id)
            .telling(details);
        Change {
            after: self,
            activity,
        }
    }
}

fn days_from(now: Timestamp, days: u32) -> Option<Timestamp> {
    now.checked_add_days(Days::new(u64::from(days)))
}
