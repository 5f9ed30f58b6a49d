//! Root fields of `Mutation`: every cell has a thing of its own, in a state in which nothing but
//! authorisation can stand against the command.

use serde_json::{Value, json};
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant, Role};

use super::scene::{Scene, brought_in, files, proposed};
use super::{DONE, PEOPLE, Row, cell, text};
use crate::support::documents::input_type;
use crate::support::{World, good, input};

/// What an application is brought to before the command.
#[derive(Clone, Copy)]
enum Ready {
    Draft,
    BroughtIn,
    InReview,
    Asked,
    Held,
    /// A decision is drafted, within the limits.
    Drafted,
    /// A decision is drafted that needs a second person.
    Proposed,
    Declined,
    Waitlisted,
}

/// What everybody could do.
pub async fn rows(scene: &Scene) -> Vec<Row> {
    let world = &scene.world;
    let mut rows = Vec::new();
    for (mutation, case, ready, further) in on_applications(scene) {
        let mut cells = Vec::new();
        for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
            let name = format!("Garden {} {column}", rows.len());
            let application = bring(world, ready, &name).await;
            let answer = send(world, person, mutation, "application { id }", input(&application, further.clone())).await;
            let cell = cell(&answer);
            if cell != DONE {
                untouched(world, &application).await;
            }
            cells.push(cell);
        }
        rows.push(row(mutation, case, cells));
    }
    rows.extend(beginnings(world).await);
    rows.extend(on_accounts(world).await);
    rows.extend(on_programs(world).await);
    rows.sort_by(|a, b| a.field.cmp(&b.field));
    rows
}

type OnApplication = (&'static str, &'static str, Ready, Value);

fn on_applications(scene: &Scene) -> Vec<OnApplication> {
    let decline = json!({ "reasons": ["COUNTRY"] });
    vec![
        ("answerApplication", "a draft", Ready::Draft, json!({ "answers": { "seats": 41 } })),
        ("answerApplication", "a draft that the integration brought in", Ready::BroughtIn, json!({ "answers": { "seats": 41 } })),
        ("answerApplication", "a question is open", Ready::Asked, json!({ "answers": { "seats": 41 } })),
        ("submitApplication", "a draft", Ready::Draft, json!({})),
        ("submitApplication", "a draft that the integration brought in", Ready::BroughtIn, json!({})),
        ("evaluateApplication", "in review", Ready::InReview, json!({})),
        ("claimApplication", "in review", Ready::InReview, json!({})),
        ("assignApplication", "to a colleague", Ready::InReview, json!({ "assigneeId": scene.ids["colleague"] })),
        ("assignApplication", "to nobody", Ready::InReview, json!({ "assigneeId": null })),
        ("askApplicant", "in review", Ready::InReview, json!({ "question": "Who may use the garden?" })),
        ("replyToQuestion", "a question is open", Ready::Asked, json!({ "message": "Everybody." })),
        ("holdApplication", "in review", Ready::InReview, json!({ "cause": "THIRD_PARTY", "note": "The registry." })),
        ("releaseApplication", "on hold", Ready::Held, json!({})),
        ("proposeDecision", "in review", Ready::InReview, json!({ "outcome": "APPROVE" })),
        ("approveDecision", "a colleague's draft, over a limit", Ready::Proposed, json!({})),
        ("sendBackDecision", "a colleague's draft", Ready::Proposed, json!({ "note": "Look at the seats." })),
        ("publishDecision", "a colleague's draft, within the limits", Ready::Drafted, json!({})),
        ("approveApplication", "within the limits", Ready::InReview, json!({})),
        ("declineApplication", "in review", Ready::InReview, decline),
        ("waitlistApplication", "in review", Ready::InReview, json!({})),
        ("offerPlace", "on the waiting list", Ready::Waitlisted, json!({})),
        ("withdrawApplication", "a draft", Ready::Draft, json!({})),
        ("withdrawApplication", "in review", Ready::InReview, json!({})),
        ("reopenApplication", "declined", Ready::Declined, json!({ "reason": "We changed the licence." })),
    ]
}

async fn bring(world: &World, ready: Ready, name: &str) -> Value {
    match ready {
        Ready::Draft => return world.draft("applicant", name, good()).await,
        Ready::BroughtIn => return brought_in(world, name, name).await,
        Ready::Proposed => return proposed(world, name).await,
        _ => {}
    }
    let application = world.submitted("applicant", name, good()).await;
    let (mutation, further) = match ready {
        Ready::Asked => ("askApplicant", json!({ "question": "Who may use the garden?" })),
        Ready::Held => ("holdApplication", json!({ "cause": "THIRD_PARTY", "note": "The registry." })),
        Ready::Drafted => ("proposeDecision", json!({ "outcome": "APPROVE" })),
        Ready::Declined => ("declineApplication", json!({ "reasons": ["COUNTRY"] })),
        Ready::Waitlisted => ("waitlistApplication", json!({})),
        _ => return application,
    };
    world.act("colleague", mutation, &application, further).await
}

