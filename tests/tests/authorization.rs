//! Who may do what: every root field and every guarded field, asked by everybody through the router.
//!
//! What happened is written down in `schema/authorization.md`: run with `STOA_UPDATE=1` to accept a difference.

mod borders;
mod commands;
mod fields;
mod hostile;
mod reading;
mod scene;
mod signed_in;
mod tokens;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::support::documents::input_type;
use crate::support::{World, generated};
use scene::Scene;

/// The columns: how a person is called in the table, and in a [`World`].
const PEOPLE: [(&str, &str); 10] = [
    ("anonymous", ""),
    ("own applicant", "applicant"),
    ("other applicant", "other applicant"),
    ("observer", "observer"),
    ("specialist of the program", "specialist"),
    ("specialist elsewhere", "specialist elsewhere"),
    ("program manager", "program manager"),
    ("operations manager", "operations manager"),
    ("integration", "integration"),
    ("admin", "admin"),
];

/// Data came, or the command was done.
const DONE: &str = "✔";

const INTRODUCTION: &str = "\
# Who may do what

Each cell is what happened when that person sent the request to a service with data: `✔` data came or the command was \
done, `null` there is no such thing for them, `empty` a list without rows, `–` the thing around the field does not exist \
for them, `left out` the list is there without that row, `silent` the stream stays open and tells nothing; \
anything else is the error's code or the value itself.
The applications are the own applicant's; the other applicant has none, the specialist elsewhere works for another \
program, both managers and the specialist are not the colleague who worked on them, and the integration holds every \
role that systems can hold.

The test `everybody_gets_what_their_role_allows_and_nothing_else` (`tests/tests/authorization.rs`) generates this file \
and fails when it is no longer true.
";

/// One thing that everybody asked for, and what each of them got.
struct Row {
    field: String,
    case: &'static str,
    cells: Vec<String>,
}

#[tokio::test]
async fn everybody_gets_what_their_role_allows_and_nothing_else() {
    let scene = Scene::new().await;
    // Nothing changes while the streams are listened to.
    let (fields, mut roots, streams) = tokio::join!(
        fields::rows(&scene),
        reading::rows(&scene),
        reading::streams(&scene)
    );
    roots.extend(streams);
    roots.extend(commands::rows(&scene).await);
    let covered: BTreeSet<&str> = roots.iter().map(|row| row.field.as_str()).collect();
    let known = root_fields(&scene.world).await;
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let without: Vec<_> = known.difference(&covered).collect();
    assert!(without.is_empty(), "root fields without a row: {without:?}");
    let gone: Vec<_> = covered.difference(&known).collect();
    assert!(
        gone.is_empty(),
        "rows of root fields that are gone: {gone:?}"
    );
    let page = format!(
        "{INTRODUCTION}\n## Root fields\n\n{}\n## Fields that some may not read\n\n{}",
        table(&roots),
        table(&fields)
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/authorization.md");
    generated(path.as_ref(), &page);
}

/// `Query.application` and so on, as the schema tells.
async fn root_fields(world: &World) -> BTreeSet<String> {
    let query =
        "{ __schema { queryType { name fields { name } } mutationType { name fields { name } }
        subscriptionType { name fields { name } } } }";
    let data = world.query("", query, json!({})).await;
    let roots = data["__schema"].as_object().unwrap().values();
    roots
        .flat_map(|root| {
            let kind = text(&root["name"]);
            let fields = root["fields"].as_array().unwrap().iter();
            fields.map(move |field| format!("{kind}.{}", text(&field["name"])))
        })
        .collect()
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("| field | of, or when |");
    for (heading, _) in PEOPLE {
        let _ = write!(text, " {heading} |");
    }
    text.push_str("\n|--|--|");
    text.push_str(&":-:|".repeat(PEOPLE.len()));
    for Row { field, case, cells } in rows {
        let _ = write!(text, "\n| `{field}` | {case} | {} |", cells.join(" | "));
    }
    text.push('\n');
    text
}

/// What an answer to one root field says in a cell.
fn cell(answer: &Value) -> String {
    if let Some(error) = answer["errors"].get(0) {
        return code(error.pointer("/extensions/code"), answer);
    }
    let data = answer["data"]
        .as_object()
        .unwrap_or_else(|| panic!("{answer:#}"));
    let field = data.values().next().unwrap();
    if let Some(error) = field["userErrors"].get(0) {
        return code(error.get("code"), answer);
    }
    let nothing = |list: &[Value]| list.iter().all(Value::is_null);
    match (field, field["nodes"].as_array()) {
        (Value::Null, _) => "null".into(),
        (Value::Array(list), _) if !list.is_empty() && nothing(list) => "null".into(),
        (Value::Array(list), _) if list.is_empty() => "empty".into(),
        (_, Some(list)) if list.is_empty() => "empty".into(),
        (Value::Object(payload), _) if payload.contains_key("userErrors") => {
            let done = payload
                .iter()
                .any(|(key, value)| key != "userErrors" && !value.is_null());
            assert!(done, "neither done nor refused: {answer:#}");
            DONE.into()
        }
        _ => DONE.into(),
    }
}

/// The input type of any mutation.
fn input_of(mutation: &str) -> String {
    match mutation {
        "grantRole" | "revokeRole" => "RoleInput".into(),
        other => input_type(other),
    }
}

fn code(code: Option<&Value>, answer: &Value) -> String {
    let code = code.and_then(Value::as_str);
    code.unwrap_or_else(|| panic!("an error without a code: {answer:#}"))
        .into()
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value:#}"))
}
