//! What a revision says. Read from `program.toml`, `form.schema.json` and `messages/*.md` by
//! [`super::source`]; stored as one JSON document.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;
use crate::calendar::Calendar;
use crate::criteria::Criterion;
use crate::kpi::Aim;

/// All rules of one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The program's key, e.g. `open-source`.
    pub key: String,
    /// The program's name.
    pub name: String,
    /// What it offers, and to whom, in two sentences.
    pub summary: String,
    /// How long a decision may take.
    pub promise: Promise,
    /// Who decides: the service, or people.
    pub automation: Automation,
    /// After how long silence ends an application.
    pub waiting: Waiting,
    /// Which form fields the verifiers read.
    pub verify: Verify,
    /// First day on which applications are taken in; none means since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_on: Option<NaiveDate>,
    /// Last day on which applications are taken in; none means until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_on: Option<NaiveDate>,
    /// How many organisations may be members at once; none means no cap.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// The month (1 to 12) in which the fiscal year begins.
    #[serde(default = "january")]
    pub fiscal_year_start: u32,
    /// What a member gets in each term.
    pub benefits: Vec<Benefit>,
    /// How long a term lasts, and what happens around its end.
    pub renewal: Renewal,
    /// What applicants must meet.
    pub criteria: Vec<Criterion>,
    /// What needs a second person.
    #[serde(default)]
    pub approvals: Vec<ApprovalLimit>,
    /// Countries and regions that are not served, or looked at by people, and when.
    #[serde(default)]
    pub trade: Vec<TradeRule>,
    /// The reasons a decline may give.
    pub decline_reasons: Vec<DeclineReason>,
    /// What the program aims at where it is not what is built in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kpis: Vec<Aim>,
    /// When the team works.
    pub calendar: Calendar,
    /// The form, as a JSON Schema (2020-12) with UI hints.
    #[serde(default)]
    pub form: Value,
    /// Message templates by name (`approved`, `declined` …), Markdown.
    #[serde(default)]
    pub messages: BTreeMap<String, String>,
}

/// Business days within which an application is decided (`community-programs.md` §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Business days the team aims at, 1 to 60.
    pub aim_days: u32,
    /// Business days promised to the applicant, 1 to 60 and not less than `aim_days`.
    pub limit_days: u32,
    /// Business days within which the applicant first hears from the team, 1 to `limit_days`; none promises nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_reply_days: Option<u32>,
    /// Business days within which the team answers a reply, 1 to `limit_days`; none promises nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_reply_days: Option<u32>,
    /// Business days before the due day on whose opening the team is warned, less than `limit_days`; none never warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_days: Option<u32>,
}

/// Whether the service may decide without a person, for each outcome apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automation {
    /// Approve when every criterion is met.
    pub approve: Switch,
    /// Decline when a criterion that declines is not met.
    pub decline: Switch,
}

/// How far automation goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Switch {
    /// The service recommends; people decide.
    #[default]
    Off,
    /// The service also records what it would have decided, so that agreement can be measured.
    Shadow,
    /// The service decides.
    On,
}

/// Silences that end an application, in calendar days. Nothing expires without a warning first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Days a draft is kept, 1 to 365.
    pub draft_days: u32,
    /// Days an applicant has to answer a question, 1 to 365.
    pub question_days: u32,
    /// Days before the end at which the applicant is warned, less than both.
    pub warn_days: u32,
}

/// Which form fields carry what the verifiers read; a field that is not named is not verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The organisation's or project's name.
    pub organization: String,
    /// An SPDX licence expression.
    #[serde(default)]
    pub licence: Option<String>,
    /// The address of the source code.
    #[serde(default)]
    pub repository: Option<String>,
    /// The organisation's web address.
    #[serde(default)]
    pub website: Option<String>,
    /// The applicant's mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// ISO 3166-1 alpha-2 country code.
    #[serde(default)]
    pub country: Option<String>,
    /// ISO 3166-2 region code, e.g. `UA-43`.
    #[serde(default)]
    pub region: Option<String>,
}

/// One thing a member gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// Its key, e.g. `ultimate-seats`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What kind of thing it is.
    pub kind: BenefitKind,
    /// How many; none means without a limit.
    #[serde(default)]
    pub quantity: Option<u32>,
    /// The form field that asks for the number; the smaller of it and `quantity` is granted.
    #[serde(default)]
    pub quantity_field: Option<String>,
}

/// The kinds of benefit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BenefitKind {
    /// Places for users.
    Seats,
    /// A licence key.
    Licence,
    /// An amount to spend.
    Credits,
    /// A one-time code.
    Code,
    /// A share off the price, in percent.
    Discount,
}

/// The life of a term (`community-programs.md` §2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// Months a term lasts, 1 to 120.
    pub term_months: u32,
    /// Days before the end at which the renewal window opens.
    pub window_days: u32,
    /// Days before the end at which the member is reminded, in falling order.
    #[serde(default)]
    pub reminder_days: Vec<u32>,
    /// Days after the end within which a renewal still continues the membership.
    pub grace_days: u32,
    /// Keys of criteria that are verified again.
    #[serde(default)]
    pub verify_again: Vec<String>,
}

/// A decision that one person may not take alone (`community-programs.md` §2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalLimit {
    /// Its key, e.g. `many-seats`.
    pub key: String,
    /// A CEL expression over facts: when it holds (or cannot be told), an approval needs a second person.
    pub when: String,
    /// Why, in words for the specialist.
    pub statement: String,
}

/// A country or region that is restricted between two dates (`community-programs.md` §2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeRule {
    /// ISO 3166-1 alpha-2 (`CU`) or ISO 3166-2 (`UA-43`).
    pub place: String,
    /// First day it holds; none means always.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day it holds; none means until further notice.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// What follows.
    pub outcome: TradeOutcome,
}

/// What a trade rule means for an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TradeOutcome {
    /// Not served.
    Restricted,
    /// A person looks at it, for example because the answer depends on the region.
    Review,
}

/// A reason that a decline may give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclineReason {
    /// The code that reports count, e.g. `LICENCE_NOT_OSI`.
    pub code: String,
    /// What the applicant reads.
    pub message: String,
    /// What they can do about it.
    pub fix: String,
}

const fn january() -> u32 {
    1
}

impl Rules {
    /// Whether applications are taken in at an instant, by the program's own days.
    pub fn takes_in(&self, now: Timestamp) -> bool {
        let day = self.calendar.local_date(now);
        self.opens_on.is_none_or(|first| first <= day)
            && self.closes_on.is_none_or(|last| day <= last)
    }

    /// The decline reason with this code.
    pub fn reason(&self, code: &str) -> Option<&DeclineReason> {
        self.decline_reasons
            .iter()
            .find(|reason| reason.code == code)
    }
}
