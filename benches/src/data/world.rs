//! Who and what there is before the first application: programs, the team, organisations.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use stoa_domain::Timestamp;
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant, Role};
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::program::form::Form;
use stoa_domain::program::{Revision, Rules};
use uuid::Uuid;

use super::Batch;
use super::dice::{Dice, Purpose, id};
use crate::Result;
use crate::database::Database;

/// The first moment of the two years, 2024-11-23, when everybody is there.
const START: Timestamp = match DateTime::from_timestamp(1_732_320_000, 0) {
    Some(start) => start,
    None => DateTime::<Utc>::UNIX_EPOCH,
};
/// How long applications come in, in days. What begins last ends before the two years do.
const DAYS: i64 = 680;
/// How many people review.
const STAFF: u64 = 20;
/// How many organisations there are at most, and how many applications each has at least.
const MOST_ORGANIZATIONS: u64 = 50_000;
const APPLICATIONS_EACH: u64 = 4;

const FIRST: [&str; 12] = [
    "Amber", "Bright", "Cedar", "Distant", "Early", "Fern", "Golden", "Harbor", "Inland",
    "Juniper", "Kind", "Little",
];
const SECOND: [&str; 12] = [
    "Archive",
    "Bridge",
    "College",
    "Desk",
    "Engine",
    "Foundation",
    "Garden",
    "House",
    "Institute",
    "Kernel",
    "Library",
    "Museum",
];

/// A program as it is now, and its form ready to be asked.
pub struct Offer {
    /// The revision that holds, with all rules.
    pub revision: Revision,
    /// The form of these rules.
    pub form: Form,
}

/// Everything that applications refer to.
pub struct World {
    /// The programs, by key.
    pub offers: Vec<Offer>,
    /// People who review.
    pub staff: Vec<Actor>,
    /// How many applications there will be.
    pub applications: u64,
    /// The last line that the log had before.
    pub last_line: i64,
    team: Vec<Account>,
}

impl World {
    /// Reads what is there already: programs and the log.
    pub async fn read(database: &Database, applications: u64) -> Result<Self> {
        let sql = "SELECT r.id, r.program_id, r.number, r.published_at, r.rules \
                   FROM programs p JOIN revisions r ON r.id = p.current_revision_id \
                   ORDER BY p.key";
        let mut offers = Vec::new();
        for row in database.rows(sql).await? {
            let (revision, program): (Uuid, Uuid) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let rules: String = row.try_get_by_index(4)?;
            let rules: Rules = serde_json::from_str(&rules)?;
            offers.push(Offer {
                form: Form::compile(&rules.form)?,
                revision: Revision {
                    id: Id::new(revision),
                    program: Id::new(program),
                    number: row.try_get_by_index(2)?,
                    published_at: row.try_get_by_index(3)?,
                    rules,
                },
            });
        }
        if offers.is_empty() {
            return Err("no program is published: stoa programs apply programs".into());
        }
        let last_line = database.number("SELECT max(sequence) FROM activities");
        let team: Vec<Account> = (0..STAFF).map(specialist).collect();
        Ok(Self {
            offers,
            staff: team.iter().map(Account::actor).collect(),
            applications,
            last_line: last_line.await?,
            team,
        })
    }

    /// How many organisations there are.
    pub fn organizations(&self) -> u64 {
        (self.applications / APPLICATIONS_EACH).clamp(1, MOST_ORGANIZATIONS)
    }

    /// The person who speaks for an organisation.
    pub fn applicant(number: u64) -> Id<Account> {
        id(Purpose::Applicant, number, START)
    }

    /// The organisation with this number.
    pub fn organization(number: u64) -> Id<Organization> {
        id(Purpose::Organization, number, START)
    }

    /// When an application is begun: one after another, and never at a full second.
    pub fn begun(&self, number: u64, dice: &mut Dice) -> Timestamp {
        let step = TimeDelta::days(DAYS).num_microseconds().unwrap_or_default()
            / self.applications.max(1).cast_signed();
        let within = dice.below(step.max(1).cast_unsigned()).cast_signed();
        START + TimeDelta::microseconds(step * number.cast_signed() + within)
    }

    /// The rows of the team.
    pub fn staff_batch(&self) -> Result<Batch> {
        let mut batch = Batch::default();
        for account in &self.team {
            batch.add(account)?;
        }
        Ok(batch)
    }

    /// The rows of some organisations and of those who speak for them.
    pub fn organization_batch(numbers: Range<u64>) -> Result<Batch> {
        let mut batch = Batch::default();
        for number in numbers {
            batch.add(&owner(number))?;
            batch.add(&organization(number))?;
        }
        Ok(batch)
    }
}

fn specialist(number: u64) -> Account {
    Account {
        id: id(Purpose::Staff, number, START),
        version: 2,
        kind: Kind::Staff,
        name: format!("Specialist {number}"),
        email: format!("specialist{number}@team.example"),
        grants: vec![Grant {
            role: Role::Specialist,
            program: None,
        }],
        created_at: START,
        disabled_at: None,
    }
}

fn owner(number: u64) -> Account {
    Account {
        id: World::applicant(number),
        version: 1,
        kind: Kind::Applicant,
        name: format!("Applicant {number}"),
        email: format!("applicant@organization{number}.example"),
        grants: Vec::new(),
        created_at: START,
        disabled_at: None,
    }
}

fn organization(number: u64) -> Organization {
    let mut dice = Dice::of(Purpose::Organization, number);
    let first = word(&FIRST, &mut dice);
    let second = word(&SECOND, &mut dice);
    let repository = format!("https://code.example/{first}/{second}-{number}").to_lowercase();
    Organization {
        id: World::organization(number),
        name: format!("{first} {second} {number}"),
        domain: Some(format!("organization{number}.example")),
        // Not everybody writes software.
        repository: (dice.below(2) == 0).then_some(repository),
        owner: World::applicant(number),
        created_at: START,
    }
}

fn word(words: &[&'static str], dice: &mut Dice) -> &'static str {
    let place = usize::try_from(dice.below(words.len() as u64)).unwrap_or_default();
    words[place]
}
