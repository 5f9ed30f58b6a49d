//! Parts of an application in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject};
use serde_json::Value;
use stoa_domain::actor::{Actor, Permission};
use stoa_domain::application::{self, HoldCause as Cause, State, Status, action::Available};
use stoa_domain::criteria;
use stoa_domain::id::Id;
use stoa_domain::program;
use stoa_domain::promise;

use crate::graphql::accounts::Account;
use crate::graphql::enums::{
    ApplicationAction, ApplicationStatus, Consequence, CriterionOutcome, DecisionOutcome,
    FactSource, HoldCause, MessageKind, Mode, Recommendation,
};
use crate::graphql::error::Failure;
use crate::graphql::programs::parts::DeclineReason;
use crate::graphql::scalars::DateTime;
use crate::graphql::scope::Scope;
use crate::graphql::user_error::UserError;
use crate::service::Compiled;

/// A stage of the seven-step process.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(name = "ApplicationStage")]
pub enum Stage {
    /// Being written.
    Application,
    /// Being looked at.
    Verification,
    /// Waits for a compliance check.
    Compliance,
    /// Accepted: benefits are handed out.
    Provisioning,
    /// Ended without a membership.
    Closed,
}

impl Stage {
    /// The stage that a state belongs to, as a viewer is told.
    pub fn of(application: &application::Application, viewer: &Actor) -> Self {
        match (&application.state, application.status_for(viewer)) {
            (
                State::OnHold {
                    cause: Cause::Compliance,
                    ..
                },
                Status::OnHold,
            ) => Self::Compliance,
            (_, Status::Draft) => Self::Application,
            (_, Status::Approved) => Self::Provisioning,
            (_, Status::Declined | Status::Withdrawn | Status::Expired) => Self::Closed,
            _ => Self::Verification,
        }
    }
}

/// Business minutes on the three clocks.
#[derive(SimpleObject)]
pub struct Clocks {
    /// Never stops between submission and decision.
    elapsed_minutes: i64,
    /// Pauses while the applicant is waited for.
    promise_minutes: i64,
    /// Pauses also while it is on hold; null for applicants, who are not told of holds.
    team_minutes: Option<i64>,
}

impl From<promise::Clocks> for Clocks {
    fn from(clocks: promise::Clocks) -> Self {
        Self {
            elapsed_minutes: clocks.elapsed,
            promise_minutes: clocks.promise,
            team_minutes: Some(clocks.team),
        }
    }
}

impl Clocks {
    /// The same without what only the team knows.
    #[must_use]
    pub fn for_applicants(mut self) -> Self {
        self.team_minutes = None;
        self
    }
}

/// A status was entered.
#[derive(SimpleObject)]
pub struct StatusChange {
    /// When.
    at: DateTime,
    /// Which.
    status: ApplicationStatus,
}

impl StatusChange {
    /// The history as a viewer is told: what waits inside the team is one review for applicants.
    pub fn list(application: &application::Application, viewer: &Actor) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        for entered in &application.history {
            let status: ApplicationStatus = match entered.status {
                Status::OnHold | Status::AwaitingApproval if viewer.is_applicant() => {
                    Status::InReview.into()
                }
                status => status.into(),
            };
            if told.last().is_none_or(|last| last.status != status) {
                told.push(Self {
                    at: entered.at.into(),
                    status,
                });
            }
        }
        told
    }
}

/// Why an application is on hold.
#[derive(SimpleObject)]
pub struct Hold {
    /// What it waits for.
    pub cause: HoldCause,
    /// For the team only.
    pub note: String,
    /// When the hold ends by itself; null when somebody must end it.
    pub until: Option<DateTime>,
}

/// An imported answer that could not be read.
#[derive(SimpleObject)]
pub struct UnreadAnswer {
    /// The form field.
    pub field: String,
    /// What was written.
    pub raw: String,
}

