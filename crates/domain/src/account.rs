//! Accounts: who may sign in, and the roles they hold.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Timestamp;
use crate::actor::{Actor, Grant, Means, NotPermitted, Permission, Role};
use crate::change::{Activity, Change, Subject, Verb};
use crate::id::{Id, Noun};
use crate::text;

/// Somebody, or something, that signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Id<Account>,
    /// Counts every change, from 1.
    pub version: i32,
    /// Who stands behind it.
    pub kind: Kind,
    /// The name people read.
    pub name: String,
    /// The mail address, in lower case; unique.
    pub email: String,
    /// Roles held, in the order they were given.
    pub grants: Vec<Grant>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it cannot sign in any more.
    pub disabled_at: Option<Timestamp>,
}

/// Who stands behind an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A person who works for programs.
    Staff,
    /// A person who applies.
    Applicant,
    /// Another system.
    Integration,
}

impl Noun for Account {
    const PREFIX: &'static str = "acc";
}

/// Why a command on an account is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor may not.
    NotPermitted(NotPermitted),
    /// The account changed since the caller read it.
    Stale {
        /// Its version now.
        current: i32,
    },
    /// A text is not acceptable.
    Invalid {
        /// Which input.
        field: &'static str,
        /// Why.
        problem: text::Invalid,
    },
    /// The role is for people, or for systems, and the account is not that.
    RoleOfOtherKind(Role),
    /// The role is only given for all programs.
    RoleIsGlobal(Role),
    /// The account holds the role already.
    AlreadyGranted,
    /// The account does not hold the role.
    NotGranted,
    /// The account is closed.
    Disabled,
    /// Nobody takes away their own last way in.
    OwnAccount,
}

impl From<NotPermitted> for Refusal {
    fn from(refusal: NotPermitted) -> Self {
        Self::NotPermitted(refusal)
    }
}

impl Refusal {
    /// What the person who asked can act on.
    pub fn message(&self) -> String {
        match self {
            Self::NotPermitted(_) => {
                "You may not manage this account. Ask an administrator.".into()
            }
            Self::Stale { current } => format!(
                "The account changed since you read it; its version is now {current}. Read it again."
            ),
            Self::Invalid { field, problem } => format!("The {field} {problem}."),
            Self::RoleOfOtherKind(_) => {
                "People hold staff roles, systems hold integration roles; applicants hold none."
                    .into()
            }
            Self::RoleIsGlobal(_) => {
                "This role is only given for all programs: leave the program out.".into()
            }
            Self::AlreadyGranted => "The account holds this role already.".into(),
            Self::NotGranted => "The account does not hold this role.".into(),
            Self::Disabled => "The account is closed.".into(),
            Self::OwnAccount => {
                "You cannot take away your own role or close your own account. Ask a colleague."
                    .into()
            }
        }
    }
}

impl Account {
    /// Makes an account without roles.
    pub fn create(
        id: Id<Self>,
        kind: Kind,
        name: &str,
        email: &str,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        // An importer brings its applicants along; every other account is an administrator's.
        if !(kind == Kind::Applicant
            && by.visibility(Permission::ImportApplications) != crate::actor::Visibility::Nothing)
        {
            by.permitted_everywhere(Permission::ManageAccounts)?;
        }
        let account = Self {
            id,
            version: 1,
            kind,
            name: text::line(name).map_err(|problem| Refusal::Invalid {
                field: "name",
                problem,
            })?,
            email: text::mail(email).map_err(|problem| Refusal::Invalid {
                field: "email",
                problem,
            })?,
            grants: Vec::new(),
            created_at: now,
            disabled_at: None,
        };
        Ok(account.explained(Verb::AccountCreated, by, now, json!({ "kind": kind })))
    }

