#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::facts::Source;
use crate::program::Rules;
use crate::verifiers::tests::rules;

fn facts(known: &Value) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in known.as_object().unwrap() {
        if value.is_null() {
            facts.unknown(name, Source::Applicant, "not answered".to_owned());
        } else {
            facts.know(
                name,
                value.clone(),
                Source::Applicant,
                "answered".to_owned(),
            );
        }
    }
    facts
}

fn known() -> Facts {
    facts(&json!({
        "licence_osi_approved": true, "stars": 120, "share": 0.5, "country": "DE", "since": "2026-03-01",
        "topics": ["science", "cli"], "address": { "city": "Bern", "street": null }, "region": null, "big": 1u64 << 63
    }))
}

fn missing(names: &[&str]) -> Result<bool, Problem> {
    Err(Problem::Missing(
        names.iter().map(|name| (*name).to_owned()).collect(),
    ))
}

#[test]
fn an_expression_holds_or_does_not_or_says_what_it_misses() {
    for (text, expected) in [
        ("licence_osi_approved", Ok(true)),
        ("!licence_osi_approved", Ok(false)),
        ("stars >= 100 && country in ['DE', 'FR']", Ok(true)),
        (
            "stars + 1 == 121 && stars > 99.5 && share * 2.0 == 1.0",
            Ok(true),
        ),
        ("big > stars", Ok(true)),
        ("size(topics) == 2 && 'cli' in topics", Ok(true)),
        ("topics.exists(topic, topic.startsWith('sci'))", Ok(true)),
        ("topics.all(t, t.matches(r'^[a-z]{1,9}$'))", Ok(true)),
        (
            "topics.filter(t, t != 'cli').map(t, size(t)) == [7]",
            Ok(true),
        ),
        (
            "address.city == 'Bern' && has(address.city) && !has(address.zip)",
            Ok(true),
        ),
        ("address.street == null", Ok(true)),
        // Dates are texts and compare as such; instants are made of them.
        ("since >= '2026-01-01' && since < '2026-04-01'", Ok(true)),
        (
            "timestamp(since + 'T00:00:00Z') < timestamp('2026-12-01T00:00:00Z') - duration('24h')",
            Ok(true),
        ),
        (
            "timestamp(since + 'T00:00:00Z').getFullYear() == 2026",
            Ok(true),
        ),
        // What is unknown is unknown, unless the rest decides.
        ("region == 'UA-43'", missing(&["region"])),
        ("!(region == 'UA-43')", missing(&["region"])),
        ("region == null", missing(&["region"])),
        (
            "region == null || never == 1 || !licence_osi_approved",
            missing(&["region", "never"]),
        ),
        ("true || region == 'x'", Ok(true)),
        ("region == 'x' || licence_osi_approved", Ok(true)),
        ("region == 'x' && stars < 1", Ok(false)),
        ("stars < 1 ? region == 'x' : true", Ok(true)),
        ("has(region.part)", missing(&["region"])),
        ("topics.exists(t, t == region)", missing(&["region"])),
        ("region.exists(t, true)", missing(&["region"])),
    ] {
        let expression = Expression::compile(text).unwrap();
        assert_eq!(expression.evaluate(&known()), expected, "{text}");
    }
}

#[test]
fn an_expression_that_fails_is_unknown_and_never_true() {
    for text in [
        "stars / 0 == 1",
        "stars % 0 == 1",
        "stars < 'a'",
        "stars",
        "country",
        "null",
        "topics[9] == 'x'",
        "address.zip == 1",
        "size(stars) == 1",
        "int('x') == 1",
        "9223372036854775807 + stars > 0",
        "big + 1 > 0",
        "timestamp('2026-01-01') == timestamp('2026-01-01')",
        "stars ? true : false",
        "country && true",
        "!stars",
        "stars.exists(x, true)",
        "{[1]: 2}.size() == 1",
        "timestamp('2026-01-01T00:00:00Z').getHours('Nowhere/City') == 1",
    ] {
        let outcome = Expression::compile(text).unwrap().evaluate(&known());
        assert!(
            matches!(outcome, Err(Problem::Failed(_))),
            "{text}: {outcome:?}"
        );
    }
}

#[test]
fn a_fact_that_is_too_long_counts_as_unknown() {
    let expression = Expression::compile("size(text) > 0").unwrap();
    let outcome = |value: Value| expression.evaluate(&facts(&json!({ "text": value })));
    let too_large = Err(Problem::TooLarge(vec!["text".to_owned()]));
    assert_eq!(outcome(json!("ä".repeat(10_000))), Ok(true));
    assert_eq!(outcome(json!("ä".repeat(10_001))), too_large);
    assert_eq!(outcome(json!(vec![0; 1_000])), Ok(true));
    assert_eq!(outcome(json!(vec![0; 1_001])), too_large);
    assert_eq!(outcome(json!([vec![0; 600], vec![0; 600]])), too_large);
    assert_eq!(outcome(json!(vec!["x".repeat(101); 100])), too_large);
    let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(outcome(deep(16)), Ok(true));
    assert_eq!(outcome(deep(17)), too_large);
}

#[test]
fn an_expression_names_its_facts_in_order_and_no_loop_variables() {
    let text = "b > 1 && topics.all(t, t != a && size(b) > 0) && address.city.contains(t)";
    let expression = Expression::compile(text).unwrap();
    assert_eq!(
        expression.references(),
        ["b", "topics", "a", "address", "t"]
    );
}

