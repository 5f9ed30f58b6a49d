//! What is known about an application, where each thing comes from, and what shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing known about an application, or known to be unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The value; `None` says it could not be told, and `evidence` says why.
    pub value: Option<Value>,
    /// Who says so.
    pub source: Source,
    /// What shows it, in words a person can check.
    pub evidence: String,
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Source {
    /// The applicant answered it.
    Applicant,
    /// SPDX licence list, compiled in.
    SpdxList,
    /// Public suffix list, compiled in.
    PublicSuffixList,
    /// List of disposable mail domains, compiled in.
    DisposableMailList,
    /// Registry of academic domains, in the database.
    AcademicRegistry,
    /// Trade rules of the revision.
    TradeRules,
    /// Earlier applications and memberships.
    History,
}

/// Facts by name; names are those that criteria use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts(pub BTreeMap<String, Fact>);

/// What has been answered, and what could not be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// Values by form field.
    pub values: serde_json::Map<String, Value>,
    /// Raw texts of imported fields that could not be read as the form asks: unknown, not guessed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, String>,
}

/// What the database knows that a verifier needs; looked up before facts are derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// Whether the mail's domain (or a parent of it) is in the registry of academic domains; the matching entry is the evidence.
    pub academic_mail: Option<String>,
    /// The same for the website's domain.
    pub academic_website: Option<String>,
    /// How many entries the registry has: an empty one knows nothing.
    pub academic_entries: u64,
    /// Other applications of the same organisation to this program, by what they share.
    pub same_name: u32,
    /// … by website or mail domain.
    pub same_domain: u32,
    /// … by repository address.
    pub same_repository: u32,
    /// Whether the organisation holds an active membership of the program.
    pub is_member: bool,
}

impl Facts {
    /// The value of a fact, if it is known.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).and_then(|fact| fact.value.as_ref())
    }

    /// Adds a known fact.
    pub fn know(&mut self, name: &str, value: impl Into<Value>, source: Source, evidence: String) {
        let value = Some(value.into());
        self.0.insert(
            name.to_owned(),
            Fact {
                value,
                source,
                evidence,
            },
        );
    }

    /// Adds a fact that could not be told, with the reason.
    pub fn unknown(&mut self, name: &str, source: Source, evidence: String) {
        self.0.insert(
            name.to_owned(),
            Fact {
                value: None,
                source,
                evidence,
            },
        );
    }
}
