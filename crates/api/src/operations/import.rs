//! Importing applications from a file.
//!
//! A row is known again by its external id, so a file can be imported twice, or on after a run that was
//! killed: what exists is left as it is. An application is committed whole, submitted and with its answers;
//! if the process dies before it is evaluated, [`Service::evaluate_submitted`] takes it on. What cannot be
//! read is unknown and goes to a person; what cannot be an application is refused, with the reason, into a
//! file beside the one imported. All rows are submitted under the revision that is current at the start.

mod arrival;
mod rejects;
mod report;
mod source;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use stoa_domain::actor::{Actor, Permission};
use stoa_domain::application::{Act, Application, Status};
use stoa_domain::program::Program;
use stoa_domain::program::reading::candidate::{Candidate, Refused};
use stoa_domain::program::reading::columns::{Columns, Mapping};
use stoa_persistence::StoreError;

use self::arrival::{Arrival, Known};
use self::rejects::{Reject, Rejects};
use self::source::{Row, Source};
use crate::progress::Progress;
use crate::service::{Compiled, Failed, Service};

pub use self::report::{Format, Import, ImportError, Report};

/// Rows that share a transaction: a transaction a row would wait for the disk with each.
const BATCH: usize = 100;
/// Bytes of rows that are in memory at once; one row more may begin below it.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// How often a row that another import got in the way of is tried.
const ATTEMPTS: usize = 3;
/// The most unused columns that are told.
const UNUSED: usize = 50;

/// An import under way.
struct Run<'a> {
    service: &'a Service,
    by: &'a Actor,
    program: &'a Program,
    compiled: Arc<Compiled>,
    columns: Columns,
    /// The line of every external id met: all that is remembered of rows.
    seen: HashMap<String, u64>,
    unused: BTreeSet<String>,
    report: Report,
}

/// A row that may become an application.
struct Kept {
    line: u64,
    external_id: String,
    candidate: Candidate,
    raw: Map<String, Value>,
}

/// What came of a row before it was written.
enum Sifted {
    Kept(Box<Kept>),
    Existing,
    Refused(Reject),
}

/// What came of a row that was written alone.
enum Alone {
    Written(Box<Application>),
    Existing,
    Refused(Reject),
}

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
            report: Report {
                dry_run: import.dry_run,
                rejects: import.rejects.map_or_else(|| beside(import.file), Path::to_owned),
                ..Report::default()
            },
        };
        let (mut rows, mut end) = batch(&mut source);
        run.understand(&source, &rows)
            .map_err(|problem| ImportError::Columns(file.clone(), problem))?;
        let mut rejects = run.open_rejects(&import)?;
        run.resume().await?;
        let mut progress = Progress::start("Importing", size, started);
        while !rows.is_empty() {
            let refused = run.take(rows).await?;
            rejects
                .add(&refused)
                .map_err(|error| ImportError::Unwritable(run.report.rejects.clone(), error))?;
            progress.at(source.position(), run.report.read, self.clock.now());
            // What could be read before the file turned out to be broken has been imported.
            end.map_err(unreadable)?;
            (rows, end) = batch(&mut source);
        }
        progress.finish();
        end.map_err(unreadable)?;
        run.report.unused_columns = run.unused.into_iter().collect();
        run.report.taken = self.clock.now() - started;
        Ok(run.report)
    }
}

