//! Files that no person would write: a mistake or an error, never a crash.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{garden, publish, revisions};
use crate::support::World;

/// The garden with the text of one file replaced.
fn with(name: &str, text: &str) -> Value {
    let mut files = garden(&[]);
    for file in files.as_array_mut().unwrap() {
        if file["name"] == name {
            file["text"] = json!(text);
        }
    }
    files
}

#[tokio::test]
async fn a_file_that_is_too_long_is_a_mistake() {
    let world = World::new().await;
    for name in ["program.toml", "form.schema.json", "messages/received.md"] {
        let refused = publish(
            &world,
            "program manager",
            with(name, &"x".repeat(300_000)),
            false,
        )
        .await;
        let error = &refused["userErrors"][0];
        assert_eq!(
            error["mistakes"],
            json!([{ "file": name, "line": 1, "message": "a file has at most 256 kB" }])
        );
    }
    let all = with("program.toml", &"#".repeat(1_100_000));
    let query = "mutation($input: PublishRevisionInput!) { publishRevision(input: $input) { publication } }";
    let body = json!({ "query": query, "variables": { "input": { "files": all } } });
    let (status, _) = world.post("program manager", &body).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(revisions(&world, "garden").await, json!([1]));
}

#[tokio::test]
async fn whatever_is_written_in_the_files_the_service_goes_on() {
    let world = World::new().await;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(60_000), close.repeat(60_000));
    let many = |line: &str| line.repeat(200_000 / line.len());
    for (name, text) in [
        ("program.toml", format!("key = {}", deep("[", "]"))),
        ("program.toml", format!("key = {}", "{ a = ".repeat(30_000))),
        ("program.toml", many("[[criteria]]\n")),
        (
            "program.toml",
            many("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n"),
        ),
        ("program.toml", "\u{1}\u{feff}\u{202e}".to_owned()),
        ("program.toml", String::new()),
        ("form.schema.json", deep("[", "]")),
        ("form.schema.json", deep("{\"a\":", "}")),
        (
            "form.schema.json",
            format!(
                "{{\"type\":\"object\",\"properties\":{{\"a\":{{\"type\":\"string\",\"pattern\":\"{}\"}}}}}}",
                "(a{1000}){1000}"
            ),
        ),
        (
            "form.schema.json",
            r##"{"type":"object","$ref":"#"}"##.to_owned(),
        ),
        (
            "form.schema.json",
            r#"{"type":"object","$ref":"https://example.org/schema.json"}"#.to_owned(),
        ),
        ("form.schema.json", "null".to_owned()),
        ("messages/declined.md", "{{\n".repeat(80_000)),
    ] {
        let refused = publish(&world, "program manager", with(name, &text), false).await;
        let shown: String = text.chars().take(40).collect();
        let error = &refused["userErrors"][0];
        assert_eq!(error["code"], "INVALID_PROGRAM", "{name} {shown}");
        for mistake in error["mistakes"].as_array().unwrap() {
            let length = mistake["message"].as_str().unwrap().len();
            assert!(
                length < 4_000,
                "{name} {shown}: a message of {length} bytes"
            );
        }
    }
    let published = publish(
        &world,
        "program manager",
        garden(&[("aim_days = 5", "aim_days = 4")]),
        false,
    )
    .await;
    assert_eq!(published["publication"], "PUBLISHED");
}

#[tokio::test]
async fn a_message_of_nothing_but_braces_is_a_mistake_and_not_a_minute_of_work() {
    let world = World::new().await;
    let braces = "{{".repeat(100_000);
    let publishing = publish(
        &world,
        "program manager",
        with("messages/declined.md", &braces),
        false,
    );
    let refused = timeout(Duration::from_secs(10), publishing).await.unwrap();
    assert_eq!(refused["userErrors"][0]["code"], "INVALID_PROGRAM");
}

#[tokio::test]
async fn files_that_are_missing_or_unknown_are_told() {
    let world = World::new().await;
    let none = publish(&world, "program manager", json!([]), false).await;
    let mistakes = none["userErrors"][0]["mistakes"].as_array().unwrap();
    let mut missing: Vec<_> = mistakes
        .iter()
        .map(|it| it["file"].as_str().unwrap())
        .collect();
    missing.dedup();
    assert_eq!(
        missing,
        [
            "form.schema.json",
            "messages/approved.md",
            "messages/declined.md",
            "messages/expired.md",
            "messages/expiring.md",
            "messages/question.md",
            "messages/received.md",
            "program.toml",
        ]
    );
    let mut further = garden(&[]);
    let files = further.as_array_mut().unwrap();
    files.push(json!({ "name": "README.md", "text": "For ourselves." }));
    let same = publish(&world, "program manager", further.clone(), false).await;
    assert_eq!(same["publication"], "UNCHANGED");
    let files = further.as_array_mut().unwrap();
    files.push(json!({ "name": "messages/recieved.md", "text": "Hello." }));
    let wrong = publish(&world, "program manager", further, false).await;
    assert_eq!(
        wrong["userErrors"][0]["mistakes"][0]["file"],
        "messages/recieved.md"
    );
}
