//! Tokens of integrations and the keys that sign access tokens: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::signing_key::SigningKey;
use stoa_domain::token::{IntegrationToken, NOTED};

use crate::entity::integration_tokens::{ActiveModel, Column, Entity, Model};
use crate::entity::signing_keys;
use crate::row::{json, read};
use crate::{Record, StoreError, View, Writing, visibility};

const TABLE: &str = "integration_tokens";
/// How many tokens of an account are told at most.
const MOST: u64 = 100;

/// A token that is made, with the hash by which it will be found.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The token.
    pub change: Change<IntegrationToken>,
    /// The SHA-256 hash of what the integration shows.
    pub hash: String,
}

/// A token was used.
#[derive(Clone, Copy, Debug)]
pub struct TokenUsed {
    /// Which.
    pub token: Id<IntegrationToken>,
    /// When.
    pub at: Timestamp,
}

/// A key whose last token is over.
#[derive(Clone, Copy, Debug)]
pub struct OverKey(pub Id<SigningKey>);

impl View {
    /// The token with this hash and its account, in one statement.
    pub async fn shown_token(
        &self,
        hash: &str,
    ) -> Result<Option<(Account, IntegrationToken)>, StoreError> {
        let found = visibility::accounts_by_token(&self.actor)
            .filter(Column::Hash.eq(hash))
            .one(self.db())
            .await?;
        let Some((account, Some(token))) = found else {
            return Ok(None);
        };
        Ok(Some((
            crate::accounts::from_row(account)?,
            from_row(token)?,
        )))
    }

    /// The token with this id.
    pub async fn integration_token(
        &self,
        id: Id<IntegrationToken>,
    ) -> Result<Option<IntegrationToken>, StoreError> {
        visibility::integration_tokens(&self.actor)
            .filter(Column::Id.eq(id.uuid()))
            .one(self.db())
            .await?
            .map(from_row)
            .transpose()
    }

    /// Tokens of an account, newest first.
    pub async fn integration_tokens_of(
        &self,
        account: Id<Account>,
    ) -> Result<Vec<IntegrationToken>, StoreError> {
        visibility::integration_tokens(&self.actor)
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_desc(Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// The keys that sign access tokens, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        let rows = visibility::signing_keys(&self.actor)
            .order_by_asc(signing_keys::Column::Number)
            .all(self.db())
            .await?;
        let keys = rows.into_iter().map(|row| SigningKey {
            id: Id::new(row.id),
            number: row.number,
            public: row.public,
            sealed: row.sealed,
            created_at: row.created_at,
            signs_from: row.signs_from,
        });
        Ok(keys.collect())
    }
}

fn from_row(row: Model) -> Result<IntegrationToken, StoreError> {
    Ok(IntegrationToken {
        id: Id::new(row.id),
        version: row.version,
        account: Id::new(row.account_id),
        name: row.name,
        scopes: read(TABLE, row.id, &row.scopes)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
        revoked_at: row.revoked_at,
    })
}

impl Record for NewToken {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let token = self.change.after;
        let row = ActiveModel {
            id: Set(token.id.uuid()),
            version: Set(token.version),
            account_id: Set(token.account.uuid()),
            name: Set(token.name),
            hash: Set(self.hash),
            scopes: Set(json(TABLE, &token.scopes)?),
            created_at: Set(token.created_at),
            expires_at: Set(token.expires_at),
            used_at: Set(token.used_at),
            revoked_at: Set(token.revoked_at),
        };
        writing.insert(row);
        self.change.activity.write(writing)
    }
}

/// All that ever changes of a token is that it is taken back.
impl Record for Change<IntegrationToken> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let token = self.after;
        let row = ActiveModel {
            id: Set(token.id.uuid()),
            version: Set(token.version),
            revoked_at: Set(token.revoked_at),
            ..ActiveModel::default()
        };
        writing.versioned(row, token.version);
        self.activity.write(writing)
    }
}

impl Record for TokenUsed {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        // Of many requests, and processes, at once one writes.
        let stale = Condition::any()
            .add(Column::UsedAt.is_null())
            .add(Column::UsedAt.lte(self.at - NOTED));
        let used = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(self.at))
            .filter(Column::Id.eq(self.token.uuid()))
            .filter(stale);
        writing.update(used);
        Ok(())
    }
}

impl Record for SigningKey {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = signing_keys::ActiveModel {
            id: Set(self.id.uuid()),
            number: Set(self.number),
            public: Set(self.public),
            sealed: Set(self.sealed),
            created_at: Set(self.created_at),
            signs_from: Set(self.signs_from),
        };
        writing.insert(row).unique("number");
        Ok(())
    }
}

impl Record for OverKey {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let this = signing_keys::Column::Id.eq(self.0.uuid());
        writing.delete(signing_keys::Entity::delete_many().filter(this));
        Ok(())
    }
}