/// A refusal changed nothing.
async fn untouched(world: &World, application: &Value) {
    let id = text(&application["id"]).parse().unwrap();
    let now = world.service.store.view(&Actor::System).application(id).await.unwrap().unwrap();
    assert_eq!(json!(now.version), application["version"], "{}", now.id);
}

/// Drafts, for oneself and for somebody else.
async fn beginnings(world: &World) -> [Row; 2] {
    let mut rows = [("for oneself", None), ("for the applicant", Some("applicant"))].map(|(case, whose)| {
        let whose = whose.map(|person| world.people[person].id.to_string());
        (whose, row("createApplication", case, Vec::new()))
    });
    let program = world.program("garden").await.to_string();
    for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
        for (whose, row) in &mut rows {
            let name = format!("New Garden {column}");
            let input = json!({ "programId": program, "organizationName": name, "applicantId": whose });
            let answer = send(world, person, "createApplication", "application { id }", input).await;
            row.cells.push(cell(&answer));
        }
    }
    rows.map(|(_, row)| row)
}

async fn on_accounts(world: &World) -> Vec<Row> {
    let garden = world.program("garden").await;
    let specialist = Grant { role: Role::Specialist, program: Some(garden) };
    let admin = Grant { role: Role::Admin, program: None };
    let mut rows = vec![
        row("createAccount", "of a colleague", Vec::new()),
        row("createAccount", "of an applicant", Vec::new()),
        row("grantRole", "specialist of the program", Vec::new()),
        row("grantRole", "admin", Vec::new()),
        row("revokeRole", "specialist of the program", Vec::new()),
        row("revokeRole", "admin", Vec::new()),
        row("disableAccount", "of a colleague", Vec::new()),
    ];
    for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
        for (number, row) in rows.iter_mut().enumerate() {
            let email = format!("new.{number}.{column}@example.org");
            let (mutation, input) = match number {
                0 => ("createAccount", json!({ "kind": "STAFF", "name": "New", "email": email })),
                1 => ("createAccount", json!({ "kind": "APPLICANT", "name": "New", "email": email })),
                2 | 3 => {
                    let account = account(world, &email, None).await;
                    ("grantRole", role(&account, if number == 2 { specialist } else { admin }))
                }
                4 | 5 => {
                    let grant = if number == 4 { specialist } else { admin };
                    let account = account(world, &email, Some(grant)).await;
                    ("revokeRole", role(&account, grant))
                }
                _ => {
                    let account = account(world, &email, None).await;
                    let input = json!({ "accountId": account.id.to_string(), "expectedVersion": account.version });
                    ("disableAccount", input)
                }
            };
            row.cells.push(cell(&send(world, person, mutation, "account { id }", input).await));
        }
    }
    rows
}

/// A new colleague.
async fn account(world: &World, email: &str, grant: Option<Grant>) -> Account {
    let (store, clock) = (&world.service.store, &world.service.clock);
    let change = Account::create(clock.id(), Kind::Staff, "New", email, &Actor::System, clock.now()).unwrap();
    let account = change.after.clone();
    store.commit(change).await.unwrap();
    let Some(grant) = grant else { return account };
    let change = account.grant(grant, 1, &Actor::System, clock.now()).unwrap();
    let account = change.after.clone();
    store.commit(change).await.unwrap();
    account
}

fn role(account: &Account, grant: Grant) -> Value {
    json!({
        "accountId": account.id.to_string(),
        "expectedVersion": account.version,
        "role": grant.role,
        "programId": grant.program.map(|program| program.to_string()),
    })
}

async fn on_programs(world: &World) -> [Row; 2] {
    let mut rows = [
        row("publishRevision", "of the program", Vec::new()),
        row("publishRevision", "of a new program", Vec::new()),
    ];
    for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
        let mut files = files(&format!(" and help {column}"));
        for (new, row) in rows.iter_mut().enumerate() {
            if new == 1 {
                let program = text(&files[0]["text"]);
                let key = format!("key = \"meadow-{column}\"");
                files[0]["text"] = json!(program.replacen("key = \"garden\"", &key, 1));
            }
            let answer = send(world, person, "publishRevision", "publication", json!({ "files": files })).await;
            row.cells.push(cell(&answer));
        }
    }
    rows
}

async fn send(world: &World, person: &str, mutation: &str, selection: &str, input: Value) -> Value {
    let kind = match mutation {
        "grantRole" | "revokeRole" => "RoleInput".into(),
        other => input_type(other),
    };
    let document = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
    );
    world.send(person, &document, json!({ "input": input })).await
}

fn row(mutation: &str, case: &'static str, cells: Vec<String>) -> Row {
    Row { field: format!("Mutation.{mutation}"), case, cells }
}
