//! Memberships: an organisation's place in a program, its terms and what is granted in them.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::application::Application;
use crate::calendar::Calendar;
use crate::change::{Activity, Change, Subject, Verb};
use crate::facts::Answers;
use crate::id::{Id, Noun};
use crate::organization::Organization;
use crate::program::rules::{Benefit, BenefitKind};
use crate::program::{Program, Revision};
use crate::{Timestamp, actor::Actor};

/// An organisation's place in a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub id: Id<Membership>,
    /// Counts every change, from 1.
    pub version: i32,
    /// The program.
    pub program: Id<Program>,
    /// The member.
    pub organization: Id<Organization>,
    /// The application that it came from.
    pub application: Id<Application>,
    /// When it began.
    pub started_at: Timestamp,
    /// Its terms, oldest first.
    pub terms: Vec<Term>,
}

/// The time for which benefits are granted: half-open, in days of the program's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// First day.
    pub starts_on: NaiveDate,
    /// First day after it.
    pub ends_on: NaiveDate,
    /// The revision that says what is granted.
    pub revision: Id<Revision>,
    /// What is granted.
    pub grants: Vec<Grant>,
}

/// One benefit, given in a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The benefit's key in the revision.
    pub benefit: String,
    /// Its name.
    pub name: String,
    /// What kind of thing it is.
    pub kind: BenefitKind,
    /// How many; none means without a limit.
    pub quantity: Option<u32>,
}

impl Noun for Membership {
    const PREFIX: &'static str = "mem";
}

impl Membership {
    /// Begins the membership that an approved application leads to, with its first term.
    pub fn start(
        id: Id<Self>,
        application: &Application,
        answers: &Answers,
        revision: &Revision,
        by: &Actor,
        now: Timestamp,
    ) -> Change<Self> {
        let term = Term::first(revision, answers, &revision.rules.calendar, now);
        let membership = Self {
            id,
            version: 1,
            program: application.program,
            organization: application.organization,
            application: application.id,
            started_at: now,
            terms: vec![term],
        };
        let activity = Activity::new(Verb::MembershipStarted, Subject::Membership(id), 1, by, now)
            .of_program(application.program)
            .of_application(application.id)
            .under(revision.id)
            .telling(json!({ "term": membership.terms.first() }));
        Change {
            after: membership,
            activity,
        }
    }

    /// The day on which the last term ends.
    pub fn ends_on(&self) -> Option<NaiveDate> {
        self.terms.iter().map(|term| term.ends_on).max()
    }
}

impl Term {
    fn first(revision: &Revision, answers: &Answers, calendar: &Calendar, now: Timestamp) -> Self {
        let starts_on = calendar.local_date(now);
        let months = Months::new(revision.rules.renewal.term_months);
        let ends_on = starts_on
            .checked_add_months(months)
            .or_else(|| starts_on.checked_add_days(Days::new(365)))
            .unwrap_or(starts_on);
        let grants = revision
            .rules
            .benefits
            .iter()
            .map(|benefit| Grant::of(benefit, answers))
            .collect();
        Self {
            starts_on,
            ends_on,
            revision: revision.id,
            grants,
        }
    }
}

impl Grant {
    /// The smaller of what is offered and what was asked for. Where a number was to be asked for and
    /// none can be read, nothing but what is offered is granted: never an unlimited number.
    fn of(benefit: &Benefit, answers: &Answers) -> Self {
        let asked = benefit
            .quantity_field
            .as_ref()
            .map(|field| answers.values.get(field).and_then(whole).unwrap_or(0));
        let quantity = match (benefit.quantity, asked) {
            (Some(offered), Some(0)) => Some(offered),
            (Some(offered), Some(asked)) => Some(offered.min(asked)),
            (offered, asked) => offered.or(asked),
        };
        Self {
            benefit: benefit.key.clone(),
            name: benefit.name.clone(),
            kind: benefit.kind,
            quantity,
        }
    }
}

/// A whole number that is not negative; JSON Schema takes `5.0` for one as well.
fn whole(value: &serde_json::Value) -> Option<u32> {
    let text = value.as_u64().map(|number| number.to_string());
    let text = text.or_else(|| value.as_f64().map(|number| number.to_string()))?;
    text.parse().ok()
}
