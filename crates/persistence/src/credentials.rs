//! Credentials: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use stoa_domain::account::Account;
use stoa_domain::credential::Credential;
use stoa_domain::id::Id;

use crate::entity::credentials::{ActiveModel, Column, Entity};
use crate::{Record, StoreError, View, Writing, visibility};

/// A password that was chosen, or hashed anew.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// The credential.
    pub credential: Credential,
    /// The hash it takes the place of: another one there now is a conflict. None replaces whatever is there.
    pub replacing: Option<String>,
}

impl View {
    /// How this account proves a password.
    pub async fn credential(&self, account: Id<Account>) -> Result<Option<Credential>, StoreError> {
        let row = visibility::credentials(&self.actor)
            .filter(Column::AccountId.eq(account.uuid()))
            .one(self.db())
            .await?;
        Ok(row.map(|row| Credential {
            account: Id::new(row.account_id),
            phc: row.phc,
            changed_at: row.changed_at,
        }))
    }
}

impl Record for NewCredential {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let credential = self.credential;
        let account = credential.account.uuid();
        let row = ActiveModel {
            account_id: Set(account),
            phc: Set(credential.phc),
            changed_at: Set(credential.changed_at),
        };
        let Some(replaced) = self.replacing else {
            writing.upsert(row, [Column::AccountId], [Column::Phc, Column::ChangedAt]);
            return Ok(());
        };
        let replaces = Entity::update_many()
            .set(row)
            .filter(Column::AccountId.eq(account))
            .filter(Column::Phc.eq(replaced));
        writing.update(replaces).or(|| StoreError::Conflict);
        Ok(())
    }
}
