//! A program, and the immutable revisions of its rules.
//!
//! A program's rules are data: staff change them without a deployment, every application keeps the
//! revision it was submitted under, and `simulateRevision` shows what a change would have done.

pub mod form;
pub mod reading;
pub mod rules;
pub mod source;

pub use rules::Rules;

use serde_json::json;

use crate::Timestamp;
use crate::actor::{Actor, NotPermitted, Permission};
use crate::change::{Activity, Change, Subject, Verb};
use crate::id::{Id, Noun};

/// A company's offer to a community, e.g. "Open Source".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its id.
    pub id: Id<Program>,
    /// Counts every change, from 1.
    pub version: i32,
    /// The short name in addresses and commands, e.g. `open-source`; never changes.
    pub key: String,
    /// The name people read; that of the current revision.
    pub name: String,
    /// The revision that new applications are submitted under.
    pub current: Id<Revision>,
    /// Number of the current revision.
    pub revision_number: i32,
    /// When the program was first published.
    pub created_at: Timestamp,
}

/// One immutable, numbered, published state of a program's rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its id.
    pub id: Id<Revision>,
    /// The program it belongs to.
    pub program: Id<Program>,
    /// Counts a program's revisions, from 1.
    pub number: i32,
    /// When it was published.
    pub published_at: Timestamp,
    /// What it says.
    pub rules: Rules,
}

impl Noun for Program {
    const PREFIX: &'static str = "prog";
}
impl Noun for Revision {
    const PREFIX: &'static str = "rev";
}

/// What publishing rules comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Publication {
    /// The rules are what the current revision says already.
    Unchanged,
    /// A new revision, and the program that now points to it.
    Published(Box<Change<Program>>, Box<Revision>),
}

/// Why rules cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor may not publish revisions of this program.
    NotPermitted(NotPermitted),
    /// The rules name another program.
    OtherProgram {
        /// The key of the program that was asked for.
        expected: String,
    },
}

impl From<NotPermitted> for Refusal {
    fn from(refusal: NotPermitted) -> Self {
        Self::NotPermitted(refusal)
    }
}

impl Program {
    /// Publishes the first revision, and with it the program.
    pub fn create(
        rules: Rules,
        id: Id<Self>,
        revision: Id<Revision>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<(Change<Self>, Revision), Refusal> {
        by.permitted_everywhere(Permission::PublishRevisions)?;
        let program = Self {
            id,
            version: 1,
            key: rules.key.clone(),
            name: rules.name.clone(),
            current: revision,
            revision_number: 1,
            created_at: now,
        };
        let revision = Revision {
            id: revision,
            program: id,
            number: 1,
            published_at: now,
            rules,
        };
        let change = program.explained(Verb::ProgramPublished, by, now);
        Ok((change, revision))
    }

    /// Publishes new rules as the next revision, unless they say what the current one says.
    pub fn publish(
        mut self,
        rules: Rules,
        current: &Rules,
        revision: Id<Revision>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Publication, Refusal> {
        by.permitted(Permission::PublishRevisions, self.id)?;
        if rules.key != self.key {
            return Err(Refusal::OtherProgram { expected: self.key });
        }
        if rules == *current {
            return Ok(Publication::Unchanged);
        }
        self.version += 1;
        self.revision_number += 1;
        self.current = revision;
        self.name.clone_from(&rules.name);
        let revision = Revision {
            id: revision,
            program: self.id,
            number: self.revision_number,
            published_at: now,
            rules,
        };
        let change = self.explained(Verb::RevisionPublished, by, now);
        Ok(Publication::Published(Box::new(change), Box::new(revision)))
    }

    fn explained(self, verb: Verb, by: &Actor, now: Timestamp) -> Change<Self> {
        let activity = Activity::new(verb, Subject::Program(self.id), self.version, by, now)
            .of_program(self.id)
            .under(self.current)
            .telling(json!({ "number": self.revision_number, "name": self.name }));
        Change {
            after: self,
            activity,
        }
    }
}
