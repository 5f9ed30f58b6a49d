//! Who acts, and what they may do: roles, permissions, and which rows exist for them.

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::id::Id;
use crate::program::Program;
use crate::session::Session;
use crate::token::IntegrationToken;

/// Who asks. Made once per request from the token; never stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Nobody signed in.
    Anonymous,
    /// A person who works for programs.
    Staff {
        /// Their account.
        account: Id<Account>,
        /// What they were given.
        grants: Vec<Grant>,
        /// By what they are signed in.
        means: Means,
    },
    /// A person who applies; sees only their own.
    Applicant {
        /// Their account.
        account: Id<Account>,
        /// By what they are signed in.
        means: Means,
    },
    /// Another system, with scoped grants.
    Integration {
        /// Its account.
        account: Id<Account>,
        /// What it was given.
        grants: Vec<Grant>,
        /// By what it is signed in.
        means: Means,
    },
    /// The service itself: does what a published revision tells it to.
    System,
}

/// By what somebody is signed in. It can take away from what their roles allow, never add to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Means {
    /// By nothing: the service looks at what the account may do.
    #[default]
    Account,
    /// A session that the account began.
    Session(Id<Session>),
    /// A session that an administrator began in the account's name: everything but keeping accounts.
    Impersonation {
        /// The session.
        session: Id<Session>,
        /// The administrator.
        by: Id<Account>,
    },
    /// A token of an integration: what its scopes name and the account's roles still allow.
    Token {
        /// The token.
        token: Id<IntegrationToken>,
        /// What it is for.
        scopes: Vec<Scope>,
    },
}

/// One thing that a token is for, in one program or in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// What may be done with it.
    pub permission: Permission,
    /// Where; `None` means wherever the account may.
    pub program: Option<Id<Program>>,
}

/// A role, for one program or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// What they are.
    pub role: Role,
    /// Where; `None` means every program, those of tomorrow too.
    pub program: Option<Id<Program>>,
}

/// What somebody is (product words: `product.md` §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Works the queue: reviews, asks, holds, decides within the approval limits.
    Specialist,
    /// A specialist who also publishes revisions and approves what is over the limits.
    ProgramManager,
    /// Runs all programs and gives roles.
    OperationsManager,
    /// Reads numbers and memberships, without personal data.
    Observer,
    /// Keeps accounts, and nothing else.
    Admin,
    /// A system that reads memberships.
    MemberReader,
    /// A system that reads the activity feed.
    FeedReader,
    /// A system that brings applications in.
    Importer,
}

/// One thing somebody may do in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    /// See applications with answers, messages and evaluations.
    ReadApplications,
    /// See memberships, terms, grants and organisations.
    ReadMemberships,
    /// See names and mail addresses of people.
    ReadPersonalData,
    /// See indicators.
    ReadNumbers,
    /// See the activity log.
    ReadActivities,
    /// Claim, ask, hold, release, propose.
    Review,
    /// Approve, decline and publish within the limits.
    Decide,
    /// Approve, as a second person, what is over the limits.
    ApproveDecisions,
    /// Give an application to somebody else.
    Assign,
    /// Publish a new revision of the rules, and try one out.
    PublishRevisions,
    /// Bring applications in on behalf of applicants.
    ImportApplications,
    /// Create accounts and take them away.
    ManageAccounts,
    /// Give and withdraw roles.
    ManageRoles,
}

/// The actor lacks a permission in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPermitted(pub Permission);

/// Which rows exist for an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// None.
    Nothing,
    /// The account's own.
    Own(Id<Account>),
    /// Those of these programs.
    Programs(Vec<Id<Program>>),
    /// All.
    Everything,
}

impl Role {
    /// Every role, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Specialist,
        Self::ProgramManager,
        Self::OperationsManager,
        Self::Observer,
        Self::Admin,
        Self::MemberReader,
        Self::FeedReader,
        Self::Importer,
    ];

    /// The role table of `product.md` §1.
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Specialist => matches!(
                permission,
                P::ReadApplications
                    | P::ReadMemberships
                    | P::ReadPersonalData
                    | P::ReadNumbers
                    | P::ReadActivities
                    | P::Review
                    | P::Decide
            ),
            Self::ProgramManager => !matches!(
                permission,
                P::ManageAccounts | P::ManageRoles | P::ImportApplications
            ),
            Self::OperationsManager => {
                !matches!(permission, P::ManageAccounts | P::ImportApplications)
            }
            Self::Observer => matches!(permission, P::ReadMemberships | P::ReadNumbers),
            Self::Admin => matches!(permission, P::ManageAccounts | P::ManageRoles),
            Self::MemberReader => {
                matches!(permission, P::ReadMemberships | P::ReadPersonalData)
            }
            Self::FeedReader => matches!(permission, P::ReadActivities),
            Self::Importer => matches!(permission, P::ImportApplications),
        }
    }

    /// Whether the role is for another system rather than a person.
    pub const fn is_for_integrations(self) -> bool {
        matches!(self, Self::MemberReader | Self::FeedReader | Self::Importer)
    }

    /// Whether the role makes sense only for all programs at once.
    pub const fn is_global(self) -> bool {
        matches!(self, Self::OperationsManager | Self::Admin)
    }
}

