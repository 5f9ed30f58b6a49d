//! Mails on their way: rows and reads. A row is there until its mail was taken by the mail server.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use stoa_domain::mail::Mail;

use crate::entity::mails::{ActiveModel, Column, Entity, Model};
use crate::row::{name, named};
use crate::{Record, StoreError, View, Writing, visibility};

/// What becomes of a mail.
#[derive(Clone, Debug)]
pub enum MailStep {
    /// It waits to be sent.
    Written(Mail),
    /// A sender takes it up; a conflict if another one did.
    Taken(Mail),
    /// Its sender failed and puts it back.
    PutBack(Mail),
    /// It was sent, or given up.
    Done(Id<Mail>),
}

impl View {
    /// Mails that are to be sent now, the longest waiting first.
    pub async fn due_mails(&self, now: Timestamp, limit: u64) -> Result<Vec<Mail>, StoreError> {
        visibility::mails(&self.actor)
            .filter(Column::DueAt.lte(now))
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }
}

fn from_row(row: Model) -> Result<Mail, StoreError> {
    Ok(Mail {
        id: Id::new(row.id),
        kind: named("mails", row.id, &row.kind)?,
        to: row.recipient,
        about: row.about_id,
        created_at: row.created_at,
        expires_at: row.expires_at,
        attempts: row.attempts,
        due_at: row.due_at,
    })
}

fn to_row(mail: Mail) -> ActiveModel {
    ActiveModel {
        id: Set(mail.id.uuid()),
        kind: Set(name(&mail.kind)),
        recipient: Set(mail.to),
        about_id: Set(mail.about),
        created_at: Set(mail.created_at),
        expires_at: Set(mail.expires_at),
        attempts: Set(mail.attempts),
        due_at: Set(mail.due_at),
    }
}

impl Record for MailStep {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let (mail, attempts) = match self {
            Self::Written(mail) => {
                writing.insert(to_row(mail));
                return Ok(());
            }
            Self::Done(id) => {
                writing.delete(Entity::delete_many().filter(Column::Id.eq(id.uuid())));
                return Ok(());
            }
            // How often it was taken up tells senders apart.
            Self::Taken(mail) => {
                let before = mail.attempts - 1;
                (mail, before)
            }
            Self::PutBack(mail) => {
                let same = mail.attempts;
                (mail, same)
            }
        };
        let step = Entity::update_many()
            .filter(Column::Id.eq(mail.id.uuid()))
            .filter(Column::Attempts.eq(attempts))
            .set(to_row(mail));
        writing.update(step).or(|| StoreError::Conflict);
        Ok(())
    }
}
