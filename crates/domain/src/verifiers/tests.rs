#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::facts::Fact;

/// Rules that verify everything, with the given parts instead of their own.
pub(crate) fn rules(parts: &Value) -> Rules {
    let mut rules = json!({
        "key": "open-source",
        "name": "Open Source",
        "summary": "For open-source projects.",
        "promise": { "aim_days": 5, "limit_days": 10 },
        "automation": { "approve": "OFF", "decline": "OFF" },
        "waiting": { "draft_days": 30, "question_days": 14, "warn_days": 3 },
        "verify": {
            "organization": "name", "licence": "licence", "repository": "repository", "website": "website",
            "email": "email", "country": "country", "region": "region"
        },
        "benefits": [],
        "renewal": { "term_months": 12, "window_days": 60, "grace_days": 30 },
        "criteria": [],
        "trade": [{ "place": "UA-43", "outcome": "RESTRICTED" }],
        "decline_reasons": [],
        "calendar": { "time_zone": "UTC", "edition": [] },
        "form": { "properties": {
            "name": { "title": "Name of the project" }, "licence": {}, "repository": {}, "website": {}, "email": {},
            "country": {}, "region": {}, "stars": { "type": "integer" }, "topics": { "type": "array" },
            "paid": { "enum": ["none", "support"] }, "since": { "format": "date" }
        } }
    });
    for (key, part) in parts.as_object().unwrap() {
        rules[key] = part.clone();
    }
    serde_json::from_value(rules).unwrap()
}

fn answers(values: &Value) -> Answers {
    Answers {
        values: values.as_object().unwrap().clone(),
        ..Answers::default()
    }
}

fn day() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

fn derived(values: &Value, lookups: &Lookups) -> Facts {
    derive(&rules(&json!({})), &answers(values), lookups, day())
}

/// The values of all facts that a verifier gave; null where they are unknown.
fn verified(facts: &Facts) -> Value {
    facts
        .0
        .iter()
        .filter(|(name, _)| is_verified(name))
        .map(|(name, fact)| (name.clone(), fact.value.clone().unwrap_or_default()))
        .collect()
}

#[test]
fn everything_that_was_answered_is_verified() {
    let facts = derived(
        &json!({
            "name": "Agora", "licence": "mit OR Apache-2.0", "repository": "git@github.com:Stoa/Agora.git",
            "website": "https://www.cs.ox.ac.uk/agora", "email": "Ada@maths.ox.ac.uk", "country": "UA", "region": "UA-30"
        }),
        &Lookups {
            academic_mail: Some("ox.ac.uk (University of Oxford)".to_owned()),
            academic_entries: 100,
            same_name: 1,
            same_domain: 2,
            is_member: true,
            ..Lookups::default()
        },
    );
    assert_eq!(
        verified(&facts),
        json!({
            "licence_expression": "MIT OR Apache-2.0",
            "licence_osi_approved": true,
            "repository_url": "https://github.com/stoa/agora",
            "repository_domain": "github.com",
            "website_domain": "ox.ac.uk",
            "website_academic": false,
            "mail_domain": "ox.ac.uk",
            "mail_disposable": false,
            "mail_free": false,
            "mail_academic": true,
            "mail_government": false,
            "mail_matches_website": true,
            "country_restricted": false,
            "country_review": false,
            "applied_before": 2,
            "is_member": true,
        })
    );
    assert_eq!(
        facts.0["mail_academic"].evidence,
        "`maths.ox.ac.uk` is in the registry of academic domains: ox.ac.uk (University of Oxford)"
    );
    assert_eq!(
        facts.0["applied_before"].evidence,
        "other applications to this program: 1 with the same name, 2 with the same domain, 0 with the same repository"
    );
}

#[test]
fn what_was_not_answered_is_unknown_and_says_so() {
    let facts = derived(&json!({}), &Lookups::default());
    for (name, fact) in &facts.0 {
        let known = matches!(name.as_str(), "applied_before" | "is_member");
        assert_eq!(fact.value.is_some(), known, "{name}");
        assert!(
            known || fact.evidence.contains("not answered"),
            "{name}: {}",
            fact.evidence
        );
    }
    let rules = rules(&json!({}));
    let names: BTreeSet<_> = facts.0.into_keys().collect();
    assert_eq!(names, available(&rules));
}

#[test]
fn an_empty_registry_knows_nothing() {
    let values = json!({ "email": "ada@wisc.edu", "website": "https://wisc.edu" });
    let facts = derived(&values, &Lookups::default());
    assert_eq!(facts.value("mail_domain"), Some(&json!("wisc.edu")));
    assert_eq!(facts.value("mail_academic"), None);
    assert_eq!(facts.value("website_academic"), None);
}

