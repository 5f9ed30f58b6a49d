//! Organisations: who applies, and who becomes a member.

use crate::Timestamp;
use crate::account::Account;
use crate::id::{Id, Noun};
use crate::text;

/// A project, school, company or charity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: Id<Organization>,
    /// Its name, as it was written first.
    pub name: String,
    /// Registrable domain of its website, if one was given.
    pub domain: Option<String>,
    /// Address of its source code, normalised.
    pub repository: Option<String>,
    /// Who speaks for it towards the programs.
    pub owner: Id<Account>,
    /// When it first applied.
    pub created_at: Timestamp,
}

impl Noun for Organization {
    const PREFIX: &'static str = "org";
}

impl Organization {
    /// The name as it is compared with others.
    pub fn comparable_name(&self) -> String {
        text::comparable(&self.name)
    }
}
