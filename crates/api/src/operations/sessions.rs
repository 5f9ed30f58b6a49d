//! Sessions: begun by whoever proved who they are, refreshed, ended.

use chrono::TimeDelta;
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::actor::{Actor, Means, Permission};
use stoa_domain::id::Id;
use stoa_domain::opaque::Opaque;
use stoa_domain::session::{Refreshed, Refusal, Session, end_all};
use stoa_persistence::{EndSessions, RefreshToken, StoreError};

use crate::clock::Clock;
use crate::jwt::Claims;
use crate::keys::{Checked, LONGEST_HOURS};
use crate::secret;
use crate::service::{Failed, Service};

/// What a session gives to whoever is signed in. The texts are secrets: the service keeps none of them.
#[derive(Clone)]
pub struct SessionTokens {
    /// Shown with each request.
    pub access_token: String,
    /// Until when.
    pub access_expires_at: Timestamp,
    /// Gives the next tokens, once; none where a session cannot be prolonged.
    pub refresh_token: Option<String>,
    /// Until when.
    pub refresh_expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionTokens(…)")
    }
}

/// Why a command on sessions came to nothing.
#[derive(Debug)]
pub enum SessionFailed {
    /// A rule stands against it.
    Refused(Refusal),
    /// There is no such thing for this actor.
    Missing(&'static str),
    /// The store failed, or no key could be made.
    Store(StoreError),
}

impl From<Refusal> for SessionFailed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for SessionFailed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Service {
    /// Signs an account in that has proved who it is. A closed one is missing.
    pub async fn begin_session(&self, account: &Account) -> Result<SessionTokens, Failed> {
        let session = Session::begin(self.clock.id(), account, self.clock.now())
            .map_err(|_| Failed::Missing("account"))?;
        let (text, token) = refresh_token(&session);
        self.store.commit((session.clone(), token)).await?;
        Ok(self.tokens(&session, Some(text)).await?)
    }

    /// A token for operators and the demo: good for some hours, at most [`LONGEST_HOURS`], and never
    /// prolonged. It belongs to a session, so it can be ended like any other.
    pub async fn mint(&self, account: &Account, hours: i64) -> Result<String, SessionFailed> {
        let life = TimeDelta::hours(hours.clamp(1, LONGEST_HOURS));
        let session = Session::lasting(self.clock.id(), account, life, self.clock.now())?;
        self.store.commit(session.clone()).await?;
        Ok(self.access(&session, session.expires_at).await?)
    }

