//! Which column of a file is which field of the form.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::comparable;
use crate::program::form::{Form, Property};
use crate::program::rules::Verify;

/// What a mapping file says where names differ:
///
/// ```toml
/// external_id = "id"            # the column with the key that the other system uses
/// applicant_name = "Contact"
/// applicant_email = "Contact mail"
/// organization = "Account"
///
/// [columns]                     # column = field of the form
/// "Licence type" = "licence"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// The column with the external id.
    pub external_id: Option<String>,
    /// The column with the applicant's name.
    pub applicant_name: Option<String>,
    /// The column with the applicant's mail address.
    pub applicant_email: Option<String>,
    /// The column with the organisation's name.
    pub organization: Option<String>,
    /// Fields of the form by column.
    pub columns: BTreeMap<String, String>,
}

/// What a column is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The key that the other system uses.
    ExternalId,
    /// The applicant's name.
    Name,
    /// The applicant's mail address.
    Email,
    /// The organisation's name.
    Organization,
    /// An answer.
    Field(Box<Property>),
}

/// Every name that a column of one form may have, and what it is for then.
#[derive(Clone, Debug)]
pub struct Columns {
    pub(super) names: HashMap<String, Target>,
    /// Columns that the mapping names: a file without one of them is another file.
    mapped: Vec<String>,
    pub(super) email: Option<String>,
    pub(super) organization: String,
}

impl Mapping {
    /// What a mapping file says, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    fn roles(&self) -> [(&'static str, Target, Option<&String>); 4] {
        [
            ("external_id", Target::ExternalId, self.external_id.as_ref()),
            ("applicant_name", Target::Name, self.applicant_name.as_ref()),
            (
                "applicant_email",
                Target::Email,
                self.applicant_email.as_ref(),
            ),
            (
                "organization",
                Target::Organization,
                self.organization.as_ref(),
            ),
        ]
    }
}

impl Columns {
    /// The columns of a form: named like a field or its title, without regard to case, spaces and dashes,
    /// or as the mapping says.
    pub fn new(form: &Form, verify: &Verify, mapping: &Mapping) -> Result<Self, String> {
        let mut names = HashMap::from([("external_id".to_owned(), Target::ExternalId)]);
        let properties = form.properties();
        let target = |property: &Property| Target::Field(Box::new(property.clone()));
        for property in properties {
            names
                .entry(property.name.clone())
                .or_insert(target(property));
        }
        for property in properties {
            let name = comparable(&property.name);
            names.entry(name).or_insert(target(property));
        }
        for property in properties {
            let title = comparable(&property.title);
            let bearers = properties
                .iter()
                .filter(|other| comparable(&other.title) == title);
            // A title that two fields have names neither.
            if bearers.count() == 1 {
                names.entry(title).or_insert(target(property));
            }
        }
        for (name, role, _) in mapping.roles() {
            names.entry(name.to_owned()).or_insert(role);
        }
        let mut columns = Self {
            names,
            mapped: Vec::new(),
            email: verify.email.clone(),
            organization: verify.organization.clone(),
        };
        for (_, role, column) in mapping.roles() {
            if let Some(column) = column {
                columns.map(column, role)?;
            }
        }
        for (column, field) in &mapping.columns {
            let Some(property) = properties.iter().find(|property| property.name == *field) else {
                let known: Vec<_> = properties.iter().map(|field| field.name.as_str()).collect();
                return Err(format!(
                    "the column \"{column}\" cannot be \"{field}\": the form has no such field, only {}; \
                     external_id, applicant_name, applicant_email and organization stand above [columns]",
                    known.join(", ")
                ));
            };
            columns.map(column, target(property))?;
        }
        Ok(columns)
    }

    /// What was said outright goes before what names suggest.
    fn map(&mut self, column: &str, target: Target) -> Result<(), String> {
        if self.mapped.iter().any(|mapped| mapped == column) {
            return Err(format!("the column \"{column}\" is mapped twice"));
        }
        self.mapped.push(column.to_owned());
        let mapped = &self.mapped;
        self.names
            .retain(|name, known| *known != target || mapped.contains(name));
        self.names.insert(comparable(column), target.clone());
        self.names.insert(column.to_owned(), target);
        Ok(())
    }

    /// What this column is for, if it is for anything.
    pub fn target(&self, column: &str) -> Option<&Target> {
        let exact = self.names.get(column.trim());
        exact.or_else(|| self.names.get(&comparable(column)))
    }

    /// What keeps a file with these columns from being read. The first row of a file need not have `all`
    /// columns where each row names its own.
    pub fn check(&self, columns: &[String], all: bool) -> Result<(), String> {
        let mut given: Vec<(&Target, &str)> = Vec::new();
        for column in columns {
            let Some(target) = self.target(column) else {
                continue;
            };
            if let Some((_, other)) = given.iter().find(|(known, _)| *known == target) {
                return Err(format!(
                    "the columns \"{other}\" and \"{column}\" are for the same field; say in a mapping file which one it is"
                ));
            }
            given.push((target, column));
        }
        let shown = columns.join(", ");
        let missing =
            |column: &String| !columns.iter().any(|known| known.trim() == column.as_str());
        if let Some(column) = self.mapped.iter().find(|column| all && missing(column)) {
            return Err(format!(
                "the mapping names the column \"{column}\", which the file does not have; it has: {shown}"
            ));
        }
        if !given
            .iter()
            .any(|(target, _)| **target == Target::ExternalId)
        {
            return Err(format!(
                "no column holds the external id, by which a row is known again; the file has: {shown}. \
                 Name one external_id, or say in a mapping file which one it is: external_id = \"id\""
            ));
        }
        Ok(())
    }
}
