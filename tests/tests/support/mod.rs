//! A world to test in: a fresh database, a clock that stands still, and the real router.

pub mod asked;
pub mod database;
pub mod documents;
pub mod rows;

use std::collections::HashMap;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use stoa::Bounds;
use stoa::budget::limits::Rate;
use stoa::clock::Clock;
use stoa::entrance::Entrance;
use stoa::keys::{Issuing, Keys};
use stoa::operations::programs::read_directory;
use stoa::secret::Secret;
use stoa::service::Service;
use stoa_domain::Timestamp;
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant, Role};
use stoa_domain::id::Id;
use stoa_domain::program::Rules;
use stoa_domain::session::Session;
use stoa_persistence::Store;
use stoa_persistence::page::{Key, Page};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Monday morning, an hour after opening.
pub const MONDAY: &str = "2026-11-23T10:00:00Z";

/// What the service of a [`World`] signs and hashes with.
pub const SECRET: &[u8] = b"a secret of tests, as long as a signature is";

/// A service over a fresh database, with accounts for everybody.
pub struct World {
    pub service: Service,
    pub router: Router,
    pub people: HashMap<&'static str, Account>,
    sessions: Mutex<HashMap<&'static str, Session>>,
}

/// A generated file must be what the code says; with `STOA_UPDATE=1` it is written instead.
pub fn generated(path: &std::path::Path, text: &str) {
    if database::setting("STOA_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == text,
        "{} is not up to date; run the tests with STOA_UPDATE=1 and look at the difference",
        path.display()
    );
}

/// Keeps those who follow the log told, for as long as it lives.
pub async fn feeding(store: &Store) -> JoinSet<()> {
    let tail = store.tail().await.unwrap();
    let mut running = JoinSet::new();
    running.spawn(stoa::feed::run(store.clone(), tail));
    running
}

