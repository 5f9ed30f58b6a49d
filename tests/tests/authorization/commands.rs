//! Root fields of `Mutation`: every command meets a thing in a state in which nothing but authorisation
//! can stand against it. What was refused is proved to be untouched; what was done is replaced.

use serde_json::{Value, json};
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant, Role};

use super::scene::{Scene, brought_in, files, proposed};
use super::{DONE, PEOPLE, Row, cell, input_of, text};
use crate::support::{World, good, input};

/// Mutation, case, what an application is brought to before, and what is sent besides its id and version.
const ON_APPLICATIONS: &str = r#"
answerApplication | a draft | draft | { "answers": { "seats": 41 } }
answerApplication | a draft that the integration brought in | brought in | { "answers": { "seats": 41 } }
answerApplication | a question is open | asked | { "answers": { "seats": 41 } }
submitApplication | a draft | draft | {}
submitApplication | a draft that the integration brought in | brought in | {}
evaluateApplication | in review | in review | {}
claimApplication | in review | in review | {}
assignApplication | to a colleague | in review | { "assigneeId": "COLLEAGUE" }
unassignApplication | claimed by the specialist | claimed | {}
askApplicant | in review | in review | { "question": "Who may use the garden?" }
replyToQuestion | a question is open | asked | { "message": "Everybody." }
holdApplication | in review | in review | { "cause": "THIRD_PARTY", "note": "The registry." }
releaseApplication | on hold | held | {}
proposeDecision | in review | in review | { "outcome": "APPROVE" }
approveDecision | a colleague's draft, over a limit | over a limit | {}
sendBackDecision | a colleague's draft | over a limit | { "note": "Look at the seats." }
publishDecision | a colleague's draft, within the limits | drafted | {}
approveApplication | within the limits | in review | {}
declineApplication | in review | in review | { "reasons": ["COUNTRY"] }
waitlistApplication | in review | in review | {}
offerPlace | on the waiting list | waitlisted | {}
withdrawApplication | a draft | draft | {}
withdrawApplication | in review | in review | {}
reopenApplication | declined | declined | { "reason": "We changed the licence." }
"#;

/// What everybody could do.
pub async fn rows(scene: &Scene) -> Vec<Row> {
    let world = &scene.world;
    let mut rows = Vec::new();
    for line in ON_APPLICATIONS.trim().lines() {
        let mut parts = line.split('|').map(str::trim);
        let mut part = || parts.next().unwrap_or_else(|| panic!("{line}"));
        let (mutation, case, ready) = (part(), part(), part());
        let further = part().replace("COLLEAGUE", scene.id("colleague"));
        let further: Value = serde_json::from_str(&further).unwrap();
        let mut cells = Vec::new();
        let mut unused = None;
        for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
            let name = format!("Garden {} {column}", rows.len());
            let application = match unused.take() {
                Some(application) => application,
                None => bring(world, ready, &name).await,
            };
            let answer = send(
                world,
                person,
                mutation,
                "application { id }",
                input(&application, further.clone()),
            )
            .await;
            let cell = cell(&answer);
            if cell != DONE {
                untouched(world, &application).await;
                unused = Some(application);
            }
            cells.push(cell);
        }
        rows.push(row(mutation, case, cells));
    }
    rows.extend(beginnings(world).await);
    rows.extend(on_accounts(world).await);
    rows.extend(signing_in(world).await);
    rows.extend(on_programs(world).await);
    rows.extend(super::signed_in::rows(world).await);
    rows.sort_by(|a, b| a.field.cmp(&b.field));
    rows
}

/// An application of this name that is ready for a command.
async fn bring(world: &World, ready: &str, name: &str) -> Value {
    match ready {
        "draft" => return world.draft("applicant", name, good()).await,
        "brought in" => return brought_in(world, name, name).await,
        "over a limit" => return proposed(world, name).await,
        _ => {}
    }
    let application = world.submitted("applicant", name, good()).await;
    let (mutation, further) = match ready {
        "in review" => return application,
        "claimed" => {
            return world
                .act("specialist", "claimApplication", &application, json!({}))
                .await;
        }
        "asked" => ("askApplicant", json!({ "question": "Who else?" })),
        "held" => (
            "holdApplication",
            json!({ "cause": "THIRD_PARTY", "note": "The registry." }),
        ),
        "drafted" => ("proposeDecision", json!({ "outcome": "APPROVE" })),
        "declined" => ("declineApplication", json!({ "reasons": ["COUNTRY"] })),
        "waitlisted" => ("waitlistApplication", json!({})),
        _ => panic!("nothing is ever {ready}"),
    };
    world
        .act("colleague", mutation, &application, further)
        .await
}

