//! Rows that are evaluated and written together: one look-up of each kind, one statement for each table.

use std::collections::{BTreeMap, BTreeSet};

use stoa_domain::account::Account;
use stoa_domain::actor::Actor;
use stoa_domain::application::letter::letter;
use stoa_domain::application::{Act, Application, Status};
use stoa_domain::change::Change;
use stoa_domain::criteria::Evaluation;
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::message::Message;
use stoa_domain::organization::Organization;
use stoa_domain::verifiers;
use stoa_persistence::{
    NewApplication, NewApplications, NewMemberships, Record, StoreError, Writing,
};

use super::arrival::Arrival;
use crate::operations::evaluation::for_people;
use crate::service::{Compiled, Failed, Service};

/// Evaluated applications, and everything that belongs to them.
pub(super) struct Together {
    accounts: Vec<Change<Account>>,
    organizations: Vec<Organization>,
    applications: NewApplications,
    answers: Vec<(Id<Application>, Answers)>,
    evaluations: Vec<Evaluation>,
    letters: Vec<Message>,
    memberships: NewMemberships,
}

impl Record for Together {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.accounts.write(writing)?;
        self.organizations.write(writing)?;
        self.applications.write(writing)?;
        self.answers.write(writing)?;
        self.evaluations.write(writing)?;
        self.letters.write(writing)?;
        self.memberships.write(writing)
    }
}

impl Together {
    /// What the applications came to.
    pub(super) fn statuses(&self) -> Vec<Status> {
        let all = self.applications.0.iter();
        all.map(|it| it.application.status()).collect()
    }
}

impl Service {
    /// Evaluates arrivals, each as if those before it were written and evaluated already.
    pub(super) async fn together(
        &self,
        compiled: &Compiled,
        arrivals: Vec<Arrival>,
    ) -> Result<Option<Together>, Failed> {
        let Some(first) = arrivals.first() else {
            return Ok(None);
        };
        let first = &first.submitted.after;
        let rules = &compiled.revision.rules;
        let keys = arrivals.iter();
        let keys: Vec<_> = keys
            .map(|it| verifiers::lookup_keys(rules, &it.answers))
            .collect();
        let concerned: BTreeSet<_> = arrivals
            .iter()
            .map(|it| it.submitted.after.organization)
            .collect();
        let concerned = Vec::from_iter(concerned);
        let mut around = self
            .surroundings(first, &Vec::from_iter(&keys), &concerned)
            .await?;
        let capacity = self.capacity(first.program).await?;
        let mut places = match capacity {
            Some(capacity) => {
                let system = self.store.view(&Actor::System);
                capacity.saturating_sub(system.places_taken(first.program).await?)
            }
            None => u32::MAX,
        };
        let act = Act {
            by: &Actor::System,
            revision: &compiled.revision,
            now: self.clock.now(),
            seen: None,
        };
        let mut together = Together {
            accounts: Vec::new(),
            organizations: Vec::new(),
            applications: NewApplications(Vec::with_capacity(arrivals.len())),
            answers: Vec::with_capacity(arrivals.len()),
            evaluations: Vec::with_capacity(arrivals.len()),
            letters: Vec::new(),
            memberships: NewMemberships {
                changes: Vec::new(),
                capacity,
            },
        };
        let mut news = BTreeMap::new();
        for (arrival, keys) in arrivals.into_iter().zip(&keys) {
            let (submitted, answers) = (arrival.submitted.after, arrival.answers);
            around.earlier.know(&arrival.organization);
            let mut evaluation =
                self.evaluated_in(&around, &submitted, &answers, keys, compiled, act.now);
            let mut change = submitted.clone().evaluate(&evaluation, &act)?;
            let approved = change.after.status() == Status::Approved;
            if approved && (places == 0 || around.is_member(&submitted)) {
                (change, evaluation) = for_people(submitted, evaluation, &act)?;
            }
            let application = change.after.clone();
            if application.status() == Status::Approved {
                let (id, revision) = (self.clock.id(), &compiled.revision);
                let system = &Actor::System;
                let started =
                    Membership::start(id, &application, &answers, revision, system, act.now);
                together.memberships.changes.push(started);
                around
                    .members
                    .push((application.organization, application.id));
                places -= 1;
            }
            around.earlier.add(application.organization);
            let id = self.clock.id();
            let decision = letter(&change, id, None, &arrival.names, &compiled.revision);
            together.accounts.extend(arrival.account);
            if arrival.news {
                news.insert(arrival.organization.id, arrival.organization);
            }
            together.letters.extend(arrival.letter);
            together.letters.extend(decision);
            together.answers.push((application.id, answers));
            together.evaluations.push(evaluation);
            together.applications.0.push(NewApplication {
                application,
                activities: vec![
                    arrival.created.activity,
                    arrival.submitted.activity,
                    change.activity,
                ],
            });
        }
        together.organizations = news.into_values().collect();
        Ok(Some(together))
    }
}
