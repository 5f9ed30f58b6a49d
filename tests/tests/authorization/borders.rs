//! What lies beyond a border does not exist.

use serde_json::{Value, json};

use super::scene::Scene;
use super::{PEOPLE, text};
use crate::support::good;

/// Everything by which one could come upon an application and what belongs to it.
const WAYS: [&str; 12] = [
    "query($held: ID!) { application(id: $held) { id status } node(id: $held) { id } nodes(ids: [$held]) { id } }",
    "query($evaluation: ID!, $public: ID!, $internal: ID!) {
       a: node(id: $evaluation) { id } b: node(id: $public) { id } c: node(id: $internal) { id } }",
    "query($membership: ID!) { membership(id: $membership) { id } node(id: $membership) { id } }",
    "query($organization: ID!, $member: ID!) {
       a: organization(id: $organization) { id } b: organization(id: $member) { id } node(id: $member) { id } }",
    "query($applicant: ID!) { node(id: $applicant) { id } }",
    "query($program: ID!, $organization: ID!, $colleague: ID!) {
       a: applications(filter: { programId: $program }) { totalCount nodes { id } }
       b: applications(filter: { organizationId: $organization }) { totalCount nodes { id } }
       c: applications(filter: { assigneeId: $colleague }) { totalCount nodes { id } } }",
    "query($held: ID!, $program: ID!) {
       a: activities(applicationId: $held) { nodes { id } } b: activities(programId: $program) { nodes { id } } }",
    "query($program: ID!, $member: ID!) {
       a: memberships(filter: { programId: $program }) { nodes { id } }
       b: memberships(filter: { organizationId: $member }) { nodes { id } } }",
    "query($program: ID!) { kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\",
       to: \"2026-11-01\", programId: $program }) { values { value } } }",
    "query($colleague: ID!) { kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\",
       to: \"2026-11-01\", personId: $colleague }) { values { value rows { nodes { at } } } } }",
    "mutation($held: ID!) { claimApplication(input: { applicationId: $held, expectedVersion: 1 }) {
       application { id } userErrors { code message path } } }",
    "mutation($held: ID!) { approveApplication(input: { applicationId: $held, expectedVersion: 1 }) {
       application { id } userErrors { code message path } } }",
];

