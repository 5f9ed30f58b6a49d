use super::*;
use crate::actor::Grant;
use uuid::Uuid;

fn minute(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn account(number: u128, kind: Kind, role: Option<Role>) -> Account {
    let grant = |role| Grant {
        role,
        program: None,
    };
    Account {
        id: Id::new(Uuid::from_u128(number)),
        version: 1,
        kind,
        name: "Somebody".into(),
        email: format!("{number}@example.org"),
        grants: role.map(grant).into_iter().collect(),
        created_at: minute(0),
        disabled_at: None,
    }
}

fn session(of: &Account) -> Session {
    Session::begin(Id::new(Uuid::from_u128(100)), of, minute(0))
        .unwrap_or_else(|it| panic!("{it:?}"))
}

fn id(number: u128) -> Id<Session> {
    Id::new(Uuid::from_u128(number))
}

#[test]
fn a_session_goes_on_while_it_is_refreshed_and_ends_after_ninety_days_at_the_latest() {
    let somebody = account(1, Kind::Applicant, None);
    let mut session = session(&somebody);
    let (idle, longest) = (IDLE.num_minutes(), LONGEST.num_minutes());
    assert!(session.holds(minute(idle - 1)));
    assert!(!session.holds(minute(idle)));
    let mut now = 0;
    while now < longest {
        assert!(session.holds(minute(now)));
        let made_with = session.version;
        let Refreshed::Renewed(next) = session.refresh(made_with, minute(now)) else {
            panic!("not renewed after {now} minutes");
        };
        assert_eq!(next.used_at, minute(now));
        assert_eq!(next.expires_at, minute((now + idle).min(longest)));
        session = next;
        now += idle - 1;
    }
    assert_eq!(session.refresh(5, minute(longest)), Refreshed::Over);
}

#[test]
fn a_refresh_token_is_good_once_and_a_second_use_ends_the_session() {
    let somebody = account(1, Kind::Staff, None);
    let first = session(&somebody);
    let Refreshed::Renewed(second) = first.refresh(1, minute(1)) else {
        panic!("not renewed");
    };
    let Refreshed::Reused(change) = second.refresh(1, minute(2)) else {
        panic!("a used token was taken");
    };
    assert!(!change.after.holds(minute(2)));
    assert_eq!(change.activity.verb, Verb::RefreshReused);
    assert_eq!(change.activity.account, None);
    assert_eq!(change.after.refresh(2, minute(3)), Refreshed::Over);
}

#[test]
fn whoever_may_end_a_session() {
    let (owner, other) = (account(1, Kind::Staff, None), account(2, Kind::Staff, None));
    let admin = account(3, Kind::Staff, Some(Role::Admin));
    let own = Means::Session(id(100));
    let elsewhere = Means::Session(id(101));
    let in_their_name = |number| Means::Impersonation {
        session: id(number),
        by: admin.id,
    };
    let token = Means::Token {
        token: Id::new(Uuid::from_u128(7)),
        scopes: Vec::new(),
    };
    // Who; whether they end this session; whether they end all.
    for (by, one, all) in [
        (owner.actor_by(own.clone()), true, true),
        (owner.actor_by(elsewhere.clone()), true, true),
        (owner.actor_by(in_their_name(100)), true, false),
        (owner.actor_by(in_their_name(101)), false, false),
        (owner.actor_by(token), false, false),
        (other.actor_by(elsewhere.clone()), false, false),
        (admin.actor_by(elsewhere), true, true),
        (Actor::Anonymous, false, false),
        (Actor::System, true, true),
    ] {
        let ended = session(&owner).end(&by, minute(1));
        assert_eq!(ended.is_ok(), one, "{by:?}");
        assert_eq!(end_all(owner.id, &by, minute(1)).is_ok(), all, "{by:?}");
    }
    let mut over = session(&owner);
    over.ended_at = Some(minute(1));
    assert_eq!(over.end(&Actor::System, minute(2)), Err(Refusal::Over));
}

#[test]
fn only_an_administrator_acts_in_anothers_name_and_never_in_an_administrators() {
    let admin = account(3, Kind::Staff, Some(Role::Admin));
    let signed_in = admin.actor_by(Means::Session(id(50)));
    let person = account(1, Kind::Staff, Some(Role::Specialist));
    let mut closed = account(4, Kind::Applicant, None);
    closed.disabled_at = Some(minute(0));
    let begin = |of: &Account, reason: &str, by: &Actor| {
        Session::impersonate(id(9), of, reason, TimeDelta::minutes(15), by, minute(0))
    };
    let change = begin(&person, "They cannot find the form.", &signed_in);
    let change = change.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(change.activity.account, Some(admin.id));
    let acting = person.actor_by(change.after.means());
    assert_eq!(acting.impersonator(), Some(admin.id));
    let line = Activity::new(
        Verb::Claimed,
        Subject::Account(person.id),
        0,
        &acting,
        minute(1),
    );
    assert_eq!(
        (line.account, line.impersonator),
        (Some(person.id), Some(admin.id))
    );
    for (of, by, refusal) in [
        (&admin, &signed_in, Refusal::NotInTheirName),
        (
            &account(5, Kind::Staff, Some(Role::Admin)),
            &signed_in,
            Refusal::NotInTheirName,
        ),
        (
            &account(6, Kind::Integration, None),
            &signed_in,
            Refusal::NotInTheirName,
        ),
        (&closed, &signed_in, Refusal::Disabled),
        (
            &person,
            &acting,
            NotPermitted(Permission::ManageAccounts).into(),
        ),
        (
            &closed,
            &Actor::System,
            NotPermitted(Permission::ManageAccounts).into(),
        ),
    ] {
        let refused = begin(of, "A reason.", by).err();
        assert_eq!(refused, Some(refusal));
    }
    let silent = begin(&person, "  ", &signed_in).err();
    assert!(matches!(
        silent,
        Some(Refusal::Invalid {
            field: "reason",
            ..
        })
    ));
}

#[test]
fn a_closed_account_begins_no_session() {
    let mut closed = account(1, Kind::Staff, None);
    closed.disabled_at = Some(minute(0));
    let refused = Session::begin(id(1), &closed, minute(1));
    assert_eq!(refused, Err(Refusal::Disabled));
}
