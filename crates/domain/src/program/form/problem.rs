//! What is wrong with an answer, in words for the person who gave it.

use std::collections::BTreeMap;
use std::io;

use jsonschema::error::{TypeKind, ValidationErrorKind as Failure};
use jsonschema::{JsonType, ValidationError};
use serde_json::{Map, Value};

use super::{DEPTH, FIELDS, SIZE};

/// The most choices that are told one by one.
const CHOICES: usize = 12;

/// Something that is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field and what is inside it (`["contacts", "0", "email"]`); empty for the answers as a whole.
    pub field: Vec<String>,
    /// What it must be, to be read behind the field's title.
    pub message: String,
}

/// Why answers are too much to look at, if they are.
pub(super) fn oversized(answers: &Map<String, Value>) -> Vec<Problem> {
    let whole = |message: String| Problem {
        field: Vec::new(),
        message,
    };
    let mut problems = Vec::new();
    if answers.len() > FIELDS {
        problems.push(whole(format!("must have at most {FIELDS} fields")));
    }
    let mut deep: Vec<_> = (answers.iter())
        .filter(|(_, value)| deeper(value, DEPTH))
        .map(|(name, _)| Problem {
            field: vec![name.clone()],
            message: format!("must be nested at most {DEPTH} deep"),
        })
        .collect();
    deep.truncate(super::PROBLEMS);
    problems.append(&mut deep);
    if problems.is_empty() && serde_json::to_writer(Room(SIZE), answers).is_err() {
        problems.push(whole(format!("must be at most {} kB", SIZE / 1024)));
    }
    problems
}

/// A writer that keeps nothing and fails when it is full.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.0.checked_sub(bytes.len());
        self.0 = left.ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Looks no deeper than asked.
fn deeper(value: &Value, levels: usize) -> bool {
    match value {
        _ if levels == 0 => true,
        Value::Array(items) => items.iter().any(|item| deeper(item, levels - 1)),
        Value::Object(fields) => fields.values().any(|field| deeper(field, levels - 1)),
        _ => false,
    }
}

/// Whether all that is wrong is that something is not answered yet.
pub(super) fn is_unanswered(error: &ValidationError<'_>) -> bool {
    match error.kind() {
        Failure::Required { .. } => true,
        // A box that is not ticked yet.
        Failure::Constant { .. } => is_empty(error) || error.instance().as_bool() == Some(false),
        Failure::AnyOf { context } | Failure::OneOfNotValid { context } => {
            is_empty(error)
                || (context.iter())
                    .any(|branch| !branch.is_empty() && branch.iter().all(is_unanswered))
        }
        _ => is_empty(error),
    }
}

/// The field whose answer is missing from the answers as a whole.
pub(super) fn missing<'a>(error: &'a ValidationError<'_>) -> Option<&'a str> {
    match error.kind() {
        Failure::Required { property } if error.instance_path().as_str().is_empty() => {
            property.as_str()
        }
        _ => None,
    }
}

fn is_empty(error: &ValidationError<'_>) -> bool {
    error
        .instance()
        .as_str()
        .is_some_and(|text| text.trim().is_empty())
}

/// What the person must do about an error: one problem, or one for each field that does not belong.
/// `hints` says for each field what its form wants, where the error cannot.
pub(super) fn problems(
    error: &ValidationError<'_>,
    hints: &BTreeMap<String, String>,
) -> Vec<Problem> {
    let path = error.instance_path().segments();
    let path: Vec<_> = path.map(|segment| segment.to_string()).collect();
    let inside = |name: &str, message: &str| {
        let mut field = path.clone();
        field.push(name.to_owned());
        let message = message.to_owned();
        Problem { field, message }
    };
    match error.kind() {
        Failure::Required { property } => {
            vec![inside(property.as_str().unwrap_or_default(), "is required")]
        }
        Failure::AdditionalProperties { unexpected }
        | Failure::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| inside(name, "is not a field of this form"))
            .collect(),
        kind => {
            let hint = path.first().and_then(|field| hints.get(field)).cloned();
            let message = match kind {
                // The form knows better what it means by its formats.
                Failure::Format { .. } => hint.or_else(|| message(kind)),
                _ => message(kind).or(hint),
            };
            let message =
                message.unwrap_or_else(|| "is not written as this field needs it".to_owned());
            vec![Problem {
                field: path,
                message,
            }]
        }
    }
}

