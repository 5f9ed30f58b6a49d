//! Who acts, and what they may do: roles, permissions, and which rows exist for them.

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::id::Id;
use crate::program::Program;

/// Who asks. Made once per request from the token; never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody signed in.
    Anonymous,
    /// A person who works for programs.
    Staff {
        /// Their account.
        account: Id<Account>,
        /// What they were given.
        grants: Vec<Grant>,
    },
    /// A person who applies; sees only their own.
    Applicant {
        /// Their account.
        account: Id<Account>,
    },
    /// Another system, with scoped grants.
    Integration {
        /// Its account.
        account: Id<Account>,
        /// What it was given.
        grants: Vec<Grant>,
    },
    /// The service itself: does what a published revision tells it to.
    System,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl Actor {
    /// The account behind the actor; the service itself and strangers have none.
    pub const fn account(&self) -> Option<Id<Account>> {
        match self {
            Self::Staff { account, .. }
            | Self::Applicant { account }
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

    fn grants(&self) -> &[Grant] {
        match self {
            Self::Staff { grants, .. } | Self::Integration { grants, .. } => grants,
            Self::Anonymous | Self::Applicant { .. } | Self::System => &[],
        }
    }

    /// Refuses what the actor may not do in this program.
    pub fn permitted(
        &self,
        permission: Permission,
        program: Id<Program>,
    ) -> Result<(), NotPermitted> {
        let granted = matches!(self, Self::System)
            || self.grants().iter().any(|grant| {
                grant.role.allows(permission) && grant.program.is_none_or(|only| only == program)
            });
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
            Self::Applicant { account } => match permission {
                Permission::ReadApplications
                | Permission::ReadMemberships
                | Permission::ReadPersonalData
                | Permission::ReadActivities => Visibility::Own(*account),
                _ => Visibility::Nothing,
            },
            Self::Staff { .. } | Self::Integration { .. } => {
                let mut programs = Vec::new();
                for grant in self.grants().iter().filter(|g| g.role.allows(permission)) {
                    match grant.program {
                        None => return Visibility::Everything,
                        Some(program) => programs.push(program),
                    }
                }
                if programs.is_empty() {
                    return Visibility::Nothing;
                }
                programs.sort_unstable();
                programs.dedup();
                Visibility::Programs(programs)
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
        }
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
}
