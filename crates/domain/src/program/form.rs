//! A program's form: what is asked, and whether answers fit.
//!
//! The form is a JSON Schema (2020-12) that frontends render with the libraries they have; `x-ui` gives each
//! field its `order`, and `problem`, what to say when an answer does not fit a pattern. A field with
//! `"x-asked": "IN_REVIEW"` is not asked for at submission but by the team, later. Nothing it says reaches
//! outside: no reference is fetched, and patterns run in linear time.

mod problem;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Map, Number, Value};

pub use problem::Problem;

/// The most fields a form may be answered with.
pub const FIELDS: usize = 100;
/// The largest answers taken, in bytes of JSON.
pub const SIZE: usize = 64 * 1024;
/// How deep answers may be nested; a plain answer has depth 1.
pub const DEPTH: usize = 8;
/// The most problems told at once.
pub const PROBLEMS: usize = 50;

/// The key that says when a field is asked for, and its one value; without it, at submission.
pub(super) const ASKED: &str = "x-asked";
pub(super) const IN_REVIEW: &str = "IN_REVIEW";

/// The most memory a compiled pattern may take, in bytes; a plain one takes a few thousand.
const PATTERN: usize = 1024 * 1024;

/// A form that answers can be checked by.
#[derive(Debug)]
pub struct Form {
    validator: Validator,
    properties: Vec<Property>,
    /// What each field wants, in the form's own words, where a problem would otherwise show a pattern.
    hints: BTreeMap<String, String>,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The name that answers use.
    pub name: String,
    /// The title that people read.
    pub title: String,
    /// What is answered.
    pub kind: Kind,
    /// How a text is written, in the words of JSON Schema: `date`, `email`, `uri` …
    pub format: Option<String>,
    /// The answers to choose from; none where anything may be answered.
    pub choices: Vec<Choice>,
    /// The largest number taken.
    pub maximum: Option<Number>,
    /// What a list has as its entries.
    pub items: Option<Box<Property>>,
    /// When it is asked for.
    pub asked: Asked,
    /// Whether an answer is needed, at the latest for an approval.
    pub required: bool,
}

/// When a field is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Before the application is handed in.
    #[default]
    AtSubmission,
    /// By the team, while it looks at the application.
    InReview,
}

/// One of the answers that a field offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is answered.
    pub value: Value,
    /// What people read.
    pub title: String,
}

/// What a field is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, also when it is one of a list.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Yes or no.
    Boolean,
    /// Several answers.
    List,
    /// Answers with names of their own.
    Object,
}

impl Form {
    /// The form that a schema describes, or what is wrong with the schema.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        Self::build(schema).map_err(|error| {
            let place = error.instance_path().as_str();
            let place = if place.is_empty() { "the form" } else { place };
            format!("{place} cannot be used: {error}")
        })
    }

    /// The same, with the place of what is wrong.
    pub(super) fn build(schema: &Value) -> Result<Self, ValidationError<'static>> {
        let validator = jsonschema::draft202012::options()
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN))
            .build(schema)?;
        Ok(Self {
            validator,
            properties: properties(schema),
            hints: hints(schema),
        })
    }

    /// The fields in the order in which they are asked.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The fields asked for in review that an approval needs and that have no answer, in the order of the form.
    pub fn unanswered(&self, answers: &Map<String, Value>) -> Vec<String> {
        let missing = |property: &&Property| {
            property.required
                && property.asked == Asked::InReview
                && !given(answers, &property.name)
        };
        let missing = self.properties.iter().filter(missing);
        missing.map(|property| property.name.clone()).collect()
    }

    /// Those of the asked fields that have no answer, as problems.
    pub fn left_open(&self, answers: &Map<String, Value>, asked: &[String]) -> Vec<Problem> {
        let open = asked.iter().filter(|field| !given(answers, field));
        open.map(|field| Problem {
            field: vec![field.clone()],
            message: "is asked for".to_owned(),
        })
        .collect()
    }

    /// Whether the team asks for the field, and not the form itself.
    fn is_later(&self, field: &str) -> bool {
        let mut properties = self.properties.iter();
        properties.any(|property| property.name == field && property.asked == Asked::InReview)
    }

    /// What keeps the answers from being submitted, in the order of the form; at most [`PROBLEMS`].
    pub fn check(&self, answers: &Map<String, Value>) -> Vec<Problem> {
        self.problems(answers, false)
    }

    /// What is wrong with the answers given so far: those that are missing or empty are not.
    pub fn check_partial(&self, answers: &Map<String, Value>) -> Vec<Problem> {
        self.problems(answers, true)
    }

    fn problems(&self, answers: &Map<String, Value>, partial: bool) -> Vec<Problem> {
        let oversized = problem::oversized(answers);
        if !oversized.is_empty() {
            return oversized;
        }
        // A cleared field is sent as null, and means the same as a field that is left out.
        let given = answers.iter().filter(|(_, value)| !value.is_null());
        let given = given.map(|(name, value)| (name.clone(), value.clone()));
        let given = Value::Object(given.collect());
        let mut problems: Vec<Problem> = Vec::new();
        for error in self.validator.iter_errors(&given) {
            if partial && problem::is_unanswered(&error) {
                continue;
            }
            let later = problem::missing(&error).is_some_and(|field| self.is_later(field));
            if later {
                continue;
            }
            for problem in problem::problems(&error, &self.hints) {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            if problems.len() >= PROBLEMS {
                break;
            }
        }
        problems.sort_by_key(|problem| self.position(problem));
        problems.truncate(PROBLEMS);
        problems
    }

    fn position(&self, problem: &Problem) -> usize {
        let mut properties = self.properties.iter();
        let position = problem
            .field
            .first()
            .and_then(|field| properties.position(|property| property.name == *field));
        position.unwrap_or(self.properties.len())
    }
}

