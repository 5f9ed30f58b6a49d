//! `form.schema.json`: whether it is a form, and where it is not.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jsonschema::ValidationError;
use jsonschema::paths::LocationSegment;
use serde_json::Value;

use crate::verifiers;

use super::form::{ASKED, FIELDS, Form, IN_REVIEW};
use super::notes::{Notes, suggestion};
use super::{Mistake, Source};

/// The file's name in the program directory.
const FILE: &str = "form.schema.json";

/// The dialect that frontends and the service agree on.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The most references a form may have.
const REFERENCES: usize = 100;

/// The form's schema and the form, if there is nothing wrong with it.
pub(super) fn read(source: &Source, mistakes: &mut Vec<Mistake>) -> Option<(Value, Form)> {
    let Some(text) = source.files.get(FILE) else {
        mistakes.push(mistake(
            1,
            format!("write the form, {FILE}, as a JSON Schema"),
        ));
        return None;
    };
    let schema: Value = match serde_json::from_str(text) {
        Ok(schema) => schema,
        Err(error) => {
            // The line is said apart.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let message = format!("this is not JSON: {message}");
            mistakes.push(mistake(error.line().max(1), message));
            return None;
        }
    };
    let notes = Notes::new(FILE, lines(text));
    check(&schema, &notes);
    // What is no form yet would only be told once more.
    let form = if notes.is_wrong_below("") {
        None
    } else {
        Form::build(&schema)
            .inspect_err(|error| {
                notes.wrong(&path(error), unusable(&schema, error));
            })
            .ok()
    };
    mistakes.extend(notes.into_mistakes());
    Some((schema, form?))
}

fn check(schema: &Value, notes: &Notes) {
    match schema.get("$schema").map(Value::as_str) {
        None | Some(Some(DIALECT)) => {}
        Some(_) => notes.wrong(".$schema", format!("\"$schema\" must be \"{DIALECT}\"")),
    }
    let meta = jsonschema::draft202012::meta::validator();
    for error in meta.iter_errors(schema) {
        notes.wrong(&path(&error), format!("this is not JSON Schema: {error}"));
    }
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        notes.wrong(".type", "a form has the \"type\" \"object\"");
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        notes.wrong(
            ".properties",
            "a form has \"properties\", one for each field",
        );
        return;
    };
    if properties.len() > FIELDS {
        let message = format!("a form has at most {FIELDS} fields");
        notes.wrong(".properties", message);
    }
    if check_references(schema, "", false, notes) > REFERENCES {
        let message = format!("a form has at most {REFERENCES} \"$ref\"");
        notes.wrong(".$defs", message);
    }
    for (name, property) in properties {
        check_field(name, property, notes);
    }
    let known: Vec<_> = properties.keys().map(String::as_str).collect();
    let required = schema.get("required").and_then(Value::as_array);
    for (index, name) in required.into_iter().flatten().enumerate() {
        if let Some(name) = name.as_str()
            && !known.contains(&name)
        {
            let suggestion = suggestion(name, &known);
            let message = format!("\"{name}\" is required and no field: {suggestion}");
            notes.wrong(&format!(".required[{index}]"), message);
        }
    }
}

/// References that lead to references can make a few lines cost forever, so they may only name definitions
/// that have none. Counts them.
fn check_references(value: &Value, place: &str, in_definition: bool, notes: &Notes) -> usize {
    match value {
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| {
                let place = format!("{place}.{key}");
                let message = match (key.as_str(), value.as_str()) {
                    ("$dynamicRef", Some(_)) => "write \"$ref\" instead",
                    ("$ref", Some(_)) if in_definition => {
                        "a definition must not refer to another one"
                    }
                    ("$ref", Some(target)) if !target.starts_with("#/$defs/") => {
                        "refer to \"#/$defs/…\", a definition in this file"
                    }
                    ("$ref", Some(_)) => return 1,
                    _ => {
                        return check_references(
                            value,
                            &place,
                            in_definition || key == "$defs",
                            notes,
                        );
                    }
                };
                notes.wrong(&place, message);
                1
            })
            .sum(),
        Value::Array(items) => (items.iter().enumerate())
            .map(|(index, item)| {
                check_references(item, &format!("{place}[{index}]"), in_definition, notes)
            })
            .sum(),
        _ => 0,
    }
}

