//! Programs and revisions in the schema.

pub mod mutations;
pub mod parts;
pub mod queries;

use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object};
use serde_json::Value;
use stoa_domain::actor::Permission;
use stoa_domain::program;
use stoa_persistence::picked::Column;

use super::error::Failure;
use super::plain::{self, Part, Picking};
use super::prompt::AtHand;
use super::scope::Scope;
use crate::graphql::scalars::{Date, DateTime};
use parts::{
    ApprovalLimit, Automation, Benefit, CalendarSummary, Criterion, DeclineReason, PromiseDays,
    Renewal, TradeRule,
};

/// A company's offer to a community.
pub struct Program(pub Arc<program::Program>);

impl From<program::Program> for Program {
    fn from(it: program::Program) -> Self {
        Self(Arc::new(it))
    }
}

/// A company's offer to a community.
#[Object]
impl Program {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The short name in addresses and commands; never changes.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// The name people read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Counts every change, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was first published.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The rules that new applications are submitted under.
    async fn current_revision(&self, ctx: &Context<'_>) -> Option<Result<Revision, Failure>> {
        let compiled = Scope::of(ctx).compiled(self.0.current).await;
        Some(compiled.map(|it| Revision(Arc::clone(&it.revision))))
    }

    /// Every revision, newest first.
    async fn revisions(&self, ctx: &Context<'_>) -> Option<Result<Vec<Revision>, Failure>> {
        let found = Scope::of(ctx).view.revisions(self.0.id).await;
        Some(
            found
                .map(|list| list.into_iter().map(Revision).collect())
                .map_err(Into::into),
        )
    }
}

impl AtHand for Program {
    fn at_hand(&self, field: &str) -> bool {
        !matches!(field, "revisions")
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        Some(match field {
            "id" => picking.column(Column::Id, plain::id::<program::Program>),
            "key" => picking.column(Column::Key, plain::text),
            "name" => picking.column(Column::Name, plain::text),
            "version" => picking.column(Column::Version, plain::number),
            "createdAt" => picking.column(Column::CreatedAt, plain::time),
            _ => return None,
        })
    }
}

/// One immutable, numbered, published state of a program's rules.
pub struct Revision(pub Arc<program::Revision>);

impl Revision {
    fn team(&self, ctx: &Context<'_>) -> bool {
        let actor = Scope::of(ctx).actor();
        actor
            .permitted(Permission::ReadApplications, self.0.program)
            .is_ok()
    }
}

/// One immutable, numbered, published state of a program's rules.
#[Object]
impl Revision {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Counts a program's revisions, from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// When it was published.
    async fn published_at(&self) -> DateTime {
        self.0.published_at.into()
    }

    /// The program's name in this revision.
    async fn name(&self) -> &str {
        &self.0.rules.name
    }

    /// What the program offers, and to whom.
    async fn summary(&self) -> &str {
        &self.0.rules.summary
    }

    /// The form, as a JSON Schema (2020-12) with UI hints under `x-ui`.
    async fn form(&self) -> Json<&Value> {
        Json(&self.0.rules.form)
    }

    /// What applicants must meet.
    async fn criteria(&self) -> Vec<Criterion> {
        let criteria = self.0.rules.criteria.iter();
        criteria.cloned().map(Into::into).collect()
    }

    /// What a member gets in each term.
    async fn benefits(&self) -> Vec<Benefit> {
        let benefits = self.0.rules.benefits.iter();
        benefits.cloned().map(Into::into).collect()
    }

    /// Within how many business days an application is decided.
    async fn promise(&self) -> PromiseDays {
        self.0.rules.promise.into()
    }

    /// When the team works.
    async fn calendar(&self) -> CalendarSummary {
        (&self.0.rules.calendar).into()
    }

    /// How long a term lasts, and what happens around its end.
    async fn renewal(&self) -> Renewal {
        self.0.rules.renewal.clone().into()
    }

    /// The reasons a decline may give.
    async fn decline_reasons(&self) -> Vec<DeclineReason> {
        let reasons = self.0.rules.decline_reasons.iter();
        reasons.cloned().map(Into::into).collect()
    }

    /// Countries and regions that are not served, or looked at by people, and when.
    async fn trade_rules(&self) -> Vec<TradeRule> {
        self.0.rules.trade.iter().cloned().map(Into::into).collect()
    }

    /// First day on which applications are taken in, in the program's time zone; null means since ever.
    async fn opens_on(&self) -> Option<Date> {
        self.0.rules.opens_on.map(Into::into)
    }

    /// Last day on which applications are taken in, in the program's time zone; null means until further notice.
    async fn closes_on(&self) -> Option<Date> {
        self.0.rules.closes_on.map(Into::into)
    }

    /// Whether applications are taken in now.
    async fn takes_applications(&self, ctx: &Context<'_>) -> bool {
        self.0.rules.takes_in(Scope::of(ctx).now())
    }

    /// How many organisations may be members at once; null when there is no cap.
    async fn capacity(&self) -> Option<u32> {
        self.0.rules.capacity
    }

    /// Who decides, the service or people; null for those who do not work with its applications.
    async fn automation(&self, ctx: &Context<'_>) -> Option<Automation> {
        self.team(ctx).then(|| self.0.rules.automation.into())
    }

    /// What needs a second person; null for those who do not work with its applications.
    async fn approvals(&self, ctx: &Context<'_>) -> Option<Vec<ApprovalLimit>> {
        self.team(ctx).then(|| {
            let limits = self.0.rules.approvals.iter();
            limits.cloned().map(Into::into).collect()
        })
    }
}
