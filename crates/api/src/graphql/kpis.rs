//! Indicators in the schema.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use stoa_domain::Timestamp;
use stoa_domain::actor::{Permission, Visibility};
use stoa_domain::kpi::formula::{self, values};
use stoa_domain::kpi::period::{self, InvalidRange, periods};
use stoa_domain::kpi::{self, definition, health};
use stoa_persistence::{KpiFilter as Filter, KpiRow as Row};

use super::accounts::Account;
use super::applications::Application;
use super::applications::parts::Clocks;
use super::applications::queries::filtered;
use super::connection::{MOST, Opaque, PageArguments, connection};
use super::enums::{
    ApplicationKind, ApplicationStatus, KpiDirection, KpiGranularity, KpiHealth, KpiKey, KpiUnit,
    Mode, ProcessStep,
};
use super::error::{Code, Failure};
use super::programs::Program;
use super::scope::{Scope, bounded};

/// What an indicator means. Definitions are versioned: a value names the one it was computed by.
#[derive(SimpleObject)]
pub struct KpiDefinition {
    /// Which indicator.
    key: KpiKey,
    /// Its version.
    version: i32,
    /// Its name.
    name: &'static str,
    /// What it says, in a sentence.
    statement: &'static str,
    /// How it is computed.
    formula: &'static str,
    /// In what it is measured.
    unit: KpiUnit,
    /// Which way is better.
    direction: KpiDirection,
    /// What is aimed at; null when nothing is.
    target: Option<KpiTarget>,
}

/// What an indicator aims at, in its unit.
#[derive(SimpleObject)]
pub struct KpiTarget {
    /// From here on it is on track.
    good: f64,
    /// From here on it is acceptable.
    acceptable: f64,
}

impl From<kpi::Definition> for KpiDefinition {
    fn from(definition: kpi::Definition) -> Self {
        Self {
            key: definition.key.into(),
            version: definition.version,
            name: definition.name,
            statement: definition.statement,
            formula: definition.formula,
            unit: definition.unit.into(),
            direction: definition.direction.into(),
            target: definition.target.map(|target| KpiTarget {
                good: target.good,
                acceptable: target.acceptable,
            }),
        }
    }
}

/// Which values of an indicator.
#[derive(InputObject, Clone)]
pub struct KpiInput {
    /// Which indicator.
    key: KpiKey,
    /// How long one period is.
    granularity: KpiGranularity,
    /// The first day; the period it lies in is the first one.
    from: NaiveDate,
    /// The last day; the period it lies in is the last one. At most 120 periods.
    to: NaiveDate,
    /// Of this program, in its time zone and fiscal year; without it of all visible ones, in UTC and calendar years.
    program_id: Option<ID>,
    /// Only of this kind.
    kind: Option<ApplicationKind>,
    /// Only what was brought about in this way.
    mode: Option<Mode>,
    /// Only what was brought about by this person.
    person_id: Option<ID>,
    /// One value for each of these.
    #[graphql(default)]
    group_by: Vec<KpiDimension>,
}

/// What values can be grouped by.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum KpiDimension {
    /// Each program.
    Program,
    /// Each kind of application.
    Kind,
    /// By hand, by the service, by another system.
    Mode,
    /// Each person who brought the end about.
    Person,
}

/// An indicator over some periods.
#[derive(SimpleObject)]
pub struct KpiReport {
    /// What it means.
    definition: KpiDefinition,
    /// The time zone of the periods.
    time_zone: String,
    /// When it was computed.
    as_of: DateTime<Utc>,
    /// One value a period and group. A period without data has a null value, never 0.
    values: Vec<KpiValue>,
}

/// A value of an indicator in one period.
pub struct KpiValue {
    value: formula::Value,
    period: period::Period,
    key: kpi::Key,
    as_of: Timestamp,
    filter: Filter,
}

/// A period: half-open, in days of the report's time zone.
#[derive(SimpleObject)]
pub struct KpiPeriod {
    /// Its name, e.g. `2026-11`, `2026-W47`, `FY2027-Q2`.
    label: String,
    /// First day.
    starts_on: NaiveDate,
    /// First day after it.
    ends_on: NaiveDate,
}

/// How long something took on one clock, in business minutes.
#[derive(SimpleObject)]
pub struct Distribution {
    /// The middle value; the mean of the two middle ones when their number is even.
    median: f64,
    /// Nine of ten took at most this.
    p90: i64,
    /// The average.
    mean: f64,
    /// How many were measured.
    count: i64,
}

impl From<formula::Distribution> for Distribution {
    fn from(it: formula::Distribution) -> Self {
        Self {
            median: it.median,
            p90: it.p90,
            mean: it.mean,
            count: it.count,
        }
    }
}

/// The same on the three clocks.
#[derive(SimpleObject)]
pub struct ClockDistributions {
    /// Never stops between submission and decision.
    elapsed: Distribution,
    /// Pauses while the applicant is waited for.
    promise: Distribution,
    /// Pauses also while it is on hold.
    team: Distribution,
}

/// How much of one step was done by the service.
#[derive(SimpleObject)]
pub struct StepShare {
    /// Which step.
    step: ProcessStep,
    /// From 0 to 1.
    share: f64,
    /// Applications in which the step was automated.
    numerator: i64,
    /// All decided applications.
    denominator: i64,
}

