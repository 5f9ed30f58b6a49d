//! Input that was made to break something.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::scene::{Scene, files};

/// Words of the database that no answer may contain.
const WORDS: [&str; 16] = [
    "sql", "postgres", "sea_orm", "seaorm", "select ", "insert into", "update \"", "delete from", " where ", " from \"",
    "syntax error", "constraint", "no such table", "no such column", "relation \"", "database",
];

/// Texts that mean something to a database, to a program, or to nobody.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "", " ", "'", "\"", "''", "' OR '1'='1", "\"; --", "'); --", "\\", "\\'", "%", "_", "%' ESCAPE '", "`", "$1", "?1", ":a",
        "\0", "a\0b", "\u{202e}", "\u{feff}", "𝔘𝔫𝔦", "{{ organization }}", "null", "0x27", "app_", "_", "act_9223372036854775807",
        "act_-9223372036854775808", "act_9223372036854775808", "app_' OR 1=1 --00000000000", "app_\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "app_8zzzzzzzzzzzzzzzzzzzzzzzzz", "7b7d", "zz",
    ]
    .map(String::from)
    .into();
    texts.push("a".repeat(199) + "é");
    texts.push("'".repeat(100_000));
    texts
}

/// Documents that take a text where an id, a search or a name is meant.
const ASKED: [&str; 10] = [
    "query($t: ID!) { node(id: $t) { id } nodes(ids: [$t, $t]) { id } }",
    "query($t: ID!) { application(id: $t) { id } membership(id: $t) { id } organization(id: $t) { id } program(id: $t) { id } }",
    "query($t: String!) { program(key: $t) { id } }",
    "query($t: String!) { applications(filter: { search: $t }) { totalCount nodes { id } } }",
    "query($t: String!) { applications(filter: { externalId: $t }) { totalCount nodes { id } } }",
    "query($t: String!) { organizations(search: $t) { nodes { id } } }",
    "query($t: ID!) { applications(filter: { programId: $t, assigneeId: $t, organizationId: $t }) { totalCount } }",
    "query($t: ID!) { activities(programId: $t, applicationId: $t) { nodes { id } } }",
    "query($t: String!) { applications(after: $t) { nodes { id } } }",
    "query($t: String!) { accounts(before: $t) { nodes { id } } }",
];

/// Inputs of mutations that take a text.
fn commanded(scene: &Scene, text: &str) -> Vec<(&'static str, &'static str, Value)> {
    let held = &scene.ids["held"];
    let draft = &scene.ids["draft"];
    let program = &scene.ids["program"];
    let at = |id: &Value, further: Value| {
        let mut input = json!({ "applicationId": id, "expectedVersion": 2 });
        input.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        input
    };
    let mut files = files("");
    files[0]["text"] = json!(format!("key = {text:?}\n"));
    vec![
        ("createApplication", "CreateApplicationInput", json!({ "programId": program, "organizationName": text })),
        ("createApplication", "CreateApplicationInput", json!({ "programId": text, "organizationName": "A" })),
        ("createApplication", "CreateApplicationInput", json!({ "programId": program, "organizationName": "A", "externalId": text })),
        ("createApplication", "CreateApplicationInput", json!({ "programId": program, "organizationName": "A", "applicantId": text })),
        ("answerApplication", "AnswerApplicationInput", at(draft, json!({ "answers": { "organization": text, text: text } }))),
        ("claimApplication", "ApplicationCommandInput", json!({ "applicationId": text, "expectedVersion": i32::MAX })),
        ("claimApplication", "ApplicationCommandInput", json!({ "applicationId": held, "expectedVersion": i32::MIN })),
        ("assignApplication", "AssignApplicationInput", at(held, json!({ "assigneeId": text }))),
        ("declineApplication", "DeclineApplicationInput", at(held, json!({ "reasons": [text] }))),
        ("askApplicant", "AskApplicantInput", at(held, json!({ "question": text }))),
        ("createAccount", "CreateAccountInput", json!({ "kind": "APPLICANT", "name": text, "email": "x@example.org" })),
        ("createAccount", "CreateAccountInput", json!({ "kind": "STAFF", "name": "X", "email": format!("{text}@example.org") })),
        ("grantRole", "RoleInput", json!({ "accountId": text, "expectedVersion": 1, "role": "OBSERVER", "programId": null })),
        ("publishRevision", "PublishRevisionInput", json!({ "files": files })),
        ("publishRevision", "PublishRevisionInput", json!({ "files": [{ "name": text, "text": text }] })),
    ]
}

