//! The schema is the product: generated, described, and used by the documents that frontends send.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use serde_json::Value;
use stoa::graphql::scope::Scope;
use stoa_domain::actor::Actor;

use crate::support::{World, generated};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

async fn introspect() -> Value {
    let query = "{ __schema { types { kind name description
        fields(includeDeprecated: true) { name description args { name description } }
        inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";
    let answer = stoa::graphql::schema().execute(query).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    serde_json::to_value(answer.data).unwrap()["__schema"].clone()
}

#[test]
fn the_committed_schema_is_what_the_code_says() {
    generated(&root().join("schema/schema.graphql"), &stoa::graphql::sdl());
}

#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let mut missing = Vec::new();
    // A page's arguments are the same everywhere, and described by the connection specification.
    let known = ["first", "after", "last", "before", "input"];
    let schema = introspect().await;
    for kind in schema["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        if name.starts_with("__") {
            continue;
        }
        let empty = |thing: &Value| {
            thing["description"]
                .as_str()
                .is_none_or(|text| text.trim().is_empty())
        };
        // The library makes connections, and describes their fields.
        if kind["kind"] != "SCALAR" && !name.ends_with("Connection") && empty(kind) {
            missing.push(name.to_owned());
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for field in kind[list].as_array().into_iter().flatten() {
                let place = format!("{name}.{}", field["name"].as_str().unwrap());
                if empty(field) {
                    missing.push(place.clone());
                }
                for argument in field["args"].as_array().into_iter().flatten() {
                    let argument_name = argument["name"].as_str().unwrap();
                    if empty(argument) && !known.contains(&argument_name) {
                        missing.push(format!("{place}({argument_name}:)"));
                    }
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// The first answer to an operation by somebody who is not signed in, over any transport.
async fn stranger(world: &World, text: &str, operation: Option<&str>) -> Value {
    let scope = Scope::new(world.service.clone(), &Actor::Anonymous);
    let mut request = async_graphql::Request::new(text).data(scope);
    if let Some(operation) = operation {
        request = request.operation_name(operation);
    }
    let answer = stoa::graphql::schema().execute_stream(request).next().await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[tokio::test]
async fn every_document_of_the_frontends_is_valid_and_every_root_field_is_in_one() {
    let world = World::new().await;
    let mut used = BTreeSet::new();
    let folder = root().join("schema/operations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 3);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let document = async_graphql::parser::parse_query(&text).unwrap();
        for (name, operation) in document.operations.iter() {
            for selection in &operation.node.selection_set.node.items {
                if let async_graphql::parser::types::Selection::Field(field) = &selection.node {
                    used.insert(field.node.name.node.to_string());
                }
            }
            // Validation comes before execution: strangers and missing variables are told later.
            let name = name.map(ToString::to_string);
            let answer = stranger(&world, &text, name.as_deref()).await;
            let said = answer["errors"][0]["message"].as_str().unwrap_or_default();
            let coercion = said.contains("Variable") || said.contains("variable");
            // An error with a path comes from running it: it was valid.
            let ran = answer["data"].is_object() || answer["errors"][0]["path"].is_array();
            let valid = ran || coercion || said.contains("Sign in");
            assert!(valid, "{} {name:?}: {answer:#}", file.display());
        }
    }
    let schema = introspect().await;
    let mut all = BTreeSet::new();
    for kind in schema["types"].as_array().unwrap() {
        if matches!(
            kind["name"].as_str(),
            Some("Query" | "Mutation" | "Subscription")
        ) {
            all.extend(
                kind["fields"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|it| it["name"].as_str().unwrap().to_owned()),
            );
        }
    }
    let unused: Vec<_> = all.difference(&used).collect();
    assert!(unused.is_empty(), "no document uses {unused:?}");
}
