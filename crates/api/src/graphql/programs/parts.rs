//! Parts of a revision in the schema.

use async_graphql::{Enum, SimpleObject};
use stoa_domain::calendar::Calendar;
use stoa_domain::criteria;
use stoa_domain::program::rules;

use crate::graphql::enums::{AutomationSwitch, BenefitKind, Consequence};
use crate::graphql::scalars::Date;

/// A statement an applicant must meet.
#[derive(SimpleObject)]
pub struct Criterion {
    /// Its key within the revision.
    key: String,
    /// What must hold, in words for the applicant.
    statement: String,
    /// The same in CEL over facts.
    expression: String,
    /// What follows when it is not met.
    unmet: Consequence,
    /// What the applicant can do to meet it.
    fix: String,
}

impl From<criteria::Criterion> for Criterion {
    fn from(criterion: criteria::Criterion) -> Self {
        Self {
            key: criterion.key,
            statement: criterion.statement,
            expression: criterion.expression,
            unmet: criterion.unmet.into(),
            fix: criterion.fix,
        }
    }
}

/// One thing a member gets.
#[derive(SimpleObject)]
pub struct Benefit {
    /// Its key within the revision.
    key: String,
    /// Its name.
    name: String,
    /// What kind of thing it is.
    kind: BenefitKind,
    /// How many; null means without a limit.
    quantity: Option<u32>,
}

impl From<rules::Benefit> for Benefit {
    fn from(benefit: rules::Benefit) -> Self {
        Self {
            key: benefit.key,
            name: benefit.name,
            kind: benefit.kind.into(),
            quantity: benefit.quantity,
        }
    }
}

/// Business days within which an application is decided.
#[derive(SimpleObject)]
pub struct PromiseDays {
    /// Business days the team aims at.
    aim_days: u32,
    /// Business days promised.
    limit_days: u32,
    /// Business days within which the applicant first hears from the team; null where that is not promised.
    first_reply_days: Option<u32>,
    /// Business days within which the team answers a reply; null where that is not promised.
    next_reply_days: Option<u32>,
    /// Business days before the due day on whose opening the team is warned; null where it is not.
    warn_days: Option<u32>,
}

impl From<rules::Promise> for PromiseDays {
    fn from(promise: rules::Promise) -> Self {
        Self {
            aim_days: promise.aim_days,
            limit_days: promise.limit_days,
            first_reply_days: promise.first_reply_days,
            next_reply_days: promise.next_reply_days,
            warn_days: promise.warn_days,
        }
    }
}

/// When the team works, in short.
#[derive(SimpleObject)]
pub struct CalendarSummary {
    /// IANA time zone, e.g. `Europe/Amsterdam`.
    time_zone: String,
    /// Days on which the team does not work, of all editions.
    holidays: Vec<Holiday>,
}

/// A day on which the team does not work.
#[derive(SimpleObject)]
pub struct Holiday {
    /// The day.
    date: Date,
    /// Its name.
    name: String,
}

impl From<&Calendar> for CalendarSummary {
    fn from(calendar: &Calendar) -> Self {
        let holidays = calendar
            .editions
            .iter()
            .flat_map(|edition| &edition.holidays);
        Self {
            time_zone: calendar.time_zone.name().to_owned(),
            holidays: holidays
                .map(|holiday| Holiday {
                    date: holiday.date.into(),
                    name: holiday.name.clone(),
                })
                .collect(),
        }
    }
}

/// The life of a term.
#[derive(SimpleObject)]
pub struct Renewal {
    /// Months a term lasts.
    term_months: u32,
    /// Days before the end at which the renewal window opens.
    window_days: u32,
    /// Days before the end at which the member is reminded.
    reminder_days: Vec<u32>,
    /// Days after the end within which a renewal still continues the membership.
    grace_days: u32,
}

impl From<rules::Renewal> for Renewal {
    fn from(renewal: rules::Renewal) -> Self {
        Self {
            term_months: renewal.term_months,
            window_days: renewal.window_days,
            reminder_days: renewal.reminder_days,
            grace_days: renewal.grace_days,
        }
    }
}

/// A reason that a decline may give.
#[derive(SimpleObject)]
pub struct DeclineReason {
    /// The code that reports count.
    code: String,
    /// What the applicant reads.
    message: String,
    /// What they can do about it.
    fix: String,
}

impl From<rules::DeclineReason> for DeclineReason {
    fn from(reason: rules::DeclineReason) -> Self {
        Self {
            code: reason.code,
            message: reason.message,
            fix: reason.fix,
        }
    }
}

/// A country or region that is restricted between two dates.
#[derive(SimpleObject)]
pub struct TradeRule {
    /// ISO 3166-1 alpha-2, or ISO 3166-2 for a region.
    place: String,
    /// First day it holds; null means always.
    from: Option<Date>,
    /// Last day it holds; null means until further notice.
    until: Option<Date>,
    /// What follows.
    outcome: TradeOutcome,
}

/// What a trade rule means for an application.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "stoa_domain::program::rules::TradeOutcome")]
pub enum TradeOutcome {
    /// Not served.
    Restricted,
    /// A person looks at it.
    Review,
}

impl From<rules::TradeRule> for TradeRule {
    fn from(rule: rules::TradeRule) -> Self {
        Self {
            place: rule.place,
            from: rule.from.map(Into::into),
            until: rule.until.map(Into::into),
            outcome: rule.outcome.into(),
        }
    }
}

/// How far the service decides by itself, for each outcome apart.
#[derive(SimpleObject)]
pub struct Automation {
    /// Approve when every criterion is met.
    approve: AutomationSwitch,
    /// Decline when a criterion that declines is not met.
    decline: AutomationSwitch,
}

impl From<rules::Automation> for Automation {
    fn from(automation: rules::Automation) -> Self {
        Self {
            approve: automation.approve.into(),
            decline: automation.decline.into(),
        }
    }
}

/// A decision that one person may not take alone.
#[derive(SimpleObject)]
pub struct ApprovalLimit {
    /// Its key within the revision.
    key: String,
    /// A CEL expression over facts: when it holds, an approval needs a second person.
    when: String,
    /// Why, in words.
    statement: String,
}

impl From<rules::ApprovalLimit> for ApprovalLimit {
    fn from(limit: rules::ApprovalLimit) -> Self {
        Self {
            key: limit.key,
            when: limit.when,
            statement: limit.statement,
        }
    }
}
