//! Fields that are asked for in review, and questions that ask for answers.

use serde_json::{Value, json};

use crate::support::{World, good};

/// A garden that asks for its statutes in review, and approves nobody without them.
async fn world() -> World {
    World::with(|rules| {
        rules.form["properties"]["statutes"] = json!({
            "title": "Statutes", "description": "What the group gave itself.",
            "type": "string", "minLength": 5, "x-asked": "IN_REVIEW"
        });
        let required = rules.form["required"].as_array_mut().unwrap();
        required.push(json!("statutes"));
    })
    .await
}

async fn read(world: &World, person: &str, application: &Value) -> Value {
    let query = "query($id: ID!) { application(id: $id) {
        version question askedFields evaluation { unanswered }
        availableActions { action allowed reasons { code message } } } }";
    let id = json!({ "id": application["id"] });
    world.query(person, query, id).await["application"].clone()
}

#[tokio::test]
async fn a_field_asked_for_in_review_is_needed_for_an_approval_and_not_before() {
    let world = world().await;
    let application = world.in_review().await;
    assert_eq!(application["status"], "IN_REVIEW");
    let seen = read(&world, "specialist", &application).await;
    assert_eq!(seen["evaluation"]["unanswered"], json!(["statutes"]));
    let theirs = read(&world, "applicant", &application).await;
    assert_eq!(theirs["evaluation"]["unanswered"], Value::Null);
    let approve = json!({ "input": {
        "applicationId": application["id"], "expectedVersion": application["version"]
    } });
    let query = "mutation($input: ApproveApplicationInput!) { approveApplication(input: $input) {
        application { id } userErrors { __typename code message ... on UnansweredError { fields } } } }";
    let refused = world.query("specialist", query, approve).await;
    assert_eq!(
        refused["approveApplication"],
        json!({ "application": null, "userErrors": [{
            "__typename": "UnansweredError",
            "code": "NEEDS_ANSWERS",
            "message": "An approval needs answers that are asked for in review (statutes). Ask the applicant for them first.",
            "fields": ["statutes"]
        }] })
    );
    let ask = json!({ "question": "Please send your statutes.", "fields": ["statutes"] });
    let asked = world
        .act("specialist", "askApplicant", &application, ask)
        .await;
    assert_eq!(
        read(&world, "applicant", &asked).await["askedFields"],
        json!(["statutes"])
    );
    let silent = json!({ "message": "Here they are." });
    let refused = world
        .refused("applicant", "replyToQuestion", &asked, silent)
        .await;
    assert_eq!(refused["code"], "INVALID_ANSWERS");
    assert_eq!(
        refused["problems"],
        json!([{ "field": ["statutes"], "message": "is asked for" }])
    );
    let short = json!({ "message": "Here.", "answers": { "statutes": "No." } });
    let refused = world
        .refused("applicant", "replyToQuestion", &asked, short)
        .await;
    assert_eq!(
        refused["problems"],
        json!([{ "field": ["statutes"], "message": "must have at least 5 characters" }])
    );
    let answered =
        json!({ "message": "Here.", "answers": { "statutes": "We share what we grow." } });
    let replied = world
        .act("applicant", "replyToQuestion", &asked, answered)
        .await;
    let seen = read(&world, "specialist", &replied).await;
    assert_eq!(seen["evaluation"]["unanswered"], json!([]));
    assert_eq!(seen["askedFields"], json!([]));
    let approved = world
        .act("specialist", "approveApplication", &replied, json!({}))
        .await;
    assert_eq!(approved["status"], "APPROVED");
}

#[tokio::test]
async fn a_question_names_fields_that_the_form_has() {
    let world = world().await;
    let application = world.in_review().await;
    let ask = json!({ "question": "Please.", "fields": ["statute"] });
    let refused = world
        .refused("specialist", "askApplicant", &application, ask)
        .await;
    assert_eq!(refused["code"], "INVALID_INPUT");
    assert_eq!(refused["path"], json!(["input", "fields"]));
    let application = world
        .submitted("other applicant", "Hilltop Garden", good())
        .await;
    // An answer that was given can be asked for again.
    let ask = json!({ "question": "So many seats?", "fields": ["seats"] });
    let asked = world
        .act("specialist", "askApplicant", &application, ask)
        .await;
    let reply = json!({ "message": "Forty it is." });
    let replied = world
        .act("other applicant", "replyToQuestion", &asked, reply)
        .await;
    assert_eq!(replied["status"], "IN_REVIEW");
}

#[tokio::test]
async fn the_service_does_not_approve_what_it_has_not_asked_for() {
    use stoa_domain::program::rules::Switch;
    let world = world().await;
    let mut rules = crate::support::garden();
    rules.automation.approve = Switch::On;
    world.publish(rules.clone()).await;
    let approved = world
        .submitted("applicant", "Riverside Garden", good())
        .await;
    assert_eq!(approved["status"], "APPROVED");
    rules.form["properties"]["statutes"] = json!({ "title": "Statutes", "description": "x", "type": "string", "x-asked": "IN_REVIEW" });
    rules.form["required"]
        .as_array_mut()
        .unwrap()
        .push(json!("statutes"));
    world.publish(rules).await;
    let waiting = world
        .submitted("other applicant", "Hilltop Garden", good())
        .await;
    assert_eq!(waiting["status"], "IN_REVIEW");
}
