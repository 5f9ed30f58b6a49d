//! The promise to decide within business days, and the three clocks of an application.
//!
//! The published rule of a promise of N business days, on the program's [calendar](crate::calendar):
//!
//! 1. *Day 0* is the first business day that has not closed when the application arrives: the same
//!    day up to (not including) the end of its last window; after that, on weekends and on holidays,
//!    the next business day.
//! 2. Without pauses the promise is due at the closing time, the end of the last window, of the N-th
//!    business day after day 0.
//! 3. That gives the application an amount of business time: all open time from its arrival until
//!    then. While we wait for the applicant none of it is used up. The promise is due at the earliest
//!    instant at which it is used up. So a pause outside open time moves nothing, a pause never makes
//!    the promise due earlier, and what happens after the due time does not move it.
//!
//! The amount is counted in time and not in days, so that a promise paused for an hour is due an hour
//! later and not a day later.
//!
//! The clocks count business time from the log, never from counters: the published example of a
//! ticket system did not add up because it counted twice (`community-programs.md §4.1`).
//! Time between a decision and its appeal counts on none of them.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;

use crate::Timestamp;
use crate::calendar::{Calendar, HORIZON_DAYS};

/// A time in which the promise stands still, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; none while it lasts.
    pub to: Option<Timestamp>,
}

/// Whom an application waits for in a state, and so which clocks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// The team: all clocks run.
    Team,
    /// The applicant: only the elapsed clock runs.
    Applicant,
    /// A third party, compliance or a colleague: the elapsed and the promise clock run.
    Hold,
    /// Nobody, not yet submitted or already decided: no clock runs.
    Stopped,
}

/// One step of an application's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When the state was entered.
    pub at: Timestamp,
    /// Whom the application waits for until the next step.
    pub running: Running,
}

/// Business time of an application on its three clocks, in whole minutes rounded down, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clocks {
    /// Minutes between submission and decision.
    pub elapsed: i64,
    /// The same without the time we waited for the applicant; at most `elapsed`.
    pub promise: i64,
    /// The same without holds either; at most `promise`.
    pub team: i64,
}

impl Calendar {
    /// When a promise of `days` business days given at `start` is due; pauses may come in any order and overlap.
    ///
    /// None while a pause that began before the due time lasts, and if the promise does not end within about
    /// ten years.
    pub fn due(&self, start: Timestamp, days: u32, pauses: &[Pause]) -> Option<Timestamp> {
        let unpaused = self.unpaused_due(start, days)?;
        if pauses.is_empty() {
            return Some(unpaused);
        }
        let mut pauses = pauses.to_vec();
        pauses.sort_unstable_by_key(|pause| pause.from);
        let mut left = self.open_time(start, unpaused);
        let mut resumed = start;
        for pause in pauses {
            let used = self.open_time(resumed, pause.from);
            if used >= left {
                break;
            }
            left -= used;
            resumed = resumed.max(pause.from).max(pause.to?);
        }
        self.used_up(resumed, left)
    }

    /// Business days after today up to and including the day of the due time, 0 on that day; once it
    /// is late, minus the business days after that day up to and including today, at least 1.
    pub fn business_days_left(&self, now: Timestamp, due: Timestamp) -> i64 {
        let today = self.local_date(now);
        // A promise due at 24:00 is due on the day that ends then.
        let last_moment = due.checked_sub_signed(TimeDelta::nanoseconds(1));
        let due_day = self.local_date(last_moment.unwrap_or(due));
        if now <= due {
            self.business_days_after(today, due_day)
        } else {
            -self.business_days_after(due_day, today).max(1)
        }
    }

    /// The closing time of the business day `days` after day 0.
    fn unpaused_due(&self, start: Timestamp, days: u32) -> Option<Timestamp> {
        self.local_date(start)
            .iter_days()
            .take(HORIZON_DAYS)
            .filter_map(|date| self.open_windows(date).last().map(|window| window.1))
            .filter(|closing| start < *closing)
            .nth(usize::try_from(days).ok()?)
    }

    /// The earliest instant at which this much open time has passed since `from`.
    fn used_up(&self, from: Timestamp, amount: TimeDelta) -> Option<Timestamp> {
        let mut left = amount;
        for date in self.local_date(from).iter_days().take(HORIZON_DAYS) {
            for (opens, closes) in self.open_windows(date) {
                let opens = opens.max(from);
                let open = closes - opens;
                if left <= open {
                    return Some(opens + left);
                }
                left -= open.max(TimeDelta::zero());
            }
        }
        None
    }
}

/// The clocks of a history, oldest step first, as they stand at `until`; later steps do not count.
///
/// A step that claims to be older than the one before it counts from the time of that one.
pub fn clocks(calendar: &Calendar, steps: &[Step], until: Timestamp) -> Clocks {
    let [mut team, mut hold, mut applicant] = [TimeDelta::zero(); 3];
    let mut ends = steps.iter().skip(1).map(|step| step.at);
    let mut from = Timestamp::MIN_UTC;
    for step in steps {
        from = from.max(step.at);
        let to = ends.next().map_or(until, |end| end.min(until));
        let open = match step.running {
            Running::Team => &mut team,
            Running::Hold => &mut hold,
            Running::Applicant => &mut applicant,
            Running::Stopped => continue,
        };
        *open += calendar.open_time(from, to);
    }
    Clocks {
        elapsed: (team + hold + applicant).num_minutes(),
        promise: (team + hold).num_minutes(),
        team: team.num_minutes(),
    }
}

/// The times after submission in which the promise stood still, in order, of a history, oldest step first.
///
/// These are waiting for the applicant, and between a decision and its appeal. A decision that stands is
/// an end and not a pause.
pub fn pauses(steps: &[Step]) -> Vec<Pause> {
    let Some(last) = steps
        .iter()
        .rposition(|step| step.running != Running::Stopped)
    else {
        return Vec::new();
    };
    let submitted = steps[..=last]
        .iter()
        .skip_while(|step| step.running == Running::Stopped);

    let mut pauses = Vec::new();
    let mut now = Timestamp::MIN_UTC;
    let mut since = None;
    for step in submitted {
        now = now.max(step.at);
        match step.running {
            Running::Applicant | Running::Stopped => {
                since.get_or_insert(now);
            }
            Running::Team | Running::Hold => {
                let to = Some(now);
                pauses.extend(since.take().map(|from| Pause { from, to }));
            }
        }
    }
    let to = steps.get(last + 1).map(|decided| now.max(decided.at));
    pauses.extend(since.map(|from| Pause { from, to }));
    pauses
}
