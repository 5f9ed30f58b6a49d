//! One row becomes an application, and everything that belongs to it, in one record.

use std::collections::HashMap;

use stoa_domain::account::{Account, Kind as AccountKind};
use stoa_domain::actor::Actor;
use stoa_domain::application::intake::Beginning;
use stoa_domain::application::letter::{Names, letter};
use stoa_domain::application::{Act, Application, Kind, Refusal};
use stoa_domain::change::Change;
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::message::Message;
use stoa_domain::organization::Organization;
use stoa_domain::program::reading::candidate::{Candidate, Refused};
use stoa_domain::{text, verifiers};
use stoa_persistence::{Record, StoreError, Writing};

use crate::service::{Compiled, Service};

/// An application as it arrives: its applicant and organisation where they are new, the draft, the answers,
/// and the submission with its letter.
#[derive(Clone)]
pub(super) struct Arrival {
    account: Option<Change<Account>>,
    organization: Option<Organization>,
    created: Change<Application>,
    pub answers: Answers,
    pub submitted: Change<Application>,
    letter: Option<Message>,
}

impl Record for Arrival {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let application = self.created.after.id;
        self.account.write(writing)?;
        self.organization.write(writing)?;
        self.created.write(writing)?;
        (application, self.answers).write(writing)?;
        self.submitted.write(writing)?;
        self.letter.write(writing)
    }
}

/// Applicants and organisations that earlier rows of the same transaction brought along.
#[derive(Default)]
pub(super) struct Known {
    accounts: HashMap<String, Account>,
    organizations: HashMap<(Id<Account>, String), Organization>,
}

impl Service {
    /// What is to be written for a row, or why it is refused. The actor may import: the caller asked.
    pub(super) async fn arrival(
        &self,
        by: &Actor,
        compiled: &Compiled,
        external_id: &str,
        candidate: &Candidate,
        known: &mut Known,
    ) -> Result<Result<Arrival, Vec<Refused>>, StoreError> {
        let (account, new_account) = match self.applicant(by, candidate, known).await? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(vec![refused])),
        };
        let organization = self
            .applying_organization(&account, new_account.is_some(), candidate, compiled, known)
            .await?;
        let act = Act {
            by,
            revision: &compiled.revision,
            now: self.clock.now(),
            seen: None,
        };
        let beginning = Beginning {
            id: self.clock.id(),
            kind: Kind::New,
            organization: organization.0.id,
            applicant: account.id,
            external_id: Some(external_id.to_owned()),
        };
        let changes = Application::create(beginning, &act).and_then(|created| {
            let draft = created.after.clone();
            let submitted = draft.submit(&candidate.answers, &compiled.form, &act)?;
            Ok((created, submitted))
        });
        let (created, submitted) = match changes {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Err(refused(&refusal))),
        };
        let names = Names {
            applicant: account.name.clone(),
            organization: organization.0.name.clone(),
        };
        let letter = letter(
            &submitted,
            self.clock.id(),
            None,
            &names,
            &compiled.revision,
        );
        let (organization, news) = organization;
        let place = (account.id, organization.comparable_name());
        known.organizations.insert(place, organization.clone());
        known.accounts.insert(account.email.clone(), account);
        Ok(Ok(Arrival {
            account: new_account,
            organization: news.then_some(organization),
            created,
            answers: candidate.answers.clone(),
            submitted,
            letter,
        }))
    }

    /// The account of the applicant's mail address, and the change that makes it if there is none.
    async fn applicant(
        &self,
        by: &Actor,
        candidate: &Candidate,
        known: &Known,
    ) -> Result<Result<(Account, Option<Change<Account>>), Refused>, StoreError> {
        let found = if let Some(account) = known.accounts.get(&candidate.email) {
            Some(account.clone())
        } else {
            let system = self.store.view(&Actor::System);
            system.account_by_email(&candidate.email).await?
        };
        let Some(account) = found else {
            let (id, now) = (self.clock.id(), self.clock.now());
            let (name, email) = (&candidate.name, &candidate.email);
            return Ok(
                match Account::create(id, AccountKind::Applicant, name, email, by, now) {
                    Ok(change) => Ok((change.after.clone(), Some(change))),
                    Err(refusal) => Err(Refused::new("", refusal.message())),
                },
            );
        };
        Ok(if account.kind != AccountKind::Applicant {
            Err(Refused::new(
                "",
                "The mail address is that of an account which does not apply.",
            ))
        } else if account.disabled_at.is_some() {
            Err(Refused::new(
                "",
                "The mail address is that of a closed account.",
            ))
        } else {
            Ok((account, None))
        })
    }

    /// The applicant's organisation of this name, or a new one; and whether there is something to write of it.
    async fn applying_organization(
        &self,
        account: &Account,
        is_new: bool,
        candidate: &Candidate,
        compiled: &Compiled,
        known: &Known,
    ) -> Result<(Organization, bool), StoreError> {
        let keys = verifiers::lookup_keys(&compiled.revision.rules, &candidate.answers);
        let (domain, repository) = (keys.own_domains.into_iter().next(), keys.repository);
        let place = (account.id, text::comparable(&candidate.organization));
        let found = match known.organizations.get(&place) {
            Some(organization) => Some(organization.clone()),
            None if is_new => None,
            None => {
                let system = self.store.view(&Actor::System);
                system
                    .organization_of(account.id, &candidate.organization)
                    .await?
            }
        };
        let Some(mut organization) = found else {
            let organization = Organization {
                id: self.clock.id(),
                name: candidate.organization.clone(),
                domain,
                repository,
                owner: account.id,
                created_at: self.clock.now(),
            };
            return Ok((organization, true));
        };
        let news = (organization.domain.is_none() && domain.is_some())
            || (organization.repository.is_none() && repository.is_some());
        organization.domain = organization.domain.or(domain);
        organization.repository = organization.repository.or(repository);
        Ok((organization, news))
    }
}

/// A refusal of a command as refusals of a row: one for each answer that must be mended.
fn refused(refusal: &Refusal) -> Vec<Refused> {
    let Refusal::Answers(problems) = refusal else {
        return vec![Refused::new("", refusal.message())];
    };
    let each = problems.iter();
    each.map(|problem| Refused::new(&problem.field.join("."), problem.message.as_str()))
        .collect()
}
