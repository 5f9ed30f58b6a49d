//! Following an application over HTTP: events as they happen, and an end when there is nothing more to see.

mod events;
pub mod reader;

use serde_json::{Value, json};
use stoa::http::Streams;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::{World, feeding, good, settled, unhurried};
use reader::{Reader, Told};

const CHANGED: &str = "subscription($id: ID!) { applicationChanged(applicationId: $id) {
    application { id version status } } }";

/// A world that listens on a port of this machine for as long as it lives.
pub struct Served {
    pub world: World,
    pub address: String,
    _running: [JoinSet<()>; 2],
}

impl Served {
    pub async fn new() -> Self {
        Self::with(Streams::default()).await
    }

    /// The same with other bounds of streams.
    pub async fn with(streams: Streams) -> Self {
        let mut world = World::new().await;
        let bounds = stoa::Bounds {
            streams,
            ..unhurried()
        };
        let built = stoa::build_with(world.service.clone(), bounds);
        world.router = built.unwrap();
        let feed = feeding(&world.service.store).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = world.router.clone();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            world,
            address,
            _running: [server, feed],
        }
    }

    /// Follows an application as this person.
    pub async fn follow(&self, person: &str, subscription: &str, application: &Value) -> Reader {
        settled(&self.world.service.store).await;
        let token = (!person.is_empty()).then(|| self.world.token(person));
        let variables = json!({ "id": application["id"] });
        let body = json!({ "query": subscription, "variables": variables });
        Reader::open(&self.address, token.as_deref(), &body).await
    }
}

/// What an event says of an application as it was told by a command.
fn next(application: &Value) -> Told {
    Told::Next(json!({ "data": { "applicationChanged": { "application": application } } }))
}

#[tokio::test]
async fn a_follower_is_told_the_present_state_and_then_every_change() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let mut team = served.follow("specialist", CHANGED, &application).await;
    let mut theirs = served.follow("applicant", CHANGED, &application).await;
    assert_eq!(team.told().await, next(&application));
    assert_eq!(theirs.told().await, next(&application));
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    assert_eq!(team.told().await, next(&claimed));
    assert_eq!(theirs.told().await, next(&claimed));
    let hold = json!({ "cause": "COMPLIANCE", "note": "A name was flagged." });
    let held = world
        .act("specialist", "holdApplication", &claimed, hold)
        .await;
    assert_eq!(held["status"], "ON_HOLD");
    assert_eq!(team.told().await, next(&held));
    let mut shown = held.clone();
    shown["status"] = json!("IN_REVIEW");
    assert_eq!(
        theirs.told().await,
        next(&shown),
        "holds stay with the team"
    );
    let released = world
        .act("specialist", "releaseApplication", &held, json!({}))
        .await;
    // An event tells the state of its own time: each is read before the next change.
    for reader in [&mut team, &mut theirs] {
        assert_eq!(reader.told().await, next(&released));
    }
    let approved = world
        .act("specialist", "approveApplication", &released, json!({}))
        .await;
    for reader in [&mut team, &mut theirs] {
        // Two lines: it was approved, and its membership began.
        assert_eq!(reader.told().await, next(&approved));
        assert_eq!(reader.told().await, next(&approved));
        reader.is_silent().await;
    }
}

#[tokio::test]
async fn changes_of_other_applications_are_not_told() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let mut reader = served.follow("specialist", CHANGED, &application).await;
    assert_eq!(reader.told().await, next(&application));
    let other = world
        .submitted("other applicant", "Hilltop Garden", good())
        .await;
    world
        .act("specialist", "claimApplication", &other, json!({}))
        .await;
    reader.is_silent().await;
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    assert_eq!(reader.told().await, next(&claimed));
}

#[tokio::test]
async fn every_event_tells_the_state_of_its_own_time() {
    let served = Served::new().await;
    let world = &served.world;
    let draft = world.draft("applicant", "Riverside Garden", good()).await;
    let whole = "subscription($id: ID!) { applicationChanged(applicationId: $id) {
        application { version answers evaluation { at } membership { endsBefore } } } }";
    let mut reader = served.follow("applicant", whole, &draft).await;
    let said = |told: Told| match told {
        Told::Next(event) => event["data"]["applicationChanged"]["application"].clone(),
        Told::Complete => panic!("the stream goes on"),
    };
    let first = said(reader.told().await);
    assert_eq!(first["answers"]["seats"], 40);
    let changed = json!({ "answers": { "seats": 7 } });
    let draft = world
        .act("applicant", "answerApplication", &draft, changed)
        .await;
    let second = said(reader.told().await);
    assert_eq!(second["version"], draft["version"]);
    assert_eq!(second["answers"]["seats"], 7);
    assert_eq!(second["membership"], Value::Null);
}

