//! Messages: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QueryFilter};
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::message::Message;

use crate::entity::messages::{ActiveModel, Column, Model};
use crate::page::{Key, Keyset, Page, Slice};
use crate::row::{name, named};
use crate::{Record, StoreError, View, Writing, visibility};

impl View {
    /// The message with this id.
    pub async fn message(&self, id: Id<Message>) -> Result<Option<Message>, StoreError> {
        visibility::messages(&self.actor)
            .filter(Column::Id.eq(id.uuid()))
            .one(self.db())
            .await?
            .map(from_row)
            .transpose()
    }

    /// The messages of an application, oldest first.
    pub async fn messages(
        &self,
        application: Id<Application>,
        page: &Page,
    ) -> Result<Slice<Message>, StoreError> {
        let order = Keyset {
            name: "messages",
            time: None,
            key: vec![Column::Id],
            descending: false,
        };
        let select =
            visibility::messages(&self.actor).filter(Column::ApplicationId.eq(application.uuid()));
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

fn from_row(row: Model) -> Result<Message, StoreError> {
    Ok(Message {
        id: Id::new(row.id),
        application: Id::new(row.application_id),
        kind: named("messages", row.id, &row.kind)?,
        author: row.author_id.map(Id::new),
        body: row.body,
        at: row.at,
    })
}

impl Record for Message {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(self.id.uuid()),
            application_id: Set(self.application.uuid()),
            kind: Set(name(&self.kind)),
            author_id: Set(self.author.map(Id::uuid)),
            body: Set(self.body),
            at: Set(self.at),
        };
        writing.insert(row);
        Ok(())
    }
}
