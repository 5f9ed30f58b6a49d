//! Answers that are given at once, or written from columns, are those that the ordinary way gives: the
//! same request is sent as it is, and with `@include(if: true)` at every field, which the short ways leave
//! to the library.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use tower::ServiceExt;

use crate::support::{World, input};

/// A selection with a place at each field where a directive can stand.
const DIRECTIVE: &str = "@@";

const APPLICATION: &[&str] = &[
    "id",
    "version",
    "kind",
    "status",
    "stage",
    "externalId",
    "createdAt",
    "submittedAt",
    "expiresAt",
    "promise@@ { dueAt@@ businessDaysLeft@@ }",
    "promises@@ { kind@@ standing@@ }",
    "clocks@@ { elapsedMinutes@@ }",
    "history@@ { status@@ at@@ }",
    "question",
    "askedFields",
    "sentBackNote",
    "manualSteps",
    "hold@@ { cause@@ }",
    "decision@@ { outcome@@ }",
    "availableActions@@ { action@@ allowed@@ }",
    "answers",
    "unreadAnswers@@ { field@@ }",
    "revision@@ { number@@ }",
    "evaluation@@ { recommendation@@ }",
    "evaluations(first: 2)@@ { nodes@@ { id@@ } }",
    "messages(first: 2)@@ { nodes@@ { id@@ kind@@ } }",
    "membership@@ { id@@ }",
    "again: id",
    "__typename",
    "program@@ { key@@ }",
    "... on Node { id@@ }",
];
const PROGRAM: &[&str] = &[
    "id",
    "key",
    "name",
    "version",
    "createdAt",
    "__typename",
    "currentRevision@@ { number@@ }",
];
const ORGANIZATION: &[&str] = &[
    "id",
    "name",
    "domain",
    "repository",
    "createdAt",
    "__typename",
    "owner@@ { name@@ }",
];
const ACCOUNT: &[&str] = &[
    "id",
    "version",
    "kind",
    "name",
    "email",
    "createdAt",
    "roles@@ { role@@ }",
    "__typename",
];
const ACTIVITY: &[&str] = &[
    "id",
    "verb",
    "at",
    "mode",
    "version",
    "subjectKind",
    "subjectId",
    "details",
    "impersonated",
    "account@@ { name@@ }",
    "program@@ { key@@ }",
    "application@@ { version@@ }",
];
const MEMBERSHIP: &[&str] = &[
    "id",
    "version",
    "startedAt",
    "endsBefore",
    "terms@@ { startsOn@@ }",
    "application@@ { id@@ }",
    "__typename",
];

/// Fields that are columns of the row, or of what it points at: they are written without the value.
const PLAIN_APPLICATION: &[&str] = &[
    "id",
    "version",
    "kind",
    "status",
    "externalId",
    "createdAt",
    "submittedAt",
    "manualSteps",
    "promise@@ { dueAt@@ }",
    "promised: promise@@ { due: dueAt@@ __typename@@ }",
    "again: id",
    "__typename",
];
/// Lists and documents that are asked for by the application's id.
const SURROUNDINGS: &[&str] = &[
    "answers",
    "unreadAnswers@@ { field@@ }",
    "messages(first: 2)@@ { nodes@@ { id@@ kind@@ } }",
    "activities(last: 2)@@ { edges@@ { cursor@@ node@@ { id@@ verb@@ at@@ mode@@ version@@ } } }",
    "membership@@ { id@@ endsBefore@@ }",
];
const PLAIN_MEMBERSHIP: &[&str] = &["id", "version", "startedAt", "endsBefore", "__typename"];

fn some(fields: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let fields = proptest::sample::subsequence(fields, 1..=fields.len()).prop_shuffle();
    fields.prop_map(|fields| {
        let marked = |field: &&str| {
            if field.contains(['{', '@']) {
                (*field).to_owned()
            } else {
                format!("{field}{DIRECTIVE}")
            }
        };
        fields.iter().map(marked).collect()
    })
}

