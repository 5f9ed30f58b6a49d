//! What the library must do, whatever its version: results in document order, null where a nullable
//! field fails, the nearest nullable parent where a required one does. 7.1 to 7.2 fail the first two.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use serde_json::{Value, json};
use stoa::graphql::error::{Code, Failure};

struct Query;
struct Program;

fn failure() -> Failure {
    Failure::new(Code::Internal)
}

#[Object]
impl Query {
    async fn program(&self) -> Option<Program> {
        Some(Program)
    }

    async fn programs(&self) -> Vec<Program> {
        vec![Program, Program]
    }
}

#[Object]
impl Program {
    async fn name(&self) -> &'static str {
        "Garden"
    }

    async fn slow(&self) -> &'static str {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        "slow"
    }

    async fn required(&self) -> Result<String, Failure> {
        tokio::task::yield_now().await;
        Err(failure())
    }

    async fn optional(&self) -> Option<Result<String, Failure>> {
        Some(Err(failure()))
    }
}

async fn run(query: &str) -> Value {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    serde_json::to_value(schema.execute(query).await).unwrap()
}

#[tokio::test]
async fn fields_come_back_in_the_order_they_were_asked_for() {
    let answer = run("{ program { slow name a: slow b: name } }").await;
    assert_eq!(
        answer["data"].to_string(),
        r#"{"program":{"a":"slow","b":"Garden","name":"Garden","slow":"slow"}}"#,
        "{answer:#}"
    );
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let text = serde_json::to_string(&schema.execute("{ program { slow name } }").await).unwrap();
    assert!(
        text.contains(r#"{"slow":"slow","name":"Garden"}"#),
        "{text}"
    );
}

#[tokio::test]
async fn a_nullable_field_that_fails_is_null_and_its_siblings_stay() {
    let answer = run("{ program { name optional } programs { optional name } }").await;
    assert_eq!(
        answer["data"],
        json!({
            "program": { "name": "Garden", "optional": null },
            "programs": [{ "optional": null, "name": "Garden" }, { "optional": null, "name": "Garden" }]
        })
    );
    let paths: Vec<_> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["path"].clone())
        .collect();
    assert!(paths.contains(&json!(["program", "optional"])), "{paths:?}");
    assert!(
        paths.contains(&json!(["programs", 1, "optional"])),
        "{paths:?}"
    );
}

#[tokio::test]
async fn a_required_field_that_fails_nulls_the_nearest_nullable_parent() {
    let answer = run("{ program { name required } }").await;
    assert_eq!(answer["data"], json!({ "program": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["program", "required"]));
}

#[tokio::test]
async fn an_error_carries_a_code_and_a_text_that_says_nothing_of_the_inside() {
    let answer = run("{ program { optional } }").await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "INTERNAL_SERVER_ERROR"
    );
}
