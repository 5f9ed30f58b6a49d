//! The writing door: the only place where rows are written.
//!
//! A record is a new row, or a changed state with the line that explains it. It says its steps, and the
//! steps of records that belong together are done together, or none of them is. A changed state is
//! written only over the version it came from; if somebody else was faster, nothing is written and the
//! caller learns of it. Rows of one table that follow one another are one statement, or as few as the
//! database takes them in.

mod step;
#[cfg(test)]
mod tests;
mod text;

use sea_orm::sea_query::{IntoIden, SubQueryStatement};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, DeleteMany, EntityTrait, QueryTrait,
    UpdateMany,
};
use stoa_domain::change::{Change, Subject};
use stoa_domain::membership::Membership;

use self::step::{Known, Step, Told};
use crate::connections::{Connections, Lent};
use crate::entity::activities;
use crate::{Store, StoreError, dialect};

pub(crate) use self::text::{Given, Ready, Texts};

/// More statements than these are done one after another on `PostgreSQL`, too.
const TOGETHER: usize = 8;
/// The most values of one statement of `PostgreSQL`, which takes 65,535.
const VALUES: usize = 15_000;
/// The most rows of one statement of `SQLite`. It keeps statements ready, and takes longer to read a
/// text than to do what it says: so from [`FEW`] on, rows come in numbers of which there are few.
const ROWS: usize = 64;
/// Fewer rows than these are one statement in any case.
const FEW: usize = 8;

/// What is to be written, and what it means.
#[must_use]
#[derive(Debug)]
pub struct Writing {
    backend: DbBackend,
    steps: Vec<Step>,
    /// Lines of the log. They come last: nothing points at them, so those of a change are one statement.
    lines: Vec<Step>,
    /// What the first line of the log in it is about.
    pub(crate) effect: Option<Subject>,
    /// Whether the log has new lines.
    logged: bool,
    /// Whether an account or a session is another than before.
    pub(crate) holders: bool,
}

/// Something that can be committed.
pub trait Record: Send {
    /// Says what is to be written.
    fn write(self, writing: &mut Writing) -> Result<(), StoreError>;
}

/// Memberships of one program that begin, and how many it takes.
#[derive(Clone, Debug)]
pub struct NewMemberships {
    /// The memberships.
    pub changes: Vec<Change<Membership>>,
    /// The most members the program takes at once; none means no cap.
    pub capacity: Option<u32>,
}

impl Store {
    /// Writes a record and all that belongs to it, then wakes the reader of the log if anybody follows.
    pub async fn commit(&self, record: impl Record) -> Result<(), StoreError> {
        self.write(self.prepare(record)?).await
    }

    /// What a record would write, for whoever has time for it before it is to be written.
    pub fn prepare(&self, record: impl Record) -> Result<Writing, StoreError> {
        let mut writing = Writing {
            backend: self.db.get_database_backend(),
            steps: Vec::new(),
            lines: Vec::new(),
            effect: None,
            logged: false,
            holders: false,
        };
        record.write(&mut writing)?;
        if let (Some(mark), Some(effect)) = (&self.mark, writing.effect) {
            mark.leave(effect, &mut writing);
        }
        Ok(writing)
    }

    /// Writes what was prepared, as [`Self::commit`] does.
    pub async fn write(&self, mut writing: Writing) -> Result<(), StoreError> {
        writing.close(self.holders.hears());
        let done = writing.done(&self.db, &self.texts).await;
        // Should it have failed on the way back, it may still have been written.
        if writing.holders {
            self.holders.forget();
        }
        done?;
        if writing.logged {
            // Whoever begins to follow wakes the reader, and reads what was written before by itself.
            if self.told.receiver_count() > 0 {
                self.news.notify_one();
            }
            self.unsaid.notify_one();
        }
        Ok(())
    }
}

