//! Importing applications from a file.
//!
//! A row is known again by its external id, so a file can be imported twice, or on after a run that was
//! killed: what exists is left as it is. Rows of a batch are evaluated and committed together; where one of
//! them stands in the way, each is committed alone, submitted and with its answers, and evaluated then. If
//! the process dies in between, [`Service::evaluate_submitted`] takes it on. What cannot be
//! read is unknown and goes to a person; what cannot be an application is refused, with the reason, into a
//! file beside the one imported. All rows are submitted under the revision that is current at the start.

mod arrival;
mod rejects;
mod report;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod together;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use stoa_domain::actor::{Actor, Permission};
use stoa_domain::program::Program;
use stoa_domain::program::reading::columns::{Columns, Mapping};

use self::rejects::Rejects;
use self::run::Run;
use self::source::{Row, Source};
use crate::progress::Progress;
use crate::service::{Compiled, Service};

pub use self::report::{Format, Import, ImportError, Report};

/// Rows that share look-ups and a transaction: with one each, every row would wait for the disk.
const BATCH: usize = 500;
/// Bytes of rows that are in memory at once; one more row may begin below it.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;

impl Service {
    /// Imports the rows of a file as submitted applications, and evaluates them.
    pub async fn import(
        &self,
        by: &Actor,
        program: &Program,
        import: Import<'_>,
    ) -> Result<Report, ImportError> {
        by.permitted(Permission::ImportApplications, program.id)
            .map_err(ImportError::NotPermitted)?;
        let file = import.file.to_owned();
        let unreadable = |error| ImportError::Unreadable(file.clone(), error);
        let format = import.format.or_else(|| Format::of(import.file));
        let format = format.ok_or_else(|| ImportError::Format(file.clone()))?;
        let compiled = self.compiled(program.current).await?;
        let columns = columns(&compiled, import.mapping)?;
        let size = std::fs::metadata(import.file).map_err(unreadable)?.len();
        let mut source = Source::open(import.file, format).map_err(unreadable)?;
        let started = self.clock.now();
        let mut run = Run {
            service: self,
            by,
            program,
            compiled,
            columns,
            seen: HashMap::new(),
            unused: BTreeSet::new(),
            waiting: None,
            under_way: None,
            batches: 0,
            report: Report {
                dry_run: import.dry_run,
                rejects: import
                    .rejects
                    .map_or_else(|| beside(import.file), Path::to_owned),
                ..Report::default()
            },
        };
        let (mut rows, mut end) = batch(&mut source);
        understand(&run.columns, &source, &rows)
            .map_err(|problem| ImportError::Columns(file.clone(), problem))?;
        let mut rejects = open_rejects(&run.report.rejects, &import)?;
        run.resume().await?;
        let mut progress = Progress::start("Importing", size, started);
        while !rows.is_empty() {
            // In a box: what a batch needs meanwhile is too much for every caller's stack.
            let refused = Box::pin(run.take(rows)).await?;
            rejects
                .add(&refused)
                .map_err(|error| ImportError::Unwritable(run.report.rejects.clone(), error))?;
            progress.at(source.position(), run.report.read, self.clock.now());
            if end.is_err() {
                // What could be read before the file turned out to be broken is imported.
                break;
            }
            (rows, end) = batch(&mut source);
        }
        let refused = Box::pin(run.finish()).await?;
        rejects
            .add(&refused)
            .map_err(|error| ImportError::Unwritable(run.report.rejects.clone(), error))?;
        progress.finish();
        end.map_err(unreadable)?;
        run.report.unused_columns = run.unused.into_iter().collect();
        run.report.taken = self.clock.now() - started;
        Ok(run.report)
    }
}

/// The next rows, and whether the file could be read up to there.
fn batch(source: &mut Source) -> (Vec<Row>, std::io::Result<()>) {
    let start = source.position();
    let mut rows = Vec::new();
    while rows.len() < BATCH && source.position() - start < BATCH_BYTES {
        match source.next() {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => break,
            Err(error) => return (rows, Err(error)),
        }
    }
    (rows, Ok(()))
}

/// Refuses a file whose rows cannot be known again, before any is taken in.
fn understand(columns: &Columns, source: &Source, rows: &[Row]) -> Result<(), String> {
    if let Some(names) = source.columns() {
        return columns.check(names, true);
    }
    let Some(first) = rows.iter().find_map(|row| row.values.as_ref().ok()) else {
        return Ok(());
    };
    let names: Vec<String> = first.keys().cloned().collect();
    columns.check(&names, false)
}

fn open_rejects(path: &Path, import: &Import<'_>) -> Result<Rejects, ImportError> {
    let place = path.canonicalize().ok();
    for read in [Some(import.file), import.mapping].into_iter().flatten() {
        if place.is_some() && place == read.canonicalize().ok() {
            return Err(ImportError::Overwriting(path.to_owned()));
        }
    }
    Rejects::create(path).map_err(|error| ImportError::Unwritable(path.to_owned(), error))
}

fn columns(compiled: &Compiled, mapping: Option<&Path>) -> Result<Columns, ImportError> {
    let verify = &compiled.revision.rules.verify;
    let Some(path) = mapping else {
        let columns = Columns::new(&compiled.form, verify, &Mapping::default());
        return columns.map_err(|problem| ImportError::Mapping(PathBuf::new(), problem));
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| ImportError::Unreadable(path.to_owned(), error))?;
    Mapping::parse(&text)
        .and_then(|mapping| Columns::new(&compiled.form, verify, &mapping))
        .map_err(|problem| ImportError::Mapping(path.to_owned(), problem))
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".rejects.csv");
    name.into()
}
