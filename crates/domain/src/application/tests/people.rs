//! Who acts.

use uuid::Uuid;

use super::at;
use crate::account::{self, Account};
use crate::actor::{Actor, Grant, Means, Role};
use crate::application::Action;
use crate::id::Id;
use crate::program::Program;

pub(super) const PROGRAM: Id<Program> = Id::new(Uuid::from_u128(100));
pub(super) const OTHER_PROGRAM: Id<Program> = Id::new(Uuid::from_u128(200));

pub(super) const OWNER: Id<Account> = Id::new(Uuid::from_u128(1));
pub(super) const SPECIALIST: Id<Account> = Id::new(Uuid::from_u128(2));
pub(super) const COLLEAGUE: Id<Account> = Id::new(Uuid::from_u128(3));
pub(super) const MANAGER: Id<Account> = Id::new(Uuid::from_u128(4));
pub(super) const SECOND_MANAGER: Id<Account> = Id::new(Uuid::from_u128(5));
pub(super) const STRANGER: Id<Account> = Id::new(Uuid::from_u128(6));

/// The person, or the service, whose task an action is.
pub(super) fn somebody_who_may(action: Action) -> Actor {
    match action {
        Action::Answer | Action::Submit | Action::Reply | Action::Withdraw | Action::Reopen => {
            owner()
        }
        Action::Evaluate | Action::Warn | Action::Expire | Action::Alert => Actor::System,
        Action::Assign | Action::Unassign | Action::ApproveDecision | Action::SendBack => manager(),
        _ => specialist(),
    }
}

pub(super) fn owner() -> Actor {
    Actor::Applicant {
        account: OWNER,
        means: Means::Account,
    }
}

pub(super) fn other_applicant() -> Actor {
    Actor::Applicant {
        account: STRANGER,
        means: Means::Account,
    }
}

pub(super) fn staff(account: Id<Account>, role: Role, program: Option<Id<Program>>) -> Actor {
    Actor::Staff {
        account,
        grants: vec![Grant { role, program }],
        means: Means::Account,
    }
}

pub(super) fn specialist() -> Actor {
    staff(SPECIALIST, Role::Specialist, Some(PROGRAM))
}

pub(super) fn colleague() -> Actor {
    staff(COLLEAGUE, Role::Specialist, Some(PROGRAM))
}

pub(super) fn manager() -> Actor {
    staff(MANAGER, Role::ProgramManager, Some(PROGRAM))
}

pub(super) fn second_manager() -> Actor {
    staff(SECOND_MANAGER, Role::ProgramManager, Some(PROGRAM))
}

pub(super) fn importer(program: Id<Program>) -> Actor {
    Actor::Integration {
        account: STRANGER,
        grants: vec![Grant {
            role: Role::Importer,
            program: Some(program),
        }],
        means: Means::Account,
    }
}

/// Everybody there is, by the name that tables use.
pub(super) fn everybody() -> [(&'static str, Actor); 13] {
    [
        ("nobody", Actor::Anonymous),
        ("owner", owner()),
        ("other applicant", other_applicant()),
        ("specialist", specialist()),
        ("colleague", colleague()),
        (
            "specialist elsewhere",
            staff(STRANGER, Role::Specialist, Some(OTHER_PROGRAM)),
        ),
        ("manager", manager()),
        ("second manager", second_manager()),
        (
            "operations manager",
            staff(STRANGER, Role::OperationsManager, None),
        ),
        ("observer", staff(STRANGER, Role::Observer, None)),
        ("admin", staff(STRANGER, Role::Admin, None)),
        ("importer", importer(PROGRAM)),
        ("service", Actor::System),
    ]
}

pub(super) fn account(id: Id<Account>, role: Role, program: Id<Program>) -> Account {
    Account {
        id,
        version: 1,
        kind: account::Kind::Staff,
        name: "Grace".to_owned(),
        email: "grace@example.org".to_owned(),
        grants: vec![Grant {
            role,
            program: Some(program),
        }],
        created_at: at("01-01T00:00"),
        disabled_at: None,
    }
}