impl Writing {
    /// Inserts a row.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, row: A) -> &mut Step {
        self.steps.push_mut(Step::insert(row, None))
    }

    /// Inserts a row; where there is one with the same values in `by`, writes what is `renewed` over it.
    pub(crate) fn upsert<A: ActiveModelTrait, C: IntoIden>(
        &mut self,
        row: A,
        by: impl IntoIterator<Item = C>,
        renewed: impl IntoIterator<Item = C>,
    ) -> &mut Step {
        let known = Known::by(by, renewed);
        self.steps.push_mut(Step::insert(row, Some(known)))
    }

    /// Adds a line to the log.
    pub(crate) fn line(&mut self, row: activities::ActiveModel) {
        self.lines.push(Step::insert(row, None));
        self.logged = true;
    }

    /// Inserts the first version of a row, or replaces the version before this one.
    pub(crate) fn versioned<A: ActiveModelTrait>(&mut self, row: A, version: i32) -> &mut Step {
        if version == 1 {
            return self.insert(row);
        }
        let replacement = self.steps.push_mut(Step::replace(row, version));
        replacement.or(|| StoreError::Conflict)
    }

    /// Changes rows.
    pub(crate) fn update<E: EntityTrait>(&mut self, update: UpdateMany<E>) -> &mut Step {
        let statement = SubQueryStatement::UpdateStatement(update.into_query());
        self.steps.push_mut(Step::statement::<E>(statement))
    }

    /// Deletes rows.
    pub(crate) fn delete<E: EntityTrait>(&mut self, delete: DeleteMany<E>) -> &mut Step {
        let statement = SubQueryStatement::DeleteStatement(delete.into_query());
        self.steps.push_mut(Step::statement::<E>(statement))
    }

    /// Puts the lines behind everything else, each with its transaction. Where other processes are not told
    /// later, by a task that tells of many commits at once, or where they must know with the commit that
    /// somebody is signed out, the last of them tells.
    fn close(&mut self, told_later: bool) {
        let last = self.lines.len();
        let told = match (self.holders, told_later) {
            (true, _) => Told::Rememberers,
            (false, false) => Told::Listeners,
            (false, true) => Told::Nobody,
        };
        for (number, line) in (1..).zip(self.lines.drain(..)) {
            let told = if number == last { told } else { Told::Nobody };
            self.steps.push(line.telling(told));
        }
    }

    /// Does all of it, or nothing.
    async fn done(&self, db: &Connections, texts: &Texts) -> Result<(), StoreError> {
        let backend = self.backend;
        let _alone = db.alone().await;
        let runs = self.steps.chunk_by(Step::joins);
        let runs: Vec<_> = runs.flat_map(|run| pieces(run, backend)).collect();
        let fit = self.fit_together(&runs);
        let done = match &runs[..] {
            [] => return Ok(()),
            [run] => alone(run, db, texts).await,
            _ if fit => together(&runs, db, texts).await,
            _ => in_turn(&runs, db, texts).await,
        };
        match done {
            // Nothing was written. One after another, steps say what stands against them; and two rows
            // of one statement can stand in each other's way.
            Err(StoreError::Database(error))
                if dialect::is_of_database(&error) && (fit || runs.len() < self.steps.len()) => {}
            done => return done,
        }
        let each: Vec<&[Step]> = self.steps.chunks(1).collect();
        in_turn(&each, db, texts).await
    }

    /// Whether the runs can be one statement. All of it sees the rows as they were before, and in no
    /// order, so no two may concern one table.
    fn fit_together(&self, runs: &[&[Step]]) -> bool {
        let alone = |(place, run): (usize, &&[Step])| {
            let before = &runs[..place];
            before.iter().all(|it| it[0].table() != run[0].table())
        };
        let values: usize = self.steps.iter().map(|step| step.values().len()).sum();
        self.backend == DbBackend::Postgres
            && (2..=TOGETHER).contains(&runs.len())
            && values <= VALUES
            && runs.iter().enumerate().all(alone)
    }
}

/// A run in pieces that a statement of this database takes.
fn pieces(mut run: &[Step], backend: DbBackend) -> Vec<&[Step]> {
    let mut pieces = Vec::new();
    while let Some(first) = run.first() {
        let most = match backend {
            DbBackend::Postgres => VALUES / first.values().len().max(1),
            _ if run.len() < FEW => run.len(),
            _ => (1 << run.len().ilog2()).min(ROWS),
        };
        let (piece, rest) = run.split_at(most.min(run.len()));
        pieces.push(piece);
        run = rest;
    }
    pieces
}

/// Does one run of steps. One statement needs no transaction around it.
async fn alone(run: &[Step], db: &Connections, texts: &Texts) -> Result<(), StoreError> {
    let statement = texts.of_run(run, db.get_database_backend());
    let mut lent = db.lend().await?;
    done(run, statement, &mut lent).await?;
    lent.give_back();
    Ok(())
}

/// Does runs of steps as one statement.
async fn together(runs: &[&[Step]], db: &Connections, texts: &Texts) -> Result<(), StoreError> {
    let statement = texts.of_all(runs, db.get_database_backend());
    let mut lent = db.lend().await?;
    let done = lent.write(statement).await.map(|_| ());
    if done.as_ref().err().is_none_or(dialect::is_of_database) {
        lent.give_back();
    }
    Ok(done?)
}

/// Does runs of steps one after another in a transaction.
async fn in_turn(runs: &[&[Step]], db: &Connections, texts: &Texts) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let mut ready = runs.iter().map(|run| (*run, texts.of_run(run, backend)));
    let mut next = ready.next();
    let mut transaction = db.lend().await?.begin().await?;
    while let Some((run, statement)) = next {
        // While the database does one, the next is made ready.
        let done = done(run, statement, transaction.lent());
        let (done, after) = tokio::join!(done, async { ready.next() });
        if let Err(error) = done {
            transaction.roll_back().await;
            return Err(error);
        }
        next = after;
    }
    Ok(transaction.commit().await?)
}

/// Does a run of steps: one, or rows of one table.
async fn done(
    run: &[Step],
    statement: Result<Ready, DbErr>,
    lent: &mut Lent,
) -> Result<(), StoreError> {
    let done = match (lent.write(statement?).await, run[0].unique) {
        (Err(error), Some(what)) if dialect::is_unique_violation(&error) => {
            return Err(StoreError::Taken(what));
        }
        (done, _) => done?,
    };
    match run[0].missing {
        Some(missing) if done.rows_affected() == 0 => Err(missing()),
        _ => Ok(()),
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.0.write(writing)?;
        self.1.write(writing)
    }
}

impl<R: Record> Record for Vec<R> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.into_iter()
            .try_for_each(|record| record.write(writing))
    }
}

impl<A: Record> Record for Option<A> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        self.into_iter()
            .try_for_each(|record| record.write(writing))
    }
}
