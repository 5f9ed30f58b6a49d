//! The ready programs: whether they can be published, and whether they decide as the field does
//! (`community-programs.md` §2.2, §2.4).
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::DateTime;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Source, read};
use crate::criteria::{Evaluation, Recommendation, Ruleset};
use crate::facts::{Answers, Lookups};
use crate::id::Id;
use crate::program::Rules;
use crate::program::form::Form;
use crate::verifiers;

fn source(program: &str, form: &str, messages: [&str; 6]) -> Source {
    let names = [
        "approved", "declined", "expired", "expiring", "question", "received",
    ];
    let mut files: std::collections::BTreeMap<_, _> = names
        .iter()
        .zip(messages)
        .map(|(name, text)| (format!("messages/{name}.md"), text.to_owned()))
        .collect();
    files.insert("program.toml".to_owned(), program.to_owned());
    files.insert("form.schema.json".to_owned(), form.to_owned());
    Source { files }
}

pub(super) fn open_source() -> Source {
    source(
        include_str!("../../../../../programs/open-source/program.toml"),
        include_str!("../../../../../programs/open-source/form.schema.json"),
        [
            include_str!("../../../../../programs/open-source/messages/approved.md"),
            include_str!("../../../../../programs/open-source/messages/declined.md"),
            include_str!("../../../../../programs/open-source/messages/expired.md"),
            include_str!("../../../../../programs/open-source/messages/expiring.md"),
            include_str!("../../../../../programs/open-source/messages/question.md"),
            include_str!("../../../../../programs/open-source/messages/received.md"),
        ],
    )
}

fn education() -> Source {
    source(
        include_str!("../../../../../programs/education/program.toml"),
        include_str!("../../../../../programs/education/form.schema.json"),
        [
            include_str!("../../../../../programs/education/messages/approved.md"),
            include_str!("../../../../../programs/education/messages/declined.md"),
            include_str!("../../../../../programs/education/messages/expired.md"),
            include_str!("../../../../../programs/education/messages/expiring.md"),
            include_str!("../../../../../programs/education/messages/question.md"),
            include_str!("../../../../../programs/education/messages/received.md"),
        ],
    )
}

fn startups() -> Source {
    source(
        include_str!("../../../../../programs/startups/program.toml"),
        include_str!("../../../../../programs/startups/form.schema.json"),
        [
            include_str!("../../../../../programs/startups/messages/approved.md"),
            include_str!("../../../../../programs/startups/messages/declined.md"),
            include_str!("../../../../../programs/startups/messages/expired.md"),
            include_str!("../../../../../programs/startups/messages/expiring.md"),
            include_str!("../../../../../programs/startups/messages/question.md"),
            include_str!("../../../../../programs/startups/messages/received.md"),
        ],
    )
}

/// What the rules say to answers that meet every criterion, changed in some.
fn evaluate(rules: &Rules, good: &Value, changes: &Value) -> Evaluation {
    let mut answers = good.as_object().unwrap().clone();
    answers.extend(changes.as_object().unwrap().clone());
    let problems = Form::compile(&rules.form).unwrap().check(&answers);
    assert_eq!(problems, [], "{changes}");
    let answers = Answers {
        values: answers,
        ..Answers::default()
    };
    let lookups = Lookups {
        academic_mail: Some("example.edu".to_owned()),
        academic_entries: 1,
        ..Lookups::default()
    };
    let on = "2026-11-23".parse().unwrap();
    let facts = verifiers::derive(rules, &answers, &lookups, on);
    let (id, application, revision) = (
        Id::new(Uuid::nil()),
        Id::new(Uuid::nil()),
        Id::new(Uuid::nil()),
    );
    let now = DateTime::UNIX_EPOCH;
    Ruleset::compile(rules)
        .unwrap()
        .evaluate(&facts, id, application, revision, now)
}

