//! Accounts at an `OpenID` provider, and the roles its claims give.
//!
//! What a mapping can give, it also takes away: at each sign-in the account holds exactly those of the
//! mapping's roles that the claims name. Roles that the mapping does not know are left as they are.

use chrono::TimeDelta;

use crate::Timestamp;
use crate::account::{Account, Refusal};
use crate::actor::{Actor, Grant};
use crate::change::{Change, Mode};
use crate::id::Id;

/// How long a frontend may take to fetch a session after the provider sent somebody back.
pub const EXCHANGE_LIFE: TimeDelta = TimeDelta::minutes(1);

/// Which account somebody at a provider has here. Addresses change hands; the subject does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// The account here.
    pub account: Id<Account>,
    /// Since when.
    pub linked_at: Timestamp,
}

/// A sign-in on its way back from a provider to the frontend that began it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The hash of the code that the frontend is sent.
    pub code: String,
    /// Who signed in.
    pub account: Id<Account>,
    /// The hash of the secret that the frontend began with.
    pub challenge: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// Gives and takes the roles that the mapping knows, one change for each. `named` are those of `known`
/// that the claims name.
pub fn apply(
    account: Account,
    known: &[Grant],
    named: &[Grant],
    now: Timestamp,
) -> Result<Vec<Change<Account>>, Refusal> {
    let mut account = account;
    let mut changes = Vec::new();
    let mut keep = |change: Change<Account>| {
        let mut change = change;
        change.activity.mode = Mode::Integration;
        let after = change.after.clone();
        changes.push(change);
        after
    };
    for grant in known {
        let seen = account.version;
        let holds = account.grants.contains(grant);
        if holds && !named.contains(grant) {
            account = keep(account.revoke(*grant, seen, &Actor::System, now)?);
        } else if !holds && named.contains(grant) {
            account = keep(account.grant(*grant, seen, &Actor::System, now)?);
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::account::Kind;
    use crate::actor::Role;
    use crate::change::Verb;
    use uuid::Uuid;

    const fn grant(role: Role) -> Grant {
        Grant {
            role,
            program: None,
        }
    }

    fn account(kind: Kind, grants: &[Grant]) -> Account {
        Account {
            id: Id::new(Uuid::from_u128(1)),
            version: 4,
            kind,
            name: "Robin".into(),
            email: "robin@example.org".into(),
            grants: grants.to_vec(),
            created_at: Timestamp::UNIX_EPOCH,
            disabled_at: None,
        }
    }

    #[test]
    fn the_mapping_gives_and_takes_its_own_roles_and_no_others() {
        use Role::{Admin, Observer, ProgramManager, Specialist};
        let known = [grant(Specialist), grant(ProgramManager), grant(Admin)];
        for (held, named, expected) in [
            (vec![], vec![], vec![]),
            (vec![], vec![Specialist], vec![Specialist]),
            (vec![Specialist], vec![Specialist], vec![Specialist]),
            (vec![Specialist], vec![], vec![]),
            (vec![Specialist], vec![Admin], vec![Admin]),
            // Not the mapping's: given by hand, and left.
            (vec![Observer, Specialist], vec![], vec![Observer]),
            (
                vec![Observer],
                vec![Admin, Specialist],
                vec![Observer, Specialist, Admin],
            ),
        ] {
            let held: Vec<_> = held.into_iter().map(grant).collect();
            let named: Vec<_> = named.into_iter().map(grant).collect();
            let expected: Vec<_> = expected.into_iter().map(grant).collect();
            let before = account(Kind::Staff, &held);
            let changes = apply(before.clone(), &known, &named, Timestamp::UNIX_EPOCH).unwrap();
            let after = changes.last().map_or(before, |change| change.after.clone());
            assert_eq!(after.grants, expected, "{held:?}, {named:?}");
            for (change, version) in changes.iter().zip(5..) {
                assert_eq!(change.after.version, version);
                assert_eq!(change.activity.mode, Mode::Integration);
                assert!(matches!(
                    change.activity.verb,
                    Verb::RoleGranted | Verb::RoleRevoked
                ));
            }
        }
    }

    #[test]
    fn an_applicant_is_given_no_role_by_any_claim() {
        let known = [grant(Role::Specialist)];
        let it = account(Kind::Applicant, &[]);
        assert_eq!(
            apply(it, &known, &known, Timestamp::UNIX_EPOCH),
            Err(Refusal::RoleOfOtherKind(Role::Specialist))
        );
    }
}
