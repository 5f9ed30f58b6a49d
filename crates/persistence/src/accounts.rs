//! Accounts: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QueryFilter};
use stoa_domain::account::Account;
use stoa_domain::change::Change;
use stoa_domain::id::Id;

use crate::entity::accounts::{ActiveModel, Column, Model};
use crate::page::{Key, Keyset, Page, Slice};
use crate::row::{json, name, named, read};
use crate::{EndSessions, Record, StoreError, View, Writing, visibility};

const TABLE: &str = "accounts";

impl View {
    /// The account with this id.
    pub async fn account(&self, id: Id<Account>) -> Result<Option<Account>, StoreError> {
        Ok(self.accounts_by_id(&[id]).await?.pop())
    }

    /// The account with this id, if it is that of whoever looks and known without asking: everybody sees
    /// themselves, and was looked up to be let in.
    pub fn oneself(&self, id: Id<Account>) -> Option<Account> {
        let session = self.actor.means().session()?;
        let own = self.actor.account() == Some(id);
        own.then(|| self.store.holders.account(session, id))?
    }

    /// Those of these accounts that are visible, in no order.
    pub async fn accounts_by_id(&self, ids: &[Id<Account>]) -> Result<Vec<Account>, StoreError> {
        if let [id] = ids
            && let Some(account) = self.oneself(*id)
        {
            return Ok(vec![account]);
        }
        visibility::accounts(&self.actor)
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// The account with this mail address.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        Ok(self.accounts_by_email(&[email]).await?.pop())
    }

    /// The accounts with these mail addresses.
    pub async fn accounts_by_email(&self, emails: &[&str]) -> Result<Vec<Account>, StoreError> {
        visibility::accounts(&self.actor)
            .filter(Column::Email.is_in(emails.iter().map(|email| email.to_lowercase())))
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// Accounts, oldest first.
    pub async fn accounts(&self, page: &Page) -> Result<Slice<Account>, StoreError> {
        let order = Keyset {
            name: "accounts",
            time: None,
            key: vec![Column::Id],
            descending: false,
        };
        let select = visibility::accounts(&self.actor);
        let items = order
            .select(select, page)?
            .all(self.db())
            .await?
            .into_iter()
            .map(|row| Ok((order.cursor(None, Key::Id(row.id)), from_row(row)?)))
            .collect::<Result<_, StoreError>>()?;
        Ok(page.slice(items))
    }
}

pub(crate) fn from_row(row: Model) -> Result<Account, StoreError> {
    Ok(Account {
        id: Id::new(row.id),
        version: row.version,
        kind: named(TABLE, row.id, &row.kind)?,
        name: row.name,
        email: row.email,
        grants: read(TABLE, row.id, &row.grants)?,
        created_at: row.created_at,
        disabled_at: row.disabled_at,
    })
}

fn to_row(account: &Account) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(account.id.uuid()),
        version: Set(account.version),
        kind: Set(name(&account.kind)),
        name: Set(account.name.clone()),
        email: Set(account.email.clone()),
        grants: Set(json(TABLE, &account.grants)?),
        created_at: Set(account.created_at),
        disabled_at: Set(account.disabled_at),
    })
}

impl Record for Change<Account> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let account = &self.after;
        writing
            .versioned(to_row(account)?, account.version)
            .unique("email");
        // A closed account is signed in nowhere.
        if let Some(at) = account.disabled_at {
            let (account, activity) = (account.id, None);
            EndSessions {
                account,
                except: None,
                at,
                activity,
            }
            .write(writing)?;
        }
        self.activity.write(writing)
    }
}
