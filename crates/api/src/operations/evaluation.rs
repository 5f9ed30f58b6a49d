//! Evaluating an application: look up what the verifiers need, derive the facts, run the criteria,
//! and take in what they came to.

use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Application, Refusal};
use stoa_domain::change::{Change, Subject};
use stoa_domain::criteria::{Evaluation, Recommendation};
use stoa_domain::facts::{Answers, Lookups};
use stoa_domain::program::Rules;
use stoa_domain::verifiers::{self, academic};
use stoa_persistence::{OrganizationMatch, StoreError};

use super::applications::Outcome;
use crate::service::{Compiled, Failed, Service};

impl Service {
    /// Runs the criteria over an application and commits what follows: from SUBMITTED the review or,
    /// where the revision's automation is on, the decision.
    pub async fn evaluate(
        &self,
        application: Application,
        by: &Actor,
        seen: Option<i32>,
    ) -> Result<Outcome, Failed> {
        if seen.is_some() && self.done == Some(Subject::Application(application.id)) {
            return self.standing(application.id).await;
        }
        let compiled = self.rules_of(&application).await?;
        let answers = self
            .store
            .view(&Actor::System)
            .answers(application.id)
            .await?;
        let act = Act {
            by,
            revision: &compiled.revision,
            now: self.clock.now(),
            seen,
        };
        let evaluation = self
            .evaluation(&application, &answers, &compiled, act.now)
            .await?;
        let change = application.clone().evaluate(&evaluation, &act)?;
        let decided = change.after.status().is_decided();
        match Box::pin(self.commit(change, &answers, None, &compiled, evaluation.clone())).await {
            // The criteria were content, but there is no place, or there is a membership already: people decide.
            Err(Failed::Refused(Refusal::Full { .. } | Refusal::AlreadyMember)) if decided => {
                let (change, evaluation) = for_people(application, evaluation, &act)?;
                Box::pin(self.commit(change, &answers, None, &compiled, evaluation)).await
            }
            done => done,
        }
    }

    /// One run of all criteria as of an instant, not yet committed.
    pub async fn evaluation(
        &self,
        application: &Application,
        answers: &Answers,
        compiled: &Compiled,
        at: Timestamp,
    ) -> Result<Evaluation, StoreError> {
        let rules = &compiled.revision.rules;
        let lookups = self.lookups(application, answers, rules).await?;
        let facts = verifiers::derive(rules, answers, &lookups, rules.calendar.local_date(at));
        let id = self.clock.id();
        let revision = compiled.revision.id;
        let mut evaluation = compiled
            .ruleset
            .evaluate(&facts, id, application.id, revision, at);
        evaluation.unanswered = compiled.form.unanswered(&answers.values);
        Ok(evaluation.with_unread(answers))
    }

    async fn lookups(
        &self,
        application: &Application,
        answers: &Answers,
        rules: &Rules,
    ) -> Result<Lookups, StoreError> {
        let view = self.store.view(&Actor::System);
        let keys = verifiers::lookup_keys(rules, answers);
        let same = OrganizationMatch {
            name: keys.organization,
            domains: keys.own_domains,
            repository: keys.repository,
        };
        let (same_name, same_domain, same_repository) =
            view.applications_of_same(application, &same).await?;
        let mut lookups = Lookups {
            same_name,
            same_domain,
            same_repository,
            is_member: view.is_member(application).await?,
            ..Lookups::default()
        };
        if keys.mail_domains.is_empty() && keys.website_domains.is_empty() {
            return Ok(lookups);
        }
        lookups.academic_entries = view.academic_domain_count().await?;
        let entry = |domains: &[String], found: &[academic::AcademicDomain]| {
            academic::deciding(domains, found)
                .filter(|entry| !entry.excluded)
                .map(|entry| match &entry.institution {
                    Some(institution) => format!("{} ({institution})", entry.domain),
                    None => entry.domain.clone(),
                })
        };
        let all: Vec<String> = keys
            .mail_domains
            .iter()
            .chain(&keys.website_domains)
            .cloned()
            .collect();
        let found = view.academic_domains(&all).await?;
        lookups.academic_mail = entry(&keys.mail_domains, &found);
        lookups.academic_website = entry(&keys.website_domains, &found);
        Ok(lookups)
    }
}

fn for_people(
    application: Application,
    mut evaluation: Evaluation,
    act: &Act<'_>,
) -> Result<(Change<Application>, Evaluation), Refusal> {
    evaluation.recommendation = Recommendation::Review;
    let change = application.evaluate(&evaluation, act)?;
    Ok((change, evaluation))
}
