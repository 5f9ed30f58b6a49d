//! Applications in the schema.

pub mod inputs;
pub mod mutations;
pub mod parts;
pub mod promises;
pub mod queries;
pub mod subscriptions;
pub mod surroundings;

use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, ID, Object};
use stoa_domain::actor::Actor;
use stoa_domain::application::{self, Act, State};
use stoa_domain::criteria;
use stoa_persistence::Near;
use stoa_persistence::picked::{Column, Of};

use super::accounts::Account;
use super::connection::{MOST, Opaque, PageArguments};
use super::enums::{ApplicationKind, ApplicationStatus};
use super::error::Failure;
use super::organizations::Organization;
use super::plain::{self, Part, Picking};
use super::programs::{Program, Revision};
use super::prompt::{AtHand, Prompt};
use super::scope::Scope;
use crate::graphql::scalars::DateTime;
use parts::{AvailableAction, Clocks, Decision, Evaluation, Hold, Stage, StatusChange};
use promises::{DecisionPromise, PromiseClock};
use surroundings::Surroundings;

/// One organisation asks one program for a benefit.
#[derive(Clone)]
pub struct Application(pub application::Application, pub Near);

impl From<application::Application> for Application {
    fn from(it: application::Application) -> Self {
        Self(it, Near::default())
    }
}

impl AtHand for Application {
    fn at_hand(&self, field: &str) -> bool {
        let near = &self.1;
        match field {
            "program" => near.program.is_some(),
            "organization" => near.organization.is_some(),
            "applicant" => near.applicant.is_some(),
            "assignee" => near.assignee.is_some() || self.0.assignee.is_none(),
            "answers" | "unreadAnswers" | "decision" | "evaluation" | "evaluations"
            | "messages" | "activities" | "membership" => false,
            _ => true,
        }
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        // What others are told depends on more than the row.
        let team = matches!(picking.viewer(), Actor::Staff { .. });
        Some(match field {
            "id" => picking.column(Column::Id, plain::id::<application::Application>),
            "version" => picking.column(Column::Version, plain::number),
            "kind" => picking.column(Column::Kind, plain::name::<ApplicationKind>),
            "status" if team => picking.column(Column::Status, plain::name::<ApplicationStatus>),
            "externalId" => picking.column(Column::ExternalId, plain::text),
            "createdAt" => picking.column(Column::CreatedAt, plain::time),
            "submittedAt" => picking.column(Column::SubmittedAt, plain::time),
            "manualSteps" if team => picking.column(Column::ManualSteps, plain::number),
            "promise" => {
                picking.section::<DecisionPromise>(Column::Status, DecisionPromise::is_made)?
            }
            "program" => picking.beside::<Program>(Of::Program)?,
            "organization" => picking.beside::<Organization>(Of::Organization)?,
            "applicant" => picking.beside::<Account>(Of::Applicant)?,
            "assignee" => picking.beside::<Account>(Of::Assignee)?,
            "answers" | "unreadAnswers" | "messages" | "activities" | "membership" => {
                picking.later()?
            }
            _ => return None,
        })
    }
}

/// One organisation asks one program for a benefit.
#[Object]
impl Application {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Counts every change, from 1. Send it as `expectedVersion` with a command.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// New, renewal or amendment.
    async fn kind(&self) -> ApplicationKind {
        self.0.kind.into()
    }

    /// Where it stands, as this viewer is told.
    async fn status(&self, ctx: &Context<'_>) -> ApplicationStatus {
        self.0.status_for(Scope::of(ctx).actor()).into()
    }

    /// The stage of the process, for reports; derived from the status.
    async fn stage(&self, ctx: &Context<'_>) -> Stage {
        Stage::of(&self.0, Scope::of(ctx).actor())
    }

