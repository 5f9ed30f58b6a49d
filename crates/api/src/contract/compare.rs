//! What differs between two schemas, type by type.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{BaseType, Type};

use super::document::{Directive, Document, Field, Thing};
use super::inputs;
use super::{Change, Level};

/// Collects what changed below one place.
pub struct Findings {
    /// What was found.
    pub changes: Vec<Change>,
    announced: bool,
}

impl Findings {
    /// Notes a change.
    pub fn add(&mut self, level: Level, coordinate: &str, what: impl Into<String>) {
        self.changes.push(Change {
            level,
            coordinate: coordinate.to_owned(),
            what: what.into(),
            announced: self.announced,
        });
    }

    /// Notes what `look` finds below a place; what is below a deprecated one was announced.
    pub fn below(&mut self, deprecated: bool, look: impl FnOnce(&mut Self)) {
        let outside = self.announced;
        self.announced |= deprecated;
        look(self);
        self.announced = outside;
    }
}

/// Everything that differs.
pub fn documents(old: &Document, new: &Document) -> Vec<Change> {
    let mut findings = Findings {
        changes: Vec::new(),
        announced: false,
    };
    roots(&mut findings, old, new);
    let in_use = old.in_use();
    for (name, sides) in both(&old.types, &new.types) {
        match sides {
            (Some(_), None) => findings.below(!in_use.contains(name), |findings| {
                findings.add(Level::Breaking, name, "is gone");
            }),
            (None, Some(thing)) => {
                findings.add(Level::Safe, name, format!("is new, {}", thing.kind));
            }
            (Some(old), Some(new)) => types(&mut findings, name, old, new),
            (None, None) => {}
        }
    }
    for (name, sides) in both(&old.directives, &new.directives) {
        let place = format!("@{name}");
        match sides {
            (Some(_), None) => findings.add(Level::Breaking, &place, "is gone"),
            (None, Some(_)) => findings.add(Level::Safe, &place, "is new"),
            (Some(old), Some(new)) => directives(&mut findings, &place, old, new),
            (None, None) => {}
        }
    }
    findings.changes
}

/// Each name with what it stands for on either side.
pub fn both<'a, T>(
    old: &'a BTreeMap<String, T>,
    new: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (&'a str, (Option<&'a T>, Option<&'a T>))> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let pair = |name: &'a String| (name.as_str(), (old.get(name), new.get(name)));
    names.into_iter().map(pair)
}

fn roots(findings: &mut Findings, old: &Document, new: &Document) {
    for (root, name) in &old.roots {
        match new.roots.get(root) {
            Some(same) if same == name => {}
            Some(other) => {
                let what = format!("is the {root} type no more; {other} is");
                findings.add(Level::Breaking, name, what);
            }
            // A type that is gone is reported as such.
            None if !new.types.contains_key(name) => {}
            None => findings.add(Level::Breaking, name, format!("is the {root} type no more")),
        }
    }
}

fn types(findings: &mut Findings, name: &str, old: &Thing, new: &Thing) {
    if old.kind != new.kind {
        let what = format!("was {} and is {}", old.kind, new.kind);
        findings.add(Level::Breaking, name, what);
        return;
    }
    for (field, sides) in both(&old.fields, &new.fields) {
        let place = format!("{name}.{field}");
        match sides {
            (Some(old), None) => findings.below(old.deprecated, |findings| {
                findings.add(Level::Breaking, &place, "is gone");
            }),
            (None, Some(_)) => findings.add(Level::Safe, &place, "is new"),
            (Some(old), Some(new)) => fields(findings, &place, old, new),
            (None, None) => {}
        }
    }
    inputs::fields(findings, name, &old.inputs, &new.inputs);
    for (value, sides) in both(&old.values, &new.values) {
        let place = format!("{name}.{value}");
        match sides {
            (Some(deprecated), None) => findings.below(*deprecated, |findings| {
                findings.add(Level::Breaking, &place, "is gone");
            }),
            // Who branches over every value meets one more.
            (None, Some(_)) => findings.add(Level::Dangerous, &place, "is new"),
            (Some(old), Some(new)) => deprecation(findings, &place, *old, *new),
            (None, None) => {}
        }
    }
    names(
        findings,
        name,
        &old.interfaces,
        &new.interfaces,
        "implements",
    );
    names(findings, name, &old.members, &new.members, "contains");
    match (old.one_of, new.one_of) {
        (false, true) => findings.add(Level::Breaking, name, "takes exactly one field now"),
        (true, false) => findings.add(Level::Safe, name, "takes more than one field now"),
        _ => {}
    }
    if old.specified_by != new.specified_by {
        let what = "is specified by another document now";
        findings.add(Level::Dangerous, name, what);
    }
}

fn names(
    findings: &mut Findings,
    name: &str,
    old: &BTreeSet<String>,
    new: &BTreeSet<String>,
    verb: &str,
) {
    for gone in old.difference(new) {
        findings.add(Level::Breaking, name, format!("{verb} {gone} no more"));
    }
    for added in new.difference(old) {
        findings.add(Level::Dangerous, name, format!("{verb} {added} now"));
    }
}

fn fields(findings: &mut Findings, place: &str, old: &Field, new: &Field) {
    findings.below(old.deprecated, |findings| {
        if old.ty != new.ty {
            let level = if answers(&old.ty, &new.ty) {
                Level::Safe
            } else {
                Level::Breaking
            };
            let what = format!("answers {}, not {}", new.ty, old.ty);
            findings.add(level, place, what);
        }
        inputs::arguments(findings, place, &old.arguments, &new.arguments);
    });
    deprecation(findings, place, old.deprecated, new.deprecated);
}

/// Whether who expects the old type can live with the new one: it may only be stricter.
fn answers(old: &Type, new: &Type) -> bool {
    if !old.nullable && new.nullable {
        return false;
    }
    match (&old.base, &new.base) {
        (BaseType::Named(old), BaseType::Named(new)) => old == new,
        (BaseType::List(old), BaseType::List(new)) => answers(old, new),
        _ => false,
    }
}

fn directives(findings: &mut Findings, place: &str, old: &Directive, new: &Directive) {
    inputs::arguments(findings, place, &old.arguments, &new.arguments);
    for gone in old.locations.difference(&new.locations) {
        findings.add(Level::Breaking, place, format!("may not stand on {gone}"));
    }
    for added in new.locations.difference(&old.locations) {
        findings.add(Level::Safe, place, format!("may stand on {added}"));
    }
}

/// Notes that a place is deprecated from now on, or is not any more.
pub fn deprecation(findings: &mut Findings, place: &str, old: bool, new: bool) {
    match (old, new) {
        (false, true) => findings.add(Level::Safe, place, "is deprecated"),
        (true, false) => findings.add(Level::Safe, place, "is not deprecated any more"),
        _ => {}
    }
}
