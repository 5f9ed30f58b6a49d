//! The registry of academic domains: what is loaded into it counts from the next evaluation on.

use serde_json::{Value, json};
use stoa_domain::criteria::{Consequence, Criterion};
use stoa_domain::program::Rules;
use stoa_domain::verifiers::academic;

use super::{answers, everything_on, finding};
use crate::support::World;

/// The garden program, for academics only.
fn academic(rules: &mut Rules) {
    rules.criteria.push(Criterion {
        key: "academic-mail".into(),
        statement: "The mail address is a university's.".into(),
        expression: "mail_academic".into(),
        unmet: Consequence::Decline,
        reason: Some("COUNTRY".into()),
        fix: "Use your address at the university.".into(),
    });
}

#[tokio::test]
async fn an_evaluation_after_the_registry_changed_is_another_one_and_the_first_is_kept() {
    let world = World::with(|rules| {
        everything_on(rules);
        academic(rules);
    })
    .await;
    let given = answers(&json!({ "email": "ada@cs.ox.ac.uk" }));
    let application = world.submitted("applicant", "Botanic Garden", given).await;
    assert_eq!(
        application["status"], "IN_REVIEW",
        "an empty registry knows nothing"
    );
    let unknown = finding(&world, &application, "academic-mail").await;
    assert_eq!(unknown["outcome"], "UNKNOWN");
    assert_eq!(
        unknown["problem"],
        "`mail_academic` is not known: the registry of academic domains is empty"
    );
    let list = "ox.ac.uk University of Oxford\n-ox.edu Abused\nedu\n";
    let entries = academic::parse(list).unwrap();
    world.service.store.commit(entries).await.unwrap();
    world.now("2026-11-24T10:00:00Z");
    let again = world
        .act("specialist", "evaluateApplication", &application, json!({}))
        .await;
    assert_eq!(
        again["status"], "IN_REVIEW",
        "what people have before them they decide"
    );
    let known = finding(&world, &application, "academic-mail").await;
    assert_eq!(
        known,
        json!({
            "criterion": "academic-mail", "outcome": "MET", "consequence": "DECLINE", "problem": null,
            "facts": [{
                "name": "mail_academic", "value": true, "source": "ACADEMIC_REGISTRY",
                "evidence": "`cs.ox.ac.uk` is in the registry of academic domains: ox.ac.uk (University of Oxford)"
            }]
        })
    );
    let all = "query($id: ID!) { application(id: $id) {
        evaluation { id } evaluations(first: 5) { nodes { id at recommendation findings { criterion outcome } } } } }";
    let data = world
        .query("specialist", all, json!({ "id": application["id"] }))
        .await;
    let runs = data["application"]["evaluations"]["nodes"]
        .as_array()
        .unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0]["id"], data["application"]["evaluation"]["id"]);
    assert_ne!(runs[0]["id"], runs[1]["id"]);
    let summary = |run: &Value| {
        json!([
            run["at"],
            run["recommendation"],
            run["findings"][4]["outcome"]
        ])
    };
    assert_eq!(
        summary(&runs[0]),
        json!(["2026-11-24T10:00:00Z", "APPROVE", "MET"])
    );
    assert_eq!(
        summary(&runs[1]),
        json!(["2026-11-23T10:00:00Z", "REVIEW", "UNKNOWN"])
    );
}

#[tokio::test]
async fn the_registry_says_of_a_domain_what_it_says_of_those_above_it() {
    let world = World::with(academic).await;
    let list = "ox.ac.uk University of Oxford\nedu\n-diploma-mill.edu\n";
    world
        .service
        .store
        .commit(academic::parse(list).unwrap())
        .await
        .unwrap();
    for (number, (email, outcome)) in [
        ("ada@maths.ox.ac.uk", "MET"),
        ("ada@college.edu", "MET"),
        ("ada@diploma-mill.edu", "UNMET"),
        ("ada@mail.diploma-mill.edu", "UNMET"),
        ("ada@notox.ac.uk", "UNMET"),
        ("ada@example.org", "UNMET"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("Garden {number}");
        let given = answers(&json!({ "email": email, "organization": name }));
        let application = world.submitted("applicant", &name, given).await;
        let found = finding(&world, &application, "academic-mail").await;
        assert_eq!(found["outcome"], outcome, "{email}: {found}");
    }
    let now_excluded = academic::parse("-ox.ac.uk\n").unwrap();
    world.service.store.commit(now_excluded).await.unwrap();
    let given = answers(&json!({ "email": "ada@ox.ac.uk", "organization": "Last Garden" }));
    let application = world.submitted("applicant", "Last Garden", given).await;
    let found = finding(&world, &application, "academic-mail").await;
    assert_eq!(
        found["outcome"], "UNMET",
        "a newer entry replaces the older one"
    );
}