#[tokio::test]
async fn what_a_reviewer_may_not_see_does_not_exist() {
    let scene = Scene::new().await;
    let mut strange = scene.ids.clone();
    for id in strange.as_object_mut().unwrap().values_mut() {
        if let Some((prefix, _)) = id.as_str().and_then(|id| id.split_once('_')) {
            let word = if prefix == "act" {
                "99999999"
            } else {
                "7zzzzzzzzzzzzzzzzzzzzzzzzz"
            };
            *id = json!(format!("{prefix}_{word}"));
        }
    }
    for way in WAYS {
        let real = scene.send("specialist elsewhere", way).await;
        let made_up = scene
            .world
            .send("specialist elsewhere", way, strange.clone())
            .await;
        assert_eq!(real, made_up, "{way}");
        let seen = scene.send("specialist", way).await;
        assert_ne!(
            seen, made_up,
            "{way} shows nothing to those who may see it either"
        );
    }
    let lists = "{ applications { totalCount nodes { id } } organizations { nodes { id } }
        memberships { nodes { id } } activities { nodes { application { id } verb } } accounts(first: 100) { nodes { kind name } }
        a: applications(filter: { search: \"garden\" }) { totalCount nodes { id } }
        b: organizations(search: \"garden\") { nodes { id } }
        kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\", to: \"2026-11-01\" }) {
          values { value rows { nodes { at } } } } }";
    let data = scene.send("specialist elsewhere", lists).await["data"].take();
    let nothing = json!({ "nodes": [] });
    let none = json!({ "totalCount": 0, "nodes": [] });
    assert_eq!([&data["applications"], &data["a"]], [&none, &none]);
    assert_eq!(
        [&data["organizations"], &data["b"], &data["memberships"]],
        [&nothing, &nothing, &nothing]
    );
    assert_eq!(
        data["kpi"]["values"],
        json!([{ "value": null, "rows": nothing }])
    );
    for line in list(&data["activities"]) {
        assert_eq!(line["application"], Value::Null, "{line}");
    }
    for account in list(&data["accounts"]) {
        assert_eq!(account["kind"], "STAFF", "{account}");
    }
}

#[tokio::test]
async fn a_draft_is_its_applicants_alone() {
    let scene = Scene::new().await;
    let ways = "query($draft: ID!) {
        application(id: $draft) { id } node(id: $draft) { id }
        drafts: applications(filter: { statuses: [DRAFT] }) { nodes { id } }
        found: applications(filter: { search: \"hidden\" }) { totalCount }
        all: applications(first: 100) { nodes { id } }
        organizations(search: \"hidden\") { nodes { id } }
        activities(applicationId: $draft) { nodes { id } } }";
    for (_, person) in PEOPLE
        .into_iter()
        .filter(|(_, person)| *person != "applicant")
    {
        let data = scene.send(person, ways).await["data"].take();
        assert!(
            !data.to_string().contains(scene.id("draft")),
            "{person}: {data:#}"
        );
        for list in ["organizations", "activities"] {
            assert!(
                matches!(&data[list], Value::Null) || data[list] == json!({ "nodes": [] }),
                "{person}: {data:#}"
            );
        }
        assert!(
            matches!(data["found"]["totalCount"].as_i64(), None | Some(0)),
            "{person}: {data:#}"
        );
        let input =
            json!({ "applicationId": scene.ids["draft"], "expectedVersion": 2, "answers": good() });
        let answer = "mutation($input: AnswerApplicationInput!) {
            answerApplication(input: $input) { application { id } userErrors { code } } }";
        let answer = scene
            .world
            .send(person, answer, json!({ "input": input }))
            .await;
        let code = if person.is_empty() {
            &answer["errors"][0]["extensions"]["code"]
        } else {
            &answer["data"]["answerApplication"]["userErrors"][0]["code"]
        };
        assert_eq!(
            text(code),
            if person.is_empty() {
                "UNAUTHENTICATED"
            } else {
                "NOT_FOUND"
            },
            "{person}"
        );
    }
    // What was never handed in stays private when it ends, too.
    let draft = json!({ "id": scene.ids["draft"], "version": 2 });
    scene
        .world
        .act("applicant", "withdrawApplication", &draft, json!({}))
        .await;
    for (_, person) in PEOPLE
        .into_iter()
        .filter(|(_, person)| *person != "applicant")
    {
        let data = scene.send(person, ways).await["data"].take();
        assert!(
            !data.to_string().contains(scene.id("draft")),
            "{person}: {data:#}"
        );
    }
}

#[tokio::test]
async fn an_applicant_cannot_read_the_team_by_ids() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let mut names = Vec::new();
    for person in ["applicant", "other applicant"] {
        for (name, account) in &world.people {
            let id = json!({ "id": account.id.to_string() });
            let both = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }";
            let data = world.query(person, both, id.clone()).await;
            if *name == person {
                assert_eq!(data["node"], id);
            } else {
                assert_eq!(
                    data,
                    json!({ "node": null, "nodes": [null] }),
                    "{person} reads {name}"
                );
                names.push((person, *name, account.email.as_str()));
            }
        }
    }
    let everything = "query($held: ID!, $approved: ID!) {
        accounts(first: 100) { nodes { name email } }
        activities(first: 100) { nodes { details account { name email } } }
        held: application(id: $held) { ...All } approved: application(id: $approved) { ...All } }
        fragment All on Application {
          assignee { name email } organization { owner { name email } }
          decision { draftedBy { name email } approvedBy { name email } limits }
          messages { nodes { body author { name email } } }
          activities(first: 100) { nodes { details account { name email } } }
          availableActions { reasons { message } } }";
    for person in ["applicant", "other applicant"] {
        let told = scene.send(person, everything).await;
        assert_eq!(told.get("errors"), None, "{told:#}");
        let told = told.to_string();
        for (_, name, email) in names.iter().filter(|(reader, ..)| *reader == person) {
            assert!(
                !told.contains(&format!("\"{email}\"")),
                "{person} reads {name}: {told}"
            );
        }
    }
}

fn list(connection: &Value) -> &[Value] {
    connection["nodes"].as_array().unwrap()
}
