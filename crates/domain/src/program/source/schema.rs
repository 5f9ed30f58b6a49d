//! `form.schema.json`: whether it is a form, and where it is not.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::verifiers;

use super::form::Form;
use super::notes::Notes;
use super::{Mistake, Source};

/// The file's name in the program directory.
const FILE: &str = "form.schema.json";

/// The dialect that frontends and the service agree on.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The largest form taken, in bytes.
const SIZE: usize = 256 * 1024;

/// The form's schema and the form, if there is nothing wrong with it.
pub(super) fn read(source: &Source, mistakes: &mut Vec<Mistake>) -> Option<(Value, Form)> {
    let Some(text) = source.files.get(FILE) else {
        mistakes.push(mistake(1, format!("write the form, {FILE}, as a JSON Schema")));
        return None;
    };
    if text.len() > SIZE {
        let message = format!("the form is larger than {} kB", SIZE / 1024);
        mistakes.push(mistake(1, message));
        return None;
    }
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
    let found = notes.into_mistakes();
    let form = found.is_empty().then(|| Form::compile(&schema));
    mistakes.extend(found);
    match form? {
        Ok(form) => Some((schema, form)),
        Err(problem) => {
            mistakes.push(mistake(1, problem));
            None
        }
    }
}

fn check(schema: &Value, notes: &Notes) {
    match schema.get("$schema").map(Value::as_str) {
        None | Some(Some(DIALECT)) => {}
        Some(_) => notes.wrong(".$schema", format!("\"$schema\" must be \"{DIALECT}\"")),
    }
    let meta = jsonschema::draft202012::meta::validator();
    for error in meta.iter_errors(schema) {
        let path = error.instance_path().segments();
        let path = path.fold(String::new(), |path, segment| {
            use jsonschema::paths::LocationSegment;
            match segment {
                LocationSegment::Property(name) => format!("{path}.{name}"),
                LocationSegment::Index(index) => format!("{path}[{index}]"),
            }
        });
        notes.wrong(&path, format!("this is not JSON Schema: {error}"));
    }
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        notes.wrong(".type", "a form has the \"type\" \"object\"");
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        notes.wrong(".properties", "a form has \"properties\", one for each field");
        return;
    };
    for (name, property) in properties {
        if verifiers::FACTS.iter().any(|(known, ..)| known == name) {
            let message = format!("a verifier gives the fact \"{name}\"; choose another name for the field");
            notes.wrong(&format!(".properties.{name}"), message);
        }
        for key in ["title", "description"] {
            let text = property.get(key).and_then(Value::as_str).map(str::trim);
            if text.is_none_or(str::is_empty) {
                let message = format!("the field \"{name}\" needs a \"{key}\", which people read");
                notes.wrong(&format!(".properties.{name}.{key}"), message);
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_and_item_has_its_line() {
        let text = "{\n\"a\\\"}\": [1,\n{\"b\" : \"x:{\"}],\n\"c\": {}, \"d\": 1}";
        let expected = [(".a\"}", 2), (".a\"}[0]", 2), (".a\"}[1]", 3), (".a\"}[1].b", 3), (".c", 4), (".d", 4)];
        let expected = expected.map(|(path, line)| (path.to_owned(), line));
        assert_eq!(lines(text), BTreeMap::from(expected));
    }
}