/// How many came to one end.
#[derive(SimpleObject)]
pub struct OutcomeCount {
    /// Which end.
    outcome: ApplicationStatus,
    /// How many.
    count: i64,
}

/// A value of an indicator in one period.
#[Object]
impl KpiValue {
    /// The period.
    async fn period(&self) -> KpiPeriod {
        KpiPeriod {
            label: self.period.label.clone(),
            starts_on: self.period.starts_on,
            ends_on: self.period.ends_on,
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
        definition(self.key).version
    }

    /// When it was computed.
    async fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// Whether the period is over.
    async fn complete(&self) -> bool {
        self.period.to <= self.as_of
    }

    /// How it stands against the target.
    async fn health(&self) -> KpiHealth {
        health(&definition(self.key), self.value.value).into()
    }

    /// The program it is about, when grouped by program.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Program, Failure>> {
        let loaded = Scope::of(ctx)
            .loaders
            .load_one(self.value.group.program?)
            .await;
        loaded.transpose().map(|it| it.map(Program))
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
        let loaded = Scope::of(ctx)
            .loaders
            .load_one(self.value.group.person?)
            .await;
        loaded.transpose().map(|it| it.map(Account))
    }

    /// The ended applications it counted, newest first. Open applications that count as missed are
    /// found by `applications(filter: { dueFrom: …, dueBefore: … })`.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<Opaque, KpiRow, EmptyFields>, Failure>> {
        let read = async {
            let page = PageArguments::new(first, after, last, before).page(MOST)?;
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
            let slice = Scope::of(ctx).view.kpi_rows(&filter, &page).await?;
            Ok(connection(slice, EmptyFields, KpiRow))
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
        let loaded = Scope::of(ctx).loaders.load_one(self.0.application).await;
        loaded.transpose().map(|it| it.map(Application))
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
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
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
        let loaded = Scope::of(ctx).loaders.load_one(self.0.person?).await;
        loaded.transpose().map(|it| it.map(Account))
    }
}

/// Queries on indicators.
#[derive(Default)]
pub struct KpiQueries;

#[Object]
impl KpiQueries {
    /// The built-in indicators: what each means and aims at.
    async fn kpi_definitions(&self) -> Vec<KpiDefinition> {
        let keys = kpi::Key::ALL.into_iter();
        keys.map(|key| definition(key).into()).collect()
    }

    /// An indicator over some periods; null for those who may not read numbers.
    async fn kpi(&self, ctx: &Context<'_>, input: KpiInput) -> Option<Result<KpiReport, Failure>> {
        let scope = Scope::of(ctx);
        if let Err(failure) = scope.signed_in() {
            return Some(Err(failure));
        }
        if matches!(
            scope.actor().visibility(Permission::ReadNumbers),
            Visibility::Nothing | Visibility::Own(_)
        ) {
            return None;
        }
        report(scope, input).await.transpose()
    }
}

async fn report(scope: &Scope, input: KpiInput) -> Result<Option<KpiReport>, Failure> {
    bounded(input.from)?;
    bounded(input.to)?;
    let program = filtered(input.program_id)?;
    let (zone, fiscal_year_start) = match program {
        None => (Tz::UTC, 1),
        Some(id) => {
            let Some(program) = scope.view.program(id).await? else {
                return Ok(None);
            };
            let actor = scope.actor();
            if actor.permitted(Permission::ReadNumbers, id).is_err() {
                return Ok(None);
            }
            let compiled = scope.service.compiled(program.current).await?;
            let rules = &compiled.revision.rules;
            (rules.calendar.time_zone, rules.fiscal_year_start)
        }
    };
    let periods = periods(
        input.granularity.into(),
        input.from,
        input.to,
        fiscal_year_start,
        zone,
    )
    .map_err(|invalid| {
        Failure::new(Code::BadUserInput(match invalid {
            InvalidRange::Reversed => "`to` must not be before `from`.",
            InvalidRange::TooMany { .. } => {
                "At most 120 periods: ask for fewer, or for longer ones."
            }
            InvalidRange::NoSuchDate => "The dates are too far away.",
        }))
    })?;
    let by = |dimension| input.group_by.contains(&dimension);
    let key: kpi::Key = input.key.into();
    let filter = Filter {
        key,
        periods,
        program,
        kind: input.kind.map(Into::into),
        mode: input.mode.map(Into::into),
        person: filtered(input.person_id)?,
        nobody: false,
        by_program: by(KpiDimension::Program),
        by_kind: by(KpiDimension::Kind),
        by_mode: by(KpiDimension::Mode),
        by_person: by(KpiDimension::Person),
    };
    let as_of = scope.now();
    let tallies = scope.view.tallies(&filter).await?;
    let late = if key == kpi::Key::WithinPromise {
        scope.view.late(&filter, as_of).await?
    } else {
        Vec::new()
    };
    let values = values(key, filter.periods.len(), &tallies, &late)
        .into_iter()
        .filter_map(|value| {
            Some(KpiValue {
                period: filter.periods.get(value.bucket)?.clone(),
                value,
                key,
                as_of,
                filter: filter.clone(),
            })
        })
        .collect();
    Ok(Some(KpiReport {
        definition: definition(key).into(),
        time_zone: zone.name().to_owned(),
        as_of,
        values,
    }))
}
