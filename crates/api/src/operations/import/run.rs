//! An import under way: rows are sifted, evaluated together, and written while the next ones are evaluated.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Application, Status};
use stoa_domain::program::Program;
use stoa_domain::program::reading::candidate::{Candidate, Refused};
use stoa_domain::program::reading::columns::Columns;
use stoa_domain::verifiers::{self, LookupKeys};
use stoa_persistence::{StoreError, Writing};
use tokio::task::JoinSet;

use super::rejects::Reject;
use super::report::{ImportError, Report};
use super::source::Row;
use super::together::{Brought, Ground};
use crate::service::{Compiled, Failed, Service};

/// How often a row that another import got in the way of is tried.
const ATTEMPTS: usize = 3;
/// After so many batches the tables are another size than what the database takes them for.
const GROWN: [u32; 4] = [2, 20, 200, 2000];
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
    pub waiting: Option<Waiting>,
    pub under_way: Option<UnderWay>,
    pub batches: u32,
    pub report: Report,
}

/// A row whose external id is its own.
struct Kept {
    line: u64,
    external_id: String,
    raw: Map<String, Value>,
}

/// A row that can be read.
pub(super) struct Readable {
    line: u64,
    pub external_id: String,
    raw: Map<String, Value>,
    pub candidate: Candidate,
    /// By what its answers are looked up.
    pub keys: LookupKeys,
}

/// Rows that are evaluated and not written yet.
pub(super) struct Waiting {
    rows: Vec<Readable>,
    statuses: Vec<Status>,
    brought: Brought,
    writing: Writing,
}

/// Rows that another task writes.
pub(super) struct UnderWay {
    rows: Vec<Readable>,
    statuses: Vec<Status>,
    done: JoinSet<Result<(), StoreError>>,
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

    /// Takes in some rows, and returns those that are refused. The rows themselves are written while the
    /// next ones are evaluated, or by [`Self::finish`].
    pub(super) async fn take(&mut self, rows: Vec<Row>) -> Result<Vec<Reject>, ImportError> {
        let (mut rejects, mut kept) = (Vec::new(), Vec::new());
        for row in rows {
            self.report.read += 1;
            match self.sift(row) {
                Sifted::Refused(reject) => rejects.push(reject),
                Sifted::Kept(row) => kept.push(row),
            }
        }
        let ids: Vec<_> = kept.iter().map(|row| row.external_id.as_str()).collect();
        let existing = self.existing(&ids).await?;
        kept.retain(|row| !existing.contains(&row.external_id));
        self.report.existing += u64::try_from(existing.len()).unwrap_or_default();
        let mut readable = Vec::new();
        for row in kept {
            match self.columns.candidate(&row.raw) {
                Ok(candidate) => readable.push(row.readable(candidate, &self.compiled)),
                Err(problems) => rejects.push(Reject::new(row.line, &problems, &row.raw)),
            }
        }
        if self.report.dry_run {
            self.foresee(readable, &mut rejects).await?;
        } else {
            self.go_on(readable, &mut rejects).await?;
        }
        Ok(self.refuse(rejects))
    }

    /// Writes what waits, and returns rows that are refused.
    pub(super) async fn finish(&mut self) -> Result<Vec<Reject>, ImportError> {
        let mut rejects = Vec::new();
        self.go_on(Vec::new(), &mut rejects).await?;
        self.settled(&mut rejects).await?;
        Ok(self.refuse(rejects))
    }

