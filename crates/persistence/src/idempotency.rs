//! Keys of requests that may be sent again: rows, and the mark that a change leaves on its key.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::change::Subject;
use stoa_domain::id::Id;
use stoa_domain::idempotency::Keyed;

use crate::entity::idempotency_keys::{ActiveModel, Column, Entity, Model};
use crate::row::corrupt;
use crate::{Record, StoreError, View, Writing, visibility};

const TABLE: &str = "idempotency_keys";

/// The key under which a request changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Who sent the request.
    pub account: Id<Account>,
    /// Its key.
    pub key: String,
}

/// A request takes over a key: that of one that died, or whose time is over.
#[derive(Clone, Debug)]
pub struct TakeOver {
    /// The request as it begins now.
    pub now: Keyed,
    /// When the one before began: should another have taken it over meanwhile, nothing is written.
    pub began: Timestamp,
}

/// The answer of a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Whose.
    pub mark: Mark,
    /// What was answered.
    pub body: String,
}

/// Keys that began before an instant are forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Forget {
    /// The instant.
    pub before: Timestamp,
}

/// A key whose request failed before it did anything is given back.
#[derive(Clone, Debug)]
pub struct Release(pub Mark);

impl View {
    /// What is known of a request by its key.
    pub async fn keyed(&self, mark: &Mark) -> Result<Option<Keyed>, StoreError> {
        visibility::idempotency_keys(&self.actor)
            .filter(Column::AccountId.eq(mark.account.uuid()))
            .filter(Column::Key.eq(mark.key.as_str()))
            .one(self.db())
            .await?
            .map(from_row)
            .transpose()
    }
}

fn from_row(row: Model) -> Result<Keyed, StoreError> {
    let effect = match (&row.effect_kind, row.effect_id) {
        (Some(kind), Some(id)) => Some(
            Subject::parse(kind, id).ok_or_else(|| corrupt(TABLE, &row.key, &"unknown effect"))?,
        ),
        _ => None,
    };
    Ok(Keyed {
        account: Id::new(row.account_id),
        key: row.key,
        digest: row.digest,
        started_at: row.started_at,
        effect,
        answer: row.answer,
    })
}

fn to_row(keyed: &Keyed) -> ActiveModel {
    ActiveModel {
        account_id: Set(keyed.account.uuid()),
        key: Set(keyed.key.clone()),
        digest: Set(keyed.digest.clone()),
        started_at: Set(keyed.started_at),
        effect_kind: Set(keyed.effect.map(|effect| effect.kind().to_owned())),
        effect_id: Set(keyed.effect.map(Subject::uuid)),
        answer: Set(keyed.answer.clone()),
    }
}

impl Record for Keyed {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        writing.insert(to_row(&self)).unique("idempotency key");
        Ok(())
    }
}

impl Record for TakeOver {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let over = Entity::update_many()
            .set(to_row(&self.now))
            .filter(Column::AccountId.eq(self.now.account.uuid()))
            .filter(Column::Key.eq(self.now.key.as_str()))
            .filter(Column::StartedAt.eq(self.began));
        writing.update(over).or(|| StoreError::Conflict);
        Ok(())
    }
}

impl Record for Answer {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let answered = Entity::update_many()
            .col_expr(Column::Answer, Expr::value(self.body))
            .filter(Column::AccountId.eq(self.mark.account.uuid()))
            .filter(Column::Key.eq(self.mark.key));
        writing.update(answered);
        Ok(())
    }
}

impl Record for Release {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let unused = Entity::delete_many()
            .filter(Column::AccountId.eq(self.0.account.uuid()))
            .filter(Column::Key.eq(self.0.key))
            .filter(Column::EffectKind.is_null());
        writing.delete(unused);
        Ok(())
    }
}

impl Record for Forget {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        writing.delete(Entity::delete_many().filter(Column::StartedAt.lt(self.before)));
        Ok(())
    }
}

impl Mark {
    /// Says on the key what was changed under it, in the transaction of the change.
    pub(crate) fn leave(&self, effect: Subject, writing: &mut Writing) {
        let first = Entity::update_many()
            .col_expr(Column::EffectKind, Expr::value(effect.kind()))
            .col_expr(Column::EffectId, Expr::value(effect.uuid()))
            .filter(Column::AccountId.eq(self.account.uuid()))
            .filter(Column::Key.eq(self.key.as_str()))
            .filter(Column::EffectKind.is_null());
        writing.update(first);
    }
}
