//! What the criteria say of an application: a finding for each of them, as long as a real one.

use stoa_domain::Timestamp;
use stoa_domain::application::Application;
use stoa_domain::criteria::{Criterion, Evaluation, Finding, Outcome, Recommendation};
use stoa_domain::facts::Facts;
use stoa_domain::id::Id;
use stoa_domain::program::{Revision, Rules};

/// The evaluation that comes to this recommendation.
pub fn judged(
    id: Id<Evaluation>,
    application: Id<Application>,
    revision: &Revision,
    recommendation: Recommendation,
    at: Timestamp,
) -> Evaluation {
    // The first criterion speaks for all that is not as it should be.
    let outcomes = [match recommendation {
        Recommendation::Approve => Outcome::Met,
        Recommendation::Decline => Outcome::Unmet,
        _ => Outcome::Unknown,
    }];
    let outcomes = outcomes.into_iter().chain(std::iter::repeat(Outcome::Met));
    let criteria = revision.rules.criteria.iter();
    Evaluation {
        id,
        application,
        revision: revision.id,
        at,
        findings: criteria
            .zip(outcomes)
            .map(|(criterion, outcome)| finding(criterion, outcome))
            .collect(),
        recommendation,
        reasons: match recommendation {
            Recommendation::Decline => reasons(&revision.rules),
            _ => Vec::new(),
        },
        limits: Vec::new(),
        unanswered: Vec::new(),
    }
}

/// The reasons of a decline: the first one that the program knows.
pub fn reasons(rules: &Rules) -> Vec<String> {
    let known = rules.decline_reasons.iter().take(1);
    known.map(|reason| reason.code.clone()).collect()
}

fn finding(criterion: &Criterion, outcome: Outcome) -> Finding {
    Finding {
        criterion: criterion.key.clone(),
        outcome,
        consequence: criterion.unmet,
        problem: None,
        facts: Facts::default(),
    }
}
