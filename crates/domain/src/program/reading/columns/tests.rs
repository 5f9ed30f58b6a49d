#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Map, Value, json};

use super::{Columns, Mapping, Target};
use crate::program::form::Form;
use crate::program::reading::candidate::{Candidate, Refused};
use crate::program::rules::Verify;

fn form() -> Form {
    let text = include_str!("../../../../../../programs/open-source/form.schema.json");
    Form::compile(&serde_json::from_str(text).unwrap()).unwrap()
}

fn verify(organization: &str, email: Option<&str>) -> Verify {
    let verify = json!({ "organization": organization, "email": email });
    serde_json::from_value(verify).unwrap()
}

fn columns(mapping: &str) -> Columns {
    let mapping = Mapping::parse(mapping).unwrap();
    Columns::new(&form(), &verify("organization", Some("email")), &mapping).unwrap()
}

fn row(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn refused(refused: &[Refused]) -> Vec<String> {
    refused
        .iter()
        .map(|one| format!("{} {}", one.field, one.reason))
        .collect()
}

#[test]
fn a_column_is_found_by_name_by_title_or_by_the_mapping() {
    let plain = columns("");
    let target = |columns: &Columns, name: &str| match columns.target(name) {
        Some(Target::Field(property)) => property.name.clone(),
        other => format!("{other:?}"),
    };
    for (column, expected) in [
        ("licence", "licence"),
        ("Not for profit", "not_for_profit"),
        ("private-projects", "private_projects"),
        ("E-mail", "email"),
        ("Public address of the source", "repository"),
        ("ORGANIZATION", "organization"),
        ("external id", "Some(ExternalId)"),
        ("Applicant name", "Some(Name)"),
        ("id", "None"),
        ("", "None"),
    ] {
        assert_eq!(target(&plain, column), expected, "{column}");
    }
    let mapped = columns("external_id = \"id\"\n[columns]\n\"Licence type\" = \"licence\"");
    assert_eq!(target(&mapped, "Licence type"), "licence");
    assert_eq!(
        target(&mapped, "licence"),
        "None",
        "what was said outright goes first"
    );
    assert_eq!(target(&mapped, "external_id"), "None");
    assert_eq!(target(&mapped, "ID"), "Some(ExternalId)");
}

#[test]
fn a_file_that_cannot_be_understood_is_refused_before_its_rows() {
    let told = |columns: &Columns, names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        columns.check(&names, true).err().unwrap_or_default()
    };
    let plain = columns("");
    assert_eq!(told(&plain, &["external_id", "email", "notes"]), "");
    assert!(told(&plain, &["id", "email"]).contains("no column holds the external id"));
    assert!(told(&plain, &["external_id", "seats", "Seats"]).contains("same field"));
    let mapped = columns("external_id = \"id\"\n[columns]\n\"Number\" = \"seats\"");
    assert!(told(&mapped, &["id"]).contains("\"Number\""));
    assert!(Mapping::parse("colums = 1").is_err());
    let unknown = Mapping::parse("[columns]\n\"a\" = \"colour\"").unwrap();
    let verify = verify("organization", Some("email"));
    assert!(
        Columns::new(&form(), &verify, &unknown)
            .unwrap_err()
            .contains("no such field")
    );
    let twice = Mapping::parse("external_id = \"a\"\n[columns]\n\"a\" = \"seats\"").unwrap();
    assert!(
        Columns::new(&form(), &verify, &twice)
            .unwrap_err()
            .contains("mapped twice")
    );
}

#[test]
fn a_row_says_who_applies_for_whom_and_what_could_not_be_read() {
    let columns = columns("");
    let full = row(&json!({
        "external_id": 42, "email": "Ada@Example.org", "first_name": "Ada", "last_name": "Example",
        "organization": " Example ", "seats": "about 20", "repository": "n/a", "agreement": "yes", "notes": "x"
    }));
    assert_eq!(columns.external_id(&full), Ok("42".to_owned()));
    let Candidate {
        email,
        name,
        organization,
        answers,
    } = columns.candidate(&full).unwrap();
    assert_eq!(
        (email.as_str(), name.as_str(), organization.as_str()),
        ("ada@example.org", "Ada Example", "Example")
    );
    assert_eq!(answers.unread.get("seats").unwrap(), "about 20");
    assert_eq!(answers.values.get("agreement"), Some(&json!(true)));
    assert!(!answers.values.contains_key("repository") && !answers.values.contains_key("notes"));
}

#[test]
fn a_row_without_anybody_is_refused_with_all_that_is_missing() {
    let columns = columns("");
    let nobody =
        row(&json!({ "external_id": " ", "email": "ada at example", "organization": "-" }));
    assert_eq!(
        columns.external_id(&nobody),
        Err(Refused::new("external_id", "is missing"))
    );
    assert_eq!(
        refused(&columns.candidate(&nobody).unwrap_err()),
        [
            "email must be a mail address such as name@example.org",
            "organization is missing"
        ]
    );
    let twice =
        row(&json!({ "email": "a@example.org", "organization": "A", "seats": 1, "Seats": 2 }));
    assert_eq!(
        refused(&columns.candidate(&twice).unwrap_err()),
        ["seats is given twice, under two names"]
    );
    let long =
        row(&json!({ "email": "a@example.org", "organization": "A", "seats": "x".repeat(70_000) }));
    assert_eq!(
        refused(&columns.candidate(&long).unwrap_err()),
        ["seats cannot be read, and is longer than 64 kB"]
    );
}

#[test]
fn columns_for_the_applicant_answer_the_form_too() {
    let columns = columns(
        "applicant_name = \"Who\"\napplicant_email = \"Contact\"\norganization = \"Account\"",
    );
    let row = row(&json!({ "Who": "A. Example", "Contact": "a@example.org", "Account": "A" }));
    let candidate = columns.candidate(&row).unwrap();
    assert_eq!(
        (candidate.name.as_str(), candidate.email.as_str()),
        ("A. Example", "a@example.org")
    );
    assert_eq!(
        Value::Object(candidate.answers.values),
        json!({ "email": "a@example.org", "organization": "A" })
    );
}

#[test]
fn a_form_that_asks_for_no_mail_takes_it_from_a_column_of_its_own() {
    let schema = json!({ "type": "object", "properties": { "club": { "type": "string" } } });
    let form = Form::compile(&schema).unwrap();
    let columns = Columns::new(&form, &verify("club", None), &Mapping::default()).unwrap();
    let row = row(
        &json!({ "Applicant e-mail": "x", "applicant_email": "club@example.org", "organization": "Club" }),
    );
    let candidate = columns.candidate(&row).unwrap();
    assert_eq!(
        (candidate.name.as_str(), candidate.organization.as_str()),
        ("club", "Club")
    );
    assert_eq!(
        Value::Object(candidate.answers.values),
        json!({ "club": "Club" })
    );
}
