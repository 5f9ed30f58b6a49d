#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::{Form, Kind, PROBLEMS, Problem};

fn open_source() -> Form {
    let text = include_str!("../../../../../programs/open-source/form.schema.json");
    Form::compile(&serde_json::from_str(text).unwrap()).unwrap()
}

fn complete() -> Value {
    json!({
        "first_name": "Ada", "last_name": "Example", "email": "ada@example.org", "country": "DE",
        "organization": "Example Project", "description": "A library that does something useful.",
        "repository": "https://gitlab.com/example/project", "licence": "MIT",
        "not_for_profit": true, "hosting": "SAAS", "seats": 5, "private_projects": 0,
        "federal_entity": false, "agreement": true
    })
}

fn told(problems: &[Problem]) -> Vec<String> {
    let line = |problem: &Problem| format!("{}: {}", problem.field.join("."), problem.message);
    problems.iter().map(line).collect()
}

fn check(form: &Form, answers: &Value) -> Vec<String> {
    told(&form.check(answers.as_object().unwrap()))
}

fn check_partial(form: &Form, answers: &Value) -> Vec<String> {
    told(&form.check_partial(answers.as_object().unwrap()))
}

fn changed(changes: &Value) -> Value {
    let mut answers = complete();
    for (name, value) in changes.as_object().unwrap() {
        answers[name] = value.clone();
    }
    answers
}

#[test]
fn complete_answers_have_no_problem() {
    assert_eq!(check(&open_source(), &complete()), [""; 0]);
}

#[test]
fn every_problem_is_told_at_once_in_the_order_of_the_form_and_in_words_for_people() {
    let answers = changed(&json!({
        "first_name": null, "email": "ada", "country": "Germany", "repository": "ftp://x",
        "hosting": "MOON", "seats": "many", "private_projects": -1, "first_release": "yesterday",
        "agreement": false, "colour": "red"
    }));
    assert_eq!(
        check(&open_source(), &answers),
        [
            "first_name: is required",
            "email: must be a mail address such as name@example.org",
            "country: must be a country code of two capital letters, such as DE",
            "repository: must be a web address that begins with https://",
            "hosting: must be one of SAAS or SELF_MANAGED",
            "seats: must be a whole number",
            "private_projects: must be at least 0",
            "first_release: must be a date such as 2026-11-23",
            "agreement: must be agreed to",
            "colour: is not a field of this form",
        ]
    );
}

#[test]
fn an_answer_can_make_another_one_required() {
    let form = open_source();
    let answers = changed(&json!({ "hosting": "SELF_MANAGED" }));
    assert_eq!(check(&form, &answers), ["self_managed_reason: is required"]);
    assert_eq!(check_partial(&form, &answers), [""; 0]);
}

#[test]
fn a_draft_may_lack_answers_but_those_it_has_must_fit() {
    let form = open_source();
    assert_eq!(check_partial(&form, &json!({})), [""; 0]);
    let begun =
        json!({ "first_name": "", "email": "", "agreement": false, "hosting": "", "seats": 3 });
    assert_eq!(check_partial(&form, &begun), [""; 0]);
    assert_eq!(
        check_partial(&form, &json!({ "seats": 0, "email": "x" })),
        [
            "email: must be a mail address such as name@example.org",
            "seats: must be at least 1"
        ]
    );
}

#[test]
fn answers_that_are_too_much_are_refused_unseen() {
    let form = open_source();
    let fields = (0..101).map(|number| (format!("field{number}"), json!(1)));
    let many = Value::Object(fields.collect());
    assert_eq!(check(&form, &many), [": must have at most 100 fields"]);
    let deep = (0..8).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(
        check(&form, &changed(&json!({ "project": deep }))),
        ["project: must be nested at most 8 deep"]
    );
    let long = changed(&json!({ "project": "x".repeat(64 * 1024) }));
    assert_eq!(check_partial(&form, &long), [": must be at most 64 kB"]);
}

#[test]
fn at_most_fifty_problems_are_told() {
    let schema = json!({ "type": "object", "properties": { "list": { "type": "array", "items": { "type": "integer" } } } });
    let form = Form::compile(&schema).unwrap();
    let answers = json!({ "list": vec!["x"; 200] });
    let problems = form.check(answers.as_object().unwrap());
    assert_eq!(problems.len(), PROBLEMS);
    assert_eq!(problems[49].field, ["list", "49"]);
}

#[test]
fn a_pattern_that_would_take_forever_is_run_in_linear_time_or_refused() {
    let form = |pattern: &str| {
        Form::compile(&json!({
            "type": "object",
            "properties": { "name": { "type": "string", "pattern": pattern } }
        }))
    };
    let evil = form("^(a+)+$").unwrap();
    let answers = json!({ "name": format!("{}b", "a".repeat(10_000)) });
    assert_eq!(
        check(&evil, &answers),
        ["name: is not written as this field needs it"]
    );
    assert!(form("^(?=a)b").is_err(), "looking ahead needs backtracking");
    assert!(form("((a{1000}){1000}){1000}").is_err(), "too large");
}

#[test]
fn a_schema_that_points_outside_is_refused() {
    let schema = json!({ "properties": { "name": { "$ref": "https://example.org/name.json" } } });
    assert!(Form::compile(&schema).is_err());
}

#[test]
fn an_importer_sees_fields_in_the_order_of_the_form_with_their_kinds() {
    let form = open_source();
    let fields = form.properties().iter();
    let fields: Vec<_> = fields
        .map(|field| (field.name.as_str(), field.kind))
        .collect();
    assert_eq!(fields[0], ("first_name", Kind::Text));
    assert_eq!(fields[1], ("last_name", Kind::Text));
    assert!(fields.contains(&("seats", Kind::Integer)));
    assert!(fields.contains(&("not_for_profit", Kind::Boolean)));
    assert_eq!(fields[19], ("marketing_opt_in", Kind::Boolean));
    assert_eq!(form.properties()[0].title, "First name");
}
