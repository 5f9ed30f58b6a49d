//! A world in which there is something of everything to be seen.

use serde_json::{Value, json};
use stoa_domain::account::Kind;
use stoa_domain::actor::Role;

use super::text;
use crate::support::{World, good};

/// A world, and what the variables of every document name in it.
pub struct Scene {
    pub world: World,
    pub ids: Value,
}

impl Scene {
    /// Applications of the applicant in every state that hides something, worked on by a colleague
    /// who stands in no column.
    pub async fn new() -> Self {
        let mut world = World::with(|rules| rules.capacity = Some(100_000)).await;
        world
            .person("colleague", Kind::Staff, &[Role::Specialist], true)
            .await;
        let held = held(&world).await;
        let proposed = proposed(&world, "Hilltop Garden").await;
        let approved = approved(&world).await;
        let draft = world.draft("applicant", "Hidden Garden", good()).await;
        let brought = brought_in(&world, "Imported Garden", "crm-1").await;
        let mut ids = json!({
            "program": world.program("garden").await.to_string(),
            "held": held["id"],
            "proposed": proposed["id"],
            "approved": approved["id"],
            "draft": draft["id"],
            "brought": brought["id"],
            "applicant": world.people["applicant"].id.to_string(),
            "colleague": world.people["colleague"].id.to_string(),
            "files": files(""),
        });
        find(&world, &mut ids).await;
        Self { world, ids }
    }

    /// Sends a document whose variables are named after what they mean here.
    pub async fn send(&self, person: &str, document: &str) -> Value {
        self.world.send(person, document, self.ids.clone()).await
    }

    /// The id, as text.
    pub fn id(&self, name: &str) -> &str {
        text(&self.ids[name])
    }
}

/// The team asked, the applicant replied, and now another team has to say something.
async fn held(world: &World) -> Value {
    let application = world.in_review().await;
    let claimed = world
        .act("colleague", "claimApplication", &application, json!({}))
        .await;
    let question = json!({ "question": "Who may use the garden?" });
    let asked = world
        .act("colleague", "askApplicant", &claimed, question)
        .await;
    let reply = json!({ "message": "Everybody." });
    let replied = world
        .act("applicant", "replyToQuestion", &asked, reply)
        .await;
    let hold = json!({ "cause": "COMPLIANCE", "note": "A name was flagged." });
    world
        .act("colleague", "holdApplication", &replied, hold)
        .await
}

/// Over a limit: it waits for a second person.
pub async fn proposed(world: &World, organization: &str) -> Value {
    let mut answers = good();
    answers["seats"] = json!(400);
    let application = world.submitted("applicant", organization, answers).await;
    let draft = json!({ "outcome": "APPROVE" });
    world
        .act("colleague", "proposeDecision", &application, draft)
        .await
}

async fn approved(world: &World) -> Value {
    let proposed = proposed(world, "Lakeside Garden").await;
    let approved = world
        .act("program manager", "approveDecision", &proposed, json!({}))
        .await;
    world
        .act("colleague", "publishDecision", &approved, json!({}))
        .await
}

/// A complete draft that the integration brought in for the applicant.
pub async fn brought_in(world: &World, organization: &str, external: &str) -> Value {
    let input = json!({
        "programId": world.program("garden").await.to_string(),
        "organizationName": organization,
        "externalId": external,
        "applicantId": world.people["applicant"].id.to_string(),
    });
    let draft = world.done("integration", "createApplication", input).await;
    world
        .act(
            "integration",
            "answerApplication",
            &draft,
            json!({ "answers": good() }),
        )
        .await
}

/// The garden program's files, as `publishRevision` takes them, with this text in the summary.
pub fn files(summary: &str) -> Value {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/garden");
    let read = |name: &str| std::fs::read_to_string(format!("{directory}/{name}")).unwrap();
    let program = read("program.toml")
        .replace("capacity = 3\n", "capacity = 100000\n")
        .replace("Tools for gardens", &format!("Tools{summary} for gardens"));
    let mut files = vec![
        json!({ "name": "program.toml", "text": program }),
        json!({ "name": "form.schema.json", "text": read("form.schema.json") }),
    ];
    for message in [
        "received", "question", "approved", "declined", "expiring", "expired",
    ] {
        let name = format!("messages/{message}.md");
        files.push(json!({ "name": name, "text": read(&name) }));
    }
    json!(files)
}

/// Ids of what came to be around the applications.
async fn find(world: &World, ids: &mut Value) {
    let document = "query($held: ID!, $approved: ID!) {
        held: application(id: $held) {
          organization { id } revision { id } evaluation { id }
          activities(first: 100) { nodes { id verb } } }
        approved: application(id: $approved) { organization { id } membership { id } } }";
    let data = world.query("colleague", document, ids.clone()).await;
    let lines = data["held"]["activities"]["nodes"].as_array().unwrap();
    let line = |verb| lines.iter().find(|line| line["verb"] == verb).unwrap()["id"].clone();
    for (name, id) in [
        ("organization", data["held"]["organization"]["id"].clone()),
        ("revision", data["held"]["revision"]["id"].clone()),
        ("evaluation", data["held"]["evaluation"]["id"].clone()),
        ("public", line("SUBMITTED")),
        ("internal", line("HELD")),
        ("member", data["approved"]["organization"]["id"].clone()),
        ("membership", data["approved"]["membership"]["id"].clone()),
    ] {
        assert!(id.is_string(), "{name}: {data:#}");
        ids[name] = id;
    }
}
