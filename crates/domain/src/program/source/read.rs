//! The tables of `program.toml` as [`Rules`]; the ranges are those of their doc comments.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::actor::{Permission, Role};
use crate::criteria::{Consequence, Criterion};
use crate::kpi::{Aim, Key, Target};
use crate::program::rules::{
    ApprovalLimit, Automation, Benefit, BenefitKind, DeclineReason, Promise, Renewal, Rules,
    TradeOutcome, TradeRule, Verify, Waiting,
};

use super::calendar::calendar;
use super::section::Section;

/// The longest time rules can speak of, in days: ten years.
const LONG: u32 = 3_650;
/// How many business days before a promise is due the team is warned, where the program says nothing.
const WARN_DAYS: u32 = 2;

/// Everything that `program.toml` says; form and messages stand in other files.
pub(super) fn rules(mut root: Section<'_>) -> Rules {
    let rules = Rules {
        key: root.key("key"),
        name: root.text("name"),
        summary: root.text("summary"),
        opens_on: root.date("opens_on"),
        closes_on: root.date("closes_on"),
        capacity: root.optional_count("capacity", 1..=u32::MAX),
        fiscal_year_start: root
            .optional_count("fiscal_year_start", 1..=12)
            .unwrap_or(1),
        promise: promise(root.section("promise")),
        automation: automation(root.section("automation")),
        waiting: waiting(root.section("waiting")),
        verify: verify(root.section("verify")),
        benefits: each(root.some_sections("benefits"), benefit),
        renewal: renewal(root.section("renewal")),
        criteria: each(root.some_sections("criteria"), criterion),
        approvals: each(root.sections("approvals"), approval),
        trade: each(root.sections("trade"), trade),
        decline_reasons: each(root.some_sections("decline_reasons"), decline_reason),
        kpis: each(root.sections("kpis"), aim)
            .into_iter()
            .flatten()
            .collect(),
        calendar: calendar(root.section("calendar")),
        form: Value::Null,
        messages: BTreeMap::new(),
    };
    if let (Some(first), Some(last)) = (rules.opens_on, rules.closes_on)
        && last < first
    {
        root.wrong(
            "closes_on",
            format!("\"closes_on\" must not be before \"opens_on\", {first}"),
        );
    }
    root.done();
    rules
}

pub(super) fn each<'a, T>(sections: Vec<Section<'a>>, read: fn(Section<'a>) -> T) -> Vec<T> {
    sections.into_iter().map(read).collect()
}

fn promise(mut section: Section<'_>) -> Promise {
    let promise = Promise {
        aim_days: section.count("aim_days", 1..=60),
        limit_days: section.count("limit_days", 1..=60),
        first_reply_days: section.optional_count("first_reply_days", 1..=60),
        next_reply_days: section.optional_count("next_reply_days", 1..=60),
        warn_days: section.optional_count("warn_days", 0..=59),
    };
    let whole = promise.limit_days;
    let warn_days = promise
        .warn_days
        .unwrap_or(WARN_DAYS.min(whole.saturating_sub(1)));
    let parts = [
        ("first_reply_days", promise.first_reply_days),
        ("next_reply_days", promise.next_reply_days),
        // A warning on the day of arrival would be one of every application.
        ("warn_days", Some(warn_days + 1)),
    ];
    for (key, days) in parts {
        if days.is_some_and(|days| days > whole) && !section.is_wrong("limit_days") {
            section.wrong(
                key,
                format!("\"{key}\" must fit into \"limit_days\", {whole}"),
            );
        }
    }
    if promise.limit_days < promise.aim_days {
        section.wrong(
            "limit_days",
            format!(
                "\"limit_days\" ({}) is promised and must not be less than \"aim_days\" ({})",
                promise.limit_days, promise.aim_days
            ),
        );
    }
    section.done();
    Promise {
        warn_days: Some(warn_days),
        ..promise
    }
}

fn automation(mut section: Section<'_>) -> Automation {
    let automation = Automation {
        approve: section.value("approve").unwrap_or_default(),
        decline: section.value("decline").unwrap_or_default(),
    };
    section.done();
    automation
}

fn waiting(mut section: Section<'_>) -> Waiting {
    let waiting = Waiting {
        draft_days: section.count("draft_days", 1..=365),
        question_days: section.count("question_days", 1..=365),
        warn_days: section.count("warn_days", 1..=364),
    };
    let is_told = section.is_wrong("draft_days") || section.is_wrong("question_days");
    if !is_told && waiting.warn_days >= waiting.draft_days.min(waiting.question_days) {
        section.wrong(
            "warn_days",
            "\"warn_days\" must be less than draft_days and question_days, or the warning comes too late",
        );
    }
    section.done();
    waiting
}

fn verify(mut section: Section<'_>) -> Verify {
    let verify = Verify {
        organization: section.text("organization"),
        licence: section.optional_text("licence"),
        repository: section.optional_text("repository"),
        website: section.optional_text("website"),
        email: section.optional_text("email"),
        country: section.optional_text("country"),
        region: section.optional_text("region"),
    };
    section.done();
    verify
}

