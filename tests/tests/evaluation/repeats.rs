//! Whether the same organisation applied before.

use serde_json::{Value, json};

use super::{answers, everything_on, finding, latest};
use crate::support::{World, good};

#[tokio::test]
async fn a_repeated_application_is_found_by_name_domain_or_repository() {
    let known = json!({
        "email": "ada@green-fingers.org",
        "organization": "Green Fingers",
        "repository": "https://github.com/green-fingers/plans"
    });
    let another = json!({
        "email": "bob@blue-thumbs.org",
        "organization": "Blue Thumbs",
        "repository": "https://github.com/blue-thumbs/plans"
    });
    let says = |name: u32, domain: u32, repository: u32| {
        format!(
            "other applications to this program: {name} with the same name, {domain} with the same domain, {repository} with the same repository"
        )
    };
    for (field, value, before, evidence) in [
        ("organization", "Blue Thumbs", 0, says(0, 0, 0)),
        ("organization", "  GREEN—fingers ", 1, says(1, 0, 0)),
        ("email", "carol@members.Green-Fingers.org", 1, says(0, 1, 0)),
        (
            "repository",
            "http://GitHub.com/Green-Fingers/Plans.git",
            1,
            says(0, 0, 1),
        ),
        (
            "repository",
            "https://github.com/green-fingers/other-plans",
            0,
            says(0, 0, 0),
        ),
    ] {
        let world = World::with(everything_on).await;
        world
            .submitted("applicant", "Green Fingers", answers(&known))
            .await;
        let mut repeated = another.clone();
        repeated[field] = json!(value);
        let name = repeated["organization"].as_str().unwrap().to_owned();
        let application = world
            .submitted("other applicant", &name, answers(&repeated))
            .await;
        let found = finding(&world, &application, "first-application").await;
        let fact = json!({ "name": "applied_before", "value": before, "source": "HISTORY", "evidence": evidence });
        assert_eq!(found["facts"], json!([fact]), "{field} {value}");
        let status = if before == 0 { "APPROVED" } else { "IN_REVIEW" };
        assert_eq!(
            application["status"], status,
            "{field} {value}: people look at repeats"
        );
    }
}

#[tokio::test]
async fn what_many_share_makes_nobody_the_same_organisation() {
    let world = World::with(everything_on).await;
    for (name, email) in [
        ("Green Fingers", "green@gmail.com"),
        ("Blue Thumbs", "blue@gmail.com"),
        ("Red Beets", "red@gmail.com"),
    ] {
        let word = name.to_lowercase().replace(' ', "-");
        let repository = format!("https://gitlab.com/{word}/plans");
        let given = json!({ "email": email, "organization": name, "repository": repository });
        let application = world.submitted("applicant", name, answers(&given)).await;
        assert_eq!(application["status"], "APPROVED", "{name}");
    }
    let orchard = world.program("orchard").await.to_string();
    let begin = json!({ "programId": orchard, "organizationName": "Green Fingers" });
    let draft = world.done("applicant", "createApplication", begin).await;
    let given = json!({ "answers": answers(&json!({ "email": "green@gmail.com", "organization": "Green Fingers" })) });
    let draft = world
        .act("applicant", "answerApplication", &draft, given)
        .await;
    let elsewhere = world
        .act("applicant", "submitApplication", &draft, json!({}))
        .await;
    let told = latest(&world, "specialist elsewhere", &elsewhere).await;
    let last = told["evaluation"]["findings"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        last["facts"][0]["value"], 0,
        "applications to another program do not count"
    );
}

#[tokio::test]
async fn a_draft_that_was_never_handed_in_is_no_earlier_application() {
    let world = World::with(everything_on).await;
    world.draft("applicant", "Riverside Garden", good()).await;
    let application = world
        .submitted("other applicant", "Riverside Garden", good())
        .await;
    assert_eq!(application["status"], "APPROVED");
}

#[tokio::test]
async fn what_came_later_does_not_make_the_first_one_a_repeat() {
    let world = World::new().await;
    let first = world
        .submitted("applicant", "Riverside Garden", good())
        .await;
    world.now("2026-11-23T11:00:00Z");
    let second = world
        .submitted("other applicant", "Riverside Garden", good())
        .await;
    for (application, before) in [(&first, 0), (&second, 1)] {
        world
            .act("specialist", "evaluateApplication", application, json!({}))
            .await;
        let found = finding(&world, application, "first-application").await;
        assert_eq!(found["facts"][0]["value"], before);
    }
    let theirs = latest(&world, "applicant", &second).await;
    assert_eq!(
        theirs,
        Value::Null,
        "another applicant's application does not exist"
    );
}
