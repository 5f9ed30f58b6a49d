//! Sessions and their refresh tokens: rows, reads, and how they end.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::change::{Activity, Change};
use stoa_domain::id::Id;
use stoa_domain::session::{Impersonation, KEPT, Session};

use crate::cells::{Cells, Row};
use crate::entity::refresh_tokens;
use crate::entity::sessions::{ActiveModel, Column, Entity, Model};
use crate::row::corrupt;
use crate::{Record, StoreError, View, Writing, visibility};

const TABLE: &str = "sessions";
/// How many sessions of an account are told at most.
const MOST: u64 = 100;

/// A refresh token, as its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The SHA-256 hash of the token.
    pub hash: String,
    /// What it goes on with.
    pub session: Id<Session>,
    /// The session's version that it was made with.
    pub made_with: i32,
}

/// The end of every session of an account.
#[derive(Clone, Debug)]
pub struct EndSessions {
    /// Whose.
    pub account: Id<Account>,
    /// The one that goes on, if one does.
    pub except: Option<Id<Session>>,
    /// When.
    pub at: Timestamp,
    /// The line that explains it; none where another line does.
    pub activity: Option<Activity>,
}

/// What nobody asks for any more: sessions long over, with their refresh tokens.
#[derive(Clone, Copy, Debug)]
pub struct ForgetSessions {
    /// The time now.
    pub now: Timestamp,
}

impl View {
    /// A session with its account, in one statement: what every signed-in request begins with.
    pub async fn signed_in(
        &self,
        session: Id<Session>,
    ) -> Result<Option<(Account, Session)>, StoreError> {
        let both = visibility::accounts_by_session(&self.actor);
        let query = both.filter(Column::Id.eq(session.uuid())).into_query();
        let Some(row) = self.db().query_one(&query).await? else {
            return Ok(None);
        };
        let mut cells = Cells::new(&row);
        let account = crate::accounts::from_row(Row::read(&mut cells)?)?;
        Ok(Some((account, from_row(Row::read(&mut cells)?)?)))
    }

    /// The same, as it was read lately: at most some milliseconds behind what another process has
    /// written, and some seconds where the connection that tells is dead.
    pub async fn signed_in_lately(
        &self,
        session: Id<Session>,
    ) -> Result<Option<(Account, Session)>, StoreError> {
        let holders = &self.store.holders;
        let age = match holders.of(session) {
            Ok(both) => return Ok(Some(both)),
            Err(age) => age,
        };
        let found = self.signed_in(session).await?;
        if let Some(both) = found.clone() {
            holders.keep(age, both);
        }
        Ok(found)
    }

    /// The refresh token with this hash.
    pub async fn refresh_token(&self, hash: &str) -> Result<Option<RefreshToken>, StoreError> {
        let found = visibility::refresh_tokens(&self.actor)
            .filter(refresh_tokens::Column::Hash.eq(hash))
            .one(self.db())
            .await?;
        Ok(found.map(|row| RefreshToken {
            hash: row.hash,
            session: Id::new(row.session_id),
            made_with: row.made_with,
        }))
    }

    /// The session with this id.
    pub async fn session(&self, id: Id<Session>) -> Result<Option<Session>, StoreError> {
        visibility::sessions(&self.actor)
            .filter(Column::Id.eq(id.uuid()))
            .one(self.db())
            .await?
            .map(from_row)
            .transpose()
    }

    /// Sessions of an account that go on, and all in which somebody acted in its name; newest first.
    pub async fn sessions_of(
        &self,
        account: Id<Account>,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let told = Condition::any()
            .add(open(now))
            .add(Column::ImpersonatorId.is_not_null());
        visibility::sessions(&self.actor)
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(told)
            .order_by_desc(Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }
}

fn open(now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::EndedAt.is_null())
        .add(Column::ExpiresAt.gt(now))
}

fn from_row(row: Model) -> Result<Session, StoreError> {
    let impersonation = match (row.impersonator_id, row.reason) {
        (None, None) => None,
        (Some(by), Some(reason)) => Some(Impersonation {
            by: Id::new(by),
            reason,
        }),
        _ => return Err(corrupt(TABLE, row.id, &"half an impersonation")),
    };
    Ok(Session {
        id: Id::new(row.id),
        version: row.version,
        account: Id::new(row.account_id),
        impersonation,
        created_at: row.created_at,
        used_at: row.used_at,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
    })
}

fn to_row(session: Session) -> ActiveModel {
    let (impersonator_id, reason) = session
        .impersonation
        .map(|it| (it.by.uuid(), it.reason))
        .unzip();
    ActiveModel {
        id: Set(session.id.uuid()),
        version: Set(session.version),
        account_id: Set(session.account.uuid()),
        impersonator_id: Set(impersonator_id),
        reason: Set(reason),
        created_at: Set(session.created_at),
        used_at: Set(session.used_at),
        expires_at: Set(session.expires_at),
        ended_at: Set(session.ended_at),
    }
}

impl Record for Session {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let (id, version) = (self.id.uuid(), self.version);
        let row = to_row(self);
        if version == 1 {
            writing.insert(row);
        } else {
            let same_row = Entity::update_many()
                .set(row)
                .filter(Column::Id.eq(id))
                .filter(Column::Version.eq(version - 1))
                // Ended everywhere meanwhile: that changes no version.
                .filter(Column::EndedAt.is_null());
            writing.update(same_row).or(|| StoreError::Conflict);
        }
        Ok(())
    }
}

impl Record for Change<Session> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.after.write(writing)?;
        self.activity.write(writing)
    }
}

impl Record for RefreshToken {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = refresh_tokens::ActiveModel {
            hash: Set(self.hash),
            session_id: Set(self.session.uuid()),
            made_with: Set(self.made_with),
        };
        writing.insert(row);
        Ok(())
    }
}

impl Record for EndSessions {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let ended = Entity::update_many()
            .col_expr(Column::EndedAt, Expr::value(self.at))
            .filter(Column::AccountId.eq(self.account.uuid()))
            .filter(Column::Id.ne(self.except.map_or(uuid::Uuid::nil(), Id::uuid)))
            .filter(open(self.at));
        writing.update(ended);
        writing.holders = true;
        self.activity.write(writing)
    }
}

impl Record for ForgetSessions {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let over = Entity::delete_many()
            .filter(Column::ExpiresAt.lt(self.now - KEPT))
            .filter(Column::ImpersonatorId.is_null());
        writing.delete(over);
        Ok(())
    }
}
