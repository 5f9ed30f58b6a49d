//! What the applicant may count on: a first reply, a reply to each of theirs, a decision.
//!
//! All of it is read from the history of states, so a promise cannot say something else than the log.

use serde::{Deserialize, Serialize};

use super::{Application, Entered, Status};
use crate::Timestamp;
use crate::program::Rules;
use crate::promise::Running;

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PromiseKind {
    /// That the applicant hears from the team for the first time.
    FirstReply,
    /// That the team answers what the applicant last replied.
    NextReply,
    /// That it is decided.
    Decision,
}

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// There is time.
    Running,
    /// It breaks soon unless somebody acts.
    AtRisk,
    /// Its time is over, and it is not kept.
    Broken,
    /// The applicant is waited for.
    Paused,
    /// It was kept in time.
    Kept,
    /// It was kept, but late.
    KeptLate,
}

/// One promise of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// What is promised.
    pub kind: PromiseKind,
    /// Since when.
    pub started_at: Timestamp,
    /// By when; unknown while it pauses.
    pub due_at: Option<Timestamp>,
    /// When it was kept.
    pub kept_at: Option<Timestamp>,
    /// When the team is warned, unless it is kept before; none where nothing is warned of.
    pub warn_at: Option<Timestamp>,
}

impl Promised {
    /// How it stands at an instant.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.kept_at, self.due_at) {
            (Some(kept), due) if due.is_none_or(|due| kept <= due) => Standing::Kept,
            (Some(_), _) => Standing::KeptLate,
            (None, None) => Standing::Paused,
            (None, Some(due)) if due < now => Standing::Broken,
            (None, Some(_)) if self.warn_at.is_some_and(|from| from <= now) => Standing::AtRisk,
            (None, Some(_)) => Standing::Running,
        }
    }
}

impl Application {
    /// What was promised since it was handed in, or reopened; nothing for a draft. Of an application that
    /// was taken back or expired, only what had been kept by then.
    pub fn promises(&self, rules: &Rules) -> Vec<Promised> {
        let (entries, end) = self.handed_in();
        let Some(started_at) = entries.first().map(|entered| entered.at) else {
            return Vec::new();
        };
        let decided_at = end.filter(|end| end.status.is_decided()).map(|end| end.at);
        let told = |from: usize| {
            let mut told = entries[from..]
                .iter()
                .filter(|entered| is_told(entered.status));
            told.next().map(|entered| entered.at).or(decided_at)
        };
        let days = rules.promise;
        let soon = |days: u32, start: Timestamp| rules.calendar.due(start, days, &[]);
        let mut promises = Vec::new();
        if let Some(days) = days.first_reply_days {
            let due_at = soon(days, started_at);
            let kept_at = told(0);
            promises.push((PromiseKind::FirstReply, started_at, due_at, kept_at, days));
        }
        let replied = (1..entries.len())
            .rev()
            .find(|at| entries[at - 1].status == Status::AwaitingApplicant);
        if let (Some(days), Some(replied)) = (days.next_reply_days, replied) {
            let started_at = entries[replied].at;
            let due_at = soon(days, started_at);
            let kept_at = told(replied);
            promises.push((PromiseKind::NextReply, started_at, due_at, kept_at, days));
        }
        let due_at = match end {
            None => self.due_at,
            Some(_) => self.due_before_end(rules),
        };
        let days = days.limit_days;
        promises.push((PromiseKind::Decision, started_at, due_at, decided_at, days));
        promises
            .into_iter()
            .map(|(kind, started_at, due_at, kept_at, days)| Promised {
                kind,
                started_at,
                due_at,
                kept_at,
                warn_at: due_at.and_then(|due| warn_at(rules, due, days)),
            })
            .filter(|promised| end.is_none() || promised.kept_at.is_some())
            .collect()
    }

    /// The states since it was handed in or reopened, and the final one, if it has ended.
    fn handed_in(&self) -> (&[Entered], Option<Entered>) {
        let (open, end) = match self.history.split_last() {
            Some((last, before)) if last.status.is_final() => (before, Some(*last)),
            _ => (self.history.as_slice(), None),
        };
        let start = open
            .iter()
            .rposition(|entered| entered.status.running() == Running::Stopped)
            .map_or(0, |last| last + 1);
        (&open[start..], end)
    }
}

/// The opening of a business day some days before the due one; on the day itself where a promise is short.
fn warn_at(rules: &Rules, due: Timestamp, days: u32) -> Option<Timestamp> {
    let before = rules.promise.warn_days?.min(days.saturating_sub(1));
    rules.calendar.opening_before(due, before)
}

/// Whether the applicant hears of it when this state begins.
const fn is_told(status: Status) -> bool {
    matches!(status, Status::AwaitingApplicant | Status::Waitlisted)
}