fn check_field(name: &str, field: &Value, notes: &Notes) {
    let place = format!(".properties.{name}");
    if verifiers::FACTS.iter().any(|(known, ..)| *known == name) {
        let message =
            format!("a verifier gives the fact \"{name}\"; choose another name for the field");
        notes.wrong(&place, message);
    }
    if field.get(ASKED).is_some_and(|asked| asked != IN_REVIEW) {
        let message = format!(
            "\"{ASKED}\" can only be \"{IN_REVIEW}\"; leave it out for a field asked at submission"
        );
        notes.wrong(&format!("{place}.{ASKED}"), message);
    }
    for key in ["title", "description"] {
        let text = field.get(key).and_then(Value::as_str).map(str::trim);
        if text.is_none_or(str::is_empty) {
            let message = format!("the field \"{name}\" needs a \"{key}\", which people read");
            notes.wrong(&format!("{place}.{key}"), message);
        }
    }
}

fn unusable(schema: &Value, error: &ValidationError<'_>) -> String {
    let place = error.instance_path().as_str();
    let text = schema.pointer(place).unwrap_or(&Value::Null);
    if place.ends_with("/pattern") {
        format!(
            "{text} is no pattern that runs in linear time; write it without looking around and without references"
        )
    } else if place.ends_with("/format") {
        format!(
            "{text} is no format; known are email, uri, date, date-time and others of JSON Schema"
        )
    } else {
        format!("this cannot be used in a form: {error}")
    }
}

/// Where in the schema an error is, as lines are looked up.
fn path(error: &ValidationError<'_>) -> String {
    let segments = error.instance_path().segments();
    segments.fold(String::new(), |path, segment| match segment {
        LocationSegment::Property(name) => format!("{path}.{name}"),
        LocationSegment::Index(index) => format!("{path}[{index}]"),
    })
}

fn mistake(line: usize, message: String) -> Mistake {
    Mistake {
        file: FILE.to_owned(),
        line,
        message,
    }
}

/// The line of every key and list item of a JSON text that is known to be well formed, by path (`.properties.seats`).
fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    // For each open object or list: its path, and the number of the item that is next in a list.
    let mut open: Vec<(String, Option<usize>)> = Vec::new();
    // The path of the value that comes next, and whether it is a list item whose line is still to be told.
    let mut path = String::new();
    let mut is_item = false;
    let mut line = 1;
    let mut letters = text.char_indices().peekable();
    while let Some((offset, letter)) = letters.next() {
        if is_item && !letter.is_whitespace() {
            lines.insert(path.clone(), line);
            is_item = false;
        }
        match letter {
            '\n' => line += 1,
            '{' => open.push((path.clone(), None)),
            '[' => {
                open.push((path.clone(), Some(0)));
                path.push_str("[0]");
                is_item = true;
            }
            '}' | ']' => drop(open.pop()),
            ',' => {
                if let Some((parent, Some(index))) = open.last_mut() {
                    *index += 1;
                    path = format!("{parent}[{index}]");
                    is_item = true;
                }
            }
            '"' => {
                let mut escaped = false;
                let end = letters.find(|(_, letter)| {
                    let ends = *letter == '"' && !escaped;
                    escaped = *letter == '\\' && !escaped;
                    ends
                });
                let name = end.and_then(|(end, _)| text.get(offset..=end));
                let is_key = (text.get(end.map_or(offset, |(end, _)| end + 1)..))
                    .is_some_and(|rest| rest.trim_start().starts_with(':'));
                if let (Some((parent, None)), Some(name), true) = (open.last(), name, is_key) {
                    let name: String = serde_json::from_str(name).unwrap_or_default();
                    path = format!("{parent}.{name}");
                    lines.insert(path.clone(), line);
                }
            }
            _ => {}
        }
    }
    lines
}
