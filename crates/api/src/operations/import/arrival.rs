//! One row becomes an application, and everything that belongs to it, in one record.

use std::collections::{BTreeSet, HashMap};

use stoa_domain::Timestamp;
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
use stoa_domain::text;
use stoa_domain::verifiers::LookupKeys;
use stoa_persistence::{Record, StoreError, Writing};

use crate::service::{Compiled, Service};

/// An application as it arrives: its applicant and organisation where they are new, the draft, the answers,
/// and the submission with its letter.
pub(super) struct Arrival {
    pub account: Option<Change<Account>>,
    pub organization: Organization,
    /// Whether the organisation, or something of it, is new.
    pub news: bool,
    pub created: Change<Application>,
    pub answers: Answers,
    pub submitted: Change<Application>,
    pub letter: Option<Message>,
    pub names: Names,
}

impl Record for Arrival {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let application = self.created.after.id;
        self.account.write(writing)?;
        self.news.then_some(self.organization).write(writing)?;
        self.created.write(writing)?;
        (application, self.answers).write(writing)?;
        self.submitted.write(writing)?;
        self.letter.write(writing)
    }
}

/// Applicants and organisations that rows speak of: those that are there, and those that earlier rows bring.
#[derive(Default)]
pub(super) struct Known {
    accounts: HashMap<String, Account>,
    organizations: HashMap<(Id<Account>, String), Organization>,
}

impl Known {
    /// The organisations that are known.
    pub(super) fn organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.values()
    }

    /// Takes in an organisation as it is now.
    pub(super) fn know_organization(&mut self, it: &Organization) {
        let place = (it.owner, it.comparable_name());
        self.organizations.insert(place, it.clone());
    }

    /// Takes in an applicant.
    pub(super) fn know_account(&mut self, account: Account) {
        self.accounts.insert(account.email.clone(), account);
    }
}

impl Service {
    /// What the database knows of those that some rows speak of.
    pub(super) async fn known(&self, candidates: &[&Candidate]) -> Result<Known, StoreError> {
        let view = self.store.view(&Actor::System);
        let emails: BTreeSet<&str> = candidates.iter().map(|it| it.email.as_str()).collect();
        let accounts = view.accounts_by_email(&Vec::from_iter(emails)).await?;
        let owners: Vec<_> = accounts.iter().map(|account| account.id).collect();
        let organizations = view.organizations_of(&owners).await?;
        let mut known = Known::default();
        for organization in &organizations {
            known.know_organization(organization);
        }
        for account in accounts {
            known.know_account(account);
        }
        Ok(known)
    }

    /// What is to be written for a row, or why it is refused. The actor may import: the caller asked.
    pub(super) fn arrival(
        &self,
        act: &Act<'_>,
        compiled: &Compiled,
        external_id: &str,
        candidate: &Candidate,
        keys: &LookupKeys,
        known: &mut Known,
    ) -> Result<Arrival, Vec<Refused>> {
        let (account, new_account) = self
            .applicant(act, candidate, known)
            .map_err(|refused| vec![refused])?;
        let (organization, news) =
            self.applying_organization(&account, act.now, candidate, keys, known);
        let beginning = Beginning {
            id: self.clock.id(),
            kind: Kind::New,
            organization: organization.id,
            applicant: account.id,
            external_id: Some(external_id.to_owned()),
        };
        let created = Application::create(beginning, act).map_err(|it| refused(&it))?;
        let submitted = created
            .after
            .clone()
            .submit(&candidate.answers, &compiled.form, act)
            .map_err(|it| refused(&it))?;
        let names = Names {
            applicant: account.name.clone(),
            organization: organization.name.clone(),
        };
        let id = self.clock.id();
        let letter = letter(&submitted, id, None, &names, &compiled.revision);
        known.know_organization(&organization);
        known.know_account(account);
        Ok(Arrival {
            account: new_account,
            organization,
            news,
            created,
            answers: candidate.answers.clone(),
            submitted,
            letter,
            names,
        })
    }

    /// The account of the applicant's mail address, and the change that makes it if there is none.
    fn applicant(
        &self,
        act: &Act<'_>,
        candidate: &Candidate,
        known: &Known,
    ) -> Result<(Account, Option<Change<Account>>), Refused> {
        let Some(account) = known.accounts.get(&candidate.email) else {
            let id = self.clock.id();
            let (name, email, by, now) = (&candidate.name, &candidate.email, act.by, act.now);
            return Account::create(id, AccountKind::Applicant, name, email, by, now)
                .map(|change| (change.after.clone(), Some(change)))
                .map_err(|refusal| Refused::new("", refusal.message()));
        };
        if account.kind != AccountKind::Applicant {
            return Err(Refused::new(
                "",
                "The mail address is that of an account which does not apply.",
            ));
        }
        if account.disabled_at.is_some() {
            return Err(Refused::new(
                "",
                "The mail address is that of a closed account.",
            ));
        }
        Ok((account.clone(), None))
    }

    /// The applicant's organisation of this name, or a new one; and whether there is something to write of it.
    fn applying_organization(
        &self,
        account: &Account,
        now: Timestamp,
        candidate: &Candidate,
        keys: &LookupKeys,
        known: &Known,
    ) -> (Organization, bool) {
        let (domain, repository) = (keys.own_domains.first().cloned(), keys.repository.clone());
        let place = (account.id, text::comparable(&candidate.organization));
        let Some(mut organization) = known.organizations.get(&place).cloned() else {
            let organization = Organization {
                id: self.clock.id(),
                name: candidate.organization.clone(),
                domain,
                repository,
                owner: account.id,
                created_at: now,
            };
            return (organization, true);
        };
        let news = (organization.domain.is_none() && domain.is_some())
            || (organization.repository.is_none() && repository.is_some());
        organization.domain = organization.domain.or(domain);
        organization.repository = organization.repository.or(repository);
        (organization, news)
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
