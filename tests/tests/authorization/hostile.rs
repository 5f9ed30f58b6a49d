//! Input that was made to break something.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::input_of;
use super::scene::Scene;

/// Words of the database that no answer may contain.
const WORDS: [&str; 16] = [
    "sql",
    "postgres",
    "sea_orm",
    "seaorm",
    "select ",
    "insert into",
    "update \"",
    "delete from",
    " where ",
    " from \"",
    "syntax error",
    "constraint",
    "no such table",
    "no such column",
    "relation \"",
    "database",
];

/// Texts that mean something to a database, to a program, or to nobody. One a line, escaped as in JSON.
const TEXTS: &str = r#"
""
" "
"'"
"\""
"''"
"' OR '1'='1"
"\"; --"
"'); --"
"\\"
"\\'"
"%"
"_"
"%' ESCAPE '"
"`"
"$1"
"?1"
":a"
"\u0000"
"a\u0000b"
"\u202e"
"\ufeff"
"𝔘𝔫𝔦"
"{{ organization }}"
"null"
"0x27"
"app_"
"act_9223372036854775807"
"act_-9223372036854775808"
"act_9223372036854775808"
"app_' OR 1=1 --00000000000"
"app_\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000"
"app_8zzzzzzzzzzzzzzzzzzzzzzzzz"
"7b7d"
"zz"
"#;

fn texts() -> Vec<String> {
    let lines = TEXTS.trim().lines();
    let mut texts: Vec<String> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
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

/// Who sends which mutation, with the text `T` in its input.
const COMMANDED: &str = r#"
applicant | createApplication | { "programId": "PROGRAM", "organizationName": "T" }
applicant | createApplication | { "programId": "T", "organizationName": "A" }
integration | createApplication | { "programId": "PROGRAM", "organizationName": "A", "applicantId": "T" }
applicant | answerApplication | { "applicationId": "DRAFT", "expectedVersion": 2, "answers": { "organization": "T", "T": "T" } }
specialist | claimApplication | { "applicationId": "T", "expectedVersion": 2147483647 }
specialist | claimApplication | { "applicationId": "HELD", "expectedVersion": -2147483648 }
program manager | assignApplication | { "applicationId": "HELD", "expectedVersion": 2, "assigneeId": "T" }
specialist | declineApplication | { "applicationId": "HELD", "expectedVersion": 2, "reasons": ["T"] }
specialist | askApplicant | { "applicationId": "HELD", "expectedVersion": 2, "question": "T" }
integration | createAccount | { "kind": "APPLICANT", "name": "T", "email": "x@example.org" }
admin | createAccount | { "kind": "STAFF", "name": "X", "email": "T" }
admin | grantRole | { "accountId": "T", "expectedVersion": 1, "role": "OBSERVER" }
program manager | publishRevision | { "files": [{ "name": "program.toml", "text": "T" }] }
program manager | publishRevision | { "files": [{ "name": "T", "text": "T" }] }
"#;

/// Numbers, times and places in lists that no database keeps.
const EXTREME: [&str; 13] = [
    "{ program(key: \"a\\u{0}b\") { id } }",
    "{ applications(first: 2147483647) { nodes { id } } }",
    "{ applications(last: -2147483648) { nodes { id } } }",
    "{ applications(filter: { submittedFrom: \"+262142-12-31T23:59:59Z\" }) { totalCount } }",
    "{ applications(filter: { submittedBefore: \"-262143-01-01T00:00:00Z\" }) { totalCount } }",
    "{ applications(filter: { dueBefore: \"0000-01-01T00:00:00Z\" }) { totalCount } }",
    "{ memberships(filter: { activeOn: \"+262142-12-31\" }) { nodes { id } } }",
    "{ memberships(filter: { activeOn: \"-262143-01-01\" }) { nodes { id } } }",
    "{ kpi(input: { key: TIME_TO_APPROVE, granularity: WEEK, from: \"-262143-01-01\", to: \"-262143-01-01\" }) { values { value } } }",
    "{ kpi(input: { key: WITHIN_PROMISE, granularity: FISCAL_YEAR, from: \"+262142-12-31\", to: \"+262142-12-31\" }) { values { value } } }",
    // {"order":"newest-first","key":{"Sequence":1}}
    "{ applications(after: \"7b226f72646572223a226e65776573742d6669727374222c226b6579223a7b2253657175656e6365223a317d7d\") { nodes { id } } }",
    // {"order":"oldest","key":{"Sequence":1}}
    "{ accounts(after: \"7b226f72646572223a226f6c64657374222c226b6579223a7b2253657175656e6365223a317d7d\") { nodes { id } } }",
    // {"order":"newest","key":{"Id":"00000000-0000-7000-8000-000000000001"}}
    "{ activities(after: \"7b226f72646572223a226e6577657374222c226b6579223a7b224964223a2230303030303030302d303030302d373030302d383030302d303030303030303030303031227d7d\") { nodes { id } } }",
];

#[tokio::test]
async fn no_answer_names_a_table_or_a_statement() {
    let scene = Scene::new().await;
    for text in texts() {
        for document in ASKED {
            let body = json!({ "query": document, "variables": { "t": text } });
            answer(&scene, "operations manager", &body).await;
        }
        for line in COMMANDED.trim().lines() {
            let mut parts = line.split('|').map(str::trim);
            let mut part = || parts.next().unwrap_or_else(|| panic!("{line}"));
            let (person, mutation) = (part(), part());
            let input = part()
                .replace("PROGRAM", scene.id("program"))
                .replace("DRAFT", scene.id("draft"))
                .replace("HELD", scene.id("held"))
                .replace("\"T\"", &json!(text).to_string());
            let input: Value = serde_json::from_str(&input).unwrap();
            let kind = input_of(mutation);
            let query = format!(
                "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code message path }} }} }}"
            );
            let body = json!({ "query": query, "variables": { "input": input } });
            answer(&scene, person, &body).await;
        }
    }
}

#[tokio::test]
async fn what_no_database_keeps_is_no_fault_of_the_service() {
    let scene = Scene::new().await;
    let zeros = ["\0", "a\0b"].map(|text| json!({ "t": text }));
    let texts = zeros
        .iter()
        .flat_map(|t| ASKED.map(|query| json!({ "query": query, "variables": t })));
    let mut faults = Vec::new();
    for body in texts.chain(EXTREME.map(|query| json!({ "query": query }))) {
        let (status, answer) = answer(&scene, "operations manager", &body).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        if status.is_server_error() || code == "INTERNAL_SERVER_ERROR" {
            faults.push(body.to_string());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The answer, in which nothing is of the database.
async fn answer(scene: &Scene, person: &str, body: &Value) -> (StatusCode, Value) {
    let (status, answer) = scene.world.post(person, body).await;
    let told = answer.to_string().to_lowercase();
    for word in WORDS {
        let body: String = body.to_string().chars().take(300).collect();
        assert!(!told.contains(word), "{word:?} to {person}: {told}\n{body}");
    }
    (status, answer)
}
