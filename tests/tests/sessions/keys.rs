//! The keys that sign: made by whichever process is first, known a day before, kept until the last
//! token is over.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ed25519_dalek::{Signature, VerifyingKey};
use http_body_util::BodyExt;
use serde_json::Value;
use stoa::clock::Clock;
use stoa::jobs;
use stoa::keys::{Issuing, Keys};
use stoa::secret::Secret;
use stoa::service::Service;
use stoa_domain::actor::Actor;
use stoa_domain::signing_key::SigningKey;
use tower::ServiceExt;

use super::{begin, lets_in, other_process, shared};
use crate::support::{MONDAY, World, at};

async fn published(world: &World) -> Vec<Value> {
    let request = Request::get("/.well-known/jwks.json")
        .body(Body::empty())
        .unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()[header::CONTENT_TYPE],
        "application/jwk-set+json"
    );
    assert_eq!(
        answer.headers()[header::CACHE_CONTROL],
        "public, max-age=3600"
    );
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let keys: Value = serde_json::from_slice(&bytes).unwrap();
    keys["keys"].as_array().unwrap().clone()
}

fn header_of(token: &str) -> Value {
    let header = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

async fn stored(service: &Service) -> Vec<SigningKey> {
    service
        .store
        .view(&Actor::System)
        .signing_keys()
        .await
        .unwrap()
}

async fn day(world: &World, day: i64) {
    world.service.clock.set(at(MONDAY) + TimeDelta::days(day));
    jobs::once(&world.service).await.unwrap();
}

#[tokio::test]
async fn others_check_an_access_token_with_the_published_key() {
    let world = World::new().await;
    let token = begin(&world, "applicant").await.access_token;
    let keys = published(&world).await;
    assert_eq!(keys.len(), 1);
    let head = header_of(&token);
    assert_eq!(
        (&head["alg"], &head["typ"]),
        (&"EdDSA".into(), &"at+jwt".into())
    );
    let key = keys.iter().find(|key| key["kid"] == head["kid"]).unwrap();
    for (name, value) in [
        ("kty", "OKP"),
        ("crv", "Ed25519"),
        ("use", "sig"),
        ("alg", "EdDSA"),
    ] {
        assert_eq!(key[name], value);
    }
    assert_eq!(key.as_object().unwrap().len(), 6, "nothing private: {key}");
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    key.verify_strict(signed.as_bytes(), &signature).unwrap();
    let claims = signed.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let mut names: Vec<_> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"]
    );
}

#[tokio::test]
async fn a_key_is_published_a_day_before_it_signs_and_until_its_last_token_is_over() {
    let world = World::new().await;
    let first = header_of(&world.token("admin"))["kid"].clone();
    let long = world
        .service
        .mint(&world.people["admin"], 744)
        .await
        .unwrap();
    // Day; keys published; which of them signs.
    for (now, count, signs) in [
        (0, 1, 0),
        (28, 1, 0),
        (29, 2, 0),
        (30, 2, 1),
        (58, 2, 1),
        (59, 3, 1),
        (60, 3, 2),
        (61, 2, 1),
        (88, 2, 1),
        (89, 3, 1),
    ] {
        day(&world, now).await;
        let keys = published(&world).await;
        assert_eq!(keys.len(), count, "day {now}");
        let head = header_of(&world.token("admin"));
        assert_eq!(head["kid"], keys[signs]["kid"], "day {now}");
        assert_eq!(keys[0]["kid"] == first, now < 61, "day {now}");
        assert_eq!(lets_in(&world, &long).await, now < 31, "day {now}");
    }
}

#[tokio::test]
async fn a_token_of_the_key_before_is_good_after_the_next_one_signs() {
    let world = World::new().await;
    day(&world, 29).await;
    let minute = TimeDelta::minutes(1);
    world
        .service
        .clock
        .set(at(MONDAY) + TimeDelta::days(30) - minute);
    let before = begin(&world, "applicant").await.access_token;
    world
        .service
        .clock
        .set(at(MONDAY) + TimeDelta::days(30) + minute);
    let after = begin(&world, "applicant").await.access_token;
    assert_ne!(header_of(&before)["kid"], header_of(&after)["kid"]);
    assert!(lets_in(&world, &before).await);
    assert!(lets_in(&world, &after).await);
}