/// What an answer must be; none if only the form's internals say it, such as a pattern.
fn message(kind: &Failure) -> Option<String> {
    Some(match kind {
        Failure::Enum { options } => one_of(options.as_array().into_iter().flatten()),
        Failure::OneOfNotValid { context } | Failure::AnyOf { context } => choices(context)?,
        Failure::Constant { expected_value } => match expected_value.as_ref() {
            Value::Bool(true) => "must be agreed to".to_owned(),
            expected => format!("must be {}", shown(expected)),
        },
        Failure::Type {
            kind: TypeKind::Single(kind),
        } => type_name(*kind).to_owned(),
        Failure::Format { format } => format_name(format)?.to_owned(),
        Failure::MinLength { limit: 1 } | Failure::MinItems { limit: 1 } => {
            "must not be empty".to_owned()
        }
        Failure::MinLength { limit } => format!("must have at least {limit} characters"),
        Failure::MaxLength { limit } => format!("must have at most {limit} characters"),
        Failure::Minimum { limit } => format!("must be at least {limit}"),
        Failure::Maximum { limit } => format!("must be at most {limit}"),
        Failure::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Failure::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Failure::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Failure::MinItems { limit } | Failure::MinProperties { limit } => {
            format!("must have {limit} or more entries")
        }
        Failure::MaxItems { limit } | Failure::MaxProperties { limit } => {
            format!("must have {limit} or fewer entries")
        }
        Failure::UniqueItems => "must not have the same entry twice".to_owned(),
        Failure::FalseSchema => "must be left out".to_owned(),
        _ => return None,
    })
}

/// A list of choices is written as `oneOf` with a `const` each, so that each choice has a title.
fn choices(branches: &[Vec<ValidationError<'static>>]) -> Option<String> {
    let constants: Option<Vec<_>> = branches.iter().map(|branch| constant(branch)).collect();
    constants.map(|constants| one_of(constants.into_iter()))
}

/// The one value that a branch takes.
fn constant<'a>(branch: &'a [ValidationError<'static>]) -> Option<&'a Value> {
    match branch {
        [error] => match error.kind() {
            Failure::Constant { expected_value } => Some(expected_value.as_ref()),
            _ => None,
        },
        _ => None,
    }
}

fn one_of<'a>(options: impl Iterator<Item = &'a Value>) -> String {
    let mut options: Vec<_> = options.map(shown).collect();
    if options.len() > CHOICES {
        return format!("must be one of the {} choices of this field", options.len());
    }
    match options.pop() {
        Some(last) if options.is_empty() => format!("must be {last}"),
        Some(last) => format!("must be one of {} or {last}", options.join(", ")),
        None => "must be left out".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn format_name(format: &str) -> Option<&'static str> {
    match format {
        "email" | "idn-email" => Some("must be a mail address such as name@example.org"),
        "uri" | "iri" => Some("must be a web address such as https://example.org"),
        "date" => Some("must be a date such as 2026-11-23"),
        "date-time" => Some("must be a date and a time such as 2026-11-23T09:00:00Z"),
        _ => None,
    }
}

const fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "must be a list",
        JsonType::Boolean => "must be true or false",
        JsonType::Integer => "must be a whole number",
        JsonType::Null => "must be left out",
        JsonType::Number => "must be a number",
        JsonType::Object => "must have fields of its own",
        JsonType::String => "must be a text",
    }
}