    fn refuse(&mut self, mut rejects: Vec<Reject>) -> Vec<Reject> {
        rejects.sort_by_key(|reject| reject.line);
        self.report.refused += u64::try_from(rejects.len()).unwrap_or_default();
        rejects
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

    /// Those of these external ids that applications have already.
    async fn existing(&self, ids: &[&str]) -> Result<HashSet<String>, StoreError> {
        let system = self.service.store.view(&Actor::System);
        system.known_external_ids(self.program.id, ids).await
    }

    /// Evaluates rows while another task writes those that wait: database and processor work at the same
    /// time. Everything is looked up before anything is written, and what is being written is known.
    async fn go_on(
        &mut self,
        rows: Vec<Readable>,
        rejects: &mut Vec<Reject>,
    ) -> Result<(), ImportError> {
        let before = self.settled(rejects).await?;
        let brought = before.as_ref().map(|it| &it.brought);
        let ground = self.service.ground(&self.compiled, &rows, brought).await?;
        self.under_way = before.map(|it| self.write(it));
        self.waiting = self.evaluated(rows, ground, rejects)?;
        Ok(())
    }

    fn write(&self, waiting: Waiting) -> UnderWay {
        let Waiting {
            rows,
            statuses,
            writing,
            ..
        } = waiting;
        let store = self.service.store.clone();
        let mut done = JoinSet::new();
        done.spawn(async move { store.write(writing).await });
        UnderWay {
            rows,
            statuses,
            done,
        }
    }

    /// Waits for what is being written, and returns what is to be written next. That was evaluated as if
    /// the other were there: should it be refused, its rows are written one by one, and these are
    /// evaluated anew.
    async fn settled(&mut self, rejects: &mut Vec<Reject>) -> Result<Option<Waiting>, ImportError> {
        let waiting = self.waiting.take();
        let Some(mut under_way) = self.under_way.take() else {
            return Ok(waiting);
        };
        if let Some(Ok(Ok(()))) = under_way.done.join_next().await {
            self.batches += 1;
            if GROWN.contains(&self.batches) {
                self.service.store.take_stock().await?;
            }
            for (row, status) in under_way.rows.iter().zip(under_way.statuses) {
                self.report.imported(row.candidate.answers.unread.len());
                self.report.count(status);
            }
            return Ok(waiting);
        }
        self.write_each(under_way.rows, rejects).await?;
        let Some(Waiting { rows, .. }) = waiting else {
            return Ok(None);
        };
        let ground = self.service.ground(&self.compiled, &rows, None).await?;
        self.evaluated(rows, ground, rejects)
    }

    /// Evaluates rows, sorts out those that are refused, and prepares what is to be written of the others.
    fn evaluated(
        &self,
        mut rows: Vec<Readable>,
        ground: Ground,
        rejects: &mut Vec<Reject>,
    ) -> Result<Option<Waiting>, ImportError> {
        let together = self
            .service
            .together(self.by, &self.compiled, &rows, ground);
        let (together, refused) = together?;
        let lines: HashSet<u64> = refused.iter().map(|reject| reject.line).collect();
        rejects.extend(refused);
        rows.retain(|row| !lines.contains(&row.line));
        if rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(Waiting {
            rows,
            statuses: together.statuses(),
            brought: together.brought(),
            writing: self.service.store.prepare(together)?,
        }))
    }

    /// Commits each row alone, and evaluates it: something stood in the way of one of them.
    async fn write_each(
        &mut self,
        rows: Vec<Readable>,
        rejects: &mut Vec<Reject>,
    ) -> Result<(), ImportError> {
        let mut arrived = Vec::new();
        for row in rows {
            match self.write_alone(&row).await? {
                Alone::Existing => self.report.existing += 1,
                Alone::Refused(reject) => rejects.push(reject),
                Alone::Written(application) => {
                    self.report.imported(row.candidate.answers.unread.len());
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
    async fn write_alone(&self, row: &Readable) -> Result<Alone, StoreError> {
        let mut last = StoreError::Conflict;
        for _ in 0..ATTEMPTS {
            if !self.existing(&[&row.external_id]).await?.is_empty() {
                return Ok(Alone::Existing);
            }
            let (id, candidate) = (&row.external_id, &row.candidate);
            let mut known = self.service.known(&[candidate]).await?;
            let act = Act {
                by: self.by,
                revision: &self.compiled.revision,
                now: self.service.clock.now(),
                seen: None,
            };
            let arrival =
                self.service
                    .arrival(&act, &self.compiled, id, candidate, &row.keys, &mut known);
            let arrival = match arrival {
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
        rows: Vec<Readable>,
        rejects: &mut Vec<Reject>,
    ) -> Result<(), ImportError> {
        for row in rows {
            let row = [row];
            let ground = self.service.ground(&self.compiled, &row, None).await?;
            let alone = self.service.together(self.by, &self.compiled, &row, ground);
            let (alone, refused) = alone?;
            for status in alone.statuses() {
                self.report.imported(row[0].candidate.answers.unread.len());
                self.report.count(status);
            }
            rejects.extend(refused);
        }
        Ok(())
    }
}

impl Kept {
    fn readable(self, candidate: Candidate, compiled: &Compiled) -> Readable {
        Readable {
            line: self.line,
            external_id: self.external_id,
            raw: self.raw,
            keys: verifiers::lookup_keys(&compiled.revision.rules, &candidate.answers),
            candidate,
        }
    }
}

impl Readable {
    pub(super) fn reject(&self, refused: &[Refused]) -> Reject {
        Reject::new(self.line, refused, &self.raw)
    }
}