    /// Gives a role.
    pub fn grant(
        mut self,
        grant: Grant,
        seen: i32,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        self.manageable(Some(grant), seen, by)?;
        let fits = match self.kind {
            Kind::Staff => !grant.role.is_for_integrations(),
            Kind::Integration => grant.role.is_for_integrations(),
            Kind::Applicant => false,
        };
        if !fits {
            return Err(Refusal::RoleOfOtherKind(grant.role));
        }
        if grant.role.is_global() && grant.program.is_some() {
            return Err(Refusal::RoleIsGlobal(grant.role));
        }
        if self.grants.contains(&grant) {
            return Err(Refusal::AlreadyGranted);
        }
        self.grants.push(grant);
        self.version += 1;
        Ok(self.explained(Verb::RoleGranted, by, now, json!(grant)))
    }

    /// Takes a role away; the next request of the account already goes without it.
    pub fn revoke(
        mut self,
        grant: Grant,
        seen: i32,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        self.manageable(Some(grant), seen, by)?;
        if by.account() == Some(self.id) {
            return Err(Refusal::OwnAccount);
        }
        if !self.grants.contains(&grant) {
            return Err(Refusal::NotGranted);
        }
        self.grants.retain(|held| *held != grant);
        self.version += 1;
        Ok(self.explained(Verb::RoleRevoked, by, now, json!(grant)))
    }

    /// Closes the account: it cannot sign in any more, its history stays.
    pub fn disable(
        mut self,
        seen: i32,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        by.permitted_everywhere(Permission::ManageAccounts)?;
        self.manageable(None, seen, by)?;
        if by.account() == Some(self.id) {
            return Err(Refusal::OwnAccount);
        }
        self.disabled_at = Some(now);
        self.version += 1;
        Ok(self.explained(Verb::AccountDisabled, by, now, json!({})))
    }

    /// Changes one's own name. Nobody changes somebody else's.
    pub fn rename(
        mut self,
        name: &str,
        seen: i32,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        if by.account() != Some(self.id) {
            return Err(NotPermitted(Permission::ManageAccounts).into());
        }
        if seen != self.version {
            return Err(Refusal::Stale {
                current: self.version,
            });
        }
        self.name = text::line(name).map_err(|problem| Refusal::Invalid {
            field: "name",
            problem,
        })?;
        self.version += 1;
        Ok(self.explained(Verb::ProfileChanged, by, now, json!({})))
    }

    fn manageable(&self, grant: Option<Grant>, seen: i32, by: &Actor) -> Result<(), Refusal> {
        match grant.and_then(|grant| grant.program) {
            Some(program) => by.permitted(Permission::ManageRoles, program)?,
            None => by.permitted_everywhere(Permission::ManageRoles)?,
        }
        if grant.is_some_and(|grant| grant.role == Role::Admin) {
            by.permitted_everywhere(Permission::ManageAccounts)?;
        }
        if seen != self.version {
            return Err(Refusal::Stale {
                current: self.version,
            });
        }
        if self.disabled_at.is_some() {
            return Err(Refusal::Disabled);
        }
        Ok(())
    }

    fn explained(
        self,
        verb: Verb,
        by: &Actor,
        now: Timestamp,
        details: serde_json::Value,
    ) -> Change<Self> {
        let activity =
            Activity::new(verb, Subject::Account(self.id), self.version, by, now).telling(details);
        Change {
            after: self,
            activity,
        }
    }

    /// What the account may do by itself; a closed account is nobody.
    pub fn actor(&self) -> Actor {
        self.actor_by(Means::Account)
    }

    /// Who acts when this account is signed in by these means; a closed account is nobody.
    pub fn actor_by(&self, means: Means) -> Actor {
        if self.disabled_at.is_some() {
            return Actor::Anonymous;
        }
        let account = self.id;
        let grants = || self.grants.clone();
        match self.kind {
            Kind::Applicant => Actor::Applicant { account, means },
            Kind::Staff => Actor::Staff {
                account,
                grants: grants(),
                means,
            },
            Kind::Integration => Actor::Integration {
                account,
                grants: grants(),
                means,
            },
        }
    }
}
