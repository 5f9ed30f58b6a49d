//! Answers to any program's form, as long as real ones, though not all of them would be taken.

use serde_json::{Map, Value, json};
use stoa_domain::facts::Answers;
use stoa_domain::program::form::{Form, Kind, Property};

/// An answer to every question of the form.
pub fn answers(form: &Form, number: u64) -> Answers {
    let properties = form.properties().iter();
    let values: Map<String, Value> = properties
        .map(|property| (property.name.clone(), answer(property, number)))
        .collect();
    Answers {
        values,
        ..Answers::default()
    }
}

fn answer(property: &Property, number: u64) -> Value {
    if let Some(choice) = property.choices.first() {
        return choice.value.clone();
    }
    match property.kind {
        Kind::Text => match property.format.as_deref() {
            Some("email") => json!(format!("applicant@organization{number}.example")),
            Some("uri") => json!(format!("https://organization{number}.example")),
            Some("date") => json!("2020-01-01"),
            _ => json!(format!("{} of application {number}", property.title)),
        },
        Kind::Integer | Kind::Number => json!(number % 100 + 1),
        Kind::Boolean => json!(true),
        Kind::List => json!([]),
        Kind::Object => json!({}),
    }
}