/// An object inside another one, sometimes in a fragment.
fn inside(
    name: &'static str,
    of: &'static str,
    fields: &'static [&'static str],
) -> impl Strategy<Value = String> {
    (some(fields), any::<bool>()).prop_map(move |(fields, fragment)| {
        let fields = fields.join(" ");
        let fields = if fragment {
            format!("... on {of} {{ {fields} }}")
        } else {
            fields
        };
        format!("{name}{DIRECTIVE} {{ {fields} }}")
    })
}

fn application() -> impl Strategy<Value = String> {
    let objects = (
        proptest::option::of(inside("program", "Program", PROGRAM)),
        proptest::option::of(inside("organization", "Organization", ORGANIZATION)),
        proptest::option::of(inside("applicant", "Account", ACCOUNT)),
        proptest::option::of(inside("assignee", "Account", ACCOUNT)),
        proptest::option::of(some(ACTIVITY)),
    );
    (some(APPLICATION), objects).prop_map(
        |(mut fields, (program, organization, applicant, assignee, log))| {
            let log = log.map(|log| {
                format!(
                    "activities(first: 3)@@ {{ nodes@@ {{ {} }} }}",
                    log.join(" ")
                )
            });
            fields.extend(
                [program, organization, applicant, assignee, log]
                    .into_iter()
                    .flatten(),
            );
            fields.join(" ")
        },
    )
}

/// What is written from columns alone.
fn plain() -> impl Strategy<Value = String> {
    let near = || {
        (
            proptest::option::of(inside("program", "Program", &PROGRAM[..6])),
            proptest::option::of(inside("organization", "Organization", &ORGANIZATION[..6])),
        )
    };
    let people = || {
        (
            proptest::option::of(inside("applicant", "Account", &ACCOUNT[..6])),
            proptest::option::of(inside("assignee", "Account", &ACCOUNT[..6])),
        )
    };
    let application = || {
        (some(PLAIN_APPLICATION), near(), people()).prop_map(|(fields, near, people)| {
            let near = near.0.into_iter().chain(near.1);
            let people = people.0.into_iter().chain(people.1);
            let fields = fields.into_iter().chain(near).chain(people);
            fields.collect::<Vec<_>>().join(" ")
        })
    };
    let one = (application(), proptest::option::of(some(SURROUNDINGS)));
    let membership = (some(PLAIN_MEMBERSHIP), near()).prop_map(|(fields, near)| {
        let fields = fields.into_iter().chain(near.0).chain(near.1);
        fields.collect::<Vec<_>>().join(" ")
    });
    let order = prop_oneof![
        Just("DUE_FIRST"),
        Just("NEWEST_FIRST"),
        Just("OLDEST_FIRST")
    ];
    let place = prop_oneof![Just("first: 2"), Just("last: 2"), Just("first: 5")];
    let page = (application(), order, place, any::<bool>());
    prop_oneof![
        2 => page.prop_map(|(it, order, place, edges)| {
            let rows = if edges {
                format!("edges@@ {{ cursor@@ node@@ {{ {it} }} }}")
            } else {
                format!("nodes@@ {{ {it} }} totalCount@@")
            };
            format!(
                "{{ applications({place}, order: {order})@@ {{ {rows}
                   pageInfo@@ {{ hasNextPage@@ hasPreviousPage@@ startCursor@@ endCursor@@ }} }} }}"
            )
        }),
        2 => one.prop_map(|(it, around)| format!(
            "query {{ application(id: \"ID\")@@ {{ {it} {} }} }}",
            around.unwrap_or_default().join(" ")
        )),
        1 => membership
            .prop_map(|it| format!("{{ memberships(first: 5)@@ {{ nodes@@ {{ {it} }} }} }}")),
        1 => some(&ACTIVITY[..5])
            .prop_map(|it| format!("{{ activities(first: 5)@@ {{ nodes@@ {{ {} }} }} }}", it.join(" "))),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let membership = (
        some(MEMBERSHIP),
        proptest::option::of(inside("program", "Program", PROGRAM)),
        proptest::option::of(inside("organization", "Organization", ORGANIZATION)),
    );
    let membership = membership.prop_map(|(mut fields, program, organization)| {
        fields.extend(program.into_iter().chain(organization));
        fields.join(" ")
    });
    prop_oneof![
        application().prop_map(|it| format!(
            "{{ applications(first: 5)@@ {{ nodes@@ {{ {it} }} pageInfo@@ {{ hasNextPage@@ }} }} }}"
        )),
        application().prop_map(|it| format!(
            "{{ applications(first: 5)@@ {{ edges@@ {{ node@@ {{ {it} }} }} }} }}"
        )),
        application().prop_map(|it| format!("query {{ application(id: \"ID\")@@ {{ {it} }} }}")),
        membership.prop_map(|it| format!("{{ memberships(first: 5)@@ {{ nodes@@ {{ {it} }} }} }}")),
        some(ORGANIZATION).prop_map(|it| format!(
            "{{ organizations(first: 5)@@ {{ nodes@@ {{ {} }} }} }}",
            it.join(" ")
        )),
    ]
}