#[tokio::test]
async fn who_may_not_see_an_application_is_told_that_there_is_nothing_to_follow() {
    let served = Served::new().await;
    let application = served.world.in_review().await;
    let absent = json!({ "id": "app_00000000000000000000000000" });
    for (person, followed) in [
        ("other applicant", &application),
        ("specialist elsewhere", &application),
        ("observer", &application),
        ("admin", &application),
        ("integration", &application),
        ("specialist", &absent),
    ] {
        let mut reader = served.follow(person, CHANGED, followed).await;
        assert_eq!(reader.told().await, Told::Complete, "{person}");
        reader.has_ended().await;
    }
}

#[tokio::test]
async fn a_draft_is_followed_by_nobody_but_its_applicant() {
    let served = Served::new().await;
    let world = &served.world;
    let draft = world.draft("applicant", "Riverside Garden", good()).await;
    let mut team = served.follow("operations manager", CHANGED, &draft).await;
    assert_eq!(team.told().await, Told::Complete);
    let mut theirs = served.follow("applicant", CHANGED, &draft).await;
    assert_eq!(theirs.told().await, next(&draft));
}

#[tokio::test]
async fn who_loses_the_role_is_told_nothing_further() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let mut reader = served.follow("specialist", CHANGED, &application).await;
    assert_eq!(reader.told().await, next(&application));
    let revoke =
        "mutation($input: RoleInput!) { revokeRole(input: $input) { userErrors { message } } }";
    let specialist = &world.people["specialist"];
    let role = json!({
        "accountId": specialist.id.to_string(),
        "expectedVersion": specialist.version,
        "role": "SPECIALIST",
        "programId": world.program("garden").await.to_string()
    });
    let revoked = world.query("admin", revoke, json!({ "input": role })).await;
    assert_eq!(revoked["revokeRole"]["userErrors"], json!([]));
    world
        .act(
            "operations manager",
            "claimApplication",
            &application,
            json!({}),
        )
        .await;
    assert_eq!(reader.told().await, Told::Complete);
    reader.has_ended().await;
}

#[tokio::test]
async fn whose_account_is_closed_is_told_nothing_further() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let mut reader = served.follow("applicant", CHANGED, &application).await;
    assert_eq!(reader.told().await, next(&application));
    let close = "mutation($input: DisableAccountInput!) { disableAccount(input: $input) { userErrors { message } } }";
    let applicant = &world.people["applicant"];
    let account =
        json!({ "accountId": applicant.id.to_string(), "expectedVersion": applicant.version });
    let closed = world
        .query("admin", close, json!({ "input": account }))
        .await;
    assert_eq!(closed["disableAccount"]["userErrors"], json!([]));
    world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    assert_eq!(reader.told().await, Told::Complete);
    reader.has_ended().await;
}

#[tokio::test]
async fn a_stranger_and_a_mistaken_subscription_are_told_what_is_wrong() {
    let served = Served::new().await;
    let application = served.world.in_review().await;
    let nonsense = json!({ "id": "nonsense" });
    for (person, followed, code) in [
        ("", &application, "UNAUTHENTICATED"),
        ("specialist", &nonsense, "BAD_USER_INPUT"),
    ] {
        let mut reader = served.follow(person, CHANGED, followed).await;
        let Told::Next(answer) = reader.told().await else {
            panic!("{person}: an error comes first");
        };
        assert_eq!(answer["errors"][0]["extensions"]["code"], code);
        assert!(answer.get("data").is_none_or(Value::is_null), "{answer}");
        assert_eq!(reader.told().await, Told::Complete);
        reader.has_ended().await;
    }
}

#[tokio::test]
async fn a_query_can_be_answered_as_a_stream_of_one() {
    let served = Served::new().await;
    let application = served.world.in_review().await;
    let query = "query($id: ID!) { application(id: $id) { status } }";
    let mut reader = served.follow("specialist", query, &application).await;
    let Told::Next(answer) = reader.told().await else {
        panic!("the answer comes first");
    };
    assert_eq!(answer["data"]["application"]["status"], "IN_REVIEW");
    assert_eq!(answer["extensions"]["cost"]["requested"], 2);
    assert_eq!(reader.told().await, Told::Complete);
    reader.has_ended().await;
}