/// Whether there is an answer; a cleared field has none.
fn given(answers: &Map<String, Value>, field: &str) -> bool {
    answers.get(field).is_some_and(|value| !value.is_null())
}

/// Fields by `x-ui.order`; those without one come last, by name.
fn properties(schema: &Value) -> Vec<Property> {
    let fields = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
    let mut fields: Vec<_> = fields
        .into_iter()
        .flatten()
        .map(|(name, field)| {
            let order = field.pointer("/x-ui/order").and_then(Value::as_u64);
            let mut property = property(name, &resolved(schema, field));
            property.required = is_required(name);
            (order.unwrap_or(u64::MAX), property)
        })
        .collect();
    fields.sort_by_key(|(order, _)| *order);
    fields.into_iter().map(|(_, property)| property).collect()
}

/// A field with what the form's own definition says of it, if it refers to one.
fn resolved<'a>(schema: &Value, field: &'a Value) -> Cow<'a, Value> {
    let definition = field.get("$ref").and_then(Value::as_str);
    let definition = definition.and_then(|place| schema.pointer(place.strip_prefix('#')?));
    let (Some(Value::Object(definition)), Some(own)) = (definition, field.as_object()) else {
        return Cow::Borrowed(field);
    };
    let mut all = definition.clone();
    all.extend(own.clone());
    Cow::Owned(Value::Object(all))
}

fn property(name: &str, field: &Value) -> Property {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    let items = field.get("items").filter(|items| items.is_object());
    Property {
        name: name.to_owned(),
        title: text("title").unwrap_or(name).to_owned(),
        kind: kind(field),
        format: text("format").map(str::to_owned),
        choices: choices(field),
        maximum: field.get("maximum").and_then(Value::as_number).cloned(),
        items: items.map(|items| Box::new(property(name, items))),
        asked: match text(ASKED) {
            Some(IN_REVIEW) => Asked::InReview,
            _ => Asked::AtSubmission,
        },
        required: false,
    }
}

/// Choices are written as `enum`, or as `oneOf` with a `const` and a title each.
fn choices(field: &Value) -> Vec<Choice> {
    let choice = |value: &Value, title: Option<&Value>| {
        let name = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let title = title.and_then(Value::as_str).map_or(name, str::to_owned);
        let value = value.clone();
        Choice { value, title }
    };
    if let Some(values) = field.get("enum").and_then(Value::as_array) {
        return values.iter().map(|value| choice(value, None)).collect();
    }
    let branches = ["oneOf", "anyOf"]
        .into_iter()
        .find_map(|key| field.get(key)?.as_array());
    let described = branches.into_iter().flatten();
    // A branch without a constant takes more than what is listed.
    described
        .map(|branch| Some(choice(branch.get("const")?, branch.get("title"))))
        .collect::<Option<_>>()
        .unwrap_or_default()
}

fn hints(schema: &Value) -> BTreeMap<String, String> {
    let fields = schema.get("properties").and_then(Value::as_object);
    let hint = |field: &Value| Some(field.pointer("/x-ui/problem")?.as_str()?.to_owned());
    fields
        .into_iter()
        .flatten()
        .filter_map(|(name, field)| Some((name.clone(), hint(field)?)))
        .collect()
}

fn kind(field: &Value) -> Kind {
    let kind = match field.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null"),
        kind => kind,
    };
    match kind.and_then(Value::as_str) {
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("array") => Kind::List,
        Some("object") => Kind::Object,
        _ => Kind::Text,
    }
}
