//! How far a long command is: a bar where somebody looks at a terminal, else a line a second at most.

use std::io::IsTerminal;

use chrono::TimeDelta;
use indicatif::{ProgressBar, ProgressStyle};
use stoa_domain::Timestamp;

/// The progress of one command, on standard error.
#[derive(Debug)]
pub struct Progress {
    label: &'static str,
    bar: Option<ProgressBar>,
    total: u64,
    started: Timestamp,
    told: Timestamp,
}

impl Progress {
    /// Begins to count; `total` is in bytes, or whatever else tells how far the work is, and 0 if nobody knows.
    pub fn start(label: &'static str, total: u64, now: Timestamp) -> Self {
        let style = ProgressStyle::with_template("{msg}\n{wide_bar} {percent:>3} %");
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self {
            label,
            bar,
            total,
            started: now,
            told: now,
        }
    }

    /// Tells how far it is: `done` of the total, and how many rows that were.
    pub fn at(&mut self, done: u64, rows: u64, now: Timestamp) {
        if let Some(bar) = &self.bar {
            bar.set_message(self.line(done, rows, now));
            bar.set_position(done);
        } else if now - self.told >= TimeDelta::seconds(1) {
            self.told = now;
            eprintln!("{}", self.line(done, rows, now));
        }
    }

    /// Leaves the terminal to what follows.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, done: u64, rows: u64, now: Timestamp) -> String {
        let taken = u64::try_from((now - self.started).num_milliseconds()).unwrap_or_default();
        let rate = rate(rows, taken);
        let label = self.label;
        if done == 0 || self.total == 0 {
            return format!("{label}: {rows} rows, {rate} rows/s");
        }
        let left = self.total.saturating_sub(done);
        let seconds = taken.saturating_mul(left) / done / 1000;
        let percent = done.min(self.total).saturating_mul(100) / self.total;
        format!(
            "{label}: {percent} %, {rows} rows, {rate} rows/s, {} left",
            span(seconds)
        )
    }
}

/// How many there were in a second, of so many in this many milliseconds.
pub fn rate(rows: u64, milliseconds: u64) -> u64 {
    rows.saturating_mul(1000) / milliseconds.max(1)
}

/// A length of time in words.
fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_was_done() {
        let now = Timestamp::UNIX_EPOCH;
        let progress = Progress::start("Importing", 1_000, now);
        let later = now + TimeDelta::seconds(20);
        assert_eq!(
            progress.line(250, 5_000, later),
            "Importing: 25 %, 5000 rows, 250 rows/s, 1 min 0 s left"
        );
        assert_eq!(progress.line(0, 0, now), "Importing: 0 rows, 0 rows/s");
        let unknown = Progress::start("Importing", 0, now);
        assert_eq!(unknown.line(7, 10, later), "Importing: 10 rows, 0 rows/s");
        assert_eq!(span(3_725), "1 h 2 min");
    }
}
