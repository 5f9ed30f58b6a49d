//! Parts of an indicator in the schema.

use async_graphql::SimpleObject;
use stoa_domain::kpi::{self, formula};

use crate::graphql::enums::{ApplicationStatus, KpiDirection, KpiKey, KpiUnit, ProcessStep, Role};
use crate::graphql::programs::Program;
use crate::graphql::scalars::Date;

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
    /// Whose task it is that the target is reached.
    owner: Role,
    /// The program whose target and owner these are; null for the built-in definition, which holds for all.
    program: Option<Program>,
}

/// What an indicator aims at, in its unit.
#[derive(SimpleObject)]
pub struct KpiTarget {
    /// From here on it is on track.
    good: f64,
    /// From here on it is acceptable.
    acceptable: f64,
}

impl KpiDefinition {
    /// A definition as it holds in a program, or everywhere.
    pub fn new(definition: kpi::Definition, program: Option<Program>) -> Self {
        Self {
            key: definition.key.into(),
            version: definition.version,
            name: definition.name,
            statement: definition.statement,
            formula: definition.formula,
            unit: definition.unit.into(),
            direction: definition.direction.into(),
            owner: definition.owner.into(),
            program,
            target: definition.target.map(|target| KpiTarget {
                good: target.good,
                acceptable: target.acceptable,
            }),
        }
    }
}

/// A period: half-open, in days of the report's time zone.
#[derive(SimpleObject)]
pub struct KpiPeriod {
    /// Its name, e.g. `2026-11`, `2026-W47`, `FY2027-Q2`.
    pub(super) label: String,
    /// First day.
    pub(super) starts_on: Date,
    /// First day after it.
    pub(super) ends_before: Date,
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
            mean: it.mean(),
            count: it.count,
        }
    }
}

/// The same on the three clocks.
#[derive(SimpleObject)]
pub struct ClockDistributions {
    /// Never stops between submission and decision.
    pub(super) elapsed: Distribution,
    /// Pauses while the applicant is waited for.
    pub(super) promise: Distribution,
    /// Pauses also while it is on hold.
    pub(super) team: Distribution,
}

/// How much of one step was done by the service.
#[derive(SimpleObject)]
pub struct StepShare {
    /// Which step.
    pub(super) step: ProcessStep,
    /// From 0 to 1.
    pub(super) share: f64,
    /// Applications in which the step was automated.
    pub(super) numerator: i64,
    /// All decided applications.
    pub(super) denominator: i64,
}

/// How many came to one end.
#[derive(SimpleObject)]
pub struct OutcomeCount {
    /// Which end.
    pub(super) outcome: ApplicationStatus,
    /// How many.
    pub(super) count: i64,
}
