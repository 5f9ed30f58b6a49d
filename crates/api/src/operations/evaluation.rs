//! Evaluating an application: look up what the verifiers need, derive the facts, run the criteria,
//! and take in what they came to.

use std::collections::{BTreeSet, HashMap};

use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Application, Refusal};
use stoa_domain::change::{Change, Subject};
use stoa_domain::criteria::{Evaluation, Recommendation};
use stoa_domain::facts::{Answers, Lookups};
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use stoa_domain::verifiers::academic::{self, AcademicDomain};
use stoa_domain::verifiers::{self, LookupKeys};
use stoa_persistence::{EarlierApplications, OrganizationMatch, StoreError};

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
        match Box::pin(self.commit(change, Some(&answers), None, &compiled, evaluation.clone()))
            .await
        {
            // The criteria were content, but there is no place, or there is a membership already: people decide.
            Err(Failed::Refused(Refusal::Full { .. } | Refusal::AlreadyMember)) if decided => {
                let (change, evaluation) = for_people(application, evaluation, &act)?;
                Box::pin(self.commit(change, Some(&answers), None, &compiled, evaluation)).await
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
        let keys = verifiers::lookup_keys(&compiled.revision.rules, answers);
        let (program, organization) = (application.program, application.organization);
        let around = self
            .surroundings(program, Some(application), &[&keys], &[organization])
            .await?;
        Ok(self.evaluated_in(&around, application, answers, &keys, compiled, at))
    }

    /// The same where what the verifiers look up is at hand.
    pub(super) fn evaluated_in(
        &self,
        around: &Surroundings,
        application: &Application,
        answers: &Answers,
        keys: &LookupKeys,
        compiled: &Compiled,
        at: Timestamp,
    ) -> Evaluation {
        let rules = &compiled.revision.rules;
        let lookups = around.lookups(application, keys);
        let facts = verifiers::derive(rules, answers, &lookups, rules.calendar.local_date(at));
        let id = self.clock.id();
        let revision = compiled.revision.id;
        let mut evaluation = compiled
            .ruleset
            .evaluate(&facts, id, application.id, revision, at);
        evaluation.unanswered = compiled.form.unanswered(&answers.values);
        evaluation.with_unread(answers)
    }

    /// What is around applications of one program by these organisations: around this one, or around
    /// those that are not there yet.
    pub(super) async fn surroundings(
        &self,
        program: Id<Program>,
        this: Option<&Application>,
        keys: &[&LookupKeys],
        organizations: &[Id<Organization>],
    ) -> Result<Surroundings, StoreError> {
        let view = self.store.view(&Actor::System);
        let same: Vec<_> = keys.iter().map(|keys| same(keys)).collect();
        let earlier = view.earlier_applications(program, this, &same, organizations);
        let earlier = earlier.await?;
        let members = view.members_among(program, organizations).await?;
        let domains: BTreeSet<&String> = keys
            .iter()
            .flat_map(|keys| keys.mail_domains.iter().chain(&keys.website_domains))
            .collect();
        let domains: Vec<String> = domains.into_iter().cloned().collect();
        let (mut academic, mut academic_entries) = (HashMap::new(), 0);
        if !domains.is_empty() {
            academic_entries = view.academic_domain_count().await?;
            let found = view.academic_domains(&domains).await?.into_iter();
            academic = found.map(|entry| (entry.domain.clone(), entry)).collect();
        }
        Ok(Surroundings {
            earlier,
            members,
            academic,
            academic_entries,
        })
    }
}

/// What verifiers look up about applications of one program: who applied before, who is a member, and
/// whose domain is academic.
pub(super) struct Surroundings {
    pub(super) earlier: EarlierApplications,
    pub(super) members: Vec<(Id<Organization>, Id<Application>)>,
    academic: HashMap<String, AcademicDomain>,
    academic_entries: u64,
}

impl Surroundings {
    /// Whether an application's organisation is a member by another one.
    pub(super) fn is_member(&self, this: &Application) -> bool {
        let mut members = self.members.iter();
        members.any(|(organization, by)| *organization == this.organization && *by != this.id)
    }

    fn lookups(&self, this: &Application, keys: &LookupKeys) -> Lookups {
        let (same_name, same_domain, same_repository) = self.earlier.of_same(&same(keys));
        let looks_up = !keys.mail_domains.is_empty() || !keys.website_domains.is_empty();
        Lookups {
            academic_mail: self.academic(&keys.mail_domains),
            academic_website: self.academic(&keys.website_domains),
            academic_entries: if looks_up { self.academic_entries } else { 0 },
            same_name,
            same_domain,
            same_repository,
            is_member: self.is_member(this),
        }
    }

    fn academic(&self, domains: &[String]) -> Option<String> {
        let found = domains
            .iter()
            .filter_map(|domain| self.academic.get(domain));
        let found: Vec<_> = found.cloned().collect();
        academic::deciding(domains, &found)
            .filter(|entry| !entry.excluded)
            .map(|entry| match &entry.institution {
                Some(institution) => format!("{} ({institution})", entry.domain),
                None => entry.domain.clone(),
            })
    }
}

fn same(keys: &LookupKeys) -> OrganizationMatch {
    OrganizationMatch {
        name: keys.organization.clone(),
        domains: keys.own_domains.clone(),
        repository: keys.repository.clone(),
    }
}

/// The criteria were content, but there is no place, or there is a membership already.
pub(super) fn for_people(
    application: Application,
    mut evaluation: Evaluation,
    act: &Act<'_>,
) -> Result<(Change<Application>, Evaluation), Refusal> {
    evaluation.recommendation = Recommendation::Review;
    let change = application.evaluate(&evaluation, act)?;
    Ok((change, evaluation))
}