/// Checks what is recommended, with which reasons, and which limits the application is over.
fn decides(rules: &Rules, good: &Value, cases: &[(Value, Recommendation, &[&str], &[&str])]) {
    for (changes, recommendation, reasons, limits) in cases {
        let evaluation = evaluate(rules, good, changes);
        assert_eq!(
            evaluation.recommendation, *recommendation,
            "{changes}: {:#?}",
            evaluation.findings
        );
        assert_eq!(evaluation.reasons, *reasons, "{changes}");
        assert_eq!(evaluation.limits, *limits, "{changes}");
    }
}

use Recommendation::{Approve, Ask, Decline, Hold, Review};

#[test]
fn open_source_decides_as_the_field_does() {
    let rules = read(&open_source()).unwrap();
    let good = json!({
        "first_name": "Ada", "last_name": "Example", "email": "ada@example.org", "country": "DE",
        "organization": "Example Project", "description": "A library that does something useful.",
        "repository": "https://gitlab.com/example/project", "licence": "MIT",
        "not_for_profit": true, "hosting": "SAAS", "seats": 5, "private_projects": 1,
        "federal_entity": false, "agreement": true
    });
    decides(
        &rules,
        &good,
        &[
            (json!({}), Approve, &[], &[]),
            (json!({ "licence": "Apache-2.0 OR MIT" }), Approve, &[], &[]),
            (
                json!({ "licence": "CC-BY-SA-4.0" }),
                Decline,
                &["LICENCE_NOT_OSI"],
                &["strategic-exception"],
            ),
            (
                json!({ "licence": "WTFPL" }),
                Decline,
                &["LICENCE_NOT_OSI"],
                &["strategic-exception"],
            ),
            (
                json!({ "licence": "the usual one" }),
                Review,
                &[],
                &["strategic-exception"],
            ),
            (
                json!({ "not_for_profit": false }),
                Decline,
                &["SEEKS_PROFIT"],
                &["strategic-exception"],
            ),
            (
                json!({ "private_projects": 2 }),
                Review,
                &[],
                &["private-projects"],
            ),
            (
                json!({ "repository": "https://git.example.org/project" }),
                Review,
                &[],
                &[],
            ),
            (
                json!({ "hosting": "SELF_MANAGED", "self_managed_reason": "Our build machines have no network." }),
                Review,
                &[],
                &[],
            ),
            (
                json!({ "federal_entity": true }),
                Hold,
                &[],
                &["federal-case"],
            ),
            (
                json!({ "email": "ada@example.gov", "country": "US" }),
                Hold,
                &[],
                &["federal-case"],
            ),
            (json!({ "email": "ada@mailinator.com" }), Review, &[], &[]),
            (
                json!({ "country": "CU" }),
                Decline,
                &["COUNTRY_NOT_SERVED"],
                &[],
            ),
            (
                json!({ "country": "UA", "region": "UA-43" }),
                Decline,
                &["COUNTRY_NOT_SERVED"],
                &[],
            ),
            (
                json!({ "country": "UA", "region": "UA-30" }),
                Review,
                &[],
                &[],
            ),
            (json!({ "country": "UA" }), Review, &[], &[]),
        ],
    );
}

