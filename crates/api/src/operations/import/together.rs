//! Rows that are evaluated and written together: one look-up of each kind, one statement for each table.

use std::collections::BTreeMap;

use stoa_domain::Timestamp;
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
use stoa_domain::verifiers::LookupKeys;
use stoa_persistence::{
    NewApplication, NewApplications, NewMemberships, Record, StoreError, Writing,
};

use super::arrival::{Arrival, Known};
use super::rejects::Reject;
use super::run::Readable;
use crate::operations::evaluation::{Surroundings, for_people};
use crate::service::{Compiled, Failed, Service};

/// Evaluated applications, and everything that belongs to them.
pub(super) struct Together {
    accounts: Vec<Change<Account>>,
    organizations: BTreeMap<Id<Organization>, Organization>,
    applications: NewApplications,
    answers: Vec<(Id<Application>, Answers)>,
    evaluations: Vec<Evaluation>,
    letters: Vec<Message>,
    memberships: NewMemberships,
}

impl Record for Together {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.accounts.write(writing)?;
        let organizations: Vec<_> = self.organizations.into_values().collect();
        organizations.write(writing)?;
        self.applications.write(writing)?;
        self.answers.write(writing)?;
        self.evaluations.write(writing)?;
        self.letters.write(writing)?;
        self.memberships.write(writing)
    }
}

impl Together {
    fn new(ground: &Ground) -> Self {
        Self {
            accounts: Vec::new(),
            organizations: BTreeMap::new(),
            applications: NewApplications(Vec::new()),
            answers: Vec::new(),
            evaluations: Vec::new(),
            letters: Vec::new(),
            memberships: NewMemberships {
                changes: Vec::new(),
                capacity: ground.capacity,
            },
        }
    }

    /// What the applications came to.
    pub(super) fn statuses(&self) -> Vec<Status> {
        let all = self.applications.0.iter();
        all.map(|it| it.application.status()).collect()
    }

    /// What later rows have to know of them.
    pub(super) fn brought(&self) -> Brought {
        let applications = self.applications.0.iter().map(|it| &it.application);
        let members = self.memberships.changes.iter().map(|it| &it.after);
        Brought {
            accounts: self.accounts.iter().map(|it| it.after.clone()).collect(),
            organizations: self.organizations.values().cloned().collect(),
            applied: applications.map(|it| it.organization).collect(),
            members: members
                .map(|it| (it.organization, it.application))
                .collect(),
        }
    }
}

/// What rows bring that rows after them can meet again.
pub(super) struct Brought {
    accounts: Vec<Account>,
    organizations: Vec<Organization>,
    /// The organisation of each application.
    applied: Vec<Id<Organization>>,
    members: Vec<(Id<Organization>, Id<Application>)>,
}

/// What is known before rows are evaluated.
pub(super) struct Ground {
    known: Known,
    around: Surroundings,
    capacity: Option<u32>,
    places: u32,
}

impl Ground {
    /// The same once these are written.
    fn follow(&mut self, brought: &Brought) {
        for account in &brought.accounts {
            self.known.know_account(account.clone());
        }
        for organization in &brought.organizations {
            self.known.know_organization(organization);
            self.around.earlier.know(organization);
        }
        for organization in &brought.applied {
            self.around.earlier.add(*organization);
        }
        for member in &brought.members {
            self.join(*member);
        }
    }

    fn join(&mut self, member: (Id<Organization>, Id<Application>)) {
        self.around.members.push(member);
        self.places = self.places.saturating_sub(1);
    }
}

impl Service {
    /// What the database knows of rows that are not there yet, or will once those before are written.
    pub(super) async fn ground(
        &self,
        compiled: &Compiled,
        rows: &[Readable],
        before: Option<&Brought>,
    ) -> Result<Ground, StoreError> {
        let program = compiled.revision.program;
        let candidates: Vec<_> = rows.iter().map(|row| &row.candidate).collect();
        let keys: Vec<_> = rows.iter().map(|row| &row.keys).collect();
        let known = self.known(&candidates).await?;
        let concerned = known.organizations().map(|it| it.id);
        let renewed = before.into_iter().flat_map(|it| &it.organizations);
        let concerned: Vec<_> = concerned.chain(renewed.map(|it| it.id)).collect();
        let around = self.surroundings(program, None, &keys, &concerned).await?;
        let capacity = self.capacity(program).await?;
        let places = match capacity {
            Some(capacity) => {
                let system = self.store.view(&Actor::System);
                capacity.saturating_sub(system.places_taken(program).await?)
            }
            None => u32::MAX,
        };
        let mut ground = Ground {
            known,
            around,
            capacity,
            places,
        };
        if let Some(before) = before {
            ground.follow(before);
        }
        Ok(ground)
    }

    /// Evaluates rows, each as if those before it were written and evaluated already; and says which are
    /// refused.
    pub(super) fn together(
        &self,
        by: &Actor,
        compiled: &Compiled,
        rows: &[Readable],
        mut ground: Ground,
    ) -> Result<(Together, Vec<Reject>), Failed> {
        let (mut together, mut rejects) = (Together::new(&ground), Vec::new());
        // One instant for all: what ends at one instant is one step of the ledger of indicators.
        let now = self.clock.now();
        let act = Act {
            by,
            revision: &compiled.revision,
            now,
            seen: None,
        };
        for row in rows {
            let (id, known) = (&row.external_id, &mut ground.known);
            match self.arrival(&act, compiled, id, &row.candidate, &row.keys, known) {
                Ok(arrival) => {
                    self.take_in(
                        arrival,
                        &row.keys,
                        now,
                        compiled,
                        &mut ground,
                        &mut together,
                    )?;
                }
                Err(refused) => rejects.push(row.reject(&refused)),
            }
        }
        Ok((together, rejects))
    }

    fn take_in(
        &self,
        arrival: Arrival,
        keys: &LookupKeys,
        now: Timestamp,
        compiled: &Compiled,
        ground: &mut Ground,
        together: &mut Together,
    ) -> Result<(), Failed> {
        let act = Act {
            by: &Actor::System,
            revision: &compiled.revision,
            now,
            seen: None,
        };
        let (submitted, answers) = (arrival.submitted.after, arrival.answers);
        let around = &mut ground.around;
        around.earlier.know(&arrival.organization);
        let mut evaluation =
            self.evaluated_in(around, &submitted, &answers, keys, compiled, act.now);
        let mut change = submitted.clone().evaluate(&evaluation, &act)?;
        let approved = change.after.status() == Status::Approved;
        if approved && (ground.places == 0 || around.is_member(&submitted)) {
            (change, evaluation) = for_people(submitted, evaluation, &act)?;
        }
        around.earlier.add(arrival.organization.id);
        let application = change.after.clone();
        if application.status() == Status::Approved {
            let (id, revision) = (self.clock.id(), &compiled.revision);
            let system = &Actor::System;
            let started = Membership::start(id, &application, &answers, revision, system, act.now);
            ground.join((started.after.organization, started.after.application));
            together.memberships.changes.push(started);
        }
        let id = self.clock.id();
        let decision = letter(&change, id, None, &arrival.names, &compiled.revision);
        together.accounts.extend(arrival.account);
        if arrival.news {
            let organization = arrival.organization;
            together.organizations.insert(organization.id, organization);
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
        Ok(())
    }
}
