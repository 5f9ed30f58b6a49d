//! Indicators in the schema.

pub mod parts;
pub mod queries;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Object, SimpleObject};
use stoa_domain::Timestamp;
use stoa_domain::kpi::{self, formula, health, period};
use stoa_persistence::{KpiFilter as Filter, KpiRow as Row};

use super::accounts::Account;
use super::applications::Application;
use super::applications::parts::Clocks;
use super::connection::{MOST, Opaque, PageArguments};
use super::enums::{ApplicationKind, ApplicationStatus, KpiHealth, Mode};
use super::error::Failure;
use super::programs::Program;
use super::scope::Scope;
use crate::graphql::scalars::DateTime;
use parts::{ClockDistributions, KpiDefinition, KpiPeriod, OutcomeCount, StepShare};

/// An indicator over some periods.
#[derive(SimpleObject)]
pub struct KpiReport {
    /// What it means.
    definition: KpiDefinition,
    /// The time zone of the periods.
    time_zone: String,
    /// When it was computed.
    as_of: DateTime,
    /// One value a period and group. A period without data has a null value, never 0.
    values: Vec<KpiValue>,
}

/// A value of an indicator in one period.
pub struct KpiValue {
    value: formula::Value,
    period: period::Period,
    definition: kpi::Definition,
    as_of: Timestamp,
    filter: Filter,
}

/// A value of an indicator in one period.
#[Object]
impl KpiValue {
    /// The period.
    async fn period(&self) -> KpiPeriod {
        KpiPeriod {
            label: self.period.label.clone(),
            starts_on: self.period.starts_on.into(),
            ends_before: self.period.ends_on.into(),
        }
    }

    /// The value, in the definition's unit; null when there is no data. For the time to approve: the median on the promise clock.
    async fn value(&self) -> Option<f64> {
        self.value.value
    }

    /// What a ratio counts above the line; null for other units and without data.
    async fn numerator(&self) -> Option<i64> {
        self.value.numerator
    }

    /// What a ratio counts below the line; null for other units and without data.
    async fn denominator(&self) -> Option<i64> {
        self.value.denominator
    }

    /// Of the time to approve: how it is distributed on each clock.
    async fn clocks(&self) -> Option<ClockDistributions> {
        self.value.clocks.map(|clocks| ClockDistributions {
            elapsed: clocks.elapsed.into(),
            promise: clocks.promise.into(),
            team: clocks.team.into(),
        })
    }

    /// Of the automated share: each step of the process.
    async fn steps(&self) -> Vec<StepShare> {
        let steps = self.value.steps.iter();
        steps
            .map(|step| StepShare {
                step: step.step.into(),
                share: step.share,
                numerator: step.numerator,
                denominator: step.denominator,
            })
            .collect()
    }

    /// Of the applications solved: how many came to each end.
    async fn outcomes(&self) -> Vec<OutcomeCount> {
        let outcomes = self.value.outcomes.iter();
        outcomes
            .map(|it| OutcomeCount {
                outcome: it.outcome.into(),
                count: it.count,
            })
            .collect()
    }

    /// Of the applications solved: how many different ones; one that was reopened and solved again counts once.
    async fn unique(&self) -> Option<i64> {
        self.value.unique
    }

    /// The version of the definition it was computed by.
    async fn definition_version(&self) -> i32 {
        self.definition.version
    }

    /// When it was computed.
    async fn as_of(&self) -> DateTime {
        self.as_of.into()
    }

    /// Whether the period is over.
    async fn complete(&self) -> bool {
        self.period.to <= self.as_of
    }

    /// How it stands against the target.
    async fn health(&self) -> KpiHealth {
        health(&self.definition, self.value.value).into()
    }

    /// The program it is about, when grouped by program.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Program, Failure>> {
        let loaded = Scope::of(ctx).load(self.value.group.program?).await;
        loaded.map(|it| it.map(Program))
    }

    /// The kind it is about, when grouped by kind.
    async fn kind(&self) -> Option<ApplicationKind> {
        self.value.group.kind.map(Into::into)
    }

    /// The mode it is about, when grouped by mode.
    async fn mode(&self) -> Option<Mode> {
        self.value.group.mode.map(Into::into)
    }

    /// The person it is about, when grouped by person; null for the service, and where the viewer may not see them.
    async fn person(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let loaded = Scope::of(ctx).load(self.value.group.person?).await;
        loaded.map(|it| it.map(Account))
    }

    /// The ended applications it counted, newest first. Open applications that count as missed are
    /// found by `applications(filter: { dueFrom: …, dueBefore: … })`.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Opaque, KpiRow, EmptyFields>, Failure>> {
        let read = async {
            let group = self.value.group;
            // What has no mode is still open: no ended application is among it.
            let ended = group.mode.is_some() || !self.filter.by_mode;
            let filter = Filter {
                periods: ended.then(|| self.period.clone()).into_iter().collect(),
                program: group.program.or(self.filter.program),
                kind: group.kind.or(self.filter.kind),
                mode: group.mode.or(self.filter.mode),
                person: group.person.or(self.filter.person),
                nobody: self.filter.by_person && group.person.is_none(),
                ..self.filter.clone()
            };
            let page = PageArguments::new(first, after, last, before).page(MOST, &filter)?;
            let slice = Scope::of(ctx).view.kpi_rows(&filter, &page.page).await?;
            Ok(page.connection(slice, EmptyFields, KpiRow))
        };
        Some(Box::pin(read).await)
    }
}

/// One end of an application that a value counted.
pub struct KpiRow(Row);

/// One end of an application that a value counted.
#[Object]
impl KpiRow {
    /// The application; null for those who may read numbers only.
    async fn application(&self, ctx: &Context<'_>) -> Option<Result<Application, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.application).await;
        loaded.map(|it| it.map(Application::from))
    }

    /// Which end.
    async fn outcome(&self) -> ApplicationStatus {
        self.0.outcome.into()
    }

    /// How it was brought about.
    async fn mode(&self) -> Mode {
        self.0.mode.into()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Business minutes on the three clocks.
    async fn clocks(&self) -> Clocks {
        self.0.clocks.into()
    }

    /// Whether it was decided within the promise; null where nothing was decided.
    async fn within_promise(&self) -> Option<bool> {
        self.0.within_promise
    }

    /// Steps taken by people of the team.
    async fn manual_steps(&self) -> i32 {
        self.0.manual_steps
    }

    /// Who brought it about; null for the service, and where the viewer may not see them.
    async fn person(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.person?).await;
        loaded.map(|it| it.map(Account))
    }
}