    /// The key another system knows it by; unique within the program.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// When the draft was begun.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was first handed in; null for a draft.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(Into::into)
    }

    /// When it expires unless the applicant acts; null when nothing is waited for.
    async fn expires_at(&self) -> Option<DateTime> {
        match self.0.state {
            State::OnHold { .. } => None,
            _ => self.0.deadline_at.map(Into::into),
        }
    }

    /// What the applicant was promised and how it stands; null before submission and after the decision.
    async fn promise(&self, ctx: &Context<'_>) -> Option<Result<Prompt<DecisionPromise>, Failure>> {
        let scope = Scope::of(ctx);
        match scope.compiled(self.0.revision).await {
            Ok(compiled) => {
                let calendar = &compiled.revision.rules.calendar;
                let promise = self.0.promise(calendar, scope.now())?;
                Some(Ok(Prompt::Value(promise.into())))
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    /// What the applicant may count on since it was handed in or reopened: a first reply, a reply to
    /// theirs, a decision; empty for a draft.
    async fn promises(&self, ctx: &Context<'_>) -> Option<Result<Vec<PromiseClock>, Failure>> {
        let scope = Scope::of(ctx);
        match scope.compiled(self.0.revision).await {
            Ok(compiled) => {
                let promises = self.0.promises(&compiled.revision.rules);
                let team = self.0.is_reader(scope.actor());
                let promises = promises.iter();
                Some(Ok(promises
                    .map(|promised| PromiseClock::new(promised, scope.now(), team))
                    .collect()))
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    /// Business minutes on the three clocks until now, or until its end.
    async fn clocks(&self, ctx: &Context<'_>) -> Option<Result<Clocks, Failure>> {
        let scope = Scope::of(ctx);
        match scope.compiled(self.0.revision).await {
            Ok(compiled) => {
                let calendar = &compiled.revision.rules.calendar;
                let clocks = Clocks::from(self.0.clocks(calendar, scope.now()));
                Some(Ok(if self.0.is_reader(scope.actor()) {
                    clocks
                } else {
                    clocks.for_applicants()
                }))
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    /// Every status it entered, oldest first, as this viewer is told.
    async fn history(&self, ctx: &Context<'_>) -> Vec<StatusChange> {
        StatusChange::list(&self.0, Scope::of(ctx).actor())
    }

    /// What the applicant is asked; null unless they are.
    async fn question(&self) -> Option<&str> {
        match &self.0.state {
            State::AwaitingApplicant { question, .. } => Some(question),
            _ => None,
        }
    }

    /// Form fields that the reply must answer; empty unless the applicant is asked for some.
    async fn asked_fields(&self) -> &[String] {
        match &self.0.state {
            State::AwaitingApplicant { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Why it is on hold; null unless it is, and for applicants.
    async fn hold(&self, ctx: &Context<'_>) -> Option<Hold> {
        match &self.0.state {
            State::OnHold { cause, note } if self.0.is_reader(Scope::of(ctx).actor()) => {
                Some(Hold {
                    cause: (*cause).into(),
                    note: note.clone(),
                    until: self.0.deadline_at.map(Into::into),
                })
            }
            _ => None,
        }
    }

    /// What is to be looked at again, since a drafted decision was sent back; null otherwise, and for applicants.
    async fn sent_back_note(&self, ctx: &Context<'_>) -> Option<&str> {
        let note = self.0.sent_back.as_deref();
        note.filter(|_| self.0.is_reader(Scope::of(ctx).actor()))
    }

    /// The decision; applicants see it once it is published.
    async fn decision(&self, ctx: &Context<'_>) -> Option<Decision> {
        let decision = self.0.decision_for(Scope::of(ctx).actor())?;
        Some(Decision {
            decision: decision.clone(),
            revision: self.0.revision,
            team: self.0.is_reader(Scope::of(ctx).actor()),
        })
    }

    /// Steps taken by people of the team since it was handed in or reopened; null for applicants.
    async fn manual_steps(&self, ctx: &Context<'_>) -> Option<i32> {
        self.0
            .is_reader(Scope::of(ctx).actor())
            .then_some(self.0.manual_steps)
    }

    /// What this viewer can do, and what stands against what they cannot do now. Actions that are
    /// not for this viewer are left out. Show exactly these; do not guess.
    async fn available_actions(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Vec<AvailableAction>, Failure>> {
        let scope = Scope::of(ctx);
        let compiled = match scope.compiled(self.0.revision).await {
            Ok(compiled) => compiled,
            Err(failure) => return Some(Err(failure)),
        };
        let act = Act {
            by: scope.actor(),
            revision: &compiled.revision,
            now: scope.now(),
            seen: None,
        };
        let actions = self.0.available_actions(&act);
        Some(Ok(actions.into_iter().map(Into::into).collect()))
    }

    /// The program asked.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Prompt<Program>, Failure>> {
        let near = self.1.program.clone();
        let found = Scope::of(ctx).near(self.0.program, near).await;
        found.map(|it| it.map(|it| Prompt::Value(Program(it))))
    }

    /// The revision whose rules hold for it.
    async fn revision(&self, ctx: &Context<'_>) -> Option<Result<Revision, Failure>> {
        let compiled = Scope::of(ctx).compiled(self.0.revision).await;
        Some(compiled.map(|it| Revision(Arc::clone(&it.revision))))
    }

    /// Who asks.
    async fn organization(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Prompt<Organization>, Failure>> {
        let near = self.1.organization.clone();
        let found = Scope::of(ctx).near(self.0.organization, near).await;
        found.map(|it| it.map(|it| Prompt::Value(Organization(it))))
    }

    /// The person who applies.
    async fn applicant(&self, ctx: &Context<'_>) -> Option<Result<Prompt<Account>, Failure>> {
        let near = self.1.applicant.clone();
        let found = Scope::of(ctx).near(self.0.applicant, near).await;
        found.map(|it| it.map(|it| Prompt::Value(Account(it))))
    }

    /// Who works on it; null when nobody does, and for applicants.
    async fn assignee(&self, ctx: &Context<'_>) -> Option<Result<Prompt<Account>, Failure>> {
        let near = self.1.assignee.clone();
        let found = Scope::of(ctx).near(self.0.assignee?, near).await;
        found.map(|it| it.map(|it| Prompt::Value(Account(it))))
    }

    /// The latest run of the criteria; null before submission.
    async fn evaluation(&self, ctx: &Context<'_>) -> Option<Result<Evaluation, Failure>> {
        let id = self.0.assessed.as_ref()?.evaluation;
        let loaded = Scope::of(ctx).load(id).await;
        loaded.map(|it| {
            it.map(|evaluation: criteria::Evaluation| Evaluation::new(evaluation, self.0.program))
        })
    }

    /// Every run of the criteria, newest first.
    async fn evaluations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Opaque, Evaluation, EmptyFields>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            let page = PageArguments::new(first, after, last, before).page(MOST, &self.0.id)?;
            let slice = scope.view.evaluations(self.0.id, &page.page).await?;
            Ok(page.connection(slice, EmptyFields, |it| Evaluation::new(it, self.0.program)))
        };
        Some(Box::pin(read).await)
    }

    #[graphql(flatten)]
    fn surroundings(&self) -> Surroundings {
        self.0.id.into()
    }
}
