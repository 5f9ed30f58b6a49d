//! Refresh tokens: each is good once.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::operations::sessions::SessionFailed;
use stoa_domain::session::Refusal;

use super::{ask, begin, lets_in, mutate, other_process, shared, told};
use crate::support::{MONDAY, World, at};

const TOKENS: &str = "tokens { accessToken accessExpiresAt refreshToken refreshExpiresAt }";

async fn refresh(world: &World, token: &str) -> Value {
    let input = json!({ "refreshToken": token });
    mutate(world, None, "refreshSession", TOKENS, input).await
}

fn text<'a>(payload: &'a Value, name: &str) -> &'a str {
    let text = payload["tokens"][name].as_str();
    text.unwrap_or_else(|| panic!("no {name}: {payload:#}"))
}

fn over(payload: &Value) {
    assert_eq!(payload["tokens"], Value::Null);
    assert_eq!(
        payload["userErrors"],
        json!([{
            "code": "SESSION_OVER",
            "message": "This refresh token is not good any more. Sign in again.",
            "path": ["input", "refreshToken"],
        }])
    );
}

#[tokio::test]
async fn a_refresh_token_gives_the_next_pair_for_as_long_as_the_schema_says() {
    let world = World::new().await;
    let first = begin(&world, "applicant").await;
    assert_eq!(first.access_expires_at, at("2026-11-23T10:15:00Z"));
    assert_eq!(first.refresh_expires_at, Some(at("2026-12-23T10:00:00Z")));
    assert!(lets_in(&world, &first.access_token).await);
    world.now("2026-11-23T10:15:00Z");
    assert!(!lets_in(&world, &first.access_token).await);
    let second = refresh(&world, &first.refresh_token.unwrap()).await;
    assert_eq!(second["userErrors"], json!([]));
    assert_eq!(second["tokens"]["accessExpiresAt"], "2026-11-23T10:30:00Z");
    assert_eq!(second["tokens"]["refreshExpiresAt"], "2026-12-23T10:15:00Z");
    assert!(lets_in(&world, text(&second, "accessToken")).await);
    let third = refresh(&world, text(&second, "refreshToken")).await;
    assert!(lets_in(&world, text(&third, "accessToken")).await);
    assert_ne!(text(&third, "refreshToken"), text(&second, "refreshToken"));
    // Refreshing is nothing that the log tells of.
    assert_eq!(told(&world, "REFRESH_REUSED").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_refresh_token_that_comes_a_second_time_ends_the_whole_session() {
    let world = World::new().await;
    let first = begin(&world, "applicant").await;
    let elsewhere = begin(&world, "applicant").await;
    let used = first.refresh_token.unwrap();
    let second = refresh(&world, &used).await;
    assert!(lets_in(&world, text(&second, "accessToken")).await);
    over(&refresh(&world, &used).await);
    for token in [text(&second, "accessToken"), &first.access_token] {
        assert!(!lets_in(&world, token).await);
    }
    over(&refresh(&world, text(&second, "refreshToken")).await);
    over(&refresh(&world, &used).await);
    assert!(
        lets_in(&world, &elsewhere.access_token).await,
        "another session goes on"
    );
    let lines = told(&world, "REFRESH_REUSED").await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(lines[0]["mode"], "AUTOMATED");
    assert_eq!(lines[0]["version"], 0);
    let applicant = world.people["applicant"].id.to_string();
    assert_eq!(lines[0]["subjectId"], json!(applicant));
}

#[tokio::test]
async fn of_two_who_refresh_at_once_one_wins_and_the_session_ends() {
    let (world, url) = shared().await;
    let other = other_process(&world, &url).await;
    for _ in 0..5 {
        let begun = begin(&world, "specialist").await;
        let token = begun.refresh_token.unwrap();
        let (one, two) = tokio::join!(
            world.service.refresh_session(&token),
            other.refresh_session(&token)
        );
        let won: Vec<_> = [&one, &two].into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "{one:?} {two:?}");
        let lost = one.as_ref().err().or(two.as_ref().err()).unwrap();
        assert!(
            matches!(lost, SessionFailed::Refused(Refusal::Token)),
            "{lost:?}"
        );
        let next = won[0].refresh_token.clone().unwrap();
        assert!(world.service.refresh_session(&next).await.is_err());
        assert!(!lets_in(&world, &won[0].access_token).await);
    }
}

#[tokio::test]
async fn a_process_that_dies_before_it_answers_leaves_a_session_that_ends_when_the_client_tries_again()
 {
    let (world, url) = shared().await;
    let first = begin(&world, "applicant").await;
    let token = first.refresh_token.unwrap();
    // The commit was made, the answer never read.
    let dying = other_process(&world, &url).await;
    drop(dying.refresh_session(&token).await.unwrap());
    dying.store.close().await;
    over(&refresh(&world, &token).await);
    assert!(!lets_in(&world, &first.access_token).await);
    let again = begin(&world, "applicant").await;
    assert!(
        lets_in(&world, &again.access_token).await,
        "signing in again helps"
    );
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_of_silence_and_after_ninety_in_any_case() {
    let world = World::new().await;
    let begun = begin(&world, "applicant").await;
    let silent = begin(&world, "applicant").await.refresh_token.unwrap();
    let mut token = begun.refresh_token.unwrap();
    let monday = at(MONDAY);
    for day in [29, 58, 87] {
        world.service.clock.set(monday + TimeDelta::days(day));
        let next = refresh(&world, &token).await;
        token = text(&next, "refreshToken").into();
        if day > 30 {
            over(&refresh(&world, &silent).await);
        }
    }
    let last = monday + TimeDelta::days(90) - TimeDelta::minutes(1);
    world.service.clock.set(last);
    let next = refresh(&world, &token).await;
    let end = json!("2027-02-21T10:00:00Z");
    assert_eq!(
        next["tokens"]["accessExpiresAt"], end,
        "no access token outlasts its session"
    );
    assert_eq!(next["tokens"]["refreshExpiresAt"], end);
    world.service.clock.set(monday + TimeDelta::days(90));
    over(&refresh(&world, text(&next, "refreshToken")).await);
    assert!(!lets_in(&world, text(&next, "accessToken")).await);
}

#[tokio::test]
async fn what_is_no_refresh_token_gets_the_same_answer_as_one_that_is_over() {
    let world = World::new().await;
    let begun = begin(&world, "applicant").await;
    let good = begun.refresh_token.unwrap();
    let unknown = stoa_domain::opaque::Opaque::Refresh.text(&[7; 32]);
    for wrong in [
        "",
        "stoar_",
        "x",
        &begun.access_token,
        &good[..good.len() - 1],
        &good.to_uppercase(),
        &format!("{good} "),
        &unknown,
        &"y".repeat(100_000),
    ] {
        over(&refresh(&world, wrong).await);
    }
    assert!(!lets_in(&world, &good).await, "it is no access token");
    let next = refresh(&world, &good).await;
    assert_eq!(next["userErrors"], json!([]), "nothing wrong used it up");
    let closed = text(&next, "refreshToken");
    let applicant = &world.people["applicant"];
    let input =
        json!({ "accountId": applicant.id.to_string(), "expectedVersion": applicant.version });
    let admin = world.token("admin");
    let done = mutate(
        &world,
        Some(&admin),
        "disableAccount",
        "account { id }",
        input,
    )
    .await;
    assert_eq!(done["userErrors"], json!([]));
    over(&refresh(&world, closed).await);
}

#[tokio::test]
async fn sessions_long_over_are_forgotten() {
    let world = World::new().await;
    let begun = begin(&world, "applicant").await;
    let count = async || {
        let store = &world.service.store;
        let hash = stoa::secret::hash(begun.refresh_token.as_deref().unwrap());
        let view = store.view(&stoa_domain::actor::Actor::System);
        view.refresh_token(&hash).await.unwrap().is_some()
    };
    for (day, kept) in [(119, true), (121, false)] {
        world.service.clock.set(at(MONDAY) + TimeDelta::days(day));
        stoa::jobs::once(&world.service).await.unwrap();
        assert_eq!(count().await, kept, "{day}");
    }
    let (_, body) = ask(&world, None, super::VIEWER, json!({})).await;
    assert_eq!(body["data"]["viewer"], Value::Null);
}
