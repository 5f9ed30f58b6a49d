//! Accounts at providers, and sign-ins on their way back from one: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::id::Id;
use stoa_domain::identity::{Exchange, Identity};

use crate::entity::{identities, sign_in_exchanges as exchanges};
use crate::{Record, StoreError, View, Writing, visibility};

/// What becomes of a sign-in on its way back from a provider.
#[derive(Clone, Debug)]
pub enum ExchangeStep {
    /// The provider sent somebody back.
    Begun(Exchange),
    /// The frontend fetched the session; a conflict if somebody did before.
    Done(Exchange),
    /// What ended before this is over.
    Old(Timestamp),
}

impl View {
    /// The account that somebody at a provider has here.
    pub async fn identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Id<Account>>, StoreError> {
        let row = visibility::identities(&self.actor)
            .filter(identities::Column::Issuer.eq(issuer))
            .filter(identities::Column::Subject.eq(subject))
            .one(self.db())
            .await?;
        Ok(row.map(|row| Id::new(row.account_id)))
    }

    /// The sign-in behind the hash of an exchange code.
    pub async fn exchange(&self, code: &str) -> Result<Option<Exchange>, StoreError> {
        let row = visibility::sign_in_exchanges(&self.actor)
            .filter(exchanges::Column::Code.eq(code))
            .one(self.db())
            .await?;
        Ok(row.map(|row| Exchange {
            code: row.code,
            account: Id::new(row.account_id),
            challenge: row.challenge,
            expires_at: row.expires_at,
        }))
    }
}

impl Record for Identity {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = identities::ActiveModel {
            issuer: Set(self.issuer),
            subject: Set(self.subject),
            account_id: Set(self.account.uuid()),
            linked_at: Set(self.linked_at),
        };
        writing.insert(row).unique("identity");
        Ok(())
    }
}

impl Record for ExchangeStep {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        match self {
            Self::Begun(exchange) => {
                let row = exchanges::ActiveModel {
                    code: Set(exchange.code),
                    account_id: Set(exchange.account.uuid()),
                    challenge: Set(exchange.challenge),
                    expires_at: Set(exchange.expires_at),
                };
                writing.insert(row);
            }
            Self::Done(exchange) => {
                let this = exchanges::Column::Code.eq(exchange.code);
                let done = writing.delete(exchanges::Entity::delete_many().filter(this));
                done.or(|| StoreError::Conflict);
            }
            Self::Old(before) => {
                let old = exchanges::Column::ExpiresAt.lt(before);
                writing.delete(exchanges::Entity::delete_many().filter(old));
            }
        }
        Ok(())
    }
}
