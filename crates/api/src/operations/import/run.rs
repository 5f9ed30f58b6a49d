//! An import under way: rows are sifted, written together, and evaluated.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use stoa_domain::actor::Actor;
use stoa_domain::application::{Application, Status};
use stoa_domain::program::Program;
use stoa_domain::program::reading::candidate::{Candidate, Refused};
use stoa_domain::program::reading::columns::Columns;
use stoa_persistence::StoreError;

use super::arrival::{Arrival, Known};
use super::rejects::Reject;
use super::report::{ImportError, Report};
use super::source::Row;
use super::together::Together;
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

/// A row whose external id is its own.
struct Kept {
    line: u64,
    external_id: String,
    raw: Map<String, Value>,
}

/// What came of a row before the database was asked.
enum Sifted {
    Kept(Kept),
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
        let (mut rejects, mut kept) = (Vec::new(), Vec::new());
        for row in rows {
            self.report.read += 1;
            match self.sift(row) {
                Sifted::Refused(reject) => rejects.push(reject),
                Sifted::Kept(row) => kept.push(row),
            }
        }
        let existing = self.existing(&kept).await?;
        kept.retain(|row| !existing.contains(&row.external_id));
        self.report.existing += u64::try_from(existing.len()).unwrap_or_default();
        let mut readable = Vec::new();
        for row in kept {
            match self.columns.candidate(&row.raw) {
                Ok(candidate) => readable.push((row, candidate)),
                Err(problems) => rejects.push(row.reject(&problems)),
            }
        }
        let candidates: Vec<_> = readable.iter().map(|(_, candidate)| candidate).collect();
        let mut known = self.service.known(&candidates).await?;
        let mut planned = Vec::new();
        for (row, candidate) in readable {
            match self.plan(&row, &candidate, &mut known) {
                Ok(arrival) => planned.push((row, candidate, arrival)),
                Err(refused) => rejects.push(row.reject(&refused)),
            }
        }
        if self.report.dry_run {
            self.foresee(planned).await?;
        } else {
            Box::pin(self.write(planned, &mut rejects)).await?;
        }
        rejects.sort_by_key(|reject| reject.line);
        self.report.refused += u64::try_from(rejects.len()).unwrap_or_default();
        Ok(rejects)
    }

    fn sift(&mut self, row: Row) -> Sifted {
        let line = row.line;
        let raw = match row.values {
            Ok(values) => values,
            Err(malformed) => {
                return Sifted::Refused(Reject {
                    line,
                    field: String::new(),
                    reason: malformed.reason,
                    raw: malformed.raw,
                });
            }
        };
        for column in raw.keys() {
            if self.columns.target(column).is_none() && self.unused.len() < UNUSED {
                self.unused.insert(column.clone());
            }
        }
        let refused = |refused| Sifted::Refused(Reject::new(line, &[refused], &raw));
        let external_id = match self.columns.external_id(&raw) {
            Ok(external_id) => external_id,
            Err(missing) => return refused(missing),
        };
        if let Some(first) = self.seen.get(&external_id) {
            let reason = format!("is that of line {first} already");
            return refused(Refused::new("external_id", reason));
        }
        self.seen.insert(external_id.clone(), line);
        Sifted::Kept(Kept {
            line,
            external_id,
            raw,
        })
    }

    /// The external ids of rows that are applications already.
    async fn existing(&self, rows: &[Kept]) -> Result<HashSet<String>, StoreError> {
        let ids: Vec<_> = rows.iter().map(|row| row.external_id.as_str()).collect();
        let system = self.service.store.view(&Actor::System);
        system.known_external_ids(self.program.id, &ids).await
    }

    fn plan(
        &self,
        row: &Kept,
        candidate: &Candidate,
        known: &mut Known,
    ) -> Result<Arrival, Vec<Refused>> {
        let id = &row.external_id;
        self.service
            .arrival(self.by, &self.compiled, id, candidate, known)
    }

    /// Evaluates all rows and commits them together, or, if something stands in the way, each alone.
    async fn write(
        &mut self,
        planned: Vec<(Kept, Candidate, Arrival)>,
        rejects: &mut Vec<Reject>,
    ) -> Result<(), ImportError> {
        let arrivals = planned.iter().map(|(_, _, arrival)| arrival.clone());
        let arrivals = arrivals.collect();
        let together = self.service.together(&self.compiled, arrivals);
        let Some(together) = together.await? else {
            return Ok(());
        };
        let statuses = together.statuses();
        if self.service.store.commit(together).await.is_ok() {
            for ((_, candidate, _), status) in planned.iter().zip(statuses) {
                self.report.imported(candidate.answers.unread.len());
                self.report.count(status);
            }
            return Ok(());
        }
        let mut arrived = Vec::new();
        for (row, candidate, _) in planned {
            match self.write_alone(&row, &candidate).await? {
                Alone::Existing => self.report.existing += 1,
                Alone::Refused(reject) => rejects.push(reject),
                Alone::Written(application) => {
                    self.report.imported(candidate.answers.unread.len());
                    arrived.push(*application);
                }
            }
        }
        for application in arrived {
            self.evaluate(application).await?;
        }
        Ok(())
    }

    /// Commits one row. Another import may write the same applicant, or the same row, at the same time: then
    /// what it wrote is found at the next attempt.
    async fn write_alone(&self, row: &Kept, candidate: &Candidate) -> Result<Alone, StoreError> {
        let mut last = StoreError::Conflict;
        for _ in 0..ATTEMPTS {
            if !self.existing(std::slice::from_ref(row)).await?.is_empty() {
                return Ok(Alone::Existing);
            }
            let mut known = self.service.known(&[candidate]).await?;
            let arrival = match self.plan(row, candidate, &mut known) {
                Ok(arrival) => arrival,
                Err(refused) => return Ok(Alone::Refused(row.reject(&refused))),
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
                Ok(Alone::Refused(row.reject(&[refused])))
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

    /// What would become of rows. Those of the same file do not see each other: none of them is there.
    async fn foresee(
        &mut self,
        planned: Vec<(Kept, Candidate, Arrival)>,
    ) -> Result<(), ImportError> {
        for (_, candidate, arrival) in planned {
            let alone = self.service.together(&self.compiled, vec![arrival]);
            let alone = alone.await?;
            self.report.imported(candidate.answers.unread.len());
            for status in alone.iter().flat_map(Together::statuses) {
                self.report.count(status);
            }
        }
        Ok(())
    }
}

impl Kept {
    fn reject(&self, refused: &[Refused]) -> Reject {
        Reject::new(self.line, refused, &self.raw)
    }
}