fn benefit(mut section: Section<'_>) -> Benefit {
    let benefit = Benefit {
        key: section.key("key"),
        name: section.text("name"),
        kind: section.value("kind").unwrap_or(BenefitKind::Seats),
        quantity: section.optional_count("quantity", 1..=u32::MAX),
        quantity_field: section.optional_text("quantity_field"),
    };
    if benefit.kind == BenefitKind::Discount && benefit.quantity.is_none_or(|share| share > 100) {
        section.wrong(
            "quantity",
            "a discount has a share of 1 to 100 percent as its \"quantity\"",
        );
    }
    section.done();
    benefit
}

fn renewal(mut section: Section<'_>) -> Renewal {
    let renewal = Renewal {
        term_months: section.count("term_months", 1..=120),
        window_days: section.count("window_days", 1..=LONG),
        reminder_days: section.counts("reminder_days", &(1..=LONG)),
        grace_days: section.count("grace_days", 0..=LONG),
        verify_again: section.texts("verify_again"),
    };
    if renewal.reminder_days.windows(2).any(|two| two[0] <= two[1]) {
        section.wrong(
            "reminder_days",
            "\"reminder_days\" must fall, the earliest reminder first, such as [90, 30, 7]",
        );
    }
    section.done();
    renewal
}

fn criterion(mut section: Section<'_>) -> Criterion {
    let criterion = Criterion {
        key: section.key("key"),
        statement: section.text("statement"),
        expression: section.text("expression"),
        unmet: section.value("unmet").unwrap_or(Consequence::Review),
        reason: section.optional_text("reason"),
        fix: section.text("fix"),
    };
    if criterion.unmet == Consequence::Decline && criterion.reason.is_none() {
        section.wrong(
            "reason",
            "\"reason\" is missing: a criterion that declines gives the code of a decline reason",
        );
    }
    section.done();
    criterion
}

fn approval(mut section: Section<'_>) -> ApprovalLimit {
    let limit = ApprovalLimit {
        key: section.key("key"),
        when: section.text("when"),
        statement: section.text("statement"),
    };
    section.done();
    limit
}

fn trade(mut section: Section<'_>) -> TradeRule {
    let rule = TradeRule {
        place: section.text("place"),
        from: section.date("from"),
        until: section.date("until"),
        outcome: section.value("outcome").unwrap_or(TradeOutcome::Review),
    };
    if !is_place(&rule.place) {
        section.wrong(
            "place",
            "\"place\" must be an ISO code of a country (\"CU\") or a region (\"UA-43\")",
        );
    }
    if let (Some(from), Some(until)) = (rule.from, rule.until)
        && until < from
    {
        section.wrong(
            "until",
            format!("\"until\" must not be before \"from\", {from}"),
        );
    }
    section.done();
    rule
}

fn decline_reason(mut section: Section<'_>) -> DeclineReason {
    let reason = DeclineReason {
        code: section.text("code"),
        message: section.text("message"),
        fix: section.text("fix"),
    };
    if !is_code(&reason.code) {
        section.wrong(
            "code",
            format!(
                "\"{}\" must be in capital letters, such as \"LICENCE_NOT_OSI\"",
                reason.code
            ),
        );
    }
    section.done();
    reason
}

/// What the program aims at with an indicator; none if it names no indicator.
fn aim(mut section: Section<'_>) -> Option<Aim> {
    let key: Option<Key> = section.value("key");
    let owner = section.optional_value("owner");
    if owner.is_some_and(|owner: Role| !owner.allows(Permission::Review)) {
        section.wrong(
            "owner",
            "\"owner\" must be SPECIALIST, PROGRAM_MANAGER or OPERATIONS_MANAGER",
        );
    }
    let good = section.optional_value("good");
    let acceptable = section.optional_value("acceptable");
    let target = match (good, acceptable) {
        (Some(good), Some(acceptable)) => Some(Target { good, acceptable }),
        (None, None) => None,
        (None, Some(_)) => {
            section.wrong("good", "a target has both \"good\" and \"acceptable\"");
            None
        }
        (Some(_), None) => {
            section.wrong(
                "acceptable",
                "a target has both \"good\" and \"acceptable\"",
            );
            None
        }
    };
    if let (Some(key), Some(target)) = (key, target)
        && let Some(problem) = target.problem(key)
    {
        section.wrong("good", format!("\"{}\" {problem}", key.as_str()));
    }
    section.done();
    Some(Aim {
        key: key?,
        target,
        owner,
    })
}

/// ISO 3166-1 alpha-2, or ISO 3166-2: the same with one to three letters or digits.
fn is_place(place: &str) -> bool {
    let (country, region) = place.split_once('-').unwrap_or((place, "00"));
    let capital = |c: char| c.is_ascii_uppercase();
    country.len() == 2
        && country.chars().all(capital)
        && (1..=3).contains(&region.len())
        && region.chars().all(|c| capital(c) || c.is_ascii_digit())
}

fn is_code(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_uppercase())
        && code
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