#[test]
fn placeholders_are_no_answers_unless_the_form_offers_them() {
    for (field, value, known) in [
        ("licence", json!("n/a"), false),
        ("licence", json!(" N/A "), false),
        ("licence", json!("None"), false),
        ("licence", json!("-"), false),
        ("licence", json!(""), false),
        ("licence", json!("  "), false),
        ("licence", json!(null), false),
        ("paid", json!("none"), true),
        ("paid", json!("support"), true),
        ("country", json!("NA"), true),
        ("stars", json!(0), true),
        ("topics", json!([]), true),
        ("paid", json!(false), true),
    ] {
        let facts = derived(&json!({ field: value }), &Lookups::default());
        assert_eq!(facts.value(field).is_some(), known, "{field}: {value}");
    }
}

#[test]
fn what_could_not_be_read_is_unknown_with_the_raw_text() {
    let mut answers = answers(&json!({ "stars": 5 }));
    let raw = "about 843 025 190 (see the sentence)".to_owned();
    answers.unread.insert("stars".to_owned(), raw);
    answers.unread.insert("email".to_owned(), "x".repeat(5_000));
    let facts = derive(&rules(&json!({})), &answers, &Lookups::default(), day());
    assert_eq!(
        facts.0["stars"],
        Fact {
            value: None,
            source: Source::Applicant,
            evidence: "could not be read: “about 843 025 190 (see the sentence)”".to_owned(),
        }
    );
    assert!(facts.0["email"].evidence.len() < 300);
    assert_eq!(facts.value("mail_domain"), None);
}

#[test]
fn an_applicant_cannot_answer_for_a_verifier() {
    let rules = rules(&json!({
        "verify": { "organization": "name" },
        "form": { "properties": { "name": {}, "mail_academic": {} } }
    }));
    let answers = answers(&json!({ "mail_academic": true, "is_member": true, "extra": 1 }));
    let facts = derive(&rules, &answers, &Lookups::default(), day());
    assert_eq!(facts.value("mail_academic"), None);
    assert_eq!(facts.value("is_member"), Some(&json!(false)));
    assert_eq!(facts.value("extra"), Some(&json!(1)));
    let names: Vec<_> = available(&rules).into_iter().collect();
    assert_eq!(names, ["applied_before", "is_member", "name"]);
}

#[test]
fn lookups_are_asked_with_what_stands_for_the_organisation() {
    let keys = |values: &Value| lookup_keys(&rules(&json!({})), &answers(values));
    assert_eq!(
        keys(&json!({
            "name": " Zürich  ÖPNV e.V. ", "email": "ada@gmail.com", "website": "https://x.wisc.edu",
            "repository": "https://github.com/Stoa/Agora.git"
        })),
        LookupKeys {
            organization: Some("zürich öpnv e v".to_owned()),
            mail_domains: vec!["gmail.com".to_owned(), "com".to_owned()],
            website_domains: vec![
                "x.wisc.edu".to_owned(),
                "wisc.edu".to_owned(),
                "edu".to_owned()
            ],
            own_domains: vec!["wisc.edu".to_owned()],
            repository: Some("https://github.com/stoa/agora".to_owned()),
        }
    );
    assert_eq!(
        keys(&json!({ "name": "n/a", "website": "https://github.com/stoa" })).own_domains,
        [""; 0]
    );
    assert_eq!(
        keys(&json!({ "name": "—", "email": "n/a", "repository": "n/a" })),
        LookupKeys::default()
    );
}

#[test]
fn every_fact_of_a_verifier_is_named_once() {
    let names: BTreeSet<_> = FACTS.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), FACTS.len());
    let types = ["bool", "int", "string"];
    assert!(FACTS.iter().all(|(_, kind, _)| types.contains(kind)));
}

proptest! {
    #[test]
    fn whatever_was_answered_every_fact_is_there_with_evidence(
        texts in prop::collection::vec(any::<String>(), 7)
    ) {
        let rules = rules(&json!({}));
        let fields = ["name", "licence", "repository", "website", "email", "country", "region"];
        let values: Value = fields.iter().zip(texts).map(|(field, text)| (*field, json!(text))).collect();
        let facts = derive(&rules, &answers(&values), &Lookups::default(), day());
        let _ = lookup_keys(&rules, &answers(&values));
        for name in available(&rules) {
            prop_assert!(facts.0.get(&name).is_some_and(|fact| !fact.evidence.is_empty()), "{}", name);
        }
    }
}
