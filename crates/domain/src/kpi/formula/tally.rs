//! What the database counts, and by what.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::application::{Kind, Status};
use crate::change::Mode;
use crate::id::Id;
use crate::program::Program;
use crate::promise::Clocks;

/// How many applications came to the same end in the same way in one period.
///
/// An application that was reopened and ended again is counted for each end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Index of the period in which they ended.
    #[serde(skip)]
    pub bucket: usize,
    /// What they have in common.
    #[serde(skip)]
    pub group: Group,
    /// Which final state they reached.
    pub outcome: Status,
    /// Whether a person of the team took at least one step.
    pub manual: bool,
    /// Whether the criteria alone settled eligibility.
    pub eligibility_automated: bool,
    /// How they were brought to an end.
    pub mode: Mode,
    /// Whether they were decided within the promise; none where nothing was decided or promised.
    pub within_promise: Option<bool>,
    /// Business minutes on the three clocks; none where they were not asked for.
    #[serde(skip)]
    pub minutes: Option<Clocks>,
    /// Whether these ended before in the same period and group, and were reopened.
    pub again: bool,
    /// How many.
    pub count: i64,
}

/// How many open applications are late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// Index of the period in which their promise fell due.
    pub bucket: usize,
    /// What they have in common.
    pub group: Group,
    /// How many.
    pub count: i64,
}

/// What the applications of one value have in common; none where it was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Group {
    /// The program asked.
    pub program: Option<Id<Program>>,
    /// Why the organisations ask.
    pub kind: Option<Kind>,
    /// How they were brought to an end.
    pub mode: Option<Mode>,
    /// Who brought them to an end; also none where nobody did, but the service.
    pub person: Option<Id<Account>>,
}

impl Ord for Group {
    /// By program, kind, mode and person; what is not named comes first.
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |group: &Self| {
            let kind = group.kind.map(|kind| match kind {
                Kind::New => 0,
                Kind::Renewal => 1,
                Kind::Amendment => 2,
            });
            let mode = group.mode.map(|mode| match mode {
                Mode::Manual => 0,
                Mode::Automated => 1,
                Mode::Integration => 2,
            });
            (group.program, kind, mode, group.person)
        };
        place(self).cmp(&place(other))
    }
}

impl PartialOrd for Group {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
