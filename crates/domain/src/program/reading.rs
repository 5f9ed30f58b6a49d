//! Reading what people wrote into spreadsheets: a raw text becomes the value that a field of the form
//! asks for, or it stays unknown.
//!
//! Nothing is guessed (`community-programs.md` §6 "Free-text trouble"). A text that means two things, such as
//! `03/04/2026`, and one that only holds an answer somewhere inside, such as `about 20`, are left unread: the
//! raw text is kept and a person looks at it.

pub mod candidate;
pub mod columns;
mod date;
mod number;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::form::{Kind, Property};
use crate::text;
use crate::verifiers::domains;

/// What a raw text came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// The value that the field asks for.
    Value(Value),
    /// The field was left empty.
    Nothing,
    /// It cannot be told what was meant.
    Unread,
}

/// What people write where there is no answer. `unknown` and `?` are not among them: they are an answer
/// that a person should ask about.
const NOTHING: &[&str] = &["n/a", "n.a.", "none", "null", "nil", "-", "--", "—", "–"];

/// The value of a field that was written as this text.
pub fn read_value(property: &Property, raw: &str) -> Reading {
    let text = raw.trim();
    if text.is_empty() {
        return Reading::Nothing;
    }
    if text.chars().any(is_hidden) {
        return Reading::Unread;
    }
    if let Some(value) = chosen(property, text) {
        return Reading::Value(value);
    }
    let free =
        property.kind == Kind::Text && property.format.is_none() && property.choices.is_empty();
    if !free && says_nothing(text) {
        return Reading::Nothing;
    }
    offered(property, typed(property, text))
}

/// The value of a field that came with a type of its own.
pub fn read_json(property: &Property, raw: &Value) -> Reading {
    match (raw, property.kind) {
        (Value::Null, _) => Reading::Nothing,
        (Value::String(text), _) => read_value(property, text),
        (Value::Number(number), Kind::Text | Kind::Boolean) => {
            read_value(property, &number.to_string())
        }
        (Value::Number(number), Kind::Integer) => {
            offered(property, number::whole(&number.to_string()))
        }
        (Value::Array(entries), Kind::List) => offered(property, list(property, entries)),
        (Value::Bool(_), Kind::Boolean)
        | (Value::Number(_), Kind::Number)
        | (Value::Object(_), Kind::Object) => offered(property, Some(raw.clone())),
        _ => Reading::Unread,
    }
}

/// Whether a text only says that there is no answer.
pub fn says_nothing(text: &str) -> bool {
    NOTHING.contains(&text.trim().to_lowercase().as_str())
}

/// A name as columns and choices are compared: `Self-managed` is `SELF_MANAGED`.
pub fn comparable(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '_'));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

/// A control character that is no part of a text of several lines.
fn is_hidden(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

/// The one choice of this value or title.
fn chosen(property: &Property, text: &str) -> Option<Value> {
    let choices = &property.choices;
    if let Some(exact) = choices.iter().find(|choice| choice.value == *text) {
        return Some(exact.value.clone());
    }
    let wanted = comparable(text);
    let mut meant = choices.iter().filter(|choice| {
        let value = choice
            .value
            .as_str()
            .map_or_else(|| choice.value.to_string(), str::to_owned);
        comparable(&value) == wanted || comparable(&choice.title) == wanted
    });
    match (meant.next(), meant.next()) {
        (Some(choice), None) if !wanted.is_empty() => Some(choice.value.clone()),
        _ => None,
    }
}

/// What was read, if the field offers it and it is not out of all proportion: digits that were glued together
/// make numbers beyond what the form takes.
fn offered(property: &Property, value: Option<Value>) -> Reading {
    let Some(value) = value else {
        return Reading::Unread;
    };
    let maximum = property
        .maximum
        .as_ref()
        .and_then(serde_json::Number::as_f64);
    let beyond = maximum.is_some_and(|most| value.as_f64().is_some_and(|number| number > most));
    let choices = &property.choices;
    let known = choices.is_empty() || choices.iter().any(|choice| choice.value == value);
    if known && !beyond {
        Reading::Value(value)
    } else {
        Reading::Unread
    }
}

fn typed(property: &Property, text: &str) -> Option<Value> {
    match property.kind {
        Kind::Text => formatted(property.format.as_deref(), text).map(Value::from),
        Kind::Integer => number::whole(text),
        Kind::Number => number::any(text),
        Kind::Boolean => yes_or_no(text).map(Value::from),
        Kind::List => entries(property, text).and_then(|entries| list(property, &entries)),
        Kind::Object => {
            let value: Value = serde_json::from_str(text).ok()?;
            value.is_object().then_some(value)
        }
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" => Some(true),
        "no" | "n" | "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

fn formatted(format: Option<&str>, text: &str) -> Option<String> {
    let kept = || text.to_owned();
    match format {
        Some("date") => date::read(text).map(|date| date.to_string()),
        Some("date-time") => chrono::DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|_| kept()),
        Some("email" | "idn-email") => text::mail(text).ok().map(|_| kept()),
        Some("uri" | "iri") => address(text),
        _ => Some(kept()),
    }
}

/// A web address; `https://` is added only to what plainly is a host with or without a path.
fn address(text: &str) -> Option<String> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let plain = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
        return (plain && !rest.is_empty()).then(|| text.to_owned());
    }
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let top = host.rsplit('.').next().unwrap_or_default();
    let plain = !text.contains('@')
        && domains::host(host).is_ok()
        && top.chars().count() >= 2
        && top.chars().all(char::is_alphabetic);
    plain.then(|| format!("https://{text}"))
}

/// Each entry, read as the list wants it; empty ones are left out.
fn list(property: &Property, entries: &[Value]) -> Option<Value> {
    let Some(item) = property.items.as_deref() else {
        return Some(Value::from(entries));
    };
    let mut values = Vec::with_capacity(entries.len());
    for entry in entries {
        match read_json(item, entry) {
            Reading::Value(value) => values.push(value),
            Reading::Nothing => {}
            Reading::Unread => return None,
        }
    }
    Some(Value::Array(values))
}

/// The entries of a list in one cell: a JSON list, or texts between `;`, `|` or line ends. Commas part only
/// choices: elsewhere they may belong to an entry.
fn entries(property: &Property, text: &str) -> Option<Vec<Value>> {
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let parted = |by: &[char]| {
        let parts = text
            .split(by)
            .map(str::trim)
            .filter(|part| !part.is_empty());
        Some(parts.map(Value::from).collect())
    };
    if text.contains([';', '|', '\n']) {
        return parted(&[';', '|', '\n']);
    }
    let chosen = property
        .items
        .as_ref()
        .is_some_and(|item| !item.choices.is_empty());
    if chosen || !text.contains(',') {
        return parted(&[',']);
    }
    None
}
