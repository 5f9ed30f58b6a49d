//! The log: one line for every change, written in the same transaction.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, QueryFilter, Select};
use stoa_domain::application::Application;
use stoa_domain::change::{Activity, Logged, Subject};
use stoa_domain::id::Id;
use stoa_domain::program::Program;

use crate::entity::activities::{ActiveModel, Column, Entity, Model};
use crate::near::Pointers;
use crate::page::{Key, Keyset, Page, Slice};
use crate::picked::{Picked, PickedRow};
use crate::row::{corrupt, json, name, named, read};
use crate::{Record, StoreError, View, Writing, visibility};

const TABLE: &str = "activities";

pub(crate) fn order(descending: bool) -> Keyset<Column> {
    Keyset {
        name: if descending {
            "activities-newest"
        } else {
            "activities-oldest"
        },
        time: None,
        key: vec![Column::Sequence],
        descending,
    }
}

impl View {
    /// Lines of the log in order, of one application or of all that is visible.
    pub async fn activities(
        &self,
        application: Option<Id<Application>>,
        program: Option<Id<Program>>,
        newest_first: bool,
        page: &Page,
    ) -> Result<Slice<Logged>, StoreError> {
        let select = self.lines(application, program);
        let order = order(newest_first);
        let rows = self.rows(order.select(select, page)?).await?;
        let items = rows
            .into_iter()
            .map(|row| {
                let cursor = order.cursor(None, Key::Sequence(row.sequence));
                Ok((cursor, from_row(row)?))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(page.slice(items))
    }

    /// The picked columns of the same.
    pub async fn picked_activities(
        &self,
        application: Option<Id<Application>>,
        program: Option<Id<Program>>,
        newest_first: bool,
        page: &Page,
        picked: &Picked,
    ) -> Result<Slice<PickedRow>, StoreError> {
        let (select, order) = (self.lines(application, program), order(newest_first));
        self.picked_page(select, &order, page, Pointers::NONE, picked)
            .await
    }

    /// Lines of the log, of one application or of all that is visible.
    pub(crate) fn lines(
        &self,
        application: Option<Id<Application>>,
        program: Option<Id<Program>>,
    ) -> Select<Entity> {
        let mut select = visibility::activities(&self.actor);
        if let Some(application) = application {
            select = select.filter(Column::ApplicationId.eq(application.uuid()));
        }
        if let Some(program) = program {
            select = select.filter(Column::ProgramId.eq(program.uuid()));
        }
        select
    }

    /// Lines of an application, for a statement that reads the application itself.
    pub(crate) fn lines_beside(&self, application: Id<Application>) -> Select<Entity> {
        visibility::activities_beside_application(&self.actor)
            .filter(Column::ApplicationId.eq(application.uuid()))
    }

    /// One line of the log.
    pub async fn activity(&self, sequence: i64) -> Result<Option<Logged>, StoreError> {
        visibility::activities(&self.actor)
            .filter(Column::Sequence.eq(sequence))
            .one(self.db())
            .await?
            .map(from_row)
            .transpose()
    }
}

pub(crate) fn from_row(row: Model) -> Result<Logged, StoreError> {
    let id = row.sequence;
    Ok(Logged {
        sequence: row.sequence,
        activity: Activity {
            verb: named(TABLE, id, &row.verb)?,
            subject: Subject::parse(&row.subject_kind, row.subject_id)
                .ok_or_else(|| corrupt(TABLE, id, &"unknown subject"))?,
            version: row.version,
            account: row.account_id.map(Id::new),
            impersonator: row.impersonator_id.map(Id::new),
            mode: named(TABLE, id, &row.mode)?,
            at: row.at,
            program: row.program_id.map(Id::new),
            application: row.application_id.map(Id::new),
            revision: row.revision_id.map(Id::new),
            details: read(TABLE, id, &row.details)?,
        },
    })
}

impl Record for Activity {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = ActiveModel {
            sequence: NotSet,
            verb: Set(name(&self.verb)),
            subject_kind: Set(self.subject.kind().to_owned()),
            subject_id: Set(self.subject.uuid()),
            version: Set(self.version),
            account_id: Set(self.account.map(Id::uuid)),
            impersonator_id: Set(self.impersonator.map(Id::uuid)),
            mode: Set(name(&self.mode)),
            at: Set(self.at),
            program_id: Set(self.program.map(Id::uuid)),
            application_id: Set(self.application.map(Id::uuid)),
            revision_id: Set(self.revision.map(Id::uuid)),
            public: Set(self.verb.is_public()),
            details: Set(json(TABLE, &self.details)?),
            transaction_id: NotSet,
        };
        writing.holders |= matches!(self.subject, Subject::Account(_));
        writing.line(row);
        writing.effect.get_or_insert(self.subject);
        Ok(())
    }
}