/// Numbers, times and places in lists that no database keeps.
const EXTREME: [&str; 12] = [
    "{ applications(first: 2147483647) { nodes { id } } }",
    "{ applications(last: -2147483648) { nodes { id } } }",
    "{ applications(filter: { submittedFrom: \"+262142-12-31T23:59:59Z\" }) { totalCount } }",
    "{ applications(filter: { submittedBefore: \"-262143-01-01T00:00:00Z\" }) { totalCount } }",
    "{ applications(filter: { dueBefore: \"0000-01-01T00:00:00Z\" }) { totalCount } }",
    "{ memberships(filter: { activeOn: \"+262142-12-31\" }) { nodes { id } } }",
    "{ memberships(filter: { activeOn: \"-262143-01-01\" }) { nodes { id } } }",
    "{ kpi(input: { key: TIME_TO_APPROVE, granularity: WEEK, from: \"-262143-01-01\", to: \"-262143-01-01\" }) { values { value } } }",
    "{ kpi(input: { key: WITHIN_PROMISE, granularity: FISCAL_YEAR, from: \"+262142-12-31\", to: \"+262142-12-31\" }) { values { value } } }",
    // {\"order\":\"newest-first\",\"key\":{\"Sequence\":1}}
    "{ applications(after: \"7b226f72646572223a226e65776573742d6669727374222c226b6579223a7b2253657175656e6365223a317d7d\") { nodes { id } } }",
    // {\"order\":\"oldest\",\"key\":{\"Sequence\":1}}
    "{ accounts(after: \"7b226f72646572223a226f6c64657374222c226b6579223a7b2253657175656e6365223a317d7d\") { nodes { id } } }",
    // {\"order\":\"newest\",\"key\":{\"Id\":\"00000000-0000-7000-8000-000000000001\"}}
    "{ activities(after: \"7b226f72646572223a226e6577657374222c226b6579223a7b224964223a2230303030303030302d303030302d373030302d383030302d303030303030303030303031227d7d\") { nodes { id } } }",
];

#[tokio::test]
async fn no_answer_names_a_table_or_a_statement() {
    let scene = Scene::new().await;
    let mut faults = Vec::new();
    for text in texts() {
        for document in ASKED {
            for person in ["applicant", "operations manager"] {
                let body = json!({ "query": document, "variables": { "t": text } });
                check(&scene, person, &body, &mut faults).await;
            }
        }
        for (mutation, kind, input) in commanded(&scene, &text) {
            let query = format!(
                "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code message path }} }} }}"
            );
            for person in ["applicant", "program manager", "admin"] {
                let body = json!({ "query": query, "variables": { "input": input } });
                check(&scene, person, &body, &mut faults).await;
            }
        }
    }
    for document in EXTREME {
        let body = json!({ "query": document });
        check(&scene, "operations manager", &body, &mut faults).await;
    }
    assert!(faults.is_empty(), "{} faults of the service:\n{}", faults.len(), faults.join("\n"));
}

/// Nothing of the database is in the answer, and it is no fault of ours.
async fn check(scene: &Scene, person: &str, body: &Value, faults: &mut Vec<String>) {
    let (status, answer) = scene.world.post(person, body).await;
    let told = answer.to_string().to_lowercase();
    for word in WORDS {
        assert!(!told.contains(word), "{word:?} in the answer to {person}: {answer:#}\n{body:.300}");
    }
    let fault = status == StatusCode::INTERNAL_SERVER_ERROR || told.contains("internal_server_error");
    if fault {
        let body: String = body.to_string().chars().take(300).collect();
        faults.push(format!("{person}: {body}"));
    }
}
