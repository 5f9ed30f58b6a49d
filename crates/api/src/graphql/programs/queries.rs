//! Reading programs, and trying rules out.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use stoa_domain::actor::Permission;
use stoa_domain::program::{self, source};

use super::Program;
use super::mutations::ProgramFile;
use crate::graphql::applications::Application;
use crate::graphql::error::{Code, Failure};
use crate::graphql::scope::{Scope, parse};
use crate::graphql::user_error::{UserError, program_error};
use crate::operations::programs::NotPublished;
use crate::operations::simulation::MOST;

/// Rules to be tried out.
#[derive(InputObject)]
pub struct SimulateRevisionInput {
    /// The program whose decided applications are replayed.
    program_id: ID,
    /// The files of the draft, as for `publishRevision`.
    files: Vec<ProgramFile>,
    /// How many of the newest decided applications to replay, 1 to 5,000.
    #[graphql(default = 1000)]
    limit: i32,
}

/// What a draft revision would have done.
#[derive(SimpleObject, Default)]
pub struct RevisionSimulation {
    /// Decided applications that were replayed.
    replayed: i64,
    /// Whether there were more than `limit`.
    truncated: bool,
    /// Those the draft would approve by itself.
    approve: i64,
    /// Those the draft would decline by itself.
    decline: i64,
    /// Those the draft would leave to people.
    people: i64,
    /// Applications whose outcome would differ from the one published, at most 100; `differing` counts all.
    differences: Vec<SimulatedDifference>,
    /// How many would differ.
    differing: i64,
    /// What stands against the simulation; empty means it ran.
    user_errors: Vec<UserError>,
}

/// An application that the draft would treat differently.
#[derive(SimpleObject)]
pub struct SimulatedDifference {
    /// The application, with the decision that was published.
    application: Application,
    /// What the draft's criteria say of it.
    evaluation: DraftEvaluation,
}

/// An evaluation under rules that were not published.
#[derive(SimpleObject)]
pub struct DraftEvaluation {
    /// What the draft would have the team do.
    recommendation: crate::graphql::enums::Recommendation,
    /// Codes of the decline reasons that follow.
    reasons: Vec<String>,
    /// Keys of the criteria that are not met.
    unmet: Vec<String>,
    /// Keys of the criteria that cannot be told.
    unknown: Vec<String>,
}

/// Queries on programs.
#[derive(Default)]
pub struct ProgramQueries;

#[Object]
impl ProgramQueries {
    /// Every program, by key. Everybody may read them, signed in or not.
    async fn programs(&self, ctx: &Context<'_>) -> Option<Result<Vec<Program>, Failure>> {
        let found = Scope::of(ctx).view.programs().await;
        Some(
            found
                .map(|list| list.into_iter().map(Program::from).collect())
                .map_err(Into::into),
        )
    }

    /// The program with this key or id; null when there is none.
    async fn program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The program's key, e.g. `open-source`.")] key: Option<String>,
        #[graphql(desc = "The program's global id.")] id: Option<ID>,
    ) -> Option<Result<Program, Failure>> {
        let view = &Scope::of(ctx).view;
        let found = match (key, id) {
            (Some(key), None) => view.program_by_key(&key).await,
            (None, Some(id)) => view.program(parse(&id)?).await,
            _ => {
                return Some(Err(Failure::new(Code::BadUserInput(
                    "Give `key` or `id`, one of them.",
                ))));
            }
        };
        found
            .map_err(Failure::from)
            .transpose()
            .map(|it| it.map(Program::from))
    }

    /// Replays decided applications against a draft revision: the counts, and every outcome that
    /// would differ. Answers are those given then; what verifiers know is what they know today.
    async fn simulate_revision(
        &self,
        ctx: &Context<'_>,
        input: SimulateRevisionInput,
    ) -> Option<Result<RevisionSimulation, Failure>> {
        let scope = Scope::of(ctx);
        let simulate = async {
            let by = scope.signed_in()?;
            let answer = |error| RevisionSimulation {
                user_errors: vec![error],
                ..RevisionSimulation::default()
            };
            let limit = u64::try_from(input.limit).unwrap_or_default();
            if !(1..=MOST).contains(&limit) {
                return Err(Failure::new(Code::BadUserInput(
                    "`limit` must be from 1 to 5000.",
                )));
            }
            let program = match parse(&input.program_id) {
                Some(id) => scope.view.program(id).await?,
                None => None,
            };
            let Some(program) = program else {
                return Ok(answer(UserError::missing(
                    "program",
                    &["input", "programId"],
                )));
            };
            // Reading rules is work: only for those who may publish them.
            if let Err(refused) = by.permitted(Permission::PublishRevisions, program.id) {
                return program_error(program::Refusal::from(refused).into()).map(answer);
            }
            let rules = match source::read(&ProgramFile::source(input.files)) {
                Ok(rules) => rules,
                Err(mistakes) => {
                    return program_error(NotPublished::Mistakes(mistakes)).map(answer);
                }
            };
            match scope.service.simulate(&program, rules, by, limit).await {
                Ok(found) => Ok(found.into()),
                Err(failed) => program_error(failed).map(answer),
            }
        };
        Some(Box::pin(simulate).await)
    }
}

impl From<crate::operations::simulation::Simulation> for RevisionSimulation {
    fn from(found: crate::operations::simulation::Simulation) -> Self {
        use stoa_domain::criteria::Outcome;
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let differing = number(found.differing.len());
        let differences = found.differing.into_iter().take(100).map(|difference| {
            let keys = |outcome: Outcome| {
                let findings = difference.evaluation.findings.iter();
                findings
                    .filter(|finding| finding.outcome == outcome)
                    .map(|finding| finding.criterion.clone())
                    .collect()
            };
            SimulatedDifference {
                evaluation: DraftEvaluation {
                    recommendation: difference.evaluation.recommendation.into(),
                    reasons: difference.evaluation.reasons.clone(),
                    unmet: keys(Outcome::Unmet),
                    unknown: keys(Outcome::Unknown),
                },
                application: difference.application.into(),
            }
        });
        Self {
            replayed: number(found.replayed),
            truncated: found.truncated,
            approve: number(found.approve),
            decline: number(found.decline),
            people: number(found.people),
            differences: differences.collect(),
            differing,
            user_errors: Vec::new(),
        }
    }
}