impl Run<'_> {
    /// Refuses a file whose rows cannot be known again, before any is read.
    fn understand(&self, source: &Source, rows: &[Row]) -> Result<(), String> {
        if let Some(columns) = source.columns() {
            return self.columns.check(columns, true);
        }
        let Some(first) = rows.iter().find_map(|row| row.values.as_ref().ok()) else {
            return Ok(());
        };
        let columns: Vec<String> = first.keys().cloned().collect();
        self.columns.check(&columns, false)
    }

    fn open_rejects(&self, import: &Import<'_>) -> Result<Rejects, ImportError> {
        let path = &self.report.rejects;
        let place = path.canonicalize().ok();
        for read in [Some(import.file), import.mapping].into_iter().flatten() {
            if place.is_some() && place == read.canonicalize().ok() {
                return Err(ImportError::Overwriting(path.clone()));
            }
        }
        Rejects::create(path).map_err(|error| ImportError::Unwritable(path.clone(), error))
    }

    /// Evaluates what a run that was killed had submitted.
    async fn resume(&mut self) -> Result<(), ImportError> {
        if self.report.dry_run {
            return Ok(());
        }
        loop {
            let evaluated = self.service.evaluate_submitted().await?;
            if evaluated == 0 {
                return Ok(());
            }
            self.report.resumed += u64::try_from(evaluated).unwrap_or_default();
        }
    }

    /// Takes in some rows, and returns those that are refused.
    async fn take(&mut self, rows: Vec<Row>) -> Result<Vec<Reject>, ImportError> {
        let mut rejects = Vec::new();
        let mut planned = Vec::new();
        let mut known = Known::default();
        for row in rows {
            self.report.read += 1;
            match self.sift(row).await? {
                Sifted::Existing => self.report.existing += 1,
                Sifted::Refused(reject) => rejects.push(reject),
                Sifted::Kept(kept) => match self.plan(&kept, &mut known).await? {
                    Ok(arrival) => planned.push((kept, arrival)),
                    Err(refused) => rejects.push(kept.reject(&refused)),
                },
            }
        }
        if self.report.dry_run {
            for (_, arrival) in planned {
                self.foresee(arrival).await?;
            }
        } else {
            for application in self.write(planned, &mut rejects).await? {
                self.evaluate(application).await?;
            }
        }
        rejects.sort_by_key(|reject| reject.line);
        self.report.refused += u64::try_from(rejects.len()).unwrap_or_default();
        Ok(rejects)
    }

    async fn sift(&mut self, row: Row) -> Result<Sifted, StoreError> {
        let line = row.line;
        let raw = match row.values {
            Ok(values) => values,
            Err(malformed) => {
                return Ok(Sifted::Refused(Reject {
                    line,
                    field: String::new(),
                    reason: malformed.reason,
                    raw: malformed.raw,
                }));
            }
        };
        for column in raw.keys() {
            if self.columns.target(column).is_none() && self.unused.len() < UNUSED {
                self.unused.insert(column.clone());
            }
        }
        let refused = |refused: &[Refused]| Ok(Sifted::Refused(Reject::new(line, refused, &raw)));
        let external_id = match self.columns.external_id(&raw) {
            Ok(external_id) => external_id,
            Err(missing) => return refused(&[missing]),
        };
        if let Some(first) = self.seen.get(&external_id) {
            let reason = format!("is that of line {first} already");
            return refused(&[Refused::new("external_id", reason)]);
        }
        self.seen.insert(external_id.clone(), line);
        if self.exists(&external_id).await? {
            return Ok(Sifted::Existing);
        }
        match self.columns.candidate(&raw) {
            Ok(candidate) => Ok(Sifted::Kept(Box::new(Kept {
                line,
                external_id,
                candidate,
                raw,
            }))),
            Err(problems) => refused(&problems),
        }
    }

    async fn exists(&self, external_id: &str) -> Result<bool, StoreError> {
        let system = self.service.store.view(&Actor::System);
        let found = system.application_by_external_id(self.program.id, external_id);
        Ok(found.await?.is_some())
    }

    async fn plan(
        &self,
        kept: &Kept,
        known: &mut Known,
    ) -> Result<Result<Arrival, Vec<Refused>>, StoreError> {
        let (id, candidate) = (&kept.external_id, &kept.candidate);
        self.service.arrival(self.by, &self.compiled, id, candidate, known).await
    }

    /// Commits all rows together, or, if one of them stands in the way, each alone.
    async fn write(
        &mut self,
        planned: Vec<(Box<Kept>, Arrival)>,
        rejects: &mut Vec<Reject>,
    ) -> Result<Vec<Application>, ImportError> {
        let records: Vec<Arrival> = planned.iter().map(|(_, arrival)| arrival.clone()).collect();
        if self.service.store.commit(records).await.is_ok() {
            let arrived = planned.into_iter().map(|(kept, arrival)| {
                self.report.imported(&kept.candidate);
                arrival.submitted.after
            });
            return Ok(arrived.collect());
        }
        let mut arrived = Vec::new();
        for (kept, _) in planned {
            match self.write_alone(&kept).await? {
                Alone::Existing => self.report.existing += 1,
                Alone::Refused(reject) => rejects.push(reject),
                Alone::Written(application) => {
                    self.report.imported(&kept.candidate);
                    arrived.push(*application);
                }
            }
        }
        Ok(arrived)
    }

    /// Commits one row. Another import may write the same applicant, or the same row, at the same time: then
    /// what it wrote is found at the next attempt.
    async fn write_alone(&self, kept: &Kept) -> Result<Alone, StoreError> {
        let mut last = StoreError::Conflict;
        for _ in 0..ATTEMPTS {
            if self.exists(&kept.external_id).await? {
                return Ok(Alone::Existing);
            }
            let arrival = match self.plan(kept, &mut Known::default()).await? {
                Ok(arrival) => arrival,
                Err(refused) => return Ok(Alone::Refused(kept.reject(&refused))),
            };
            let application = arrival.submitted.after.clone();
            match self.service.store.commit(arrival).await {
                Ok(()) => return Ok(Alone::Written(Box::new(application))),
                Err(error) => last = error,
            }
        }
        match last {
            StoreError::Taken(what) => {
                let refused = Refused::new(what, "is being written by another process");
                Ok(Alone::Refused(kept.reject(&[refused])))
            }
            error => Err(error),
        }
    }

    async fn evaluate(&mut self, application: Application) -> Result<(), ImportError> {
        let id = application.id;
        let status = match self.service.evaluate(application, &Actor::System, None).await {
            Ok(outcome) => outcome.application.status(),
            // Another process saw it first: what it made of it counts.
            Err(Failed::Store(StoreError::Conflict) | Failed::Refused(_)) => {
                let system = self.service.store.view(&Actor::System);
                let now = system.application(id).await?;
                now.map_or(Status::Submitted, |application| application.status())
            }
            Err(failed) => return Err(failed.into()),
        };
        self.report.count(status);
        Ok(())
    }

    /// What would become of a row. Rows of the same file do not see each other: none of them is there.
    async fn foresee(&mut self, arrival: Arrival) -> Result<(), ImportError> {
        let application = arrival.submitted.after;
        let answers = &arrival.answers;
        let act = Act {
            by: &Actor::System,
            revision: &self.compiled.revision,
            now: self.service.clock.now(),
            seen: None,
        };
        let evaluation = self.service.evaluation(&application, answers, &self.compiled).await?;
        let change = application.evaluate(&evaluation, &act).map_err(Failed::Refused)?;
        self.report.count(change.after.status());
        self.report.imported += 1;
        self.report.unread_values += u64::try_from(answers.unread.len()).unwrap_or_default();
        Ok(())
    }
}

impl Kept {
    fn reject(&self, refused: &[Refused]) -> Reject {
        Reject::new(self.line, refused, &self.raw)
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
