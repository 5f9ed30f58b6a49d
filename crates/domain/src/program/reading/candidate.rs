//! What a row of a file says: who applies for whom, with which answers.

use serde_json::{Map, Value};

use super::columns::{Columns, Target};
use super::{Reading, read_json, says_nothing};
use crate::facts::Answers;
use crate::program::form::{self, Property};
use crate::text;

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The applicant's mail address, in lower case.
    pub email: String,
    /// The applicant's name.
    pub name: String,
    /// The organisation's name.
    pub organization: String,
    /// The answers, with the raw texts of those that could not be read.
    pub answers: Answers,
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What it is about: fields of the form or `external_id`; empty for the row as a whole.
    pub field: String,
    /// Why, to be read behind the field.
    pub reason: String,
}

impl Refused {
    /// A refusal because of this field.
    pub fn new(field: &str, reason: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

impl Columns {
    /// The key that the other system uses for this row.
    pub fn external_id(&self, row: &Map<String, Value>) -> Result<String, Refused> {
        let mut found = row
            .iter()
            .filter(|(column, _)| self.target(column) == Some(&Target::ExternalId));
        let written = found.next().and_then(|(_, value)| plain(value));
        if found.next().is_some() {
            return Err(Refused::new("external_id", "is given twice"));
        }
        let written = written.ok_or_else(|| Refused::new("external_id", "is missing"))?;
        text::line(&written).map_err(|problem| Refused::new("external_id", problem.to_string()))
    }

    /// What a row says, or everything that keeps it from being an application of anybody.
    pub fn candidate(&self, row: &Map<String, Value>) -> Result<Candidate, Vec<Refused>> {
        let mut answers = Answers::default();
        let (mut name, mut email, mut organization) = (None, None, None);
        let mut refused = Vec::new();
        let mut seen: Vec<&Target> = Vec::new();
        for (column, value) in row {
            let Some(target) = self.target(column) else {
                continue;
            };
            if seen.contains(&target) {
                refused.push(Refused::new(column, "is given twice, under two names"));
            }
            seen.push(target);
            match target {
                Target::ExternalId => {}
                Target::Name => name = plain(value),
                Target::Email => email = plain(value),
                Target::Organization => organization = plain(value),
                Target::Field(property) => answer(&mut answers, property, value),
            }
        }
        let email_field = self.email.as_deref().unwrap_or("applicant_email");
        let email = self.role(email, self.email.as_deref(), &mut answers);
        let organization = self.role(organization, Some(&self.organization), &mut answers);
        let email = checked(email, email_field, text::mail, &mut refused);
        let organization = checked(organization, &self.organization, text::line, &mut refused);
        let raw: usize = answers.unread.values().map(String::len).sum();
        if raw > form::SIZE {
            let fields: Vec<_> = answers.unread.keys().map(String::as_str).collect();
            refused.push(Refused::new(
                &fields.join(", "),
                format!(
                    "cannot be read, and is longer than {} kB",
                    form::SIZE / 1024
                ),
            ));
        }
        match (email, organization) {
            (Some(email), Some(organization)) if refused.is_empty() => Ok(Candidate {
                name: applicant(name, &answers, &email),
                email,
                organization,
                answers,
            }),
            _ => Err(refused),
        }
    }

    /// What a column of its own or the form's field says; where the form asks too, the column answers it.
    fn role(
        &self,
        own: Option<String>,
        field: Option<&str>,
        answers: &mut Answers,
    ) -> Option<String> {
        let Some(field) = field else {
            return own;
        };
        let answered = answers.values.get(field).and_then(plain);
        if let Some(own) = &own
            && answered.is_none()
            && let Some(Target::Field(property)) = self.names.get(field)
        {
            answers.unread.remove(field);
            answer(answers, property, &Value::from(own.as_str()));
        }
        own.or(answered)
            .or_else(|| answers.unread.get(field).cloned())
    }
}

fn answer(answers: &mut Answers, property: &Property, raw: &Value) {
    let name = property.name.clone();
    match read_json(property, raw) {
        Reading::Value(value) => {
            answers.values.insert(name, value);
        }
        Reading::Nothing => {}
        Reading::Unread => {
            let raw = raw.as_str().map_or_else(|| raw.to_string(), str::to_owned);
            answers.unread.insert(name, raw);
        }
    }
}

/// A text, or a number written as one, that says something.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !says_nothing(&text)).then_some(text)
}

fn checked(
    written: Option<String>,
    field: &str,
    check: fn(&str) -> Result<String, text::Invalid>,
    refused: &mut Vec<Refused>,
) -> Option<String> {
    let Some(written) = written else {
        refused.push(Refused::new(field, "is missing"));
        return None;
    };
    match check(&written) {
        Ok(text) => Some(text),
        Err(problem) => {
            refused.push(Refused::new(field, problem.to_string()));
            None
        }
    }
}

/// The applicant's name: as given, as answered, or what stands before the `@`.
fn applicant(given: Option<String>, answers: &Answers, email: &str) -> String {
    let answered = |field: &str| answers.values.get(field).and_then(plain);
    let both = [answered("first_name"), answered("last_name")];
    let both: Vec<String> = both.into_iter().flatten().collect();
    let local = email.split('@').next().unwrap_or(email);
    [given, answered("name"), Some(both.join(" "))]
        .into_iter()
        .flatten()
        .find_map(|name| text::line(&name).ok())
        .unwrap_or_else(|| local.to_owned())
}
