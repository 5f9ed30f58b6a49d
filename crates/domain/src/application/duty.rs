//! What the service does with an application by itself, and when.

use chrono::{Days, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Act, Action, Application, PromiseKind, Refusal, Status};
use crate::Timestamp;
use crate::change::{Change, Verb};
use crate::program::Rules;
use crate::promise::Running;

/// Something the service does when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Run the criteria over answers that none has seen.
    Evaluate,
    /// End a hold.
    Release,
    /// Warn the applicant of the deadline.
    Warn,
    /// End it by silence.
    Expire,
    /// Tell the team of a promise.
    Alert(Alert),
}

/// What the team is told of a promise; once for each due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Alert {
    /// Which promise.
    pub promise: PromiseKind,
    /// How it stands.
    pub level: AlertLevel,
    /// When it is due.
    #[serde(with = "crate::rfc3339")]
    pub due_at: Timestamp,
}

/// How a promise stands that the team is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertLevel {
    /// It breaks soon.
    AtRisk,
    /// Its time is over.
    Broken,
}

impl Application {
    /// What the service does next by itself, and when; none while only people can go on.
    pub fn duty(&self, rules: &Rules) -> Option<(Timestamp, Duty)> {
        let entered = self.history.last()?;
        let warned = self.warned_at.is_some();
        let warn_days = Days::new(u64::from(rules.waiting.warn_days));
        let first = match (entered.status, self.deadline_at) {
            (Status::InReview, _) if self.assessed.is_none() => Some((entered.at, Duty::Evaluate)),
            (Status::OnHold, Some(end)) => Some((end, Duty::Release)),
            (Status::Draft | Status::AwaitingApplicant, Some(end)) if warned => {
                Some((end, Duty::Expire))
            }
            (Status::Draft | Status::AwaitingApplicant, Some(end)) => {
                Some((end.checked_sub_days(warn_days).unwrap_or(end), Duty::Warn))
            }
            _ => None,
        };
        let alert = self.alert_due(rules);
        let alert = alert.map(|(at, alert)| (at, Duty::Alert(alert)));
        first.into_iter().chain(alert).min_by_key(|(at, _)| *at)
    }

    /// Tells the team that a promise is about to break, or has.
    pub fn alert(mut self, alert: Alert, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Alert, act)?;
        self.alerts.push(alert);
        let verb = match alert.level {
            AlertLevel::AtRisk => Verb::PromiseAtRisk,
            AlertLevel::Broken => Verb::PromiseBroken,
        };
        let told = json!({
            "promise": alert.promise,
            "due": alert.due_at,
            "assignee": self.assignee,
        });
        let state = self.state.clone();
        Ok(self.enter(state, verb, act, told))
    }

    /// The next alert and its time, which is one at which the team works: nobody is woken at night.
    fn alert_due(&self, rules: &Rules) -> Option<(Timestamp, Alert)> {
        let entered = self.history.last()?;
        let with_team = matches!(entered.status.running(), Running::Team | Running::Hold);
        // What was just handed in is first evaluated.
        if !with_team || entered.status == Status::Submitted {
            return None;
        }
        let open = |from: Timestamp| rules.calendar.open_from(from.max(entered.at));
        let running = self.promises(rules).into_iter();
        let running = running.filter(|promised| promised.kept_at.is_none());
        running
            .filter_map(|promised| {
                let due_at = promised.due_at?;
                let alert = |level| Alert {
                    promise: promised.kind,
                    level,
                    due_at,
                };
                let (risk, broken) = (alert(AlertLevel::AtRisk), alert(AlertLevel::Broken));
                if self.alerts.contains(&broken) {
                    return None;
                }
                let warned = open(promised.warn_at?)?;
                if warned <= due_at && !self.alerts.contains(&risk) {
                    return Some((warned, risk));
                }
                // The due time itself still keeps the promise.
                let late = due_at.checked_add_signed(TimeDelta::microseconds(1))?;
                Some((open(late)?, broken))
            })
            .min_by_key(|(at, _)| *at)
    }
}