/// An action of this viewer on an application.
#[derive(SimpleObject)]
pub struct AvailableAction {
    /// What.
    action: ApplicationAction,
    /// Whether it would be taken now.
    allowed: bool,
    /// Why not; empty when it is allowed. The same errors that the mutation would answer.
    reasons: Vec<UserError>,
}

impl From<Available> for AvailableAction {
    fn from(available: Available) -> Self {
        Self {
            action: available.action.into(),
            allowed: available.refusal.is_none(),
            reasons: available.refusal.into_iter().map(Into::into).collect(),
        }
    }
}

/// A decision: drafted, perhaps approved by a second person, then published.
pub struct Decision {
    pub(super) decision: stoa_domain::decision::Decision,
    pub(super) revision: Id<program::Revision>,
    pub(super) team: bool,
}

/// A decision: drafted, perhaps approved by a second person, then published.
#[Object]
impl Decision {
    /// Accepted or declined.
    async fn outcome(&self) -> DecisionOutcome {
        self.decision.outcome.into()
    }

    /// Why it was declined, each with what the applicant can do; empty for an approval.
    async fn reasons(&self, ctx: &Context<'_>) -> Option<Result<Vec<DeclineReason>, Failure>> {
        let compiled = Scope::of(ctx).compiled(self.revision).await;
        Some(compiled.map(|compiled| {
            let rules = &compiled.revision.rules;
            let codes = self.decision.reasons.iter();
            codes
                .filter_map(|code| rules.reason(code))
                .cloned()
                .map(DeclineReason::from)
                .collect()
        }))
    }

    /// What the applicant is told besides.
    async fn message(&self) -> Option<&str> {
        self.decision.message.as_deref()
    }

    /// By hand or by the service.
    async fn mode(&self) -> Mode {
        self.decision.mode.into()
    }

    /// When it was drafted.
    async fn drafted_at(&self) -> DateTime {
        self.decision.drafted_at.into()
    }

    /// Who drafted it; null for the service itself and for applicants.
    async fn drafted_by(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let loaded = Scope::of(ctx).load(self.decision.drafted_by?).await;
        loaded.map(|it| it.map(Account))
    }

    /// Approval limits it is over; null for applicants.
    async fn limits(&self) -> Option<&[String]> {
        self.team.then_some(self.decision.limits.as_slice())
    }

    /// The second person; null when none was needed, none has yet, and for applicants.
    async fn approved_by(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let loaded = Scope::of(ctx).load(self.decision.approved_by?).await;
        loaded.map(|it| it.map(Account))
    }

    /// When the second person approved it; null for applicants.
    async fn approved_at(&self) -> Option<DateTime> {
        let at = self.decision.approved_at.filter(|_| self.team);
        at.map(Into::into)
    }

    /// When the applicant could see it; null while it is a draft.
    async fn published_at(&self) -> Option<DateTime> {
        self.decision.published_at.map(Into::into)
    }
}

/// One run of all criteria over one application; kept forever.
pub struct Evaluation {
    evaluation: criteria::Evaluation,
    program: Id<program::Program>,
}

impl Evaluation {
    /// An evaluation of an application to this program.
    pub const fn new(evaluation: criteria::Evaluation, program: Id<program::Program>) -> Self {
        Self {
            evaluation,
            program,
        }
    }

    fn is_team(&self, ctx: &Context<'_>) -> bool {
        let actor = Scope::of(ctx).actor();
        actor
            .permitted(Permission::ReadApplications, self.program)
            .is_ok()
    }
}

