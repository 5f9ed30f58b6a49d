//! Tokens of integrations: what a system shows to be let in, for some programs and some permissions,
//! for a year at most. The service keeps a hash; the token itself is shown once.

use chrono::TimeDelta;
use serde_json::json;

use crate::Timestamp;
use crate::account::{Account, Kind};
use crate::actor::{Actor, Means, NotPermitted, Permission, Scope, Visibility};
use crate::change::{Activity, Change, Subject, Verb};
use crate::id::{Id, Noun};
use crate::text;

/// The longest life of a token.
pub const LONGEST: TimeDelta = TimeDelta::days(366);
/// How often a use is written down at most.
pub const NOTED: TimeDelta = TimeDelta::minutes(1);
/// How many scopes a token has at most.
const MOST: usize = 100;

/// A token of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationToken {
    /// Its id.
    pub id: Id<IntegrationToken>,
    /// Counts every change, from 1; uses are none.
    pub version: i32,
    /// The integration that shows it.
    pub account: Id<Account>,
    /// What it is for, in the words of whoever made it.
    pub name: String,
    /// What it allows, as far as the account's roles do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Why a command on a token is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor may not.
    NotPermitted(NotPermitted),
    /// The account is a person's.
    NotIntegration,
    /// The account is closed.
    Disabled,
    /// It would allow nothing.
    NoScope,
    /// It would have more scopes than anybody reads.
    TooManyScopes,
    /// The account's roles do not allow this themselves.
    ScopeNotHeld(Scope),
    /// It would be over already, or live longer than [`LONGEST`].
    Expiry,
    /// It was taken back already.
    Revoked,
    /// A text is not acceptable.
    Invalid {
        /// Which input.
        field: &'static str,
        /// Why.
        problem: text::Invalid,
    },
}

impl Noun for IntegrationToken {
    const PREFIX: &'static str = "tok";
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
            Self::NotPermitted(_) => "You may not keep tokens. Ask an administrator.".into(),
            Self::NotIntegration => "Only accounts of other systems have tokens.".into(),
            Self::Disabled => "The account is closed.".into(),
            Self::NoScope => "Say what the token is for: at least one scope.".into(),
            Self::TooManyScopes => format!("A token has at most {MOST} scopes."),
            Self::ScopeNotHeld(scope) => format!(
                "The account's roles do not allow {} there; a token allows at most what they do.",
                json!(scope.permission).as_str().unwrap_or_default()
            ),
            Self::Expiry => "A token must end: in the future, and within a year.".into(),
            Self::Revoked => "This token was taken back already.".into(),
            Self::Invalid { field, problem } => format!("The {field} {problem}."),
        }
    }
}

impl IntegrationToken {
    /// Makes a token for an integration's account.
    pub fn create(
        id: Id<Self>,
        account: &Account,
        name: &str,
        scopes: Vec<Scope>,
        expires_at: Timestamp,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        by.permitted_everywhere(Permission::ManageAccounts)?;
        if account.kind != Kind::Integration {
            return Err(Refusal::NotIntegration);
        }
        if account.disabled_at.is_some() {
            return Err(Refusal::Disabled);
        }
        let name = text::line(name).map_err(|problem| Refusal::Invalid {
            field: "name",
            problem,
        })?;
        if scopes.is_empty() {
            return Err(Refusal::NoScope);
        }
        if scopes.len() > MOST {
            return Err(Refusal::TooManyScopes);
        }
        let holder = account.actor();
        if let Some(scope) = scopes.iter().find(|scope| !held(&holder, scope)) {
            return Err(Refusal::ScopeNotHeld(*scope));
        }
        if expires_at <= now || expires_at - now > LONGEST {
            return Err(Refusal::Expiry);
        }
        let token = Self {
            id,
            version: 1,
            account: account.id,
            name,
            scopes,
            created_at: now,
            expires_at,
            used_at: None,
            revoked_at: None,
        };
        Ok(token.explained(Verb::TokenCreated, by, now))
    }

    /// Takes it back; it works no more at once.
    pub fn revoke(mut self, by: &Actor, now: Timestamp) -> Result<Change<Self>, Refusal> {
        by.permitted_everywhere(Permission::ManageAccounts)?;
        if self.revoked_at.is_some() {
            return Err(Refusal::Revoked);
        }
        self.revoked_at = Some(now);
        self.version += 1;
        Ok(self.explained(Verb::TokenRevoked, by, now))
    }

    /// Whether it lets anybody in.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether a use now is to be written down.
    pub fn is_news(&self, now: Timestamp) -> bool {
        self.used_at.is_none_or(|last| now - last >= NOTED)
    }

    /// By what a system is signed in that shows it.
    pub fn means(&self) -> Means {
        Means::Token {
            token: self.id,
            scopes: self.scopes.clone(),
        }
    }

    fn explained(self, verb: Verb, by: &Actor, now: Timestamp) -> Change<Self> {
        let activity = Activity::new(verb, Subject::Account(self.account), 0, by, now)
            .telling(json!({ "token": self.id, "scopes": self.scopes }));
        Change {
            after: self,
            activity,
        }
    }
}

/// Whether an account's roles allow a scope everywhere it names.
fn held(holder: &Actor, scope: &Scope) -> bool {
    match scope.program {
        Some(program) => holder.permitted(scope.permission, program).is_ok(),
        None => holder.visibility(scope.permission) != Visibility::Nothing,
    }
}

#[cfg(test)]
mod tests;
