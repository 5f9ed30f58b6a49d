//! Answers as facts.

use serde_json::Value;

use crate::facts::{Answers, Facts, Source};

use super::is_verified;

/// What people write into fields that they cannot leave empty. Not `na`, which is Namibia.
const PLACEHOLDERS: &[&str] = &[
    "n/a", "n.a.", "none", "null", "nil", "tbd", "unknown", "-", "--", "—", "–", "?", "??", "???",
    ".", "...",
];
/// How much of a text that could not be read is shown.
const SHOWN: usize = 200;

/// Every field of the form, and every other answer, as a fact of its name.
pub(super) fn facts(form: &Value, answers: &Answers) -> Facts {
    let mut facts = Facts::default();
    let fields = form["properties"].as_object();
    let asked = fields.into_iter().flat_map(|fields| fields.keys());
    let names = asked
        .chain(answers.values.keys())
        .chain(answers.unread.keys());
    for name in names {
        if is_verified(name) || facts.0.contains_key(name) {
            continue;
        }
        let field = &form["properties"][name];
        if let Some(raw) = answers.unread.get(name) {
            facts.unknown(
                name,
                Source::Applicant,
                format!("could not be read: {}", shown(raw)),
            );
            continue;
        }
        match answers.values.get(name) {
            Some(value) if !is_empty(value, field) => {
                let title = field["title"].as_str().unwrap_or(name);
                let evidence = format!("answer to “{title}”");
                facts.know(name, value.clone(), Source::Applicant, evidence);
            }
            Some(Value::String(text)) if !text.trim().is_empty() => {
                let evidence = format!("not answered: “{}”", text.trim());
                facts.unknown(name, Source::Applicant, evidence);
            }
            _ => facts.unknown(name, Source::Applicant, "not answered".to_owned()),
        }
    }
    facts
}

/// The text that was answered in a field, or why there is none.
pub(super) fn text(facts: &Facts, field: &str) -> Result<String, String> {
    let Some(fact) = facts.0.get(field) else {
        return Err(format!("`{field}` was not answered"));
    };
    match &fact.value {
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err(format!("`{field}` is no text")),
        None => Err(format!("`{field}`: {}", fact.evidence)),
    }
}

/// A text that somebody wrote, cut to what evidence can show.
pub(super) fn shown(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() > SHOWN {
        let start: String = text.chars().take(SHOWN).collect();
        format!("“{start}…”")
    } else {
        format!("“{text}”")
    }
}

/// Whether an answer says nothing. What the form itself offers as a choice always says something.
fn is_empty(value: &Value, field: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => {
            let text = text.trim();
            let placeholder = PLACEHOLDERS.contains(&text.to_lowercase().as_str());
            text.is_empty() || (placeholder && !is_offered(value, field))
        }
        _ => false,
    }
}

fn is_offered(value: &Value, field: &Value) -> bool {
    let listed = field["enum"].as_array().into_iter().flatten();
    let described = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| field[key].as_array())
        .flatten()
        .map(|choice| &choice["const"]);
    listed.chain(described).any(|choice| choice == value)
}
