//! Closed periods of the indicators, counted once.
//!
//! A count holds as long as nothing ended in its period afterwards. Every end looks at the ledger of its
//! program, and counts there if it lies before what is rolled up; a count that was made before that is
//! not used any more. The ledger's row makes the two wait for each other: who rolls up first says up to
//! when, so an end under way is either seen by the counting, or sees what is rolled up and is noted.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};
use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use stoa_domain::kpi::period::Period;
use stoa_domain::kpi::rollup::Rollup;
use stoa_domain::kpi::{Key, definition};
use stoa_domain::program::Program;

use crate::cells::Cells;
use crate::entity::kpi_rollups::{ActiveModel, Column, Entity};
use crate::entity::{kpi_ledgers, resolutions};
use crate::row::{json, read};
use crate::{Record, StoreError, View, Writing, visibility};

const TABLE: &str = "kpi_rollups";

/// How far a program is rolled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Up to when; what is said here comes before the counting.
    pub up_to: Timestamp,
    /// How many applications ended before that when it had been said already.
    pub late_ends: i32,
    /// How many of those the counts have seen; none before the first time.
    pub seen: Option<i32>,
}

/// A program is going to be rolled up to this instant.
#[derive(Clone, Copy, Debug)]
pub struct RollUpTo {
    /// Which program.
    pub program: Id<Program>,
    /// Up to when it was before; another process may have said something else meanwhile.
    pub from: Timestamp,
    /// Up to when.
    pub up_to: Timestamp,
}

/// What was counted. Counts that are older are forgotten.
#[derive(Clone, Debug)]
pub struct NewRollups {
    /// Of which program.
    pub program: Id<Program>,
    /// Up to when the ledger said before the counting; should it say something else now, nothing is kept.
    pub up_to: Timestamp,
    /// How many late ends the ledger had before the counting.
    pub late_ends: i32,
    /// The counts.
    pub rollups: Vec<(Key, Period, Rollup)>,
}

