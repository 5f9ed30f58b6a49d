//! Publishing a program's rules through the API, and what applications make of new ones.

mod hostile;
mod simulation;

use std::path::Path;

use serde_json::{Value, json};
use stoa_domain::actor::Actor;

use crate::support::{World, good};

/// The files of a directory as a program's source, with some texts of `program.toml` replaced.
fn files(directory: &str, replaced: &[(&str, &str)]) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    let mut rules = read("program.toml");
    for (from, to) in replaced {
        assert!(rules.contains(from), "{from}");
        rules = rules.replacen(from, to, 1);
    }
    let mut files = vec![
        json!({ "name": "program.toml", "text": rules }),
        json!({ "name": "form.schema.json", "text": read("form.schema.json") }),
    ];
    for entry in std::fs::read_dir(path.join("messages")).unwrap() {
        let name = format!("messages/{}", entry.unwrap().file_name().display());
        files.push(json!({ "text": read(&name), "name": name }));
    }
    Value::Array(files)
}

fn garden(replaced: &[(&str, &str)]) -> Value {
    files("programs/garden", replaced)
}

/// Publishes files, or only asks what would be, and returns the payload.
async fn publish(world: &World, person: &str, files: Value, dry_run: bool) -> Value {
    let document = "mutation($input: PublishRevisionInput!) { publishRevision(input: $input) {
        publication program { key name version currentRevision { number promise { aimDays limitDays } } }
        userErrors { __typename code message path ... on ProgramSourceError { mistakes { file line message } } } } }";
    let input = json!({ "input": { "files": files, "dryRun": dry_run } });
    let mut data = world.query(person, document, input).await;
    data["publishRevision"].take()
}

/// Numbers of the revisions of a program, newest first.
async fn revisions(world: &World, key: &str) -> Value {
    let query = "query($key: String!) { program(key: $key) { revisions { number } } }";
    let data = world.query("", query, json!({ "key": key })).await;
    let Some(list) = data["program"]["revisions"].as_array() else {
        return Value::Null;
    };
    list.iter().map(|it| it["number"].clone()).collect()
}

#[tokio::test]
async fn files_that_say_something_new_become_the_next_revision() {
    let world = World::new().await;
    let slower = || garden(&[("limit_days = 10", "limit_days = 12")]);
    let same = publish(&world, "program manager", garden(&[]), false).await;
    let now = |version, limit| {
        json!({ "key": "garden", "name": "Community Gardens", "version": version,
                "currentRevision": { "number": version, "promise": { "aimDays": 5, "limitDays": limit } } })
    };
    assert_eq!(
        same,
        json!({ "publication": "UNCHANGED", "program": now(1, 10), "userErrors": [] })
    );
    let would = publish(&world, "program manager", slower(), true).await;
    assert_eq!(would["publication"], "WOULD_PUBLISH");
    assert_eq!(would["userErrors"], json!([]));
    assert_eq!(revisions(&world, "garden").await, json!([1]));
    let published = publish(&world, "program manager", slower(), false).await;
    assert_eq!(
        published,
        json!({ "publication": "PUBLISHED", "program": now(2, 12), "userErrors": [] })
    );
    let again = publish(&world, "program manager", slower(), true).await;
    assert_eq!(again["publication"], "UNCHANGED");
    assert_eq!(revisions(&world, "garden").await, json!([2, 1]));
    let old =
        "{ program(key: \"garden\") { revisions { number publishedAt promise { limitDays } } } }";
    let old = world.query("", old, json!({})).await;
    assert_eq!(
        old["program"]["revisions"][1],
        json!({ "number": 1, "publishedAt": "2026-11-23T10:00:00Z", "promise": { "limitDays": 10 } }),
        "what was published stays as it was"
    );
}

#[tokio::test]
async fn a_revision_is_explained_by_one_line_of_the_log() {
    let world = World::new().await;
    let slower = garden(&[("limit_days = 10", "limit_days = 12")]);
    publish(&world, "program manager", slower, false).await;
    let log = "query($id: ID!) { activities(programId: $id, first: 1) { nodes { verb mode account { name } details } } }";
    let garden = world.program("garden").await.to_string();
    let data = world
        .query("program manager", log, json!({ "id": garden }))
        .await;
    assert_eq!(
        data["activities"]["nodes"],
        json!([{
            "verb": "REVISION_PUBLISHED",
            "mode": "MANUAL",
            "account": { "name": "program manager" },
            "details": { "number": 2, "name": "Community Gardens" }
        }])
    );
}

