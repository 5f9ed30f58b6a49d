//! What differs between the arguments of two fields, or the fields of two input objects.

use std::collections::BTreeMap;

use async_graphql::parser::types::{BaseType, Type};

use super::Level;
use super::compare::{Findings, both, deprecation};
use super::document::Input;

/// Arguments of a field or a directive.
pub fn arguments(
    findings: &mut Findings,
    place: &str,
    old: &BTreeMap<String, Input>,
    new: &BTreeMap<String, Input>,
) {
    for (name, sides) in both(old, new) {
        one(findings, &format!("{place}({name}:)"), sides);
    }
}

/// Fields of an input object.
pub fn fields(
    findings: &mut Findings,
    place: &str,
    old: &BTreeMap<String, Input>,
    new: &BTreeMap<String, Input>,
) {
    for (name, sides) in both(old, new) {
        one(findings, &format!("{place}.{name}"), sides);
    }
}

fn one(findings: &mut Findings, place: &str, sides: (Option<&Input>, Option<&Input>)) {
    match sides {
        (Some(old), None) => findings.below(old.deprecated, |findings| {
            findings.add(Level::Breaking, place, "is gone");
        }),
        (None, Some(new)) if new.required() => {
            findings.add(Level::Breaking, place, "is new, and required");
        }
        // An answer may follow from what old clients do not send.
        (None, Some(_)) => findings.add(Level::Dangerous, place, "is new"),
        (Some(old), Some(new)) => {
            findings.below(old.deprecated, |findings| {
                changed(findings, place, old, new);
            });
            deprecation(findings, place, old.deprecated, new.deprecated);
        }
        (None, None) => {}
    }
}

fn changed(findings: &mut Findings, place: &str, old: &Input, new: &Input) {
    if old.ty != new.ty {
        let level = if takes(&old.ty, &new.ty) {
            Level::Safe
        } else {
            Level::Breaking
        };
        findings.add(level, place, format!("takes {}, not {}", new.ty, old.ty));
    }
    let what = match (&old.default, &new.default) {
        (Some(old), Some(new)) if old != new => format!("is {new} if left out, not {old}"),
        (Some(old), None) => format!("is not {old} any more if left out"),
        (None, Some(new)) => format!("is {new} if left out"),
        _ => return,
    };
    let level = if !old.required() && new.required() {
        Level::Breaking
    } else {
        Level::Dangerous
    };
    findings.add(level, place, what);
}

/// Whether what was sent for the old type is taken for the new one: it may only be laxer.
///
/// One value is taken for a list of it, but a variable is not: its type must fit.
fn takes(old: &Type, new: &Type) -> bool {
    if old.nullable && !new.nullable {
        return false;
    }
    match (&old.base, &new.base) {
        (BaseType::Named(old), BaseType::Named(new)) => old == new,
        (BaseType::List(old), BaseType::List(new)) => takes(old, new),
        _ => false,
    }
}