#[tokio::test]
async fn processes_that_start_and_rotate_at_once_make_one_key() {
    let (world, url) = shared().await;
    for now in [0, 29, 59] {
        world.service.clock.set(at(MONDAY) + TimeDelta::days(now));
        let mut others = Vec::new();
        for _ in 0..4 {
            others.push(other_process(&world, &url).await);
        }
        let kept = others.iter().map(Service::keep_signing_keys);
        for done in futures_util::future::join_all(kept).await {
            done.unwrap();
        }
        let numbers: Vec<_> = stored(&world.service)
            .await
            .iter()
            .map(|key| key.number)
            .collect();
        let expected: Vec<_> = (1..).take(usize::try_from(now / 29 + 1).unwrap()).collect();
        assert_eq!(numbers, expected, "day {now}");
        for other in others {
            let account = &world.people["specialist"];
            let token = other.begin_session(account).await.unwrap().access_token;
            assert!(
                lets_in(&world, &token).await,
                "each takes the others' tokens"
            );
            other.store.close().await;
        }
    }
}

#[tokio::test]
async fn a_process_that_dies_between_the_steps_leaves_nothing_to_mend() {
    let (world, url) = shared().await;
    let dying = other_process(&world, &url).await;
    world.service.clock.set(at(MONDAY) + TimeDelta::days(29));
    // It made the next key and knew nothing of it any more.
    let from = at(MONDAY) + TimeDelta::days(30);
    let random = [Clock::random(), Clock::random()];
    let made = dying
        .keys
        .make(dying.clock.id(), 2, from, random, dying.clock.now());
    dying.store.commit(made).await.unwrap();
    drop(dying);
    jobs::once(&world.service).await.unwrap();
    assert_eq!(stored(&world.service).await.len(), 2, "there is no third");
    world.service.clock.set(from);
    let token = begin(&world, "applicant").await.access_token;
    assert_eq!(header_of(&token)["kid"], published(&world).await[1]["kid"]);
    assert!(lets_in(&world, &token).await);
}

#[tokio::test]
async fn a_key_that_another_process_made_is_looked_for_when_a_token_names_it_but_not_each_time() {
    let (world, url) = shared().await;
    let other = other_process(&world, &url).await;
    let account = &world.people["specialist"];
    // Two keys that this process does not know, made one after the other.
    let mut tokens = Vec::new();
    for number in 2..4 {
        let (now, random) = (other.clock.now(), [Clock::random(), Clock::random()]);
        let made = other.keys.make(other.clock.id(), number, now, random, now);
        other.store.commit(made).await.unwrap();
        other.know_signing_keys().await.unwrap();
        tokens.push(other.begin_session(account).await.unwrap().access_token);
        if number == 2 {
            assert!(lets_in(&world, &tokens[0]).await);
        }
    }
    assert!(!lets_in(&world, &tokens[1]).await, "it looked a moment ago");
    world.now("2026-11-23T10:00:09Z");
    assert!(!lets_in(&world, &tokens[1]).await);
    world.now("2026-11-23T10:00:10Z");
    assert!(lets_in(&world, &tokens[1]).await);
}

#[tokio::test]
async fn another_secret_opens_no_key_and_ends_every_token() {
    let (world, url) = shared().await;
    let before = begin(&world, "applicant").await;
    let text = world
        .service
        .keys
        .secret()
        .open(&stored(&world.service).await[0].sealed, "key_1");
    assert_eq!(text, None, "a key opens only as itself");
    let store = crate::support::database::connect(url).await;
    let other = Keys::new(Secret::new(Clock::secret()), Issuing::default());
    let service = Service::new(
        store,
        world.service.clock.clone(),
        other,
        world.service.entrance.clone(),
    );
    service.keep_signing_keys().await.unwrap();
    let header = format!("Bearer {}", before.access_token);
    assert!(
        stoa::auth::recognise(Some(&header), &service)
            .await
            .is_err()
    );
    let account = &world.people["applicant"];
    let after = service.begin_session(account).await.unwrap();
    let header = format!("Bearer {}", after.access_token);
    assert!(stoa::auth::recognise(Some(&header), &service).await.is_ok());
    assert_eq!(stored(&service).await.len(), 2);
    service.keep_signing_keys().await.unwrap();
    assert_eq!(stored(&service).await.len(), 2, "and it makes one key only");
}
