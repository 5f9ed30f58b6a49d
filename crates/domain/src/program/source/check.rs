//! What the parts of a program say about each other.

use std::collections::BTreeSet;

use crate::criteria::Ruleset;
use crate::program::rules::Rules;

use super::form::{Form, Kind};
use super::notes::{Notes, suggestion};

/// Notes what contradicts in rules that were read from `program.toml`; without a form, what depends on its
/// fields is not checked.
pub(super) fn check(rules: &Rules, form: Option<&Form>, notes: &Notes) {
    keys_are_unique(rules, notes);
    reasons_exist(rules, notes);
    criteria_exist(rules, notes);
    if let Some(form) = form {
        fields_exist(rules, form, notes);
    }
    if !notes.is_wrong_below("calendar") {
        for (path, message) in rules.calendar.check() {
            notes.wrong(&format!("calendar.{path}"), message);
        }
    }
    if let Err(mut mistakes) = Ruleset::compile(rules) {
        // An expression can be wrong in several ways, unless it was not there to begin with.
        mistakes.retain(|(path, _)| !notes.is_wrong(path));
        for (path, message) in mistakes {
            notes.add(&path, message);
        }
    }
}

fn keys_are_unique(rules: &Rules, notes: &Notes) {
    let benefits = rules.benefits.iter().map(|benefit| &benefit.key);
    unique("benefits", "key", benefits, notes);
    let criteria = rules.criteria.iter().map(|criterion| &criterion.key);
    unique("criteria", "key", criteria, notes);
    let approvals = rules.approvals.iter().map(|limit| &limit.key);
    unique("approvals", "key", approvals, notes);
    let reasons = rules.decline_reasons.iter().map(|reason| &reason.code);
    unique("decline_reasons", "code", reasons, notes);
    let aims: Vec<_> = (rules.kpis.iter())
        .map(|aim| aim.key.as_str().to_owned())
        .collect();
    unique("kpis", "key", aims.iter(), notes);
}

fn unique<'a>(list: &str, key: &str, names: impl Iterator<Item = &'a String>, notes: &Notes) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        if !seen.insert(name) {
            notes.wrong(
                &format!("{list}[{index}].{key}"),
                format!("\"{name}\" is taken by one of the {list} above; choose another {key}"),
            );
        }
    }
}

fn reasons_exist(rules: &Rules, notes: &Notes) {
    let codes: Vec<_> = rules
        .decline_reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    for (index, criterion) in rules.criteria.iter().enumerate() {
        let Some(code) = &criterion.reason else {
            continue;
        };
        if !codes.contains(&code.as_str()) {
            notes.wrong(
                &format!("criteria[{index}].reason"),
                format!(
                    "\"{code}\" is not one of the decline_reasons: {}",
                    suggestion(code, &codes)
                ),
            );
        }
    }
}

fn criteria_exist(rules: &Rules, notes: &Notes) {
    let keys: Vec<_> = rules
        .criteria
        .iter()
        .map(|criterion| criterion.key.as_str())
        .collect();
    for (index, key) in rules.renewal.verify_again.iter().enumerate() {
        if !keys.contains(&key.as_str()) {
            notes.wrong(
                &format!("renewal.verify_again[{index}]"),
                format!(
                    "\"{key}\" is not one of the criteria: {}",
                    suggestion(key, &keys)
                ),
            );
        }
    }
}

fn fields_exist(rules: &Rules, form: &Form, notes: &Notes) {
    let fields: Vec<_> = form
        .properties()
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    let verify = &rules.verify;
    let verified = [
        ("organization", Some(&verify.organization)),
        ("licence", verify.licence.as_ref()),
        ("repository", verify.repository.as_ref()),
        ("website", verify.website.as_ref()),
        ("email", verify.email.as_ref()),
        ("country", verify.country.as_ref()),
        ("region", verify.region.as_ref()),
    ];
    for (key, field) in verified {
        if let Some(field) = field
            && !fields.contains(&field.as_str())
        {
            notes.wrong(
                &format!("verify.{key}"),
                format!(
                    "the form has no field \"{field}\": {}",
                    suggestion(field, &fields)
                ),
            );
        }
    }
    for (index, benefit) in rules.benefits.iter().enumerate() {
        let Some(field) = &benefit.quantity_field else {
            continue;
        };
        let mut properties = form.properties().iter();
        let message = match properties.find(|property| property.name == *field) {
            None => format!(
                "the form has no field \"{field}\": {}",
                suggestion(field, &fields)
            ),
            Some(property) if property.kind != Kind::Integer => {
                format!("the field \"{field}\" must have the type \"integer\" to ask for a number")
            }
            Some(_) => continue,
        };
        notes.wrong(&format!("benefits[{index}].quantity_field"), message);
    }
}
