//! Programs that aim at something else than what is built in.

use serde_json::{Value, json};
use stoa_domain::actor::Role;
use stoa_domain::kpi::{Aim, Key, Target};

use crate::support::World;

const DEFINITIONS: &str = "query($id: ID) { kpiDefinitions(programId: $id) {
    key version owner target { good acceptable } program { key } } }";

async fn world() -> World {
    World::with(|rules| {
        rules.kpis = vec![
            Aim {
                key: Key::TimeToApprove,
                target: Some(Target {
                    good: 60.0,
                    acceptable: 120.0,
                }),
                owner: Some(Role::ProgramManager),
            },
            Aim {
                key: Key::WithinPromise,
                target: None,
                owner: Some(Role::Specialist),
            },
        ];
    })
    .await
}

fn of<'a>(definitions: &'a Value, key: &str) -> &'a Value {
    let mut all = definitions["kpiDefinitions"].as_array().unwrap().iter();
    all.find(|it| it["key"] == key).unwrap()
}

#[tokio::test]
async fn a_definition_says_whose_it_is_and_for_which_program() {
    let world = world().await;
    let built_in = world.query("", DEFINITIONS, json!({})).await;
    assert_eq!(
        *of(&built_in, "TIME_TO_APPROVE"),
        json!({
            "key": "TIME_TO_APPROVE", "version": 1, "owner": "OPERATIONS_MANAGER",
            "target": { "good": 2400.0, "acceptable": 4800.0 }, "program": null
        })
    );
    let garden = json!({ "id": world.program("garden").await.to_string() });
    let garden = world.query("", DEFINITIONS, garden).await;
    assert_eq!(
        *of(&garden, "TIME_TO_APPROVE"),
        json!({
            "key": "TIME_TO_APPROVE", "version": 1, "owner": "PROGRAM_MANAGER",
            "target": { "good": 60.0, "acceptable": 120.0 }, "program": { "key": "garden" }
        })
    );
    assert_eq!(
        *of(&garden, "WITHIN_PROMISE"),
        json!({
            "key": "WITHIN_PROMISE", "version": 1, "owner": "SPECIALIST",
            "target": { "good": 0.95, "acceptable": 0.9 }, "program": { "key": "garden" }
        })
    );
    let nowhere = json!({ "id": "prog_00000000000000000000000000" });
    let nowhere = world.query("", DEFINITIONS, nowhere).await;
    assert_eq!(nowhere["kpiDefinitions"], Value::Null);
}

#[tokio::test]
async fn a_value_stands_against_the_target_of_its_program() {
    let world = world().await;
    let application = world.in_review().await;
    world.now("2026-11-23T11:30:00Z");
    world
        .act("specialist", "approveApplication", &application, json!({}))
        .await;
    let query = "query($input: KpiInput!) { kpi(input: $input) {
        definition { target { good } program { key } } values { value health } } }";
    for (program, good, key, health) in [
        (
            Some("garden"),
            60.0,
            json!({ "key": "garden" }),
            "NEEDS_ATTENTION",
        ),
        (None, 2400.0, Value::Null, "ON_TRACK"),
    ] {
        let mut input = json!({
            "key": "TIME_TO_APPROVE", "granularity": "MONTH", "from": "2026-11-01", "to": "2026-11-30"
        });
        if let Some(program) = program {
            input["programId"] = json!(world.program(program).await.to_string());
        }
        let told = world
            .query("program manager", query, json!({ "input": input }))
            .await;
        assert_eq!(
            told["kpi"],
            json!({
                "definition": { "target": { "good": good }, "program": key },
                "values": [{ "value": 90.0, "health": health }]
            })
        );
    }
}
