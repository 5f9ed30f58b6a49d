//! Tokens of integrations: made, shown, taken back.

use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::actor::{Actor, Scope};
use stoa_domain::id::Id;
use stoa_domain::opaque::Opaque;
use stoa_domain::token::{IntegrationToken, Refusal};
use stoa_persistence::{NewToken, StoreError, TokenUsed};

use crate::clock::Clock;
use crate::secret;
use crate::service::Service;

/// Why a command on tokens came to nothing.
#[derive(Debug)]
pub enum TokenFailed {
    /// A rule stands against it.
    Refused(Refusal),
    /// There is no such thing for this actor.
    Missing(&'static str),
    /// The store failed.
    Store(StoreError),
}

impl From<Refusal> for TokenFailed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for TokenFailed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a new token is for.
#[derive(Debug)]
pub struct TokenWish<'a> {
    /// The integration's account.
    pub account: &'a Account,
    /// What it is for, in words.
    pub name: &'a str,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Service {
    /// Makes a token, and the text that signs in with it: nobody can read it a second time.
    pub async fn create_token(
        &self,
        by: &Actor,
        wish: TokenWish<'_>,
    ) -> Result<(IntegrationToken, String), TokenFailed> {
        let change = IntegrationToken::create(
            self.clock.id(),
            wish.account,
            wish.name,
            wish.scopes,
            crate::clock::kept(wish.expires_at),
            by,
            self.clock.now(),
        )?;
        let token = change.after.clone();
        let text = Opaque::Integration.text(&Clock::random());
        let hash = secret::hash(&text);
        self.store.commit(NewToken { change, hash }).await?;
        Ok((token, text))
    }

    /// Takes a token back.
    pub async fn revoke_token(
        &self,
        by: &Actor,
        id: Id<IntegrationToken>,
    ) -> Result<IntegrationToken, TokenFailed> {
        let found = self.store.view(by).integration_token(id).await?;
        let token = found.ok_or(TokenFailed::Missing("token"))?;
        let change = token.revoke(by, self.clock.now())?;
        let revoked = change.after.clone();
        match self.store.commit(change).await {
            Err(StoreError::Conflict) => Err(Refusal::Revoked.into()),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(revoked),
        }
    }

    /// Who shows this text, if it is a token that holds now.
    pub async fn shown(&self, text: &str) -> Result<Option<(Actor, IntegrationToken)>, StoreError> {
        if !Opaque::Integration.is_one(text) {
            return Ok(None);
        }
        let system = self.store.view(&Actor::System);
        let now = self.clock.now();
        let Some((account, token)) = system.shown_token(&secret::hash(text)).await? else {
            return Ok(None);
        };
        let actor = account.actor_by(token.means());
        if !token.holds(now) || actor == Actor::Anonymous {
            return Ok(None);
        }
        if token.is_news(now) {
            let used = TokenUsed {
                token: token.id,
                at: now,
            };
            // A use that cannot be written down is still a use.
            if let Err(error) = self.store.commit(used).await {
                tracing::warn!(%error, "the use of a token could not be written down");
            }
        }
        Ok(Some((actor, token)))
    }
}
