//! Counting closed periods of the indicators once.

use std::collections::HashSet;

use stoa_domain::actor::Actor;
use stoa_domain::kpi::Key;
use stoa_domain::kpi::period::Period;
use stoa_domain::kpi::rollup::{Rollup, closed, closed_by};
use stoa_domain::program::Program;
use stoa_persistence::{KpiFilter, Ledger, NewRollups, RollUpTo, StoreError};

use crate::service::Service;

impl Service {
    /// Counts what has closed since the last time, and anew what an end that came late has changed.
    pub async fn roll_up(&self) -> Result<(), StoreError> {
        let mut done = Ok(());
        for program in self.store.view(&Actor::System).programs().await? {
            // One that fails does not keep the others from their work.
            match self.roll_up_program(&program).await {
                // Another process is at it.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => done = done.and(Err(error)),
            }
        }
        done
    }

    async fn roll_up_program(&self, program: &Program) -> Result<(), StoreError> {
        let view = self.store.view(&Actor::System);
        let rules = self.compiled(program.current).await?;
        let rules = &rules.revision.rules;
        let zone = rules.calendar.time_zone;
        let up_to = closed_by(self.clock.now(), zone);
        let known = view.ledger(program.id).await?;
        let due = |it: &Ledger| it.up_to < up_to || it.seen != Some(it.late_ends);
        let Some(Ledger { up_to: from, .. }) = known.filter(due) else {
            return Ok(());
        };
        let Some(first) = view.first_end(program.id).await? else {
            return Ok(());
        };
        let program = program.id;
        // Said before the counting: an end that is on its way is counted, or notes that it is not.
        self.store
            .commit(RollUpTo {
                program,
                from,
                up_to,
            })
            .await?;
        let Some(ledger) = view.ledger(program).await? else {
            return Ok(());
        };
        let late_ends = ledger.late_ends;
        let done = view.rolled_up(program, late_ends).await?;
        let done: HashSet<_> = done.into_iter().collect();
        let mut rollups = Vec::new();
        for periods in closed(first, up_to, rules.fiscal_year_start, zone) {
            for key in Key::ALL {
                let is_new = |period: &Period| !done.contains(&(key, period.from, period.to));
                // From the first that is missing on: periods of one question follow one another.
                let Some(begin) = periods.iter().position(is_new) else {
                    continue;
                };
                let filter = KpiFilter::whole(key, program, periods[begin..].to_vec());
                let tallies = view.tallies(&filter).await?;
                let counted = Rollup::of(key, filter.periods.len(), &tallies);
                let counted = filter.periods.into_iter().zip(counted);
                rollups.extend(counted.map(|(period, rollup)| (key, period, rollup)));
            }
        }
        let counted = NewRollups {
            program,
            up_to,
            late_ends,
            rollups,
        };
        self.store.commit(counted).await
    }
}
