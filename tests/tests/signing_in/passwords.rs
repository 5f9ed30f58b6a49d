//! By password.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Value, json};
use stoa_domain::account::Kind;
use stoa_domain::actor::Actor;
use stoa_domain::credential::Credential;
use stoa_persistence::NewCredential;

use super::{HERE, PASSWORD, by_password, log, mutate, whose};
use crate::support::{World, asked, database};

const EMAIL: &str = "specialist@example.org";

async fn with_password() -> World {
    let world = World::new().await;
    let account = &world.people["specialist"];
    world
        .service
        .set_password(account, PASSWORD.into())
        .await
        .unwrap();
    world
}

fn refused() -> Value {
    json!([{
        "__typename": "PlainError", "code": "SIGN_IN_REFUSED", "path": [],
        "message": "This did not work. Check what you typed, or sign in another way.",
    }])
}

#[tokio::test]
async fn who_knows_the_password_gets_a_session_and_a_line_in_the_log() {
    let world = with_password().await;
    let payload = by_password(&world, HERE, " Specialist@Example.org ", PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    assert_eq!(payload["account"]["email"], EMAIL);
    let token = payload["tokens"]["accessToken"].as_str().unwrap();
    assert_eq!(whose(&world, token).await, EMAIL);
    let log = log(&world).await;
    assert_eq!(
        log,
        [
            ("PASSWORD_CHANGED".to_owned(), json!({})),
            ("SIGNED_IN".to_owned(), json!({ "method": "PASSWORD" })),
        ]
    );
}

#[tokio::test]
async fn a_refusal_is_the_same_whatever_its_reason_and_costs_the_same() {
    let store = database::fresh().await;
    asked::listen();
    let mut world = World::over(store, |_| {}).await;
    let service = world.service.clone();
    for name in ["specialist", "observer"] {
        let account = &world.people[name];
        service
            .set_password(account, PASSWORD.into())
            .await
            .unwrap();
    }
    let closed = world.people["observer"].clone();
    let seen = closed.version;
    let change = closed.disable(seen, &Actor::System, service.clock.now());
    service.store.commit(change.unwrap()).await.unwrap();
    world.person("newcomer", Kind::Staff, &[], false).await;
    let long = "x".repeat(200);
    let mut costs = Vec::new();
    for (case, email, password) in [
        ("wrong password", EMAIL, "four unrelated garden word"),
        ("too long a password", EMAIL, long.as_str()),
        ("empty password", EMAIL, ""),
        ("unknown account", "nobody@example.org", PASSWORD),
        ("no address", "nobody", PASSWORD),
        ("closed account", "observer@example.org", PASSWORD),
        ("no password yet", "newcomer@example.org", PASSWORD),
        ("applicant", "applicant@example.org", PASSWORD),
        ("integration", "integration@example.org", PASSWORD),
    ] {
        let runs = service.entrance.passwords.runs();
        asked::taken();
        let payload = by_password(&world, HERE, email, password).await;
        assert_eq!(payload["userErrors"], refused(), "{case}");
        assert_eq!(payload["tokens"], Value::Null, "{case}");
        assert_eq!(service.entrance.passwords.runs(), runs + 1, "{case}");
        costs.push((case, asked::taken()));
    }
    for (case, cost) in &costs {
        assert!(!cost.is_empty());
        assert_eq!(*cost, costs[0].1, "{case} asks the database the same");
    }
}

#[tokio::test]
async fn after_ten_failures_an_address_waits_whether_it_is_somebodys_or_not() {
    let world = with_password().await;
    for (email, told) in [(EMAIL, true), ("nobody@example.org", false)] {
        let before = log(&world).await.len();
        for _ in 0..10 {
            let payload = by_password(&world, HERE, email, "wrong wrong wrong").await;
            assert_eq!(payload["userErrors"], refused(), "{email}");
        }
        let locked = log(&world).await.split_off(before);
        let expected = json!({ "attempts": 10, "minutes": 15 });
        let expected = told.then(|| ("SIGN_IN_LOCKED".to_owned(), expected));
        assert_eq!(locked, expected.into_iter().collect::<Vec<_>>(), "{email}");
        // Not even the right password is looked at.
        let runs = world.service.entrance.passwords.runs();
        let payload = by_password(&world, HERE, email, PASSWORD).await;
        assert_eq!(
            payload["userErrors"],
            json!([{
                "__typename": "RateLimitedError", "code": "RATE_LIMITED", "path": [],
                "message": "There were too many attempts. Wait, then try again.",
                "retryAt": "2026-11-23T10:15:00Z",
            }]),
            "{email}"
        );
        assert_eq!(world.service.entrance.passwords.runs(), runs);
    }
    world.now("2026-11-23T10:14:59Z");
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"][0]["code"], "RATE_LIMITED");
    world.now("2026-11-23T10:15:00Z");
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}

#[tokio::test]
async fn a_success_forgives_what_was_mistyped_before() {
    let world = with_password().await;
    for _ in 0..3 {
        for _ in 0..9 {
            let payload = by_password(&world, HERE, EMAIL, "wrong wrong wrong").await;
            assert_eq!(payload["userErrors"], refused());
        }
        let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    }
}

#[tokio::test]
async fn after_fifty_failures_a_network_address_waits_and_others_do_not() {
    let world = with_password().await;
    for number in 0..50 {
        let email = format!("nobody.{number}@example.org");
        let payload = by_password(&world, HERE, &email, "wrong wrong wrong").await;
        assert_eq!(payload["userErrors"], refused(), "{number}");
    }
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"][0]["code"], "RATE_LIMITED");
    let payload = by_password(&world, "192.0.2.8:1", EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}

#[tokio::test]
async fn many_attempts_at_once_are_no_more_than_the_limit() {
    let world = with_password().await;
    let runs = world.service.entrance.passwords.runs();
    let tries = (0..40).map(|_| by_password(&world, HERE, EMAIL, "wrong wrong wrong"));
    let payloads = futures_util::future::join_all(tries).await;
    let looked_at = payloads.iter().filter(|it| it["userErrors"] == refused());
    let looked_at = looked_at.count();
    assert!(looked_at <= 10, "{looked_at}");
    let runs = world.service.entrance.passwords.runs() - runs;
    assert_eq!(usize::try_from(runs).unwrap(), looked_at);
}

#[tokio::test]
async fn a_hash_that_was_made_weaker_is_made_anew_at_the_next_success() {
    let world = with_password().await;
    let account = world.people["specialist"].id;
    let params = Params::new(8 * 1024, 1, 1, None).unwrap();
    let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let weak = weaker.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]);
    let weak = weak.unwrap().to_string();
    let credential = Credential {
        account,
        phc: weak.clone(),
        changed_at: world.service.clock.now(),
    };
    let replaced = NewCredential {
        credential,
        replacing: None,
    };
    world.service.store.commit(replaced).await.unwrap();
    let system = world.service.store.view(&Actor::System);
    by_password(&world, HERE, EMAIL, "wrong wrong wrong").await;
    assert_eq!(system.credential(account).await.unwrap().unwrap().phc, weak);
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    let now = system.credential(account).await.unwrap().unwrap().phc;
    assert!(now.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{now}");
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}

/// Changes a password as this person, and returns the errors.
async fn change(world: &World, person: &str, present: &str, new: &str) -> Value {
    let input = json!({ "password": present, "newPassword": new });
    let token = world.token(person);
    let select = "account { id }";
    mutate(world, Some(&token), HERE, "changePassword", select, input).await["userErrors"].clone()
}

#[tokio::test]
async fn who_knows_the_present_password_chooses_a_new_one() {
    let world = with_password().await;
    let new = "seven willows by the river";
    assert_eq!(change(&world, "specialist", "wrong", new).await, refused());
    for (weak, why) in [
        ("short", "must have at least 12 characters"),
        ("specialist12345", "is easy to guess"),
        (&"wq7 ".repeat(40), "must have at most 128 characters"),
    ] {
        let errors = change(&world, "specialist", PASSWORD, weak).await;
        assert_eq!(errors[0]["code"], "INVALID_INPUT", "{errors:#}");
        assert_eq!(errors[0]["path"], json!(["input", "newPassword"]));
        let message = errors[0]["message"].as_str().unwrap();
        assert!(message.contains(why), "{message}");
    }
    assert_eq!(change(&world, "specialist", PASSWORD, new).await, json!([]));
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"], refused(), "the old one is gone");
    let payload = by_password(&world, HERE, EMAIL, new).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}

#[tokio::test]
async fn guessing_the_present_password_is_an_attempt_to_sign_in() {
    let world = with_password().await;
    for _ in 0..10 {
        let new = "seven willows by the river";
        let errors = change(&world, "specialist", "wrong wrong wrong", new).await;
        assert_eq!(errors, refused());
    }
    let errors = change(&world, "specialist", PASSWORD, "seven willows by the river").await;
    assert_eq!(errors[0]["code"], "RATE_LIMITED");
    let payload = by_password(&world, HERE, EMAIL, PASSWORD).await;
    assert_eq!(payload["userErrors"][0]["code"], "RATE_LIMITED");
}

#[tokio::test]
async fn everybody_changes_their_own_name_and_nobody_elses() {
    let world = World::new().await;
    let select = "account { name version }";
    for person in ["applicant", "specialist", "integration", "admin"] {
        let token = world.token(person);
        let seen = world.people[person].version;
        let input = json!({ "name": " Robin ", "expectedVersion": seen });
        let payload = mutate(
            &world,
            Some(&token),
            HERE,
            "updateProfile",
            select,
            input.clone(),
        )
        .await;
        assert_eq!(
            payload["account"],
            json!({ "name": "Robin", "version": seen + 1 })
        );
        let payload = mutate(&world, Some(&token), HERE, "updateProfile", select, input).await;
        assert_eq!(payload["userErrors"][0]["code"], "STALE_VERSION");
        let input = json!({ "name": " ", "expectedVersion": seen + 1 });
        let payload = mutate(&world, Some(&token), HERE, "updateProfile", select, input).await;
        assert_eq!(payload["userErrors"][0]["path"], json!(["input", "name"]));
    }
}

#[tokio::test]
async fn attempts_hold_nobodys_address_and_are_gone_after_a_while() {
    let world = with_password().await;
    by_password(&world, HERE, EMAIL, "wrong wrong wrong").await;
    let system = world.service.store.view(&Actor::System);
    let since = "2026-11-23T09:00:00Z".parse().unwrap();
    let address = world
        .service
        .entrance
        .address_key("192.0.2.7".parse().unwrap());
    let found = system
        .sign_in_attempts("", Some(&address), since)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    let text = format!("{found:?}");
    assert!(
        !text.contains("specialist") && !text.contains("192.0"),
        "{text}"
    );
    world.now("2026-11-23T10:15:01Z");
    stoa::jobs::once(&world.service).await.unwrap();
    let found = system
        .sign_in_attempts("", Some(&address), since)
        .await
        .unwrap();
    assert_eq!(found, []);
}