/// A refusal changed nothing.
async fn untouched(world: &World, application: &Value) {
    let id = text(&application["id"]).parse().unwrap();
    let now = world
        .service
        .store
        .view(&Actor::System)
        .application(id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(json!(now.version), application["version"], "{}", now.id);
}

/// Drafts, for oneself and for somebody else.
async fn beginnings(world: &World) -> [Row; 2] {
    let mut rows = [
        ("for oneself", None),
        ("for the applicant", Some("applicant")),
    ]
    .map(|(case, whose)| {
        let whose = whose.map(|person| world.people[person].id.to_string());
        (whose, row("createApplication", case, Vec::new()))
    });
    let program = world.program("garden").await.to_string();
    for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
        for (whose, row) in &mut rows {
            let name = format!("New Garden {column}");
            let input =
                json!({ "programId": program, "organizationName": name, "applicantId": whose });
            let answer = send(
                world,
                person,
                "createApplication",
                "application { id }",
                input,
            )
            .await;
            row.cells.push(cell(&answer));
        }
    }
    rows.map(|(_, row)| row)
}

async fn on_accounts(world: &World) -> Vec<Row> {
    let garden = world.program("garden").await;
    let specialist = Grant {
        role: Role::Specialist,
        program: Some(garden),
    };
    let admin = Grant {
        role: Role::Admin,
        program: None,
    };
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
                0 => (
                    "createAccount",
                    json!({ "kind": "STAFF", "name": "New", "email": email }),
                ),
                1 => (
                    "createAccount",
                    json!({ "kind": "APPLICANT", "name": "New", "email": email }),
                ),
                2 | 3 => {
                    let account = account(world, &email, None).await;
                    (
                        "grantRole",
                        role(&account, if number == 2 { specialist } else { admin }),
                    )
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
            row.cells.push(cell(
                &send(world, person, mutation, "account { id }", input).await,
            ));
        }
    }
    rows
}

/// What everybody may do for themselves, and what nobody needs a token for.
async fn signing_in(world: &World) -> Vec<Row> {
    let password = "four unrelated garden words";
    let service = &world.service;
    let colleague = &world.people["colleague"];
    service
        .set_password(colleague, password.into())
        .await
        .unwrap();
    let mut rows = vec![
        row("signInWithPassword", "as a colleague", Vec::new()),
        row(
            "changePassword",
            "one's own, which people of the team have",
            Vec::new(),
        ),
        row("updateProfile", "one's own", Vec::new()),
        row("requestSignInCode", "where no mail is sent", Vec::new()),
        row("signInWithCode", "a wrong code", Vec::new()),
        row("signInWithOidc", "where no provider is set up", Vec::new()),
    ];
    for (_, person) in PEOPLE {
        let own = world.people.get(person);
        if let Some(own) = own {
            // Refused to whom has none.
            let _ = service.set_password(own, password.into()).await;
        }
        let version = own.map_or(1, |own| own.version);
        let inputs = [
            (
                "account { id }",
                json!({ "email": colleague.email, "password": password }),
            ),
            (
                "account { id }",
                json!({ "password": password, "newPassword": "seven willows by the river" }),
            ),
            (
                "account { id }",
                json!({ "name": person, "expectedVersion": version }),
            ),
            ("expiresAt", json!({ "email": colleague.email })),
            (
                "account { id }",
                json!({ "email": format!("{version}.{person}"), "code": "2345-6789" }),
            ),
            ("account { id }", json!({ "code": "x", "verifier": "x" })),
        ];
        for (row, (selection, input)) in rows.iter_mut().zip(inputs) {
            let (_, mutation) = row.field.split_once('.').unwrap();
            let answer = send(world, person, mutation, selection, input).await;
            row.cells.push(cell(&answer));
        }
    }
    rows
}

/// A new colleague.
pub(super) async fn account(world: &World, email: &str, grant: Option<Grant>) -> Account {
    let (store, clock) = (&world.service.store, &world.service.clock);
    let change = Account::create(
        clock.id(),
        Kind::Staff,
        "New",
        email,
        &Actor::System,
        clock.now(),
    )
    .unwrap();
    let account = change.after.clone();
    store.commit(change).await.unwrap();
    let Some(grant) = grant else { return account };
    let change = account
        .grant(grant, 1, &Actor::System, clock.now())
        .unwrap();
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

async fn on_programs(world: &World) -> [Row; 3] {
    let mut rows = [
        row("publishRevision", "of the program", Vec::new()),
        row("publishRevision", "of a new program", Vec::new()),
        row("publishRevision", "files with mistakes", Vec::new()),
    ];
    for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
        let mut files = files(&format!(" and help {column}"));
        for (number, row) in rows.iter_mut().enumerate() {
            match number {
                1 => {
                    let program = text(&files[0]["text"]);
                    let key = format!("key = \"meadow-{column}\"");
                    files[0]["text"] = json!(program.replacen("key = \"garden\"", &key, 1));
                }
                2 => files = json!([]),
                _ => {}
            }
            let answer = send(
                world,
                person,
                "publishRevision",
                "publication",
                json!({ "files": files }),
            )
            .await;
            row.cells.push(cell(&answer));
        }
    }
    rows
}

pub(super) async fn send(
    world: &World,
    person: &str,
    mutation: &str,
    selection: &str,
    input: Value,
) -> Value {
    let kind = input_of(mutation);
    let document = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
    );
    world
        .send(person, &document, json!({ "input": input }))
        .await
}

pub(super) fn row(mutation: &str, case: &'static str, cells: Vec<String>) -> Row {
    Row {
        field: format!("Mutation.{mutation}"),
        case,
        cells,
    }
}
