//! Programs and their revisions: rows and reads.

use std::sync::Arc;

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::program::{Program, Revision};

use crate::entity::{programs, revisions};
use crate::rollups;
use crate::row::{json, read};
use crate::{Record, StoreError, View, Writing, visibility};

impl View {
    /// How many members a program has.
    pub async fn places_taken(&self, id: Id<Program>) -> Result<u32, StoreError> {
        let taken: Option<i32> = visibility::programs()
            .select_only()
            .column(programs::Column::PlacesTaken)
            .filter(programs::Column::Id.eq(id.uuid()))
            .into_tuple()
            .one(self.db())
            .await?;
        Ok(taken
            .and_then(|taken| u32::try_from(taken).ok())
            .unwrap_or_default())
    }

    /// Every program, by key. A company has a handful, so there are no pages.
    pub async fn programs(&self) -> Result<Vec<Program>, StoreError> {
        Ok(visibility::programs()
            .order_by_asc(programs::Column::Key)
            .all(self.db())
            .await?
            .into_iter()
            .map(program)
            .collect())
    }

    /// Those of these programs that exist, in no order.
    pub async fn programs_by_id(&self, ids: &[Id<Program>]) -> Result<Vec<Program>, StoreError> {
        Ok(visibility::programs()
            .filter(programs::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(program)
            .collect())
    }

    /// The program with this id.
    pub async fn program(&self, id: Id<Program>) -> Result<Option<Program>, StoreError> {
        Ok(self.programs_by_id(&[id]).await?.pop())
    }

    /// The program with this key.
    pub async fn program_by_key(&self, key: &str) -> Result<Option<Program>, StoreError> {
        Ok(visibility::programs()
            .filter(programs::Column::Key.eq(key))
            .one(self.db())
            .await?
            .map(program))
    }

    /// The revision with this id. Revisions never change: each is read once by a process.
    pub async fn revision(&self, id: Id<Revision>) -> Result<Option<Arc<Revision>>, StoreError> {
        if let Some(revision) = self.store.cached_revision(id) {
            return Ok(Some(revision));
        }
        let row = visibility::revisions()
            .filter(revisions::Column::Id.eq(id.uuid()))
            .one(self.db())
            .await?;
        row.map(|row| Ok(self.store.cache_revision(revision(row)?)))
            .transpose()
    }

    /// The revisions of a program, newest first.
    pub async fn revisions(&self, program: Id<Program>) -> Result<Vec<Arc<Revision>>, StoreError> {
        visibility::revisions()
            .filter(revisions::Column::ProgramId.eq(program.uuid()))
            .order_by_desc(revisions::Column::Number)
            .all(self.db())
            .await?
            .into_iter()
            .map(|row| Ok(self.store.cache_revision(revision(row)?)))
            .collect()
    }
}

pub(crate) fn program(row: programs::Model) -> Program {
    Program {
        id: Id::new(row.id),
        version: row.version,
        key: row.key,
        name: row.name,
        current: Id::new(row.current_revision_id),
        revision_number: row.revision_number,
        created_at: row.created_at,
    }
}

fn revision(row: revisions::Model) -> Result<Revision, StoreError> {
    Ok(Revision {
        id: Id::new(row.id),
        program: Id::new(row.program_id),
        number: row.number,
        published_at: row.published_at,
        rules: read("revisions", row.id, &row.rules)?,
    })
}

impl Record for Change<Program> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let program = &self.after;
        let row = programs::ActiveModel {
            id: Set(program.id.uuid()),
            version: Set(program.version),
            key: Set(program.key.clone()),
            name: Set(program.name.clone()),
            current_revision_id: Set(program.current.uuid()),
            revision_number: Set(program.revision_number),
            // Counted by memberships as they begin, not by publishing.
            places_taken: NotSet,
            created_at: Set(program.created_at),
        };
        writing.versioned(row, program.version).unique("key");
        if program.version == 1 {
            rollups::begin(writing, program);
        }
        self.activity.write(writing)
    }
}

impl Record for Revision {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = revisions::ActiveModel {
            id: Set(self.id.uuid()),
            program_id: Set(self.program.uuid()),
            number: Set(self.number),
            published_at: Set(self.published_at),
            rules: Set(json("revisions", &self.rules)?),
        };
        writing.insert(row).unique("revision");
        Ok(())
    }
}