    /// The next tokens for a refresh token. One that was used before ends its session.
    pub async fn refresh_session(&self, text: &str) -> Result<SessionTokens, SessionFailed> {
        if !Opaque::Refresh.is_one(text) {
            return Err(Refusal::Token.into());
        }
        let hash = secret::hash(text);
        let (system, now) = (self.store.view(&Actor::System), self.clock.now());
        loop {
            let shown = system.refresh_token(&hash).await?.ok_or(Refusal::Token)?;
            let found = system.signed_in(shown.session).await?;
            let (account, session) = found.ok_or(Refusal::Token)?;
            if account.disabled_at.is_some() {
                return Err(Refusal::Token.into());
            }
            let written = match session.refresh(shown.made_with, now) {
                Refreshed::Over => return Err(Refusal::Token.into()),
                Refreshed::Reused(change) => {
                    tracing::warn!(session = %change.after.id, "a refresh token was used twice");
                    self.store.commit(change).await.map(|()| None)
                }
                Refreshed::Renewed(session) => {
                    let (text, token) = refresh_token(&session);
                    let written = self.store.commit((session.clone(), token)).await;
                    written.map(|()| Some((session, text)))
                }
            };
            match written {
                Ok(Some((session, text))) => return Ok(self.tokens(&session, Some(text)).await?),
                Ok(None) => return Err(Refusal::Token.into()),
                // Somebody was faster with the same token: now it is used, or the session over.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Ends a session: this one, or another that exists for the actor.
    pub async fn sign_out(
        &self,
        by: &Actor,
        session: Option<Id<Session>>,
    ) -> Result<Session, SessionFailed> {
        let id = session.or(by.means().session()).ok_or(Refusal::NoSession)?;
        let found = self.store.view(by).session(id).await?;
        let session = found.ok_or(SessionFailed::Missing("session"))?;
        let change = session.end(by, self.clock.now())?;
        let ended = change.after.clone();
        match self.store.commit(change).await {
            // Refreshed, or ended, at the same moment: what is wanted is that it ends.
            Err(StoreError::Conflict) => Box::pin(self.sign_out(by, Some(id))).await,
            Err(error) => Err(error.into()),
            Ok(()) => Ok(ended),
        }
    }

    /// Ends every session of an account.
    pub async fn sign_out_everywhere(
        &self,
        by: &Actor,
        account: Id<Account>,
    ) -> Result<(), SessionFailed> {
        let at = self.clock.now();
        let activity = Some(end_all(account, by, at)?);
        let end = EndSessions {
            account,
            except: None,
            at,
            activity,
        };
        Ok(self.store.commit(end).await?)
    }

    /// Lets an administrator act in somebody's name for as long as one access token lasts.
    pub async fn impersonate(
        &self,
        by: &Actor,
        of: &Account,
        reason: &str,
    ) -> Result<(Session, SessionTokens), SessionFailed> {
        let life = self.keys.issuing().access;
        let (id, now) = (self.clock.id(), self.clock.now());
        let change = Session::impersonate(id, of, reason, life, by, now)?;
        let session = change.after.clone();
        self.store.commit(change).await?;
        let tokens = self.tokens(&session, None).await?;
        Ok((session, tokens))
    }

    /// What an access token says, if it is ours and holds now. Keys that are not known are looked for.
    pub async fn claims(&self, token: &str) -> Result<Option<Claims>, StoreError> {
        let now = self.clock.now();
        match self.keys.check(token, now) {
            Checked::Good(claims) => return Ok(Some(claims)),
            Checked::Bad => return Ok(None),
            Checked::UnknownKey => {}
        }
        if !self.keys.may_look(now) {
            return Ok(None);
        }
        self.know_signing_keys().await?;
        match self.keys.check(token, now) {
            Checked::Good(claims) => Ok(Some(claims)),
            Checked::Bad | Checked::UnknownKey => Ok(None),
        }
    }

    /// Who stands behind a session now; nobody when it, its account, or the right of whoever acts in
    /// the account's name is gone.
    pub async fn holder(
        &self,
        session: Id<Session>,
    ) -> Result<Option<(Actor, Session)>, StoreError> {
        let system = self.store.view(&Actor::System);
        let holds = |it: &(Account, Session)| it.1.holds(self.clock.now());
        let found = match system.signed_in_lately(session).await?.filter(holds) {
            // It may have been prolonged since.
            None => system.signed_in(session).await?.filter(holds),
            found => found,
        };
        let Some((account, session)) = found else {
            return Ok(None);
        };
        if let Some(impersonation) = &session.impersonation {
            let admin = system.account(impersonation.by).await?;
            let admin = admin.map_or(Actor::Anonymous, |it| it.actor());
            if admin
                .permitted_everywhere(Permission::ManageAccounts)
                .is_err()
            {
                return Ok(None);
            }
        }
        let actor = account.actor_by(session.means());
        Ok((actor != Actor::Anonymous).then_some((actor, session)))
    }

    /// The same actor with the roles, the session and the token as they are now: what a stream asks
    /// before it tells anything.
    pub async fn renewed(&self, actor: &Actor) -> Result<Option<Actor>, StoreError> {
        let Some(account) = actor.account() else {
            return Ok(Some(actor.clone()));
        };
        let system = self.store.view(&Actor::System);
        if let Some(session) = actor.means().session() {
            return Ok(self.holder(session).await?.map(|(actor, _)| actor));
        }
        let means = match actor.means() {
            Means::Token { token, .. } => match system.integration_token(*token).await? {
                Some(token) if token.holds(self.clock.now()) => token.means(),
                _ => return Ok(None),
            },
            means => means.clone(),
        };
        let account = system.account(account).await?;
        let actor = account.map_or(Actor::Anonymous, |it| it.actor_by(means));
        Ok((actor != Actor::Anonymous).then_some(actor))
    }

    async fn tokens(
        &self,
        session: &Session,
        refresh_token: Option<String>,
    ) -> Result<SessionTokens, StoreError> {
        let until = self.clock.now() + self.keys.issuing().access;
        let access_expires_at = until.min(session.expires_at);
        Ok(SessionTokens {
            access_token: self.access(session, access_expires_at).await?,
            access_expires_at,
            refresh_expires_at: refresh_token.is_some().then_some(session.expires_at),
            refresh_token,
        })
    }

    async fn access(&self, session: &Session, until: Timestamp) -> Result<String, StoreError> {
        let now = self.clock.now();
        let jti = self.clock.id::<Session>().uuid().to_string();
        if let Some(token) = self.keys.mint(session, jti.clone(), until, now) {
            return Ok(token);
        }
        // The first token of this process; of an installation, the key is younger than `now`.
        self.keep_signing_keys().await?;
        self.keys
            .mint(session, jti, until, now)
            .ok_or_else(|| StoreError::Corrupt {
                table: "signing_keys",
                id: "all".into(),
                problem: "no key signs now".into(),
            })
    }
}

/// A new refresh token of a session as it is now, and its hash.
fn refresh_token(session: &Session) -> (String, RefreshToken) {
    let text = Opaque::Refresh.text(&Clock::random());
    let token = RefreshToken {
        hash: secret::hash(&text),
        session: session.id,
        made_with: session.version,
    };
    (text, token)
}
