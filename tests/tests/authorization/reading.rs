//! Root fields of `Query` and `Subscription`.

use std::time::Duration;

use async_graphql::connection::CursorType;
use axum::body::Body;
use axum::http::{Request, header};
use futures_util::future::join_all;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use stoa::graphql::connection::Opaque;
use stoa_persistence::Place;
use tower::ServiceExt;

use super::scene::Scene;
use super::{DONE, PEOPLE, Row, cell};
use crate::support::{feeding, settled};

/// How long a stream may say nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Field, case, and a document that asks for it.
const QUERIES: [(&str, &str, &str); 27] = [
    ("accounts", "others than oneself", "{ accounts(first: 100) { nodes { id } } }"),
    ("activities", "of the program", "query($program: ID!) { activities(programId: $program) { nodes { id } } }"),
    ("activities", "of a draft", "query($draft: ID!) { activities(applicationId: $draft) { nodes { id } } }"),
    ("activities", "of none: accounts and roles", "{ activities(last: 5) { nodes { id verb } } }"),
    ("application", "handed in", "query($held: ID!) { application(id: $held) { id } }"),
    ("application", "a draft", "query($draft: ID!) { application(id: $draft) { id } }"),
    ("application", "a draft that the integration brought in", "query($brought: ID!) { application(id: $brought) { id } }"),
    (
        "applications",
        "handed in",
        "{ applications(filter: { statuses: [IN_REVIEW, ON_HOLD, AWAITING_APPROVAL, APPROVED] }) { totalCount nodes { id } } }",
    ),
    ("applications", "drafts", "{ applications(filter: { statuses: [DRAFT] }) { totalCount nodes { id } } }"),
    (
        "kpi",
        "of the program",
        "query($program: ID!) { kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\",
            to: \"2026-11-01\", programId: $program }) { values { value } } }",
    ),
    (
        "kpi",
        "of all programs that the viewer reads",
        "{ kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\", to: \"2026-11-01\" }) { values { value } } }",
    ),
    ("kpiDefinitions", "", "{ kpiDefinitions { key } }"),
    ("membership", "", "query($membership: ID!) { membership(id: $membership) { id } }"),
    ("memberships", "", "{ memberships { nodes { id } } }"),
    ("node", "an application", "query($held: ID!) { node(id: $held) { id } }"),
    ("node", "a program", "query($program: ID!) { node(id: $program) { id } }"),
    ("nodes", "an application", "query($held: ID!) { nodes(ids: [$held]) { id } }"),
    ("organization", "an applying one", "query($organization: ID!) { organization(id: $organization) { id } }"),
    ("organization", "a member", "query($member: ID!) { organization(id: $member) { id } }"),
    ("organizations", "applying ones", "{ organizations(search: \"riverside\") { nodes { id } } }"),
    ("organizations", "members", "{ organizations(search: \"lakeside\") { nodes { id } } }"),
    ("organizations", "with nothing but a draft", "{ organizations(search: \"hidden\") { nodes { id } } }"),
    ("program", "", "{ program(key: \"garden\") { id } }"),
    ("programs", "", "{ programs { id } }"),
    (
        "simulateRevision",
        "of the program",
        "query($program: ID!, $files: [ProgramFile!]!) { simulateRevision(input: { programId: $program, files: $files }) {
            replayed userErrors { code } } }",
    ),
    (
        "simulateRevision",
        "files with mistakes",
        "query($program: ID!) { simulateRevision(input: { programId: $program, files: [] }) { replayed userErrors { code } } }",
    ),
    ("viewer", "", "{ viewer { id } }"),
];

/// What everybody got.
pub async fn rows(scene: &Scene) -> Vec<Row> {
    let mut rows = Vec::new();
    for (field, case, document) in QUERIES {
        let mut cells = Vec::new();
        for (_, person) in PEOPLE {
            let mut answer = scene.send(person, document).await;
            narrow(scene, person, case, &mut answer);
            cells.push(cell(&answer));
        }
        rows.push(Row {
            field: format!("Query.{field}"),
            case,
            cells,
        });
    }
    rows
}

/// Field and document of each subscription. `$after` is the beginning of the log.
const STREAMS: [(&str, &str); 3] = [
    (
        "activityAdded",
        "subscription($id: ID!, $after: String) { it: activityAdded(applicationId: $id, after: $after) {
            activity { application { id } subjectId } } }",
    ),
    (
        "applicationChanged",
        "subscription($id: ID!) { it: applicationChanged(applicationId: $id) { application { id } } }",
    ),
    (
        "applicationsChanged",
        "subscription($after: String) { it: applicationsChanged(after: $after) { application { id } } }",
    ),
];

/// What everybody is told of an application when they follow it, or everything from the beginning.
pub async fn streams(scene: &Scene) -> Vec<Row> {
    let _feed = feeding(&scene.world.service.store).await;
    settled(&scene.world.service.store).await;
    let follow = |(field, document), case, id| async move {
        Row {
            field: format!("Subscription.{field}"),
            case,
            cells: join_all(PEOPLE.map(|(_, person)| told_of(scene, person, document, id))).await,
        }
    };
    join_all(STREAMS.into_iter().flat_map(|stream| {
        [
            follow(stream, "handed in", "held"),
            follow(stream, "a draft", "draft"),
        ]
    }))
    .await
}

/// Lists that hold more than the case is about.
fn narrow(scene: &Scene, person: &str, case: &str, answer: &mut Value) {
    let own = scene
        .world
        .people
        .get(person)
        .map(|account| account.id.to_string());
    let keep = |node: &Value| match case {
        "others than oneself" => node["id"].as_str() != own.as_deref(),
        "of none: accounts and roles" => {
            node["verb"] == "ACCOUNT_CREATED" || node["verb"] == "ROLE_GRANTED"
        }
        _ => true,
    };
    let roots = answer["data"].as_object_mut().into_iter();
    for root in roots.flat_map(serde_json::Map::values_mut) {
        if let Some(nodes) = root.get_mut("nodes").and_then(Value::as_array_mut) {
            nodes.retain(keep);
        }
    }
}

/// What a stream says of an application to this person, or first if it ends.
async fn told_of(scene: &Scene, person: &str, document: &str, id: &str) -> String {
    let after = Opaque::unbound(Place::default().cursor()).encode_cursor();
    let body = json!({
        "query": document,
        "variables": { "id": scene.ids[id], "after": after },
    });
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream");
    if !person.is_empty() {
        let token = format!("Bearer {}", scene.world.token(person));
        request = request.header(header::AUTHORIZATION, token);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let mut stream = scene
        .world
        .router
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .into_body();
    let read = async {
        let mut told = String::new();
        // Others may come before it.
        while !told.contains(scene.id(id)) && !told.contains("event: complete") {
            let frame = stream
                .frame()
                .await
                .expect("a stream ends with `complete`")
                .unwrap();
            told.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
        told
    };
    match tokio::time::timeout(PATIENCE, read).await {
        Err(_) => "silent".into(),
        Ok(told) if told.contains("event: complete") && !told.contains("event: next") => {
            "null".into()
        }
        Ok(told) => {
            let mut data = told.lines().filter_map(|line| line.strip_prefix("data: "));
            let named = data.clone().find(|data| data.contains(scene.id(id)));
            let data = named.or_else(|| data.next()).unwrap();
            let cell = cell(&serde_json::from_str(data).unwrap());
            assert!(cell != DONE || data.contains(scene.id(id)), "{data}");
            cell
        }
    }
}
