//! Sessions: what somebody gets who proved who they are.

use chrono::TimeDelta;
use stoa_domain::Timestamp;
use stoa_domain::account::Account;

use crate::service::{Failed, Service};

/// What a client keeps of a session.
#[derive(Clone, Debug)]
pub struct SessionTokens {
    /// Goes into the `Authorization` header.
    pub access_token: String,
    /// When it is over.
    pub access_expires_at: Timestamp,
    /// Fetches the next access token.
    pub refresh_token: Option<String>,
    /// When it is over.
    pub refresh_expires_at: Option<Timestamp>,
}

impl Service {
    /// Begins a session of somebody who proved who they are.
    #[expect(clippy::unused_async, reason = "sessions are kept in the store")]
    pub async fn begin_session(&self, account: &Account) -> Result<SessionTokens, Failed> {
        let now = self.clock.now();
        let access_token = self.entrance.keys.mint(account.id, now, 1);
        Ok(SessionTokens {
            access_token: access_token.ok_or(Failed::Missing("key"))?,
            access_expires_at: now + TimeDelta::hours(1),
            refresh_token: None,
            refresh_expires_at: None,
        })
    }
}
