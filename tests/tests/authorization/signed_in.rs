//! Root fields of `Mutation` about sessions and tokens.

use serde_json::{Value, json};
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant, Permission, Role, Scope};
use stoa_domain::id::Id;
use stoa_domain::session::Session;
use stoa_domain::token::IntegrationToken;

use super::commands::{account, row, send};
use super::{PEOPLE, Row, cell};
use crate::support::World;

/// Cases, and what is asked for in the answer.
const CASES: [(&str, &str, &str); 8] = [
    ("refreshSession", "no good token", "tokens { accessToken }"),
    ("signOut", "of a colleague", "session { id }"),
    ("signOut", "one's own, another one", "session { id }"),
    ("signOutAccount", "of a colleague", "account { id }"),
    ("impersonate", "a colleague", "session { id }"),
    ("impersonate", "an administrator", "session { id }"),
    ("createIntegrationToken", "", "token { id }"),
    ("revokeIntegrationToken", "", "token { id }"),
];

/// What everybody could do.
pub async fn rows(world: &World) -> Vec<Row> {
    let mut rows: Vec<_> = CASES
        .map(|(field, case, _)| row(field, case, Vec::new()))
        .into();
    let mut everywhere = row("signOutEverywhere", "", Vec::new());
    for (column, (_, person)) in PEOPLE.into_iter().enumerate() {
        for (number, (field, _, selection)) in CASES.into_iter().enumerate() {
            let email = format!("signed.in.{number}.{column}@example.org");
            let input = input(world, person, number, &email).await;
            let answer = send(world, person, field, selection, input).await;
            rows[number].cells.push(cell(&answer));
        }
        let all = "mutation { signOutEverywhere { account { id } userErrors { code } } }";
        everywhere
            .cells
            .push(cell(&world.send(person, all, json!({})).await));
        if !person.is_empty() {
            world.sign_in(person).await;
        }
    }
    rows.push(everywhere);
    rows
}

async fn input(world: &World, person: &str, number: usize, email: &str) -> Value {
    let id = |account: &Account| account.id.to_string();
    match number {
        0 => json!({ "refreshToken": "stoar_" }),
        1 => json!({ "sessionId": session(world, &account(world, email, None).await).await }),
        2 => match world.people.get(person) {
            Some(own) => json!({ "sessionId": session(world, own).await }),
            None => json!({}),
        },
        3 => json!({ "accountId": id(&account(world, email, None).await) }),
        4 | 5 => {
            let admin = Grant {
                role: Role::Admin,
                program: None,
            };
            let of = account(world, email, (number == 5).then_some(admin)).await;
            json!({ "accountId": id(&of), "reason": "They asked for help." })
        }
        6 => json!({
            "accountId": id(&system(world, email).await),
            "name": "Warehouse",
            "scopes": [{ "permission": "READ_ACTIVITIES" }],
            "expiresAt": "2027-01-01T00:00:00Z",
        }),
        _ => json!({ "tokenId": token(world, &system(world, email).await).await }),
    }
}

async fn session(world: &World, of: &Account) -> Id<Session> {
    let clock = &world.service.clock;
    let session = Session::begin(clock.id(), of, clock.now()).unwrap();
    world.service.store.commit(session.clone()).await.unwrap();
    session.id
}

/// A new system that reads the feed.
async fn system(world: &World, email: &str) -> Account {
    let (store, clock) = (&world.service.store, &world.service.clock);
    let (by, now) = (&Actor::System, clock.now());
    let made = Account::create(clock.id(), Kind::Integration, "New", email, by, now).unwrap();
    let account = made.after.clone();
    store.commit(made).await.unwrap();
    let grant = Grant {
        role: Role::FeedReader,
        program: None,
    };
    let granted = account.grant(grant, 1, by, now).unwrap();
    let account = granted.after.clone();
    store.commit(granted).await.unwrap();
    account
}

async fn token(world: &World, of: &Account) -> Id<IntegrationToken> {
    let scope = Scope {
        permission: Permission::ReadActivities,
        program: None,
    };
    let wish = stoa::operations::integration_tokens::TokenWish {
        account: of,
        name: "Warehouse",
        scopes: vec![scope],
        expires_at: crate::support::at("2027-01-01T00:00:00Z"),
    };
    let made = world.service.create_token(&Actor::System, wish).await;
    made.unwrap().0.id
}
