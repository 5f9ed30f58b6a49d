//! Sessions: how long somebody stays signed in, and how that ends.
//!
//! A session gives short access tokens. A refresh token gives the next one, together with the next
//! refresh token: each is good once. One that is used a second time was copied, by somebody or by a
//! client that lost its answer; nobody can tell which, so the whole session ends.

use chrono::TimeDelta;
use serde_json::json;

use crate::Timestamp;
use crate::account::{Account, Kind};
use crate::actor::{Actor, Means, NotPermitted, Permission, Role};
use crate::change::{Activity, Change, Subject, Verb};
use crate::id::{Id, Noun};
use crate::text;

/// How long a refresh token waits to be used.
pub const IDLE: TimeDelta = TimeDelta::days(30);
/// How long a session lasts at most, however often it is refreshed.
pub const LONGEST: TimeDelta = TimeDelta::days(90);
/// How long a session that is over is kept; those in another's name are kept for good.
pub const KEPT: TimeDelta = TimeDelta::days(90);

/// Somebody is signed in, here and until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Id<Session>,
    /// Counts every change, from 1; each refresh token names the version that it was made with.
    pub version: i32,
    /// Who is signed in.
    pub account: Id<Account>,
    /// Who acts in their name, if somebody does.
    pub impersonation: Option<Impersonation>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended before its time.
    pub ended_at: Option<Timestamp>,
}

/// Why somebody acts in another's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonation {
    /// The administrator.
    pub by: Id<Account>,
    /// What for, in their words.
    pub reason: String,
}

/// What came of a refresh token.
#[derive(Debug, PartialEq)]
pub enum Refreshed {
    /// The session goes on.
    Renewed(Session),
    /// The token was used before: the session ends.
    Reused(Change<Session>),
    /// The session is over.
    Over,
}

/// Why a command on sessions is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor may not.
    NotPermitted(NotPermitted),
    /// The session is over already.
    Over,
    /// Whoever asks is not signed in by a session.
    NoSession,
    /// The refresh token is no good.
    Token,
    /// The account is closed.
    Disabled,
    /// Nobody acts in this account's name.
    NotInTheirName,
    /// A text is not acceptable.
    Invalid {
        /// Which input.
        field: &'static str,
        /// Why.
        problem: text::Invalid,
    },
}

impl Noun for Session {
    const PREFIX: &'static str = "ses";
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
                "You may not end or begin sessions of this account. Ask an administrator.".into()
            }
            Self::Over => "This session is over already.".into(),
            Self::NoSession => {
                "You are not signed in by a session; revoke the token instead.".into()
            }
            Self::Token => "This refresh token is not good any more. Sign in again.".into(),
            Self::Disabled => "The account is closed.".into(),
            Self::NotInTheirName => {
                "Nobody can act in the name of an administrator, of another system, or of themselves."
                    .into()
            }
            Self::Invalid { field, problem } => format!("The {field} {problem}."),
        }
    }
}

impl Session {
    /// A session that goes on as long as it is refreshed.
    pub fn begin(id: Id<Self>, account: &Account, now: Timestamp) -> Result<Self, Refusal> {
        Self::lasting(id, account, IDLE, now)
    }

    /// A session that lasts this long, at most [`LONGEST`].
    pub fn lasting(
        id: Id<Self>,
        account: &Account,
        life: TimeDelta,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if account.disabled_at.is_some() {
            return Err(Refusal::Disabled);
        }
        Ok(Self {
            id,
            version: 1,
            account: account.id,
            impersonation: None,
            created_at: now,
            used_at: now,
            expires_at: now + life.min(LONGEST),
            ended_at: None,
        })
    }

    /// A session in which an administrator acts in somebody's name.
    pub fn impersonate(
        id: Id<Self>,
        of: &Account,
        reason: &str,
        life: TimeDelta,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusal> {
        let everywhere = Permission::ManageAccounts;
        by.permitted_everywhere(everywhere)?;
        let Actor::Staff { account: admin, .. } = by else {
            return Err(NotPermitted(everywhere).into());
        };
        let is_admin = of.grants.iter().any(|grant| grant.role == Role::Admin);
        if is_admin || of.kind == Kind::Integration || of.id == *admin {
            return Err(Refusal::NotInTheirName);
        }
        let reason = text::line(reason).map_err(|problem| Refusal::Invalid {
            field: "reason",
            problem,
        })?;
        let mut session = Self::lasting(id, of, life, now)?;
        session.impersonation = Some(Impersonation { by: *admin, reason });
        Ok(session.explained(Verb::Impersonated, by, now))
    }

    /// Whether it goes on.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }

    /// By what somebody is signed in who shows a token of this session.
    pub fn means(&self) -> Means {
        match &self.impersonation {
            None => Means::Session(self.id),
            Some(it) => Means::Impersonation {
                session: self.id,
                by: it.by,
            },
        }
    }

    /// What comes of a refresh token that was made with this version of the session.
    pub fn refresh(mut self, made_with: i32, now: Timestamp) -> Refreshed {
        if !self.holds(now) {
            return Refreshed::Over;
        }
        self.version += 1;
        if made_with != self.version - 1 {
            self.ended_at = Some(now);
            return Refreshed::Reused(self.explained(Verb::RefreshReused, &Actor::System, now));
        }
        self.used_at = now;
        self.expires_at = (now + IDLE).min(self.created_at + LONGEST);
        Refreshed::Renewed(self)
    }

    /// Ends it before its time: one's own, or anybody's for administrators.
    pub fn end(mut self, by: &Actor, now: Timestamp) -> Result<Change<Self>, Refusal> {
        if by.means().session() != Some(self.id) {
            may_end_all(self.account, by)?;
        }
        if !self.holds(now) {
            return Err(Refusal::Over);
        }
        self.version += 1;
        self.ended_at = Some(now);
        Ok(self.explained(Verb::SignedOut, by, now))
    }

    fn explained(self, verb: Verb, by: &Actor, now: Timestamp) -> Change<Self> {
        let activity = Activity::new(verb, Subject::Account(self.account), 0, by, now)
            .telling(json!({ "session": self.id }));
        Change {
            after: self,
            activity,
        }
    }
}

/// Ends every session of an account: one's own, or anybody's for administrators.
pub fn end_all(account: Id<Account>, by: &Actor, now: Timestamp) -> Result<Activity, Refusal> {
    may_end_all(account, by)?;
    let subject = Subject::Account(account);
    Ok(Activity::new(
        Verb::SignedOutEverywhere,
        subject,
        0,
        by,
        now,
    ))
}

fn may_end_all(account: Id<Account>, by: &Actor) -> Result<(), Refusal> {
    let own = by.account() == Some(account) && matches!(by.means(), Means::Session(_));
    if !own {
        by.permitted_everywhere(Permission::ManageAccounts)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
