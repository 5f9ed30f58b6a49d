//! Programs that take applications in between two days.

use serde_json::json;

use crate::support::{World, good};

#[tokio::test]
async fn a_program_takes_applications_in_on_its_days_and_says_when_those_are() {
    let world = World::with(|rules| {
        rules.opens_on = "2026-11-23".parse().ok();
        rules.closes_on = "2026-11-30".parse().ok();
    })
    .await;
    let draft = world.draft("applicant", "Riverside Garden", good()).await;
    let read = "query { program(key: \"garden\") { currentRevision { opensOn closesOn takesApplications } } }";
    for (moment, open) in [
        ("2026-11-22T23:59:59Z", false),
        ("2026-11-23T00:00:00Z", true),
        ("2026-11-30T23:59:59Z", true),
        ("2026-12-01T00:00:00Z", false),
    ] {
        world.now(moment);
        let data = world.query("", read, json!({})).await;
        let revision = &data["program"]["currentRevision"];
        assert_eq!(revision["takesApplications"], open, "{moment}");
        assert_eq!(revision["closesOn"], "2026-11-30");
    }
    let late = world
        .refused("applicant", "submitApplication", &draft, json!({}))
        .await;
    assert_eq!(late["code"], "CLOSED");
    assert_eq!(
        late["message"],
        "The program does not take applications in today; it does from 2026-11-23 until 2026-11-30."
    );
    let program = world.program("garden").await.to_string();
    let begin = json!({ "programId": program, "organizationName": "Too Late" });
    let refused = world.command("applicant", "createApplication", begin).await;
    assert_eq!(refused["userErrors"][0]["code"], "CLOSED");
    world.now("2026-11-30T12:00:00Z");
    let submitted = world
        .act("applicant", "submitApplication", &draft, json!({}))
        .await;
    assert_eq!(submitted["status"], "IN_REVIEW");
}
