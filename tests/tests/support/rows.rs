//! Rows made by the commands of the domain and the store alone: any state, at any time, many at once.

use std::sync::Arc;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use serde_json::json;
use stoa::service::Compiled;
use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::intake::Beginning;
use stoa_domain::application::{Act, Application, Kind};
use stoa_domain::change::Change;
use stoa_domain::criteria::{Consequence, Evaluation, Finding, Outcome, Recommendation};
use stoa_domain::facts::{Answers, Facts, Source};
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_persistence::{NewMemberships, Store, View};

use super::{World, at, database, good};

/// The garden program, and who acts in it.
pub struct Rows {
    pub world: World,
    pub compiled: Arc<Compiled>,
    pub applicant: Actor,
    pub specialist: Actor,
    pub manager: Actor,
}

/// A connection to a fresh database whose rows can also be read and broken without the store.
pub async fn opened() -> DatabaseConnection {
    let mut options = ConnectOptions::new(database::url().await);
    options.sqlx_logging(false).max_connections(4);
    if !database::on_postgres() {
        // Every connection to `:memory:` is a database of its own.
        options
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None);
    }
    Database::connect(options).await.unwrap()
}

impl Rows {
    /// A fresh database with the program and accounts in it.
    pub async fn new() -> Self {
        Self::over(database::fresh().await).await
    }

    /// The same over this store.
    pub async fn over(store: Store) -> Self {
        let world = World::over(store, |_| {}).await;
        let view = world.service.store.view(&Actor::System);
        let program = view.program_by_key("garden").await.unwrap().unwrap();
        Self {
            compiled: world.service.compiled(program.current).await.unwrap(),
            applicant: world.actor("applicant"),
            specialist: world.actor("specialist"),
            manager: world.actor("program manager"),
            world,
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.world.service.store
    }

    /// Everything there is.
    pub fn view(&self) -> View {
        self.store().view(&Actor::System)
    }

    /// A new id.
    pub fn id<T>(&self) -> Id<T> {
        self.world.service.clock.id()
    }

    /// Somebody acts under the current revision.
    pub fn act<'a>(&'a self, by: &'a Actor, now: Timestamp) -> Act<'a> {
        Act {
            by,
            revision: &self.compiled.revision,
            now,
            seen: None,
        }
    }

    /// Answers that meet every criterion.
    pub fn answers() -> Answers {
        Answers {
            values: good().as_object().unwrap().clone(),
            ..Answers::default()
        }
    }

    /// An organisation of the applicant.
    pub fn organization(&self, name: &str) -> Organization {
        Organization {
            id: self.id(),
            name: name.into(),
            domain: None,
            repository: None,
            owner: self.applicant.account().unwrap(),
            created_at: at(super::MONDAY),
        }
    }

    /// A draft of the applicant.
    pub fn draft(
        &self,
        of: &Organization,
        key: Option<&str>,
        now: Timestamp,
    ) -> Change<Application> {
        let beginning = Beginning {
            id: self.id(),
            kind: Kind::New,
            organization: of.id,
            applicant: self.applicant.account().unwrap(),
            external_id: key.map(Into::into),
        };
        // Only what another system brings in has a key.
        let by = key.map_or(&self.applicant, |_| &Actor::System);
        Application::create(beginning, &self.act(by, now)).unwrap()
    }

    /// The draft, handed in.
    pub fn submit(&self, draft: &Change<Application>, now: Timestamp) -> Change<Application> {
        let draft = draft.after.clone();
        let act = self.act(&self.applicant, now);
        draft
            .submit(&Self::answers(), &self.compiled.form, &act)
            .unwrap()
    }

    /// A run of the criteria that were all met, with facts of every shape.
    pub fn evaluation(&self, application: &Application, now: Timestamp) -> Evaluation {
        let mut facts = Facts::default();
        facts.know(
            "name",
            "Zürich \"ÖPNV\" \\ 🌱\n",
            Source::Applicant,
            "It says so.".into(),
        );
        facts.know("share", 0.1 + 0.2, Source::History, String::new());
        facts.know(
            "seats",
            u64::MAX,
            Source::Applicant,
            "'; DROP TABLE evaluations; --".into(),
        );
        facts.know(
            "parts",
            json!({ "a": [null, true, { "b": -1 }] }),
            Source::SpdxList,
            "x".into(),
        );
        facts.unknown("country", Source::TradeRules, "Nobody said.".into());
        Evaluation {
            id: self.id(),
            application: application.id,
            revision: self.compiled.revision.id,
            at: now,
            findings: vec![Finding {
                criterion: "osi-licence".into(),
                outcome: Outcome::Unknown,
                consequence: Consequence::Decline,
                problem: Some("country is unknown".into()),
                facts,
            }],
            recommendation: Recommendation::Approve,
            reasons: vec!["COUNTRY".into()],
            limits: Vec::new(),
            unanswered: Vec::new(),
        }
    }

    /// The application with what the criteria came to.
    pub fn evaluate(
        &self,
        it: &Application,
        evaluation: &Evaluation,
        now: Timestamp,
    ) -> Change<Application> {
        let act = self.act(&Actor::System, now);
        it.clone().evaluate(evaluation, &act).unwrap()
    }

    /// An application in review, written with everything that led there.
    pub async fn in_review(&self, name: &str, now: Timestamp) -> Application {
        let organization = self.organization(name);
        self.in_review_of(organization, now).await
    }

    /// The same of this organisation.
    pub async fn in_review_of(&self, organization: Organization, now: Timestamp) -> Application {
        let draft = self.draft(&organization, None, now);
        let submitted = self.submit(&draft, now);
        let evaluation = self.evaluation(&submitted.after, now);
        let evaluated = self.evaluate(&submitted.after, &evaluation, now);
        let application = evaluated.after.clone();
        let record = (
            organization,
            (vec![draft, submitted], (evaluation, evaluated)),
        );
        self.store().commit(record).await.unwrap();
        application
    }

    /// The specialist's approval, and the membership that begins with it.
    pub fn approval(
        &self,
        application: &Application,
        capacity: Option<u32>,
        now: Timestamp,
    ) -> (Change<Application>, NewMemberships) {
        let act = self.act(&self.specialist, now);
        let approved = application.clone().approve(None, &act).unwrap();
        let change = Membership::start(
            self.id(),
            &approved.after,
            &Self::answers(),
            &self.compiled.revision,
            &Actor::System,
            now,
        );
        (
            approved,
            NewMemberships {
                changes: vec![change],
                capacity,
            },
        )
    }
}
