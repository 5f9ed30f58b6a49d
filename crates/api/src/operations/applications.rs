//! Carrying out a command on an application: load, decide, write the letter, commit it all at once.

use std::sync::Arc;

use stoa_domain::account::Account;
use stoa_domain::actor::Actor;
use stoa_domain::application::intake::Beginning;
use stoa_domain::application::letter::{Names, called_for, letter};
use stoa_domain::application::{Act, Application, Kind, Refusal, Status};
use stoa_domain::change::{Change, Subject};
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_domain::program::{Program, Rules};
use stoa_domain::{text, verifiers};
use stoa_persistence::{NewMemberships, Record, StoreError};

use crate::service::{Compiled, Failed, Service};

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The application after it.
    pub application: Application,
    /// The membership that began with it.
    pub membership: Option<Membership>,
}

/// A command on a loaded application.
pub struct Command<'a> {
    /// Who.
    pub by: &'a Actor,
    /// Which application.
    pub application: Id<Application>,
    /// The version they saw.
    pub seen: Option<i32>,
    /// What they wrote, where the applicant's own words become a message.
    pub written: Option<&'a str>,
}

impl Service {
    /// Begins a draft for an organisation that the applicant speaks for, or a new one of that name.
    pub async fn begin(
        &self,
        by: &Actor,
        program: &Program,
        applicant: Id<Account>,
        organization: &str,
        external_id: Option<String>,
    ) -> Result<Outcome, Failed> {
        let begin = || self.begun(by, program, applicant, organization, external_id.clone());
        match begin().await {
            // Another request made the organisation in between: now it is known.
            Err(Failed::Store(StoreError::Taken("organization"))) => begin().await,
            done => done,
        }
    }