impl Permission {
    /// Whether it is about who may sign in and what they may do.
    pub const fn is_administration(self) -> bool {
        matches!(self, Self::ManageAccounts | Self::ManageRoles)
    }
}

impl Visibility {
    /// What is in both.
    fn within(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everything, it) | (it, Self::Everything) => it,
            (Self::Programs(mut programs), Self::Programs(others)) => {
                programs.retain(|program| others.contains(program));
                if programs.is_empty() {
                    Self::Nothing
                } else {
                    Self::Programs(programs)
                }
            }
            (Self::Own(account), Self::Own(other)) if account == other => Self::Own(account),
            _ => Self::Nothing,
        }
    }

    /// Programs, or all where one of them is none.
    fn of(programs: impl Iterator<Item = Option<Id<Program>>>) -> Self {
        let mut named = Vec::new();
        for program in programs {
            match program {
                None => return Self::Everything,
                Some(program) => named.push(program),
            }
        }
        if named.is_empty() {
            return Self::Nothing;
        }
        named.sort_unstable();
        named.dedup();
        Self::Programs(named)
    }
}

impl Means {
    /// The session, if there is one.
    pub const fn session(&self) -> Option<Id<Session>> {
        match self {
            Self::Session(session) | Self::Impersonation { session, .. } => Some(*session),
            Self::Account | Self::Token { .. } => None,
        }
    }

    /// Where these means let somebody use a permission that they hold.
    fn reach(&self, permission: Permission) -> Visibility {
        match self {
            Self::Impersonation { .. } if permission.is_administration() => Visibility::Nothing,
            Self::Account | Self::Session(_) | Self::Impersonation { .. } => Visibility::Everything,
            Self::Token { scopes, .. } => {
                let named = scopes.iter().filter(|it| it.permission == permission);
                Visibility::of(named.map(|scope| scope.program))
            }
        }
    }
}

impl Actor {
    /// The account behind the actor; the service itself and strangers have none.
    pub const fn account(&self) -> Option<Id<Account>> {
        match self {
            Self::Staff { account, .. }
            | Self::Applicant { account, .. }
            | Self::Integration { account, .. } => Some(*account),
            Self::Anonymous | Self::System => None,
        }
    }

    /// Whether the actor is somebody who applies.
    pub const fn is_applicant(&self) -> bool {
        matches!(self, Self::Applicant { .. })
    }

    /// Whether any application can exist for the actor: to be read, or brought in and not yet handed in.
    pub fn meets_applications(&self) -> bool {
        let some = |permission| self.visibility(permission) != Visibility::Nothing;
        some(Permission::ReadApplications)
            || matches!(self, Self::Integration { .. }) && some(Permission::ImportApplications)
    }

    /// By what they are signed in; the service itself and strangers by nothing.
    pub const fn means(&self) -> &Means {
        match self {
            Self::Staff { means, .. }
            | Self::Applicant { means, .. }
            | Self::Integration { means, .. } => means,
            Self::Anonymous | Self::System => &Means::Account,
        }
    }

    /// The administrator who acts in the account's name, if one does.
    pub const fn impersonator(&self) -> Option<Id<Account>> {
        match self.means() {
            Means::Impersonation { by, .. } => Some(*by),
            _ => None,
        }
    }

    /// Refuses what the actor may not do in this program.
    pub fn permitted(
        &self,
        permission: Permission,
        program: Id<Program>,
    ) -> Result<(), NotPermitted> {
        let granted = match self.visibility(permission) {
            Visibility::Everything => true,
            Visibility::Programs(programs) => programs.contains(&program),
            Visibility::Own(_) | Visibility::Nothing => false,
        };
        granted.then_some(()).ok_or(NotPermitted(permission))
    }

    /// Refuses what the actor may not do everywhere.
    pub fn permitted_everywhere(&self, permission: Permission) -> Result<(), NotPermitted> {
        (self.visibility(permission) == Visibility::Everything)
            .then_some(())
            .ok_or(NotPermitted(permission))
    }

