//! The contract with clients: what changed between two schemas, and which of it breaks somebody.
//!
//! What is breaking and what is dangerous is what graphql-js says of the same change. Besides, these
//! break: another root type, `@oneOf`, and a default taken away from what then is required. And these
//! are dangerous: a default where there was none, and another `@specifiedBy`. Descriptions are no
//! part of the contract.

mod compare;
mod document;
mod inputs;
#[cfg(test)]
mod tests;

use std::fmt;

use async_graphql::parser::parse_schema;

use document::Document;

/// What a change does to clients that were written against the old schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A document, a value or generated code that was right is not any more.
    Breaking,
    /// Nothing is refused, but a client may meet what it does not expect.
    Dangerous,
    /// No client can tell, unless it asks for what is new.
    Safe,
}

/// One difference between two schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does to clients.
    pub level: Level,
    /// What changed, as a schema coordinate: `Query.program(key:)`.
    pub coordinate: String,
    /// How, in words that follow the coordinate.
    pub what: String,
    /// Whether the old schema said that it would come: the place was `@deprecated`, or only
    /// deprecated places led to it.
    pub announced: bool,
}

impl Change {
    /// Whether it breaks clients that had no warning.
    pub fn breaks(&self) -> bool {
        self.level == Level::Breaking && !self.announced
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Breaking => "breaking",
            Self::Dangerous => "dangerous",
            Self::Safe => "safe",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:9}  {} {}", self.level, self.coordinate, self.what)?;
        if self.level == Level::Breaking && self.announced {
            f.write_str(" (was deprecated)")?;
        }
        Ok(())
    }
}

/// Why two schemas cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum Incomparable {
    /// The old one is not a schema.
    #[error("the old schema cannot be read: {0}")]
    Old(String),
    /// The new one is not a schema.
    #[error("the new schema cannot be read: {0}")]
    New(String),
}

/// Every difference between two schemas in GraphQL's schema language, the worst first.
pub fn compare(old: &str, new: &str) -> Result<Vec<Change>, Incomparable> {
    let old = read(old).map_err(Incomparable::Old)?;
    let new = read(new).map_err(Incomparable::New)?;
    let mut changes = compare::documents(&old, &new);
    changes.sort_by(|a, b| (a.level, &a.coordinate).cmp(&(b.level, &b.coordinate)));
    Ok(changes)
}

fn read(text: &str) -> Result<Document, String> {
    let document = parse_schema(text).map_err(|error| error.to_string())?;
    Document::read(document)
}
