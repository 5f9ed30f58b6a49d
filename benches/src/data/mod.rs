//! A database as two years of work leave it: always the same one, but for the programs' ids.
//!
//! Every row is what the service itself would have written: values of the domain, most of them the
//! outcome of its commands, in the columns that the service reads. Nothing is drawn by chance.

mod answers;
mod cell;
pub mod dice;
mod judgement;
mod outlook;
mod postgres;
mod rows;
mod sqlite;
mod story;
mod world;

use std::ops::Range;
use std::thread;

use chrono::NaiveDate;
use clap::Args;

use crate::database::{Database, is_sqlite};
use crate::{Failure, Result};
use cell::{Cells, Row, Table};
use world::World;

/// How many numbers are turned into rows at once.
const BATCH: u64 = 10_000;

/// What to fill.
#[derive(Args)]
pub struct Options {
    /// The database. It has the schema and published programs: `stoa migrate`, `stoa programs apply`.
    #[arg(long)]
    pub database_url: String,
    /// How many applications it is to hold.
    #[arg(long, default_value_t = 200_000)]
    pub applications: u64,
}

/// Rows by table, each table after those it refers to.
#[derive(Default)]
pub struct Batch(Vec<(Table, Vec<Cells>)>);

/// Where rows go.
enum Writer {
    Postgres(postgres::Writer),
    Sqlite(sqlite::Writer),
}

/// The first day of the first month that lies in the data as a whole.
pub const fn first_month() -> NaiveDate {
    match NaiveDate::from_ymd_opt(2025, 1, 1) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// Fills a database. One that has applications already is taken as it is.
pub async fn load(database_url: &str, applications: u64) -> Result<()> {
    let database = Database::open(database_url).await?;
    let there = database.number("SELECT count(*) FROM applications").await?;
    if there > 0 {
        eprintln!("{there} applications are there already and stay as they are");
        return Ok(());
    }
    let world = World::read(&database, applications).await?;
    let writer = Writer::open(database_url, &database).await?;
    writer.write(world.staff_batch()?).await?;
    for part in parts(0..world.organizations(), BATCH) {
        for batch in made(part, World::organization_batch)? {
            writer.write(batch).await?;
        }
    }
    for part in parts(0..applications, BATCH) {
        let done = part.end;
        for batch in made(part, |part| story::batch(&world, part))? {
            writer.write(batch).await?;
        }
        eprintln!("{done} of {applications} applications");
    }
    let places = "UPDATE programs SET places_taken = \
                  (SELECT count(*) FROM memberships WHERE program_id = programs.id)";
    database.execute(places).await?;
    writer.finish().await
}

/// The batches of some numbers, made by all processors.
fn made(
    numbers: Range<u64>,
    make: impl Fn(Range<u64>) -> Result<Batch> + Sync,
) -> Result<Vec<Batch>> {
    let processors = thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = (numbers.end - numbers.start).div_ceil(processors).max(1);
    tokio::task::block_in_place(|| {
        thread::scope(|scope| {
            let make = &make;
            let threads: Vec<_> = parts(numbers, share)
                .map(|part| scope.spawn(move || make(part)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    let panicked = |_| Failure::from("a thread that makes rows panicked");
                    thread.join().map_err(panicked)?
                })
                .collect()
        })
    })
}

/// A range in parts of this length; the last one may be shorter.
fn parts(numbers: Range<u64>, length: u64) -> impl Iterator<Item = Range<u64>> {
    let end = numbers.end;
    let starts = (numbers.start..end).step_by(usize::try_from(length).unwrap_or(usize::MAX));
    starts.map(move |start| start..end.min(start.saturating_add(length)))
}

impl Batch {
    /// Adds a row to its table.
    fn add<R: Row>(&mut self, row: &R) -> Result<()> {
        let cells = row.cells()?;
        let known = self.0.iter_mut().find(|(table, _)| *table == R::TABLE);
        match known {
            Some((_, rows)) => rows.push(cells),
            None => self.0.push((R::TABLE, vec![cells])),
        }
        Ok(())
    }
}

impl Writer {
    async fn open(url: &str, database: &Database) -> Result<Self> {
        Ok(if is_sqlite(url) {
            Self::Sqlite(sqlite::Writer::new(database.connection().clone()))
        } else {
            Self::Postgres(postgres::Writer::open(url).await?)
        })
    }

    async fn write(&self, batch: Batch) -> Result<()> {
        for (table, rows) in batch.0 {
            match self {
                Self::Postgres(writer) => writer.write(table, &rows).await?,
                Self::Sqlite(writer) => writer.write(table, rows).await?,
            }
        }
        Ok(())
    }

    /// Brings counters and statistics up to date.
    async fn finish(self) -> Result<()> {
        match self {
            Self::Postgres(writer) => writer.finish().await,
            Self::Sqlite(writer) => writer.finish().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_up_the_whole() {
        let whole: Vec<_> = parts(3..10, 3).collect();
        assert_eq!(whole, [3..6, 6..9, 9..10]);
        assert_eq!(parts(0..0, 3).count(), 0);
    }
}
