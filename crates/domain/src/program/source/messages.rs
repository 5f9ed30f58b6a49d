//! Message templates: which there must be, and what they may name.

use std::collections::BTreeMap;

use crate::text::BODY;

use super::notes::{Lines, suggestion};
use super::{Mistake, Source};

/// The templates the service writes from, and the placeholders without which each says too little: a
/// decline always gives its reasons and how to fix them, a warning always a date.
const TEMPLATES: [(&str, &[&str]); 6] = [
    ("approved", &[]),
    ("declined", &["reasons", "fix"]),
    ("expired", &[]),
    ("expiring", &["due"]),
    ("question", &["question"]),
    ("received", &[]),
];

/// What a template may name.
const PLACEHOLDERS: [&str; 8] = [
    "applicant",
    "due",
    "fix",
    "message",
    "organization",
    "program",
    "question",
    "reasons",
];

/// The templates by name.
pub(super) fn read(source: &Source, mistakes: &mut Vec<Mistake>) -> BTreeMap<String, String> {
    let mut templates = BTreeMap::new();
    let mut endless = Vec::new();
    for (file, text) in &source.files {
        let name = file.strip_prefix("messages/");
        let Some(name) = name.and_then(|name| name.strip_suffix(".md")) else {
            continue;
        };
        let names = TEMPLATES.map(|(name, _)| name);
        if !names.contains(&name) {
            let suggestion = suggestion(name, &names);
            let message = format!("no message is called \"{name}\": {suggestion}");
            mistakes.push(mistake(file, 1, message));
        }
        if text.chars().count() > BODY {
            let message = format!("a message has at most {BODY} characters");
            mistakes.push(mistake(file, 1, message));
            // What it names is not looked for: that takes time with every one.
            endless.push(name);
            continue;
        }
        mistakes.extend(placeholders(file, text));
        templates.insert(name.to_owned(), text.clone());
    }
    for (name, needed) in TEMPLATES {
        if endless.contains(&name) {
            continue;
        }
        let file = format!("messages/{name}.md");
        let text = templates.get(name).map_or("", |text| text.trim());
        if text.is_empty() {
            mistakes.push(mistake(&file, 1, format!("write the message \"{name}\"")));
            continue;
        }
        for placeholder in needed {
            if !names_in(text).any(|(_, name)| name == Some(*placeholder)) {
                let message = format!("the message \"{name}\" must say {{{{ {placeholder} }}}}");
                mistakes.push(mistake(&file, 1, message));
            }
        }
    }
    templates
}

fn placeholders(file: &str, text: &str) -> Vec<Mistake> {
    let lines = Lines::of(text);
    names_in(text)
        .filter_map(|(offset, name)| {
            let message = match name {
                None => "\"{{\" is never closed; write \"}}\" behind the name".to_owned(),
                Some(name) if !PLACEHOLDERS.contains(&name) => format!(
                    "{{{{ {name} }}}} is not known here: {}",
                    suggestion(name, &PLACEHOLDERS)
                ),
                Some(_) => return None,
            };
            Some(mistake(file, lines.at(offset), message))
        })
        .collect()
}

/// Every `{{ name }}` with the place where it begins; none for a name that does not end in its line.
fn names_in(text: &str) -> impl Iterator<Item = (usize, Option<&str>)> {
    text.match_indices("{{").map(|(offset, braces)| {
        let rest = &text[offset + braces.len()..];
        let line = rest.lines().next().unwrap_or_default();
        (offset, line.split_once("}}").map(|(name, _)| name.trim()))
    })
}

fn mistake(file: &str, line: usize, message: String) -> Mistake {
    Mistake {
        file: file.to_owned(),
        line,
        message,
    }
}
