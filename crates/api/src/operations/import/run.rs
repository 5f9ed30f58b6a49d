//! An import under way: rows are sifted, written together, and evaluated.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};
use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Application, Status};
use stoa_domain::program::Program;
use stoa_domain::program::reading::candidate::{Candidate, Refused};
use stoa_domain::program::reading::columns::Columns;
use stoa_persistence::StoreError;

use super::arrival::{Arrival, Known};
use super::rejects::Reject;
use super::report::{ImportError, Report};
use super::source::Row;
use crate::service::{Compiled, Failed, Service};

/// How often a row that another import got in the way of is tried.
const ATTEMPTS: usize = 3;
/// The most unused columns that are told.
const UNUSED: usize = 50;

/// An import under way.
pub(super) struct Run<'a> {
    pub service: &'a Service,
    pub by: &'a Actor,
    pub program: &'a Program,
    pub compiled: Arc<Compiled>,
    pub columns: Columns,
    /// The line of every external id met: all that is remembered of rows.
    pub seen: HashMap<String, u64>,
    pub unused: BTreeSet<String>,
    pub report: Report,
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

impl Run<'_> {
    /// Evaluates what a run that was killed had submitted.
    pub(super) async fn resume(&mut self) -> Result<(), ImportError> {
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
    pub(super) async fn take(&mut self, rows: Vec<Row>) -> Result<Vec<Reject>, ImportError> {
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
            for application in Box::pin(self.write(planned, &mut rejects)).await? {
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
        self.service
            .arrival(self.by, &self.compiled, id, candidate, known)
            .await
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
                self.report.imported(kept.unread());
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
                    self.report.imported(kept.unread());
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
        let status = match self
            .service
            .evaluate(application, &Actor::System, None)
            .await
        {
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
        let evaluation = self
            .service
            .evaluation(
                &application,
                answers,
                &self.compiled,
                self.service.clock.now(),
            )
            .await?;
        let change = application
            .evaluate(&evaluation, &act)
            .map_err(Failed::Refused)?;
        self.report.imported(answers.unread.len());
        self.report.count(change.after.status());
        Ok(())
    }
}

impl Kept {
    fn unread(&self) -> usize {
        self.candidate.answers.unread.len()
    }

    fn reject(&self, refused: &[Refused]) -> Reject {
        Reject::new(self.line, refused, &self.raw)
    }
}
