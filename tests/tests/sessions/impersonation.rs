//! Acting in another's name: possible for administrators, visible, and written down.

use serde_json::{Value, json};

use super::{ask, begin, lets_in, mutate, told};
use crate::support::World;

const SESSION: &str = "session { id impersonated reason impersonator { name } expiresAt }
    tokens { accessToken accessExpiresAt refreshToken }";

async fn impersonate(world: &World, by: &str, of: &str, reason: &str) -> Value {
    let input = json!({ "accountId": world.people[of].id.to_string(), "reason": reason });
    mutate(world, Some(&world.token(by)), "impersonate", SESSION, input).await
}

fn token(payload: &Value) -> String {
    let token = payload["tokens"]["accessToken"].as_str();
    token.unwrap_or_else(|| panic!("{payload:#}")).into()
}

#[tokio::test]
async fn an_administrator_acts_in_a_persons_name_and_every_line_says_who_really_did() {
    let world = World::new().await;
    let application = world.in_review().await;
    let begun = impersonate(&world, "admin", "specialist", "They see an empty queue.").await;
    assert_eq!(begun["userErrors"], json!([]));
    assert_eq!(begun["tokens"]["refreshToken"], Value::Null);
    assert_eq!(begun["tokens"]["accessExpiresAt"], "2026-11-23T10:15:00Z");
    assert_eq!(begun["session"]["impersonator"]["name"], "admin");
    let acting = token(&begun);
    let (_, body) = ask(&world, Some(&acting), super::VIEWER, json!({})).await;
    assert_eq!(body["data"]["viewer"]["name"], "specialist");
    let document = "mutation($input: ApplicationCommandInput!) { claimApplication(input: $input) {
        application { assignee { name } } userErrors { code } } }";
    let input = crate::support::input(&application, json!({}));
    let (_, body) = ask(&world, Some(&acting), document, json!({ "input": input })).await;
    assert_eq!(
        body["data"]["claimApplication"]["application"]["assignee"]["name"],
        "specialist"
    );
    let claimed = &told(&world, "CLAIMED").await[0];
    assert_eq!(claimed["account"]["name"], "specialist");
    assert_eq!(claimed["impersonated"], true);
    assert_eq!(claimed["impersonator"]["name"], "admin");
    let begun = &told(&world, "IMPERSONATED").await[0];
    assert_eq!(begun["account"]["name"], "admin");
    assert_eq!(begun["impersonated"], false);
    let specialist = world.people["specialist"].id.to_string();
    assert_eq!(begun["subjectId"], json!(specialist));
    let submitted = &told(&world, "SUBMITTED").await[0];
    assert_eq!(submitted["impersonated"], false);
    assert_eq!(submitted["impersonator"], Value::Null);
}

#[tokio::test]
async fn the_person_sees_that_somebody_acts_in_their_name_and_can_end_it() {
    let world = World::new().await;
    let begun = impersonate(&world, "admin", "applicant", "A form does not load.").await;
    let acting = token(&begun);
    let query = "{ viewer { sessions { id isCurrent impersonated reason endedAt } } }";
    let mine = |data: Value| {
        let all = data["viewer"]["sessions"].as_array().unwrap().clone();
        all.into_iter()
            .find(|it| it["impersonated"] == true)
            .unwrap()
    };
    let seen = mine(world.query("applicant", query, json!({})).await);
    assert_eq!(seen["reason"], "A form does not load.");
    assert_eq!(seen["endedAt"], Value::Null);
    let applicant = world.token("applicant");
    let input = json!({ "sessionId": seen["id"] });
    let done = mutate(&world, Some(&applicant), "signOut", "session { id }", input).await;
    assert_eq!(done["userErrors"], json!([]));
    assert!(!lets_in(&world, &acting).await);
    // What is over stays to be seen.
    let seen = mine(world.query("applicant", query, json!({})).await);
    assert_eq!(seen["endedAt"], "2026-11-23T10:00:00Z");
}