impl View {
    /// The counts of those of these periods that are rolled up, by the place of the period.
    pub async fn rollups(
        &self,
        key: Key,
        program: Id<Program>,
        periods: &[Period],
    ) -> Result<BTreeMap<usize, Rollup>, StoreError> {
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
            return Ok(BTreeMap::new());
        };
        let mut query = visibility::rollups(&self.actor)
            .select_only()
            .columns([Column::StartsAt, Column::EndsAt, Column::Body])
            .filter(Column::ProgramId.eq(program.uuid()))
            .filter(Column::Key.eq(key.as_str()))
            .filter(Column::Formula.eq(definition(key).version))
            .filter(Column::StartsAt.gte(first.from))
            .filter(Column::StartsAt.lt(last.to))
            .into_query();
        let ledger = |column| Expr::col((kpi_ledgers::Entity, column));
        let holds = Condition::all()
            .add(ledger(kpi_ledgers::Column::ProgramId).equals((Entity, Column::ProgramId)))
            .add(ledger(kpi_ledgers::Column::LateEnds).equals((Entity, Column::LateEnds)));
        query.inner_join(kpi_ledgers::Entity, holds);
        let mut found = BTreeMap::new();
        for row in self.db().query_all(&query).await? {
            let mut cells = Cells::new(&row);
            let (from, to): (Timestamp, Timestamp) = (cells.next()?, cells.next()?);
            // Other lengths begin on the same days.
            let place = periods.binary_search_by_key(&from, |period| period.from);
            let Some(place) = place.ok().filter(|place| periods[*place].to == to) else {
                continue;
            };
            let body: String = cells.next()?;
            found.insert(place, read(TABLE, program, &body)?);
        }
        Ok(found)
    }

    /// Which periods of a program are rolled up, by what: the counts that have seen so many late ends.
    pub async fn rolled_up(
        &self,
        program: Id<Program>,
        late_ends: i32,
    ) -> Result<Vec<(Key, Timestamp, Timestamp)>, StoreError> {
        let rows: Vec<(String, i32, Timestamp, Timestamp)> = visibility::rollups(&self.actor)
            .select_only()
            .columns([
                Column::Key,
                Column::Formula,
                Column::StartsAt,
                Column::EndsAt,
            ])
            .filter(Column::ProgramId.eq(program.uuid()))
            .filter(Column::LateEnds.eq(late_ends))
            .into_tuple()
            .all(self.db())
            .await?;
        let known = |(key, formula, from, to): (String, i32, _, _)| {
            let key = Key::parse(&key)?;
            (definition(key).version == formula).then_some((key, from, to))
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// How far a program is rolled up; none where there is no such program.
    pub async fn ledger(&self, program: Id<Program>) -> Result<Option<Ledger>, StoreError> {
        let found = visibility::ledgers(&self.actor)
            .filter(kpi_ledgers::Column::ProgramId.eq(program.uuid()))
            .one(self.db())
            .await?;
        Ok(found.map(|row| Ledger {
            up_to: row.rolled_up_to,
            late_ends: row.late_ends,
            seen: row.rolled_up_ends,
        }))
    }

    /// When the first application of a program came to an end.
    pub async fn first_end(&self, program: Id<Program>) -> Result<Option<Timestamp>, StoreError> {
        let first: Option<Option<Timestamp>> = visibility::resolutions(&self.actor)
            .select_only()
            .column_as(resolutions::Column::At.min(), "first")
            .filter(resolutions::Column::ProgramId.eq(program.uuid()))
            .into_tuple()
            .one(self.db())
            .await?;
        Ok(first.flatten())
    }
}

/// Begins the ledger of a program. It is there before anything can end: an end and a counting that meet
/// for the first time must wait for each other, too.
pub(crate) fn begin(writing: &mut Writing, program: &Program) {
    writing.insert(kpi_ledgers::ActiveModel {
        program_id: Set(program.id.uuid()),
        rolled_up_to: Set(program.created_at),
        late_ends: Set(0),
        rolled_up_ends: Set(None),
    });
}

/// Notes ends of one instant in the ledger, should they lie before what is rolled up.
pub(crate) fn note(writing: &mut Writing, program: Id<Program>, at: Timestamp, ends: i32) {
    use kpi_ledgers::Column as C;
    let late = CaseStatement::new().case(Expr::col(C::RolledUpTo).gt(at), ends);
    let late = Expr::col(C::LateEnds).add(late.finally(0));
    let of = C::ProgramId.eq(program.uuid());
    let update = kpi_ledgers::Entity::update_many().col_expr(C::LateEnds, late);
    // Every program has one. What must be there is locked in the order of the steps, so two changes
    // that end applications and take places wait for each other in one order.
    writing
        .update(update.filter(of))
        .or(|| StoreError::Conflict);
}

impl Record for RollUpTo {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let up_to = kpi_ledgers::Entity::update_many()
            .col_expr(kpi_ledgers::Column::RolledUpTo, Expr::value(self.up_to))
            .filter(kpi_ledgers::Column::ProgramId.eq(self.program.uuid()))
            .filter(kpi_ledgers::Column::RolledUpTo.eq(self.from));
        writing.update(up_to).or(|| StoreError::Conflict);
        Ok(())
    }
}

impl Record for NewRollups {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        use Column as C;
        use kpi_ledgers::Column as L;
        let of = Column::ProgramId.eq(self.program.uuid());
        let old = Entity::delete_many().filter(of);
        writing.delete(old.filter(Column::LateEnds.ne(self.late_ends)));
        for (key, period, rollup) in self.rollups {
            let row = ActiveModel {
                program_id: Set(self.program.uuid()),
                key: Set(key.as_str().to_owned()),
                starts_at: Set(period.from),
                ends_at: Set(period.to),
                formula: Set(definition(key).version),
                late_ends: Set(self.late_ends),
                body: Set(json(TABLE, &rollup)?),
            };
            let primary = [C::ProgramId, C::Key, C::StartsAt, C::EndsAt];
            writing.upsert(row, primary, [C::Formula, C::LateEnds, C::Body]);
        }
        let seen = kpi_ledgers::Entity::update_many()
            .col_expr(L::RolledUpEnds, Expr::value(self.late_ends))
            .filter(L::ProgramId.eq(self.program.uuid()))
            .filter(L::RolledUpTo.eq(self.up_to));
        writing.update(seen).or(|| StoreError::Conflict);
        Ok(())
    }
}
