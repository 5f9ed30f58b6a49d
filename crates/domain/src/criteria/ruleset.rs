//! The criteria and approval limits of a revision, compiled together.

use crate::Timestamp;
use crate::application::Application;
use crate::facts::{Fact, Facts, Source};
use crate::id::Id;
use crate::program::{Revision, Rules};
use crate::verifiers;

use super::{
    Consequence, Criterion, Evaluation, Expression, Finding, Outcome, Problem, Recommendation,
};

/// What a revision demands, ready to be run over the facts of many applications.
#[derive(Debug)]
pub struct Ruleset {
    criteria: Vec<(Criterion, Expression)>,
    /// Keys of approval limits, and when an application is over them.
    limits: Vec<(String, Expression)>,
}

impl Ruleset {
    /// Compiles all expressions of a revision, or says where and why some cannot be:
    /// (`criteria[2].expression`, what is wrong). Names are only checked where there is a form.
    pub fn compile(rules: &Rules) -> Result<Self, Vec<(String, String)>> {
        let available = verifiers::available(rules);
        let mut mistakes = Vec::new();
        for (name, ..) in verifiers::FACTS {
            if rules.form["properties"].get(name).is_some() {
                mistakes.push((
                    format!("form.properties.{name}"),
                    "a verifier gives this fact; choose another name for the field".to_owned(),
                ));
            }
        }
        let mut compile = |path: String, text: &str| match Expression::compile(text) {
            Ok(expression) => {
                let unknown = expression
                    .references()
                    .iter()
                    .filter(|name| !rules.form.is_null() && !available.contains(name.as_str()));
                let before = mistakes.len();
                mistakes.extend(unknown.map(|name| {
                    (
                        path.clone(),
                        format!("there is no fact `{name}`: {}", listed(&available)),
                    )
                }));
                (mistakes.len() == before).then_some(expression)
            }
            Err(mistake) => {
                mistakes.push((path, mistake.to_string()));
                None
            }
        };
        let mut criteria = Vec::new();
        for (index, criterion) in rules.criteria.iter().enumerate() {
            let path = format!("criteria[{index}].expression");
            if let Some(expression) = compile(path, &criterion.expression) {
                criteria.push((criterion.clone(), expression));
            }
        }
        let mut limits = Vec::new();
        for (index, limit) in rules.approvals.iter().enumerate() {
            if let Some(expression) = compile(format!("approvals[{index}].when"), &limit.when) {
                limits.push((limit.key.clone(), expression));
            }
        }
        if mistakes.is_empty() {
            Ok(Self { criteria, limits })
        } else {
            Err(mistakes)
        }
    }

    /// Runs all criteria over the facts of one application.
    pub fn evaluate(
        &self,
        facts: &Facts,
        id: Id<Evaluation>,
        application: Id<Application>,
        revision: Id<Revision>,
        at: Timestamp,
    ) -> Evaluation {
        let findings: Vec<_> = self
            .criteria
            .iter()
            .map(|(criterion, expression)| find(criterion, expression, facts))
            .collect();
        let mut reasons: Vec<String> = Vec::new();
        for ((criterion, _), finding) in self.criteria.iter().zip(&findings) {
            if let Some(reason) = &criterion.reason
                && finding.outcome == Outcome::Unmet
                && !reasons.contains(reason)
            {
                reasons.push(reason.clone());
            }
        }
        let limits = self
            .limits
            .iter()
            .filter(|(_, when)| when.evaluate(facts) != Ok(false))
            .map(|(key, _)| key.clone())
            .collect();
        Evaluation {
            id,
            application,
            revision,
            at,
            recommendation: recommend(&findings),
            findings,
            reasons,
            limits,
            unanswered: Vec::new(),
        }
    }
}

/// What follows from the findings: the table of [the module](super).
pub fn recommend(findings: &[Finding]) -> Recommendation {
    let unmet = |consequence| {
        findings
            .iter()
            .any(|finding| finding.outcome == Outcome::Unmet && finding.consequence == consequence)
    };
    let unknown = findings
        .iter()
        .any(|finding| finding.outcome == Outcome::Unknown);
    if unmet(Consequence::Decline) {
        Recommendation::Decline
    } else if unknown || findings.is_empty() {
        Recommendation::Review
    } else if unmet(Consequence::Hold) {
        Recommendation::Hold
    } else if unmet(Consequence::Ask) {
        Recommendation::Ask
    } else if unmet(Consequence::Review) {
        Recommendation::Review
    } else {
        Recommendation::Approve
    }
}

fn find(criterion: &Criterion, expression: &Expression, facts: &Facts) -> Finding {
    let (outcome, problem) = match expression.evaluate(facts) {
        Ok(true) => (Outcome::Met, None),
        Ok(false) => (Outcome::Unmet, None),
        Err(problem) => (Outcome::Unknown, Some(explained(&problem, facts))),
    };
    let named = expression.references().iter().map(|name| {
        let absent = || Fact {
            value: None,
            source: Source::Applicant,
            evidence: "not asked".to_owned(),
        };
        let fact = facts.0.get(name).cloned();
        (name.clone(), fact.unwrap_or_else(absent))
    });
    Finding {
        criterion: criterion.key.clone(),
        outcome,
        consequence: criterion.unmet,
        problem,
        facts: Facts(named.collect()),
    }
}

/// The problem, and for each fact that is not known, why.
fn explained(problem: &Problem, facts: &Facts) -> String {
    let Problem::Missing(names) = problem else {
        return problem.to_string();
    };
    let reasons: Vec<_> = names
        .iter()
        .map(|name| match facts.0.get(name) {
            Some(fact) => format!("`{name}` is not known: {}", fact.evidence),
            None => format!("`{name}` was not asked"),
        })
        .collect();
    reasons.join("; ")
}

fn listed(names: &std::collections::BTreeSet<String>) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    format!("the facts are {}", names.join(", "))
}
