//! Reading indicators.

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono_tz::Tz;
use stoa_domain::actor::{Permission, Visibility};
use stoa_domain::kpi::formula::{Tally, values_over};
use stoa_domain::kpi::period::{InvalidRange, periods};
use stoa_domain::kpi::rollup::Rollup;
use stoa_domain::kpi::{self, definition, definition_in};
use stoa_persistence::KpiFilter as Filter;

use super::parts::KpiDefinition;
use super::{KpiReport, KpiValue};
use crate::graphql::applications::queries::filtered;
use crate::graphql::enums::{ApplicationKind, KpiGranularity, KpiKey, Mode};
use crate::graphql::error::{Code, Failure};
use crate::graphql::scalars::Date;
use crate::graphql::scope::{Scope, bounded};

/// Which values of an indicator.
#[derive(InputObject, Clone)]
pub struct KpiInput {
    /// Which indicator.
    key: KpiKey,
    /// How long one period is.
    granularity: KpiGranularity,
    /// The first day; the period it lies in is the first one.
    from: Date,
    /// The last day; the period it lies in is the last one. At most 120 periods.
    to: Date,
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

/// Queries on indicators.
#[derive(Default)]
pub struct KpiQueries;

#[Object]
impl KpiQueries {
    /// The built-in indicators: what each means and aims at, in a program or everywhere; null where there
    /// is no such program.
    async fn kpi_definitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The program whose targets and owners to tell; without it the built-in ones."
        )]
        program_id: Option<ID>,
    ) -> Option<Result<Vec<KpiDefinition>, Failure>> {
        let read = async {
            let Some(id) = filtered(program_id)? else {
                let all = kpi::Key::ALL.into_iter().map(definition);
                return Ok(Some(all.map(|it| KpiDefinition::new(it, None)).collect()));
            };
            let scope = Scope::of(ctx);
            let Some(program) = scope.view.program(id).await? else {
                return Ok(None);
            };
            let compiled = scope.service.compiled(program.current).await?;
            let rules = &compiled.revision.rules;
            let all = kpi::Key::ALL
                .into_iter()
                .map(|key| definition_in(key, rules));
            Ok(Some(
                all.map(|it| KpiDefinition::new(it, Some(program.clone().into())))
                    .collect(),
            ))
        };
        Box::pin(read).await.transpose()
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
    bounded(input.from.0)?;
    bounded(input.to.0)?;
    let program = filtered(input.program_id)?;
    let key: kpi::Key = input.key.into();
    let (zone, fiscal_year_start, definition, told) = match program {
        None => (Tz::UTC, 1, definition(key), None),
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
            let definition = definition_in(key, rules);
            let zone = rules.calendar.time_zone;
            (
                zone,
                rules.fiscal_year_start,
                definition,
                Some(program.into()),
            )
        }
    };
    let periods = periods(
        input.granularity.into(),
        input.from.0,
        input.to.0,
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
    let (rolled_up, tallies) = counted(scope, &filter).await?;
    let late = if key == kpi::Key::WithinPromise {
        scope.view.late(&filter, as_of).await?
    } else {
        Vec::new()
    };
    let values = values_over(key, filter.periods.len(), &tallies, &late, &rolled_up)
        .into_iter()
        .filter_map(|value| {
            Some(KpiValue {
                period: filter.periods.get(value.bucket)?.clone(),
                value,
                definition,
                as_of,
                filter: filter.clone(),
            })
        })
        .collect();
    Ok(Some(KpiReport {
        definition: KpiDefinition::new(definition, told),
        time_zone: zone.name().to_owned(),
        as_of: as_of.into(),
        values,
    }))
}

/// What is rolled up of the periods, and counts of those from the first that is not to the last.
async fn counted(
    scope: &Scope,
    filter: &Filter,
) -> Result<(BTreeMap<usize, Rollup>, Vec<Tally>), Failure> {
    let rolled_up = match filter.whole_program() {
        Some(program) => {
            let periods = &filter.periods;
            scope.view.rollups(filter.key, program, periods).await?
        }
        None => BTreeMap::new(),
    };
    let missing = |place: &usize| !rolled_up.contains_key(place);
    let mut places = 0..filter.periods.len();
    let (Some(first), last) = (places.find(missing), places.rfind(missing)) else {
        return Ok((rolled_up, Vec::new()));
    };
    let mut rest = filter.clone();
    rest.periods = filter.periods[first..=last.unwrap_or(first)].to_vec();
    let mut tallies = scope.view.tallies(&rest).await?;
    for tally in &mut tallies {
        tally.bucket += first;
    }
    Ok((rolled_up, tallies))
}
