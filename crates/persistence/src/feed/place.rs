//! Places in the feed, and which lines somebody wants.

use sea_orm::{ColumnTrait, Condition};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::change::{Activity, Logged, Subject};
use stoa_domain::id::Id;
use stoa_domain::program::Program;

use crate::StoreError;
use crate::entity::activities::Column;
use crate::page::{Cursor, Key, Keyset};

/// A place in the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(crate) transaction: i64,
    pub(crate) sequence: i64,
}

/// A line of the log and its place in the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where it stands.
    pub place: Place,
    /// The line.
    pub logged: Logged,
}

/// Which lines; those about `account` come besides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Only those that concern this application.
    pub application: Option<Id<Application>>,
    /// Only those that concern this program.
    pub program: Option<Id<Program>>,
    /// And what happens to this account.
    pub account: Option<Id<Account>>,
}

impl Place {
    /// The place as lists name theirs.
    pub fn cursor(self) -> Cursor {
        order().cursor(None, Key::Place(self.transaction, self.sequence))
    }

    /// The place that a cursor names; a cursor of a list names none.
    pub fn parse(cursor: &Cursor) -> Result<Self, StoreError> {
        match cursor.key {
            Key::Place(transaction, sequence)
                if cursor.order == order().name && cursor.at.is_none() =>
            {
                Ok(Self {
                    transaction,
                    sequence,
                })
            }
            _ => Err(StoreError::Cursor),
        }
    }
}

impl Wanted {
    /// Whether the line is one that was asked for, or about the account.
    pub(crate) fn takes(&self, activity: &Activity) -> bool {
        self.asks_for(activity)
            || self
                .account
                .is_some_and(|id| activity.subject == Subject::Account(id))
    }

    /// Whether the line is one that was asked for.
    pub fn asks_for(&self, activity: &Activity) -> bool {
        (self.application.is_none() || self.application == activity.application)
            && (self.program.is_none() || self.program == activity.program)
    }

    pub(crate) fn condition(&self) -> Condition {
        let asked = Condition::all()
            .add_option(
                self.application
                    .map(|id| Column::ApplicationId.eq(id.uuid())),
            )
            .add_option(self.program.map(|id| Column::ProgramId.eq(id.uuid())));
        // An empty condition takes all lines, those about the account among them.
        if asked.is_empty() {
            return asked;
        }
        Condition::any()
            .add(asked)
            .add_option(self.account.map(|id| Column::SubjectId.eq(id.uuid())))
    }
}

/// The order of places.
pub(crate) fn order() -> Keyset<Column> {
    Keyset {
        name: "feed",
        time: None,
        key: vec![Column::TransactionId, Column::Sequence],
        descending: false,
    }
}