#[tokio::test]
async fn every_mistake_is_told_at_once_with_file_and_line() {
    let world = World::new().await;
    let mut wrong = garden(&[
        ("limit_days = 10", "limit_days = 4"),
        (
            "expression = \"!mail_disposable\"",
            "expression = \"!is_disposable(email)\"",
        ),
        ("reason = \"COUNTRY\"", "reason = \"COUNTRI\""),
    ]);
    for file in wrong.as_array_mut().unwrap() {
        match file["name"].as_str().unwrap() {
            "messages/declined.md" => file["text"] = json!("Sorry.\n\n{{ reasons }} {{ naem }}\n"),
            "form.schema.json" => {
                let text = file["text"].as_str().unwrap();
                file["text"] =
                    json!(text.replace("\"type\": \"integer\"", "\"type\": \"integre\""));
            }
            _ => {}
        }
    }
    for dry_run in [true, false] {
        let refused = publish(&world, "program manager", wrong.clone(), dry_run).await;
        assert_eq!(refused["publication"], Value::Null);
        assert_eq!(refused["program"], Value::Null);
        let error = &refused["userErrors"][0];
        assert_eq!(error["__typename"], "ProgramSourceError");
        assert_eq!(error["code"], "INVALID_PROGRAM");
        assert_eq!(error["path"], json!(["input", "files"]));
        let mistakes = error["mistakes"].as_array().unwrap().iter();
        let places: Vec<_> = mistakes
            .map(|mistake| {
                assert!(!mistake["message"].as_str().unwrap().is_empty());
                (
                    mistake["file"].as_str().unwrap(),
                    mistake["line"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                ("form.schema.json", 11),
                ("messages/declined.md", 1),
                ("messages/declined.md", 3),
                ("program.toml", 9),
                ("program.toml", 54),
                ("program.toml", 60),
            ],
            "{error:#}"
        );
    }
    assert_eq!(revisions(&world, "garden").await, json!([1]));
}

#[tokio::test]
async fn only_who_runs_a_program_publishes_its_rules() {
    let world = World::new().await;
    let slower = || garden(&[("limit_days = 10", "limit_days = 12")]);
    for person in [
        "specialist",
        "specialist elsewhere",
        "observer",
        "applicant",
        "integration",
        "admin",
    ] {
        for dry_run in [true, false] {
            let refused = publish(&world, person, slower(), dry_run).await;
            assert_eq!(
                refused["userErrors"][0]["code"], "NOT_PERMITTED",
                "{person}"
            );
            assert_eq!(refused["publication"], Value::Null, "{person}");
        }
    }
    let document = "mutation($input: PublishRevisionInput!) { publishRevision(input: $input) { publication } }";
    let stranger = world
        .send("", document, json!({ "input": { "files": slower() } }))
        .await;
    assert_eq!(
        stranger["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    let meadow = || garden(&[("key = \"garden\"", "key = \"meadow\"")]);
    let orchard = garden(&[
        ("key = \"garden\"", "key = \"orchard\""),
        ("limit_days = 10", "limit_days = 12"),
    ]);
    for files in [meadow(), orchard] {
        let refused = publish(&world, "program manager", files, false).await;
        assert_eq!(
            refused["userErrors"][0]["code"], "NOT_PERMITTED",
            "a new program, or another one"
        );
    }
    assert_eq!(revisions(&world, "garden").await, json!([1]));
    assert_eq!(revisions(&world, "meadow").await, Value::Null);
    let would = publish(&world, "operations manager", meadow(), true).await;
    assert_eq!(would["publication"], "WOULD_PUBLISH");
    assert_eq!(would["program"], Value::Null, "a dry run makes no program");
    assert_eq!(revisions(&world, "meadow").await, Value::Null);
    let made = publish(&world, "operations manager", meadow(), false).await;
    assert_eq!(made["publication"], "PUBLISHED");
    assert_eq!(revisions(&world, "meadow").await, json!([1]));
}

#[tokio::test]
async fn what_was_handed_in_keeps_its_revision_and_a_draft_follows_the_program() {
    let world = World::new().await;
    let handed_in = world.in_review().await;
    let draft = world
        .draft("other applicant", "Hilltop Garden", good())
        .await;
    let stricter = garden(&[
        ("limit_days = 10", "limit_days = 12"),
        ("when = \"seats > 100\"", "when = \"seats > 10\""),
    ]);
    publish(&world, "program manager", stricter, false).await;
    let later = world
        .act("other applicant", "submitApplication", &draft, json!({}))
        .await;
    let seen = "query($id: ID!) { application(id: $id) { revision { number } promise { dueAt } evaluation { limits } } }";
    for (application, expected) in [
        (
            &handed_in,
            json!({ "revision": { "number": 1 }, "promise": { "dueAt": "2026-12-07T17:00:00Z" }, "evaluation": { "limits": [] } }),
        ),
        (
            &later,
            json!({ "revision": { "number": 2 }, "promise": { "dueAt": "2026-12-09T17:00:00Z" }, "evaluation": { "limits": ["many-seats"] } }),
        ),
    ] {
        let data = world
            .query("specialist", seen, json!({ "id": application["id"] }))
            .await;
        assert_eq!(data["application"], expected);
    }
    let again = world
        .act("specialist", "evaluateApplication", &handed_in, json!({}))
        .await;
    let data = world
        .query("specialist", seen, json!({ "id": again["id"] }))
        .await;
    assert_eq!(
        data["application"]["evaluation"]["limits"],
        json!([]),
        "the old rules hold to the end"
    );
}

#[tokio::test]
async fn a_draft_that_the_new_rules_do_not_take_is_told_so_when_it_is_handed_in() {
    let world = World::new().await;
    let draft = world.draft("applicant", "Riverside Garden", good()).await;
    let mut files = garden(&[]);
    let form = &mut files.as_array_mut().unwrap()[1]["text"];
    let text = form
        .as_str()
        .unwrap()
        .replace("\"maximum\": 100000", "\"maximum\": 20");
    *form = json!(text);
    let published = publish(&world, "program manager", files, false).await;
    assert_eq!(published["publication"], "PUBLISHED", "{published:#}");
    let refused = world
        .refused("applicant", "submitApplication", &draft, json!({}))
        .await;
    assert_eq!(refused["code"], "INVALID_ANSWERS");
    assert_eq!(refused["problems"][0]["field"], json!(["seats"]));
}

#[tokio::test]
async fn of_two_who_publish_at_once_one_is_told_that_the_other_was_faster() {
    let world = World::new().await;
    let (mut told, mut days) = (0, 12);
    let mut published = 1;
    while told == 0 {
        days += 2;
        assert!(days < 50, "no two of them ever met");
        let text = |days: i32| format!("limit_days = {days}");
        let files = |days| garden(&[("limit_days = 10", &text(days))]);
        let (one, other) = tokio::join!(
            publish(&world, "program manager", files(days), false),
            publish(&world, "operations manager", files(days + 1), false),
        );
        for payload in [one, other] {
            if payload["publication"] == "PUBLISHED" {
                published += 1;
            } else {
                assert_eq!(
                    payload["userErrors"][0]["code"], "STALE_VERSION",
                    "{payload:#}"
                );
                told += 1;
            }
        }
        let expected: Value = (1..=published).rev().map(Value::from).collect();
        assert_eq!(
            revisions(&world, "garden").await,
            expected,
            "none is lost and none counted twice"
        );
    }
}

#[tokio::test]
async fn of_two_who_begin_the_same_program_at_once_one_is_told_that_the_other_was_faster() {
    let world = World::new().await;
    let (mut told, mut number) = (0, 0);
    while told == 0 {
        number += 1;
        assert!(number < 20, "no two of them ever met");
        let key = format!("meadow-{number}");
        let files = |aim: &str| {
            let key = format!("key = \"{key}\"");
            garden(&[("key = \"garden\"", &key), ("aim_days = 5", aim)])
        };
        let (one, other) = tokio::join!(
            publish(&world, "operations manager", files("aim_days = 6"), false),
            publish(&world, "operations manager", files("aim_days = 7"), false),
        );
        let mut published = 0;
        for payload in [one, other] {
            if payload["publication"] == "PUBLISHED" {
                published += 1;
            } else {
                assert_eq!(
                    payload["userErrors"][0]["code"], "STALE_VERSION",
                    "{payload:#}"
                );
                told += 1;
            }
        }
        let expected: Value = (1..=published).rev().map(Value::from).collect();
        assert_eq!(revisions(&world, &key).await, expected);
    }
}

#[tokio::test]
async fn the_ready_programs_are_published_as_they_are() {
    let world = World::new().await;
    for (key, name) in [
        ("education", "Education"),
        ("open-source", "Open Source"),
        ("startups", "Startups"),
    ] {
        let files = || files(&format!("../programs/{key}"), &[]);
        let published = publish(&world, "operations manager", files(), false).await;
        assert_eq!(published["publication"], "PUBLISHED", "{published:#}");
        assert_eq!(published["program"]["name"], name);
        let again = publish(&world, "operations manager", files(), false).await;
        assert_eq!(again["publication"], "UNCHANGED", "{key}");
        let shown = "query($key: String!) { program(key: $key) { currentRevision {
            number form criteria { key statement fix unmet } benefits { key kind } declineReasons { code message fix }
            promise { limitDays } calendar { timeZone holidays { date } } renewal { termMonths } } } }";
        let data = world.query("", shown, json!({ "key": key })).await;
        let revision = &data["program"]["currentRevision"];
        assert_eq!(revision["number"], 1);
        for list in ["criteria", "benefits", "declineReasons"] {
            assert!(
                !revision[list].as_array().unwrap().is_empty(),
                "{key} {list}"
            );
        }
        assert!(revision["form"]["properties"].is_object(), "{key}");
    }
    let system = world.service.store.view(&Actor::System);
    let keys: Vec<_> = system
        .programs()
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.key)
        .collect();
    assert_eq!(
        keys,
        ["education", "garden", "open-source", "orchard", "startups"]
    );
}