    /// Which rows guarded by a reading permission exist for the actor.
    pub fn visibility(&self, permission: Permission) -> Visibility {
        match self {
            Self::System => Visibility::Everything,
            Self::Anonymous => Visibility::Nothing,
            Self::Applicant { account, .. } => match permission {
                Permission::ReadApplications
                | Permission::ReadMemberships
                | Permission::ReadPersonalData
                | Permission::ReadActivities => Visibility::Own(*account),
                _ => Visibility::Nothing,
            },
            Self::Staff { grants, means, .. } | Self::Integration { grants, means, .. } => {
                let held = grants.iter().filter(|it| it.role.allows(permission));
                Visibility::of(held.map(|grant| grant.program)).within(means.reach(permission))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn staff(role: Role, program: Option<u128>) -> Actor {
        Actor::Staff {
            account: Id::new(Uuid::from_u128(1)),
            grants: vec![Grant {
                role,
                program: program.map(|p| Id::new(Uuid::from_u128(p))),
            }],
            means: Means::default(),
        }
    }

    fn by(mut actor: Actor, by: Means) -> Actor {
        if let Actor::Staff { means, .. } = &mut actor {
            *means = by;
        }
        actor
    }

    #[test]
    fn a_grant_for_one_program_says_nothing_about_another() {
        let actor = staff(Role::Specialist, Some(7));
        let here = Id::new(Uuid::from_u128(7));
        let elsewhere = Id::new(Uuid::from_u128(8));
        assert_eq!(actor.permitted(Permission::Decide, here), Ok(()));
        assert_eq!(
            actor.permitted(Permission::Decide, elsewhere),
            Err(NotPermitted(Permission::Decide))
        );
        assert_eq!(
            actor.visibility(Permission::ReadApplications),
            Visibility::Programs(vec![here])
        );
    }

    #[test]
    fn an_observer_sees_numbers_and_members_but_nobodys_name() {
        let actor = staff(Role::Observer, None);
        assert_eq!(
            actor.visibility(Permission::ReadNumbers),
            Visibility::Everything
        );
        for hidden in [
            Permission::ReadApplications,
            Permission::ReadPersonalData,
            Permission::ReadActivities,
        ] {
            assert_eq!(actor.visibility(hidden), Visibility::Nothing);
        }
    }

    #[test]
    fn an_admin_keeps_accounts_and_reads_no_application() {
        let actor = staff(Role::Admin, None);
        assert_eq!(
            actor.visibility(Permission::ManageAccounts),
            Visibility::Everything
        );
        assert_eq!(
            actor.visibility(Permission::ReadApplications),
            Visibility::Nothing
        );
    }

    #[test]
    fn a_token_does_what_both_its_scopes_and_the_roles_allow() {
        use Permission as P;
        use Visibility as V;
        let program = |number| Id::new(Uuid::from_u128(number));
        let everywhere = |permission| Scope {
            permission,
            program: None,
        };
        let here = |permission| Scope {
            permission,
            program: Some(program(7)),
        };
        let only_here = V::Programs(vec![program(7)]);
        for (held, scopes, permission, expected) in [
            (None, vec![], P::Decide, V::Nothing),
            (None, vec![everywhere(P::Decide)], P::Decide, V::Everything),
            (None, vec![here(P::Decide)], P::Decide, only_here.clone()),
            (
                Some(7),
                vec![everywhere(P::Decide)],
                P::Decide,
                only_here.clone(),
            ),
            (Some(7), vec![here(P::Decide)], P::Decide, only_here),
            (Some(8), vec![here(P::Decide)], P::Decide, V::Nothing),
            (None, vec![everywhere(P::Review)], P::Decide, V::Nothing),
            // A scope adds nothing to the roles.
            (
                None,
                vec![everywhere(P::ManageAccounts)],
                P::ManageAccounts,
                V::Nothing,
            ),
        ] {
            let token = Means::Token {
                token: Id::new(Uuid::from_u128(1)),
                scopes: scopes.clone(),
            };
            let actor = by(staff(Role::Specialist, held), token);
            assert_eq!(
                actor.visibility(permission),
                expected,
                "{held:?} {scopes:?}"
            );
        }
    }

    #[test]
    fn whoever_acts_in_anothers_name_keeps_no_accounts() {
        let means = Means::Impersonation {
            session: Id::new(Uuid::from_u128(2)),
            by: Id::new(Uuid::from_u128(3)),
        };
        let actor = by(staff(Role::OperationsManager, None), means);
        let manage = actor.permitted_everywhere(Permission::ManageRoles);
        assert_eq!(manage, Err(NotPermitted(Permission::ManageRoles)));
        let read = actor.permitted_everywhere(Permission::ReadApplications);
        assert_eq!(read, Ok(()));
        assert_eq!(actor.impersonator(), Some(Id::new(Uuid::from_u128(3))));
    }
}
