use super::*;
use crate::actor::{Grant, Role};
use crate::program::Program;
use uuid::Uuid;

fn day(day: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::days(day)
}

fn program(number: u128) -> Id<Program> {
    Id::new(Uuid::from_u128(number))
}

fn account(kind: Kind, grants: &[(Role, Option<u128>)]) -> Account {
    let grant = |(role, at): &(Role, Option<u128>)| Grant {
        role: *role,
        program: at.map(program),
    };
    Account {
        id: Id::new(Uuid::from_u128(1)),
        version: 1,
        kind,
        name: "A system".into(),
        email: "system@example.org".into(),
        grants: grants.iter().map(grant).collect(),
        created_at: day(0),
        disabled_at: None,
    }
}

fn scope(permission: Permission, at: Option<u128>) -> Scope {
    Scope {
        permission,
        program: at.map(program),
    }
}

fn create(account: &Account, scopes: &[Scope], expires: i64) -> Result<(), Refusal> {
    let id = Id::new(Uuid::from_u128(2));
    let scopes = scopes.to_vec();
    let by = &Actor::System;
    IntegrationToken::create(id, account, "CRM", scopes, day(expires), by, day(0)).map(|_| ())
}

#[test]
fn a_token_allows_at_most_what_its_account_may() {
    use Permission as P;
    let here = account(Kind::Integration, &[(Role::MemberReader, Some(7))]);
    let everywhere = account(Kind::Integration, &[(Role::MemberReader, None)]);
    for (account, scope, good) in [
        (&here, scope(P::ReadMemberships, Some(7)), true),
        (&here, scope(P::ReadMemberships, Some(8)), false),
        (&here, scope(P::ReadMemberships, None), true),
        (&here, scope(P::ReadActivities, Some(7)), false),
        (&here, scope(P::ReadActivities, None), false),
        (&everywhere, scope(P::ReadPersonalData, Some(8)), true),
        (&everywhere, scope(P::ImportApplications, Some(8)), false),
    ] {
        let expected = if good {
            Ok(())
        } else {
            Err(Refusal::ScopeNotHeld(scope))
        };
        assert_eq!(create(account, &[scope], 1), expected, "{scope:?}");
    }
    // What an account of one program may everywhere is what it may in that program.
    let holder = here.actor_by(Means::Token {
        token: Id::new(Uuid::from_u128(2)),
        scopes: vec![scope(P::ReadMemberships, None)],
    });
    let seen = holder.visibility(P::ReadMemberships);
    assert_eq!(seen, Visibility::Programs(vec![program(7)]));
    assert_eq!(holder.visibility(P::ReadPersonalData), Visibility::Nothing);
}

#[test]
fn a_token_ends_within_a_year_and_belongs_to_a_system() {
    let reader = account(Kind::Integration, &[(Role::FeedReader, None)]);
    let scopes = [scope(Permission::ReadActivities, None)];
    for (expires, expected) in [
        (-1, Err(Refusal::Expiry)),
        (0, Err(Refusal::Expiry)),
        (1, Ok(())),
        (366, Ok(())),
        (367, Err(Refusal::Expiry)),
    ] {
        assert_eq!(create(&reader, &scopes, expires), expected, "{expires}");
    }
    assert_eq!(create(&reader, &[], 1), Err(Refusal::NoScope));
    assert_eq!(
        create(&reader, &[scopes[0]; MOST + 1], 1),
        Err(Refusal::TooManyScopes)
    );
    let person = account(Kind::Staff, &[(Role::Admin, None)]);
    assert_eq!(create(&person, &scopes, 1), Err(Refusal::NotIntegration));
    let mut closed = reader;
    closed.disabled_at = Some(day(0));
    assert_eq!(create(&closed, &scopes, 1), Err(Refusal::Disabled));
}

#[test]
fn a_use_is_news_once_a_minute() {
    let reader = account(Kind::Integration, &[(Role::FeedReader, None)]);
    let change = IntegrationToken::create(
        Id::new(Uuid::from_u128(2)),
        &reader,
        "Warehouse",
        vec![scope(Permission::ReadActivities, None)],
        day(1),
        &Actor::System,
        day(0),
    );
    let mut token = change.unwrap_or_else(|refusal| panic!("{refusal:?}")).after;
    assert!(token.is_news(day(0)));
    token.used_at = Some(day(0));
    assert!(!token.is_news(day(0) + TimeDelta::seconds(59)));
    assert!(token.is_news(day(0) + TimeDelta::seconds(60)));
    assert!(token.holds(day(0)) && !token.holds(day(1)));
    let revoked = token.revoke(&Actor::System, day(0));
    let revoked = revoked
        .unwrap_or_else(|refusal| panic!("{refusal:?}"))
        .after;
    assert!(!revoked.holds(day(0)));
    let again = revoked.revoke(&Actor::System, day(0));
    assert_eq!(again.err(), Some(Refusal::Revoked));
}
