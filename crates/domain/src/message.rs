//! Messages between the team and the applicant, and the templates they are written from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::Account;
use crate::application::Application;
use crate::id::{Id, Noun};

/// Something the applicant reads, or wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: Id<Message>,
    /// The application it belongs to.
    pub application: Id<Application>,
    /// What it is for.
    pub kind: Kind,
    /// Who wrote it; none for the service itself.
    pub author: Option<Id<Account>>,
    /// The text, Markdown.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// What a message is for; the service's own kinds are also the names of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The application arrived.
    Received,
    /// The team asks.
    Question,
    /// The applicant answers.
    Reply,
    /// The decision: accepted.
    Approved,
    /// The decision: declined.
    Declined,
    /// It will expire soon.
    Expiring,
    /// It expired.
    Expired,
    /// The applicant asks for another look.
    Appeal,
}

impl Noun for Message {
    const PREFIX: &'static str = "msg";
}

impl Kind {
    /// The template's name in a revision.
    pub const fn template(self) -> Option<&'static str> {
        Some(match self {
            Self::Received => "received",
            Self::Question => "question",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Reply | Self::Appeal => return None,
        })
    }
}

/// Fills `{{ name }}` with the values; a name without a value becomes nothing.
///
/// Templates are checked when a revision is published: a placeholder is a name and nothing else,
/// so no template engine is needed to run one.
pub fn render(template: &str, values: &BTreeMap<&str, String>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        if let Some(value) = values.get(name.trim()) {
            text.push_str(value);
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_never_from_a_value() {
        let values = BTreeMap::from([
            ("applicant", "{{ program }}".to_owned()),
            ("program", "Open Source".to_owned()),
        ]);
        assert_eq!(
            render("Dear {{applicant}}, {{ program }}{{ nothing }}!", &values),
            "Dear {{ program }}, Open Source!"
        );
    }
}