    async fn begun(
        &self,
        by: &Actor,
        program: &Program,
        applicant: Id<Account>,
        organization: &str,
        external_id: Option<String>,
    ) -> Result<Outcome, Failed> {
        if let Some(Subject::Application(id)) = self.done {
            return self.standing(id).await;
        }
        let compiled = self.compiled(program.current).await?;
        let name = text::line(organization).map_err(|problem| Refusal::Invalid {
            field: "organization name",
            problem,
        })?;
        let system = self.store.view(&Actor::System);
        let known = system.organization_of(applicant, &name).await?;
        let now = self.clock.now();
        let new = known.is_none().then(|| Organization {
            id: self.clock.id(),
            name,
            domain: None,
            repository: None,
            owner: applicant,
            created_at: now,
        });
        let Some(organization) = known.as_ref().or(new.as_ref()).map(|found| found.id) else {
            return Err(Failed::Missing("organization"));
        };
        let act = Act {
            by,
            revision: &compiled.revision,
            now,
            seen: None,
        };
        let beginning = Beginning {
            id: self.clock.id(),
            kind: Kind::New,
            organization,
            applicant,
            external_id,
        };
        let change = Application::create(beginning, &act)?;
        let application = change.after.clone();
        let answers = Answers::default();
        let written = self
            .store
            .commit((new, (change, (application.id, answers))))
            .await;
        match written {
            Ok(()) => Ok(Outcome {
                application,
                membership: None,
            }),
            Err(StoreError::Taken("external id")) => Err(Refusal::ExternalIdTaken.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out a command: `decide` is a method of [`Application`].
    pub async fn carry_out(
        &self,
        command: Command<'_>,
        decide: impl FnOnce(Application, &Compiled, &Act<'_>) -> Result<Change<Application>, Refusal>,
    ) -> Result<Outcome, Failed> {
        let view = self.store.view(command.by);
        let found = view.application(command.application).await?;
        let application = found.ok_or(Failed::Missing("application"))?;
        if self.done == Some(Subject::Application(application.id)) {
            return self.standing(application.id).await;
        }
        let compiled = self.rules_for_command(&application).await?;
        let change = decide(application, &compiled, &self.act(&command, &compiled))?;
        let besides = None::<Organization>;
        let done = Box::pin(self.commit(change, None, command.written, &compiled, besides)).await;
        self.or_stale(command.application, done).await
    }

    /// The same where the answers matter, or change: those given are laid over those given before.
    pub async fn carry_out_with_answers(
        &self,
        command: Command<'_>,
        given: Option<Answers>,
        decide: impl FnOnce(
            Application,
            &Answers,
            &Compiled,
            &Act<'_>,
        ) -> Result<Change<Application>, Refusal>,
    ) -> Result<Outcome, Failed> {
        let view = self.store.view(command.by);
        let found = view.application_and_answers(command.application).await?;
        let (application, mut answers) = found.ok_or(Failed::Missing("application"))?;
        if self.done == Some(Subject::Application(application.id)) {
            return self.standing(application.id).await;
        }
        let compiled = self.rules_for_command(&application).await?;
        let given = given.map(|given| {
            for (field, value) in given.values {
                answers.unread.remove(&field);
                answers.values.insert(field, value);
            }
            answers.unread.extend(given.unread);
            answers.values.retain(|_, value| !value.is_null());
            (application.id, answers.clone())
        });
        let act = self.act(&command, &compiled);
        let change = decide(application, &answers, &compiled, &act)?;
        let organization = match &given {
            Some(_) => {
                self.known_organization(&change.after, &answers, &compiled.revision.rules)
                    .await?
            }
            None => None,
        };
        let (written, besides) = (command.written, (given, organization));
        let done = self.commit(change, Some(&answers), written, &compiled, besides);
        self.or_stale(command.application, Box::pin(done).await)
            .await
    }

    /// The rules that a command is carried out by: a draft follows the program; from its submission on
    /// an application keeps its revision.
    async fn rules_for_command(&self, application: &Application) -> Result<Arc<Compiled>, Failed> {
        if application.status() != Status::Draft {
            return Ok(self.rules_of(application).await?);
        }
        let system = self.store.view(&Actor::System);
        let program = system.program(application.program).await?;
        let program = program.ok_or(Failed::Missing("program"))?;
        Ok(self.compiled(program.current).await?)
    }

    fn act<'a>(&self, command: &Command<'a>, compiled: &'a Compiled) -> Act<'a> {
        Act {
            by: command.by,
            revision: &compiled.revision,
            now: self.clock.now(),
            seen: command.seen,
        }
    }

    /// Where somebody else was faster, says which version stands now.
    pub async fn or_stale(
        &self,
        id: Id<Application>,
        done: Result<Outcome, Failed>,
    ) -> Result<Outcome, Failed> {
        let Err(Failed::Store(StoreError::Conflict)) = done else {
            return done;
        };
        let system = self.store.view(&Actor::System);
        let now = system.application(id).await?;
        let current = now.ok_or(Failed::Missing("application"))?.version;
        Err(Refusal::Stale { current }.into())
    }

    /// Hands a draft in and evaluates it. Should the service die in between, the application is
    /// SUBMITTED and the next run of [`Service::evaluate_submitted`] takes it on.
    pub async fn submit(&self, command: Command<'_>) -> Result<Outcome, Failed> {
        let handed_in = self
            .carry_out_with_answers(command, None, |application, answers, compiled, act| {
                application.submit(answers, &compiled.form, act)
            })
            .await?;
        self.evaluated(handed_in).await
    }

    /// Takes the applicant's reply, and runs the criteria over what they changed.
    pub async fn reply(
        &self,
        body: &str,
        given: Option<Answers>,
        command: Command<'_>,
    ) -> Result<Outcome, Failed> {
        let replied = self
            .carry_out_with_answers(command, given, |application, answers, compiled, act| {
                application.reply(body, answers, &compiled.form, act)
            })
            .await?;
        self.evaluated(replied).await
    }

    /// Evaluates what a command has just committed. If the job did so first, what it made of it stands.
    async fn evaluated(&self, done: Outcome) -> Result<Outcome, Failed> {
        let id = done.application.id;
        let evaluated = Box::pin(self.evaluate(done.application, &Actor::System, None)).await;
        let Err(Failed::Store(StoreError::Conflict) | Failed::Refused(_)) = evaluated else {
            return evaluated;
        };
        self.standing(id).await
    }

    /// An application as it stands, with the membership it led to.
    pub async fn standing(&self, id: Id<Application>) -> Result<Outcome, Failed> {
        let system = self.store.view(&Actor::System);
        let application = system.application(id).await?;
        let membership = system.memberships_by_application(&[id]).await?.pop();
        Ok(Outcome {
            application: application.ok_or(Failed::Missing("application"))?,
            membership,
        })
    }

    /// Takes an application up again, and runs the criteria over its answers as they stand.
    pub async fn reopen(&self, reason: &str, command: Command<'_>) -> Result<Outcome, Failed> {
        let reopened = self
            .carry_out(command, |application, _, act| {
                application.reopen(reason, act)
            })
            .await?;
        self.evaluated(reopened).await
    }

    /// Commits a change with everything that belongs to it: the letter, a membership if it approves,
    /// and what the caller adds. Answers that the caller has not read are read if a membership begins.
    pub async fn commit(
        &self,
        change: Change<Application>,
        answers: Option<&Answers>,
        written: Option<&str>,
        compiled: &Compiled,
        besides: impl Record,
    ) -> Result<Outcome, Failed> {
        let application = change.after.clone();
        let names = self.names(&change).await?;
        let letter = letter(
            &change,
            self.clock.id(),
            written,
            &names,
            &compiled.revision,
        );
        let approved = application.status() == Status::Approved;
        // Places are the program's, whatever revision the application is pinned to.
        let capacity = if approved {
            self.capacity(application.program).await?
        } else {
            None
        };
        let started = if approved {
            let system = self.store.view(&Actor::System);
            let answers = match answers {
                Some(known) => known.clone(),
                None => system.answers(application.id).await?,
            };
            Some(Membership::start(
                self.clock.id(),
                &application,
                &answers,
                &compiled.revision,
                &Actor::System,
                self.clock.now(),
            ))
        } else {
            None
        };
        let membership = started.as_ref().map(|started| started.after.clone());
        let started = NewMemberships {
            changes: Vec::from_iter(started),
            capacity,
        };
        match self
            .store
            .commit((change, (besides, (letter, started))))
            .await
        {
            Ok(()) => Ok(Outcome {
                application,
                membership,
            }),
            Err(StoreError::Full) => Err(Refusal::Full {
                capacity: capacity.unwrap_or_default(),
            }
            .into()),
            Err(StoreError::Taken("membership")) => Err(Refusal::AlreadyMember.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Evaluates what was handed in and not yet evaluated: nothing, unless a process died in between.
    pub async fn evaluate_submitted(&self) -> Result<usize, Failed> {
        use stoa_persistence::page::Page;
        use stoa_persistence::{ApplicationFilter, ApplicationOrder};
        let filter = ApplicationFilter {
            statuses: Some(vec![Status::Submitted]),
            ..ApplicationFilter::default()
        };
        let system = self.store.view(&Actor::System);
        let page = Page::first(100);
        let waiting = system
            .applications(&filter, ApplicationOrder::OldestFirst, &page)
            .await?;
        let mut done = 0;
        for (_, application) in waiting.items {
            match self.evaluate(application, &Actor::System, None).await {
                Ok(_) => done += 1,
                // The request that handed it in was only slower than this look.
                Err(Failed::Store(StoreError::Conflict) | Failed::Refused(_)) => {}
                // One broken row must not keep the others waiting.
                Err(error) => tracing::error!(%error, "an application could not be evaluated"),
            }
        }
        Ok(done)
    }

    /// The organisation with what its application says of it, where that is news.
    async fn known_organization(
        &self,
        application: &Application,
        answers: &Answers,
        rules: &Rules,
    ) -> Result<Option<Organization>, StoreError> {
        let keys = verifiers::lookup_keys(rules, answers);
        let system = self.store.view(&Actor::System);
        let Some(mut organization) = system.organization(application.organization).await? else {
            return Ok(None);
        };
        let domain = keys.own_domains.into_iter().next();
        let before = organization.clone();
        organization.domain = domain.or(organization.domain);
        organization.repository = keys.repository.or(organization.repository);
        let news = organization != before;
        Ok(news.then_some(organization))
    }

    /// How many members the program takes by its current revision; none means no cap.
    pub(super) async fn capacity(&self, program: Id<Program>) -> Result<Option<u32>, StoreError> {
        let system = self.store.view(&Actor::System);
        let Some(program) = system.program(program).await? else {
            return Ok(None);
        };
        let current = self.compiled(program.current).await?;
        Ok(current.revision.rules.capacity)
    }

    async fn names(&self, change: &Change<Application>) -> Result<Names, StoreError> {
        if called_for(change.activity.verb).is_none() {
            return Ok(Names::default());
        }
        let system = self.store.view(&Actor::System);
        let applicant = system.account(change.after.applicant).await?;
        let organization = system.organization(change.after.organization).await?;
        Ok(Names {
            applicant: applicant.map(|account| account.name).unwrap_or_default(),
            organization: organization.map(|found| found.name).unwrap_or_default(),
        })
    }
}