#[tokio::test]
async fn whoever_acts_in_anothers_name_ends_only_that_and_keeps_no_accounts() {
    let world = World::new().await;
    let begun = begin(&world, "operations manager").await;
    let acting =
        token(&impersonate(&world, "admin", "operations manager", "A report fails.").await);
    let all = "mutation { signOutEverywhere { account { id } userErrors { code } } }";
    let (_, body) = ask(&world, Some(&acting), all, json!({})).await;
    assert_eq!(
        body["data"]["signOutEverywhere"]["userErrors"][0]["code"],
        "NOT_PERMITTED"
    );
    let role = json!({
        "accountId": world.people["observer"].id.to_string(),
        "expectedVersion": world.people["observer"].version,
        "role": "SPECIALIST",
    });
    let grant = "mutation($input: RoleInput!) { grantRole(input: $input) { userErrors { code } } }";
    let (_, body) = ask(&world, Some(&acting), grant, json!({ "input": role })).await;
    // Accounts are seen by those who keep them.
    assert_eq!(
        body["data"]["grantRole"]["userErrors"][0]["code"],
        "NOT_PERMITTED"
    );
    let refused =
        json!({ "accountId": world.people["applicant"].id.to_string(), "reason": "Further." });
    let refused = mutate(
        &world,
        Some(&acting),
        "impersonate",
        "session { id }",
        refused,
    )
    .await;
    assert_ne!(refused["userErrors"], json!([]));
    let own = mutate(
        &world,
        Some(&acting),
        "signOut",
        "session { impersonated }",
        json!({}),
    )
    .await;
    assert_eq!(own["session"]["impersonated"], true);
    assert!(!lets_in(&world, &acting).await);
    assert!(lets_in(&world, &begun.access_token).await);
    let line = &told(&world, "SIGNED_OUT").await[0];
    assert_eq!(line["impersonator"]["name"], "admin");
}

#[tokio::test]
async fn nobody_acts_in_the_name_of_an_administrator_a_system_or_somebody_closed() {
    let mut world = World::new().await;
    let (staff, admin) = (
        stoa_domain::account::Kind::Staff,
        stoa_domain::actor::Role::Admin,
    );
    world.person("other admin", staff, &[admin], false).await;
    for (by, of, code) in [
        ("admin", "admin", "NOT_PERMITTED"),
        ("admin", "other admin", "NOT_PERMITTED"),
        ("admin", "integration", "NOT_PERMITTED"),
        ("operations manager", "applicant", "NOT_PERMITTED"),
        ("specialist", "applicant", "NOT_FOUND"),
        ("applicant", "other applicant", "NOT_FOUND"),
        ("integration", "applicant", "NOT_FOUND"),
    ] {
        let refused = impersonate(&world, by, of, "A reason.").await;
        assert_eq!(refused["userErrors"][0]["code"], code, "{by} as {of}");
        assert_eq!(refused["tokens"], Value::Null);
    }
    for reason in ["", "  ", &"x".repeat(201)] {
        let refused = impersonate(&world, "admin", "applicant", reason).await;
        assert_eq!(refused["userErrors"][0]["path"], json!(["input", "reason"]));
    }
    assert_eq!(told(&world, "IMPERSONATED").await, Vec::<Value>::new());
}

#[tokio::test]
async fn acting_in_anothers_name_ends_with_the_right_to_do_so() {
    let mut world = World::new().await;
    let (staff, admin) = (
        stoa_domain::account::Kind::Staff,
        stoa_domain::actor::Role::Admin,
    );
    world.person("other admin", staff, &[admin], false).await;
    let acting = token(&impersonate(&world, "admin", "applicant", "A form does not load.").await);
    assert!(lets_in(&world, &acting).await);
    let account = &world.people["admin"];
    let role = json!({
        "accountId": account.id.to_string(),
        "expectedVersion": account.version,
        "role": "ADMIN",
    });
    let revoke =
        "mutation($input: RoleInput!) { revokeRole(input: $input) { userErrors { code } } }";
    let done = world
        .query("other admin", revoke, json!({ "input": role }))
        .await;
    assert_eq!(done["revokeRole"]["userErrors"], json!([]));
    assert!(!lets_in(&world, &acting).await);
}
