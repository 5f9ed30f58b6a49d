//! Attempts to sign in, and codes: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use stoa_domain::sign_in::{Attempt, CODE_TRIES, Code};

use crate::entity::{sign_in_attempts as attempts, sign_in_codes as codes};
use crate::{Record, StoreError, View, Writing, visibility};

/// What becomes of attempts.
#[derive(Clone, Debug)]
pub enum AttemptStep {
    /// Somebody tries.
    Begun(Attempt),
    /// It was refused before anything was looked at, and does not count.
    Uncounted(Id<Attempt>),
    /// Somebody proved who they are: earlier attempts for this account do not count.
    Forgiven(String),
    /// What is older than this counts for nothing.
    Old(Timestamp),
}

/// What becomes of a code.
#[derive(Clone, Debug)]
pub enum CodeStep {
    /// It is mailed, and the one before is void.
    Mailed(Code),
    /// It is about to be compared with what somebody typed; a conflict if it may not be any more.
    Tried(Code),
    /// It was right and is over; a conflict if somebody else used it first.
    Used(Code),
    /// What was mailed before this is over.
    Old(Timestamp),
}

impl View {
    /// Attempts since then for this account or from this address.
    pub async fn sign_in_attempts(
        &self,
        account: &str,
        address: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Attempt>, StoreError> {
        let mut either = Condition::any().add(attempts::Column::Account.eq(account));
        if let Some(address) = address {
            either = either.add(attempts::Column::Address.eq(address));
        }
        let rows = visibility::sign_in_attempts(&self.actor)
            .filter(attempts::Column::At.gt(since))
            .filter(either)
            .all(self.db())
            .await?;
        let attempts = rows.into_iter().map(|row| Attempt {
            id: Id::new(row.id),
            account: row.account,
            address: row.address,
            at: row.at,
        });
        Ok(attempts.collect())
    }

    /// The newest code that was mailed to an address.
    pub async fn sign_in_code(&self, email: &str) -> Result<Option<Code>, StoreError> {
        let row = visibility::sign_in_codes(&self.actor)
            .filter(codes::Column::Email.eq(email))
            .one(self.db())
            .await?;
        Ok(row.map(|row| Code {
            id: Id::new(row.id),
            email: row.email,
            created_at: row.created_at,
            tries: row.tries,
        }))
    }
}

impl Record for AttemptStep {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let gone = attempts::Entity::delete_many();
        let gone = match self {
            Self::Begun(attempt) => {
                let row = attempts::ActiveModel {
                    id: Set(attempt.id.uuid()),
                    account: Set(attempt.account),
                    address: Set(attempt.address),
                    at: Set(attempt.at),
                };
                writing.insert(row);
                return Ok(());
            }
            Self::Uncounted(id) => gone.filter(attempts::Column::Id.eq(id.uuid())),
            Self::Forgiven(account) => gone.filter(attempts::Column::Account.eq(account)),
            Self::Old(before) => gone.filter(attempts::Column::At.lt(before)),
        };
        writing.delete(gone);
        Ok(())
    }
}

impl Record for CodeStep {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        use codes::Column as C;
        let same = |code: &Code| {
            Condition::all()
                .add(C::Email.eq(code.email.as_str()))
                .add(C::Id.eq(code.id.uuid()))
        };
        match self {
            Self::Mailed(code) => {
                let row = codes::ActiveModel {
                    email: Set(code.email),
                    id: Set(code.id.uuid()),
                    created_at: Set(code.created_at),
                    tries: Set(code.tries),
                };
                writing.upsert(row, [C::Email], [C::Id, C::CreatedAt, C::Tries]);
            }
            Self::Tried(code) => {
                let tried = codes::Entity::update_many()
                    .col_expr(C::Tries, Expr::col(C::Tries).add(1))
                    .filter(same(&code))
                    .filter(C::Tries.lt(CODE_TRIES));
                writing.update(tried).or(|| StoreError::Conflict);
            }
            Self::Used(code) => {
                let used = codes::Entity::delete_many().filter(same(&code));
                writing.delete(used).or(|| StoreError::Conflict);
            }
            Self::Old(before) => {
                let old = C::CreatedAt.lt(before);
                writing.delete(codes::Entity::delete_many().filter(old));
            }
        }
        Ok(())
    }
}