/// One run of all criteria over one application; kept forever.
#[Object]
impl Evaluation {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.evaluation.id.to_string().into()
    }

    /// When the criteria were run.
    async fn at(&self) -> DateTime {
        self.evaluation.at.into()
    }

    /// What the rules would have the team do; null for applicants.
    async fn recommendation(&self, ctx: &Context<'_>) -> Option<Recommendation> {
        self.is_team(ctx)
            .then(|| self.evaluation.recommendation.into())
    }

    /// Codes of the decline reasons that follow from it; null for applicants.
    async fn reasons(&self, ctx: &Context<'_>) -> Option<&[String]> {
        self.is_team(ctx)
            .then_some(self.evaluation.reasons.as_slice())
    }

    /// Approval limits the application is over; null for applicants.
    async fn limits(&self, ctx: &Context<'_>) -> Option<&[String]> {
        self.is_team(ctx)
            .then_some(self.evaluation.limits.as_slice())
    }

    /// Form fields asked for in review that an approval needs and that have no answer yet; null for
    /// applicants. Ask for them with `askApplicant`.
    async fn unanswered(&self, ctx: &Context<'_>) -> Option<&[String]> {
        self.is_team(ctx)
            .then_some(self.evaluation.unanswered.as_slice())
    }

    /// One result a criterion, in the revision's order.
    async fn findings(&self, ctx: &Context<'_>) -> Option<Result<Vec<Finding>, Failure>> {
        let team = self.is_team(ctx);
        let compiled = Scope::of(ctx).compiled(self.evaluation.revision).await;
        Some(compiled.map(|compiled| {
            let findings = self.evaluation.findings.iter();
            findings
                .map(|finding| Finding {
                    finding: finding.clone(),
                    compiled: Arc::clone(&compiled),
                    team,
                })
                .collect()
        }))
    }
}

/// The result of one criterion.
pub struct Finding {
    finding: criteria::Finding,
    compiled: Arc<Compiled>,
    team: bool,
}

impl Finding {
    fn rule(&self) -> Option<&criteria::Criterion> {
        let rules = &self.compiled.revision.rules;
        rules
            .criteria
            .iter()
            .find(|criterion| criterion.key == self.finding.criterion)
    }
}

/// The result of one criterion.
#[Object]
impl Finding {
    /// The criterion's key.
    async fn criterion(&self) -> &str {
        &self.finding.criterion
    }

    /// What must hold, in words.
    async fn statement(&self) -> Option<&str> {
        self.rule().map(|criterion| criterion.statement.as_str())
    }

    /// Met, unmet, or unknown.
    async fn outcome(&self) -> CriterionOutcome {
        self.finding.outcome.into()
    }

    /// What the applicant can do to meet it.
    async fn fix(&self) -> Option<&str> {
        self.rule().map(|criterion| criterion.fix.as_str())
    }

    /// What follows when it is not met.
    async fn consequence(&self) -> Consequence {
        self.finding.consequence.into()
    }

    /// Why it is unknown; null otherwise, and for applicants.
    async fn problem(&self) -> Option<&str> {
        self.finding.problem.as_deref().filter(|_| self.team)
    }

    /// The facts it used, with source and evidence; null for applicants.
    async fn facts(&self) -> Option<Vec<Fact>> {
        self.team.then(|| {
            let facts = self.finding.facts.0.iter();
            facts
                .map(|(name, fact)| Fact {
                    name: name.clone(),
                    value: fact.value.clone().map(Json),
                    source: fact.source.into(),
                    evidence: fact.evidence.clone(),
                })
                .collect()
        })
    }
}

/// Something known about an application, or known to be unknown.
#[derive(SimpleObject)]
pub struct Fact {
    /// Its name, as criteria use it.
    name: String,
    /// Its value; null when it could not be told.
    value: Option<Json<Value>>,
    /// Who says so.
    source: FactSource,
    /// What shows it, or why it could not be told.
    evidence: String,
}

/// Something the applicant reads, or wrote.
pub struct Message(pub stoa_domain::message::Message);

/// Something the applicant reads, or wrote.
#[Object]
impl Message {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What it is for.
    async fn kind(&self) -> MessageKind {
        self.0.kind.into()
    }

    /// The text, Markdown.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Who wrote it; null for the service itself, and where the viewer may not see them.
    async fn author(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.author?).await;
        loaded.map(|it| it.map(Account))
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}
