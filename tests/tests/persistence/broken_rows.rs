//! A row that says what no value can: the store names it, the log has it, and no answer tells of it.

use axum::http::StatusCode;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_persistence::page::Page;
use stoa_persistence::{ApplicationFilter, ApplicationOrder, Beside, StoreError};

use crate::support::rows::Rows;
use crate::support::{MONDAY, at, database};

/// What an answer never says.
const INSIDE: [&str; 9] = [
    "corrupt",
    "detail",
    "column",
    "expected",
    "row",
    "json",
    "EOF",
    "select",
    "evaluations",
];

/// Fails the test unless the answer is an error of the service that says nothing of the inside.
fn is_our_fault(answer: &Value, path: &Value) {
    let error = &answer["errors"][0];
    let told = &error["extensions"];
    let request = told["requestId"].as_str().unwrap();
    let expected = json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": request });
    assert_eq!(told, &expected, "{answer:#}");
    assert_eq!(&error["path"], path);
    let message = error["message"].as_str().unwrap().to_lowercase();
    for inside in INSIDE {
        assert!(!message.contains(inside), "{inside}: {message}");
    }
}

fn corrupt<T: std::fmt::Debug>(found: Result<T, StoreError>, name: &'static str) {
    match found {
        Err(StoreError::Corrupt { table, .. }) => assert_eq!(table, name),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn a_corrupt_row_fails_its_field_and_tells_nothing() {
    let url = database::shared_url().await;
    let store = database::connect(url.clone()).await;
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let world = &rows.world;
    let it = rows.in_review("Riverside Garden", at(MONDAY)).await;
    let whole = rows.in_review("Hilltop Garden", at(MONDAY)).await;
    rows.store()
        .commit(rows.approval(&it, None, at(MONDAY)))
        .await
        .unwrap();
    rows.store().commit((it.id, Rows::answers())).await.unwrap();

    let raw = Database::connect(url.as_str()).await.unwrap();
    for broken in [
        "UPDATE answers SET body = '{\"values\":'",
        "UPDATE evaluations SET body = '[]'",
        "UPDATE memberships SET terms = ''",
        "UPDATE activities SET details = '{' WHERE verb = 'MEMBERSHIP_STARTED'",
        "UPDATE activities SET verb = 'DANCED' WHERE verb = 'EVALUATED'",
        "UPDATE accounts SET grants = '[{\"role\":\"KING\"}]' WHERE name = 'observer'",
        "UPDATE revisions SET rules = '{}' WHERE number = 1",
    ] {
        let done = raw.execute_unprepared(broken).await.unwrap();
        assert!(done.rows_affected() > 0, "{broken}");
    }

    let (view, page) = (rows.store().view(&Actor::System), Page::first(10));
    corrupt(view.answers(it.id).await, "answers");
    corrupt(view.evaluations(it.id, &page).await, "evaluations");
    corrupt(
        view.memberships(None, None, None, &page, Beside::default())
            .await,
        "memberships",
    );
    corrupt(view.activities(None, None, true, &page).await, "activities");
    corrupt(view.accounts(&page).await, "accounts");
    corrupt(view.revisions(it.program).await, "revisions");

    // What a row of a page points at is read with it, and fails alone as well.
    let broken = "UPDATE accounts SET grants = '{' WHERE name = 'applicant'";
    raw.execute_unprepared(broken).await.unwrap();
    let people = "{ applications(first: 1) { nodes { status question applicant { name } } } }";
    let answer = world.send("specialist", people, json!({})).await;
    let place = json!(["applications", "nodes", 0, "applicant"]);
    is_our_fault(&answer, &place);
    let row = &answer["data"]["applications"]["nodes"][0];
    assert_eq!(
        *row,
        json!({ "status": "IN_REVIEW", "question": null, "applicant": null })
    );

    // The application itself is sound: what is beside the broken field still comes.
    let field = "query($id: ID!) { application(id: $id) { status answers } }";
    let answer = world
        .send("specialist", field, json!({ "id": it.id }))
        .await;
    is_our_fault(&answer, &json!(["application", "answers"]));
    assert_eq!(
        answer["data"]["application"],
        json!({ "status": "APPROVED", "answers": null })
    );
    for (part, person) in [
        ("memberships { nodes { terms { startsOn } } }", "specialist"),
        ("activities { nodes { verb } }", "specialist"),
        ("accounts { nodes { id } }", "admin"),
    ] {
        let answer = world
            .send(person, &format!("{{ {part} }}"), json!({}))
            .await;
        let root = part.split(' ').next().unwrap();
        is_our_fault(&answer, &json!([root]));
        assert_eq!(answer["data"], json!({ root: null }));
    }

    // What is sound of a broken row still comes.
    let sound = "{ memberships { nodes { version } } activities(first: 1) { nodes { at } } }";
    let answer = world.query("specialist", sound, json!({})).await;
    assert_eq!(answer["memberships"]["nodes"][0]["version"], 1);

    // Who asks cannot be told: nothing is answered.
    let (status, body) = world
        .post("observer", &json!({ "query": "{ viewer { id } }" }))
        .await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    is_our_fault(&body, &Value::Null);

    let broken = format!(
        "UPDATE applications SET detail = '{{' WHERE status = '{}'",
        "APPROVED"
    );
    raw.execute_unprepared(&broken).await.unwrap();
    corrupt(view.application(it.id).await, "applications");
    let (all, order) = (ApplicationFilter::default(), ApplicationOrder::NewestFirst);
    corrupt(view.applications(&all, order, &page).await, "applications");
    let field = "query($id: ID!) { application(id: $id) { status question } }";
    let answer = world
        .send("specialist", field, json!({ "id": it.id }))
        .await;
    is_our_fault(&answer, &json!(["application"]));
    let payload = json!({ "applicationId": it.id, "expectedVersion": it.version });
    let mutation = "mutation($input: ApplicationCommandInput!) { claimApplication(input: $input) { userErrors { code } } }";
    let answer = world
        .send("specialist", mutation, json!({ "input": payload }))
        .await;
    is_our_fault(&answer, &json!(["claimApplication"]));
    // Its neighbour is not harmed.
    let answer = world
        .query("specialist", field, json!({ "id": whole.id }))
        .await;
    assert_eq!(answer["application"]["status"], "IN_REVIEW");
}