/// What is answered, as it is written.
async fn answered(world: &World, person: &str, query: &str) -> String {
    let body = json!({ "query": query }).to_string();
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(
            header::AUTHORIZATION,
            format!("Bearer {}", world.token(person)),
        )
        .body(Body::from(body))
        .unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn what_is_answered_at_once_is_what_the_ordinary_way_answers() {
    let world = World::new().await;
    let first = world.in_review().await;
    let claimed = world
        .done("specialist", "claimApplication", input(&first, json!({})))
        .await;
    let id = claimed["application"]["id"]
        .as_str()
        .unwrap_or_else(|| first["id"].as_str().unwrap())
        .to_owned();
    let second = world
        .submitted("other applicant", "Hillside Garden", crate::support::good())
        .await;
    world
        .act("specialist", "approveApplication", &second, json!({}))
        .await;
    world.draft("applicant", "Someday Garden", json!({})).await;
    let mut runner = TestRunner::deterministic();
    let (mut filled, mut refused) = (0, 0);
    for round in 0..240 {
        let documents = if round % 2 == 0 {
            plain().boxed()
        } else {
            document().boxed()
        };
        let document = documents
            .new_tree(&mut runner)
            .unwrap()
            .current()
            .replace("ID", &id);
        let plain = document.replace(DIRECTIVE, "");
        let ordinary = document.replace(DIRECTIVE, " @include(if: true)");
        for person in [
            "applicant",
            "other applicant",
            "specialist",
            "specialist elsewhere",
            "admin",
        ] {
            let at_once = answered(&world, person, &plain).await;
            assert_eq!(
                at_once,
                answered(&world, person, &ordinary).await,
                "{person}: {plain}"
            );
            filled += usize::from(at_once.contains("\"app_") || at_once.contains("\"mem_"));
            refused += usize::from(at_once.contains("\"errors\":"));
        }
    }
    assert!(filled > 100, "most of them say something: {filled}");
    assert_eq!(refused, 0, "and none is refused");
}

#[tokio::test]
async fn an_application_that_is_asked_for_like_another_one_before_is_still_this_one() {
    let world = World::new().await;
    let first = world.in_review().await;
    let second = world
        .submitted("other applicant", "Hillside Garden", crate::support::good())
        .await;
    let ids = [&first["id"], &second["id"]].map(|id| id.as_str().unwrap());
    for shown in [
        "id@@ version program { key }",
        "id@@ activities(first: 3) { nodes { id verb } } status",
    ] {
        for (person, seen) in [
            ("specialist", [true, true]),
            ("applicant", [true, false]),
            ("other applicant", [false, true]),
            ("specialist elsewhere", [false, false]),
        ] {
            for (id, seen) in ids.into_iter().zip(seen).cycle().take(4) {
                let document = format!("{{ application(id: \"{id}\") {{ {shown} }} }}");
                let plain = document.replace(DIRECTIVE, "");
                let ordinary = document.replace(DIRECTIVE, " @include(if: true)");
                let at_once = answered(&world, person, &plain).await;
                assert_eq!(at_once, answered(&world, person, &ordinary).await);
                assert_eq!(at_once.contains(id), seen, "{person}: {at_once}");
            }
        }
    }
}