#[test]
fn a_ruleset_tells_all_its_mistakes_at_once() {
    let criterion = |expression: &str| json!({ "key": "k", "statement": "s", "expression": expression, "unmet": "ASK", "fix": "f" });
    let limit = |when: &str| json!({ "key": "l", "when": when, "statement": "s" });
    let rules = rules(&json!({
        "verify": { "organization": "name", "email": "email" },
        "form": { "properties": { "name": {}, "email": {}, "stars": {}, "is_member": {} } },
        "criteria": [criterion("stars > 1"), criterion("stars >"), criterion("star > 1 && licence_osi_approved")],
        "approvals": [limit("mail_academic"), limit("shout(name)")],
    }));
    let mistakes = Ruleset::compile(&rules).unwrap_err();
    let paths: Vec<_> = mistakes.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "form.properties.is_member",
            "criteria[1].expression",
            "criteria[2].expression",
            "criteria[2].expression",
            "approvals[1].when",
        ]
    );
    assert!(
        mistakes[1].1.starts_with("line 1, column 8: "),
        "{}",
        mistakes[1].1
    );
    assert_eq!(
        mistakes[3].1,
        "there is no fact `licence_osi_approved`: the facts are applied_before, email, is_member, mail_academic, \
         mail_disposable, mail_domain, mail_free, mail_government, name, stars"
    );
    assert_eq!(mistakes[4].1, "there is no function `shout`");
}

/// Rules with one criterion for each consequence, over facts of the same name.
fn four() -> Rules {
    let criteria: Vec<_> = ["DECLINE", "HOLD", "ASK", "REVIEW"]
        .into_iter()
        .map(|unmet| {
            let name = unmet.to_lowercase();
            let reason = format!("NO_{unmet}");
            json!({ "key": name, "statement": "s", "expression": name, "unmet": unmet, "reason": reason, "fix": "f" })
        })
        .collect();
    rules(&json!({
        "form": { "properties": { "decline": {}, "hold": {}, "ask": {}, "review": {}, "seats": {} } },
        "criteria": criteria,
        "approvals": [{ "key": "many-seats", "when": "seats > 100", "statement": "s" }],
    }))
}

fn evaluate(rules: &Rules, facts: &Facts) -> Evaluation {
    let ruleset = Ruleset::compile(rules).unwrap();
    let id = Uuid::from_u128(1);
    let at = Timestamp::UNIX_EPOCH;
    ruleset.evaluate(facts, Id::new(id), Id::new(id), Id::new(id), at)
}

#[test]
fn the_findings_make_one_recommendation() {
    use Recommendation::{Approve, Ask, Decline, Hold, Review};
    let (yes, no, unknown) = (json!(true), json!(false), json!(null));
    for (decline, hold, ask, review, expected) in [
        (&yes, &yes, &yes, &yes, Approve),
        (&no, &yes, &yes, &yes, Decline),
        (&no, &unknown, &unknown, &unknown, Decline),
        (&no, &no, &no, &no, Decline),
        (&unknown, &yes, &yes, &yes, Review),
        (&unknown, &no, &no, &no, Review),
        (&yes, &no, &no, &unknown, Review),
        (&yes, &no, &no, &no, Hold),
        (&yes, &yes, &no, &no, Ask),
        (&yes, &yes, &yes, &no, Review),
        (&yes, &yes, &yes, &unknown, Review),
    ] {
        let facts =
            facts(&json!({ "decline": decline, "hold": hold, "ask": ask, "review": review }));
        let evaluation = evaluate(&four(), &facts);
        assert_eq!(
            evaluation.recommendation, expected,
            "{decline} {hold} {ask} {review}"
        );
    }
    let nothing_judged = evaluate(&rules(&json!({})), &facts(&json!({})));
    assert_eq!(nothing_judged.recommendation, Review);
}

#[test]
fn an_evaluation_keeps_reasons_limits_and_the_facts_it_used() {
    let mut rules = four();
    rules.criteria[3].reason = Some("NO_DECLINE".to_owned());
    let evaluation = evaluate(
        &rules,
        &facts(
            &json!({ "decline": false, "hold": null, "ask": false, "review": false, "seats": 100 }),
        ),
    );
    assert_eq!(evaluation.reasons, ["NO_DECLINE", "NO_ASK"]);
    assert_eq!(evaluation.limits, [""; 0]);
    let [decline, hold, ..] = evaluation.findings.as_slice() else {
        panic!("{:?}", evaluation.findings);
    };
    assert_eq!(
        (decline.criterion.as_str(), decline.outcome),
        ("decline", Outcome::Unmet)
    );
    assert_eq!(decline.facts, facts(&json!({ "decline": false })));
    assert_eq!(hold.outcome, Outcome::Unknown);
    assert_eq!(
        hold.problem.as_deref(),
        Some("`hold` is not known: not answered")
    );
    assert_eq!(hold.facts, facts(&json!({ "hold": null })));
}

#[test]
fn a_limit_applies_when_it_holds_and_when_it_cannot_be_told() {
    for (seats, over) in [
        (json!(100), false),
        (json!(101), true),
        (json!(null), true),
        (json!("x"), true),
    ] {
        let evaluation = evaluate(&four(), &facts(&json!({ "seats": seats })));
        assert_eq!(evaluation.limits == ["many-seats"], over, "{seats}");
    }
}

#[test]
fn compiled_rules_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Ruleset>();
}