#[test]
fn education_decides_as_the_field_does() {
    let rules = read(&education()).unwrap();
    let good = json!({
        "first_name": "Ada", "last_name": "Example", "email": "ada@example.edu", "country": "NL",
        "job_title": "Lecturer", "role": "FACULTY", "full_time": true,
        "institution": "University of Example", "website": "https://www.example.edu",
        "institution_kind": "UNIVERSITY", "ownership": "PUBLIC", "accredited": true, "grants_degrees": true,
        "use_case": "INSTRUCTION", "use_case_notes": "Version control for first-year students.",
        "hosting": "SAAS", "seats": 300, "agreement": true
    });
    decides(
        &rules,
        &good,
        &[
            (json!({}), Approve, &[], &[]),
            (json!({ "role": "STUDENT" }), Decline, &["STUDENT"], &[]),
            (json!({ "role": "OTHER" }), Review, &[], &[]),
            (json!({ "full_time": false }), Review, &[], &[]),
            (
                json!({ "accredited": false }),
                Decline,
                &["NOT_ACCREDITED"],
                &[],
            ),
            (
                json!({ "ownership": "FOR_PROFIT" }),
                Decline,
                &["FOR_PROFIT"],
                &[],
            ),
            (
                json!({ "institution_kind": "TRAINING_CENTRE" }),
                Decline,
                &["NOT_EDUCATIONAL"],
                &[],
            ),
            (
                json!({ "use_case": "IT_OPERATIONS" }),
                Decline,
                &["USE_CASE"],
                &[],
            ),
            (json!({ "email": "ada@gmail.com" }), Ask, &[], &[]),
            (json!({ "email": "ada@example.org" }), Review, &[], &[]),
            (json!({ "institution_kind": "SCHOOL_K12" }), Ask, &[], &[]),
            (
                json!({ "institution_kind": "SCHOOL_K12", "hosting": "SELF_MANAGED" }),
                Approve,
                &[],
                &[],
            ),
            (
                json!({ "institution": "U.S. Example Academy" }),
                Hold,
                &[],
                &[],
            ),
            (
                json!({ "institution": "Example Naval College" }),
                Hold,
                &[],
                &[],
            ),
            (
                json!({ "institution": "Università Navale di Esempio" }),
                Approve,
                &[],
                &[],
            ),
            (
                json!({ "email": "ada@example.mil", "website": "https://example.mil" }),
                Hold,
                &[],
                &[],
            ),
            (
                json!({ "country": "CN" }),
                Decline,
                &["SERVED_BY_PARTNER"],
                &[],
            ),
            (
                json!({ "role": "STUDENT", "ownership": "FOR_PROFIT", "country": "RU" }),
                Decline,
                &["FOR_PROFIT", "STUDENT", "COUNTRY_NOT_SERVED"],
                &[],
            ),
        ],
    );
}

#[test]
fn startups_decides_as_the_field_does() {
    let rules = read(&startups()).unwrap();
    let good = json!({
        "first_name": "Ada", "last_name": "Example", "email": "ada@startup.example.org", "country": "KE",
        "company": "Example Ltd", "website": "https://startup.example.org", "billing_address": "1 Example Road",
        "city": "Nairobi", "postal_code": "00100", "backing": "ACCELERATOR", "backer": "Example Accelerator",
        "funding_usd": 4_999_999, "profile_url": "https://profiles.example.org/example",
        "paying_customer": false, "hosting": "SAAS", "seats": 20, "agreement": true
    });
    decides(
        &rules,
        &good,
        &[
            (json!({}), Approve, &[], &[]),
            (json!({ "funding_usd": 0 }), Ask, &[], &[]),
            (
                json!({ "funding_usd": 5_000_000 }),
                Review,
                &[],
                &["early-stage"],
            ),
            (
                json!({ "funding_usd": 20_000_000 }),
                Review,
                &[],
                &["early-stage"],
            ),
            (
                json!({ "funding_usd": 20_000_001 }),
                Decline,
                &["TOO_MUCH_FUNDING"],
                &["early-stage"],
            ),
            (json!({ "backing": "NONE" }), Decline, &["NOT_BACKED"], &[]),
            (
                json!({ "paying_customer": true }),
                Decline,
                &["EXISTING_CUSTOMER"],
                &[],
            ),
            (json!({ "email": "ada@gmail.com" }), Review, &[], &[]),
        ],
    );
    let answers = json!({ "seats": 21 });
    let problems = Form::compile(&rules.form)
        .unwrap()
        .check_partial(answers.as_object().unwrap());
    assert_eq!(problems[0].message, "must be at most 20");
}