/// Waits until every line of the log is final, so that who follows now is told only what comes. On
/// PostgreSQL a transaction of another test, in another database, can keep lines back.
pub async fn settled(store: &Store) {
    let system = store.view(&Actor::System);
    for _ in 0..6000 {
        let page = Page::first(1);
        let newest = system.activities(None, None, true, &page).await.unwrap();
        let last = newest.items.first().map(|(_, line)| line.sequence);
        match store.head().await.unwrap().cursor().key {
            Key::Place(_, sequence) if last.is_none_or(|last| last == sequence) => return,
            _ => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
    panic!("the log is not final after a minute");
}

/// The keys of tests: what every process of one installation shares.
pub fn keys() -> Keys {
    let secret = b"a secret of tests, as long as a signature is";
    Keys::new(Secret::new(secret.to_vec()), Issuing::default())
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse::<DateTime<Utc>>().unwrap()
}

/// The usual limits with budgets that no test uses up: while the clock stands still, nothing comes back.
pub fn unhurried() -> Bounds {
    let plenty = Rate::new(1_000_000_000, 2_000_000_000);
    let mut bounds = Bounds::default();
    (bounds.budget.account, bounds.budget.address) = (plenty, plenty);
    bounds
}

/// The rules of the program that tests use.
pub fn garden() -> Rules {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/garden");
    read_directory(path.as_ref()).unwrap()
}

impl World {
    /// A world with the garden program as it is written.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose garden program has other rules.
    pub async fn with(change: impl FnOnce(&mut Rules)) -> Self {
        Self::over(database::fresh().await, change).await
    }

    /// A world over this store.
    pub async fn over(store: Store, change: impl FnOnce(&mut Rules)) -> Self {
        Self::entered(store, Entrance::new(SECRET), change).await
    }

    /// A world over this store, with these ways in.
    pub async fn entered(
        store: Store,
        entrance: Entrance,
        change: impl FnOnce(&mut Rules),
    ) -> Self {
        let service = Service::new(store, Clock::fixed(at(MONDAY)), keys(), entrance.into());
        Box::pin(service.keep_signing_keys()).await.unwrap();
        let router = stoa::build_with(service.clone(), unhurried()).unwrap();
        let mut world = Self {
            service,
            router,
            people: HashMap::new(),
            sessions: Mutex::default(),
        };
        let mut rules = garden();
        change(&mut rules);
        world.publish(rules).await;
        for (name, kind, roles, here) in [
            ("applicant", Kind::Applicant, vec![], false),
            ("other applicant", Kind::Applicant, vec![], false),
            ("specialist", Kind::Staff, vec![Role::Specialist], true),
            ("specialist elsewhere", Kind::Staff, vec![], false),
            (
                "program manager",
                Kind::Staff,
                vec![Role::ProgramManager],
                true,
            ),
            (
                "operations manager",
                Kind::Staff,
                vec![Role::OperationsManager],
                false,
            ),
            ("observer", Kind::Staff, vec![Role::Observer], false),
            (
                "integration",
                Kind::Integration,
                vec![Role::MemberReader, Role::FeedReader, Role::Importer],
                false,
            ),
            ("admin", Kind::Staff, vec![Role::Admin], false),
        ] {
            world.person(name, kind, &roles, here).await;
        }
        let mut elsewhere = garden();
        elsewhere.key = "orchard".into();
        elsewhere.name = "Orchards".into();
        world.publish(elsewhere).await;
        let orchard = world.program("orchard").await;
        let specialist = world.people["specialist elsewhere"].clone();
        let account = world
            .granted(specialist, Role::Specialist, Some(orchard))
            .await;
        world.people.insert("specialist elsewhere", account);
        world
    }

    /// Publishes rules as the service itself.
    pub async fn publish(&self, rules: Rules) {
        self.service
            .publish(rules, &Actor::System, false)
            .await
            .unwrap();
    }

    /// The id of a program.
    pub async fn program(&self, key: &str) -> Id<stoa_domain::program::Program> {
        let view = self.service.store.view(&Actor::System);
        view.program_by_key(key).await.unwrap().unwrap().id
    }

    /// Makes an account.
    pub async fn person(&mut self, name: &'static str, kind: Kind, roles: &[Role], here: bool) {
        let email = format!("{}@example.org", name.replace(' ', "."));
        let id = self.service.clock.id();
        let now = self.service.clock.now();
        let change = Account::create(id, kind, name, &email, &Actor::System, now).unwrap();
        let mut account = change.after.clone();
        self.service.store.commit(change).await.unwrap();
        let program = if here {
            Some(self.program("garden").await)
        } else {
            None
        };
        for role in roles {
            account = self.granted(account, *role, program).await;
        }
        self.people.insert(name, account);
        Box::pin(self.sign_in(name)).await;
    }

    /// Begins a session of this person that outlasts every test; their tokens are of it.
    pub async fn sign_in(&self, name: &'static str) -> Session {
        let now = self.service.clock.now();
        let account = &self.people[name];
        // Of the account's own number, so that ids count as if nobody had signed in.
        let used = self.sessions.lock().unwrap().contains_key(name);
        let id = if used {
            self.service.clock.id()
        } else {
            Id::new(account.id.uuid())
        };
        let mut session = Session::begin(id, account, now).unwrap();
        session.expires_at = now + TimeDelta::days(10_000);
        self.service.store.commit(session.clone()).await.unwrap();
        self.sessions.lock().unwrap().insert(name, session.clone());
        session
    }

    async fn granted(
        &self,
        account: Account,
        role: Role,
        program: Option<Id<stoa_domain::program::Program>>,
    ) -> Account {
        let (seen, now) = (account.version, self.service.clock.now());
        let change = account
            .grant(Grant { role, program }, seen, &Actor::System, now)
            .unwrap();
        let account = change.after.clone();
        self.service.store.commit(change).await.unwrap();
        account
    }

    /// Who acts when this person is signed in.
    pub fn actor(&self, name: &str) -> Actor {
        self.people[name].actor()
    }

    /// A token of this person, good for twelve hours.
    pub fn token(&self, name: &str) -> String {
        let now = self.service.clock.now();
        let session = &self.sessions.lock().unwrap()[name];
        let until = now + TimeDelta::hours(12);
        let keys = &self.service.keys;
        keys.mint(session, "of-a-test".into(), until, now).unwrap()
    }

    /// Moves the clock.
    pub fn now(&self, text: &str) {
        self.service.clock.set(at(text));
    }

    /// Sends a request as this person ("" is a stranger) and reads the answer.
    pub async fn send(&self, person: &str, query: &str, variables: Value) -> Value {
        let (status, body) = self
            .post(person, &json!({ "query": query, "variables": variables }))
            .await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// Posts a body to `/graphql`.
    pub async fn post(&self, person: &str, body: &Value) -> (StatusCode, Value) {
        let token = (!person.is_empty()).then(|| self.token(person));
        self.post_with(token.as_deref(), body).await
    }

    /// Posts a body to `/graphql` with this very token.
    pub async fn post_with(&self, token: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let mut request =
            Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let (status, _, body) = self.exchange(request).await;
        (status, body)
    }

    /// What a request is answered with.
    pub async fn exchange(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        (status, headers, body)
    }

    /// Runs a query and returns its data; any error fails the test.
    pub async fn query(&self, person: &str, query: &str, variables: Value) -> Value {
        let answer = self.send(person, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].clone()
    }

    /// Runs one mutation on an application and returns its payload.
    pub async fn command(&self, person: &str, mutation: &str, input: Value) -> Value {
        let kind = documents::input_type(mutation);
        let document = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ \
               application {{ id version status }} \
               userErrors {{ __typename code message path \
                 ... on StaleVersionError {{ currentVersion }} \
                 ... on OverLimitError {{ limits }} \
                 ... on AnswersError {{ problems {{ field message }} }} }} }} }}"
        );
        let data = self
            .query(person, &document, json!({ "input": input }))
            .await;
        data[mutation].clone()
    }

    /// The same, and it must succeed; returns the application.
    pub async fn done(&self, person: &str, mutation: &str, input: Value) -> Value {
        let payload = self.command(person, mutation, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}: {payload:#}");
        payload["application"].clone()
    }

    /// The same on an application as it was last seen, with further input.
    pub async fn act(
        &self,
        person: &str,
        mutation: &str,
        application: &Value,
        further: Value,
    ) -> Value {
        self.done(person, mutation, input(application, further))
            .await
    }

    /// The same, and it must be refused; returns the first error.
    pub async fn refused(
        &self,
        person: &str,
        mutation: &str,
        application: &Value,
        further: Value,
    ) -> Value {
        let payload = self
            .command(person, mutation, input(application, further))
            .await;
        assert_eq!(
            payload["application"],
            Value::Null,
            "{mutation}: {payload:#}"
        );
        payload["userErrors"][0].clone()
    }

    /// A draft of the applicant with all answers.
    pub async fn draft(&self, person: &str, organization: &str, answers: Value) -> Value {
        let program = self.program("garden").await.to_string();
        let input = json!({ "programId": program, "organizationName": organization });
        let draft = self.done(person, "createApplication", input).await;
        self.act(
            person,
            "answerApplication",
            &draft,
            json!({ "answers": answers }),
        )
        .await
    }

    /// An application that was handed in.
    pub async fn submitted(&self, person: &str, organization: &str, answers: Value) -> Value {
        let draft = self.draft(person, organization, answers).await;
        self.act(person, "submitApplication", &draft, json!({}))
            .await
    }

    /// One that everything is right with, in review.
    pub async fn in_review(&self) -> Value {
        self.submitted("applicant", "Riverside Garden", good())
            .await
    }
}

/// Input of a command on an application as it was last seen.
pub fn input(application: &Value, further: Value) -> Value {
    let mut input = json!({
        "applicationId": application["id"],
        "expectedVersion": application["version"],
    });
    if let (Some(input), Some(further)) = (input.as_object_mut(), further.as_object()) {
        input.extend(further.clone());
    }
    input
}

/// Answers that meet every criterion.
pub fn good() -> Value {
    json!({
        "email": "applicant@example.org",
        "organization": "Riverside Garden",
        "licence": "MIT OR Apache-2.0",
        "country": "NL",
        "repository": "https://code.example.org/riverside/plans",
        "seats": 40
    })
}
